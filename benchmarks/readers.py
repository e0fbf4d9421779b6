"""Reading LAMMPS dumps: this package beside MDAnalysis, ASE and OVITO.

Frames of particles with the columns ``id type x y z`` are written to one file, from which every
program reads types, ids, positions and the box of each frame. The programs take turns, pass by
pass, and medians are of times and of the ratios within a pass, so that other work on the machine
counts for all; a first turn, in which kernels are compiled, does not count. MDAnalysis has an index
of the frames to make before it reads any, OVITO as well.

    python benchmarks/readers.py [--particles 4096] [--frames 100] [--passes 7]
"""

import argparse
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np

from vitreous.datasets import iterate_structures
from vitreous.liquid import KobAndersen


def write_dump(path: Path, n_particles: int, n_frames: int) -> None:
    system = KobAndersen()
    start = system.random_configuration(n_particles, 0)
    rng = np.random.default_rng(0)
    half = start.box.lengths[0] / 2
    types = (start.types + 1).tolist()
    with open(path, "w") as file:
        for number in range(n_frames):
            order = rng.permutation(n_particles)
            positions = start.with_positions(
                start.positions + rng.normal(0, 0.1, start.positions.shape)
            ).positions
            rows = "\n".join(
                f"{i + 1} {types[i]} {x:.16g} {y:.16g} {z:.16g}"
                for i, (x, y, z) in zip(order.tolist(), positions[order].tolist(), strict=True)
            )
            bounds = f"{-half!r} {half!r}\n" * 3
            file.write(
                f"ITEM: TIMESTEP\n{number}\nITEM: NUMBER OF ATOMS\n{n_particles}\n"
                f"ITEM: BOX BOUNDS pp pp pp\n{bounds}ITEM: ATOMS id type x y z\n{rows}\n"
            )


def with_vitreous(path: Path) -> Iterator[np.ndarray]:
    for structure in iterate_structures(path, "lammps"):
        yield structure.configuration.positions


def with_mdanalysis(path: Path) -> Iterator[np.ndarray]:
    import MDAnalysis

    universe = MDAnalysis.Universe(
        str(path), format="LAMMPSDUMP", topology_format="LAMMPSDUMP", to_guess=()
    )
    for frame in universe.trajectory:
        yield frame.positions


def with_ase(path: Path) -> Iterator[np.ndarray]:
    from ase.io import read

    # One frame at a time is not offered for this format.
    for atoms in read(path, index=":", format="lammps-dump-text"):
        yield atoms.positions


def with_ovito(path: Path) -> Iterator[np.ndarray]:
    from ovito.io import import_file

    pipeline = import_file(str(path), sort_particles=True)
    for number in range(pipeline.source.num_frames):
        yield np.array(pipeline.compute(number).particles.positions)


READERS: dict[str, Callable[[Path], Iterator[np.ndarray]]] = {
    "vitreous": with_vitreous,
    "MDAnalysis": with_mdanalysis,
    "ASE": with_ase,
    "OVITO": with_ovito,
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--particles", type=int, default=4096)
    parser.add_argument("--frames", type=int, default=100)
    parser.add_argument("--passes", type=int, default=7)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        path, small = Path(folder, "liquid.dump"), Path(folder, "small.dump")
        write_dump(path, arguments.particles, arguments.frames)
        write_dump(small, arguments.particles, 2)
        megabytes = path.stat().st_size / 1e6
        print(f"{arguments.frames} frames of {arguments.particles} particles, {megabytes:.0f} MB")
        seconds: dict[str, list[tuple[float, float]]] = {}
        for name, reader in READERS.items():
            try:
                sum(1 for _ in reader(small))
            except ImportError:
                print(f"{name:12s} not installed")
                continue
            seconds[name] = []
        for _ in range(arguments.passes):
            for name in seconds:
                seconds[name].append(timed(READERS[name], path, arguments.frames))
    own = np.array(seconds["vitreous"])
    for name, passes in seconds.items():
        wall, processor = np.median(passes, axis=0)
        slower, dearer = np.median(np.array(passes) / own, axis=0)
        print(
            f"{name:12s} {megabytes / wall:8.1f} MB/s, {1e3 * wall / arguments.frames:8.2f} ms of "
            f"wall time and {1e3 * processor / arguments.frames:8.2f} of processor time a frame; "
            f"{slower:6.2f} and {dearer:6.2f} times those of vitreous"
        )


def timed(
    reader: Callable[[Path], Iterator[np.ndarray]], path: Path, n_frames: int
) -> tuple[float, float]:
    """Wall time and processor time, of all threads, for all frames of a file."""
    begin, processor = time.perf_counter(), time.process_time()
    assert sum(1 for _ in reader(path)) == n_frames
    return time.perf_counter() - begin, time.process_time() - processor


if __name__ == "__main__":
    main()
