"""Time the descriptors on one core, beside libraries that compute something alike.

One configuration of the Kob-Andersen mixture, N = 4096, and one of KA2D, N = 1290, each the
inherent structure of a random configuration, so that nothing but vitreous is needed. Peers run in
this process when they are installed: freud, and DScribe (``pip install dscribe``). Times are the
smallest of several calls, in milliseconds of processor time per configuration, and beside them as
multiples of a product of two 512 x 512 matrices in float32, which says how fast the processor is at
that moment. At the end, how the time shrinks with threads::

    python benchmarks/descriptors.py

How time and memory grow with the number of particles, from 4096 to a million, which takes some
minutes and 7 GiB::

    python benchmarks/descriptors.py growth
"""

from __future__ import annotations

import importlib.util
import os
import resource
import sys
import time
from collections import deque
from collections.abc import Callable

import numpy as np
from sklearn.pipeline import make_union
from threadpoolctl import threadpool_limits

from vitreous.descriptors import BondOrderDescriptor, CoarseGrain, RadialDescriptor, stream_features
from vitreous.liquid import Box, Configuration, KobAndersen, KobAndersen2D, neighbor_list
from vitreous.simulate import InherentStructure

REPEATS = 9


def milliseconds(
    function: Callable[[], object],
    repeats: int = REPEATS,
    clock: Callable[[], float] = time.process_time,
) -> float:
    function()
    times = []
    for _ in range(repeats):
        start = clock()
        function()
        times.append(clock() - start)
    return 1000 * min(times)


def product() -> float:
    matrix = np.ones((512, 512), dtype=np.float32)
    return milliseconds(lambda: matrix @ matrix)


def own_times(configuration: Configuration) -> dict[str, float]:
    radial, bond_order = RadialDescriptor(), BondOrderDescriptor()
    descriptors = {
        "radial": radial,
        "bond order": bond_order,
        "radial, bond order and two generations": CoarseGrain(make_union(radial, bond_order)),
    }
    times = {}
    for name, descriptor in descriptors.items():
        descriptor.fit([configuration])
        times[name] = milliseconds(lambda d=descriptor: d.transform([configuration]))
        n_features = len(descriptor.get_feature_names_out())
        products = times[name] / product()
        print(f"  {name}, {n_features} features: {times[name]:.1f} ms, {products:.0f} products")
    return times


def freud_bond_order(configuration: Configuration) -> float:
    """Steinhardt or hexatic order with the same weights, all orders and shells."""
    import freud

    freud.parallel.set_num_threads(1)
    neighbors = neighbor_list(configuration, 2.5 + 5.5 * 0.1)
    n = configuration.n_particles
    vectors = np.zeros((len(neighbors.distances), 3))
    vectors[:, : configuration.dimensions] = neighbors.vectors
    system = configuration.to_freud()

    def compute() -> None:
        for shell in np.arange(1.0, 2.55, 0.1):
            weights = np.exp(-((neighbors.distances - shell) ** 2) / (2 * 0.1**2))
            weighted = freud.locality.NeighborList.from_arrays(
                n, n, neighbors.rows, neighbors.indices, vectors, weights
            )
            if configuration.dimensions == 2:
                for order in range(1, 13):
                    freud.order.Hexatic(k=order, weighted=True).compute(system, neighbors=weighted)
            else:
                orders = list(range(1, 13))
                freud.order.Steinhardt(l=orders, weighted=True).compute(system, neighbors=weighted)

    return milliseconds(compute, repeats=1)


