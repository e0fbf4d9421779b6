"""Time how long it takes from a file of configurations to a file of columns, on one core.

Four inherent structures of the Kob-Andersen mixture, N = 4096, are written as GSD and as extended
XYZ. Each way from there to columns runs in a process of its own, so that starting, importing,
reading and writing count; vitreous runs twice, the first time perhaps with compilation. Peers run
where they are installed, and compute what they share with vitreous: freud, DScribe and pyscal in
the same environment; partycls, which needs NumPy 1, with the interpreter of its own (see
``against_partycls.py``), given as the argument. Times are seconds of processor time, so that others
on the machine do not count. Beside them is the mean of all columns: the same where the same is
computed; DScribe multiplies its Gaussians by a function that cuts them off::

    python benchmarks/describe.py [partycls-environment/bin/python]
"""

from __future__ import annotations

import importlib.util
import os
import resource
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np

N_PARTICLES, N_FRAMES = 4096, 4

ONE_CORE = dict.fromkeys(
    ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS"), "1"
)

VITREOUS = """
import sys
import numpy as np
from vitreous.descriptors import BondOrderDescriptor, RadialDescriptor, SteinhardtDescriptor
from vitreous.workflows import describe
orders = np.arange(1, 13)
chosen = {
    "order on a shell": BondOrderDescriptor(orders, [1.1], 0.1),
    "radial": RadialDescriptor(),
    "order of neighbours": SteinhardtDescriptor(1.4, orders),
}
describe(["run.gsd"], "vitreous.npz", chosen[sys.argv[1]], n_jobs=1, overwrite=True)
"""

FREUD = """
import freud, gsd.hoomd
import numpy as np
freud.parallel.set_num_threads(1)
rows = []
with gsd.hoomd.open("run.gsd", "r") as file:
    for frame in file:
        box, points = freud.box.Box(*frame.configuration.box), frame.particles.position
        query = freud.locality.AABBQuery(box, points).query(
            points, {"r_max": 1.1 + 5.5 * 0.1, "exclude_ii": True})
        near = query.toNeighborList()
        weights = np.exp(-((near.distances - 1.1) ** 2) / (2 * 0.1**2))
        n = len(points)
        weighted = freud.locality.NeighborList.from_arrays(
            n, n, near.query_point_indices, near.point_indices, near.vectors, weights)
        order = freud.order.Steinhardt(l=list(range(1, 13)), weighted=True)
        rows.append(order.compute((box, points), neighbors=weighted).particle_order)
np.savez("freud.npz", features=np.concatenate(rows))
"""

DSCRIBE = """
import ase.io
import numpy as np
from dscribe.descriptors import ACSF
shells = np.concatenate([0.85 + 0.03 * np.arange(39), 2.0 + 0.05 * np.arange(61)])
widths = np.repeat([0.025, 0.05], [39, 61])
acsf = ACSF(r_cut=5.275, g2_params=np.stack([1 / (2 * widths**2), shells], axis=1),
            species=["He", "Ne"], periodic=True)
frames = ase.io.read("run.xyz", ":")
np.savez("dscribe.npz", features=np.concatenate([acsf.create(f, n_jobs=1) for f in frames]))
"""

PYSCAL = """
import ase.io, pyscal3
import numpy as np
rows = []
for atoms in ase.io.read("run.xyz", ":"):
    pyscal3.find_neighbors(atoms, method="cutoff", cutoff=1.4, store_rows=False)
    rows.append(np.transpose(pyscal3.steinhardt_parameter(atoms, l=list(range(1, 13)))))
np.savez("pyscal3.npz", features=np.concatenate(rows))
"""

PARTYCLS = """
import numpy as np
from partycls import Trajectory
from partycls.descriptors import BondOrientationalDescriptor
trajectory = Trajectory("partycls.xyz")
descriptor = BondOrientationalDescriptor(trajectory, orders=list(range(1, 13)))
trajectory.nearest_neighbors_method = "fixed"
trajectory.nearest_neighbors_cutoffs = [1.4, 1.4, 1.4, 1.4]
np.savez("partycls.npz", features=descriptor.compute())
"""


PEERS = {
    "order on a shell": {"freud": FREUD},
    "radial": {"dscribe": DSCRIBE},
    "order of neighbours": {"pyscal3": PYSCAL, "partycls": PARTYCLS},
}


def write_files(folder: Path) -> None:
    import gsd.hoomd

    from vitreous.liquid import KobAndersen
    from vitreous.simulate import InherentStructure

    system = KobAndersen()
    random = [system.random_configuration(N_PARTICLES, seed) for seed in range(N_FRAMES)]
    minima = InherentStructure(system).fit_transform(random)
    with gsd.hoomd.open(folder / "run.gsd", "w") as file:
        file.extend(minimum.to_gsd() for minimum in minima)
    with (
        open(folder / "run.xyz", "w", encoding="utf-8") as extended,
        open(folder / "partycls.xyz", "w", encoding="utf-8") as plain,
    ):
        for minimum in minima:
            x, y, z = map(float, minimum.box.lengths)
            lattice = f'Lattice="{x} 0 0 0 {y} 0 0 0 {z}" Properties=species:S:1:pos:R:3'
            extended.write(f'{N_PARTICLES}\n{lattice} pbc="T T T"\n')
            plain.write(f"{N_PARTICLES}\ncolumns:id,pos cell:{x},{y},{z}\n")
            for kind, position in zip(minimum.types, minimum.positions.tolist(), strict=True):
                place = " ".join(map(repr, position))
                extended.write(f"{('He', 'Ne')[kind]} {place}\n")
                plain.write(f"{'AB'[kind]} {place}\n")


def report(library: str, interpreter: str, script: str, folder: Path, *arguments: str) -> None:
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(
        [interpreter, "-c", script, *arguments], cwd=folder, env=os.environ | ONE_CORE, check=True
    )
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    seconds = after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime
    with np.load(folder / f"{library}.npz") as columns:
        mean = columns["features"].mean(dtype=np.float64)
    print(f"  {library}: {seconds:.2f} s, mean {mean:.6f}", flush=True)


def main() -> None:
    interpreters = {"partycls": sys.argv[1]} if len(sys.argv) > 1 else {}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_files(folder)
        print(f"KA, {N_FRAMES} configurations of {N_PARTICLES} particles, from file to file")
        for what, peers in PEERS.items():
            print(what)
            for _ in range(2):
                report("vitreous", sys.executable, VITREOUS, folder, what)
            for library, script in peers.items():
                if library not in interpreters and importlib.util.find_spec(library) is None:
                    print(f"  {library} is not installed")
                else:
                    report(library, interpreters.get(library, sys.executable), script, folder)


if __name__ == "__main__":
    main()
