"""How many samples it takes a time series to forget where it was."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike
from scipy import fft

# The sum over lags stops where it reaches this many autocorrelation times.
_WINDOW = 5.0


def integrated_autocorrelation_time(series: ArrayLike) -> float:
    """Integrated autocorrelation time of one or several stationary series, in samples.

    tau = 1 + 2 sum_{t=1}^{M} rho(t), where rho is the normalised autocorrelation and the window M
    is the first lag with M >= 5 tau(M), which balances the noise of far lags against the bias of
    leaving them out [1]_, [2]_; it ends at half the length. White noise has tau = 1; the mean of n
    samples has the variance of a mean of n / tau independent ones. The estimate is reliable only
    for series many times longer than itself.

    Several series are taken as runs of one process: their autocovariances are averaged, and
    deviations are taken from the mean over all of them. Runs that stay apart, each at a value of
    its own, thus count as correlated over their whole length.

    Parameters
    ----------
    series : array_like, shape (T,) or (R, T)
        R runs of equal length, sampled at equal intervals.

    Returns
    -------
    float
        NaN if nothing varies.

    Raises
    ------
    ValueError
        If the shape is another, a value is not finite, or there are fewer than two samples.

    References
    ----------
    .. [1] N. Madras and A. D. Sokal, J. Stat. Phys. 50, 109 (1988).
    .. [2] U. Wolff, Comput. Phys. Commun. 156, 143 (2004).

    Examples
    --------
    An autoregressive process x(t) = 0.8 x(t - 1) + noise has tau = (1 + 0.8) / (1 - 0.8) = 9.

    >>> import numpy as np
    >>> from scipy.signal import lfilter
    >>> noise = np.random.default_rng(0).standard_normal(100_000)
    >>> round(integrated_autocorrelation_time(lfilter([1], [1, -0.8], noise)))
    9
    """
    runs = np.atleast_2d(np.asarray(series, dtype=np.float64))
    if runs.ndim != 2 or runs.shape[1] < 2:
        raise ValueError(
            f"series must have shape (T,) or (R, T) with two samples or more, not {runs.shape}"
        )
    if not np.isfinite(runs).all():
        raise ValueError("series must be finite")
    n_samples = runs.shape[1]
    deviations = runs - runs.mean()
    size = fft.next_fast_len(2 * n_samples, real=True)
    spectrum = np.abs(fft.rfft(deviations, size)) ** 2
    lags = np.arange(n_samples // 2 + 1)
    covariance = fft.irfft(spectrum.mean(axis=0), size)[lags] / (n_samples - lags)
    if covariance[0] <= np.finfo(float).eps * runs.mean() ** 2:
        return float("nan")
    tau = 2 * np.cumsum(covariance) / covariance[0] - 1
    closed = np.flatnonzero(lags >= _WINDOW * tau)
    # Without a window the series is shorter than its correlations: what was seen of them counts.
    return float(tau[closed[0]] if closed.size else tau.max())
