"""Pair potentials given by any formula, tabulated once."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .potentials import Tail, cancelling_tail

EnergyFunction = Callable[[NDArray[np.float64], int, int], ArrayLike]

# Intervals of the table within one octave of r^2: 2^8 at first, 2^12 at most.
_RESOLUTIONS = range(8, 13)
_WANTED_ERROR = 2e-9
_TOLERATED_ERROR = 1e-8

# The table ends where the energy rises above this, or at 2^-40 of the squared cutoff.
_HIGHEST_ENERGY = 1e30
_MOST_OCTAVES = 40

_MANTISSA_BITS = 52

# Samples are continued inward by this power, and joined smoothly down to this share of the first.
_POWER_OF_CORE = 12
_JOINED = 0.66
_JOINTS = 128


@dataclass(frozen=True, eq=False)
class TabulatedPotential:
    """Pair potentials of any form, cubic splines in r^2, one for every pair of types.

    ``V(r) = W(y)`` with ``y = r^2 / r_c^2`` for ``y < 1``, else 0. W is a cubic spline with two
    continuous derivatives. Its intervals divide each octave of y evenly, so that their width grows
    with y and a strongly repulsive core is resolved as finely as the well. The force is the exact
    derivative of this energy, so that dynamics conserve it; the compiled engines and the methods
    below evaluate the same polynomials. Closer than the table reaches, the energy goes on along
    its tangent.

    Make one by `from_function` or `from_samples`; the constructor takes tables as they are.

    Parameters
    ----------
    table : array_like, shape (S, S, n, 4)
        Coefficients of each interval: ``W = c0 + c1 t + c2 t^2 + c3 t^3`` with t the distance of y
        from the lower end of the interval.
    cutoffs : array_like, shape (S, S)
        r_c of each pair of types.
    sigma : array_like, shape (S, S)
        Diameter of each pair of types, the unit in which bonds between them are measured.
    resolution : int
        There are 2^resolution intervals to an octave; the last one ends at y = 1.
    error : float
        Largest deviation from the formula, relative to the energy, or to its mean magnitude in the
        outer half of the range where that is larger.

    Raises
    ------
    ValueError
        If shapes disagree or a cutoff or diameter is not positive.

    See Also
    --------
    PairPotential : Lennard-Jones potentials and harmonic spheres in closed form, which is faster.

    Examples
    --------
    >>> import numpy as np
    >>> yukawa = TabulatedPotential.from_function(
    ...     lambda r, a, b: np.exp(-2 * r) / r, sigma=[[1.0]], cutoff=3.0, tail="smooth"
    ... )
    >>> yukawa.error < 1e-8
    True
    """

    table: NDArray[np.float64]
    cutoffs: NDArray[np.float64]
    sigma: NDArray[np.float64]
    resolution: int
    error: float

    def __post_init__(self) -> None:
        table = np.array(self.table, dtype=np.float64)
        if table.ndim != 4 or table.shape[0] != table.shape[1] or table.shape[3] != 4:
            raise ValueError(f"the table must have shape (S, S, n, 4), not {table.shape}")
        table.flags.writeable = False
        object.__setattr__(self, "table", table)
        for name in ("cutoffs", "sigma"):
            values = np.array(getattr(self, name), dtype=np.float64)
            if values.shape != table.shape[:2] or not (values > 0).all():
                raise ValueError(f"{name} must hold {table.shape[:2]} positive values: {values}")
            values.flags.writeable = False
            object.__setattr__(self, name, values)

    @classmethod
    def from_function(
        cls,
        energy: EnergyFunction,
        sigma: ArrayLike,
        cutoff: ArrayLike,
        tail: Tail = "truncated",
    ) -> TabulatedPotential:
        """Tabulate a formula.

        Parameters
        ----------
        energy : callable
            ``energy(r, a, b)`` gives V for an array of distances r and two types a <= b.
        sigma : array_like, shape (S, S)
            Diameter of each pair of types.
        cutoff : float or array_like, shape (S, S)
            In units of each pair's sigma.
        tail : {"truncated", "shifted", "force-shifted", "smooth"}
            What is added so that the energy ends smoothly, as in `PairPotential.lennard_jones`;
            ``truncated`` is for formulas that vanish at the cutoff by themselves.

        Raises
        ------
        ValueError
            If the formula is not finite, does not vanish at the cutoff, or has a kink, so that no
            table comes within 1e-8 of it.
        """
        from scipy.interpolate import CubicSpline

        sigma = np.array(sigma, dtype=np.float64)
        if sigma.ndim != 2 or sigma.shape[0] != sigma.shape[1] or not (sigma > 0).all():
            raise ValueError(f"sigma must hold (S, S) positive values: {sigma}")
        if not np.array_equal(sigma, sigma.T):
            raise ValueError(f"the sigma of types (a, b) differs from that of (b, a): {sigma}")
        cutoffs = np.asarray(cutoff, dtype=np.float64) * sigma
        if not ((cutoffs > 0) & np.isfinite(cutoffs)).all():
            raise ValueError(f"the cutoff must be positive and finite, not {cutoff!r}")
        formulas = {
            (a, b): _with_tail(energy, a, b, float(cutoffs[a, b]), tail)
            for a in range(len(sigma))
            for b in range(a, len(sigma))
        }
        n_octaves = min(_octaves(formula, pair) for pair, formula in formulas.items())
        for resolution in _RESOLUTIONS:
            edges = _edges(n_octaves, resolution)
            table = np.empty((*sigma.shape, len(edges) - 1, 4))
            errors = {}
            for (a, b), formula in formulas.items():
                table[a, b] = CubicSpline(edges, formula(edges)).c[::-1].T
                table[b, a] = table[a, b]
                errors[a, b] = _largest_error(edges, table[a, b], formula)
            pair = max(errors, key=lambda pair: errors[pair][0])
            error, place = errors[pair]
            if error <= _WANTED_ERROR:
                break
        if not error <= _TOLERATED_ERROR:
            raise ValueError(
                f"the energy of types {pair} cannot be tabulated: near r = "
                f"{np.sqrt(place) * cutoffs[pair]:.6g} the table is off by {error:.1e}; the energy "
                "and its derivatives must be continuous within the cutoff"
            )
        return cls(table, cutoffs, sigma, resolution, error)

    @classmethod
    def from_samples(
        cls,
        samples: Mapping[tuple[int, int], tuple[ArrayLike, ArrayLike]],
        sigma: ArrayLike,
        tail: Tail = "truncated",
    ) -> TabulatedPotential:
        """Tabulate energies that are known at some distances, such as those of a file.

        Between the samples the energy is a spline of fifth order, exact at each; the last distance
        is the cutoff. Closer than the first it rises as ``a + b r^-12`` from the same value and
        slope, so that particles that come too close are pushed apart.

        Parameters
        ----------
        samples : mapping of (int, int) to (array_like, array_like)
            Distances and energies of each pair of types a <= b, as `read_pair_table` gives them.
        sigma : array_like, shape (S, S)
            Diameter of each pair of types.
        tail : {"truncated", "shifted", "force-shifted", "smooth"}
            As in `from_function`. Programs that cut energies off leave a jump there:
            ``"shifted"`` takes it away and changes no force.

        Raises
        ------
        ValueError
            If a pair is missing, its distances do not rise, or its energy does not rise towards
            the smallest; or as in `from_function`.

        Examples
        --------
        >>> import numpy as np
        >>> r = np.linspace(0.8, 2.5, 500)
        >>> samples = {(0, 0): (r, 4 * (r**-12 - r**-6))}
        >>> potential = TabulatedPotential.from_samples(samples, [[1.0]], tail="shifted")
        >>> float(potential.force(1.5, 0, 0).round(6)), potential.max_cutoff
        (-1.158029, 2.5)
        """
        sigma = np.array(sigma, dtype=np.float64)
        splines, cutoffs = {}, np.ones(sigma.shape)
        for a in range(len(sigma)):
            for b in range(a, len(sigma)):
                if (a, b) not in samples:
                    raise ValueError(f"there are no samples of the energy of types ({a}, {b})")
                splines[a, b], end = _interpolation(*samples[a, b], (a, b))
                cutoffs[a, b] = cutoffs[b, a] = end
        return cls.from_function(lambda r, a, b: splines[a, b](r), sigma, cutoffs / sigma, tail)

    @property
    def n_types(self) -> int:
        """Number of types S."""
        return len(self.table)

    @property
    def max_cutoff(self) -> float:
        """Largest cutoff of all pairs of types."""
        return float(self.cutoffs.max())

    @property
    def first_interval(self) -> int:
        """Leading bits of the number at which the table begins, which count its intervals."""
        return _leading_bits(np.array(1.0), self.resolution).item() - self.table.shape[2]

    def numbers(self) -> list[NDArray[np.float64]]:
        """All numbers that define the potential."""
        return [self.table, self.cutoffs, self.sigma]

    def energy(self, r: ArrayLike, a: ArrayLike, b: ArrayLike) -> NDArray[np.float64]:
        """V(r) for particles of types `a` and `b`; the arguments broadcast."""
        return self._splines(r, a, b)[0]

    def force(self, r: ArrayLike, a: ArrayLike, b: ArrayLike) -> NDArray[np.float64]:
        """-V'(r) for particles of types `a` and `b`, positive where they repel."""
        scale = 1 / self.cutoffs[np.asarray(a), np.asarray(b)] ** 2
        return -2 * scale * np.asarray(r) * self._splines(r, a, b)[1]

    def curvature(self, r: ArrayLike, a: ArrayLike, b: ArrayLike) -> NDArray[np.float64]:
        """V''(r) for particles of types `a` and `b`."""
        scale = 1 / self.cutoffs[np.asarray(a), np.asarray(b)] ** 2
        _, first, second = self._splines(r, a, b)
        return 2 * scale * (first + 2 * scale * np.asarray(r) ** 2 * second)

    def _splines(
        self, r: ArrayLike, a: ArrayLike, b: ArrayLike
    ) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
        """W, W' and W'' at y = r^2 / r_c^2, zero for y >= 1."""
        r, a, b = np.broadcast_arrays(np.asarray(r, dtype=np.float64), a, b)
        y = r * r / self.cutoffs[a, b] ** 2
        index = _leading_bits(y, self.resolution) - self.first_interval
        below, inside = index < 0, y < 1
        index = np.clip(index, 0, self.table.shape[2] - 1)
        lower = _from_leading_bits(index + self.first_interval, self.resolution)
        c0, c1, c2, c3 = np.moveaxis(self.table[a, b, index], -1, 0)
        linear = y - lower
        t = np.where(below, 0.0, linear)
        splines = (
            c0 + c1 * linear + t * t * (c2 + t * c3),
            c1 + t * (2 * c2 + 3 * t * c3),
            np.where(below, 0.0, 2 * c2 + 6 * t * c3),
        )
        energy, first, second = (np.where(inside, values, 0.0) for values in splines)
        return energy, first, second


