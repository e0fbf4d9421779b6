"""Make cold liquids with labels from the first collision on, to test models that never saw them.

KA2D (N = 1290) at T = 0.231 and 0.26, equilibrated from random positions by molecular dynamics with
exchanges; then replicas, short times first. Each part is a file: stop it whenever you like, and
start it again::

    python benchmarks/cold_liquids.py FOLDER [--configurations 4] [--until 20000]

Four configurations of both temperatures take one idle core some 12 minutes to equilibrate, 10 for
labels up to t = 122, 40 up to 1288, and 12 hours up to 13554. The Kob-Andersen mixture at short
times from the published starts of BOTAN::

    python benchmarks/cold_liquids.py FOLDER --botan FILES --until 13
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path

import numpy as np

from vitreous.datasets import LabelledConfiguration, read_botan, write_gsd
from vitreous.liquid import Configuration, KobAndersen, KobAndersen2D, System
from vitreous.simulate import (
    Equilibration,
    HybridSwap,
    equilibrate,
    isoconfigurational_ensemble,
)

CYCLES = {0.231: 3000, 0.26: 1500}

# Times of each part and its number of replicas.
PARTS = (((0.1, 1.1, 4.0, 11.64), 32), ((42.0, 122.47), 12), ((1288.41,), 8), ((13554.0,), 8))
PARTS_OF_KA = (((0.13, 1.3, 13.0), 8), ((130.0,), 4))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--botan", nargs="+", type=Path, help="Files of BOTAN at T = 0.44.")
    parser.add_argument("--configurations", type=int, default=4)
    parser.add_argument("--until", type=float, default=2000.0)
    arguments = parser.parse_args()
    arguments.folder.mkdir(parents=True, exist_ok=True)
    if arguments.botan:
        system: System = KobAndersen()
        for times, n_replicas in PARTS_OF_KA:
            for file in arguments.botan:
                if times[0] <= arguments.until:
                    name = "KA_0.44_" + file.stem.split("_")[2]
                    start = read_botan(file).configuration
                    label(arguments.folder, name, system, start, times, n_replicas)
        return
    system = KobAndersen2D()
    starts = {}
    for number in range(arguments.configurations):
        for temperature in CYCLES:
            name = f"KA2D_{temperature:g}_{number}"
            starts[name] = equilibrated(arguments.folder, name, system, temperature, number)
    for times, n_replicas in PARTS:
        for name, start in starts.items():
            if times[0] <= arguments.until:
                label(arguments.folder, name, system, start, times, n_replicas)


def equilibrated(
    folder: Path, name: str, system: System, temperature: float, number: int
) -> Configuration:
    """Equilibrate from above (even numbers) or below, unless it is done."""
    path = folder / f"{name}_start.gsd"
    if not path.exists():
        began = time.monotonic()
        run = equilibrate(
            system,
            1290,
            temperature,
            n_sweeps=CYCLES[temperature],
            start="below" if number % 2 else "above",
            sampler=HybridSwap(system),
            random_state=1000 + number,
        )
        run.save(path)
        quarters = ", ".join(f"{part.mean():.4f}" for part in np.array_split(run.energies, 4))
        print(f"{name}: energy {quarters}; {time.monotonic() - began:.0f} s", flush=True)
    return Equilibration.load(path).configuration.with_temperature(temperature)


def label(
    folder: Path,
    name: str,
    system: System,
    start: Configuration,
    times: tuple[float, ...],
    n_replicas: int,
) -> None:
    """Run the replicas of one part, unless it is done."""
    path = folder / f"{name}_t{times[-1]:g}.gsd"
    if path.exists():
        return
    began = time.monotonic()
    labels = isoconfigurational_ensemble(
        system,
        start,
        start.require_temperature(),
        times,
        n_replicas=n_replicas,
        random_state=round(times[-1]),
        engine="embedded",
    )
    item = LabelledConfiguration(start, labels, system.name, start.require_temperature(), name)
    write_gsd(item, path)
    print(f"{path.name}: {n_replicas} replicas, {time.monotonic() - began:.0f} s", flush=True)


if __name__ == "__main__":
    main()
