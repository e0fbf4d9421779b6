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
    ``Z'y`` of each fold enter, so that all penalties and all targets cost one eigendecomposition a
    fold. Every target has a penalty of its own.

    Parameters
    ----------
    alphas : array_like, optional
        Penalties to choose from; 29 from 1 to 1e7 by default.
    n_splits : int
        Most folds to divide the groups into.

    Attributes
    ----------
    alpha_ : float or ndarray, shape (n_targets,)
        The chosen penalty.
    held_out_errors_ : ndarray, shape (n_alphas,) or (n_alphas, n_targets)
        Mean squared error of each penalty over left-out groups.
    coef_ : ndarray, shape (n_features,) or (n_targets, n_features)
        Coefficients of the columns as they are given, not standardised.
    intercept_ : float or ndarray, shape (n_targets,)

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
        y : array_like, shape (n_samples,) or (n_samples, n_targets)
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
        features, targets, members = grouped_samples(self, X, y, groups, multi_output=True)
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
        errors = np.sum(
            [fold.squared_errors(*(total - fold).ridge(alphas)) for fold in folds], axis=0
        )
        best = np.argmin(errors, axis=0)
        coefficients, intercepts = total.ridge(alphas)
        chosen = np.arange(len(best))
        self._store(
            errors / len(targets),
            alphas[best],
            coefficients[best, chosen] / scale,
            intercepts[best, chosen] - coefficients[best, chosen] @ (shift / scale),
            one_target=targets.ndim == 1,
        )
        return self

    def predict(self, X: ArrayLike) -> NDArray[np.float64]:
        """Predict, shape (n_samples,) or (n_samples, n_targets)."""
        return features_to_predict(self, X) @ self.coef_.T + self.intercept_

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.target_tags.multi_output = True
        return tags

    def _store(
        self,
        errors: NDArray[np.float64],
        alphas: NDArray[np.float64],
        coefficients: NDArray[np.float64],
        intercepts: NDArray[np.float64],
        one_target: bool,
    ) -> None:
        """Set the fitted attributes, without the axis of targets where there is only one."""
        self.held_out_errors_ = errors[:, 0] if one_target else errors
        self.alpha_ = float(alphas[0]) if one_target else alphas
        self.coef_ = coefficients[0] if one_target else coefficients
        self.intercept_ = float(intercepts[0]) if one_target else intercepts


@dataclass(frozen=True)
class _Moments:
    """Sums and products of a set of samples, all that linear least squares needs of them."""

    n: int
    x: NDArray[np.float64]
    y: NDArray[np.float64]
    xx: NDArray[np.float64]
    xy: NDArray[np.float64]
    yy: NDArray[np.float64]

    @classmethod
    def of(cls, X: NDArray[np.float64], y: NDArray[np.float64]) -> _Moments:
        y = y.reshape(len(y), -1)
        return cls(len(y), X.sum(axis=0), y.sum(axis=0), X.T @ X, X.T @ y, (y**2).sum(axis=0))

    def __add__(self, other: _Moments) -> _Moments:
        return _Moments(*(a + b for a, b in self._paired(other)))

    def __sub__(self, other: _Moments) -> _Moments:
        return _Moments(*(a - b for a, b in self._paired(other)))

    def _paired(self, other: _Moments):
        return zip(vars(self).values(), vars(other).values(), strict=True)

    def ridge(self, alphas: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Coefficients (n_alphas, n_targets, n_features) and intercepts (n_alphas, n_targets)."""
        mean = self.x / self.n
        covariance = self.xx - np.outer(self.x, mean)
        variance = np.diag(covariance) / self.n
        varies = variance > 1e-12 * np.maximum(1.0, mean**2)
        inverse_spread = np.where(varies, 1 / np.sqrt(np.where(varies, variance, 1.0)), 0.0)
        standardised = covariance * np.outer(inverse_spread, inverse_spread)
        eigenvalues, vectors = linalg.eigh(standardised, overwrite_a=True)
        centred = (self.xy - np.outer(mean, self.y)) * inverse_spread[:, None]
        projection = (vectors.T @ centred).T
        shrunk = projection / (np.maximum(eigenvalues, 0) + alphas[:, None, None])
        coefficients = (shrunk @ vectors.T) * inverse_spread
        return coefficients, self.y / self.n - coefficients @ mean

    def squared_errors(
        self, coefficients: NDArray[np.float64], intercepts: NDArray[np.float64]
    ) -> NDArray[np.float64]:
        """Sum the squared residuals of these samples, shape (n_alphas, n_targets)."""
        linear = (coefficients * self.xy.T).sum(axis=-1) + intercepts * self.y
        quadratic = (coefficients @ self.xx * coefficients).sum(axis=-1)
        cross = 2 * intercepts * (coefficients @ self.x) + self.n * intercepts**2
        return self.yy - 2 * linear + quadratic + cross
