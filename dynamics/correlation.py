"""Pearson's correlation coefficient."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray


def pearson(first: ArrayLike, second: ArrayLike) -> np.float64 | NDArray[np.float64]:
    """Pearson correlation over the first axis; NaN where either is constant.

    Parameters
    ----------
    first, second : array_like, shape (N, ...)

    Returns
    -------
    float or ndarray, shape (...)

    Raises
    ------
    ValueError
        If the shapes differ.

    Examples
    --------
    >>> float(pearson([1, 2, 3], [2, 4, 6]))
    1.0
    """
    a, b = np.asarray(first, dtype=np.float64), np.asarray(second, dtype=np.float64)
    if a.shape != b.shape:
        raise ValueError(f"values of shape {a.shape} cannot be correlated with those of {b.shape}")
    if not len(a):
        return np.full(a.shape[1:], np.nan)[()]
    a, b = a - a.mean(axis=0), b - b.mean(axis=0)
    norm = np.sqrt((a * a).sum(axis=0) * (b * b).sum(axis=0))
    varies = norm > 0
    correlation = (a * b).sum(axis=0) / np.where(varies, norm, 1.0)
    return np.where(varies, np.clip(correlation, -1, 1), np.nan)[()]
