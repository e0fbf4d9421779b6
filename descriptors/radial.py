"""Density around a particle, species by species and shell by shell."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..liquid import Configuration, cut_surroundings
from ..liquid.cells import cells
from ._columns import ColumnDescriptor
from ._radial_kernels import radial_sums
from ._shells import REACH, shells_and_widths
from ._slices import slices_of_cells

_DEFAULT_SHELLS = np.concatenate([0.85 + 0.03 * np.arange(39), 2.0 + 0.05 * np.arange(61)]).round(2)

_WIDEST_RAMP_STEP = 4.0  # in widths; beyond it a Gaussian reaches one shell at most


class RadialDescriptor(ColumnDescriptor):
    r"""Number of neighbours of each species in Gaussian shells.

    .. math:: G_i(r, \delta, b) = \sum_{j \in b} \exp[-(r_{ij} - r)^2 / 2 \delta^2]

    Columns run over species, then shells. The sum over no neighbours is 0. A Gaussian is cut off
    about 5.5 widths from its centre, where it is 3e-7. Everything is computed in float64.

    Parameters
    ----------
    shells : array_like of float, shape (n_shells,), optional
        The r, rising, in units of sigma_AA. By default 100 shells, 0.85 to 1.99 in steps of 0.03
        and 2 to 5 in steps of 0.05: the ranges and widths of Boattini et al.; the steps, about
        one width, are our choice.
    widths : float or array_like of float, shape (n_shells,), optional
        The delta, for all or for each of the shells. By default 0.025 below r = 2, 0.05 from
        there on.
    n_jobs : int, optional
        Number of configurations described at the same time, by threads.
    dtype : {"float32", "float64"}
        Of the features.

    Raises
    ------
    ValueError
        In ``transform``, if the largest shell and 5.5 widths exceed half the box.

    References
    ----------
    E. Boattini, F. Smallenburg, L. Filion, Phys. Rev. Lett. 127, 088007 (2021).

    Examples
    --------
    >>> from vitreous.descriptors import RadialDescriptor
    >>> from vitreous.liquid import Box, Configuration
    >>> box = Box.cube(6.0, dimensions=3)
    >>> pair = Configuration([[0, 0, 0], [1.1, 0, 0]], [0, 1], box, ("A", "B"))
    >>> radial = RadialDescriptor(shells=[1.0, 1.1], widths=0.1).fit([pair])
    >>> radial.get_feature_names_out().tolist()
    ['radial[A] r=1', 'radial[A] r=1.1', 'radial[B] r=1', 'radial[B] r=1.1']
    >>> radial.transform([pair]).round(3)
    array([[0.   , 0.   , 0.607, 1.   ],
           [0.607, 1.   , 0.   , 0.   ]], dtype=float32)
    """

    open_boxes = True

    def __init__(
        self,
        shells: ArrayLike | None = None,
        widths: ArrayLike | None = None,
        n_jobs: int | None = None,
        dtype: str = "float32",
    ) -> None:
        self.shells = shells
        self.widths = widths
        self.n_jobs = n_jobs
        self.dtype = dtype

    def prepare(self, configurations: Sequence[Configuration]) -> None:
        """Check the parameters; see :meth:`fit`."""
        shells = _DEFAULT_SHELLS if self.shells is None else self.shells
        if self.widths is not None:
            widths = self.widths
        else:
            widths = np.where(np.asarray(shells) < 2.0, 0.025, 0.05)
        self._shells, self._widths = shells_and_widths(shells, widths)
        ramps, sizes = _ramps(self._shells, self._widths)
        self._ramps = (ramps, sizes, *_reached(ramps))
        self._cutoff = float((self._shells + REACH * self._widths).max())

    def _n_features(self) -> int:
        return len(self.species_) * len(self._shells)

    def _fill(
        self, configuration: Configuration, features: NDArray[np.floating], column: int
    ) -> None:
        n_species = len(configuration.species)
        around = cells(configuration, self._cutoff)
        for first, stop in slices_of_cells(around):
            radial_sums(around, first, stop, *self._ramps, n_species, features, column)
        cut = cut_surroundings(configuration, self._cutoff)
        features[cut, column : column + self._n_features()] = np.nan

    def feature_names(self) -> list[str]:
        """Name the columns; see :meth:`get_feature_names_out`."""
        return [
            f"radial[{species}] r={shell:.6g}"
            for species in self.species_
            for shell in self._shells
        ]


def _ramps(
    shells: NDArray[np.float64], widths: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Split shells into runs of equal width and step, (first, step, width), and their sizes."""
    ramps: list[tuple[float, float, float]] = []
    sizes: list[int] = []
    start = 0
    while start < len(shells):
        step, stop = widths[start], start + 1
        if stop < len(shells) and shells[stop] - shells[start] < _WIDEST_RAMP_STEP * widths[start]:
            step = shells[stop] - shells[start]
            while (
                stop < len(shells)
                and widths[stop] == widths[start]
                and abs(shells[stop] - shells[start] - (stop - start) * step) < 1e-9 * step
            ):
                stop += 1
            step = (shells[stop - 1] - shells[start]) / max(stop - 1 - start, 1) or step
        ramps.append((shells[start], step, widths[start]))
        sizes.append(stop - start)
        start = stop
    return np.array(ramps), np.array(sizes, dtype=np.int64)


def _reached(
    ramps: NDArray[np.float64],
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Return how many shells a Gaussian reaches to either side, and exp(-k^2 h^2 / 2 d^2)."""
    slopes = ramps[:, 1] / ramps[:, 2]
    spans = np.maximum(np.ceil(REACH / slopes - 0.5), 0).astype(np.int64)
    steps = np.arange(2 * spans.max() + 1)
    return spans, np.exp(-0.5 * (steps * slopes[:, np.newaxis]) ** 2)
