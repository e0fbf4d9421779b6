"""Labels of configurations at several temperatures, each of which has times of its own."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..liquid import Configuration
from ._progress import LabelProgress


def by_temperature(configurations: Sequence[Configuration]) -> dict[float, list[int]]:
    """Numbers of the configurations of each temperature."""
    if not configurations:
        raise ValueError("there are no configurations to learn from")
    groups: dict[float, list[int]] = {}
    for number, configuration in enumerate(configurations):
        groups.setdefault(configuration.require_temperature(), []).append(number)
    return groups


def checked_labels(
    progress: LabelProgress,
    configurations: Sequence[Configuration],
    labels: Sequence[ArrayLike],
    times: Sequence[ArrayLike],
) -> tuple[list[NDArray[np.float64]], dict[float, NDArray[np.float64]]]:
    """Labels as progress, and the times of each temperature."""
    if not len(labels) == len(times) == len(configurations):
        raise ValueError(
            f"{len(configurations)} configurations need as many labels and times, not "
            f"{len(labels)} and {len(times)}"
        )
    known, scaled = {}, {}
    for temperature, members in by_temperature(configurations).items():
        t = np.ravel(np.asarray(times[members[0]], dtype=np.float64))
        if not len(t) or t[0] <= 0 or (np.diff(t) <= 0).any() or not np.isfinite(t).all():
            raise ValueError(f"times must be positive and rise, not {times[members[0]]!r}")
        for k in members:
            if not np.array_equal(t, np.ravel(np.asarray(times[k], dtype=np.float64))):
                raise ValueError(
                    f"configurations {members[0]} and {k} are both at T = {temperature:g} but "
                    "their labels at different times"
                )
            values = np.asarray(labels[k], dtype=np.float64)
            if values.shape != (configurations[k].n_particles, len(t)):
                raise ValueError(
                    f"the labels of configuration {k} have shape {values.shape}; its particles "
                    f"and times ask for {(configurations[k].n_particles, len(t))}"
                )
            if not np.isfinite(values).all():
                raise ValueError(f"a label of configuration {k} is not finite")
            scaled[k] = progress.of(values, temperature)
        known[temperature] = t
    return [scaled[k] for k in range(len(configurations))], known
