"""Time neighbour lists with vectors on one core, beside freud and SciPy.

Random configurations at the density of the Kob-Andersen mixtures. freud works in single precision;
SciPy's k-d tree finds the pairs of an orthorhombic box, unsorted and without vectors. Times are the
smallest of several calls::

    python benchmarks/neighbors.py
"""

from __future__ import annotations

import time
from collections.abc import Callable

import freud
import numpy as np
from scipy.spatial import KDTree

from vitreous.liquid import Configuration, KobAndersen, KobAndersen2D, neighbor_list

REPEATS = 5


def milliseconds(function: Callable[[], object]) -> float:
    function()
    times = []
    for _ in range(REPEATS):
        start = time.perf_counter()
        function()
        times.append(time.perf_counter() - start)
    return 1000 * min(times)


def freud_list(configuration: Configuration, cutoff: float) -> object:
    query = freud.locality.AABBQuery.from_system(configuration.to_freud())
    return query.query(query.points, {"r_max": cutoff, "exclude_ii": True}).toNeighborList()


def scipy_pairs(configuration: Configuration, cutoff: float) -> object:
    lengths = np.asarray(configuration.box.lengths)
    tree = KDTree((configuration.positions + lengths / 2) % lengths, boxsize=lengths)
    return tree.query_pairs(cutoff, output_type="ndarray")


def main() -> None:
    freud.parallel.set_num_threads(1)
    for system, n_particles, cutoff in [
        (KobAndersen(), 4096, 5.0),
        (KobAndersen(), 4096, 2.5),
        (KobAndersen(), 100_000, 2.5),
        (KobAndersen2D(), 1290, 5.0),
    ]:
        configuration = system.random_configuration(n_particles, random_state=1)
        n_entries = len(neighbor_list(configuration, cutoff).indices)
        print(f"{system.name}, N = {n_particles}, r < {cutoff:g}: {n_entries} entries")
        own = milliseconds(lambda c=configuration, r=cutoff: neighbor_list(c, r))
        print(f"  vitreous: {own:.1f} ms")
        for name, peer in (("freud", freud_list), ("SciPy k-d tree", scipy_pairs)):
            taken = milliseconds(lambda p=peer, c=configuration, r=cutoff: p(c, r))
            print(f"  {name}: {taken:.1f} ms, {taken / own:.1f} times as long")


if __name__ == "__main__":
    main()
