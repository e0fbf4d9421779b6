"""The transferable model on files, whose times take the place of its levels."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from ..datasets import LabelledConfiguration
from ..dynamics import common_levels
from ..models import TransferableRegressor
from ..storage.progress import Progress, silent
from ._labels import labels_at_all_times


def labels_at_levels(
    data: Sequence[LabelledConfiguration], label: str
) -> tuple[NDArray[np.float64], list[NDArray[np.float64]]]:
    """Collect the labels at all times of the files and what their means are.

    Files of different temperatures have different times, at which their labels must have nearly the
    same mean, as those have that are taken at fixed values of the average dynamics.

    Returns
    -------
    levels : ndarray, shape (K,)
        Mean label at each place among the times, over all files.
    labels : list of ndarray, shape (N, K)

    Raises
    ------
    ValueError
        If the files hold different numbers of times, or means that differ by more than levels do.
    """
    counts = {len(item.labels.times): item.source for item in data}
    if len(counts) > 1:
        (few, one), (many, other), *_ = sorted(counts.items())
        raise ValueError(
            f"{one} has labels at {few} time(s), {other} at {many}: the transferable model takes "
            "the same number in all files"
        )
    labels = [labels_at_all_times(item, label) for item in data]
    try:
        levels = common_levels([item.labels for item in data], label)
    except ValueError as error:
        raise ValueError(
            f"{error}; the transferable model takes labels at fixed values of their mean"
        ) from error
    return levels, labels


def predict_at_means(
    model: TransferableRegressor,
    data: Sequence[LabelledConfiguration],
    labels: Sequence[NDArray[np.float64]],
    progress: Progress = silent,
) -> list[NDArray[np.float64]]:
    """Predict, shape (N,) each, at the level that the labels (N,) of a temperature have on average.

    For models whose levels are the means of the labels: these are known of a liquid as its
    relaxation is, whatever single particles do.
    """
    predictions: list[NDArray[np.float64]] = [np.empty(0)] * len(data)
    temperatures = np.array([item.temperature for item in data])
    for temperature in np.unique(temperatures):
        chosen = np.flatnonzero(np.isclose(temperatures, temperature, equal_nan=True)).tolist()
        level = float(np.concatenate([labels[k] for k in chosen]).mean())
        found = model.predict(
            [data[k].configuration for k in chosen],
            [level],
            temperatures[chosen] if model.temperature_scale_ else None,
            progress,
        )
        for k, values in zip(chosen, found, strict=True):
            predictions[k] = values[:, 0]
    return predictions


def predict_at_place(
    model: TransferableRegressor,
    data: Sequence[LabelledConfiguration],
    places: Sequence[int],
    progress: Progress = silent,
) -> list[NDArray[np.float64]]:
    """Predict at the level of one of the times of the files, shape (N,) each."""
    levels = np.ravel(model.levels)
    for item in data:
        if len(item.labels.times) != len(levels):
            raise ValueError(
                f"{item.source} has labels at {len(item.labels.times)} time(s), the model learnt "
                f"{len(levels)} levels: which of them each time is cannot be told"
            )
    predictions = model.predict([item.configuration for item in data], progress=progress)
    return [values[:, place] for values, place in zip(predictions, places, strict=True)]
