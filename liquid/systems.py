"""Model glass formers: what they are made of and how their particles interact."""

from __future__ import annotations

import hashlib
import importlib
import runpy
from collections.abc import Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .box import Box
from .configuration import Configuration
from .neighbors import neighbor_list
from .potentials import PairPotential, Tail
from .tabulated import TabulatedPotential

if TYPE_CHECKING:
    from .polydisperse import PolydispersePotential

Potential: TypeAlias = "PairPotential | TabulatedPotential | PolydispersePotential"


class System:
    """A mixture at fixed density whose particles interact in pairs.

    All particles have mass 1; temperature is in units of eps_AA / k_B.

    Parameters
    ----------
    name : str
        Short name, used in files and on the command line.
    species : sequence of str
        Names of the S species.
    fractions : array_like, shape (S,)
        Number fractions; normalised to 1.
    density : float
        Number density N / V, in units of sigma_AA^-d.
    dimensions : {2, 3}
    potential : PairPotential or TabulatedPotential
        Interactions of the S types.
    time_step : float
        Time step of molecular dynamics that keeps the energy, in reduced units.
    swap_pairs : sequence of (int, int)
        Pairs of types that swap Monte Carlo exchanges.

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
    """Largest difference of diameters that swap Monte Carlo exchanges, if they are continuous."""

    def __init__(
        self,
        name: str,
        species: Sequence[str],
        fractions: ArrayLike,
        density: float,
        dimensions: int,
        potential: Potential,
        time_step: float = 0.005,
        swap_pairs: Sequence[tuple[int, int]] = (),
    ) -> None:
        self.name = name
        self.species = tuple(species)
        amounts = np.asarray(fractions, dtype=np.float64)
        if not (amounts > 0).all():
            raise ValueError(f"fractions must be positive, not {amounts}")
        self.fractions = amounts / amounts.sum()
        self.density = float(density)
        self.dimensions = dimensions
        # Any: what it is decides what `kinds` are, which the type checker cannot follow.
        self.potential: Any = potential
        self.time_step = float(time_step)
        self.swap_pairs = tuple((int(a), int(b)) for a, b in swap_pairs)
        n_species = len(self.species)
        if self.fractions.shape != (n_species,) or potential.n_types != n_species:
            raise ValueError(
                f"{n_species} species {self.species} with fractions of shape "
                f"{self.fractions.shape} and a potential of {potential.n_types} types"
            )
        if dimensions not in (2, 3):
            raise ValueError(f"dimensions must be 2 or 3, not {dimensions}")
        if not self.density > 0:
            raise ValueError(f"the density must be positive, not {density}")
        if not self.time_step > 0:
            raise ValueError(f"the time step must be positive, not {time_step}")
        for a, b in self.swap_pairs:
            if a == b or not {a, b} <= set(range(n_species)):
                raise ValueError(f"swap pair ({a}, {b}) must name two of the {n_species} types")

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.name!r})"

    def counts(self, n_particles: int) -> NDArray[np.int64]:
        """Divide `n_particles` among the species, rounded so that nothing is lost."""
        exact = self.fractions * n_particles
        counts = np.floor(exact + 1e-9).astype(np.int64)
        short = n_particles - counts.sum()
        counts[np.argsort(counts - exact, kind="stable")[:short]] += 1
        return counts

    def box(self, n_particles: int) -> Box:
        """Square or cubic box that holds `n_particles` at the density of the system."""
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

    def fingerprint(self) -> str:
        """Return a hash of all numbers that decide the physics, whatever the system is called."""
        digest = hashlib.sha256()
        for values in self._physics():
            digest.update(np.ascontiguousarray(values, dtype=np.float64).tobytes())
        return digest.hexdigest()

    def _physics(self) -> list[ArrayLike]:
        settings = (self.density, self.dimensions, self.time_step, self.swap_range)
        return [settings, self.fractions, self.swap_pairs, *self.potential.numbers()]

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

    def particle_energies(self, configuration: Configuration) -> NDArray[np.float64]:
        """Half the sum of each particle's pair energies, shape (N,)."""
        rows, neighbors, pair_kinds = self._pairs(configuration)
        energies = self.potential.energy(neighbors.distances, *pair_kinds)
        return np.bincount(rows, energies, minlength=configuration.n_particles) / 2

    def potential_energy(self, configuration: Configuration) -> float:
        """Total potential energy."""
        return float(self.particle_energies(configuration).sum())

    def forces(self, configuration: Configuration) -> NDArray[np.float64]:
        """Force on each particle, shape (N, d)."""
        rows, neighbors, pair_kinds = self._pairs(configuration)
        r = neighbors.distances
        pair_forces = -(self.potential.force(r, *pair_kinds) / r)[:, None] * neighbors.vectors
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
        _, neighbors, pair_kinds = self._pairs(configuration)
        r = neighbors.distances
        twice_virial = float((r * self.potential.force(r, *pair_kinds)).sum())
        ideal = configuration.n_particles * temperature
        return (ideal + twice_virial / (2 * self.dimensions)) / configuration.box.volume

    def _pairs(self, configuration: Configuration):
        kinds = self.kinds(configuration)
        neighbors = neighbor_list(configuration, self.largest_cutoff(configuration))
        rows = neighbors.rows
        return rows, neighbors, (kinds[rows], kinds[neighbors.indices])


