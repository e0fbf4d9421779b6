"""Liquids of particles with continuous diameters."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .configuration import Configuration
from .no_potential import UnknownInteraction
from .potentials import Tail
from .system import DENSITY_TOLERANCE, DEVIATIONS, System
from .tabulated import TabulatedPotential

Mixing = float | Callable[[ArrayLike, ArrayLike], ArrayLike]
"""Non-additivity, or a function that gives sigma_ij from the diameters of two particles."""

# Where the distribution of diameters is sampled.
_LEVELS = (np.arange(8192) + 0.5) / 8192


@dataclass(frozen=True, eq=False)
class PolydispersePotential:
    """One pair potential for all pairs, in units of the pair's own diameter.

    ``V(r) = v(r / sigma_ij)`` for ``r < x_c sigma_ij``, else 0.

    Parameters
    ----------
    shape : TabulatedPotential
        v(x), of a single type with sigma = 1.
    mixing : float or callable
        A number, the non-additivity epsilon of
        ``sigma_ij = (sigma_i + sigma_j) / 2 (1 - epsilon |sigma_i - sigma_j|)``; or a symmetric
        function ``mixing(s, t)`` of two diameters that numba can compile: arithmetic and
        functions of numpy. In both cases sigma_ij must not exceed the larger diameter. Model files
        can hold a number but no function.

    Raises
    ------
    ValueError
        If the shape is not that of a single type with sigma = 1, or epsilon is negative.

    Examples
    --------
    >>> potential = PolydispersePotential.from_function(
    ...     lambda x: x**-12.0, cutoff=1.25, tail="smooth", mixing=0.2
    ... )
    >>> float(potential.pair_diameter(0.8, 1.2).round(6))
    0.92
    """

    shape: TabulatedPotential
    mixing: Mixing = 0.0

    n_types = 1

    def __post_init__(self) -> None:
        if self.shape.sigma.shape != (1, 1) or self.shape.sigma[0, 0] != 1:
            raise ValueError(
                f"the shape must be that of one type with sigma = 1, not {self.shape.sigma}"
            )
        if not callable(self.mixing) and not 0 <= self.mixing < np.inf:
            raise ValueError(
                f"the non-additivity must be finite and not negative, not {self.mixing}"
            )

    @classmethod
    def from_function(
        cls,
        energy: Callable[[NDArray[np.float64]], ArrayLike],
        cutoff: float,
        tail: Tail = "truncated",
        mixing: Mixing = 0.0,
    ) -> PolydispersePotential:
        """Tabulate a formula.

        Parameters
        ----------
        energy : callable
            v(x) for an array of reduced distances ``x = r / sigma_ij``.
        cutoff : float
            x_c, in units of sigma_ij.
        tail : {"truncated", "shifted", "force-shifted", "smooth"}
            As in `TabulatedPotential.from_function`, which lists the errors as well.
        mixing : float or callable
        """
        shape = TabulatedPotential.from_function(
            lambda x, a, b: energy(x), [[1.0]], cutoff=cutoff, tail=tail
        )
        return cls(shape, mixing)

    @property
    def cutoff(self) -> float:
        """x_c, in units of sigma_ij."""
        return self.shape.max_cutoff

    def pair_diameter(self, s: ArrayLike, t: ArrayLike) -> NDArray[np.float64]:
        """Diameter sigma_ij of pairs of particles with the diameters `s` and `t`."""
        s, t = np.asarray(s, dtype=np.float64), np.asarray(t, dtype=np.float64)
        if callable(self.mixing):
            return np.asarray(self.mixing(s, t), dtype=np.float64)
        return (s + t) / 2 * (1 - self.mixing * abs(s - t))

    def numbers(self) -> list[NDArray[np.float64]]:
        """All numbers that define the potential, but for those of the mixing."""
        return self.shape.numbers()

    def energy(self, r: ArrayLike, s: ArrayLike, t: ArrayLike) -> NDArray[np.float64]:
        """V(r) for particles with the diameters `s` and `t`; the arguments broadcast."""
        return self.shape.energy(np.asarray(r) / self.pair_diameter(s, t), 0, 0)

    def force(self, r: ArrayLike, s: ArrayLike, t: ArrayLike) -> NDArray[np.float64]:
        """-V'(r) for particles with the diameters `s` and `t`, positive where they repel."""
        unit = self.pair_diameter(s, t)
        return self.shape.force(np.asarray(r) / unit, 0, 0) / unit

    def curvature(self, r: ArrayLike, s: ArrayLike, t: ArrayLike) -> NDArray[np.float64]:
        """V''(r) for particles with the diameters `s` and `t`."""
        unit = self.pair_diameter(s, t)
        return self.shape.curvature(np.asarray(r) / unit, 0, 0) / unit**2


