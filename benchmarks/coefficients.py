"""What a coefficient means: collinear columns, coefficients that change, and few latent components.

The packaged sample of KA2D, inherent structures at T = 0.36, species A, eight configurations left
out one by one. For two sets of columns: the variance inflation of the columns, how many
coefficients differ from zero by more than two jackknife errors, and scores of ridge regression,
principal components and partial least squares with few components::

    python benchmarks/coefficients.py [--temperature 0.36] [--label displacement]

About a minute on a free core.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from sklearn.base import RegressorMixin, clone
from sklearn.cross_decomposition import PLSRegression
from sklearn.decomposition import PCA
from sklearn.linear_model import LinearRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from vitreous.datasets import load_ka2d
from vitreous.dynamics import Estimate, pearson, standard_error
from vitreous.liquid import KobAndersen2D
from vitreous.models import GroupedRidge, variance_inflation
from vitreous.workflows.catalogue import DESCRIPTORS

COMPONENTS = (1, 2, 3, 5, 8, 12, 20, 30, 50, 80)
LIMIT = 10.0


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--temperature", type=float, default=0.36)
    parser.add_argument("--label", default="displacement")
    arguments = parser.parse_args()
    sample = load_ka2d().at(arguments.temperature)
    for name in ("jung2023", "combined"):
        descriptor = DESCRIPTORS[name](KobAndersen2D()).fit(sample.inherent[:1])
        X = [
            np.asarray(descriptor.transform([c])[c.of_species("A")], np.float64)
            for c in sample.inherent
        ]
        y = [
            item.matrix(arguments.label)[c.of_species("A"), -1]
            for item, c in zip(sample.labels, sample.inherent, strict=True)
        ]
        print(
            f"\n{name}: {X[0].shape[1]} columns, T = {arguments.temperature:g}, "
            f"{arguments.label}, species A, {sum(map(len, X))} particles"
        )
        report_collinearity(np.concatenate(X))
        report_stability(X, y)
        report_scores(X, y)


def report_collinearity(X: NDArray) -> None:
    """Variance inflation, and how many components hold nearly all variance."""
    inflation = variance_inflation(X)
    quartiles = np.quantile(inflation, [0.25, 0.5, 0.75])
    print(
        f"variance inflation: quartiles {quartiles.round(0)}, above {LIMIT:g} in "
        f"{(inflation > LIMIT).sum()} columns"
    )
    shares = PCA().fit(StandardScaler().fit_transform(X)).explained_variance_ratio_.cumsum()
    held = {share: int(np.searchsorted(shares, share)) + 1 for share in (0.9, 0.99)}
    print("components that hold " + ", ".join(f"{s:.0%}: {n}" for s, n in held.items()))


def report_stability(X: list[NDArray], y: list[NDArray]) -> None:
    """Coefficients on z-scored columns with jackknife errors, and how single fits agree."""
    everything = np.concatenate(X)
    mean, spread = everything.mean(axis=0), everything.std(axis=0)
    spread[spread < 1e-6] = np.inf
    Z = [(x - mean) / spread for x in X]
    penalty = fit(GroupedRidge(), Z, y, np.arange(len(Z))).alpha_

    def coefficients(regressor: RegressorMixin) -> Callable:
        return lambda chosen: np.ravel(fit(regressor, Z, y, chosen).coef_)

    for name, regressor in {
        "least squares": GroupedRidge(alphas=[1e-6]),
        f"ridge, penalty {penalty:.0f}": GroupedRidge(alphas=[penalty]),
        "5 latent components": PLSRegression(5),
    }.items():
        of = coefficients(regressor)
        found = Estimate.jackknife(of, len(Z))
        told = np.abs(found.value) > 2 * found.standard_error
        halves = of(np.arange(0, len(Z), 2)), of(np.arange(1, len(Z), 2))
        agree = np.mean(np.sign(halves[0]) == np.sign(halves[1]))
        print(
            f"coefficients, {name:22s} above two errors: {told.mean():4.0%}; same sign in two "
            f"halves: {agree:4.0%}; correlation of halves: {pearson(*halves):.2f}; "
            f"sum of |c|: {np.abs(found.value).sum():.2f}"
        )


def report_scores(X: list[NDArray], y: list[NDArray]) -> None:
    """Mean correlation within configurations left out one by one, and its difference to ridge."""
    ridge = scores(GroupedRidge(), X, y)
    print(f"{'ridge':28s} {ridge.mean():.3f} ± {standard_error(ridge):.3f}")
    for n in COMPONENTS:
        for name, regressor in {
            "latent": PLSRegression(n),
            "principal": make_pipeline(StandardScaler(), PCA(n), LinearRegression()),
        }.items():
            found = scores(regressor, X, y)
            difference = found - ridge
            print(
                f"{n:3d} {name:24s} {found.mean():.3f} ± {standard_error(found):.3f}   "
                f"less ridge {difference.mean():+.3f} ± {standard_error(difference):.3f}",
                flush=True,
            )


def scores(regressor: RegressorMixin, X: list[NDArray], y: list[NDArray]) -> NDArray:
    """Pearson correlation in each configuration, predicted from the others."""
    found = []
    for left_out in range(len(X)):
        fitted = fit(regressor, X, y, np.delete(np.arange(len(X)), left_out))
        found.append(pearson(np.ravel(fitted.predict(X[left_out])), y[left_out]))
    return np.array(found)


def fit(
    regressor: RegressorMixin, X: list[NDArray], y: list[NDArray], chosen: NDArray
) -> RegressorMixin:
    """Fit a clone to some of the configurations."""
    groups = {}
    if isinstance(regressor, GroupedRidge):
        groups = {"groups": np.repeat(chosen, [len(y[k]) for k in chosen])}
    return clone(regressor).fit(
        np.concatenate([X[k] for k in chosen]), np.concatenate([y[k] for k in chosen]), **groups
    )


if __name__ == "__main__":
    main()
