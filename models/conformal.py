"""Prediction intervals that hold for configurations, whose particles are not independent."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from joblib import Parallel, delayed
from numpy.typing import ArrayLike, NDArray
from sklearn.base import clone

from ..liquid import Configuration
from ..storage.progress import Progress, silent, tracked
from ._grouped_samples import deal_folds, group_numbers
from ._known_values import known_of_species
from .propensity import PropensityRegressor


@dataclass(frozen=True)
class ConformalIntervals:
    """Intervals around the predictions for each species; see `conformal_intervals`.

    Attributes
    ----------
    coverage : float
    half_widths : dict of str to float
        Half the width of the interval of each species.
    n_configurations : int
        Number of configurations they were calibrated on.

    Examples
    --------
    >>> from vitreous.liquid import Box, Configuration
    >>> from vitreous.models import ConformalIntervals
    >>> pair = Configuration([[0.0, 0.0], [1.0, 0.0]], [1, 0], Box.cube(10.0, 2), ("A", "B"))
    >>> ConformalIntervals(0.9, {"A": 0.1, "B": 0.2}, n_configurations=24).half_width(pair)
    array([0.2, 0.1])
    """

    coverage: float
    half_widths: dict[str, float]
    n_configurations: int

    def half_width(self, configuration: Configuration) -> NDArray[np.float64]:
        """Half the width for every particle, shape (N,); NaN for species never calibrated."""
        widths = [self.half_widths.get(name, np.nan) for name in configuration.species]
        return np.array(widths)[configuration.types]


def conformal_intervals(
    configurations: Sequence[Configuration],
    labels: Sequence[ArrayLike],
    predictions: Sequence[ArrayLike],
    coverage: float = 0.9,
) -> ConformalIntervals:
    """Calibrate intervals ``prediction +- h`` on configurations that a model did not learn from.

    h is the smallest r for which ``1 / (K + 1) sum_k F_k(r) >= coverage``, where F_k(r) is the
    fraction of the particles of configuration k, of K, whose ``|label - prediction|`` is at most r.
    A label of a particle drawn at random from one more configuration then lies in its interval with
    a probability of at least `coverage`, for any model and any distribution, provided that all
    K + 1 configurations are exchangeable, as independent ones of one temperature are. Particles of
    one configuration may depend on each other in any way. The probability is an average over
    calibration sets, new configurations and their particles: it is not promised for each
    configuration, nor for the mobile particles alone.

    It holds exactly for predictions of a model that was fitted to other configurations (split
    conformal). Predictions from `cross_predict` use every configuration for both; the model that is
    fitted to all of them then has the coverage only as far as leaving out a fold hardly changes its
    errors.

    Parameters
    ----------
    configurations : sequence of Configuration
    labels, predictions : sequence of array_like, shape (N,)
    coverage : float
        Between 0 and 1.

    Returns
    -------
    ConformalIntervals

    Raises
    ------
    ValueError
        If there are too few configurations: `coverage` 0.9 needs at least 9.

    References
    ----------
    Lee, Barber and Willett, Distribution-free inference with hierarchical data, arXiv:2306.06342.

    Examples
    --------
    Nine configurations, in which predictions are off by 0, 0.1, ..., 0.8:

    >>> import numpy as np
    >>> from vitreous.liquid import KobAndersen2D
    >>> from vitreous.models import conformal_intervals
    >>> liquids = [KobAndersen2D().random_configuration(43, seed) for seed in range(9)]
    >>> labels = [np.zeros(43)] * 9
    >>> predictions = [np.full(43, k / 10) for k in range(9)]
    >>> [conformal_intervals(liquids, labels, predictions, p).half_widths["A"] for p in (0.5, 0.9)]
    [0.4, 0.8]
    """
    check_coverage(coverage, len(configurations))
    half_widths = {}
    for species in configurations[0].species:
        true, predicted = known_of_species(configurations, species, labels, predictions)
        errors = [abs(t - p) for t, p in zip(true, predicted, strict=True) if len(t)]
        if errors:
            half_widths[species] = _quantile(errors, coverage)
    return ConformalIntervals(coverage, half_widths, len(configurations))


def check_coverage(coverage: float, n_configurations: int) -> None:
    """Raise a ValueError unless so many configurations can give intervals of this coverage."""
    if not 0 < coverage < 1:
        raise ValueError(f"coverage is a probability between 0 and 1, not {coverage:g}")
    fewest = int(np.ceil(coverage / (1 - coverage) - 1e-9))
    if n_configurations < fewest:
        raise ValueError(
            f"intervals of coverage {coverage:g} take at least {fewest} configurations, not "
            f"{n_configurations}"
        )


def cross_predict(
    model: PropensityRegressor,
    configurations: Sequence[Configuration],
    labels: Sequence[ArrayLike],
    n_splits: int = 10,
    n_jobs: int | None = None,
    progress: Progress = silent,
    groups: ArrayLike | None = None,
) -> list[NDArray[np.float64]]:
    """Predict each configuration by a model fitted to other configurations.

    Parameters
    ----------
    model : PropensityRegressor
        With a `memory`, every configuration is described only once.
    configurations : sequence of Configuration
    labels : sequence of array_like, shape (N,) or (N, n_labels)
    n_splits : int
        Largest number of folds for the configurations.
    n_jobs : int, optional
        Number of models to train at the same time, as in joblib.
    progress : callable, optional
        Called with "train and test" as models are done.
    groups : array_like, shape (n_configurations,), optional
        Configurations of one group, such as overlapping stretches of a trajectory, are predicted
        by the same model, which learnt from none of them. Each is its own group by default.

    Returns
    -------
    list of ndarray, shape (N,) or (N, n_labels)

    Examples
    --------
    A regressor that predicts the mean of what it learnt shows which configurations it learnt from:

    >>> import numpy as np
    >>> from sklearn.dummy import DummyRegressor
    >>> from vitreous.descriptors import RadialDescriptor
    >>> from vitreous.liquid import KobAndersen2D
    >>> from vitreous.models import PropensityRegressor, cross_predict
    >>> liquids = [KobAndersen2D().random_configuration(172, seed) for seed in range(3)]
    >>> labels = [np.full(172, value) for value in (0.0, 1.0, 2.0)]
    >>> model = PropensityRegressor(RadialDescriptor([1.0]), DummyRegressor())
    >>> [float(predicted[0]) for predicted in cross_predict(model, liquids, labels)]
    [1.5, 1.0, 0.5]
    """
    members = group_numbers(groups, len(configurations))
    folds = deal_folds(members.max() + 1, n_splits)[members]
    tasks: list[tuple[list[int], list[int]]] = [
        (np.flatnonzero(folds != fold).tolist(), np.flatnonzero(folds == fold).tolist())
        for fold in np.unique(folds)
    ]
    parts: Iterator[Any] = Parallel(n_jobs=n_jobs, return_as="generator")(
        delayed(_fit_and_predict)(
            model,
            [configurations[i] for i in kept],
            [labels[i] for i in kept],
            [configurations[i] for i in left_out],
            None if groups is None else members[kept],
        )
        for kept, left_out in tasks
    )
    parts = tracked("train and test", parts, len(tasks), progress)
    predicted: dict[int, NDArray[np.float64]] = {}
    for (_, left_out), part in zip(tasks, parts, strict=True):
        predicted |= dict(zip(left_out, part, strict=True))
    return [predicted[i] for i in range(len(configurations))]


def _fit_and_predict(
    model: Any,
    configurations: Sequence[Configuration],
    labels: Sequence[ArrayLike],
    others: Sequence[Configuration],
    groups: NDArray[np.int64] | None,
) -> list[NDArray[np.float64]]:
    fitted = clone(model).fit(configurations, labels, groups=groups)
    return fitted.predict_with_distances(others)[0]


def _quantile(errors: Sequence[NDArray[np.float64]], coverage: float) -> float:
    """Smallest error up to which the configurations, each of equal weight, reach the coverage."""
    n = len(errors)
    check_coverage(coverage, n)
    values = np.concatenate(errors)
    weights = np.concatenate([np.full(len(e), 1 / (len(e) * (n + 1))) for e in errors])
    order = np.argsort(values)
    reached = np.cumsum(weights[order])
    first = int(np.searchsorted(reached, coverage - 1e-9))
    return float(values[order[min(first, len(values) - 1)]])
