"""Gradient-boosted trees on what a ridge leaves unexplained."""

from __future__ import annotations

from functools import reduce
from operator import add

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.base import BaseEstimator, RegressorMixin
from sklearn.ensemble import HistGradientBoostingRegressor
from threadpoolctl import threadpool_limits

from ._at_bound import ends_chosen
from ._grouped_samples import deal_folds, features_to_predict, grouped_samples
from .ridge import GroupedRidge

# Threads wait for each other at every node of every tree. With less to do than this for each of
# them, they wait more than they work, and on a busy machine for very long.
_VALUES_PER_THREAD = 1_000_000


class GroupedBoosting(RegressorMixin, BaseEstimator):
    """Ridge regression, corrected by boosted trees as far as that helps on left-out groups.

    Shells of neighbouring radii vary together, and mobility is nearly linear in them. Trees, which
    split one column at a time, follow such a slope badly and slowly, so `GroupedRidge` takes it
    away first: the trees learn what ridges fitted to other groups leave of the targets. They see
    the leading principal components of the standardised columns, few instead of a thousand, because
    the time to grow a tree is proportional to their number. The number of trees, which may be zero,
    is the one with the least squared error over left-out groups.

    Parameters
    ----------
    n_components : int
        Principal components that the trees see. Columns are used as they are where there are no
        more than that.
    learning_rate, max_leaf_nodes, min_samples_leaf, l2_regularization
        As in `sklearn.ensemble.HistGradientBoostingRegressor`.
    max_trees : int
        Most trees to grow.
    patience : int
        Trees to wait for the error over left-out groups to fall.
    n_splits : int
        Most folds that the groups are dealt out to.

    Attributes
    ----------
    ridge_ : GroupedRidge
    alpha_ : float
        The penalty that the ridge chose.
    n_trees_ : int
        The chosen number of trees.
    at_bound_ : bool
        Whether all of `max_trees` are grown, and the last `patience` of them still made the error
        over left-out groups smaller, by a hundredth of what the ridge leaves.
    trees_ : HistGradientBoostingRegressor or None
        None where there are no trees.
    components_ : ndarray, shape (n_components, n_features), or None
        What the columns are projected on; None where they are used as they are.

    Examples
    --------
    >>> import numpy as np
    >>> rng = np.random.default_rng(0)
    >>> X = rng.normal(size=(800, 2))
    >>> groups = np.arange(800) // 100
    >>> boosting = GroupedBoosting(min_samples_leaf=20).fit(X, X[:, 0] > 0, groups=groups)
    >>> boosting.predict([[2.0, 0.0], [0.3, 0.0], [-0.3, 0.0]]).round().astype(int)
    array([1, 1, 0])
    """

    def __init__(
        self,
        n_components: int = 60,
        learning_rate: float = 0.05,
        max_leaf_nodes: int = 15,
        min_samples_leaf: int = 100,
        l2_regularization: float = 1.0,
        max_trees: int = 400,
        patience: int = 20,
        n_splits: int = 5,
    ) -> None:
        self.n_components = n_components
        self.learning_rate = learning_rate
        self.max_leaf_nodes = max_leaf_nodes
        self.min_samples_leaf = min_samples_leaf
        self.l2_regularization = l2_regularization
        self.max_trees = max_trees
        self.patience = patience
        self.n_splits = n_splits

    def fit(self, X: ArrayLike, y: ArrayLike, groups: ArrayLike | None = None) -> GroupedBoosting:
        """Fit the ridge and the trees; parameters as in `GroupedRidge.fit`, with a single target.

        Two groups suffice for the ridge, but leave little to judge the trees by.
        """
        features, targets, members = grouped_samples(self, X, y, groups)
        folds = deal_folds(members.max() + 1, self.n_splits)[members]
        left_out = [folds == fold for fold in range(folds.max() + 1)]
        self.ridge_ = GroupedRidge(n_splits=self.n_splits)
        moments = [self.ridge_.summarize(features[rows], targets[rows]) for rows in left_out]
        self.ridge_.fit_summaries(moments)
        self.alpha_ = self.ridge_.alpha_

        total = reduce(add, moments)
        residuals = np.empty(len(targets))
        for number, rows in enumerate(left_out):
            others = reduce(add, (*moments[:number], *moments[number + 1 :]))
            coefficients, intercepts = others.ridge([self.ridge_.alpha_])
            residuals[rows] = targets[rows] - features[rows] @ coefficients[0, 0] - intercepts[0, 0]
        few = self.n_components >= features.shape[1]
        self.components_ = None if few else total.principal_components(self.n_components)

        columns = self._columns(features)
        n_threads = max(1, columns.size // _VALUES_PER_THREAD)
        with threadpool_limits(n_threads, user_api="openmp"):
            self.n_trees_ = self._choose_n_trees(columns, residuals, left_out)
            self.trees_ = None
            if self.n_trees_:
                self.trees_ = self._trees(self.n_trees_, early_stopping=False)
                self.trees_.fit(columns, residuals)
        return self

    def predict(self, X: ArrayLike) -> NDArray[np.float64]:
        """Predict, shape (n_samples,)."""
        features = features_to_predict(self, X)
        linear = self.ridge_.predict(features)
        return (
            linear if self.trees_ is None else linear + self.trees_.predict(self._columns(features))
        )

    def _columns(self, features: NDArray[np.floating]) -> NDArray[np.floating]:
        """Project the columns on what the trees see."""
        return features if self.components_ is None else features @ self.components_.T

    def _choose_n_trees(
        self,
        columns: NDArray[np.floating],
        residuals: NDArray[np.float64],
        left_out: list[NDArray[np.bool_]],
    ) -> int:
        """Sum the squared errors of the folds after each tree, as far as all were grown."""
        curves = []
        for rows in left_out:
            trees = self._trees(self.max_trees, early_stopping=True)
            trees.fit(columns[~rows], residuals[~rows], X_val=columns[rows], y_val=residuals[rows])
            curves.append(-trees.validation_score_ * rows.sum())
        length = min(map(len, curves))
        curve = np.sum([curve[:length] for curve in curves], axis=0)
        before = max(0, self.max_trees - self.patience)
        ends = np.array([0, before, self.max_trees] if before else [0, self.max_trees])
        self.at_bound_ = False
        if length > self.max_trees:
            (end,) = ends_chosen(ends, curve[ends][:, None], curve[0])
            self.at_bound_ = bool(end == "largest")
        return int(np.argmin(curve))

    def _trees(self, n_trees: int, early_stopping: bool) -> HistGradientBoostingRegressor:
        return HistGradientBoostingRegressor(
            learning_rate=self.learning_rate,
            max_iter=n_trees,
            max_leaf_nodes=self.max_leaf_nodes,
            min_samples_leaf=self.min_samples_leaf,
            l2_regularization=self.l2_regularization,
            early_stopping=early_stopping,
            n_iter_no_change=self.patience,
            random_state=0,
        )