def _interpolation(
    distances: ArrayLike, energies: ArrayLike, pair: tuple[int, int]
) -> tuple[Callable[[NDArray[np.float64]], NDArray[np.float64]], float]:
    """Spline through samples and their continuation inward, and the last distance."""
    from scipy.interpolate import make_interp_spline

    r, values = (np.asarray(array, dtype=np.float64) for array in (distances, energies))
    if r.ndim != 1 or r.shape != values.shape or len(r) < 6:
        raise ValueError(
            f"samples of types {pair} must be at least 6 distances and as many energies, not "
            f"{r.shape} and {values.shape}"
        )
    if not (r[0] > 0 and (np.diff(r) > 0).all()):
        raise ValueError(f"the distances of the samples of types {pair} must be positive and rise")
    slope = float(make_interp_spline(r[:6], values[:6], k=5).derivative()(r[0]))
    if not slope < 0:
        raise ValueError(
            f"the energy of types {pair} does not rise towards the first distance, {r[0]:g}, so "
            "that nothing keeps closer particles apart; let the table begin within the core"
        )

    def core(distance: NDArray[np.float64]) -> NDArray[np.float64]:
        steep = (r[0] / distance) ** _POWER_OF_CORE
        return values[0] + slope * r[0] / _POWER_OF_CORE * (1 - steep)

    nearest = _JOINED * r[0]
    inner = np.linspace(nearest, r[0], _JOINTS, endpoint=False)
    spline = make_interp_spline(np.append(inner, r), np.append(core(inner), values), k=5)

    def energy(distance: NDArray[np.float64]) -> NDArray[np.float64]:
        inside = np.clip(distance, nearest, r[-1])
        return np.where(distance < nearest, core(distance), spline(inside))

    return energy, float(r[-1])


