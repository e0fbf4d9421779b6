"""Density, energy and shape of the surroundings, averaged over growing lengths."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..liquid import Configuration, System
from ..liquid.cells import cells
from ._physics_inspired_kernels import exponential_averages
from ._radii import particle_radii
from ._slices import slices_of_cells
from .base import Descriptor
from .voronoi import cells_with_radii

_DEFAULT_LENGTHS = np.arange(0.0, 4.5, 0.5)


class PhysicsInspiredDescriptor(Descriptor):
    r"""Four observables averaged over growing lengths, species by species.

    With weights :math:`w_{ij} = e^{-r_{ij} / L}`, sums over the particles j of species b within the
    cutoff, particle i itself (w = 1) included if it is one of them, energies :math:`E_j` (half the
    pair sum) and surfaces :math:`P_j` of the radical Voronoi cells (perimeters in 2D),

    .. math::

        \rho_i(L, b) &= \sum_{j \in b} w_{ij}, \qquad
        P_i(L, b) = \sum_{j \in b} w_{ij} P_j / \rho_i(L, b),

        E_i(L, b) &= \sum_{j \in b} w_{ij} E_j / \rho_i(L, b),

        \Delta E^2_i(L, b) &= \sum_{j \in b} w_{ij} [E_j - E_i(L, b)]^2 / \rho_i(L, b),

    and the same over all species. Without a particle of a species within the cutoff its four
    features are 0. For L = 0 there remain the particle's own energy and surface.

    Columns begin with these two if there is a length 0; then they run over species and all, over
    the four observables, over the lengths above 0. Meant for inherent structures, and for columns
    z-scored per species. Everything is computed in float64.

    The lengths and the cutoff belong to the descriptor, not to the box: the same surroundings in a
    larger box have the same features, and a model stores both with the rest of its parameters.

    Parameters
    ----------
    system : System
        Gives the energies and, by default, the radii.
    lengths : array_like of float, shape (n_lengths,), optional
        The L, rising from 0 or more, in units of sigma_AA; by default 0 to 4 in steps of 0.5.
    cutoff : float, default 7.0
        Of the sums, in units of sigma_AA; at most half the box. For L = 0 alone there are no sums.
    radii : array_like of float, shape (n_species,), optional
        Of the Voronoi cells, in units of sigma_AA; by default half the diameters sigma_ii that the
        particles have in the system.
    n_jobs : int, optional
        Number of configurations described at the same time, by threads.
    dtype : {"float32", "float64"}
        Of the features.

    Attributes
    ----------
    lengths_ : ndarray, shape (n_lengths,), float64
        The lengths in use.

    Raises
    ------
    ValueError
        In ``fit``, if the configurations are not of the system or a parameter is out of range; in
        ``transform``, if the cutoff exceeds half the box.

    References
    ----------
    G. Jung, G. Biroli, L. Berthier, Phys. Rev. Lett. 130, 238202 (2023).

    Examples
    --------
    >>> from vitreous.descriptors import PhysicsInspiredDescriptor
    >>> from vitreous.liquid import KobAndersen2D
    >>> system = KobAndersen2D()
    >>> configuration = system.random_configuration(260, random_state=1)
    >>> descriptor = PhysicsInspiredDescriptor(system, lengths=[0.0, 1.0])
    >>> descriptor.fit_transform([configuration]).shape
    (260, 18)
    >>> descriptor.fit([configuration]).get_feature_names_out()[:4].tolist()
    ['energy', 'voronoi-perimeter', 'density[A] L=1', 'energy[A] L=1']
    """

    def __init__(
        self,
        system: System,
        lengths: ArrayLike | None = None,
        cutoff: float = 7.0,
        radii: ArrayLike | None = None,
        n_jobs: int | None = None,
        dtype: str = "float32",
    ) -> None:
        self.system = system
        self.lengths = lengths
        self.cutoff = cutoff
        self.radii = radii
        self.n_jobs = n_jobs
        self.dtype = dtype

    def prepare(self, configurations: Sequence[Configuration]) -> None:
        """Check the parameters; see :meth:`fit`."""
        for configuration in configurations:
            self.system.require(configuration)
        lengths = np.asarray(
            _DEFAULT_LENGTHS if self.lengths is None else self.lengths, dtype=np.float64
        )
        if lengths.ndim != 1 or lengths.size == 0 or not np.all(np.isfinite(lengths)):
            raise ValueError(f"lengths must be a sequence of finite numbers, not {self.lengths!r}")
        if lengths[0] < 0 or np.any(np.diff(lengths) <= 0):
            raise ValueError(f"lengths must rise from 0 or more, not {self.lengths!r}")
        self.lengths_ = lengths

    def describe(self, configuration: Configuration) -> NDArray[np.floating]:
        """Describe one configuration; see :meth:`transform`."""
        energies = self.system.particle_energies(configuration)
        if self.radii is None:
            each = np.arange(configuration.n_particles)
            radii = self.system.pair_diameters(configuration, each, each) / 2
        else:
            radii = particle_radii(configuration, self.radii)
        _, surfaces = cells_with_radii(configuration, radii)
        columns = self._averages(configuration, energies, surfaces)
        if self.lengths_[0] == 0:
            columns = np.column_stack([energies, surfaces, columns])
        return columns

    def _averages(
        self,
        configuration: Configuration,
        energies: NDArray[np.float64],
        surfaces: NDArray[np.float64],
    ) -> NDArray[np.float64]:
        lengths = self._averaged_over()
        n_particles = configuration.n_particles
        if not len(lengths):
            return np.empty((n_particles, 0))
        averages = np.empty((n_particles, len(configuration.species) + 1, 4, len(lengths)))
        middle = energies.mean()
        neighborhood = cells(configuration, self.cutoff)
        deviations = energies - middle
        for first, stop in slices_of_cells(neighborhood):
            exponential_averages(neighborhood, first, stop, deviations, surfaces, lengths, averages)
        averages[:, :, 1] += np.where(averages[:, :, 0] > 0, middle, 0.0)
        return averages.reshape(n_particles, -1)

    def _averaged_over(self) -> NDArray[np.float64]:
        return self.lengths_[self.lengths_ > 0]

    def feature_names(self) -> list[str]:
        """Name the columns; see :meth:`get_feature_names_out`."""
        surface = "voronoi-perimeter" if self.dimensions_ == 2 else "voronoi-surface"
        bare = ["energy", surface] if self.lengths_[0] == 0 else []
        return bare + [
            f"{observable}[{species}] L={length:g}"
            for species in (*self.species_, "all")
            for observable in ("density", "energy", surface, "energy-variance")
            for length in self._averaged_over()
        ]
