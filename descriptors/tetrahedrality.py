"""How far the angles between bonds are from those of a tetrahedron."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..liquid import Configuration
from ._bond_angle_kernels import tetrahedrality
from ._bonds import bonds_within, checked_cutoffs
from ._slices import slices_of_particles
from .base import Descriptor

_IDEAL = np.cos(np.radians(109.5))


class TetrahedralityDescriptor(Descriptor):
    r"""Mean deviation of the bond angles from the angle of a tetrahedron.

    .. math:: T_i = \frac{2}{n_i (n_i - 1)} \sum_{j < k} |\cos \theta_{jik} - \cos 109.5^\circ|

    over all pairs of the :math:`n_i` neighbours, those closer than the cutoff of their species. It
    is 0 for the four neighbours of a perfect tetrahedron and, by definition, with fewer than two
    neighbours.

    Parameters
    ----------
    cutoffs : float or array_like of float, shape (n_species, n_species)
        Of the neighbours, in units of sigma_AA; usually the first minima of the partial g(r).
    n_jobs : int, optional
        Number of configurations described at the same time, by threads.
    dtype : {"float32", "float64"}
        Of the features.

    Raises
    ------
    ValueError
        In ``fit``, if a cutoff is not positive; in ``transform``, if one exceeds half the box.

    Examples
    --------
    >>> from vitreous.descriptors import TetrahedralityDescriptor
    >>> from vitreous.liquid import Box, Configuration
    >>> corners = [[0, 0, 0], [1, 1, 1], [1, -1, -1], [-1, 1, -1], [-1, -1, 1]]
    >>> tetrahedron = Configuration(corners, [0] * 5, Box.cube(9.0, dimensions=3), ("A",))
    >>> float(TetrahedralityDescriptor(cutoffs=2.0).fit_transform([tetrahedron])[0, 0].round(3))
    0.0
    """

    def __init__(
        self, cutoffs: ArrayLike, n_jobs: int | None = None, dtype: str = "float32"
    ) -> None:
        self.cutoffs = cutoffs
        self.n_jobs = n_jobs
        self.dtype = dtype

    def _prepare(self, configurations: Sequence[Configuration]) -> None:
        self._cutoffs = checked_cutoffs(self.cutoffs, len(self.species_))

    def describe(self, configuration: Configuration) -> NDArray[np.float64]:
        """Describe one configuration; see :meth:`transform`."""
        bonds = bonds_within(configuration, self._cutoffs)
        values = np.empty(configuration.n_particles)
        directions = bonds.directions
        for first, stop in slices_of_particles(len(values)):
            tetrahedrality(first, stop, bonds.indptr, directions, _IDEAL, values)
        return values[:, np.newaxis]

    def _feature_names(self) -> list[str]:
        return ["tetrahedrality"]
