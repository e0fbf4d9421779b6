"""Make cold liquids with labels from the first collision on, and test a model of hot ones on them.

KA2D (N = 1290) at T = 0.231 and 0.26, equilibrated from random positions by molecular dynamics with
exchanges; then replicas, short times first. Each part is a file: stop it whenever you like, and
start it again::

    python benchmarks/cold_liquids.py FOLDER [--configurations 4] [--until 20000]

By the speed of the engine, four configurations of both temperatures take one idle core 8 minutes
to equilibrate, 3 for labels up to t = 122, 17 up to 1288, and 3 hours up to 13554. A published
structure instead::

    python benchmarks/cold_liquids.py FOLDER --start first_npz_positions.npz

The model of all time scales, trained on the packaged sample (T = 0.36 to 0.50) with labels at short
times that are made as well (a minute), tested on what the folder holds::

    python benchmarks/cold_liquids.py FOLDER --score [--label bond_breaking] [--heated 0.55]

The Kob-Andersen mixture at T = 0.44 and short times, from the published starts of BOTAN, and the
same model, each configuration predicted by one that learnt from all others. Half a minute of one
idle core a configuration and as long to describe it; labels at t = 130 take two minutes more::

    python benchmarks/cold_liquids.py FOLDER --botan FILES --until 13
    python benchmarks/cold_liquids.py FOLDER --botan FILES --score
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from vitreous.datasets import (
    LabelledConfiguration,
    load_ka2d,
    read_botan,
    read_gsd,
    write_gsd,
)
from vitreous.dynamics import IsoconfigurationalLabels, pearson, standard_error
from vitreous.liquid import Box, Configuration, KobAndersen, KobAndersen2D, System
from vitreous.models import TimeScaleRegressor, noise_ceiling
from vitreous.simulate import (
    Equilibration,
    HybridSwap,
    equilibrate,
    isoconfigurational_ensemble,
)
from vitreous.workflows import make_model

SHORT = (0.05, 0.1, 0.3, 1.1, 4.0, 11.6)

CYCLES = {0.231: 3000, 0.26: 1500}

# Times of each part and its number of replicas.
PARTS = (((0.1, 1.1, 4.0, 11.64), 32), ((42.0, 122.47), 12), ((1288.41,), 8), ((13554.0,), 8))
PARTS_OF_KA = (((0.13, 1.3, 13.0), 6), ((130.0,), 4))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--botan", nargs="+", type=Path, help="Files of BOTAN at T = 0.44.")
    parser.add_argument("--start", type=Path, help="File of GlassBench, KA2D at T = 0.231.")
    parser.add_argument("--score", action="store_true")
    parser.add_argument("--label", default="displacement")
    parser.add_argument("--heated", type=float, help="Temperature of short runs to see as well.")
    parser.add_argument("--configurations", type=int, default=4)
    parser.add_argument("--until", type=float, default=2000.0)
    arguments = parser.parse_args()
    arguments.folder.mkdir(parents=True, exist_ok=True)
    if arguments.botan:
        system: System = KobAndersen()
        if arguments.score:
            score_left_out(arguments.folder, system, arguments.label, arguments.heated)
            return
        for times, n_replicas in PARTS_OF_KA:
            for file in arguments.botan:
                if times[0] <= arguments.until:
                    name = "KA_0.44_" + file.stem.split("_")[2]
                    start = read_botan(file).configuration
                    label(arguments.folder, name, system, start, times, n_replicas)
        return
    system = KobAndersen2D()
    if arguments.score:
        score(arguments.folder, system, arguments.label, arguments.heated)
        return
    starts = {}
    if arguments.start:
        starts["KA2D_0.231_published"] = published(arguments.start, system)
        arguments.configurations = 0
    for number in range(arguments.configurations):
        for temperature in CYCLES:
            name = f"KA2D_{temperature:g}_{number}"
            starts[name] = equilibrated(arguments.folder, name, system, temperature, number)
    for times, n_replicas in PARTS:
        for name, start in starts.items():
            if times[0] <= arguments.until:
                label(arguments.folder, name, system, start, times, n_replicas)


def published(file: Path, system: System) -> Configuration:
    """Read the thermal positions of a published structure."""
    with np.load(file) as found:
        box = Box.cube(float(found["box"]), 2)
        types = found["types"] - 1
        structure = Configuration.wrapped(found["initial_positions"], types, box, system.species)
    return structure.with_temperature(0.231)


def score(folder: Path, system: System, label_name: str, heated: float | None) -> None:
    """Train on the packaged sample; print scores on all cold liquids of the folder, species A."""
    sample = load_ka2d()
    training = []
    for number, item in enumerate(sample.data):
        name = f"hot_{number}"
        label(folder, name, system, item.configuration, SHORT, 16)
        short = read_gsd(folder / f"{name}_t{SHORT[-1]:g}.gsd").labels
        training.append(joined([short, item.labels], label_name))
    times, halves = zip(*training, strict=True)
    model = kept_in(folder, system, sample.configurations[0], label_name, heated)
    model.fit(sample.configurations, [found.mean(axis=0) for found in halves], times)
    names = sorted({path.name.rsplit("_t", 1)[0] for path in folder.glob("KA2D_*_t*.gsd")})
    print("liquid                  time     level   correlation   noise ceiling   divided")
    for name in names:
        parts = [read_gsd(path) for path in sorted(folder.glob(f"{name}_t*.gsd"))]
        structure = parts[0].configuration
        cold_times, found = joined([part.labels for part in parts], label_name)
        levels = found.mean(axis=(0, 1))
        (predicted,) = model.predict([structure], cold_times, levels)
        a = structure.of_species("A")
        for place, time_ in enumerate(cold_times):
            true = found[:, a, place]
            if true.mean(axis=0).std() == 0:
                continue
            r = float(pearson(true.mean(axis=0), predicted[a, place]))
            ceiling = float(noise_ceiling(*true))
            print(
                f"{name:20} {time_:8.4g}   {levels[place]:.4f}   {r:11.3f}   {ceiling:13.3f}   "
                f"{r / ceiling:7.2f}"
            )


def score_left_out(folder: Path, system: System, label_name: str, heated: float | None) -> None:
    """Leave every configuration of KA out; print scores of all together and of each, species A."""
    names = sorted({path.name.rsplit("_t", 1)[0] for path in folder.glob("KA_0.44_*_t*.gsd")})
    structures, halves = [], []
    for name in names:
        parts = [read_gsd(path) for path in sorted(folder.glob(f"{name}_t*.gsd"))]
        times, found = joined([part.labels for part in parts], label_name)
        structures.append(parts[0].configuration)
        halves.append(found)
    model = kept_in(folder, system, structures[0], label_name, heated)
    predictions = []
    for number, structure in enumerate(structures):
        others = [k for k in range(len(names)) if k != number]
        model.fit(
            [structures[k] for k in others],
            [halves[k].mean(axis=0) for k in others],
            [times for _ in others],
        )
        predictions += model.predict([structure], times)
    species = [structure.of_species("A") for structure in structures]
    print(f"{len(names)} configurations: {', '.join(names)}")
    print("   time   pooled   ceiling   mean   standard error   ceiling")
    for place, time_ in enumerate(times):
        true = [found[:, a, place] for found, a in zip(halves, species, strict=True)]
        predicted = [found[a, place] for found, a in zip(predictions, species, strict=True)]
        together = np.concatenate(true, axis=1)
        pooled = pearson(together.mean(axis=0), np.concatenate(predicted))
        each = np.array([pearson(y.mean(axis=0), p) for y, p in zip(true, predicted, strict=True)])
        ceiling = np.mean([noise_ceiling(*y) for y in true])
        print(
            f"{time_:7.4g}   {pooled:.3f}    {float(noise_ceiling(*together)):.3f}    "
            f"{each.mean():.3f}   {float(standard_error(each)):.3f}           {ceiling:.3f}"
        )


def kept_in(
    folder: Path, system: System, example: Configuration, label_name: str, heated: float | None
) -> TimeScaleRegressor:
    """Make an unfitted model that keeps its features in the folder."""
    model = make_model(system, example, "time-scales", label=label_name, heated=heated)
    features = str(folder / "features")
    return model.set_params(memory=features, plateau__memory=features)


def joined(
    ensembles: list[IsoconfigurationalLabels], label_name: str
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Rising times, and the averages over both halves of the replicas (2, N, K), of several."""
    times = np.concatenate([labels.times for labels in ensembles])
    halves = np.concatenate([labels.halves(label_name) for labels in ensembles], axis=-1)
    order = np.argsort(times)
    return times[order], halves[..., order]


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
