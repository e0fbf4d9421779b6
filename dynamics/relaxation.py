"""Structural relaxation: the self-intermediate scattering function and relaxation times."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .estimate import Estimate


def self_intermediate_scattering(
    initial: ArrayLike, positions: ArrayLike, wave_number: float = 7.0
) -> NDArray[np.float64]:
    """Self-intermediate scattering function of each particle, ``< cos(q dx) >`` over the axes.

    Its mean over particles is F_s(q, t); q = 7.0 is close to the first peak of the structure
    factor of the Kob-Andersen mixtures.

    Parameters
    ----------
    initial : array_like, shape (N, d)
        Positions at t = 0, in units of sigma_AA.
    positions : array_like, shape (..., N, d)
        Unwrapped positions at later times.
    wave_number : float
        q, in units of 1 / sigma_AA.

    Returns
    -------
    ndarray, shape (..., N), float64

    Examples
    --------
    >>> self_intermediate_scattering([[0.0, 0.0]], [[0.0, 0.0]])
    array([1.])
    """
    shifts = np.asarray(positions) - np.asarray(initial)
    return np.cos(wave_number * shifts).mean(axis=-1)


def relaxation_time(times: ArrayLike, correlation: ArrayLike, level: float = np.exp(-1)) -> float:
    """Time at which a correlation first falls to `level`, interpolated in log t.

    Parameters
    ----------
    times : array_like, shape (T,)
        Rising positive times.
    correlation : array_like, shape (T,)
        Correlation at those times.
    level : float
        1/e by default, which defines tau_alpha when the correlation is F_s(q, t).

    Returns
    -------
    float
        NaN where the correlation starts below the level or never reaches it.

    Examples
    --------
    >>> times = np.geomspace(0.1, 100, 400)
    >>> round(relaxation_time(times, np.exp(-times / 10)), 2)
    10.0
    """
    times = np.asarray(times, dtype=np.float64)
    correlation = np.asarray(correlation, dtype=np.float64)
    below = np.flatnonzero(correlation <= level)
    if not below.size or below[0] == 0:
        return float("nan")
    last = below[0]
    fraction = (correlation[last - 1] - level) / (correlation[last - 1] - correlation[last])
    log_times = np.log(times[last - 1 : last + 1])
    return float(np.exp(log_times[0] + fraction * (log_times[1] - log_times[0])))


def relaxation_time_estimate(
    times: ArrayLike, correlations: ArrayLike, level: float = np.exp(-1)
) -> Estimate:
    """Relaxation time of the mean correlation of several configurations, with its error.

    Parameters
    ----------
    times : array_like, shape (T,)
        Rising positive times.
    correlations : array_like, shape (n_configurations, T)
        F_s(q, t), the overlap or C_B(t) of each configuration, averaged over particles.
    level : float
        As in `relaxation_time`.

    Returns
    -------
    Estimate
        The error is that of the jackknife, made with ln tau: each configuration is left out in
        turn. NaN where the mean, or the mean without one configuration, does not pass the level.

    Examples
    --------
    >>> times = np.geomspace(0.1, 100, 400)
    >>> curves = [np.exp(-times / tau) for tau in (8.0, 10.0, 12.0)]
    >>> found = relaxation_time_estimate(times, curves)
    >>> round(float(found.value), 1), round(float(found.standard_error), 1)
    (9.9, 1.2)
    """
    curves = np.asarray(correlations, dtype=np.float64)
    found = Estimate.jackknife(
        lambda chosen: np.log(relaxation_time(times, curves[chosen].mean(axis=0), level)),
        len(curves),
    )
    tau = np.exp(found.value)
    return Estimate(tau, tau * found.standard_error, found.n_configurations)
