"""How well models trained at one temperature predict at another."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from joblib import Parallel, delayed
from numpy.typing import ArrayLike, NDArray
from sklearn.base import clone

from ..liquid import Configuration
from .noise_ceiling import noise_ceiling
from .propensity import PropensityRegressor
from .scores import pearson, select_species, standard_error


@dataclass(frozen=True, eq=False)
class TransferMatrix:
    """Scores of models trained at each condition and tested at each.

    Attributes
    ----------
    conditions : ndarray, shape (K,)
        The temperatures, falling.
    pearson : ndarray, shape (K, K) or (K, K, n_labels)
        Average over configurations of the Pearson correlation within each; row: trained at,
        column: tested at.
    standard_error : ndarray, shape (K, K) or (K, K, n_labels)
        Its standard error over the test configurations.
    noise_ceiling : ndarray, shape (K,) or (K, n_labels)
        Average over configurations of the largest correlation that noisy labels allow; NaN where
        the labels came without halves.
    predictions : list of list of ndarray
        ``predictions[row][i]`` for configuration i by the model trained at that row's condition,
        which has not seen configuration i.
    n_configurations : ndarray of int, shape (K,)
    """

    conditions: NDArray[np.float64]
    pearson: NDArray[np.float64]
    standard_error: NDArray[np.float64]
    noise_ceiling: NDArray[np.float64]
    predictions: list[list[NDArray[np.float64]]]
    n_configurations: NDArray[np.int64]


def transfer_matrix(
    model: PropensityRegressor,
    configurations: Sequence[Configuration],
    labels: Sequence[ArrayLike],
    conditions: ArrayLike,
    *,
    species: str | None = None,
    halves: Sequence[ArrayLike] | None = None,
    n_splits: int = 5,
    n_jobs: int | None = None,
) -> TransferMatrix:
    """Train at each temperature and test at each, on configurations never trained on.

    The configurations of every temperature are dealt out to the same number of folds. A model is
    trained on all folds but one of its own temperature, and predicts the left-out fold of every
    temperature. So each configuration is predicted exactly once by models of each temperature, all
    entries rest on equally many training configurations, and the diagonal is an ordinary
    cross-validation. The errors measure the scatter over test configurations only.

    Parameters
    ----------
    model : PropensityRegressor
        Give it a `memory`, so that every configuration is described only once.
    configurations : sequence of Configuration
    labels : sequence of array_like, shape (N,) or (N, n_labels)
        Several labels, of several times for instance, share the work; the regressor must take them.
    conditions : array_like, shape (n_configurations,)
        Temperature of each configuration (or any other number that tells the sets apart).
    species : str, optional
        Species to score; the first by default.
    halves : sequence of array_like, shape (2, N) or (2, N, n_labels), optional
        Labels averaged over two halves of the replicas, for the noise ceiling.
    n_splits : int
        Most folds; every temperature needs at least as many configurations as there are folds.
    n_jobs : int, optional
        Number of models to train at the same time, as in joblib.

    Returns
    -------
    TransferMatrix

    Raises
    ------
    ValueError
        If lengths disagree, or a temperature has fewer than three configurations.
    """
    configurations, labels = list(configurations), list(labels)
    conditions = np.asarray(conditions, dtype=np.float64)
    species = configurations[0].species[0] if species is None else species
    true = select_species(configurations, labels, species)
    if conditions.shape != (len(configurations),):
        raise ValueError(
            f"{len(configurations)} configurations need as many conditions, not {conditions.shape}"
        )
    values, counts = np.unique(conditions, return_counts=True)
    if counts.min() < 3:
        raise ValueError(
            f"condition {values[counts.argmin()]:g} has {counts.min()} configuration(s); training "
            "on some and testing on others takes at least 3"
        )
    values, counts = values[::-1], counts[::-1]
    folds = _folds(conditions, min(n_splits, int(counts.min())))

    tasks = [(value, fold) for value in values for fold in np.unique(folds)]
    fitted = Parallel(n_jobs=n_jobs)(
        delayed(_train_and_predict)(model, configurations, labels, conditions, folds, *task)
        for task in tasks
    )
    predictions: list[list[NDArray[np.float64]]] = [
        [np.empty(0)] * len(configurations) for _ in values
    ]
    for (value, _), predicted in zip(tasks, fitted, strict=True):
        row = int(np.flatnonzero(values == value)[0])
        for index, prediction in predicted.items():
            predictions[row][index] = prediction

    scores = [
        [
            [
                pearson(true[i], select_species([configurations[i]], [row[i]], species)[0])
                for i in np.flatnonzero(conditions == value)
            ]
            for value in values
        ]
        for row in predictions
    ]
    return TransferMatrix(
        values,
        np.array([[np.mean(entry, axis=0) for entry in row] for row in scores]),
        np.array([[standard_error(entry) for entry in row] for row in scores]),
        _ceilings(configurations, labels, halves, conditions, values, species),
        predictions,
        counts,
    )


def _folds(conditions: NDArray[np.float64], n_splits: int) -> NDArray[np.int64]:
    """Deal the configurations of every condition out to the folds in turn."""
    folds = np.empty(len(conditions), dtype=np.int64)
    for value in np.unique(conditions):
        members = np.flatnonzero(conditions == value)
        folds[members] = np.arange(len(members)) % n_splits
    return folds


def _train_and_predict(
    model: PropensityRegressor,
    configurations: list[Configuration],
    labels: list[ArrayLike],
    conditions: NDArray[np.float64],
    folds: NDArray[np.int64],
    value: float,
    fold: int,
) -> dict[int, NDArray[np.float64]]:
    train = np.flatnonzero((conditions == value) & (folds != fold))
    test = np.flatnonzero(folds == fold)
    trained = clone(model).fit([configurations[i] for i in train], [labels[i] for i in train])
    predicted = trained.predict([configurations[i] for i in test])
    return dict(zip(test.tolist(), predicted, strict=True))


def _ceilings(
    configurations: list[Configuration],
    labels: list[ArrayLike],
    halves: Sequence[ArrayLike] | None,
    conditions: NDArray[np.float64],
    values: NDArray[np.float64],
    species: str,
) -> NDArray[np.float64]:
    if halves is None:
        return np.full((len(values), *np.shape(labels[0])[1:]), np.nan)
    first, second = (
        select_species(configurations, [np.asarray(half)[k] for half in halves], species)
        for k in (0, 1)
    )
    single = np.array([noise_ceiling(a, b) for a, b in zip(first, second, strict=True)])
    return np.array([single[conditions == value].mean(axis=0) for value in values])
