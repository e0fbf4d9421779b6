"""Ridge regression whose penalty is chosen across configurations."""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce
from operator import add

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.base import BaseEstimator, RegressorMixin

from ._at_bound import ends_chosen
from ._grouped_samples import ONE_GROUP, deal_folds, features_to_predict, grouped_samples
from ._normal_equations import Moments, leave_one_out


class GroupedRidge(RegressorMixin, BaseEstimator):
    """Ridge regression on standardised columns, its penalty chosen over held-out groups.

    Minimises ``|y - a - Z w|^2 + alpha |w|^2`` with Z the columns at zero mean and unit variance.
    The particles of one configuration are not independent: a penalty chosen over single particles
    comes out far too small. Here `groups` name the configurations, and the penalty is the one that
    predicts left-out configurations with the least squared error. Every target has a penalty of its
    own.

    Only the products ``Z'Z`` and ``Z'y`` of each fold of groups enter: all penalties and targets
    cost one eigendecomposition a fold, and the samples need not be in memory together. As a
    `StreamingRegressor` it takes any number of configurations, with memory for about twice
    `n_splits` matrices of ``n_features ** 2`` numbers.

    Parameters
    ----------
    alphas : array_like, optional
        Penalties to choose from; 29 from 1 to 1e7 by default.
    n_splits : int
        Largest number of folds; fewer groups are left out one by one, more are dealt out at random.

    Attributes
    ----------
    alpha_ : float or ndarray, shape (n_targets,)
        The chosen penalty.
    at_bound_ : str or ndarray of str, shape (n_targets,)
        "smallest" or "largest" where that is the end of `alphas` and the last step to it made the
        squared error over left-out groups smaller by a hundredth of the variance of the labels, so
        that it pays to offer smaller or larger ones; "" elsewhere.
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
        folds = deal_folds(members.max() + 1, self.n_splits)[members]
        summaries = [
            self.summarize(features[folds == fold], targets[folds == fold])
            for fold in range(folds.max() + 1)
        ]
        return self._fit_moments(summaries, one_target=targets.ndim == 1)

    def summarize(self, X: ArrayLike, y: ArrayLike) -> Moments:
        """Reduce samples to what `fit_summaries` needs; summaries are joined with ``+``.

        See `StreamingRegressor`.
        """
        return Moments.of(X, y)

    def fit_summaries(self, folds: Sequence[Moments]) -> GroupedRidge:
        """Choose the penalty and fit, without the samples.

        Parameters
        ----------
        folds : sequence of Moments
            One summary for each fold, at least two. No group may be in more than one of them.
        """
        self.n_features_in_ = len(folds[0].x_mean)
        return self._fit_moments(folds, one_target=len(folds[0].y_mean) == 1)

    def predict(self, X: ArrayLike) -> NDArray[np.float64]:
        """Predict, shape (n_samples,) or (n_samples, n_targets)."""
        return features_to_predict(self, X) @ self.coef_.T + self.intercept_

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.target_tags.multi_output = True
        return tags

    def _fit_moments(self, folds: Sequence[Moments], one_target: bool) -> GroupedRidge:
        if len(folds) < 2:
            raise ValueError(ONE_GROUP)
        alphas = np.logspace(0, 7, 29) if self.alphas is None else np.asarray(self.alphas, float)
        errors = np.zeros((len(alphas), len(folds[0].y_mean)))
        for fold, others in leave_one_out(folds):
            errors += fold.squared_errors(*others.ridge(alphas))
        best = np.argmin(errors, axis=0)
        total = reduce(add, folds)
        coefficients, intercepts = total.ridge(alphas)
        chosen = np.arange(len(best))
        target = 0 if one_target else slice(None)
        self.held_out_errors_ = errors[:, target] / total.n
        self.alpha_ = alphas[best][target]
        ends = ends_chosen(alphas, errors, total.yy)
        self.at_bound_ = str(ends[0]) if one_target else ends
        self.coef_ = coefficients[best, chosen][target]
        self.intercept_ = intercepts[best, chosen][target]
        return self
