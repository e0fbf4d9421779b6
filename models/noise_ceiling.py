"""The correlation that no predictor of noisy labels can exceed."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .scores import pearson


def noise_ceiling(first: ArrayLike, second: ArrayLike) -> np.float64 | NDArray[np.float64]:
    """Largest Pearson correlation that any prediction can have with replica-averaged labels.

    With the correlation r_h between the averages over two halves of the replicas, the average over
    all of them has the reliability ``2 r_h / (1 + r_h)`` (Spearman and Brown), and even the exact
    propensity correlates with it by no more than the square root of that.

    Parameters
    ----------
    first, second : array_like, shape (N, ...)
        Averages over two disjoint halves of the replicas of equal size.

    Returns
    -------
    float or ndarray, shape (...)
        Between 0 and 1; 0 where the halves do not correlate at all, NaN where they are unknown.

    Examples
    --------
    >>> float(noise_ceiling([1.0, 2.0, 3.0], [1.0, 2.0, 3.0]))
    1.0
    """
    half = np.maximum(pearson(first, second), 0.0)
    return np.sqrt(2 * half / (1 + half))
