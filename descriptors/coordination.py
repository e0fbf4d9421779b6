"""Number of neighbours."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..liquid import Configuration
from ._bonds import bonds_within, checked_cutoffs
from .base import Descriptor


class CoordinationDescriptor(Descriptor):
    """Number of neighbours of each species, and of all of them.

    Neighbours are those closer than the cutoff of their species.

    Parameters
    ----------
    cutoffs : float or array_like of float, shape (n_species, n_species)
        In units of sigma_AA; usually the first minima of the partial g(r).
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
    >>> from vitreous.descriptors import CoordinationDescriptor
    >>> from vitreous.liquid import Box, Configuration
    >>> row = Configuration([[-1, 0], [0, 0], [1, 0]], [0, 0, 1], Box.cube(6.0, 2), ("A", "B"))
    >>> coordination = CoordinationDescriptor(cutoffs=1.5).fit([row])
    >>> coordination.get_feature_names_out().tolist()
    ['coordination[A]', 'coordination[B]', 'coordination[all]']
    >>> coordination.transform([row])
    array([[1., 0., 1.],
           [1., 1., 2.],
           [1., 0., 1.]], dtype=float32)
    """

    def __init__(
        self, cutoffs: ArrayLike, n_jobs: int | None = None, dtype: str = "float32"
    ) -> None:
        self.cutoffs = cutoffs
        self.n_jobs = n_jobs
        self.dtype = dtype

    def prepare(self, configurations: Sequence[Configuration]) -> None:
        """Check the parameters; see :meth:`fit`."""
        self._cutoffs = checked_cutoffs(self.cutoffs, len(self.species_))

    def describe(self, configuration: Configuration) -> NDArray[np.int64]:
        """Describe one configuration; see :meth:`transform`."""
        bonds = bonds_within(configuration, self._cutoffs)
        n_species = len(configuration.species)
        cell = bonds.rows * n_species + configuration.types[bonds.indices]
        counts = np.bincount(cell, minlength=configuration.n_particles * n_species)
        counts = counts.reshape(-1, n_species)
        return np.column_stack([counts, counts.sum(axis=1)])

    def feature_names(self) -> list[str]:
        """Name the columns; see :meth:`get_feature_names_out`."""
        return [f"coordination[{species}]" for species in (*self.species_, "all")]
