"""Score the model of all time scales at a temperature left out, beside the noise ceilings.

The packaged sample of KA2D: trained at T = 0.42 and 0.50, tested at T = 0.36; the Pearson
correlation within configurations and its mean over them, of displacements or another label. Labels
at short times are made here, from replicas of the structures of the sample; those of 0.1, 0.3 and
1 tau_B are those of the sample::

    python benchmarks/time_scales.py [--label bond_breaking] [--replicas 16] [--jobs 2]

With 16 replicas of 24 configurations that takes some ten minutes on a free core, most of it for
the replicas. A smaller table in a minute::

    python benchmarks/time_scales.py --replicas 4 --configurations 2
"""

from __future__ import annotations

import argparse

import numpy as np
from numpy.typing import NDArray

from vitreous.datasets import Sample, load_ka2d
from vitreous.dynamics import pearson
from vitreous.liquid import Configuration, KobAndersen2D
from vitreous.models import noise_ceiling
from vitreous.simulate import isoconfigurational_ensemble
from vitreous.workflows import make_model

SYSTEM = KobAndersen2D()
TIMES = np.array([0.1, 0.3, 1.1, 4.0, 11.6])
TEST = 0.36


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--label", default="displacement")
    parser.add_argument("--replicas", type=int, default=16)
    parser.add_argument("--configurations", type=int, default=8)
    parser.add_argument("--jobs", type=int, default=1)
    arguments = parser.parse_args()
    sample = load_ka2d()
    chosen = np.concatenate(
        [
            np.flatnonzero(sample.temperatures == temperature)[: arguments.configurations]
            for temperature in np.unique(sample.temperatures)
        ]
    )
    label = arguments.label
    items = {
        int(k): labelled(sample, int(k), label, arguments.replicas, arguments.jobs) for k in chosen
    }
    train = [k for k in items if sample.temperatures[k] != TEST]
    test = [k for k in items if sample.temperatures[k] == TEST]
    model = make_model(
        SYSTEM, sample.configurations[0], "time-scales", label=label, n_jobs=arguments.jobs
    )
    times, halves = zip(*(items[k] for k in train), strict=True)
    configurations = [sample.configurations[k] for k in train]
    model.fit(configurations, [h.mean(axis=0) for h in halves], times)
    print(f"crossover {model.crossover_:.3g}, penalties {model.penalties_}")
    print(f"tested at T = {TEST:g}, {len(test)} configurations, species A")
    print("time     level   correlation   noise ceiling   divided")
    structures = [sample.configurations[k] for k in test]
    times_of_test = items[test[0]][0]
    true = [items[k][1] for k in test]
    levels = np.mean([h.mean(axis=(0, 1)) for h in true], axis=0)
    predicted = model.predict(structures, times_of_test, levels)
    for place, time in enumerate(times_of_test):
        scores, ceilings = zip(
            *(
                within(configuration, h[..., place], values[:, place])
                for configuration, h, values in zip(structures, true, predicted, strict=True)
            ),
            strict=True,
        )
        score, ceiling = np.mean(scores), np.mean(ceilings)
        print(
            f"{time:7.4g}  {levels[place]:.4f}  {score:11.3f}   {ceiling:13.3f}   "
            f"{score / ceiling:7.2f}"
        )


def labelled(
    sample: Sample, number: int, label: str, n_replicas: int, n_jobs: int
) -> tuple[NDArray, NDArray]:
    """Rising times, and the averages over both halves of the replicas, shape (2, N, K)."""
    configuration = sample.configurations[number]
    made = isoconfigurational_ensemble(
        SYSTEM,
        configuration,
        sample.temperatures[number],
        TIMES,
        n_replicas=n_replicas,
        random_state=number,
        n_jobs=n_jobs,
    )
    known = sample.labels[number]
    times = np.concatenate([TIMES, known.times])
    order = np.argsort(times)
    halves = np.concatenate([made.halves(label), known.halves(label)], axis=-1)
    return times[order], halves[..., order]


def within(
    configuration: Configuration, halves: NDArray, prediction: NDArray
) -> tuple[float, float]:
    """Correlation with the label, and the largest that its noise allows."""
    rows = configuration.of_species("A")
    label = halves.mean(axis=0)
    return float(pearson(label[rows], prediction[rows])), float(noise_ceiling(*halves[:, rows]))


if __name__ == "__main__":
    main()
