"""Dynamic heterogeneity: how far the mobility of whole configurations fluctuates."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

MOBILE_BEYOND = {"KA": 0.44, "KA2D": 0.40}
"""Displacement at which half a particle counts as mobile, by system (GlassBench)."""


def mobile_fraction(displacement: ArrayLike, threshold: float) -> NDArray[np.float64]:
    """Count a particle as mobile by a smooth step, ``Q = [1 + tanh(20 (x - x0))] / 2``.

    The definition of the GlassBench data (Jung et al., arXiv:2311.14752).

    Parameters
    ----------
    displacement : array_like
        In units of sigma_AA.
    threshold : float
        x0: 0.40 for KA2D, 0.44 for KA.

    Returns
    -------
    ndarray, float64
        Between 0 and 1, shaped like the displacement.

    Examples
    --------
    >>> mobile_fraction([0.0, 0.44, 1.0], 0.44).round(3)
    array([0. , 0.5, 1. ])
    """
    return (1 + np.tanh(20 * (np.asarray(displacement, dtype=np.float64) - threshold))) / 2


def susceptibility(fields: Sequence[ArrayLike]) -> np.float64 | NDArray[np.float64]:
    """Dynamic susceptibility ``chi4 = N (<C^2> - <C>^2)`` of a field, measured or predicted.

    C is the mean of the field Q over the particles of one configuration and ``<>`` the average over
    configurations. With Q the average over replicas it is the isoconfigurational part of chi4, the
    one that structure can predict. It is the same for Q and 1 - Q, for the bond-breaking
    correlation and the fraction of broken bonds for instance.

    Parameters
    ----------
    fields : sequence of array_like, shape (N,) or (N, ...)
        Q of the particles of one species in each configuration.

    Returns
    -------
    float or ndarray, shape (...)
        With N the mean number of particles. Few configurations give less than infinitely many
        would, by the factor 1 - 1 / n_configurations on average.

    Raises
    ------
    ValueError
        If there are fewer than two configurations.

    Examples
    --------
    >>> float(susceptibility([[0.0, 0.0], [1.0, 1.0]]))
    0.5
    """
    if len(fields) < 2:
        raise ValueError(f"fluctuations take at least 2 configurations, not {len(fields)}")
    arrays = [np.asarray(field, dtype=np.float64) for field in fields]
    means = np.array([field.mean(axis=0) for field in arrays])
    return np.mean([len(field) for field in arrays]) * means.var(axis=0)
