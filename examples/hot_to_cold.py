"""Hot to cold, in ten minutes: learn from a hot liquid made here, predict a cold one.

The Kob-Andersen mixture at T = 0.64 relaxes within 16.5 time units, so that a few liquids and their
replicas take minutes. At T = 0.44 it takes 250 times as long. A model of the structure at the one
says who will be mobile at the other::

    python examples/hot_to_cold.py FOLDER                       # tested on a liquid at T = 0.56
    python examples/hot_to_cold.py FOLDER 'botan/*.npz'         # or on published files, T = 0.44
    python examples/hot_to_cold.py FOLDER 'KA/T0.44/*' --format glassbench --time 4120

Liquids are kept in the folder: what is there is not made again.
"""

from __future__ import annotations

import argparse
import warnings
from pathlib import Path

from vitreous.datasets import LabelledConfiguration, write_gsd
from vitreous.liquid import KobAndersen
from vitreous.simulate import (
    EmbeddedEngine,
    isoconfigurational_ensemble,
    maxwell_velocities,
    minimize,
)
from vitreous.workflows import fit, score

SYSTEM = KobAndersen()
RELAXATION_TIME = {0.64: 16.5, 0.56: 52.0}


def main() -> None:
    """Make liquids, fit and score."""
    # It is what this example is about.
    warnings.filterwarnings("ignore", "the labels are of time")
    warnings.filterwarnings("ignore", "the model learnt from temperatures")
    warnings.filterwarnings("ignore", ".*lie outside the training range")
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("files", nargs="*", help="Published files to test on.")
    parser.add_argument("--format", default="auto")
    parser.add_argument("--time", type=float, help="Of the labels to test on, if there are several")
    parser.add_argument("--particles", type=int, default=4096)
    parser.add_argument("--liquids", type=int, default=6)
    parser.add_argument("--replicas", type=int, default=16)
    parser.add_argument("--rest", type=float, default=10.0, help="In relaxation times.")
    parser.add_argument("--jobs", type=int, default=-1)
    arguments = parser.parse_args()
    arguments.folder.mkdir(parents=True, exist_ok=True)
    hot = [liquid(0.64, number, arguments) for number in range(arguments.liquids)]
    cold, file_format = arguments.files, arguments.format
    if not cold:
        n_cold = max(1, arguments.liquids // 3)
        cold = [liquid(0.56, 100 + number, arguments) for number in range(n_cold)]
        file_format = "gsd"
    for descriptors in ("combined", "jung2023"):
        model = fit(hot, "gsd", "ridge", n_jobs=arguments.jobs, descriptors=descriptors)
        found = score(model, cold, file_format, arguments.time, n_jobs=arguments.jobs)["A"]
        print(
            f"{descriptors}: trained at T = 0.64 on {len(hot)} liquids, tested on "
            f"{found['n_configurations']}, species A: correlation {found['pearson_pooled']:.3f} "
            f"pooled, {found['pearson_mean']:.3f} in the mean "
            f"(noise ceiling {found['noise_ceiling']:.3f})"
        )


def liquid(temperature: float, number: int, arguments: argparse.Namespace) -> str:
    """Make a liquid and its labels at the relaxation time, unless the folder holds them."""
    path = arguments.folder / f"T{temperature:g}_{number}.gsd"
    if path.exists():
        return str(path)
    n, tau = arguments.particles, RELAXATION_TIME[temperature]
    configuration = SYSTEM.random_configuration(n, random_state=number)
    configuration = minimize(SYSTEM, configuration, force_tolerance=0.1).configuration
    engine = EmbeddedEngine(SYSTEM)
    for warmth, duration in ((1.0, 2 * arguments.rest), (temperature, arguments.rest * tau)):
        (end,) = engine.run(
            configuration,
            times=[duration],
            velocities=maxwell_velocities(n, 3, warmth, random_state=number),
            temperature=warmth,
            random_state=number,
        )
        configuration = configuration.with_positions(end.positions)
    configuration = configuration.with_temperature(temperature)
    labels = isoconfigurational_ensemble(
        SYSTEM,
        configuration,
        temperature,
        [tau],
        n_replicas=arguments.replicas,
        random_state=number,
        n_jobs=arguments.jobs,
    )
    write_gsd(
        LabelledConfiguration(configuration, labels, SYSTEM.name, temperature, path.name), path
    )
    print(f"{path}: mean displacement {labels.matrix('displacement').mean():.3f}", flush=True)
    return str(path)


if __name__ == "__main__":
    main()