def dscribe_radial(configuration: Configuration) -> float:
    """Radial symmetry functions with the same centres and widths, one per shell and species."""
    import ase
    from dscribe.descriptors import ACSF

    shells = np.concatenate([0.85 + 0.03 * np.arange(39), 2.0 + 0.05 * np.arange(61)])
    widths = np.repeat([0.025, 0.05], [39, 61])
    elements = np.array(["He", "Ne", "Ar"])[: len(configuration.species)]
    positions = np.zeros((configuration.n_particles, 3))
    positions[:, : configuration.dimensions] = configuration.positions
    lengths = np.full(3, 50.0)
    lengths[: configuration.dimensions] = configuration.box.lengths
    periodic = [True] * configuration.dimensions + [False] * (3 - configuration.dimensions)
    atoms = ase.Atoms(elements[configuration.types], positions, cell=lengths, pbc=periodic)
    acsf = ACSF(
        r_cut=5.275,
        g2_params=np.stack([1 / (2 * widths**2), shells], axis=1),
        species=list(elements),
        periodic=True,
    )
    return milliseconds(lambda: acsf.create(atoms, n_jobs=1), repeats=1)


PEERS: list[tuple[str, str, Callable[[Configuration], float]]] = [
    ("freud", "bond order", freud_bond_order),
    ("dscribe", "radial", dscribe_radial),
]


def tiled(configuration: Configuration, copies: tuple[int, ...]) -> Configuration:
    """Repeat a configuration along each axis, with particles in random order."""
    box = Box(np.multiply(configuration.box.lengths, copies))
    shifts = np.array(list(np.ndindex(*copies))) * configuration.box.lengths
    positions = (configuration.positions + shifts[:, np.newaxis]).reshape(-1, len(copies))
    order = np.random.default_rng(1).permutation(len(positions))
    types = np.tile(configuration.types, len(shifts))
    return Configuration.wrapped(positions[order], types[order], box, configuration.species)


def growth() -> None:
    """Time per particle, which should not depend on their number, and memory.

    The first call, which takes memory from the system, is left out.
    """
    system = KobAndersen()
    print(f"{system.name}, radial, bond order and two generations")
    random = system.random_configuration(4096, random_state=1)
    unit = InherentStructure(system).fit_transform([random])[0]
    for copies in ((1, 1, 1), (2, 2, 2), (4, 4, 4), (5, 7, 7)):
        configuration = tiled(unit, copies)
        n = configuration.n_particles
        descriptor = CoarseGrain(make_union(RadialDescriptor(), BondOrderDescriptor()))
        descriptor.fit([configuration])
        taken = milliseconds(lambda d=descriptor, c=configuration: d.transform([c]), repeats=1)
        n_bytes = n * len(descriptor.get_feature_names_out()) * 4
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
        print(
            f"  N = {n}: {1000 * taken / n:.1f} microseconds per particle, peak memory "
            f"{peak / 2**30:.2f} GiB, of which features {n_bytes / 2**30:.2f} GiB"
        )


def threads(n_configurations: int = 8) -> None:
    """Time of several configurations by one thread and by all."""
    configurations = [
        KobAndersen().random_configuration(4096, random_state=seed)
        for seed in range(n_configurations)
    ]
    descriptor = CoarseGrain(make_union(RadialDescriptor(), BondOrderDescriptor()))
    descriptor.fit(configurations)
    serial = None
    for n_jobs in (1, os.cpu_count() or 1):
        taken = milliseconds(
            lambda n=n_jobs: deque(stream_features(descriptor, configurations, n_jobs=n), maxlen=0),
            repeats=3,
            clock=time.perf_counter,
        )
        serial = serial or taken
        print(f"  {n_jobs} thread(s): {n_configurations} configurations in {taken:.0f} ms of wall")
    print(f"  speed-up {serial / taken:.2f}")


def main() -> None:
    for system, n in ((KobAndersen(), 4096), (KobAndersen2D(), 1290)):
        print(f"{system.name}, N = {n}")
        random = system.random_configuration(n, random_state=1)
        configuration = InherentStructure(system).fit_transform([random])[0]
        times = own_times(configuration)
        for library, name, compute in PEERS:
            if importlib.util.find_spec(library) is None:
                print(f"  {library} is not installed")
                continue
            peer = compute(configuration)
            print(f"  {library}, {name}: {peer:.0f} ms, {peer / times[name]:.1f} times vitreous")
    threads()


if __name__ == "__main__":
    with threadpool_limits(1):
        growth() if sys.argv[1:] == ["growth"] else main()
