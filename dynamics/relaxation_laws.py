"""Laws for how relaxation times grow on cooling, and where they put the glass transition."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.optimize import brentq, curve_fit
from scipy.stats import chi2

LawName = Literal["arrhenius", "vft", "parabolic"]

# Relaxation at the experimental glass transition is this much slower than at the onset.
SLOWDOWN_AT_TG = 1e12

# A parameter so close to a bound ends there: as a share of the distance of both, or of the first
# guess where there is one only.
_CLOSE = 1e-3


class ParameterAtBoundWarning(UserWarning):
    """A fit drove a parameter to the end of what it allows.

    Examples
    --------
    Relaxation times that follow the Arrhenius law leave nothing to diverge:

    >>> import warnings
    >>> import numpy as np
    >>> from vitreous.dynamics import ParameterAtBoundWarning, fit_relaxation_law
    >>> T = np.array([1.0, 0.8, 0.6, 0.5])
    >>> with warnings.catch_warnings():  # doctest: +ELLIPSIS
    ...     warnings.simplefilter("error", ParameterAtBoundWarning)
    ...     fit_relaxation_law(T, np.exp(3.0 / T), np.full(4, 0.05), "vft")
    Traceback (most recent call last):
        ...
    vitreous.dynamics.ParameterAtBoundWarning: the divergence of the vft law ...
    """


@dataclass(frozen=True, eq=False)
class RelaxationLaw:
    """A law fitted to relaxation times.

    Attributes
    ----------
    name : {"arrhenius", "vft", "parabolic"}
    parameters : dict of str to float
    covariance : ndarray, shape (n_parameters, n_parameters)
        Of the parameters in their order.
    chi_squared : float
        Sum of the squared deviations of ln tau in units of their errors.
    degrees_of_freedom : int
        Number of times less number of parameters; chi_squared is about this large if the law holds.
    coldest : float
        Lowest temperature that entered: below it the law is an extrapolation.
    at_bound : tuple of str
        Parameters that ended at a bound of the fit. Their errors mean nothing, and the law is
        another one: the VFT law whose divergence is 0 is the Arrhenius law.

    Examples
    --------
    >>> import numpy as np
    >>> from vitreous.dynamics import fit_relaxation_law
    >>> T = np.array([1.0, 0.8, 0.6, 0.5])
    >>> law = fit_relaxation_law(T, np.exp(3.0 / T), np.full(4, 0.05), "arrhenius")
    >>> round(float(np.log(law(0.3))), 6), round(law.temperature(np.exp(10.0)), 6)
    (10.0, 0.3)
    """

    name: LawName
    parameters: dict[str, float]
    covariance: NDArray[np.float64]
    chi_squared: float
    degrees_of_freedom: int
    coldest: float
    at_bound: tuple[str, ...] = ()

    @property
    def p_value(self) -> float:
        """Probability of a chi squared at least as large if the law holds; NaN without freedom."""
        if not self.degrees_of_freedom:
            return float("nan")
        return float(chi2.sf(self.chi_squared, self.degrees_of_freedom))

    def __call__(self, temperatures: ArrayLike) -> NDArray[np.float64]:
        """Relaxation times at some temperatures; infinite where the law diverges."""
        with np.errstate(over="ignore"):
            return np.exp(self._log_time(np.asarray(temperatures, dtype=np.float64)))

    def standard_error(self, function: Callable[[RelaxationLaw], float]) -> float:
        """Propagate the errors of the parameters to any number computed from the law, linearly."""
        values = np.array(list(self.parameters.values()))
        steps = 1e-4 * np.sqrt(np.diag(self.covariance))
        gradient = np.zeros(len(values))
        for k, step in enumerate(steps):
            if step > 0:
                up, down = values.copy(), values.copy()
                up[k] += step
                down[k] -= step
                difference = function(self._with(up)) - function(self._with(down))
                gradient[k] = difference / (2 * step)
        return float(np.sqrt(gradient @ self.covariance @ gradient))

    def temperature(self, time: float) -> float:
        """Temperature at which the relaxation time reaches a value.

        Raises
        ------
        ValueError
            If the law reaches it at no temperature above 0.
        """
        lowest, highest = _LAWS[self.name].range(*self.parameters.values())

        def excess(temperature: float) -> float:
            return float(self._log_time(temperature) - np.log(time))

        low = lowest + 1e-6 * (highest - lowest)
        if not (np.isfinite(time) and time > 0 and excess(highest) <= 0 <= excess(low)):
            raise ValueError(
                f"the {self.name} law does not reach the relaxation time {time:g} between "
                f"T = {low:.3g} and {highest:.3g}"
            )
        return float(brentq(excess, low, highest))

    def _log_time(self, temperatures: Any) -> Any:
        return _LAWS[self.name].log_time(temperatures, *self.parameters.values())

    def _with(self, values: NDArray[np.float64]) -> RelaxationLaw:
        named = dict(zip(self.parameters, values.tolist(), strict=True))
        return replace(self, parameters=named)


@dataclass(frozen=True)
class _Form:
    parameters: tuple[str, ...]
    log_time: Callable[..., Any]
    range: Callable[..., tuple[float, float]]
    guess: Callable[[NDArray[np.float64], NDArray[np.float64]], list[float]]


def _arrhenius(t: Any, log_time: float, energy: float) -> Any:
    return log_time + energy / t


def _vft(t: Any, log_time: float, strength: float, divergence: float) -> Any:
    warm = t > divergence
    return np.where(
        warm, log_time + strength * divergence / np.where(warm, t - divergence, 1.0), np.inf
    )


def _vft_of_energy(t: Any, log_time: float, energy: float, divergence: float) -> Any:
    """Take D T_0 as one parameter, which stays finite where T_0 goes to 0."""
    return log_time + energy / (t - divergence)


def _parabolic(t: Any, log_time: float, energy: float, onset: float) -> Any:
    return log_time + energy**2 * np.maximum(1 / t - 1 / onset, 0.0) ** 2


def _slope(t: NDArray[np.float64], y: NDArray[np.float64]) -> tuple[float, float]:
    slope, offset = np.polyfit(1 / t, y, 1)
    return float(offset), float(slope)


_LAWS: dict[str, _Form] = {
    "arrhenius": _Form(
        ("log_time", "energy"),
        _arrhenius,
        lambda log_time, energy: (0.0, 1e3 * abs(energy)),
        lambda t, y: list(_slope(t, y)),
    ),
    "vft": _Form(
        ("log_time", "strength", "divergence"),
        _vft,
        lambda log_time, strength, divergence: (divergence, 1e3 * divergence),
        lambda t, y: [y.min() - 2.0, 2.5 * t.min(), 0.5 * t.min()],
    ),
    "parabolic": _Form(
        ("log_time", "energy", "onset"),
        _parabolic,
        lambda log_time, energy, onset: (0.0, onset),
        lambda t, y: [y.min(), 2.0, 1.05 * t.max()],
    ),
}


def fit_relaxation_law(
    temperatures: ArrayLike,
    times: ArrayLike,
    relative_errors: ArrayLike,
    law: LawName,
) -> RelaxationLaw:
    r"""Fit a law of relaxation by weighted least squares of ln tau.

    .. math::

        \text{arrhenius:} \quad & \ln \tau = \ln \tau_0 + E / T,

        \text{vft:} \quad & \ln \tau = \ln \tau_0 + D \, T_0 / (T - T_0),

        \text{parabolic:} \quad & \ln \tau = \ln \tau_o + J^2 (1 / T - 1 / T_o)^2
        \text{ below the onset } T_o.

    Parameters
    ----------
    temperatures : array_like, shape (n,)
        In units of eps_AA / k_B.
    times : array_like, shape (n,)
        Relaxation times.
    relative_errors : array_like, shape (n,)
        Standard errors of the times, divided by the times.
    law : {"arrhenius", "vft", "parabolic"}

    Returns
    -------
    RelaxationLaw
        With the parameters ``log_time`` (ln tau_0 or ln tau_o) and ``energy`` (E, or J in units of
        T), ``strength`` (D), ``divergence`` (T_0) and ``onset`` (T_o).

    Raises
    ------
    ValueError
        If a number is out of range, there are fewer temperatures than parameters, or no
        parameters are found.

    Warns
    -----
    ParameterAtBoundWarning
        If a parameter ends at a bound: a divergence at 0 or at the coldest temperature, an onset at
        the second hottest or at ten times the hottest, an energy at 0.

    References
    ----------
    Y. S. Elmatad, D. Chandler and J. P. Garrahan, J. Phys. Chem. B 113, 5563 (2009), for the
    parabolic law.

    Examples
    --------
    >>> import numpy as np
    >>> from vitreous.dynamics import fit_relaxation_law
    >>> T = np.array([1.0, 0.8, 0.6, 0.5])
    >>> law = fit_relaxation_law(T, np.exp(3.0 / T), np.full(4, 0.05), "arrhenius")
    >>> round(law.parameters["energy"], 6)
    3.0
    """
    if law not in _LAWS:
        raise ValueError(f"unknown law {law!r}; choose one of {', '.join(_LAWS)}")
    t, tau, error = (np.asarray(v, np.float64) for v in (temperatures, times, relative_errors))
    if t.ndim != 1 or not t.shape == tau.shape == error.shape:
        raise ValueError(
            f"temperatures, times and errors must be as many, not {t.shape}, {tau.shape} and "
            f"{error.shape}"
        )
    for name, values in (("temperature", t), ("relaxation time", tau), ("relative error", error)):
        if not (np.isfinite(values).all() and (values > 0).all()):
            raise ValueError(f"every {name} must be positive and finite: {values}")
    form = _LAWS[law]
    if len(np.unique(t)) < len(form.parameters):
        raise ValueError(
            f"the {law} law has {len(form.parameters)} parameters; {len(np.unique(t))} "
            "temperatures are too few"
        )
    y = np.log(tau)
    guess, bounds = form.guess(t, y), _bounds(law, t)
    try:
        values, covariance = curve_fit(
            _vft_of_energy if law == "vft" else form.log_time,
            t, y, p0=guess, sigma=error, absolute_sigma=True,
            bounds=bounds, method="trf", x_scale="jac", max_nfev=20000,
        )  # fmt: skip
    except RuntimeError as failure:
        raise ValueError(f"no {law} law fits these relaxation times: {failure}") from failure
    at_bound = _warn_of_bounds(law, values, guess, bounds)
    if law == "vft":
        values, covariance = _with_strength(values, covariance)
    deviations = (y - form.log_time(t, *values)) / error
    return RelaxationLaw(
        law,
        dict(zip(form.parameters, values.tolist(), strict=True)),
        covariance,
        float(deviations @ deviations),
        len(t) - len(values),
        float(t.min()),
        at_bound,
    )


def _with_strength(
    values: NDArray[np.float64], covariance: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Put D in the place of D T_0."""
    log_time, energy, divergence = values
    change = np.eye(3)
    change[1] = 0.0, 1 / divergence, -energy / divergence**2
    return np.array([log_time, energy / divergence, divergence]), change @ covariance @ change.T


