"""What short runs at a higher temperature add to models.

KA2D: the time-scales model, trained on the packaged sample at T = 0.42 and 0.50 and tested at 0.36,
without and with runs at T = 0.7. Prints correlations of species A, the differences paired over
configurations, and the seconds that the runs take. ``benchmarks/accuracy.py`` does the same for the
Kob-Andersen mixture.

    python benchmarks/heated.py [--jobs 2]
"""

from __future__ import annotations

import argparse
import time

import numpy as np
from numpy.typing import NDArray

from vitreous.datasets import load_ka2d
from vitreous.dynamics import Estimate, pearson
from vitreous.liquid import Configuration, KobAndersen2D
from vitreous.models import noise_ceiling
from vitreous.simulate import HeatedRuns
from vitreous.workflows import make_model


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--jobs", type=int, default=1)
    arguments = parser.parse_args()
    for label in ("displacement", "broken_bonds"):
        hot_to_cold(label, arguments.jobs)


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


if __name__ == "__main__":
    main()
