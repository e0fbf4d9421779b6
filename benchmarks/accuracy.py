"""What each lever adds to the accuracy on published configurations, left out one by one.

    python benchmarks/accuracy.py 'botan/*.npz' [--reversed 32] [--jobs 2]

Kob-Andersen mixture, displacement propensity, inherent structures. Every penalty is chosen on the
configurations that remain in training; reversed replicas of the left-out configuration are left out
with it. With 32 reversed replicas of each of ten files, about fifteen minutes on one core.
"""

from __future__ import annotations

import argparse
from functools import reduce
from operator import add

import numpy as np
from joblib import Parallel, delayed
from numpy.typing import NDArray

from vitreous.datasets import LabelledConfiguration, read, read_ends
from vitreous.dynamics import reversed_replicas
from vitreous.liquid import get_system
from vitreous.models import GroupedRidge, TwoLevelRidge, pooled_noise_ceiling, propensity_scores
from vitreous.workflows import make_model

LABEL = "displacement"
HEATED = 0.8


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("files", nargs="+")
    parser.add_argument("--reversed", type=int, default=32)
    parser.add_argument("--jobs", type=int, default=2)
    arguments = parser.parse_args()

    data = read(arguments.files, "botan")
    configurations = [item.configuration for item in data]
    labels = [item.labels.matrix(LABEL)[:, 0] for item in data]
    system = get_system(data[0].system)
    model = make_model(system, configurations[0])
    heated = make_model(system, configurations[0], heated=HEATED)
    descriptor = heated.descriptor.fit(configurations[:1])
    names = [name.removeprefix("structure__") for name in descriptor.get_feature_names_out()]
    everything = np.arange(len(names))
    columns = np.array([k for k in everything if not names[k].startswith("heated__")])
    physics = np.array([k for k in columns if names[k].startswith("physics__")])
    structure = np.array([k for k in columns if not names[k].startswith("shift")])
    levels = {"mean_columns": model.regressor.mean_columns}
    levers = {
        "shells": (GroupedRidge(), np.setdiff1d(structure, physics)),
        "physics-inspired": (GroupedRidge(), physics),
        "both": (GroupedRidge(), structure),
        "both, two levels": (TwoLevelRidge(**levels), structure),
        "both, two levels, physics favoured": (
            TwoLevelRidge(**levels, favored_columns=physics),
            structure,
        ),
        "the same, distance to the inherent structure": (model.regressor, columns),
        f"the same, runs at T = {HEATED}": (heated.regressor, everything),
    }
    parts = Parallel(n_jobs=arguments.jobs)(
        delayed(summarize)(item, descriptor, levers, model.regressor, arguments.reversed)
        for item in data
    )
    features = [part[0] for part in parts]
    forward = {name: [part[1][name] for part in parts] for name in levers}
    backward = [part[2] for part in parts]
    for name, (regressor, chosen) in levers.items():
        report(name, predict(regressor, chosen, features, forward[name], data), data, labels)
    at_rest = forward["the same, distance to the inherent structure"]
    both = [join(*pair) for pair in zip(at_rest, backward, strict=True)]
    name = f"without runs, {arguments.reversed} reversed replicas each"
    report(name, predict(model.regressor, columns, features, both, data), data, labels)
    halves = [item.labels.halves(LABEL)[..., 0] for item in data]
    for species in configurations[0].species:
        ceiling = pooled_noise_ceiling(configurations, halves, species)
        print(f"noise ceiling {species}: {ceiling:.3f}")


def summarize(
    item: LabelledConfiguration, descriptor, levers, regressor: TwoLevelRidge, n_reversed: int
) -> tuple[NDArray, dict, dict]:
    """Features of a file, its summary for every lever, and that of its reversed replicas."""
    configuration, label = item.configuration, item.labels.matrix(LABEL)[:, 0]
    species = [configuration.types == number for number in range(len(configuration.species))]
    features = descriptor.transform([configuration])
    forward = {
        name: [lever.summarize(features[rows][:, chosen], label[rows]) for rows in species]
        for name, (lever, chosen) in levers.items()
    }
    at_rest = descriptor.transformer_list[0][1]
    ends = read_ends(item.source, "botan", n_reversed)
    backward = []
    for replica in reversed_replicas(configuration, ends, item.labels.n_replicas):
        block = at_rest.transform([replica.configuration])
        summaries = [
            regressor.summarize_reversed(block[rows], replica.labels[rows], replica.weight)
            for rows in species
        ]
        backward = join(backward, summaries) if backward else summaries
    return features, forward, backward


def join(first: list, second: list) -> list:
    """Add the summaries of each species."""
    return [a + b for a, b in zip(first, second, strict=True)] if second else first


def predict(regressor, chosen, features, summaries, data) -> list[NDArray]:
    """Predict each configuration from the summaries of the others."""
    predictions = []
    for left_out, item in enumerate(data):
        types = item.configuration.types
        prediction = np.empty(len(types))
        for number in range(len(item.configuration.species)):
            others = [s[number] for k, s in enumerate(summaries) if k != left_out]
            folds = [reduce(add, others[k :: regressor.n_splits]) for k in range(len(others))]
            fitted = regressor.fit_summaries(folds[: regressor.n_splits])
            rows = types == number
            prediction[rows] = fitted.predict(features[left_out][rows][:, chosen])
        predictions.append(prediction)
    return predictions


def report(name: str, predictions, data, labels) -> None:
    """Print the scores of each species."""
    scores = propensity_scores([item.configuration for item in data], labels, predictions)
    values = "   ".join(
        f"{species}: pooled {score['pearson_pooled'].value:.4f}, mean {score['pearson_mean']}"
        for species, score in scores.items()
    )
    print(f"{name:45s} {values}", flush=True)


if __name__ == "__main__":
    main()
