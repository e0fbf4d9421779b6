"""Averages and stacks of regressors whose samples come in groups."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.optimize import nnls
from sklearn.base import BaseEstimator, RegressorMixin, clone
from sklearn.utils.validation import has_fit_parameter

from ._grouped_samples import deal_folds, features_to_predict, grouped_samples
from .boosting import GroupedBoosting
from .ridge import GroupedRidge


class GroupedAverage(RegressorMixin, BaseEstimator):
    """Mean of the predictions of several regressors.

    Parameters
    ----------
    regressors : list of estimators, optional
        `GroupedRidge` and `GroupedBoosting` by default. Those whose ``fit`` takes ``groups``
        receive them.

    Attributes
    ----------
    regressors_ : list of estimators
        The fitted ones.

    Examples
    --------
    >>> import numpy as np
    >>> rng = np.random.default_rng(0)
    >>> X = rng.normal(size=(60, 3))
    >>> average = GroupedAverage([GroupedRidge(), GroupedRidge(alphas=[10.0])])
    >>> float(average.fit(X, X[:, 0], groups=np.arange(60) // 20).score(X, X[:, 0])) > 0.9
    True
    """

    def __init__(self, regressors: Sequence[Any] | None = None) -> None:
        self.regressors = regressors

    def fit(self, X: ArrayLike, y: ArrayLike, groups: ArrayLike | None = None) -> GroupedAverage:
        """Fit every regressor; parameters as in `GroupedRidge.fit`, with a single target."""
        features, targets, members = grouped_samples(self, X, y, groups)
        self.regressors_ = [
            _fit(regressor, features, targets, members) for regressor in _chosen(self.regressors)
        ]
        return self

    def predict(self, X: ArrayLike) -> NDArray[np.float64]:
        """Predict, shape (n_samples,)."""
        features = features_to_predict(self, X)
        return np.mean([regressor.predict(features) for regressor in self.regressors_], axis=0)


class GroupedStacking(RegressorMixin, BaseEstimator):
    """Weighted sum of the predictions of several regressors, the weights learnt over groups.

    Each regressor predicts every group from a fit to other groups only. The weights, none of them
    negative, and an intercept are least squares of the targets on these predictions (Breiman, Mach.
    Learn. 24, 49, 1996); then each regressor is fitted to all groups. The weights never depend on
    predictions for samples that a regressor was fitted to.

    Parameters
    ----------
    regressors : list of estimators, optional
        As in `GroupedAverage`.
    n_splits : int
        Largest number of folds for the groups.

    Attributes
    ----------
    regressors_ : list of estimators
        Fitted to all samples.
    weights_ : ndarray, shape (n_regressors,)
    intercept_ : float
    out_of_fold_ : ndarray, shape (n_samples, n_regressors)
        The predictions that the weights were learnt from.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn.dummy import DummyRegressor
    >>> from vitreous.models import GroupedRidge, GroupedStacking
    >>> X = np.random.default_rng(0).normal(size=(60, 3))
    >>> stack = GroupedStacking([GroupedRidge(), DummyRegressor()])
    >>> stack.fit(X, X[:, 0], groups=np.arange(60) // 20).weights_.round(1)
    array([1., 0.])
    """

    def __init__(self, regressors: Sequence[Any] | None = None, n_splits: int = 5) -> None:
        self.regressors = regressors
        self.n_splits = n_splits

    def fit(self, X: ArrayLike, y: ArrayLike, groups: ArrayLike | None = None) -> GroupedStacking:
        """Fit regressors and weights; parameters as in `GroupedRidge.fit`, with a single target.

        At least three groups are needed for regressors that choose settings over groups.
        """
        features, targets, members = grouped_samples(self, X, y, groups)
        chosen = _chosen(self.regressors)
        folds = deal_folds(members.max() + 1, self.n_splits)[members]
        self.out_of_fold_ = np.empty((len(targets), len(chosen)))
        for fold in np.unique(folds):
            kept, left_out = folds != fold, folds == fold
            for column, regressor in enumerate(chosen):
                fitted = _fit(regressor, features[kept], targets[kept], members[kept])
                self.out_of_fold_[left_out, column] = fitted.predict(features[left_out])
        means = self.out_of_fold_.mean(axis=0)
        self.weights_, _ = nnls(self.out_of_fold_ - means, targets - targets.mean())
        self.intercept_ = float(targets.mean() - means @ self.weights_)
        self.regressors_ = [_fit(regressor, features, targets, members) for regressor in chosen]
        return self

    def predict(self, X: ArrayLike) -> NDArray[np.float64]:
        """Predict, shape (n_samples,)."""
        features = features_to_predict(self, X)
        predictions = [regressor.predict(features) for regressor in self.regressors_]
        return np.stack(predictions, axis=1) @ self.weights_ + self.intercept_


def _chosen(regressors: Sequence[Any] | None) -> list[Any]:
    chosen = [GroupedRidge(), GroupedBoosting()] if regressors is None else list(regressors)
    if not chosen:
        raise ValueError("there are no regressors to combine")
    return chosen


def _fit(
    regressor: Any, X: NDArray[np.floating], y: NDArray[np.float64], groups: NDArray[np.int64]
) -> Any:
    if has_fit_parameter(regressor, "groups"):
        return clone(regressor).fit(X, y, groups=groups)
    return clone(regressor).fit(X, y)
