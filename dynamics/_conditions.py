"""Conditions of configurations, such as temperatures, under which residuals are measured."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..liquid import Configuration


def known_conditions(
    configurations: Sequence[Configuration],
    predictions: Sequence[ArrayLike],
    halves: Sequence[ArrayLike],
    conditions: NDArray[np.float64],
) -> NDArray[np.float64]:
    """Find the different conditions; refuse other numbers of things, and single configurations."""
    n = len(configurations)
    if not len(predictions) == len(halves) == len(conditions) == n:
        raise ValueError(
            f"{len(predictions)} predictions, {len(halves)} pairs of halves and {len(conditions)} "
            f"conditions for {n} configurations"
        )
    known, counts = np.unique(conditions, return_counts=True)
    if counts.min() < 2:
        raise ValueError(
            f"the condition {known[counts.argmin()]:g} has one configuration; fluctuations take two"
        )
    return known