class KobAndersen(System):
    """Kob-Andersen 80:20 mixture in 3D at density 1.2, cut at 2.5 sigma_ab.

    eps AA 1, AB 1.5, BB 0.5; sigma AA 1, AB 0.8, BB 0.88 (Kob and Andersen, Phys. Rev. E 51, 4626,
    1995).

    Parameters
    ----------
    tail : {"force-shifted", "shifted"}
        How the potential ends; the published GlassBench and BOTAN data use ``force-shifted``.
    """

    def __init__(self, tail: Tail = "force-shifted") -> None:
        epsilon = [[1.0, 1.5], [1.5, 0.5]]
        sigma = [[1.0, 0.8], [0.8, 0.88]]
        super().__init__(
            name="KA" if tail == "force-shifted" else f"KA-{tail}",
            species=("A", "B"),
            fractions=(0.8, 0.2),
            density=1.2,
            dimensions=3,
            potential=PairPotential.lennard_jones(epsilon, sigma, cutoff=2.5, tail=tail),
            time_step=0.005,
            swap_pairs=[(0, 1)],
        )


class KobAndersen2D(System):
    """Ternary Kob-Andersen-like mixture in 2D, 600:330:360, with a smooth cutoff at 2.5 sigma_ab.

    The third species frustrates crystallisation and makes swap Monte Carlo efficient (Jung,
    Biroli and Berthier, Phys. Rev. Lett. 130, 238202, 2023).
    """

    def __init__(self) -> None:
        epsilon = [[1.0, 1.5, 0.75], [1.5, 0.5, 1.5], [0.75, 1.5, 0.75]]
        sigma = [[1.0, 0.8, 0.9], [0.8, 0.88, 0.8], [0.9, 0.8, 0.94]]
        super().__init__(
            name="KA2D",
            species=("A", "B", "C"),
            fractions=(600, 330, 360),
            density=1290 / 32.8962**2,
            dimensions=2,
            potential=PairPotential.lennard_jones(epsilon, sigma, cutoff=2.5, tail="smooth"),
            time_step=0.01,
            swap_pairs=[(0, 2), (1, 2)],
        )


_SYSTEMS: dict[str, System] = {}


def register_system(system: System) -> None:
    """Make a system known by its name to studies and to the command line.

    Raises
    ------
    ValueError
        If another system already has the name.
    """
    if system.name in _SYSTEMS:
        raise ValueError(f"a system named {system.name!r} is registered already")
    _SYSTEMS[system.name] = system


def get_system(name: str) -> System:
    """Look a registered system up by name, or load one from a file.

    Parameters
    ----------
    name : str
        Name of a registered system; or ``path/to/file.py:object`` or ``package.module:object``,
        where the object is a `System`, or a class or function without arguments that makes one.
        The file is run, so it must be one that you trust.

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    ValueError
        If no system has the name, the module does not load, or the object is no system.

    Examples
    --------
    >>> get_system("KA2D").species
    ('A', 'B', 'C')
    >>> get_system("vitreous.liquid:KobAndersen").name
    'KA'
    """
    module, separator, attribute = name.rpartition(":")
    if separator:
        return _from_module(module, attribute)
    if name not in _SYSTEMS:
        raise ValueError(
            f"unknown system {name!r}; known are {', '.join(sorted(_SYSTEMS))}; name one of your "
            "own as file.py:object"
        )
    return _SYSTEMS[name]


def _from_module(module: str, attribute: str) -> System:
    found = getattr(_load(module), attribute, None)
    if found is None:
        raise ValueError(f"{module} has no object {attribute!r}")
    system = found() if callable(found) else found
    if not isinstance(system, System):
        raise ValueError(
            f"{module}:{attribute} is of type {type(system).__name__}; it must be a System, or "
            "make one when called without arguments"
        )
    return system


def _load(module: str) -> Any:
    if module.endswith(".py") and not Path(module).is_file():
        raise FileNotFoundError(f"there is no file {module} that could hold a system")
    try:
        if module.endswith(".py"):
            # Not entered into sys.modules, so that workers get its functions by value.
            return SimpleNamespace(**runpy.run_path(module))
        return importlib.import_module(module)
    except Exception as error:
        raise ValueError(f"{module} does not load: {type(error).__name__}: {error}") from error


register_system(KobAndersen())
register_system(KobAndersen("shifted"))
register_system(KobAndersen2D())
