"""Averages over the particles whose label is known."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def mean_of_known(labels: NDArray[np.float64]) -> NDArray[np.float64]:
    """Average labels (N, T) over particles, shape (T,), without those that are NaN.

    In a field of view some particles are lost from sight. NaN where none is known.
    """
    known = ~np.isnan(labels)
    with np.errstate(invalid="ignore"):
        return np.where(known, labels, 0.0).sum(axis=0) / known.sum(axis=0)
