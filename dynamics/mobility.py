"""How far one particle moved, and how many of its bonds it kept, in one trajectory."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..liquid import Configuration, System, cut_surroundings, neighbor_list

# Neighbours are closer than this, in units of sigma_ij.
_FORMED_WITHIN = 1.4


def displacement(initial: ArrayLike, positions: ArrayLike) -> NDArray[np.float64]:
    """Distance of each particle from where it started, ``|x_i(t) - x_i(0)|``.

    Parameters
    ----------
    initial : array_like, shape (N, d)
        Positions at t = 0, in units of sigma_AA.
    positions : array_like, shape (..., N, d)
        Unwrapped positions at later times, in the same images as `initial`.

    Returns
    -------
    ndarray, shape (..., N), float64

    Examples
    --------
    >>> displacement([[0.0, 0.0]], [[3.0, 4.0]])
    array([5.])
    """
    return np.linalg.norm(np.asarray(positions) - np.asarray(initial), axis=-1)


def overlap(initial: ArrayLike, positions: ArrayLike, length: float = 0.3) -> NDArray[np.float64]:
    """Overlap of each particle with where it started, 1 if ``|x_i(t) - x_i(0)| < a`` and else 0.

    Its mean over particles is the self-overlap Q(t).

    Parameters
    ----------
    initial : array_like, shape (N, d)
        Positions at t = 0, in units of sigma_AA.
    positions : array_like, shape (..., N, d)
        Unwrapped positions at later times.
    length : float
        a, in units of sigma_AA; wider than the rattling in the cage, narrower than a jump.

    Returns
    -------
    ndarray, shape (..., N), float64

    Examples
    --------
    >>> overlap([[0.0, 0.0], [1.0, 0.0]], [[0.1, 0.0], [2.0, 0.0]])
    array([1., 0.])
    """
    moved = displacement(initial, positions)
    return np.where(np.isnan(moved), np.nan, np.where(moved < length, 1.0, 0.0))


class CageRelativeDisplacement:
    r"""Distance that each particle moved with respect to its neighbours.

    .. math::

        \left| \Delta x_i - \frac{1}{n_i} \sum_{j} \Delta x_j \right|,
        \qquad \Delta x_i = x_i(t) - x_i(0),

    over the n_i neighbours with ``r_ij < 1.4 sigma_ij`` at t = 0. Long sound waves, which displace
    whole neighbourhoods in two dimensions, drop out (Mazoyer, Ebert, Maret and Keim, Europhys.
    Lett. 88, 66004, 2009). Without neighbours it is the displacement itself. In a field of view,
    neighbours that were lost from sight do not count; it is NaN where neighbours at t = 0 are cut
    off by the border.

    Parameters
    ----------
    system : System
        Gives the diameters sigma_ij.
    configuration : Configuration
        Positions at t = 0.

    Examples
    --------
    >>> from vitreous.liquid import Box, Configuration, KobAndersen2D
    >>> system = KobAndersen2D()
    >>> start = Configuration([[0, 0], [1, 0]], [0, 0], Box.cube(9, 2), system.species)
    >>> CageRelativeDisplacement(system, start)([[0.0, 0.5], [1.0, 0.25]])
    array([0.25, 0.25])
    """

    def __init__(self, system: System, configuration: Configuration) -> None:
        self._initial = configuration.positions
        self._rows, self._columns, _ = _bonds(system, configuration)
        self._cut = _cut_bonds(system, configuration)

    def __call__(self, positions: ArrayLike) -> NDArray[np.float64]:
        """Evaluate the displacement.

        Parameters
        ----------
        positions : array_like, shape (N, d)
            Unwrapped positions at time t, in the same images as those at t = 0.

        Returns
        -------
        ndarray, shape (N,), float64
            In units of sigma_AA.
        """
        shifts = np.asarray(positions) - self._initial
        seen = ~np.isnan(shifts[self._columns]).any(axis=1)
        rows, columns = self._rows[seen], self._columns[seen]
        counts = np.bincount(rows, minlength=len(shifts))
        of_neighbors = np.stack(
            [
                np.bincount(rows, along_axis, minlength=len(shifts))
                for along_axis in shifts[columns].T
            ],
            axis=1,
        )
        moved = np.linalg.norm(shifts - of_neighbors / np.maximum(counts, 1)[:, None], axis=1)
        return np.where(self._cut, np.nan, moved)


class BondBreaking:
    """Bond-breaking correlation of each particle, ``C_B,i(t) = n_t / n_0``.

    ``n_0`` counts the neighbours with ``r_ij < 1.4 sigma_ij`` at t = 0, of all species, on thermal
    positions; ``n_t`` those of them that are still within ``1.8 sigma_ij`` at time t. A particle
    without neighbours at t = 0 has lost none and keeps the value 1. The definition is that of the
    GlassBench data (Jung et al., arXiv:2311.14752). In a field of view, neighbours that were lost
    from sight do not count; it is NaN for particles that were lost themselves or have lost all
    neighbours so, and where neighbours at t = 0 are cut off by the border.

    Parameters
    ----------
    system : System
        Gives the diameters sigma_ij.
    configuration : Configuration
        Positions at t = 0.

    Examples
    --------
    >>> from vitreous.liquid import Box, Configuration, KobAndersen2D
    >>> system = KobAndersen2D()
    >>> start = Configuration([[0, 0], [1, 0], [-1, 0]], [0, 0, 0], Box.cube(9, 2), system.species)
    >>> BondBreaking(system, start)([[0, 0], [1.7, 0], [-1.9, 0]])
    array([0.5, 1. , 0. ])
    """

    broken_beyond = 1.8

    def __init__(self, system: System, configuration: Configuration) -> None:
        self._box = configuration.box
        self._rows, self._columns, diameters = _bonds(system, configuration)
        self._limits = self.broken_beyond * diameters
        self._n_particles = configuration.n_particles
        self._alone = np.bincount(self._rows, minlength=self._n_particles) == 0
        self._cut = _cut_bonds(system, configuration)

    def __call__(self, positions: ArrayLike) -> NDArray[np.float64]:
        """Evaluate the correlation.

        Parameters
        ----------
        positions : array_like, shape (N, d)
            Positions at time t; any periodic image will do.

        Returns
        -------
        ndarray, shape (N,), float64
            Between 0 and 1.
        """
        positions = np.asarray(positions)
        lost = np.isnan(positions).any(axis=1)
        vectors = self._box.minimum_image(positions[self._columns] - positions[self._rows])
        distances = np.linalg.norm(vectors, axis=1)
        seen = ~np.isnan(distances)
        initial = np.bincount(self._rows[seen], minlength=self._n_particles)
        intact = distances < self._limits
        remaining = np.bincount(self._rows[intact], minlength=self._n_particles)
        share = np.where(self._alone, 1.0, remaining / np.maximum(initial, 1))
        unknown = self._cut | lost | (~self._alone & (initial == 0))
        return np.where(unknown, np.nan, share)


def _cut_bonds(system: System, configuration: Configuration) -> NDArray[np.bool_]:
    """Which particles may have had neighbours at t = 0 beyond the border of a field of view."""
    return cut_surroundings(configuration, _FORMED_WITHIN * system.largest_diameter(configuration))


def _bonds(
    system: System, configuration: Configuration
) -> tuple[NDArray[np.int32], NDArray[np.int32], NDArray[np.float64]]:
    """Ordered pairs of neighbours at t = 0 and their diameters sigma_ij."""
    neighbors = neighbor_list(
        configuration, _FORMED_WITHIN * system.largest_diameter(configuration)
    )
    rows, columns = neighbors.rows, neighbors.indices
    diameters = system.pair_diameters(configuration, rows, columns)
    bonded = neighbors.distances < _FORMED_WITHIN * diameters
    return rows[bonded], columns[bonded], diameters[bonded]
