"""Training of the models of a study and their predictions, as they are kept in its folder."""

from __future__ import annotations

import copy
import warnings
from collections.abc import Sequence
from typing import Any

import numpy as np
from joblib import Memory
from numpy.typing import NDArray

from ...liquid import Configuration
from ...models import ExtrapolationWarning, TransferableRegressor


def fit_and_predict(
    recipe: tuple[int, int],
    memory: Memory,
    descriptor: Any,
    regressor: Any,
    levels: Sequence[float],
    training: Sequence[Configuration],
    labels: Sequence[NDArray[np.float64]],
    training_temperatures: Sequence[float],
    tests: Sequence[Configuration],
    test_temperatures: Sequence[float],
) -> tuple[list[NDArray[np.float64]], TransferableRegressor]:
    """Train a model and let each of its networks predict other configurations at the last level.

    Returns
    -------
    list of ndarray, shape (n_networks, N)
        One network for regressors without.
    TransferableRegressor
    """
    model = TransferableRegressor(descriptor, regressor, levels, tied=True, memory=memory)
    model.fit(training, labels, training_temperatures)
    predictions = predict_each(recipe, memory, model, levels[-1], tests, test_temperatures)
    return predictions, model.set_params(memory=None)


def predict_each(
    recipe: tuple[int, int],
    memory: Memory,
    model: TransferableRegressor,
    level: float,
    tests: Sequence[Configuration],
    temperatures: Sequence[float],
) -> list[NDArray[np.float64]]:
    """Let each network of a model predict, shape (n_networks, N) for each configuration."""
    each = []
    for member in model.members():
        with warnings.catch_warnings():
            # Other temperatures are what the model is asked about.
            warnings.simplefilter("ignore", ExtrapolationWarning)
            remembering = copy.copy(member).set_params(memory=memory)
            each.append([v[:, 0] for v in remembering.predict(tests, [level], temperatures)])
    return [np.stack(of_networks) for of_networks in zip(*each, strict=True)]