def _warn_of_bounds(
    law: LawName,
    values: NDArray[np.float64],
    guess: list[float],
    bounds: tuple[list[float], list[float]],
) -> tuple[str, ...]:
    """Name the parameters that ended at a bound, and warn of each."""
    found = []
    for name, value, first, *ends in zip(
        _LAWS[law].parameters, values, guess, *bounds, strict=True
    ):
        width = ends[1] - ends[0] if np.isfinite(ends).all() else abs(first)
        for end in ends:
            if abs(value - end) <= _CLOSE * width:
                found.append(name)
                warnings.warn(
                    f"the {name} of the {law} law ends at {end:.4g}, as far as the fit lets it go; "
                    "its error tells nothing",
                    ParameterAtBoundWarning,
                    stacklevel=3,
                )
    return tuple(found)


def _bounds(law: LawName, t: NDArray[np.float64]) -> tuple[list[float], list[float]]:
    """Keep a divergence below the data, and an onset above all but the hottest of them."""
    if law == "vft":
        return [-np.inf, 0.0, 0.0], [np.inf, np.inf, (1 - 1e-6) * t.min()]
    if law == "parabolic":
        return [-np.inf, 0.0, np.sort(t)[-2]], [np.inf, np.inf, 10 * t.max()]
    return [-np.inf, -np.inf], [np.inf, np.inf]


