"""Voronoi cells of particles that no cutoff suits: in small boxes, droplets, slabs and voids.

The cell between some of the neighbours contains the true one, and is the true one if none of its
corners is nearer to another particle. So each search begins with the nearest neighbours and the
particle's own images, between which the cell is finite, and asks at its corners for the particles
that are nearest there, until there is nothing new. "Near" is the power distance
``|x - x_j|^2 - R_j^2``, which is a distance in one more dimension: that from (x, 0) to
(x_j, sqrt(R_max^2 - R_j^2)), less R_max^2. A k-d tree finds both.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..liquid import Configuration
from ._voronoi_kernels import cell_between_2d, cell_between_3d

_FIRST_NEIGHBORS = {2: 16, 3: 32}
_AT_ONCE = 2000  # particles whose neighbours are in memory at the same time


class CellSearch:
    """Cells of single particles of one configuration.

    Parameters
    ----------
    configuration : Configuration
        Without two particles at one point.
    radii : ndarray, shape (N,)
    thresholds : ndarray, shape (2,)
        Length up to which an edge, and share of the surface up to which a face does not count.
    """

    def __init__(
        self,
        configuration: Configuration,
        radii: NDArray[np.float64],
        thresholds: NDArray[np.float64],
    ) -> None:
        self._thresholds = thresholds
        self._box = configuration.box
        self._positions = configuration.positions
        self._squares = radii**2
        self._matrix = configuration.box.matrix
        self._inverse = np.linalg.inv(self._matrix)
        self._dimensions = configuration.dimensions
        self._margin = 0.0
        self._grow(4 * configuration.density ** (-1 / self._dimensions))

    def measure(
        self, particles: NDArray[np.int64], n_counts: int
    ) -> tuple[NDArray[np.float64], NDArray[np.int32]]:
        """Volumes and surfaces of the cells of some particles, and their counts.

        Returns
        -------
        measures : ndarray, shape (2, n)
        counts : ndarray, shape (n, n_counts)
            Numbers of sides or of faces, as the kernels fill them.
        """
        parts = [
            self._measure(particles[first : first + _AT_ONCE], n_counts)
            for first in range(0, len(particles), _AT_ONCE)
        ]
        measures, counts = zip(*parts, strict=True)
        return np.concatenate(measures, axis=1), np.concatenate(counts)

    def _measure(
        self, particles: NDArray[np.int64], n_counts: int
    ) -> tuple[NDArray[np.float64], NDArray[np.int32]]:
        measures = np.empty((2, len(particles)))
        counts = np.zeros((len(particles), n_counts), dtype=np.int32)
        active = np.arange(len(particles))
        known = self._first_neighbors(particles)
        while active.size:
            owners, corners = self._cells(particles, active, known, measures, counts)
            found = self._nearest_at(particles[owners], corners)
            asked = np.column_stack([owners, found])
            everything = np.unique(np.concatenate([known, asked]), axis=0)
            before = np.bincount(known[:, 0], minlength=len(particles))
            active = np.flatnonzero(
                np.bincount(everything[:, 0], minlength=len(particles)) > before
            )
            known = everything[np.isin(everything[:, 0], active)]
        return measures, counts

    def _first_neighbors(self, particles: NDArray[np.int64]) -> NDArray[np.int64]:
        """Rows (number in the list, neighbour, its image) of the nearest and of own images."""
        d = self._dimensions
        n_found = min(_FIRST_NEIGHBORS[d] + 1, len(self._owners))
        _, found = self._plain.query(self._positions[particles], k=np.arange(1, n_found + 1))
        numbers = np.arange(len(particles))
        nearest = np.column_stack(
            [np.repeat(numbers, n_found), self._owners[found.ravel()], self._images[found.ravel()]]
        )
        shifts = np.stack(np.meshgrid(*[(-1, 0, 1)] * d), axis=-1).reshape(-1, d)
        own = np.column_stack(
            [
                np.repeat(numbers, len(shifts)),
                np.repeat(particles, len(shifts)),
                np.tile(shifts, (len(particles), 1)),
            ]
        )
        return np.unique(np.concatenate([nearest, own]), axis=0)

    def _cells(
        self,
        particles: NDArray[np.int64],
        active: NDArray[np.int64],
        known: NDArray[np.int64],
        measures: NDArray[np.float64],
        counts: NDArray[np.int32],
    ) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        """Measure the cells between the known neighbours; returns their corners and whose."""
        kernel = cell_between_2d if self._dimensions == 2 else cell_between_3d
        half = float(np.linalg.norm(self._matrix, axis=0).sum())
        starts = np.searchsorted(known[:, 0], np.append(active, len(particles)))
        owners, corners = [], []
        for number, first, last in zip(active, starts[:-1], starts[1:], strict=True):
            i = particles[number]
            j, images = known[first:last, 1], known[first:last, 2:]
            others = (j != i) | images.any(axis=1)
            vectors = np.zeros((np.count_nonzero(others), 3))
            shifted = self._positions[j[others]] + images[others] @ self._matrix.T
            vectors[:, : self._dimensions] = shifted - self._positions[i]
            differences = self._squares[i] - self._squares[j[others]]
            room = 8 * len(vectors) + 8
            while True:
                found = np.empty((room, 3))
                volume, surface, n_corners = kernel(
                    vectors, differences, half, self._thresholds, found, counts[number]
                )
                if n_corners <= room:
                    break
                room = n_corners
            measures[:, number] = volume, surface
            owners.append(np.full(n_corners, number))
            corners.append(found[:n_corners, : self._dimensions] + self._positions[i])
        return np.concatenate(owners), np.concatenate(corners)

    def _nearest_at(
        self, particles: NDArray[np.int64], points: NDArray[np.float64]
    ) -> NDArray[np.int64]:
        """Rows (particle, its image) of the least power distance at points, shape (M, 1 + d).

        The power distance of the particle whose corner a point is says how far one must look.
        """
        own = ((points - self._positions[particles]) ** 2).sum(axis=1)
        farthest = own + self._squares.max() - self._squares[particles]
        if farthest.size:
            self._grow(float(np.sqrt(max(farthest.max(), 0.0))))
        cells = np.floor(points @ self._inverse.T + 0.5).astype(np.int64)
        inside = points - cells @ self._matrix.T
        _, found = self._lifted.query(np.column_stack([inside, np.zeros(len(inside))]))
        return np.column_stack([self._owners[found], self._images[found] + cells])

    def _grow(self, margin: float) -> None:
        """Build trees of all that lies inside the box or less than a margin outside."""
        if margin <= self._margin:
            return
        from scipy.spatial import cKDTree

        self._margin = 1.5 * margin
        reach = 0.5 + self._margin / self._box.plane_distances
        fractional = self._box.fractional(self._positions)
        most = np.ceil(reach + 0.5).astype(int)
        owners, images = [], []
        for shift in np.ndindex(*(2 * most + 1)):
            image = np.array(shift) - most
            near = np.flatnonzero((abs(fractional + image) <= reach).all(axis=1))
            owners.append(near)
            images.append(np.broadcast_to(image, (len(near), self._dimensions)))
        self._owners, self._images = np.concatenate(owners), np.concatenate(images)
        points = self._positions[self._owners] + self._images @ self._matrix.T
        heights = np.sqrt(self._squares.max() - self._squares[self._owners])
        self._plain: Any = cKDTree(points)
        self._lifted: Any = cKDTree(np.column_stack([points, heights]))
