"""All that linear least squares needs to know of a set of samples."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import reduce
from operator import add

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import linalg


@dataclass(frozen=True, eq=False)
class Moments:
    """Number, means and centred products of samples, which add up over sets of samples.

    Sums are kept about the mean of each set, and the means enter where sets are joined (Chan, Golub
    and LeVeque, Am. Stat. 37, 242, 1983), so that nothing cancels however far the columns are from
    zero. Memory: `n_features`^2 numbers, whatever the number of samples.

    Attributes
    ----------
    n : float
        Sum of their weights.
    x_mean : ndarray, shape (n_features,)
    y_mean : ndarray, shape (n_targets,)
    xx : ndarray, shape (n_features, n_features)
    xy : ndarray, shape (n_features, n_targets)
    yy : ndarray, shape (n_targets,)
    """

    n: float
    x_mean: NDArray[np.float64]
    y_mean: NDArray[np.float64]
    xx: NDArray[np.float64]
    xy: NDArray[np.float64]
    yy: NDArray[np.float64]

    @classmethod
    def of(cls, X: ArrayLike, y: ArrayLike) -> Moments:
        """Sum over samples X (n, n_features) and y (n,) or (n, n_targets), in float64."""
        features = np.asarray(X, dtype=np.float64)
        targets = np.asarray(y, dtype=np.float64).reshape(len(features), -1)
        x_mean, y_mean = features.mean(axis=0), targets.mean(axis=0)
        dx, dy = features - x_mean, targets - y_mean
        return cls(len(dx), x_mean, y_mean, dx.T @ dx, dx.T @ dy, (dy**2).sum(axis=0))

    def __add__(self, other: Moments) -> Moments:
        n = self.n + other.n
        dx, dy = other.x_mean - self.x_mean, other.y_mean - self.y_mean
        weight, part = self.n * other.n / n, other.n / n
        xx = np.outer(weight * dx, dx)
        xx += self.xx
        xx += other.xx
        return Moments(
            n,
            self.x_mean + part * dx,
            self.y_mean + part * dy,
            xx,
            self.xy + other.xy + np.outer(weight * dx, dy),
            self.yy + other.yy + weight * dy**2,
        )

    def deviations(self, weight: float = 1.0) -> Moments:
        """Describe the same samples less their means, each counted `weight` times."""
        zeros = np.zeros_like
        # Without the means, nothing would tell what constant columns leave from small variances.
        kept = weight * (self._scale() > 0)
        return Moments(
            weight * self.n,
            zeros(self.x_mean),
            zeros(self.y_mean),
            self.xx * np.minimum(kept, kept[:, None]),
            self.xy * kept[:, None],
            self.yy * weight,
        )

    def ridge(
        self, alphas: ArrayLike, penalties: ArrayLike = 1.0
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Fit on columns of zero mean and unit variance with each penalty.

        Parameters
        ----------
        alphas : array_like, shape (n_alphas,)
        penalties : array_like, shape (n_features,)
            Factors of the penalty, column by column.

        Returns
        -------
        coefficients : ndarray, shape (n_alphas, n_targets, n_features)
            Of the columns as they are, not standardised; 0 for columns that do not vary.
        intercepts : ndarray, shape (n_alphas, n_targets)
        """
        alphas = np.atleast_1d(np.asarray(alphas, dtype=np.float64))
        scale = self._scale() / np.sqrt(penalties)
        eigenvalues, vectors = np.linalg.eigh(self.xx * scale * scale[:, None])
        projection = (vectors.T @ (self.xy * scale[:, None])).T
        shrunk = projection / (np.maximum(eigenvalues, 0) + alphas[:, None, None])
        coefficients = (shrunk @ vectors.T) * scale
        return coefficients, self.y_mean - coefficients @ self.x_mean

    def principal_components(self, n_components: int) -> NDArray[np.float64]:
        """Find the directions of most variance of standardised columns.

        Returns
        -------
        ndarray, shape (n_components, n_features)
            To be multiplied with the columns as they are; fewer rows where fewer directions vary.
            The components have variance 1 and come in falling order of what they explain.
        """
        scale = self._scale()
        last = len(scale) - 1
        eigenvalues, vectors = linalg.eigh(
            self.xx * scale * scale[:, None] / self.n,
            subset_by_index=[last + 1 - n_components, last],
        )
        kept = eigenvalues > 1e-9 * eigenvalues[-1]
        return (vectors[:, kept] / np.sqrt(eigenvalues[kept])).T[::-1] * scale

    def _scale(self) -> NDArray[np.float64]:
        """Inverse standard deviations; 0 for columns that do not vary."""
        variance = np.diag(self.xx) / self.n
        # Rounding leaves constant columns a variance of order (machine epsilon * mean)^2.
        varies = variance > np.maximum(1e-24 * self.x_mean**2, np.finfo(float).tiny)
        return np.where(varies, 1 / np.sqrt(np.where(varies, variance, 1.0)), 0.0)

    def squared_errors(
        self, coefficients: NDArray[np.float64], intercepts: NDArray[np.float64]
    ) -> NDArray[np.float64]:
        """Sum the squared residuals of these samples, shape (n_alphas, n_targets)."""
        linear = (coefficients * self.xy.T).sum(axis=-1)
        quadratic = (coefficients @ self.xx * coefficients).sum(axis=-1)
        mean_residual = self.y_mean - intercepts - coefficients @ self.x_mean
        return self.yy - 2 * linear + quadratic + self.n * mean_residual**2


def leave_one_out(folds: Sequence[Moments]) -> Iterator[tuple[Moments, Moments]]:
    """Yield each fold and the sum of all others."""
    for number, fold in enumerate(folds):
        yield fold, reduce(add, (*folds[:number], *folds[number + 1 :]))