@dataclass(frozen=True)
class GlassTransition:
    """Where a law puts the glass transition, and how far away that is.

    Attributes
    ----------
    law : {"arrhenius", "vft", "parabolic"}
    temperature, standard_error : float
        T_g, and its error from those of the parameters. Other laws give another T_g, which this
        error does not cover.
    onset_time : float
        Relaxation time at the onset temperature.
    decades : float
        Decades of relaxation time between the coldest measured state and T_g.

    Examples
    --------
    >>> import numpy as np
    >>> from vitreous.dynamics import fit_relaxation_law, glass_transition
    >>> T = np.array([1.0, 0.8, 0.6, 0.5])
    >>> law = fit_relaxation_law(T, np.exp(3.0 / T), np.full(4, 0.05), "arrhenius")
    >>> print(glass_transition(law, onset_time=np.exp(3.0)))
    T_g = 0.0979 ± 0.0018 by the arrhenius law, extrapolated over 10.7 decades of relaxation time
    """

    law: LawName
    temperature: float
    standard_error: float
    onset_time: float
    decades: float

    def __str__(self) -> str:
        return (
            f"T_g = {self.temperature:.4f} ± {self.standard_error:.4f} by the {self.law} law, "
            f"extrapolated over {self.decades:.1f} decades of relaxation time"
        )


def glass_transition(law: RelaxationLaw, onset_time: float) -> GlassTransition:
    """Extrapolate a law to the experimental glass transition.

    There relaxation takes 10^12 times as long as at the onset temperature, minutes instead of
    picoseconds in molecular liquids.

    Parameters
    ----------
    law : RelaxationLaw
    onset_time : float
        Relaxation time at the onset of slow dynamics.

    Returns
    -------
    GlassTransition

    Examples
    --------
    >>> import numpy as np
    >>> from vitreous.dynamics import fit_relaxation_law, glass_transition
    >>> T = np.array([1.0, 0.8, 0.6, 0.5])
    >>> law = fit_relaxation_law(T, np.exp(3.0 / T), np.full(4, 0.05), "arrhenius")
    >>> found = glass_transition(law, onset_time=np.exp(3.0))
    >>> round(found.temperature, 4), round(found.decades, 1)
    (0.0979, 10.7)
    """
    slowest = SLOWDOWN_AT_TG * onset_time
    return GlassTransition(
        law.name,
        law.temperature(slowest),
        law.standard_error(lambda other: other.temperature(slowest)),
        onset_time,
        float(np.log10(slowest / law(law.coldest))),
    )
