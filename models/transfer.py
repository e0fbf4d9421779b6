"""How well models trained at one temperature, time, size or system predict at another."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from joblib import Parallel, delayed
from numpy.typing import ArrayLike, NDArray
from sklearn.base import clone

from ..dynamics import Estimate, pearson
from ..liquid import Configuration
from ..storage.progress import Progress, silent, tracked
from ._grouped_samples import group_numbers
from ._known_values import known_of_species
from .agreement import agreement
from .conformal import cross_predict
from .noise_ceiling import single_noise_ceilings
from .propensity import PropensityRegressor

_CHOICES = ("alpha_", "n_trees_")


@dataclass(frozen=True, eq=False, repr=False)
class TransferMatrix:
    """Scores of models trained at each condition and tested at each.

    Attributes
    ----------
    conditions : ndarray, shape (K,)
        The temperatures, falling; or other conditions, in the order of the function that made it.
    agreement : dict of str to Estimate, shape (K, K) or (K, K, n_labels)
        Correlations, and ratios of amplitudes, with their jackknife errors over test
        configurations; row: trained at, column: tested at. See `agreement`.
        ``agreement["pearson_mean"].interval()`` gives confidence intervals.
    noise_ceiling : ndarray, shape (K,) or (K, n_labels)
        Average over configurations of the largest correlation that noisy labels allow; NaN where
        the labels came without halves.
    predictions : list of list of ndarray
        ``predictions[row][i]`` for configuration i by the model trained at that row's condition,
        which has not seen configuration i.
    n_configurations : ndarray of int, shape (K,)
    single_pearson : list of list of ndarray, shape (n_test,) or (n_test, n_labels)
        ``single_pearson[row][column]``: the correlation within each test configuration, whose
        average is `pearson`.
    choices : dict of str to ndarray, shape (K, n_models) or (K, n_models, n_labels)
        What the models of each condition chose for the scored species: ``"alpha_"``, the penalty of
        a ridge, and ``"n_trees_"``, the number of boosted trees; only what they have.

    Examples
    --------
    >>> import numpy as np
    >>> from vitreous.dynamics import Estimate
    >>> from vitreous.models import TransferMatrix
    >>> scores = Estimate(np.array([[0.7, 0.5], [0.4, 0.8]]), np.full((2, 2), 0.02), np.array(4))
    >>> matrix = TransferMatrix(np.array([0.5, 0.4]), {"pearson_mean": scores},
    ...                         np.array([0.9, 0.9]), [], np.array([4, 4]))
    >>> float(matrix.pearson[0, 1])  # trained at 0.5, tested at 0.4
    0.5
    """

    conditions: NDArray[np.float64]
    agreement: Mapping[str, Estimate]
    noise_ceiling: NDArray[np.float64]
    predictions: list[list[NDArray[np.float64]]]
    n_configurations: NDArray[np.int64]
    single_pearson: list[list[NDArray[np.float64]]] = field(default_factory=list)
    choices: dict[str, NDArray[Any]] = field(default_factory=dict)

    @property
    def pearson(self) -> NDArray[np.float64]:
        """Average over configurations of the correlation within each: ``pearson_mean``."""
        return self.agreement["pearson_mean"].value

    @property
    def standard_error(self) -> NDArray[np.float64]:
        """Standard error of `pearson` over the test configurations."""
        return self.agreement["pearson_mean"].standard_error

    @property
    def loss(self) -> Estimate:
        """What training elsewhere loses of `pearson`, with paired errors.

        An entry is the correlation of the model of the column, trained where it is tested, less
        that of the model of the row, averaged over the test configurations that both predict. Some
        configurations are hard to predict for either, which the difference does not count: its
        error is smaller than those of the two entries suggest. Zero on the diagonal.
        """
        at_home = [row[place] for place, row in enumerate(self.single_pearson)]
        differences = [
            [Estimate.mean(home - away) for home, away in zip(at_home, row, strict=True)]
            for row in self.single_pearson
        ]
        return _gathered(differences, self.n_configurations)

    def __repr__(self) -> str:
        conditions = ", ".join(map(str, self.conditions.tolist()))
        return (
            f"TransferMatrix(trained and tested at {conditions}; "
            f"{self.n_configurations.sum()} configurations)"
        )

    def of_label(self, index: int) -> TransferMatrix:
        """Pick one of several labels, by its place."""
        return self._of(index, 0)

    def of_labels(self, chosen: slice) -> TransferMatrix:
        """Pick some of several labels, such as those of one kind at all times."""
        return self._of(chosen, slice(None))

    def _of(self, chosen: int | slice, counts: int | slice) -> TransferMatrix:
        return TransferMatrix(
            self.conditions,
            {
                name: Estimate(
                    estimate.value[..., chosen],
                    estimate.standard_error[..., chosen],
                    estimate.n_configurations[..., counts],
                )
                for name, estimate in self.agreement.items()
            },
            self.noise_ceiling[..., chosen],
            [[prediction[..., chosen] for prediction in row] for row in self.predictions],
            self.n_configurations,
            [[single[..., chosen] for single in row] for row in self.single_pearson],
            {
                name: values[..., chosen] if values.ndim == 3 else values
                for name, values in self.choices.items()
            },
        )


def transfer_matrix(
    model: PropensityRegressor,
    configurations: Sequence[Configuration],
    labels: Sequence[ArrayLike],
    conditions: ArrayLike,
    *,
    species: str | None = None,
    halves: Sequence[ArrayLike] | None = None,
    n_splits: int = 5,
    order_parameter: Callable[[Any], Any] | None = None,
    n_jobs: int | None = None,
    progress: Progress = silent,
    groups: ArrayLike | None = None,
) -> TransferMatrix:
    """Train at each temperature and test at each, on configurations never trained on.

    The configurations of every temperature are dealt out to the same number of folds. A model is
    trained on all folds but one of its own temperature, and predicts the left-out fold of every
    temperature. So each configuration is predicted exactly once by models of each temperature, all
    entries rest on equally many training configurations, and the diagonal is an ordinary
    cross-validation. The errors measure the scatter over test configurations only.

    Any other condition may stand for the temperature, such as the number of particles or the name
    of the system, as long as the descriptor and the species are the same for all configurations.

    Parameters
    ----------
    model : PropensityRegressor
        With a `memory`, every configuration is described only once.
    configurations : sequence of Configuration
    labels : sequence of array_like, shape (N,) or (N, n_labels)
        Several labels, of several times for instance, share the work; the regressor must take them.
    conditions : array_like, shape (n_configurations,)
        Temperature of each configuration, or another number or name that tells the sets apart.
        Numbers are in falling order, names in alphabetical order.
    species : str, optional
        Species to score; the first by default.
    halves : sequence of array_like, shape (2, N) or (2, N, n_labels), optional
        Labels averaged over two halves of the replicas, for the noise ceiling.
    n_splits : int
        Largest number of folds; there are never more than configurations at any temperature.
    order_parameter : callable, optional
        As in `agreement`.
    n_jobs : int, optional
        Number of models to train at the same time, as in joblib.
    progress : callable, optional
        Called with "train and test" as models are done.
    groups : array_like, shape (n_configurations,), optional
        Configurations of one group, such as overlapping stretches of a trajectory, are in the same
        fold. Each is its own group by default.

    Returns
    -------
    TransferMatrix

    Raises
    ------
    ValueError
        If lengths disagree, or a temperature has fewer than three configurations, or groups.

    Examples
    --------
    A label that follows one feature at the high temperature, and its opposite at the low one:

    >>> from vitreous.descriptors import RadialDescriptor
    >>> from vitreous.liquid import KobAndersen2D
    >>> from vitreous.models import GroupedRidge, PropensityRegressor, describe_all
    >>> from vitreous.models import transfer_matrix
    >>> liquids = [KobAndersen2D().random_configuration(172, seed) for seed in range(6)]
    >>> temperatures = [0.5, 0.5, 0.5, 0.4, 0.4, 0.4]
    >>> descriptor = RadialDescriptor([1.0, 1.5, 2.0]).fit(liquids)
    >>> features = [block[:, 0] for block in describe_all(descriptor, liquids)]
    >>> labels = [feature if temperature == 0.5 else -feature
    ...           for feature, temperature in zip(features, temperatures)]
    >>> model = PropensityRegressor(descriptor, GroupedRidge())
    >>> transfer_matrix(model, liquids, labels, temperatures).pearson.round(1)
    array([[ 1., -1.],
           [-1.,  1.]])
    """
    configurations, labels = list(configurations), list(labels)
    conditions = np.asarray(conditions)
    species = configurations[0].species[0] if species is None else species
    if conditions.shape != (len(configurations),):
        raise ValueError(
            f"{len(configurations)} configurations need as many conditions, not {conditions.shape}"
        )
    members = group_numbers(groups, len(configurations))
    values, counts = np.unique(conditions, return_counts=True)
    n_groups = np.array([len(np.unique(members[conditions == value])) for value in values])
    if n_groups.min() < 3:
        raise ValueError(
            f"condition {values[n_groups.argmin()]} has {n_groups.min()} configuration(s)"
            f"{'' if groups is None else ' that are independent'}; training "
            "on some and testing on others takes at least 3"
        )
    if np.issubdtype(values.dtype, np.number):
        values, counts = values[::-1], counts[::-1]
    folds = _folds(conditions, members, min(n_splits, int(n_groups.min())))

    tasks = [(value, fold) for value in values for fold in np.unique(folds)]
    fitted: Iterator[Any] = Parallel(n_jobs=n_jobs, return_as="generator")(
        delayed(_train_and_predict)(
            model, configurations, labels, conditions, folds, members, species, *task
        )
        for task in tasks
    )
    fitted = tracked("train and test", fitted, len(tasks), progress)
    predictions: list[list[NDArray[np.float64]]] = [
        [np.empty(0)] * len(configurations) for _ in values
    ]
    chosen: list[list[dict[str, Any]]] = [[] for _ in values]
    for (value, _), (by_index, choices) in zip(tasks, fitted, strict=True):
        row = int(np.flatnonzero(values == value)[0])
        chosen[row].append(choices)
        for index, prediction in by_index.items():
            predictions[row][index] = prediction

    columns = [np.flatnonzero(conditions == value) for value in values]
    pairs = []
    for predicted in predictions:
        true, selected = known_of_species(configurations, species, labels, predicted)
        pairs.append([([true[i] for i in c], [selected[i] for i in c]) for c in columns])
    ceilings = _ceilings(configurations, labels, halves, species)
    ceiling = np.array([ceilings[column].mean(axis=0) for column in columns])
    choices = {
        name: np.array([[one[name] for one in models] for models in chosen])
        for name in chosen[0][0]
    }
    return _matrix(values, pairs, ceiling, predictions, counts, order_parameter, choices)


def transfer_between_times(
    model: PropensityRegressor,
    configurations: Sequence[Configuration],
    labels: Sequence[ArrayLike],
    times: ArrayLike,
    *,
    species: str | None = None,
    halves: Sequence[ArrayLike] | None = None,
    n_splits: int = 5,
    order_parameter: Callable[[Any], Any] | None = None,
    n_jobs: int | None = None,
    progress: Progress = silent,
    groups: ArrayLike | None = None,
) -> TransferMatrix:
    """Train on the labels of each time and test on those of each, by cross-validation.

    Each configuration is predicted by a model of all times that was fitted to other configurations.
    The entry (k, l) compares the prediction for time k with the label at time l: correlations show
    whether the same particles are mobile; ratios of amplitudes have a meaning on the diagonal only.

    Parameters
    ----------
    model, configurations, species, n_splits, order_parameter, n_jobs, progress, groups
        As in `transfer_matrix`.
    labels : sequence of array_like, shape (N, n_times)
    times : array_like, shape (n_times,)
    halves : sequence of array_like, shape (2, N, n_times), optional

    Returns
    -------
    TransferMatrix
        Its conditions are the times, as given; ``predictions[k][i]`` are those for time k.

    Raises
    ------
    ValueError
        If the labels do not have one column for each time, or there are fewer than three
        configurations.

    Examples
    --------
    A label that follows one feature at short times, and its opposite at long ones:

    >>> import numpy as np
    >>> from vitreous.descriptors import RadialDescriptor
    >>> from vitreous.liquid import KobAndersen2D
    >>> from vitreous.models import GroupedRidge, PropensityRegressor, describe_all
    >>> from vitreous.models import transfer_between_times
    >>> liquids = [KobAndersen2D().random_configuration(172, seed) for seed in range(3)]
    >>> descriptor = RadialDescriptor([1.0, 1.5, 2.0]).fit(liquids)
    >>> labels = [block[:, [0]] * [1.0, -1.0] for block in describe_all(descriptor, liquids)]
    >>> model = PropensityRegressor(descriptor, GroupedRidge())
    >>> transfer_between_times(model, liquids, labels, [1.0, 100.0]).pearson.round(1)
    array([[ 1., -1.],
           [-1.,  1.]])
    """
    configurations, labels = list(configurations), list(labels)
    times = np.asarray(times)
    if np.shape(labels[0])[1:] != times.shape:
        raise ValueError(
            f"labels of shape {np.shape(labels[0])} do not have a column for each of {times.size} "
            "times"
        )
    n_groups = len(np.unique(group_numbers(groups, len(configurations))))
    if n_groups < 3:
        raise ValueError(
            f"{n_groups} independent configuration(s): training on some and testing on others "
            "takes at least 3"
        )
    species = configurations[0].species[0] if species is None else species
    predicted = cross_predict(model, configurations, labels, n_splits, n_jobs, progress, groups)
    predictions = [[p[:, k] for p in predicted] for k in range(times.size)]
    true, selected = known_of_species(configurations, species, labels, predicted)
    pairs = [
        [
            ([y[:, column] for y in true], [p[:, row] for p in selected])
            for column in range(times.size)
        ]
        for row in range(times.size)
    ]
    ceiling = _ceilings(configurations, labels, halves, species).mean(axis=0)
    counts = np.full(times.size, len(configurations))
    return _matrix(times, pairs, ceiling, predictions, counts, order_parameter, {})


def _matrix(
    conditions: NDArray[Any],
    pairs: list[list[tuple[list[NDArray], list[NDArray]]]],
    ceiling: NDArray[np.float64],
    predictions: list[list[NDArray[np.float64]]],
    counts: NDArray[np.int64],
    order_parameter: Callable[[Any], Any] | None,
    choices: dict[str, NDArray[Any]],
) -> TransferMatrix:
    """Compare labels and predictions of every entry, configuration by configuration."""
    for condition, (tested, _) in zip(conditions, pairs[0], strict=True):
        if not all(map(len, tested)):
            raise ValueError(
                f"a configuration of condition {condition} has no particle to score, of the "
                "species and with known label and surroundings; leave it out"
            )
    entries = [[agreement(*pair, order_parameter) for pair in row] for row in pairs]
    single = [
        [np.array([pearson(y, p) for y, p in zip(*pair, strict=True)]) for pair in row]
        for row in pairs
    ]
    measures = {
        name: _gathered([[entry[name] for entry in row] for row in entries], counts)
        for name in entries[0][0]
    }
    return TransferMatrix(conditions, measures, ceiling, predictions, counts, single, choices)


def _gathered(entries: list[list[Estimate]], counts: NDArray[np.int64]) -> Estimate:
    """Put the entries of a matrix together in arrays."""
    # The number of test configurations belongs to the columns; labels are behind them.
    return Estimate(
        np.array([[entry.value for entry in row] for row in entries]),
        np.array([[entry.standard_error for entry in row] for row in entries]),
        counts.reshape(1, -1, *(1,) * np.ndim(entries[0][0].value)),
    )


def _folds(conditions: NDArray[Any], groups: NDArray[np.int64], n_splits: int) -> NDArray[np.int64]:
    """Deal the groups of every condition out to the folds in turn."""
    folds = np.empty(len(conditions), dtype=np.int64)
    for value in np.unique(conditions):
        chosen = np.flatnonzero(conditions == value)
        folds[chosen] = group_numbers(groups[chosen], len(chosen)) % n_splits
    return folds


def _train_and_predict(
    model: PropensityRegressor,
    configurations: list[Configuration],
    labels: list[ArrayLike],
    conditions: NDArray[Any],
    folds: NDArray[np.int64],
    groups: NDArray[np.int64],
    species: str,
    value: Any,
    fold: int,
) -> tuple[dict[int, NDArray[np.float64]], dict[str, Any]]:
    """Predict one fold of all conditions; also what the regressor of a species chose."""
    train = np.flatnonzero((conditions == value) & (folds != fold))
    test = np.flatnonzero(folds == fold)
    trained = clone(model).fit(
        [configurations[i] for i in train], [labels[i] for i in train], groups=groups[train]
    )
    # Other conditions lie outside the training range as a matter of course: no warnings.
    predictions, _ = trained.predict_with_distances([configurations[i] for i in test])
    fitted = trained.regressors_.get(species, next(iter(trained.regressors_.values())))
    choices = {name: getattr(fitted, name) for name in _CHOICES if hasattr(fitted, name)}
    return dict(zip(test.tolist(), predictions, strict=True)), choices


def _ceilings(
    configurations: list[Configuration],
    labels: list[ArrayLike],
    halves: Sequence[ArrayLike] | None,
    species: str,
) -> NDArray[np.float64]:
    """Noise ceiling within each configuration."""
    if halves is None:
        return np.full((len(configurations), *np.shape(labels[0])[1:]), np.nan)
    return single_noise_ceilings(configurations, halves, species)
