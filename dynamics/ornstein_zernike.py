"""Correlation length from the Ornstein-Zernike form of a structure factor."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.optimize import minimize_scalar

from .estimate import Estimate

# Stands for the minus logarithm of no likelihood at all, but can be reckoned with.
_IMPOSSIBLE = 1e6


@dataclass(frozen=True, eq=False)
class OrnsteinZernike:
    """A fit of ``S(q) = S(0) / [1 + (q xi)^2]``.

    Attributes
    ----------
    length : Estimate
        xi, in units of sigma_AA; 0 where the structure factor does not fall, infinite where it
        falls like 1 / q^2 or faster at the smallest wave numbers already.
    amplitude : Estimate
        S(0); infinite if the length is.
    longest_wave_number : float
        Largest q that entered.

    Examples
    --------
    >>> import numpy as np
    >>> from vitreous.dynamics import fit_ornstein_zernike
    >>> q = np.linspace(0.2, 1.0, 5)
    >>> exact = 12.0 / (1 + (q * 3.0) ** 2)
    >>> fit = fit_ornstein_zernike(q, [exact, exact], np.full(5, 10), longest_wave_number=1.0)
    >>> fit([0.0, 1 / 3]).round(3)
    array([12.,  6.])
    """

    length: Estimate
    amplitude: Estimate
    longest_wave_number: float

    def __call__(self, wave_numbers: ArrayLike) -> NDArray[np.float64]:
        """Evaluate the fitted form."""
        q = np.asarray(wave_numbers, dtype=np.float64)
        return self.amplitude.value / (1 + (q * self.length.value) ** 2)


def fit_ornstein_zernike(
    wave_numbers: ArrayLike,
    of_configurations: ArrayLike,
    n_vectors: ArrayLike,
    longest_wave_number: float,
) -> OrnsteinZernike:
    r"""Fit the Ornstein-Zernike form by maximum likelihood.

    Fourier components of a random field are Gaussian, so that a measured S scatters around its mean
    like a sum of n exponential variables, where n is the number of wave vectors of the shell. Minus
    the logarithm of their likelihood (Whittle, J. R. Stat. Soc. B 15, 125, 1953) is

    .. math::

        \sum_k n_k \left[ \ln S(q_k) + \frac{S_k}{S(q_k)} \right],
        \qquad S(q) = \frac{S(0)}{1 + (q \xi)^2}.

    The best S(0) is known for a given :math:`\xi`, so that the search is for one number, up to ten
    times the inverse of the smallest wave number. Errors are those of the jackknife: the fit is
    repeated with each configuration left out. They are NaN where a length is infinite.

    Parameters
    ----------
    wave_numbers : array_like, shape (K,)
        In units of 1 / sigma_AA.
    of_configurations : array_like, shape (n_configurations, K)
        Structure factor of each configuration; single values may be negative.
    n_vectors : array_like, shape (K,)
    longest_wave_number : float
        Shells beyond it do not enter.

    Returns
    -------
    OrnsteinZernike

    Raises
    ------
    ValueError
        If there are fewer than three shells to fit.

    Examples
    --------
    >>> q = np.linspace(0.2, 1.0, 5)
    >>> exact = 12.0 / (1 + (q * 3.0) ** 2)
    >>> fit = fit_ornstein_zernike(q, [exact, exact], np.full(5, 10), longest_wave_number=1.0)
    >>> round(float(fit.length.value), 3), round(float(fit.amplitude.value), 3)
    (3.0, 12.0)
    """
    q = np.asarray(wave_numbers, dtype=np.float64)
    used = q <= longest_wave_number * (1 + 1e-9)
    if used.sum() < 3:
        raise ValueError(
            f"{used.sum()} shells below the wave number {longest_wave_number:g} are too few for a "
            f"fit; the first three end at {q[:3].max():.3g}"
        )
    q, n = q[used], np.asarray(n_vectors)[used]
    values = np.asarray(of_configurations, dtype=np.float64)[:, used]
    fit = Estimate.jackknife(lambda chosen: _best(q, values[chosen].mean(axis=0), n), len(values))
    length, amplitude = (
        Estimate(fit.value[k], fit.standard_error[k], fit.n_configurations) for k in (0, 1)
    )
    return OrnsteinZernike(length, amplitude, float(longest_wave_number))


def _best(
    q: NDArray[np.float64], values: NDArray[np.float64], n: NDArray[np.int64]
) -> NDArray[np.float64]:
    """Length and amplitude of largest likelihood."""

    def amplitude(length: float) -> float:
        return float(np.average(values * (1 + (q * length) ** 2), weights=n))

    def minus_log_likelihood(log_length: float) -> float:
        length = np.exp(log_length)
        at_zero = amplitude(length)
        if at_zero <= 0:
            return _IMPOSSIBLE
        return float(np.log(at_zero) - np.average(np.log1p((q * length) ** 2), weights=n))

    # From a hundredth of the finest to ten times the coarsest scale that the wave numbers resolve.
    bounds = np.log(0.01 / q.max()), np.log(10 / q.min())
    found = minimize_scalar(minus_log_likelihood, bounds=bounds, method="bounded")
    if minus_log_likelihood(bounds[0]) <= found.fun:
        return np.array([0.0, amplitude(0.0)])
    if minus_log_likelihood(bounds[1]) <= found.fun:
        return np.array([np.inf, np.inf])
    length = float(np.exp(found.x))
    return np.array([length, amplitude(length)])
