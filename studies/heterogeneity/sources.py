"""Numbers with all that they depend on, and what each of it does to them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ...dynamics import Estimate, RelaxationLaw
from ...simulate import Relaxation

CONFIGURATIONS, NETWORKS, CALIBRATION = "configurations", "networks", "calibration"
RELAXATION, ROUTES = "relaxation times", "two routes"


@dataclass(frozen=True, eq=False)
class Sourced:
    """A number at one temperature.

    Attributes
    ----------
    estimate : Estimate
        With its error over the configurations of this temperature.
    without : dict of str to ndarray
        By source, the number with each of its members left out: each network, or each configuration
        that a correction was measured on.

    Examples
    --------
    >>> from vitreous.dynamics import Estimate
    >>> from vitreous.studies import Sourced
    >>> number = Sourced(Estimate(2.0, 0.3, 8), {"networks": np.array([1.6, 2.4])})
    >>> {source: round(error, 6) for source, error in number.errors.items()}
    {'configurations': 0.3, 'networks': 0.4}
    >>> round(number.standard_error, 6)
    0.5
    """

    estimate: Estimate
    without: Mapping[str, NDArray[np.float64]] = field(default_factory=dict)

    @property
    def value(self) -> float:
        """The number itself."""
        return float(self.estimate.value)

    @property
    def errors(self) -> dict[str, float]:
        """Standard error by source."""
        of_configurations = {CONFIGURATIONS: float(self.estimate.standard_error)}
        return of_configurations | {
            source: _error(values) for source, values in self.without.items()
        }

    @property
    def standard_error(self) -> float:
        """All errors together."""
        return float(np.linalg.norm(list(self.errors.values())))


@dataclass(frozen=True)
class Growth:
    """Growth of a quantity per decade of relaxation time.

    Attributes
    ----------
    slope : float
        Of the logarithm; NaN where fewer than two temperatures have a positive value and an error.
    errors : dict of str to float
        Standard error by source.
    n_temperatures : int
        How many entered.

    Examples
    --------
    >>> from vitreous.studies import Growth
    >>> above = Growth(0.30, {"configurations": 0.06}, n_temperatures=6)
    >>> below = Growth(0.05, {"configurations": 0.06, "networks": 0.08}, n_temperatures=4)
    >>> round(below.standard_error, 6), round(above.faster_than(below), 1)
    (0.1, 2.1)
    """

    slope: float
    errors: Mapping[str, float]
    n_temperatures: int

    @property
    def standard_error(self) -> float:
        """All errors together."""
        return float(np.linalg.norm(list(self.errors.values()))) if self.errors else float("nan")

    def faster_than(self, other: Growth) -> float:
        """By how many standard errors of the difference this one grows faster."""
        return (self.slope - other.slope) / float(
            np.hypot(self.standard_error, other.standard_error)
        )


def _error(without: ArrayLike) -> float:
    """Find the standard error of a number from its values with each member left out."""
    return float(Estimate.from_left_out(np.nan, without).standard_error)


def growth(
    numbers: Mapping[float, Sourced], relaxations: Mapping[float, Relaxation], law: RelaxationLaw
) -> Growth:
    """Growth per decade, by weighted least squares of the logarithm against that of tau_B.

    Weights are those of the errors over configurations. Each source has its own error: what the
    slope changes by if a network, or a configuration of the correction, is left out everywhere;
    relaxation times count with the errors of those measured and of the parameters of the law.

    Parameters
    ----------
    numbers : mapping of float to Sourced
        By temperature. Those that are not positive and finite, or have no error, are left out.
    relaxations : mapping of float to Relaxation
        Where they were measured.
    law : RelaxationLaw
        Gives the relaxation time elsewhere.
    """
    known = {
        t: n
        for t, n in numbers.items()
        if n.value > 0 and n.estimate.standard_error > 0 and np.isfinite(n.value)
    }
    if len(known) < 2:
        return Growth(float("nan"), {}, len(known))
    y = np.array([n.value for n in known.values()])
    weights = (y / [float(n.estimate.standard_error) for n in known.values()]) ** 2
    measured = np.array([t in relaxations for t in known])

    def decades(by: RelaxationLaw) -> NDArray[np.float64]:
        return np.log10(
            [float(relaxations[t].bond_breaking_time if t in relaxations else by(t)) for t in known]
        )

    def slope(x: NDArray[np.float64], values: NDArray[np.float64]) -> float:
        if not (values > 0).all():
            return float("nan")
        centred = x - np.average(x, weights=weights)
        return float(weights @ (centred * np.log(values)) / (weights @ centred**2))

    x = decades(law)
    centred = x - np.average(x, weights=weights)
    errors = {CONFIGURATIONS: float((weights @ centred**2) ** -0.5)}
    sources = dict.fromkeys(source for n in known.values() for source in n.without)
    for source in sources:
        each = np.array([n.without[source] for n in known.values()])
        errors[source] = _error([slope(x, values) for values in each.T])
    of_times = [
        (slope(x + step * (np.arange(len(x)) == k), y) - slope(x, y)) / step * error
        for k, (t, is_measured) in enumerate(zip(known, measured, strict=True))
        if is_measured
        for step, error in [(1e-4, _error_in_decades(relaxations[t]))]
    ]
    of_law = 0.0 if measured.all() else law.standard_error(lambda by: slope(decades(by), y))
    errors[RELAXATION] = float(np.linalg.norm([*of_times, of_law]))
    return Growth(slope(x, y), errors, len(known))


def together(growths: Sequence[Growth]) -> Growth:
    """Mean of what two routes find; half of what they differ by counts as an error.

    The errors that they have of one kind are not independent, since both start from the same
    configurations: they count with their root mean square.
    """
    if len(growths) == 1:
        return growths[0]
    slopes = [g.slope for g in growths]
    errors = {
        source: float(np.sqrt(np.mean([g.errors.get(source, 0.0) ** 2 for g in growths])))
        for source in dict.fromkeys(s for g in growths for s in g.errors)
    }
    errors[ROUTES] = float(np.ptp(slopes)) / 2
    return Growth(float(np.mean(slopes)), errors, min(g.n_temperatures for g in growths))


def _error_in_decades(relaxation: Relaxation) -> float:
    relative = relaxation.bond_breaking_time_standard_error / relaxation.bond_breaking_time
    return float(relative / np.log(10))
