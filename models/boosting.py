"""Gradient-boosted trees that stop early on held-out configurations."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.base import BaseEstimator, RegressorMixin
from sklearn.ensemble import HistGradientBoostingRegressor
from sklearn.model_selection import GroupShuffleSplit

from ._grouped_samples import features_to_predict, grouped_samples


class GroupedBoosting(RegressorMixin, BaseEstimator):
    """Histogram gradient boosting, its number of trees chosen over held-out groups.

    A part of the groups is held out to find the number of trees after which the squared error no
    longer falls; the final model has that many trees and learns from all groups. Only the columns
    that correlate most with the target are used, because the time to grow a tree is proportional
    to their number and neighbouring shells say nearly the same.

    Parameters
    ----------
    n_selected : int
        Number of columns to keep, by their absolute correlation with the target over the samples
        a model is trained on.
    learning_rate, max_leaf_nodes, min_samples_leaf, l2_regularization
        As in `sklearn.ensemble.HistGradientBoostingRegressor`.
    max_trees : int
        Most trees to grow.
    patience : int
        Trees to wait for the held-out error to fall.
    held_out : float
        Fraction of the groups held out to choose the number of trees.
    random_state : int
        Draws the held-out groups.

    Attributes
    ----------
    n_trees_ : int
        The chosen number of trees.
    selected_ : ndarray of int
        Columns in use.

    Examples
    --------
    >>> import numpy as np
    >>> rng = np.random.default_rng(0)
    >>> X = rng.normal(size=(400, 2))
    >>> boosting = GroupedBoosting().fit(X, X[:, 0] > 0, groups=np.arange(400) // 100)
    >>> boosting.predict([[2.0, 0.0], [-2.0, 0.0]]).round(1)
    array([1., 0.])
    """

    def __init__(
        self,
        n_selected: int = 150,
        learning_rate: float = 0.05,
        max_leaf_nodes: int = 15,
        min_samples_leaf: int = 40,
        l2_regularization: float = 1.0,
        max_trees: int = 400,
        patience: int = 20,
        held_out: float = 0.25,
        random_state: int = 0,
    ) -> None:
        self.n_selected = n_selected
        self.learning_rate = learning_rate
        self.max_leaf_nodes = max_leaf_nodes
        self.min_samples_leaf = min_samples_leaf
        self.l2_regularization = l2_regularization
        self.max_trees = max_trees
        self.patience = patience
        self.held_out = held_out
        self.random_state = random_state

    def fit(self, X: ArrayLike, y: ArrayLike, groups: ArrayLike | None = None) -> GroupedBoosting:
        """Choose the number of trees and fit; parameters as in `GroupedRidge.fit`."""
        features, targets, members = grouped_samples(self, X, y, groups)
        split = GroupShuffleSplit(1, test_size=self.held_out, random_state=self.random_state)
        kept, held_out = next(split.split(features, targets, members))
        columns = _most_correlated(features[kept], targets[kept], self.n_selected)
        search = self._trees(self.max_trees, early_stopping=True)
        search.fit(
            features[kept][:, columns],
            targets[kept],
            X_val=features[held_out][:, columns],
            y_val=targets[held_out],
        )
        self.n_trees_ = int(np.argmax(search.validation_score_[1:])) + 1
        self.selected_ = _most_correlated(features, targets, self.n_selected)
        self.model_ = self._trees(self.n_trees_, early_stopping=False)
        self.model_.fit(features[:, self.selected_], targets)
        return self

    def predict(self, X: ArrayLike) -> NDArray[np.float64]:
        """Predict, shape (n_samples,)."""
        features = features_to_predict(self, X)
        return self.model_.predict(features[:, self.selected_])

    def _trees(self, n_trees: int, early_stopping: bool) -> HistGradientBoostingRegressor:
        return HistGradientBoostingRegressor(
            learning_rate=self.learning_rate,
            max_iter=n_trees,
            max_leaf_nodes=self.max_leaf_nodes,
            min_samples_leaf=self.min_samples_leaf,
            l2_regularization=self.l2_regularization,
            early_stopping=early_stopping,
            n_iter_no_change=self.patience,
            random_state=self.random_state,
        )


def _most_correlated(
    X: NDArray[np.floating], y: NDArray[np.float64], n_selected: int
) -> NDArray[np.intp]:
    """Columns with the largest absolute Pearson correlation, in their own order."""
    deviation = X - X.mean(axis=0, dtype=np.float64)
    spread = np.sqrt((deviation**2).sum(axis=0))
    covariance = abs((y - y.mean()) @ deviation)
    correlation = np.where(spread > 0, covariance / np.where(spread > 0, spread, 1), 0)
    return np.sort(np.argsort(-correlation, kind="stable")[:n_selected])
