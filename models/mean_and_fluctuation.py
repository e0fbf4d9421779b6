"""Ridge regression that treats configurations and the particles within them apart."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce
from operator import add

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.base import BaseEstimator, RegressorMixin
from sklearn.linear_model import RidgeCV
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler

from ._at_bound import ends_chosen
from ._grouped_samples import ONE_GROUP, deal_folds, features_to_predict, grouped_samples
from ._normal_equations import Moments, leave_one_out


@dataclass(frozen=True, eq=False)
class TwoLevelSummary:
    """Deviations from the means of configurations, and these means; summaries add up.

    Attributes
    ----------
    deviations : Moments
        Of the features and labels of particles less their means over the configuration.
    x_means : ndarray, shape (n_configurations, n_features)
    y_means : ndarray, shape (n_configurations, n_targets)
    """

    deviations: Moments
    x_means: NDArray[np.float64]
    y_means: NDArray[np.float64]

    def __add__(self, other: TwoLevelSummary) -> TwoLevelSummary:
        return TwoLevelSummary(
            self.deviations + other.deviations,
            np.concatenate([self.x_means, other.x_means]),
            np.concatenate([self.y_means, other.y_means]),
        )


class TwoLevelRidge(RegressorMixin, BaseEstimator):
    r"""Ridge regression of the mean of a configuration, and of the deviations from it.

    .. math::

        \hat y_i = \hat Y(\bar x) + \sum_f w_f \, (x_{if} - \bar x_f),

    with :math:`\bar x` the means over the particles of the configuration. Training sets hold many
    particles but few configurations, and with many columns a regression on all of x fits the mean
    labels of the training configurations by chance. Here they are a regression of their own, on
    few columns, such as energies. The penalty of the deviations is chosen as in `GroupedRidge`, on
    left-out groups, that of the means by leaving out single configurations.

    Parameters
    ----------
    mean_columns : sequence of int, optional
        Columns whose means predict the mean label; all by default.
    favored_columns : sequence of int, optional
        Columns with a smaller penalty than the others: few columns that explain much beside many
        that each explain little.
    favors : array_like
        The penalty of the favoured columns is divided by one of these factors, which is chosen with
        `alphas`.
    alphas : array_like, optional
        Penalties to choose from; 33 from 1 to 1e8 by default.
    n_splits : int
        Largest number of folds; fewer groups are left out one by one, more are dealt out at random.

    Attributes
    ----------
    alpha_, favor_ : float or ndarray, shape (n_targets,)
        The chosen penalty and factor.
    at_bound_ : str or ndarray of str, shape (n_targets,)
        Whether the penalty is at an end of `alphas`, as in `GroupedRidge`.
    held_out_errors_ : ndarray, shape (n_favors, n_alphas[, n_targets])
        Mean squared errors of the deviations in left-out groups.
    coef_ : ndarray, shape (n_features,) or (n_targets, n_features)
        Coefficients of the deviations, of columns as they are given.
    mean_model_ : Pipeline
        The regression of the means.

    See Also
    --------
    vitreous.dynamics.reversed_replicas : further samples of deviations.

    Examples
    --------
    >>> import numpy as np
    >>> rng = np.random.default_rng(0)
    >>> groups = np.repeat(np.arange(8), 50)
    >>> X = rng.normal(size=(400, 3)) + rng.normal(size=(8, 1))[groups]
    >>> y = X @ [1.0, 2.0, 3.0]
    >>> ridge = TwoLevelRidge().fit(X, y, groups=groups)
    >>> ridge.coef_.round(1)
    array([1., 2., 3.])
    """

    def __init__(
        self,
        mean_columns: Sequence[int] | None = None,
        favored_columns: Sequence[int] | None = None,
        favors: ArrayLike = (1.0, 1e3),
        alphas: ArrayLike | None = None,
        n_splits: int = 5,
    ) -> None:
        self.mean_columns = mean_columns
        self.favored_columns = favored_columns
        self.favors = favors
        self.alphas = alphas
        self.n_splits = n_splits

    def fit(self, X: ArrayLike, y: ArrayLike, groups: ArrayLike | None = None) -> TwoLevelRidge:
        """Choose the penalties and fit.

        Parameters
        ----------
        X : array_like, shape (n_samples, n_features)
        y : array_like, shape (n_samples,) or (n_samples, n_targets)
        groups : array_like, shape (n_samples,)
            Configuration of each sample.

        Returns
        -------
        TwoLevelRidge

        Raises
        ------
        ValueError
            If there are fewer than two groups.
        """
        features, targets, members = grouped_samples(self, X, y, groups, multi_output=True)
        folds = deal_folds(members.max() + 1, self.n_splits)
        summaries = [
            reduce(
                add,
                (
                    self.summarize(features[members == group], targets[members == group])
                    for group in np.flatnonzero(folds == fold)
                ),
            )
            for fold in range(folds.max() + 1)
        ]
        return self._fit_summaries(summaries, one_target=targets.ndim == 1)

    def summarize(self, X: ArrayLike, y: ArrayLike) -> TwoLevelSummary:
        """Reduce the particles of one configuration to what `fit_summaries` needs.

        Parameters
        ----------
        X : array_like, shape (n_samples, n_features)
        y : array_like, shape (n_samples,) or (n_samples, n_targets)

        Returns
        -------
        TwoLevelSummary
        """
        moments = Moments.of(X, y)
        return TwoLevelSummary(moments.deviations(), moments.x_mean[None], moments.y_mean[None])

    def summarize_reversed(self, X: ArrayLike, y: ArrayLike, weight: float) -> TwoLevelSummary:
        """Reduce the particles of a reversed replica, of which only the deviations count.

        Parameters
        ----------
        X : array_like, shape (n_samples, n_features)
        y : array_like, shape (n_samples,)
        weight : float

        Returns
        -------
        TwoLevelSummary
            Without means: those of replicas that lead to the same configuration are not
            independent of each other.
        """
        moments = Moments.of(X, y)
        none = slice(0, 0)
        return TwoLevelSummary(
            moments.deviations(weight), moments.x_mean[None][none], moments.y_mean[None][none]
        )

    def fit_summaries(self, folds: Sequence[TwoLevelSummary]) -> TwoLevelRidge:
        """Choose the penalties and fit, without the samples.

        Parameters
        ----------
        folds : sequence of TwoLevelSummary
            One for each fold, at least two. No group may be in more than one of them.
        """
        self.n_features_in_ = folds[0].x_means.shape[1]
        return self._fit_summaries(folds, one_target=folds[0].y_means.shape[1] == 1)

    def predict(self, X: ArrayLike, groups: ArrayLike | None = None) -> NDArray[np.float64]:
        """Predict, shape (n_samples,) or (n_samples, n_targets).

        Parameters
        ----------
        X : array_like, shape (n_samples, n_features)
        groups : array_like, shape (n_samples,), optional
            Configuration of each sample; one for all by default.
        """
        features = features_to_predict(self, X)
        members = np.zeros(len(features)) if groups is None else groups
        _, numbers, counts = np.unique(members, return_inverse=True, return_counts=True)
        means = np.zeros((len(counts), features.shape[1]))
        np.add.at(means, numbers, features)
        means /= counts[:, None]
        mean_labels = self.mean_model_.predict(means[:, self._mean_columns()])
        mean_labels = mean_labels.reshape(len(counts), *self.coef_.shape[:-1])
        return mean_labels[numbers] + (features - means[numbers]) @ self.coef_.T

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.target_tags.multi_output = True
        return tags

    def _fit_summaries(self, folds: Sequence[TwoLevelSummary], one_target: bool) -> TwoLevelRidge:
        if len(folds) < 2:
            raise ValueError(ONE_GROUP)
        target = 0 if one_target else slice(None)
        total = reduce(add, folds)
        self._fit_deviations([fold.deviations for fold in folds], total.deviations, target)
        self.mean_model_ = _mean_model().fit(
            total.x_means[:, self._mean_columns()], total.y_means[:, target]
        )
        return self

    def _fit_deviations(
        self, folds: Sequence[Moments], total: Moments, target: int | slice
    ) -> None:
        alphas = np.logspace(0, 8, 33) if self.alphas is None else np.asarray(self.alphas, float)
        favors = np.ones(1) if self.favored_columns is None else np.asarray(self.favors, float)
        errors = np.zeros((len(favors), len(alphas), len(total.y_mean)))
        for fold, others in leave_one_out(folds):
            for row, favor in enumerate(favors):
                errors[row] += fold.squared_errors(*others.ridge(alphas, self._penalties(favor)))
        best = np.argmin(errors.reshape(-1, errors.shape[-1]), axis=0)
        rows, columns = np.unravel_index(best, errors.shape[:2])
        coefficients = np.empty(total.xy.T.shape)
        for row in np.unique(rows):
            chosen = rows == row
            fitted, _ = total.ridge(alphas, self._penalties(favors[row]))
            coefficients[chosen] = fitted[columns[chosen], np.flatnonzero(chosen)]
        self.held_out_errors_ = errors[..., target] / total.n
        self.alpha_ = alphas[columns][target]
        self.favor_ = favors[rows][target]
        ends = ends_chosen(alphas, errors[rows, :, np.arange(len(rows))].T, total.yy)
        self.at_bound_ = str(ends[0]) if target == 0 else ends
        self.coef_ = coefficients[target]

    def _penalties(self, favor: float) -> NDArray[np.float64]:
        penalties = np.ones(self.n_features_in_)
        if self.favored_columns is not None:
            penalties[np.asarray(self.favored_columns)] /= favor
        return penalties

    def _mean_columns(self) -> NDArray[np.intp]:
        columns = np.arange(self.n_features_in_)
        return columns if self.mean_columns is None else columns[np.asarray(self.mean_columns)]


def _mean_model() -> Pipeline:
    return make_pipeline(StandardScaler(), RidgeCV(np.logspace(-2, 4, 25), alpha_per_target=True))
