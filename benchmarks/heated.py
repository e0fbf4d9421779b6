"""What short runs at a higher temperature add to models.

KA2D: the time-scales model, trained on the packaged sample at T = 0.42 and 0.50 and tested at 0.36,
without and with runs at T = 0.7. With files of BOTAN also the Kob-Andersen mixture: the default
ridge, each configuration left out once, without and with runs at T = 0.8. Prints correlations of
species A, the differences paired over configurations, and the seconds that the runs take.

    python benchmarks/heated.py [--files 'botan/*.npz'] [--jobs 2]

Two minutes on one core without files, six more with ten.
"""

from __future__ import annotations

import argparse
import tempfile
import time

import numpy as np
from joblib import Memory
from numpy.typing import NDArray

from vitreous.datasets import load_ka2d, read
from vitreous.dynamics import Estimate, pearson
from vitreous.liquid import Configuration, KobAndersen, KobAndersen2D
from vitreous.models import cross_predict, noise_ceiling, propensity_scores
from vitreous.simulate import HeatedRuns
from vitreous.workflows import make_model


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--files", nargs="*", default=[])
    parser.add_argument("--jobs", type=int, default=1)
    arguments = parser.parse_args()
    for label in ("displacement", "broken_bonds"):
        hot_to_cold(label, arguments.jobs)
    if arguments.files:
        left_out(arguments.files, arguments.jobs)


def hot_to_cold(label: str, n_jobs: int) -> None:
    """Train on the hotter liquids of the sample, test on the coldest."""
    system, sample = KobAndersen2D(), load_ka2d()
    hot = [item for item in sample.data if item.temperature > 0.4]
    cold = [item for item in sample.data if item.temperature < 0.4]
    scores = {}
    for heated in (None, 0.7):
        model = make_model(
            system, hot[0].configuration, "time-scales", None, n_jobs, None, label, heated=heated
        )
        model.fit(
            [item.configuration for item in hot],
            [item.labels.matrix(label) for item in hot],
            [item.labels.times for item in hot],
        )
        times = cold[0].labels.times
        levels = np.mean([item.labels.matrix(label).mean(axis=0) for item in cold], axis=0)
        predictions = model.predict([item.configuration for item in cold], times, levels)
        scores[heated] = np.array(
            [correlation(item, label, guess) for item, guess in zip(cold, predictions, strict=True)]
        )
    halves = [item.labels.halves(label) for item in cold]
    chosen = cold[0].configuration.of_species("A")
    ceiling = np.mean([noise_ceiling(*half[:, chosen]) for half in halves], axis=0)
    print(f"KA2D, T = 0.36, {label}, trained at 0.42 and 0.50")
    print(f"  runs take {seconds(HeatedRuns(system, 0.7), cold[0].configuration):.1f} s each")
    for place, moment in enumerate(times):
        without, beside = scores[None][:, place], scores[0.7][:, place]
        print(
            f"  t = {moment:6.1f}: {Estimate.mean(without)} without, {Estimate.mean(beside)} with, "
            f"difference {Estimate.mean(beside - without)}, ceiling {ceiling[place]:.3f}"
        )


def correlation(item, label: str, predicted: NDArray) -> NDArray:
    rows = item.configuration.of_species("A")
    return pearson(item.labels.matrix(label)[rows], predicted[rows])


def seconds(runs: HeatedRuns, configuration: Configuration) -> float:
    """Processor time of the runs of one configuration, kernels being compiled."""
    start = time.process_time()
    runs.labels([configuration])
    return time.process_time() - start


def left_out(files: list[str], n_jobs: int) -> None:
    """Leave out each configuration of files once."""
    system = KobAndersen()
    data = read(files, "botan")
    configurations = [item.configuration for item in data]
    labels = [item.labels.matrix("displacement")[:, 0] for item in data]
    chosen = configurations[0].of_species("A")
    singles = {}
    print(f"KA, T = 0.44, displacement, {len(data)} files, each left out once")
    runs = HeatedRuns(system, 0.8, (0.5, 1.0, 2.0, 4.0, 8.0), n_replicas=8, time_step=0.01)
    print(f"  runs take {seconds(runs, configurations[0]):.1f} s each")
    for heated in (None, 0.8):
        with tempfile.TemporaryDirectory() as folder:
            model = make_model(system, configurations[0], heated=heated)
            model.set_params(memory=Memory(folder, verbose=0), n_jobs=n_jobs)
            predictions = cross_predict(model, configurations, labels, n_splits=len(data))
        singles[heated] = np.array(
            [pearson(y[chosen], p[chosen]) for y, p in zip(labels, predictions, strict=True)]
        )
        score = propensity_scores(configurations, labels, predictions)["A"]
        print(
            f"  {'without' if heated is None else 'with'}: pooled {score['pearson_pooled']}, "
            f"mean {score['pearson_mean']}"
        )
    print(f"  difference of the means {Estimate.mean(singles[0.8] - singles[None])}")


if __name__ == "__main__":
    main()