class _OwnDiameters(UnknownInteraction):
    """Additive diameters of the particles, in place of a potential that is not known."""

    descriptors = "shells, boattini2021, cubuk2015"
    n_types = 1

    @property
    def cutoff(self) -> float:
        """Refused, as `max_cutoff`."""
        return self.max_cutoff

    def pair_diameter(self, s: ArrayLike, t: ArrayLike) -> NDArray[np.float64]:
        """Mean of the diameters `s` and `t`."""
        return (np.asarray(s, dtype=np.float64) + np.asarray(t, dtype=np.float64)) / 2

    def numbers(self) -> list[NDArray[np.float64]]:
        """Return none: nothing is known but what configurations hold."""
        return []


class PolydisperseSystem(System):
    """A liquid whose particles differ in diameter, all of one species, at fixed density.

    The diameters belong to the configuration. Swap Monte Carlo exchanges those of two particles.

    Of tracked colloids neither the interactions nor the distribution of diameters need be known:
    ``PolydisperseSystem("colloids", None, None, 2)`` is labelled, described, learnt from and
    predicted for, by the diameters that files give, and refuses what needs an energy.

    Parameters
    ----------
    name : str
        Short name, used in files and on the command line.
    diameters : callable or None
        Quantile function of the distribution: maps numbers between 0 and 1 to diameters, such as
        the ``ppf`` of a distribution of scipy.stats. It is sampled once, at 8192 levels. N
        particles get the quantiles (k + 1/2) / N, interpolated, so that all configurations of N
        particles hold the same diameters. None where the distribution is not known; no
        configuration can then be made.
    density : float or None
        Number density N / V; None likewise.
    dimensions : {2, 3}
    potential : PolydispersePotential or None
        None where interactions are not known. The diameter of a pair is then the mean of both.
    time_step : float
        Time step of molecular dynamics that keeps the energy, in reduced units.
    swap_range : float
        Swap Monte Carlo exchanges diameters that differ by no more; small exchanges are accepted
        more often.
    species : str
        Name of the one species.

    Raises
    ------
    ValueError
        If a value is impossible.

    Examples
    --------
    >>> import numpy as np
    >>> from scipy import stats
    >>> repulsion = PolydispersePotential.from_function(lambda x: (1 - x)**2, cutoff=1.0)
    >>> system = PolydisperseSystem("discs", stats.uniform(0.8, 0.4).ppf, density=0.9,
    ...                             dimensions=2, potential=repulsion, time_step=0.02)
    >>> np.sort(system.random_configuration(4, random_state=1).diameters)
    array([0.85, 0.95, 1.05, 1.15])
    """

    potential: PolydispersePotential | _OwnDiameters

    def __init__(
        self,
        name: str,
        diameters: Callable[[NDArray[np.float64]], ArrayLike] | None,
        density: float | None,
        dimensions: int,
        potential: PolydispersePotential | None = None,
        time_step: float = 0.005,
        swap_range: float = np.inf,
        species: str = "A",
    ) -> None:
        interactions = _OwnDiameters() if potential is None else potential
        super().__init__(
            name, (species,), [1.0], density, dimensions, interactions, time_step, swap_pairs=()
        )
        if not swap_range > 0:
            raise ValueError(f"swap_range must be positive, not {swap_range}")
        # Particles of the one type exchange what distinguishes them, their diameters.
        self.swap_pairs = ((0, 0),)
        self.swap_range = float(swap_range)
        self.diameter_quantiles: NDArray[np.float64] | None = None
        if diameters is None:
            return
        self.diameter_quantiles = np.array(diameters(_LEVELS), dtype=np.float64)
        if (
            self.diameter_quantiles.shape != _LEVELS.shape
            or not ((self.diameter_quantiles > 0) & np.isfinite(self.diameter_quantiles)).all()
        ):
            raise ValueError(
                "diameters must map an array of levels between 0 and 1 to as many positive numbers"
            )

    def random_configuration(
        self, n_particles: int, random_state: int | np.random.Generator | None = None
    ) -> Configuration:
        """Place particles at random, the quantiles of the diameters in random order."""
        rng = np.random.default_rng(random_state)
        configuration = super().random_configuration(n_particles, rng)
        return configuration.with_diameters(rng.permutation(self._quantiles(n_particles)))

    def _quantiles(self, n_particles: int) -> NDArray[np.float64]:
        if self.diameter_quantiles is None:
            raise ValueError(
                f"the distribution of the diameters of {self.name} is not known; give it"
            )
        levels = (np.arange(n_particles) + 0.5) / n_particles
        return np.interp(levels, _LEVELS, self.diameter_quantiles)

    def _physics(self) -> list[ArrayLike]:
        if self.diameter_quantiles is None:
            return super()._physics()
        diameters = self._quantiles(64)
        mixed = self.potential.pair_diameter(diameters[:, None], diameters)
        return [*super()._physics(), diameters, mixed]

    def require(self, configuration: Configuration) -> None:
        """Raise a ValueError unless the configuration has diameters that this system can mix."""
        super().require(configuration)
        diameters = configuration.diameters
        if diameters is None:
            raise ValueError(
                f"{self.name} has continuous diameters, the configuration has none; give them as "
                "Configuration(..., diameters=...), in a file as a column diameter or radius"
            )
        if diameters.size:
            self._require_mixable(np.linspace(diameters.min(), diameters.max(), 16))

    def require_composition(self, configuration: Configuration) -> None:
        """Refuse another density, as `System` does, and diameters of another mean.

        Radii in place of diameters, and other units of length, show here. The mean may differ by
        3 per cent, and by five standard deviations of the mean of as many drawn at random.

        Parameters
        ----------
        configuration : Configuration

        Raises
        ------
        ValueError
            The message shows both.

        Examples
        --------
        >>> from vitreous.liquid import get_system
        >>> liquid = get_system("PSS2D").random_configuration(100, 0)
        >>> radii = liquid.with_diameters(liquid.diameters / 2)
        >>> get_system("PSS2D").require_composition(radii)  # doctest: +ELLIPSIS
        Traceback (most recent call last):
        ...
        ValueError: the mean diameter is 0.5..., and PSS2D has ...; are they radii, ...
        """
        super().require_composition(configuration)
        if self.diameter_quantiles is None or configuration.diameters is None:
            return
        mean, known = float(configuration.diameters.mean()), float(self.diameter_quantiles.mean())
        random = self.diameter_quantiles.std() / np.sqrt(configuration.n_particles)
        if abs(mean - known) > DENSITY_TOLERANCE * known + DEVIATIONS * random:
            raise ValueError(
                f"the mean diameter is {mean:.4g}, and {self.name} has {known:.4g}; are they "
                "radii, which belong in a column radius, or in another unit than positions?"
            )

    def kinds(self, configuration: Configuration) -> NDArray[np.float64]:
        """Diameter of each particle, shape (N,)."""
        self.require(configuration)
        assert configuration.diameters is not None
        return configuration.diameters

    def pair_diameters(
        self, configuration: Configuration, i: ArrayLike, j: ArrayLike
    ) -> NDArray[np.float64]:
        """Diameter sigma_ij of pairs of particles."""
        diameters = self.kinds(configuration)
        return self.potential.pair_diameter(diameters[np.asarray(i)], diameters[np.asarray(j)])

    def largest_diameter(self, configuration: Configuration) -> float:
        """Largest sigma_ij that any pair of the configuration can have."""
        return float(self.kinds(configuration).max(initial=0.0))

    def largest_cutoff(self, configuration: Configuration) -> float:
        """Largest distance at which any pair of the configuration can interact."""
        return self.potential.cutoff * self.largest_diameter(configuration)

    def _require_mixable(self, diameters: NDArray[np.float64]) -> None:
        s, t = diameters[:, None], diameters
        mixed = self.potential.pair_diameter(s, t)
        if not np.array_equal(mixed, mixed.T):
            raise ValueError(f"{self.name}: the mixing of diameters is not symmetric")
        wrong = np.argwhere(~((mixed > 0) & (mixed <= np.maximum(s, t) * (1 + 1e-12))))
        if wrong.size:
            i, j = wrong[0]
            raise ValueError(
                f"{self.name}: diameters {diameters[i]:g} and {diameters[j]:g} mix to "
                f"{mixed[i, j]:g}; sigma_ij must be positive and no larger than the larger of both"
            )
