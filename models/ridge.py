"""Ridge regression whose penalty is chosen across configurations."""

from __future__ import annotations

from dataclasses import dataclass
from functools import reduce

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import linalg
from sklearn.base import BaseEstimator, RegressorMixin
from sklearn.model_selection import GroupKFold

from ._grouped_samples import features_to_predict, grouped_samples


class GroupedRidge(RegressorMixin, BaseEstimator):
    """Ridge regression on standardised columns, its penalty chosen over held-out groups.

    Minimises ``|y - a - Z w|^2 + alpha |w|^2`` with Z the columns at zero mean and unit variance.
    The particles of one configuration are not independent: a penalty chosen over single particles
    comes out far too small. Here `groups` name the configurations, and the penalty is the one that
    predicts left-out configurations with the least squared error. Only the products ``Z'Z`` and
    ``Z'y`` of each fold enter, so that all penalties cost one eigendecomposition a fold.

    Parameters
    ----------
    alphas : array_like, optional
        Penalties to choose from; 29 from 1 to 1e7 by default.
    n_splits : int
        Most folds to divide the groups into.

    Attributes
    ----------
    alpha_ : float
        The chosen penalty.
    held_out_errors_ : ndarray, shape (n_alphas,)
        Mean squared error of each penalty over left-out groups.
    coef_ : ndarray, shape (n_features,)
        Coefficients of the columns as they are given, not standardised.
    intercept_ : float

    Examples
    --------
    >>> import numpy as np
    >>> rng = np.random.default_rng(0)
    >>> X = rng.normal(size=(60, 3))
    >>> groups = np.repeat([0, 1, 2], 20)
    >>> ridge = GroupedRidge().fit(X, X @ [1.0, 2.0, 3.0], groups=groups)
    >>> ridge.coef_.round(1)
    array([1., 2., 3.])
    """

    def __init__(self, alphas: ArrayLike | None = None, n_splits: int = 10) -> None:
        self.alphas = alphas
        self.n_splits = n_splits

    def fit(self, X: ArrayLike, y: ArrayLike, groups: ArrayLike | None = None) -> GroupedRidge:
        """Choose the penalty and fit.

        Parameters
        ----------
        X : array_like, shape (n_samples, n_features)
        y : array_like, shape (n_samples,)
        groups : array_like, shape (n_samples,), optional
            Configuration of each sample; without it every sample is a group of its own.

        Returns
        -------
        GroupedRidge

        Raises
        ------
        ValueError
            If there are fewer than two groups.
        """
        features, targets, members = grouped_samples(self, X, y, groups)
        alphas = np.logspace(0, 7, 29) if self.alphas is None else np.asarray(self.alphas, float)

        # A fixed shift and scale keep the products well conditioned; they do not change the model.
        head = features[members == members[0]].astype(np.float64)
        shift = head.mean(axis=0)
        spread = head.std(axis=0)
        scale = np.where(spread > 0, spread, 1.0)
        n_folds = min(self.n_splits, len(np.unique(members)))
        splits = GroupKFold(n_folds).split(features, targets, members)
        folds = [
            _Moments.of((features[held_out] - shift) / scale, targets[held_out])
            for _, held_out in splits
        ]
        total = reduce(_Moments.__add__, folds)
        errors = [fold.squared_errors(*(total - fold).ridge(alphas)) for fold in folds]
        self.held_out_errors_ = np.sum(errors, axis=0) / len(targets)
        self.alpha_ = float(alphas[np.argmin(self.held_out_errors_)])
        coefficients, intercepts = total.ridge(np.array([self.alpha_]))
        self.coef_ = coefficients[:, 0] / scale
        self.intercept_ = float(intercepts[0] - shift @ self.coef_)
        return self

    def predict(self, X: ArrayLike) -> NDArray[np.float64]:
        """Predict, shape (n_samples,)."""
        return features_to_predict(self, X) @ self.coef_ + self.intercept_


@dataclass(frozen=True)
class _Moments:
    """Sums and products of a set of samples, all that linear least squares needs of them."""

    n: int
    x: NDArray[np.float64]
    y: float
    xx: NDArray[np.float64]
    xy: NDArray[np.float64]
    yy: float

    @classmethod
    def of(cls, X: NDArray[np.float64], y: NDArray[np.float64]) -> _Moments:
        return cls(len(y), X.sum(axis=0), float(y.sum()), X.T @ X, X.T @ y, float(y @ y))

    def __add__(self, other: _Moments) -> _Moments:
        return _Moments(*(a + b for a, b in self._paired(other)))

    def __sub__(self, other: _Moments) -> _Moments:
        return _Moments(*(a - b for a, b in self._paired(other)))

    def _paired(self, other: _Moments):
        return zip(vars(self).values(), vars(other).values(), strict=True)

    def ridge(self, alphas: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Coefficients (n_features, n_alphas) and intercepts (n_alphas,) for each penalty."""
        mean = self.x / self.n
        covariance = self.xx - np.outer(self.x, mean)
        variance = np.diag(covariance) / self.n
        varies = variance > 1e-12 * np.maximum(1.0, mean**2)
        inverse_spread = np.where(varies, 1 / np.sqrt(np.where(varies, variance, 1.0)), 0.0)
        standardised = covariance * np.outer(inverse_spread, inverse_spread)
        eigenvalues, vectors = linalg.eigh(standardised, overwrite_a=True)
        projection = vectors.T @ ((self.xy - self.x * self.y / self.n) * inverse_spread)
        shrunk = projection[:, None] / (np.maximum(eigenvalues, 0)[:, None] + alphas)
        coefficients = inverse_spread[:, None] * (vectors @ shrunk)
        return coefficients, self.y / self.n - mean @ coefficients

    def squared_errors(
        self, coefficients: NDArray[np.float64], intercepts: NDArray[np.float64]
    ) -> NDArray[np.float64]:
        """Sum of squared residuals of these samples for each set of coefficients."""
        linear = self.xy @ coefficients + intercepts * self.y
        quadratic = (coefficients * (self.xx @ coefficients)).sum(axis=0)
        cross = 2 * intercepts * (self.x @ coefficients) + self.n * intercepts**2
        return self.yy - 2 * linear + quadratic + cross
