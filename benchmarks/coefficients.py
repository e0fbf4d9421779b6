"""What a coefficient means: collinear columns, coefficients that change, and few latent components.

The packaged sample of KA2D, inherent structures at one temperature, species A, configurations left
out one by one. Variance inflation of the columns, how far coefficients are known, and scores of
ridge regression, of principal components and of partial least squares::

    python benchmarks/coefficients.py [--descriptors jung2023] [--temperature 0.36]

Half a minute on a free core; more with the 1606 columns of ``combined``.
"""

from __future__ import annotations

import argparse
from functools import partial

import numpy as np
from numpy.typing import NDArray
from sklearn.base import RegressorMixin, clone
from sklearn.cross_decomposition import PLSRegression
from sklearn.decomposition import PCA
from sklearn.linear_model import LinearRegression, Ridge
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
    parser.add_argument("--descriptors", default="jung2023", choices=DESCRIPTORS)
    parser.add_argument("--temperature", type=float, default=0.36)
    parser.add_argument("--label", default="displacement")
    arguments = parser.parse_args()
    sample = load_ka2d().at(arguments.temperature)
    descriptor = DESCRIPTORS[arguments.descriptors](KobAndersen2D()).fit(sample.inherent[:1])
    rows = [configuration.of_species("A") for configuration in sample.inherent]
    X = [
        descriptor.transform([configuration])[chosen].astype(np.float64)
        for configuration, chosen in zip(sample.inherent, rows, strict=True)
    ]
    y = [
        item.matrix(arguments.label)[chosen, -1]
        for item, chosen in zip(sample.labels, rows, strict=True)
    ]
    scaler = StandardScaler().fit(np.concatenate(X))
    X = [scaler.transform(x) for x in X]
    print(f"{X[0].shape[1]} columns, {sum(map(len, X))} particles")
    report_collinearity(np.concatenate(X))
    report_coefficients(X, y)
    report_scores(X, y)


def report_collinearity(X: NDArray) -> None:
    """Variance inflation, and how many components hold nearly all variance."""
    inflation = variance_inflation(X)
    median = np.nanquantile(inflation, 0.5, method="lower")
    shares = PCA(svd_solver="covariance_eigh").fit(X).explained_variance_ratio_.cumsum()
    held = [int(np.searchsorted(shares, share)) + 1 for share in (0.9, 0.99)]
    print(
        f"variance inflation above {LIMIT:g}: {(inflation > LIMIT).sum()}, infinite: "
        f"{np.isinf(inflation).sum()}, median {median:.3g}; "
        f"components with 90 % and 99 % of the variance: {held[0]}, {held[1]}"
    )


def report_coefficients(X: list[NDArray], y: list[NDArray]) -> None:
    """Coefficients with jackknife errors, and of the two halves of the configurations."""
    everything = np.arange(len(X))
    penalty = fit(GroupedRidge(), X, y, everything).alpha_
    for name, regressor in {
        "least squares": Ridge(alpha=1e-6),
        f"ridge, penalty {penalty:.0f}": Ridge(alpha=penalty),
        "partial least squares, 1": PLSRegression(1),
        "partial least squares, 8": PLSRegression(8),
    }.items():
        coefficients = partial(coefficients_of, regressor, X, y)
        found = Estimate.jackknife(coefficients, len(X))
        varies = found.value != 0
        told = np.abs(found.value) > 2 * found.standard_error
        first, second = (coefficients(half)[varies] for half in (everything[::2], everything[1::2]))
        print(
            f"{name:26s} beyond two errors {told[varies].mean():4.0%}, "
            f"same sign in both halves {np.mean(first * second > 0):4.0%}, "
            f"correlation of halves {pearson(first, second):.2f}, "
            f"sum of |c| {np.abs(found.value).sum() / np.concatenate(y).std():.1f}",
            flush=True,
        )


def coefficients_of(
    regressor: RegressorMixin, X: list[NDArray], y: list[NDArray], chosen: NDArray
) -> NDArray:
    """Coefficients of a fit to some of the configurations."""
    return np.ravel(fit(regressor, X, y, chosen).coef_)


def report_scores(X: list[NDArray], y: list[NDArray]) -> None:
    """Mean correlation within configurations left out one by one, and its difference to ridge."""
    ridge = scores(lambda chosen: [fit(GroupedRidge(), X, y, chosen).coef_], X, y)[0]
    print(f"ridge: {ridge.mean():.3f} ± {standard_error(ridge):.3f}")
    for name, first in {
        "partial least squares": partial(first_latent, X, y),
        "principal components": partial(first_principal, X, y),
    }.items():
        for n, found in zip(COMPONENTS, scores(first, X, y), strict=True):
            less = found - ridge
            print(
                f"{name}, {n:2d}: {found.mean():.3f} ± {standard_error(found):.3f}, "
                f"less ridge {less.mean():+.3f} ± {standard_error(less):.3f}",
                flush=True,
            )


def first_latent(X: list[NDArray], y: list[NDArray], chosen: NDArray) -> list[NDArray]:
    """Coefficients of partial least squares with the first components of one fit."""
    fitted = fit(PLSRegression(COMPONENTS[-1], scale=False), X, y, chosen)
    return [fitted.x_rotations_[:, :n] @ fitted.y_loadings_[0, :n] for n in COMPONENTS]


def first_principal(X: list[NDArray], y: list[NDArray], chosen: NDArray) -> list[NDArray]:
    """Coefficients of regressions on the first principal components."""
    columns = np.concatenate([X[k] for k in chosen])
    components = PCA(COMPONENTS[-1], svd_solver="covariance_eigh").fit(columns)
    along = LinearRegression().fit(
        components.transform(columns), np.concatenate([y[k] for k in chosen])
    )
    # Components do not correlate: each has the coefficient that it has alone.
    return [components.components_[:n].T @ along.coef_[:n] for n in COMPONENTS]


def scores(coefficients, X: list[NDArray], y: list[NDArray]) -> list[NDArray]:
    """Correlation in each configuration left out, for each of the fits to the others."""
    everything = np.arange(len(X))
    found = [
        [pearson(X[k] @ fitted, y[k]) for fitted in coefficients(np.delete(everything, k))]
        for k in everything
    ]
    return list(np.transpose(found))


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
