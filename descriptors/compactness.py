"""How efficiently a particle and its neighbours are packed."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..liquid import Configuration
from ._bonds import bonds_within, checked_cutoffs
from ._compactness_kernels import compactness_3d, steric_order_2d
from ._radii import particle_radii
from ._slices import slices_of_particles
from .base import Descriptor


class CompactnessDescriptor(Descriptor):
    r"""Deviation of a particle and its neighbours from a packing in which all would touch.

    In three dimensions, over all tetrahedra that particle i forms with three particles which are
    its neighbours and neighbours of each other, with :math:`\sigma_{ab} = R_a + R_b`,

    .. math::

        \Omega_i = \Big\langle \frac{\sum_{ab} |r_{ab} - \sigma_{ab}|}{\sum_{ab} \sigma_{ab}}
        \Big\rangle,

    the sums running over the six edges. In two dimensions, over all pairs j, k of neighbours that
    are neighbours of each other,

    .. math:: \Theta_i = \langle |\theta_{jik} - \theta^\mathrm{touch}_{jik}| \rangle,

    with the angle, in radians, that it would have if the three disks touched. Small values mean
    tight packing. Without any tetrahedron or triangle the value is 0.

    Parameters
    ----------
    cutoffs : float or array_like of float, shape (n_species, n_species)
        Of the neighbours, in units of sigma_AA; usually the first minima of the partial g(r). The
        reference takes the neighbours of the radical Voronoi tessellation instead.
    radii : array_like of float, shape (n_species,), optional
        The R of the species, in units of sigma_AA; by default half the particles' own diameters.
    n_jobs : int, optional
        Number of configurations described at the same time, by threads.
    dtype : {"float32", "float64"}
        Of the features.

    Raises
    ------
    ValueError
        In ``fit``, if a cutoff is not positive; in ``transform``, if a cutoff exceeds half the box,
        there is not one finite, positive radius per species, or none is given and the particles
        have no diameters.

    References
    ----------
    H. Tong, H. Tanaka, Phys. Rev. X 8, 011041 (2018).

    Examples
    --------
    >>> from vitreous.descriptors import CompactnessDescriptor
    >>> from vitreous.liquid import Box, Configuration
    >>> triangle = [[0, 0], [1, 0], [0.5, 3**0.5 / 2]]
    >>> touching = Configuration(triangle, [0] * 3, Box.cube(6.0, dimensions=2), ("A",))
    >>> compactness = CompactnessDescriptor(cutoffs=1.4, radii=[0.5]).fit([touching])
    >>> compactness.transform([touching]).round(3).ravel()
    array([0., 0., 0.], dtype=float32)
    """

    def __init__(
        self,
        cutoffs: ArrayLike,
        radii: ArrayLike | None = None,
        n_jobs: int | None = None,
        dtype: str = "float32",
    ) -> None:
        self.cutoffs = cutoffs
        self.radii = radii
        self.n_jobs = n_jobs
        self.dtype = dtype

    def _prepare(self, configurations: Sequence[Configuration]) -> None:
        self._cutoffs = checked_cutoffs(self.cutoffs, len(self.species_))

    def describe(self, configuration: Configuration) -> NDArray[np.float64]:
        """Describe one configuration; see :meth:`transform`."""
        bonds = bonds_within(configuration, self._cutoffs)
        values = np.empty(configuration.n_particles)
        kernel = steric_order_2d if configuration.dimensions == 2 else compactness_3d
        radii = particle_radii(configuration, self.radii)
        if not (radii > 0).all():
            raise ValueError(f"particles that touch need positive radii, not {self.radii!r}")
        for first, stop in slices_of_particles(len(values)):
            kernel(first, stop, bonds.indptr, bonds.indices, bonds.distances, radii, values)
        return values[:, np.newaxis]

    def _feature_names(self) -> list[str]:
        return ["steric-order" if self.dimensions_ == 2 else "compactness"]
