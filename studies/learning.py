"""Results of learning that studies keep, found by all that they depend on, in any folder."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from joblib import Memory
from numpy.typing import ArrayLike, NDArray

from ..liquid import Configuration
from ..models import PropensityRegressor, TransferMatrix, cross_predict, transfer_matrix
from ..storage import recipes
from ..storage.memory import cached


def learning_recipe() -> tuple[int, int]:
    """Numbers of the recipes that trained models depend on; give them to what is cached."""
    return recipes.FEATURES, recipes.MODELS


def kept_transfer_matrix(
    memory: Memory,
    descriptor: Any,
    regressor: Any,
    configurations: Sequence[Configuration],
    labels: Sequence[ArrayLike],
    temperatures: Sequence[float],
    halves: Sequence[ArrayLike],
    n_splits: int,
    n_jobs: int | None,
) -> TransferMatrix:
    """`transfer_matrix` of a `PropensityRegressor`, kept in a memory with its features."""
    return cached(memory, _transfer_matrix, ignore=["memory", "n_jobs"])(
        learning_recipe(),
        memory,
        descriptor,
        regressor,
        configurations,
        labels,
        temperatures,
        halves,
        n_splits,
        n_jobs,
    )


def _transfer_matrix(
    recipe: tuple[int, int],
    memory: Memory,
    descriptor: Any,
    regressor: Any,
    configurations: Sequence[Configuration],
    labels: Sequence[ArrayLike],
    temperatures: Sequence[float],
    halves: Sequence[ArrayLike],
    n_splits: int,
    n_jobs: int | None,
) -> TransferMatrix:
    return transfer_matrix(
        PropensityRegressor(descriptor, regressor, memory=memory),
        configurations,
        labels,
        temperatures,
        halves=halves,
        n_splits=n_splits,
        n_jobs=n_jobs,
    )


def kept_cross_predictions(
    memory: Memory,
    descriptor: Any,
    regressor: Any,
    configurations: Sequence[Configuration],
    labels: Sequence[ArrayLike],
    n_splits: int,
    n_jobs: int | None,
) -> list[NDArray[Any]]:
    """`cross_predict` by a `PropensityRegressor`, kept in a memory with its features."""
    return cached(memory, _cross_predictions, ignore=["memory", "n_jobs"])(
        learning_recipe(), memory, descriptor, regressor, configurations, labels, n_splits, n_jobs
    )


def _cross_predictions(
    recipe: tuple[int, int],
    memory: Memory,
    descriptor: Any,
    regressor: Any,
    configurations: Sequence[Configuration],
    labels: Sequence[ArrayLike],
    n_splits: int,
    n_jobs: int | None,
) -> list[NDArray[Any]]:
    model = PropensityRegressor(descriptor, regressor, memory=memory)
    return cross_predict(model, configurations, labels, n_splits, n_jobs)
