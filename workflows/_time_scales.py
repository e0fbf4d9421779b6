"""The model of all time scales on files, whose mean labels show how far they have relaxed."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from ..datasets import LabelledConfiguration
from ..models import TimeScaleRegressor
from ..storage.progress import Progress, silent
from ._labels import labels_at_all_times, place_of_time


def labels_at_times(
    data: Sequence[LabelledConfiguration],
    label: str,
    chosen: Sequence[float | None] | None = None,
) -> tuple[list[NDArray[np.float64]], list[NDArray[np.float64]]]:
    """Collect times and labels (N, K) of the files, or only those of one chosen time of each.

    Raises
    ------
    ValueError
        If a file does not give its temperature.
    """
    for item in data:
        if item.configuration.temperature is None:
            raise ValueError(
                f"{item.source} does not tell the temperature, in units of which the time-scales "
                "model measures displacements"
            )
    labels = [labels_at_all_times(item, label) for item in data]
    if chosen is None:
        return [item.labels.times for item in data], labels
    places = [place_of_time(item, time) for item, time in zip(data, chosen, strict=True)]
    return (
        [item.labels.times[[place]] for item, place in zip(data, places, strict=True)],
        [values[:, [place]] for values, place in zip(labels, places, strict=True)],
    )


def predict_at_time(
    model: TimeScaleRegressor,
    data: Sequence[LabelledConfiguration],
    places: Sequence[int],
    label: str,
    progress: Progress = silent,
) -> list[NDArray[np.float64]]:
    """Predict the label at one of the times of each file, shape (N,) each.

    The mean label of all files of a temperature shows how far the liquid has relaxed at that time.
    Of the labels, the model gets this mean and nothing else.
    """
    labels_at_times(data, label)
    groups: dict[tuple[float, float], list[int]] = {}
    for number, (item, place) in enumerate(zip(data, places, strict=True)):
        groups.setdefault((item.temperature, float(item.labels.times[place])), []).append(number)
    predictions: dict[int, NDArray[np.float64]] = {}
    for (_, time), members in groups.items():
        level = np.mean([data[k].labels.means(label)[places[k]] for k in members])
        found = model.predict(
            [data[k].configuration for k in members], [time], [level], progress=progress
        )
        predictions |= {k: values[:, 0] for k, values in zip(members, found, strict=True)}
    return [predictions[number] for number in range(len(data))]
