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


def susceptibility(
    fields: Sequence[ArrayLike], others: Sequence[ArrayLike] | None = None
) -> np.float64 | NDArray[np.float64]:
    """Dynamic susceptibility ``chi4 = N (<C^2> - <C>^2)`` of a field, measured or predicted.

    C is the mean of the field Q over the particles of one configuration and ``<>`` the average over
    configurations. If Q is the average over replicas, this is the isoconfigurational part of chi4,
    the one that structure can predict. It is the same for Q and 1 - Q, for the bond-breaking
    correlation and the fraction of broken bonds for instance.

    Parameters
    ----------
    fields : sequence of array_like, shape (N,) or (N, ...)
        Q of the particles of one species in each configuration.
    others : sequence of array_like, optional
        A second, independent measurement of the same fields: the average over the other half of
        the replicas. ``<C^2> - <C>^2`` is then replaced by the covariance of the two, which leaves
        out the noise of finitely many replicas.

    Returns
    -------
    float or ndarray, shape (...)
        With N the mean number of particles. Few configurations give less than infinitely many
        would, by the factor 1 - 1 / n_configurations on average.

    Raises
    ------
    ValueError
        If there are fewer than two configurations, or not as many others.

    See Also
    --------
    total_susceptibility : with the fluctuations that the velocities cause.

    Examples
    --------
    >>> float(susceptibility([[0.0, 0.0], [1.0, 1.0]]))
    0.5
    """
    first = _means(fields)
    second = first if others is None else _means(others)
    if len(second) != len(first):
        raise ValueError(f"{len(second)} other fields for {len(first)} fields")
    covariance = np.mean((first - first.mean(axis=0)) * (second - second.mean(axis=0)), axis=0)
    return _mean_size(fields) * covariance


def total_susceptibility(
    fields: Sequence[ArrayLike], others: Sequence[ArrayLike], n_replicas: int
) -> np.float64 | NDArray[np.float64]:
    r"""Dynamic susceptibility over configurations and velocities, from halves of the replicas.

    The variance of C over single replicas is its variance over configurations plus the mean
    variance :math:`v` over the replicas of one configuration. Two halves of m and n replicas
    differ by :math:`\langle (C_1 - C_2)^2 \rangle = v (1 / m + 1 / n)`, which gives v without
    keeping single replicas.

    Parameters
    ----------
    fields, others : sequence of array_like, shape (N,) or (N, ...)
        Averages over the even and over the odd replicas, of the particles of one species in each
        configuration.
    n_replicas : int
        Of each configuration, in both halves together.

    Returns
    -------
    float or ndarray, shape (...)

    Raises
    ------
    ValueError
        If there are fewer than two configurations or replicas.

    Examples
    --------
    >>> float(total_susceptibility([[0.0, 0.0], [1.0, 1.0]], [[0.0, 0.0], [1.0, 1.0]], 8))
    0.5
    """
    if n_replicas < 2:
        raise ValueError(f"two halves take at least 2 replicas, not {n_replicas}")
    n_odd = n_replicas // 2
    difference = np.mean((_means(fields) - _means(others)) ** 2, axis=0)
    of_velocities = difference / (1 / (n_replicas - n_odd) + 1 / n_odd)
    return susceptibility(fields, others) + _mean_size(fields) * of_velocities


def single_particle_variance(
    fields: Sequence[ArrayLike], others: Sequence[ArrayLike] | None = None
) -> np.float64 | NDArray[np.float64]:
    """Variance ``<Q_i^2> - <Q_i>^2`` of a field over all particles of all configurations.

    chi4 and S4(q) divided by it no longer know how much particles differ, only how far they differ
    together: both are 1 for a field without correlations. So a predicted field whose spread is not
    that of the measured one can still be compared with it.

    Parameters
    ----------
    fields : sequence of array_like, shape (N,) or (N, ...)
        Q of the particles of one species in each configuration.
    others : sequence of array_like, optional
        As in `susceptibility`: the covariance of the two leaves out the noise of the replicas.

    Returns
    -------
    float or ndarray, shape (...)

    Raises
    ------
    ValueError
        If there are not as many others as fields.

    Examples
    --------
    >>> float(single_particle_variance([[0.0, 0.0], [1.0, 1.0]]))
    0.25
    """
    if others is not None and len(others) != len(fields):
        raise ValueError(f"{len(others)} other fields for {len(fields)} fields")
    first = np.concatenate([np.asarray(field, dtype=np.float64) for field in fields])
    if others is None:
        return first.var(axis=0)
    second = np.concatenate([np.asarray(field, dtype=np.float64) for field in others])
    return np.mean((first - first.mean(axis=0)) * (second - second.mean(axis=0)), axis=0)


def _means(fields: Sequence[ArrayLike]) -> NDArray[np.float64]:
    if len(fields) < 2:
        raise ValueError(f"fluctuations take at least 2 configurations, not {len(fields)}")
    return np.array([np.asarray(field, dtype=np.float64).mean(axis=0) for field in fields])


def _mean_size(fields: Sequence[ArrayLike]) -> float:
    return float(np.mean([len(np.asarray(field)) for field in fields]))
