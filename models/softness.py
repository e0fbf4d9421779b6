"""Softness: how far structures lie on the side of those that are about to rearrange."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.base import BaseEstimator, ClassifierMixin, RegressorMixin, clone
from sklearn.metrics import balanced_accuracy_score
from sklearn.svm import LinearSVC
from sklearn.utils.multiclass import check_classification_targets, type_of_target
from sklearn.utils.validation import check_consistent_length, validate_data

from ._at_bound import ends_chosen
from ._grouped_samples import ONE_GROUP, deal_folds, features_to_predict, grouped_samples

_PENALTIES = np.logspace(-6, -2, 5)

# Which penalty is best shows before a machine has converged.
_ROUGHLY = 1e-3

# Classes of hops: rearranging, not rearranging, and neither.
_NEITHER = -1.0


class SoftnessClassifier(ClassifierMixin, BaseEstimator):
    r"""Linear support vector machine whose output is the distance to its hyperplane.

    On columns z at zero mean and unit variance it minimises

    .. math:: \tfrac{1}{2} |w|^2 + C \sum_i c_i \max(0, 1 - y_i (w \cdot z_i + b))^2,

    y being 1 for particles that rearrange and -1 for those that do not, with weights c that give
    both classes the same sum. The softness of a particle is
    :math:`S_i = (w \cdot z_i + b) / |w|`, positive on the side of those that rearrange. C is the
    one for which left-out groups (configurations, or stretches of time) are classified with the
    highest balanced accuracy.

    Parameters
    ----------
    penalties : array_like, optional
        Values of C to choose from; 1e-6, 1e-5 to 0.01 by default. A single one is taken as it is,
        and needs no groups.
    n_splits : int
        Largest number of folds of groups.

    Attributes
    ----------
    classes_ : ndarray, shape (2,)
        The second one is that of positive softness.
    penalty_ : float
        The chosen C.
    at_bound_ : str
        "smallest" or "largest" if that is the end of `penalties`, and classifies a hundredth more
        of the left-out groups rightly than the next one; "" otherwise.
    held_out_accuracies_ : ndarray, shape (n_penalties,)
        Balanced accuracy of each C over left-out groups, averaged over the folds; NaN for a single
        one.
    coef_ : ndarray, shape (n_features,)
        Of the columns as they are given: ``S = X @ coef_ + intercept_``.
    intercept_ : float

    See Also
    --------
    SoftnessRegressor : learns from continuous labels, and predicts softness in a
        `PropensityRegressor`.

    References
    ----------
    E. D. Cubuk et al., Phys. Rev. Lett. 114, 108001 (2015); S. S. Schoenholz et al., Nat. Phys. 12,
    469 (2016), for the hinge without its square.

    Examples
    --------
    >>> import numpy as np
    >>> from vitreous.models import SoftnessClassifier
    >>> rng = np.random.default_rng(0)
    >>> X = rng.normal(size=(300, 2))
    >>> soft = SoftnessClassifier().fit(X, X[:, 0] > 1.0, groups=np.repeat([0, 1, 2], 100))
    >>> soft.predict([[3.0, 0.0], [-1.0, 0.0]])
    array([ True, False])
    >>> soft.decision_function([[3.0, 0.0], [-1.0, 0.0]]) > 2
    array([ True, False])
    """

    def __init__(self, penalties: ArrayLike | None = None, n_splits: int = 5) -> None:
        self.penalties = penalties
        self.n_splits = n_splits

    def fit(
        self, X: ArrayLike, y: ArrayLike, groups: ArrayLike | None = None
    ) -> SoftnessClassifier:
        """Choose the penalty and fit.

        Parameters
        ----------
        X : array_like, shape (n_samples, n_features)
        y : array_like, shape (n_samples,)
            Two classes.
        groups : array_like, shape (n_samples,), optional
            Samples that are not independent of each other have the same: their configuration, or
            stretch of time. Without it every sample is a group of its own.

        Raises
        ------
        ValueError
            If there are other than two classes, or fewer than two groups to choose on.
        """
        features, targets = validate_data(self, X, y, dtype=[np.float64, np.float32])
        check_classification_targets(targets)
        self.classes_, numbers = np.unique(targets, return_inverse=True)
        if len(self.classes_) != 2:
            raise ValueError(
                f"Only binary classification is supported. The type of the target is "
                f"{type_of_target(targets)}, of {len(self.classes_)} class(es): give labels that "
                "tell particles that rearrange from those that do not"
            )
        penalties = _PENALTIES if self.penalties is None else np.ravel(self.penalties).astype(float)
        if not (penalties.size and (penalties > 0).all()):
            raise ValueError(f"penalties must be positive, at least one, not {self.penalties!r}")
        members = np.arange(len(targets)) if groups is None else np.asarray(groups)
        check_consistent_length(targets, members)
        means = features.mean(axis=0, dtype=np.float64)
        spreads = features.std(axis=0, dtype=np.float64)
        # Columns that are the same for all say nothing, and differ by rounding at most.
        varies = spreads > 1e-6 * np.maximum(np.abs(means), np.finfo(float).tiny)
        scales = np.where(varies, spreads, np.inf)
        standard = (features - means) / scales
        self.held_out_accuracies_ = np.full(len(penalties), np.nan)
        if len(penalties) > 1:
            self.held_out_accuracies_ = self._accuracies(standard, numbers, members, penalties)
        best = 0 if len(penalties) == 1 else int(np.argmax(self.held_out_accuracies_))
        self.penalty_ = float(penalties[best])
        (end,) = ends_chosen(penalties, 1 - self.held_out_accuracies_[:, None])
        self.at_bound_ = str(end)
        machine = _machine(self.penalty_).fit(standard, numbers)
        length = np.linalg.norm(machine.coef_[0])
        if not length > 0:
            raise ValueError("no column tells the classes apart: there is no hyperplane")
        self.coef_ = machine.coef_[0] / length / scales
        self.intercept_ = float(machine.intercept_[0] / length - means @ self.coef_)
        return self

    def _accuracies(
        self,
        standard: NDArray[np.float64],
        numbers: NDArray[np.int64],
        members: NDArray,
        penalties: NDArray[np.float64],
    ) -> NDArray[np.float64]:
        names, places = np.unique(members, return_inverse=True)
        if len(names) < 2:
            raise ValueError(ONE_GROUP)
        folds = deal_folds(len(names), self.n_splits)[places]
        found = []
        for fold in np.unique(folds):
            test = folds == fold
            if min(len(np.unique(numbers[test])), len(np.unique(numbers[~test]))) < 2:
                continue
            found.append(
                [
                    balanced_accuracy_score(
                        numbers[test],
                        _machine(penalty, _ROUGHLY)
                        .fit(standard[~test], numbers[~test])
                        .predict(standard[test]),
                    )
                    for penalty in penalties
                ]
            )
        if not found:
            raise ValueError(
                "each class must be in two groups at least: the penalty is chosen on left-out ones"
            )
        return np.mean(found, axis=0)

    def decision_function(self, X: ArrayLike) -> NDArray[np.float64]:
        """Softness, the signed distance to the hyperplane, shape (n_samples,)."""
        return features_to_predict(self, X) @ self.coef_ + self.intercept_

    def predict(self, X: ArrayLike) -> NDArray:
        """Predict the class, that of positive softness being the second, shape (n_samples,)."""
        softness = self.decision_function(X)
        return self.classes_[(softness > 0).astype(np.int64)]

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.classifier_tags.multi_class = False
        return tags


def _machine(penalty: float, tolerance: float = 1e-4) -> LinearSVC:
    # Squared hinge, whose primal problem is quick for many samples and needs no random order.
    return LinearSVC(C=penalty, class_weight="balanced", dual=False, tol=tolerance, max_iter=5000)


class SoftnessRegressor(RegressorMixin, BaseEstimator):
    """Predict the softness of particles, learnt from classes or from a label that is cut in two.

    Labels with two values, or -1, 0 and 1 as `vitreous.dynamics` sorts hops, are classes: the
    larger one rearranges, and particles with -1 are left out. Any other label is cut: at the
    quantile, above which particles rearrange and below which they do not; or at two thresholds, as
    for hops, between which they are left out. Predictions are softness, whose scale is not that
    of the label: correlations compare with it, differences do not.

    Parameters
    ----------
    quantile : float
        Between 0 and 1.
    classifier : SoftnessClassifier, optional
        One with default settings, if none is given.
    thresholds : (float, float), optional
        In place of the quantile: particles with labels below the first do not rearrange, those
        above the second do.

    Attributes
    ----------
    classifier_ : SoftnessClassifier
    threshold_ : float
        Above which labels rearrange; NaN if there were classes.

    Examples
    --------
    >>> import numpy as np
    >>> from vitreous.models import SoftnessRegressor
    >>> rng = np.random.default_rng(0)
    >>> X = rng.normal(size=(400, 2))
    >>> softness = SoftnessRegressor(0.8).fit(X, np.exp(X[:, 0]), np.repeat([0, 1, 2, 3], 100))
    >>> bool(np.corrcoef(softness.predict(X), X[:, 0])[0, 1] > 0.99)
    True
    """

    def __init__(
        self,
        quantile: float = 0.9,
        classifier: SoftnessClassifier | None = None,
        thresholds: tuple[float, float] | None = None,
    ) -> None:
        self.quantile = quantile
        self.classifier = classifier
        self.thresholds = thresholds

    def fit(self, X: ArrayLike, y: ArrayLike, groups: ArrayLike | None = None) -> SoftnessRegressor:
        """Turn the label into classes and learn them.

        Parameters
        ----------
        X : array_like, shape (n_samples, n_features)
        y : array_like, shape (n_samples,)
        groups : array_like, shape (n_samples,), optional
            As in `SoftnessClassifier`.

        Raises
        ------
        ValueError
            If the quantile is out of range, thresholds are not in order, all labels are of one
            class, or as in `SoftnessClassifier`.
        """
        features, labels, members = grouped_samples(self, X, y, groups)
        if not 0 < self.quantile < 1:
            raise ValueError(f"the quantile must be between 0 and 1, not {self.quantile}")
        values = np.unique(labels)
        chosen = np.ones(len(labels), dtype=bool)
        self.threshold_ = np.nan
        if self.thresholds is not None:
            quiet_below, self.threshold_ = (float(threshold) for threshold in self.thresholds)
            if not quiet_below <= self.threshold_:
                raise ValueError(f"thresholds must be in order, not {self.thresholds}")
            rearranges = labels > self.threshold_
            chosen = rearranges | (labels < quiet_below)
        elif len(values) == 2 and values[0] != _NEITHER:
            rearranges = labels == values[1]
        elif np.isin(values, (_NEITHER, 0.0, 1.0)).all():
            rearranges, chosen = labels == 1, labels != _NEITHER
        else:
            self.threshold_ = float(np.quantile(labels, self.quantile))
            rearranges = labels > self.threshold_
            if not rearranges.any():  # of the few values of the label the largest is the quantile
                rearranges = labels == self.threshold_
        if not (0 < rearranges[chosen].sum() < chosen.sum()):
            beyond = ""
            if self.thresholds is not None:
                beyond = (
                    f" of those below {self.thresholds[0]:g} and above {self.thresholds[1]:g}, "
                    "which a quantile (--quantile) would replace"
                )
            raise ValueError(
                f"the labels, from {values[0]:g} to {values[-1]:g}, are all of one class{beyond}: "
                "choose a longer time, or a label that differs between particles"
            )
        classifier = SoftnessClassifier() if self.classifier is None else clone(self.classifier)
        self.classifier_ = classifier.fit(features[chosen], rearranges[chosen], members[chosen])
        return self

    def predict(self, X: ArrayLike) -> NDArray[np.float64]:
        """Softness, shape (n_samples,)."""
        features = features_to_predict(self, X)
        return self.classifier_.decision_function(features)

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.regressor_tags.poor_score = True  # Softness is not on the scale of the label.
        return tags
