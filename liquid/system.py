"""What a liquid is made of and how its particles interact."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .box import Box
from .configuration import Configuration
from .neighbors import NeighborList, neighbor_list
from .no_potential import UnknownInteraction
from .potentials import Potential

# By how much a fraction of a species and the density may differ from those of the system: less than
# what tells species of nearly the same fraction apart (KA2D: 0.256 and 0.279), more than rounding
# to whole particles or a barostat does.
_FRACTION_TOLERANCE = 0.01
_COUNT_TOLERANCE = 2
DENSITY_TOLERANCE = 0.03

# By which numbers in a field of view may differ, as no liquid's do.
DEVIATIONS = 5


class System:
    """A mixture at fixed density whose particles interact in pairs, or of which less is known.

    All particles have mass 1; temperature is in units of eps_AA / k_B.

    Parameters
    ----------
    name : str
        Short name, used in files and on the command line.
    species : sequence of str
        Names of the S species.
    fractions : array_like, shape (S,), or None
        Number fractions; normalised to 1. None where they are not known: then no configuration can
        be made, and none is refused for its composition.
    density : float or None
        Number density N / V, in units of sigma_AA^-d; None likewise.
    dimensions : {2, 3}
    potential : PairPotential, TabulatedPotential or NoPotential
        Interactions of the S types, or their diameters alone.
    time_step : float
        Time step of molecular dynamics that keeps the energy, in reduced units.
    swap_pairs : sequence of (int, int)
        Pairs of types that swap Monte Carlo exchanges.

    Attributes
    ----------
    swap_range : float
        Largest difference of diameters that swap Monte Carlo exchanges, if they are continuous.

    See Also
    --------
    PolydisperseSystem : particles with continuous diameters.

    Raises
    ------
    ValueError
        If the numbers of species, fractions and interactions disagree, or a value is impossible.

    Examples
    --------
    A binary mixture of one's own takes a few lines:

    >>> from vitreous.liquid import PairPotential, System
    >>> spheres = PairPotential.harmonic([[1, 1], [1, 1]], [[1.0, 1.2], [1.2, 1.4]])
    >>> mixture = System("harmonic", "AB", [1, 1], density=0.65, dimensions=3, potential=spheres,
    ...                  time_step=0.02, swap_pairs=[(0, 1)])
    >>> mixture.random_configuration(100, random_state=1).n_particles
    100
    """

    swap_range: float = np.inf

    def __init__(
        self,
        name: str,
        species: Sequence[str],
        fractions: ArrayLike | None,
        density: float | None,
        dimensions: int,
        potential: Potential,
        time_step: float = 0.005,
        swap_pairs: Sequence[tuple[int, int]] = (),
    ) -> None:
        self.name = name
        self.species = tuple(species)
        n_species = len(self.species)
        if n_species == 0 or len(set(self.species)) < n_species:
            raise ValueError(f"species must have different names, at least one: {self.species}")
        self.fractions = None if fractions is None else _normalized(fractions, n_species)
        self.density = None if density is None else float(density)
        self.dimensions = dimensions
        # Any: what it is decides what `kinds` are, which the type checker cannot follow.
        self.potential: Any = potential
        self.time_step = float(time_step)
        self.swap_pairs = tuple((int(a), int(b)) for a, b in swap_pairs)
        if potential.n_types != n_species:
            raise ValueError(
                f"{n_species} species {self.species} with a potential of {potential.n_types} types"
            )
        if dimensions not in (2, 3):
            raise ValueError(f"dimensions must be 2 or 3, not {dimensions}")
        if self.density is not None and not self.density > 0:
            raise ValueError(f"the density must be positive, not {density}")
        if not self.time_step > 0:
            raise ValueError(f"the time step must be positive, not {time_step}")
        for a, b in self.swap_pairs:
            if a == b or not {a, b} <= set(range(n_species)):
                raise ValueError(f"swap pair ({a}, {b}) must name two of the {n_species} types")

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.name!r})"

    @property
    def has_potential(self) -> bool:
        """Whether there are energies and forces; else there are diameters only."""
        return not isinstance(self.potential, UnknownInteraction)

    def counts(self, n_particles: int) -> NDArray[np.int64]:
        """Divide `n_particles` among the species, rounded so that nothing is lost."""
        if self.fractions is None:
            raise ValueError(f"the composition of {self.name} is not known; give its fractions")
        exact = self.fractions * n_particles
        counts = np.floor(exact + 1e-9).astype(np.int64)
        short = n_particles - counts.sum()
        counts[np.argsort(counts - exact, kind="stable")[:short]] += 1
        return counts

    def box(self, n_particles: int) -> Box:
        """Square or cubic box that holds `n_particles` at the density of the system."""
        if self.density is None:
            raise ValueError(f"the density of {self.name} is not known; give it")
        return Box.cube((n_particles / self.density) ** (1 / self.dimensions), self.dimensions)

    def random_configuration(
        self, n_particles: int, random_state: int | np.random.Generator | None = None
    ) -> Configuration:
        """Place particles at random, types in rising order; an ideal gas, not a liquid."""
        if n_particles < 1:
            raise ValueError(f"a configuration needs at least one particle, not {n_particles}")
        rng = np.random.default_rng(random_state)
        box = self.box(n_particles)
        positions = rng.uniform(-0.5, 0.5, (n_particles, self.dimensions)) * box.lengths
        types = np.repeat(np.arange(len(self.species)), self.counts(n_particles))
        return Configuration(positions, types, box, self.species)

    def require(self, configuration: Configuration) -> None:
        """Raise a ValueError unless the configuration has this system's species and dimension."""
        if configuration.dimensions != self.dimensions or configuration.species != self.species:
            raise ValueError(
                f"{self.name} is {self.dimensions}D with species {self.species}; the configuration "
                f"is {configuration.dimensions}D with species {configuration.species}"
            )

    def require_composition(self, configuration: Configuration) -> None:
        """Refuse a configuration of another mixture or density than those of the system.

        Species whose names were mixed up, and lengths in other units, show here and nowhere else.
        A fraction may differ by 0.01 or two particles, the density by 3 per cent. In a field of
        view, which is open, both may also differ by five standard deviations of particles at
        random, more than those of any liquid. What is not known of the system is not compared.

        Parameters
        ----------
        configuration : Configuration
            Of the species of the system.

        Raises
        ------
        ValueError
            If numbers of particles or the density are others; the message shows both.

        Examples
        --------
        >>> from vitreous.liquid import KobAndersen2D
        >>> system = KobAndersen2D()
        >>> other = system.random_configuration(129, 0)
        >>> system.require_composition(other)
        >>> system.require_composition(other.with_types(2 - other.types))  # doctest: +ELLIPSIS
        Traceback (most recent call last):
        ...
        ValueError: 36 A, 33 B, 60 C, and KA2D has 60 A, 33 B, 36 C of 129 particles; say which ...
        """
        self.require(configuration)
        n_particles = configuration.n_particles
        counts = np.bincount(configuration.types, minlength=len(self.species))
        deviations = 0 if configuration.box.is_periodic else DEVIATIONS
        if self.fractions is not None and self._differ(counts, deviations):
            raise ValueError(
                f"{self._mixture(counts)}, and {self.name} has "
                f"{self._mixture(self.counts(n_particles))} of {n_particles} particles; say which "
                "species is which (species=, --species '1=A,2=B')"
            )
        if self.density is None:
            return
        density = configuration.density
        allowed = max(DENSITY_TOLERANCE, deviations / np.sqrt(n_particles))
        if abs(density / self.density - 1) > allowed:
            ratio = (density / self.density) ** (1 / self.dimensions)
            raise ValueError(
                f"the number density is {density:.4g}, and {self.name} has {self.density:.4g}; "
                f"if only the unit of length is another one, lengths times {ratio:.4g} have the "
                "right density"
            )

    def _differ(self, counts: NDArray[np.int64], deviations: float) -> bool:
        """Whether numbers are not those of the mixture, within so many standard deviations."""
        assert self.fractions is not None
        n_particles = counts.sum()
        random = np.sqrt(n_particles * self.fractions * (1 - self.fractions))
        allowed = np.maximum(_FRACTION_TOLERANCE * n_particles, deviations * random)
        away = np.abs(counts - self.fractions * n_particles)
        return bool((away > np.maximum(allowed, _COUNT_TOLERANCE)).any())

    def _mixture(self, counts: NDArray[np.int64]) -> str:
        return ", ".join(f"{n} {name}" for n, name in zip(counts, self.species, strict=True))

    def fingerprint(self) -> str:
        """Return a hash of all numbers that decide the physics, whatever the system is called."""
        digest = hashlib.sha256()
        for values in self._physics():
            digest.update(np.ascontiguousarray(values, dtype=np.float64).tobytes())
        return digest.hexdigest()

    def _physics(self) -> list[ArrayLike]:
        density = np.nan if self.density is None else self.density
        fractions: ArrayLike = () if self.fractions is None else self.fractions
        settings = (density, self.dimensions, self.time_step, self.swap_range)
        return [settings, fractions, self.swap_pairs, *self.potential.numbers()]

    def kinds(self, configuration: Configuration) -> NDArray[Any]:
        """Return what the potential asks of each particle: its type, or its continuous diameter.

        ``potential.energy(r_ij, kinds[i], kinds[j])`` is the energy of a pair in every system, and
        likewise its force and curvature.

        Returns
        -------
        ndarray, shape (N,)
            int32 types; float64 diameters in a `PolydisperseSystem`.
        """
        self.require(configuration)
        return configuration.types

    def pair_diameters(
        self, configuration: Configuration, i: ArrayLike, j: ArrayLike
    ) -> NDArray[np.float64]:
        """Diameter sigma_ij of pairs of particles.

        Parameters
        ----------
        configuration : Configuration
        i, j : array_like of int, shape (M,)
            Indices of the particles of each pair.

        Returns
        -------
        ndarray, shape (M,), float64
        """
        types = self.kinds(configuration)
        return self.potential.sigma[types[np.asarray(i)], types[np.asarray(j)]]

    def largest_diameter(self, configuration: Configuration) -> float:
        """Largest sigma_ij that any pair of the configuration can have."""
        self.require(configuration)
        return float(self.potential.sigma.max())

    def largest_cutoff(self, configuration: Configuration) -> float:
        """Largest distance at which any pair of the configuration can interact."""
        self.require(configuration)
        return self.potential.max_cutoff

    def interacting_pairs(
        self, configuration: Configuration
    ) -> tuple[NeighborList, tuple[NDArray[Any], NDArray[Any]]]:
        """Pairs within the largest cutoff, and what the potential asks of both their particles.

        ``system.potential.energy(neighbors.distances, *kinds)`` are the pair energies, zero beyond
        the cutoff of each pair, and likewise forces and curvatures.

        Parameters
        ----------
        configuration : Configuration

        Returns
        -------
        neighbors : NeighborList
            Of M entries, every pair twice.
        kinds : (ndarray, ndarray), each of shape (M,)
            The :meth:`kinds` of the particles ``neighbors.rows`` and ``neighbors.indices``.

        Raises
        ------
        ValueError
            If the configuration is not one of the system, or its box is shorter than two cutoffs or
            open: beyond an open side there are particles that interact, and were not seen.

        Examples
        --------
        >>> from vitreous.liquid import KobAndersen2D
        >>> system = KobAndersen2D()
        >>> configuration = system.random_configuration(100, random_state=1)
        >>> neighbors, kinds = system.interacting_pairs(configuration)
        >>> energies = system.potential.energy(neighbors.distances, *kinds)
        >>> bool(np.isclose(energies.sum() / 2, system.potential_energy(configuration)))
        True
        """
        configuration.box.require_periodic("an energy or a force")
        kinds = self.kinds(configuration)
        neighbors = neighbor_list(configuration, self.largest_cutoff(configuration))
        return neighbors, (kinds[neighbors.rows], kinds[neighbors.indices])

    def particle_energies(self, configuration: Configuration) -> NDArray[np.float64]:
        """Half the sum of each particle's pair energies, shape (N,)."""
        neighbors, kinds = self.interacting_pairs(configuration)
        energies = self.potential.energy(neighbors.distances, *kinds)
        return np.bincount(neighbors.rows, energies, minlength=configuration.n_particles) / 2

    def potential_energy(self, configuration: Configuration) -> float:
        """Total potential energy."""
        return float(self.particle_energies(configuration).sum())

    def forces(self, configuration: Configuration) -> NDArray[np.float64]:
        """Force on each particle, shape (N, d)."""
        neighbors, kinds = self.interacting_pairs(configuration)
        r, rows = neighbors.distances, neighbors.rows
        pair_forces = -(self.potential.force(r, *kinds) / r)[:, None] * neighbors.vectors
        return np.stack(
            [
                np.bincount(rows, component, minlength=configuration.n_particles)
                for component in pair_forces.T
            ],
            axis=1,
        )

    def pressure(self, configuration: Configuration, temperature: float) -> float:
        """Instantaneous pressure, ``rho T + sum_pairs r F(r) / (d V)``.

        Its average in the canonical ensemble is ``-dA / dV``, with the Helmholtz energy A. A
        potential that jumps at its cutoff adds a term that is not counted.

        Parameters
        ----------
        configuration : Configuration
        temperature : float
            Of the ideal part, in units of eps_AA / k_B; zero leaves that of the interactions.

        Returns
        -------
        float
            In units of eps_AA / sigma_AA^d.
        """
        neighbors, kinds = self.interacting_pairs(configuration)
        r = neighbors.distances
        twice_virial = float((r * self.potential.force(r, *kinds)).sum())
        ideal = configuration.n_particles * temperature
        return (ideal + twice_virial / (2 * self.dimensions)) / configuration.box.volume


def _normalized(fractions: ArrayLike, n_species: int) -> NDArray[np.float64]:
    amounts = np.asarray(fractions, dtype=np.float64)
    if amounts.shape != (n_species,):
        raise ValueError(f"{n_species} species with fractions of shape {amounts.shape}")
    if not (amounts > 0).all():
        raise ValueError(f"fractions must be positive, not {amounts}")
    return amounts / amounts.sum()