def _leading_bits(values: NDArray[np.float64], resolution: int) -> NDArray[np.int64]:
    """Exponent and first bits of the mantissa of positive numbers, which rise with the number."""
    return np.ascontiguousarray(values).view(np.int64).reshape(values.shape) >> (
        _MANTISSA_BITS - resolution
    )


def _from_leading_bits(bits: NDArray[np.int64], resolution: int) -> NDArray[np.float64]:
    """Return the smallest number with the given leading bits."""
    return (bits << (_MANTISSA_BITS - resolution)).view(np.float64)


def _edges(n_octaves: int, resolution: int) -> NDArray[np.float64]:
    """Return the ends of the intervals from 2^-n_octaves to 1."""
    first = _leading_bits(np.array(2.0**-n_octaves), resolution).item()
    return _from_leading_bits(first + np.arange((n_octaves << resolution) + 1), resolution)


def _with_tail(
    energy: EnergyFunction, a: int, b: int, cutoff: float, tail: Tail
) -> Callable[[NDArray[np.float64]], NDArray[np.float64]]:
    """W(y) for one pair of types."""

    def formula(r: NDArray[np.float64]) -> NDArray[np.float64]:
        with np.errstate(all="ignore"):
            values = np.asarray(energy(r, a, b), dtype=np.float64)
        if values.shape != r.shape:
            raise ValueError(
                f"energy(r, {a}, {b}) must return one value for each distance, shape {r.shape}, "
                f"not {values.shape}"
            )
        return values

    powers, prefactors = cancelling_tail(cutoff, tail, _derivatives_at_end(formula, cutoff))

    def shifted(y: NDArray[np.float64]) -> NDArray[np.float64]:
        r = cutoff * np.sqrt(y)
        return sum(
            (c * r ** float(power) for power, c in zip(powers, prefactors, strict=True)), formula(r)
        )

    separations = np.linspace(0.125, 1, 500)
    energies = shifted(separations**2)
    bad = np.flatnonzero(~np.isfinite(energies))
    if bad.size:
        raise ValueError(
            f"the energy of types ({a}, {b}) is {energies[bad[-1]]} at "
            f"r = {cutoff * separations[bad[-1]]:.6g}, within the cutoff r = {cutoff:g}"
        )
    outer = abs(energies[separations > 0.5])
    if not outer.any():
        raise ValueError(
            f"the energy of types ({a}, {b}) is zero from r = {cutoff / 2:g} to the cutoff "
            f"r = {cutoff:g}; set the cutoff where the energy ends"
        )
    if outer[-1] > 1e-9 * outer.max():
        raise ValueError(
            f"the energy of types ({a}, {b}) jumps by {energies[-1]:g} at the cutoff "
            f"r = {cutoff:g}; "
            'shift it with tail="shifted", or make it end smoothly with tail="smooth"'
        )
    return shifted


