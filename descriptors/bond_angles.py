"""Histogram of the angles between bonds."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..liquid import Configuration
from ._bond_angle_kernels import angle_histogram
from ._bonds import SMOOTH_REACH, bonds_within, checked_cutoffs
from ._slices import slices_of_particles
from .base import Descriptor


class BondAngleDescriptor(Descriptor):
    r"""Number of bond angles around a particle in each of equal intervals from 0 to 180 degrees.

    Each pair of neighbours counts once. Neighbours are those closer than the cutoff of their
    species. If ``smoothed``, neighbours up to 1.3 cutoffs count with weights
    :math:`\exp[-(r_{ij} / r_c)^8]`, a pair with the product of two. Without two neighbours all
    columns are 0. A column is named after the middle of its interval.

    Parameters
    ----------
    cutoffs : float or array_like of float, shape (n_species, n_species)
        In units of sigma_AA; usually the first minima of the partial g(r).
    bins : int, default 36
        Number of intervals.
    smoothed : bool
        Whether neighbours fade out instead of being cut off.
    n_jobs : int, optional
        Number of configurations described at the same time, by threads.
    dtype : {"float32", "float64"}
        Of the features.

    Raises
    ------
    ValueError
        In ``fit``, if a parameter is out of range; in ``transform``, if a cutoff (1.3 of them if
        smoothed) exceeds half the box.

    References
    ----------
    J. Paret, R. L. Jack, D. Coslovich, J. Chem. Phys. 152, 144502 (2020).

    Examples
    --------
    >>> from vitreous.descriptors import BondAngleDescriptor
    >>> from vitreous.liquid import Box, Configuration
    >>> corner = Configuration([[0, 0], [1, 0], [0, 1]], [0] * 3, Box.cube(6.0, 2), ("A",))
    >>> angles = BondAngleDescriptor(cutoffs=1.2, bins=9).fit([corner])
    >>> angles.get_feature_names_out()[4]
    'bond-angle theta=90'
    >>> angles.transform([corner])[0, 4]
    np.float32(1.0)
    """

    def __init__(
        self,
        cutoffs: ArrayLike,
        bins: int = 36,
        smoothed: bool = False,
        n_jobs: int | None = None,
        dtype: str = "float32",
    ) -> None:
        self.cutoffs = cutoffs
        self.bins = bins
        self.smoothed = smoothed
        self.n_jobs = n_jobs
        self.dtype = dtype

    def _prepare(self, configurations: Sequence[Configuration]) -> None:
        self._cutoffs = checked_cutoffs(self.cutoffs, len(self.species_))
        if not isinstance(self.bins, int | np.integer) or self.bins < 1:
            raise ValueError(f"bins must be a whole number of at least 1, not {self.bins!r}")

    def describe(self, configuration: Configuration) -> NDArray[np.float64]:
        """Describe one configuration; see :meth:`transform`."""
        bonds = bonds_within(configuration, self._cutoffs, SMOOTH_REACH if self.smoothed else 1.0)
        weights = bonds.smooth_weights() if self.smoothed else np.ones(len(bonds.distances))
        histogram = np.empty((configuration.n_particles, self.bins))
        directions = bonds.directions
        for first, stop in slices_of_particles(len(histogram)):
            angle_histogram(first, stop, bonds.indptr, directions, weights, histogram)
        return histogram

    def _feature_names(self) -> list[str]:
        smoothed = "smoothed-" if self.smoothed else ""
        width = 180 / self.bins
        return [f"{smoothed}bond-angle theta={(n + 0.5) * width:g}" for n in range(self.bins)]
