"""Softness against ridge regression on the same columns, and what Arrhenius lines of softness show.

    python benchmarks/softness.py

The packaged sample, particles of type A, structure functions of inherent structures. Each
configuration is left out in turn. Labels of ten replicas, or of a single one that is simulated
here; predictions are always compared with those of ten. A minute on one core.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import roc_auc_score

from vitreous.datasets import load_ka2d
from vitreous.descriptors.presets import cubuk2015
from vitreous.dynamics import Estimate, arrhenius_lines, explained_variance, pearson
from vitreous.liquid import get_system, select_species
from vitreous.models import (
    GroupedRidge,
    SoftnessClassifier,
    SoftnessRegressor,
    describe_all,
    noise_ceiling,
)
from vitreous.simulate import isoconfigurational_ensemble

LABEL = "broken_bonds"
TEMPERATURE = 0.5
PLACE = 2
"""Of the time among those of the sample: t = 44 at T = 0.5."""

PENALTY = 1e-4
"""In the middle of those that cross-validation chooses here, which takes many times as long."""


def softness(quantile: float) -> SoftnessRegressor:
    return SoftnessRegressor(quantile, SoftnessClassifier([PENALTY]))


MODELS: dict[str, Callable[[], object]] = {
    "ridge": GroupedRidge,
    "softness, 0.5": lambda: softness(0.5),
    "softness, 0.9": lambda: softness(0.9),
}

sample = load_ka2d()
system = get_system(sample.system)
temperatures = np.array(sample.temperatures)


def of_a(values: Sequence[NDArray], which: NDArray[np.intp]) -> list[NDArray]:
    """Rows of type A of some configurations."""
    return select_species([sample.inherent[k] for k in which], [values[k] for k in which], "A")


def fitted(make, X: list[NDArray], y: list[NDArray]):
    groups = np.repeat(np.arange(len(y)), [len(values) for values in y])
    return make().fit(np.concatenate(X), np.concatenate(y), groups=groups)


def main() -> None:
    everyone = np.arange(len(sample.inherent))
    descriptor = cubuk2015().fit(sample.inherent[:1])
    columns = of_a(describe_all(descriptor, sample.inherent), everyone)
    lines(columns)
    compare(columns)


def compare(columns: list[NDArray]) -> None:
    """Print correlations, and areas under the curve for the tenth that moves most."""
    chosen = np.flatnonzero(temperatures == TEMPERATURE)
    X = [columns[k] for k in chosen]
    true = of_a([labels.matrix(LABEL)[:, PLACE] for labels in sample.labels], chosen)
    halves = [
        sample.labels[k].halves(LABEL)[:, sample.inherent[k].of_species("A"), PLACE] for k in chosen
    ]
    print(f"noise ceiling {np.mean([noise_ceiling(*half) for half in halves]):.3f}")
    once = [single_replica(k) for k in chosen]
    for source, labels in (("ten replicas", true), ("one replica", once)):
        for n in (2, 7):
            scores = {name: [] for name in MODELS}
            for test in range(len(chosen)):
                others = [(test + 1 + i) % len(chosen) for i in range(n)]
                for name, make in MODELS.items():
                    model = fitted(make, [X[k] for k in others], [labels[k] for k in others])
                    found = model.predict(X[test])
                    mobile = true[test] > np.quantile(true[test], 0.9)
                    scores[name].append((pearson(true[test], found), roc_auc_score(mobile, found)))
            for name, values in scores.items():
                better = np.array(values) - np.array(scores["ridge"])
                r, area = (Estimate.mean(column) for column in np.transpose(values))
                dr, da = (Estimate.mean(column) for column in np.transpose(better))
                print(f"{source}, {n} configurations, {name}: r {r} ({dr}), area {area} ({da})")


def single_replica(k: int) -> NDArray[np.float64]:
    """Label of type A from one replica: half of an ensemble of two."""
    labels = isoconfigurational_ensemble(
        system,
        sample.configurations[k],
        temperature=temperatures[k],
        times=sample.times[k][[PLACE]],
        n_replicas=2,
        random_state=int(k),
    )
    return labels.halves(LABEL)[0, sample.inherent[k].of_species("A"), 0]


def lines(columns: list[NDArray]) -> None:
    """Print P_R(S, T) after 40 to 44 time units, and what is behind it."""
    everyone = np.arange(len(columns))
    place = [int(np.argmin(np.abs(np.asarray(times) - 42))) for times in sample.times]
    true = of_a(
        [labels.matrix(LABEL)[:, at] for labels, at in zip(sample.labels, place, strict=True)],
        everyone,
    )
    halves = [
        sample.labels[k].halves(LABEL)[:, sample.inherent[k].of_species("A"), place[k]]
        for k in everyone
    ]
    found_softness: list[NDArray] = [np.empty(0)] * len(everyone)
    for fold in range(4):
        train = everyone[everyone % 4 != fold]
        model = fitted(MODELS["softness, 0.9"], *([v[k] for k in train] for v in (columns, true)))
        for k in everyone[everyone % 4 == fold]:
            found_softness[k] = model.predict(columns[k])
    found = arrhenius_lines(found_softness, true, temperatures)
    print("softness", found.softness.round(2))
    for k, temperature in enumerate(found.temperatures):
        chosen = np.flatnonzero(temperatures == temperature)
        share = explained_variance([found_softness[i] for i in chosen], [halves[i] for i in chosen])
        print(
            f"T = {temperature:g}: P_R {found.probability.value[:, k].round(4)} +- "
            f"{found.probability.standard_error[:, k].round(4)}, explained {share}"
        )
    for name in ("energy", "curvature"):
        estimate = getattr(found, name)
        print(name, estimate.value.round(2), "+-", estimate.standard_error.round(2))
    print("hidden spread of barriers below", found.hidden_spread().round(2))
    print("crossing at", found.crossing)


if __name__ == "__main__":
    main()