def _derivatives_at_end(
    formula: Callable[[NDArray[np.float64]], NDArray[np.float64]], cutoff: float
) -> list[float]:
    """Value and first two derivatives at the cutoff, from a polynomial through points below it."""
    domain = (0.9 * cutoff, cutoff)
    polynomial = np.polynomial.Chebyshev.interpolate(formula, 12, domain)
    value = float(formula(np.array([cutoff]))[0])
    return [value, *(float(polynomial.deriv(n)(cutoff)) for n in (1, 2))]


def _octaves(
    formula: Callable[[NDArray[np.float64]], NDArray[np.float64]], pair: tuple[int, int]
) -> int:
    """Count the octaves below y = 1 in which the energy is finite and not absurdly high."""
    energies = formula(np.exp2(-np.arange(_MOST_OCTAVES + 1.0)))
    walls = np.flatnonzero(~(abs(energies) <= _HIGHEST_ENERGY))
    n_octaves = int(walls[0]) - 1 if walls.size else _MOST_OCTAVES
    if n_octaves < 2:
        raise ValueError(
            f"the energy of types {pair} exceeds {_HIGHEST_ENERGY:g} at half of the cutoff"
        )
    return n_octaves


def _largest_error(
    edges: NDArray[np.float64],
    table: NDArray[np.float64],
    formula: Callable[[NDArray[np.float64]], NDArray[np.float64]],
) -> tuple[float, float]:
    """Largest relative error of a table, in the middle and quarters of its intervals, and where."""
    t = np.array([0.25, 0.5, 0.75])[:, None] * np.diff(edges)
    y = edges[:-1] + t
    exact = formula(y.ravel()).reshape(y.shape)
    c0, c1, c2, c3 = table.T
    typical = np.mean(abs(formula(np.linspace(0.25, 1, 1000))))
    errors = abs(c0 + t * (c1 + t * (c2 + t * c3)) - exact) / np.maximum(abs(exact), typical)
    worst = np.unravel_index(errors.argmax(), errors.shape)
    return float(errors[worst]), float(y[worst])
