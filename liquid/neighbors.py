"""Neighbour lists within a cutoff."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

from ..compiled.slices import slices
from ._neighbor_kernels import (
    count_neighbors,
    half_pairs,
    rows_from_pairs,
    sort_rows_with_vectors,
)
from .cell_kernels import Candidates, Cells
from .cells import cells
from .configuration import Configuration

# More than they take.
_SECONDS_PER_CELL = 1e-4
_SECONDS_PER_PAIR = 1e-8
_SECONDS_PER_PARTICLE = 1e-5
_SECONDS_PER_ENTRY = 1e-7


@dataclass(frozen=True, eq=False)
class NeighborList:
    """All pairs of particles closer than a cutoff, in compressed sparse rows.

    The neighbours of particle i are ``indices[indptr[i]:indptr[i + 1]]``, in rising order. Every
    pair stands in it twice, once in each row; no particle is its own neighbour.

    Attributes
    ----------
    indptr : ndarray of int64, shape (N + 1,)
        Start of each particle's row.
    indices : ndarray of int32, shape (M,)
        The neighbours j.
    vectors : ndarray of float64, shape (M, d)
        Minimum-image vectors r_j - r_i, in units of sigma_AA.
    distances : ndarray of float64, shape (M,)
        Their lengths.

    Examples
    --------
    >>> from vitreous.liquid import Box, Configuration, neighbor_list
    >>> positions = [[0.0, 0.0], [1.0, 0.0], [2.0, 0.0]]
    >>> row = Configuration(positions, [0, 0, 0], Box.cube(8.0, dimensions=2), ("A",))
    >>> neighbors = neighbor_list(row, cutoff=1.5)
    >>> neighbors.counts
    array([1, 2, 1])
    >>> neighbors.indices[neighbors.indptr[1] : neighbors.indptr[2]]
    array([0, 2], dtype=int32)
    """

    indptr: NDArray[np.int64]
    indices: NDArray[np.int32]
    vectors: NDArray[np.float64]
    distances: NDArray[np.float64]

    @property
    def counts(self) -> NDArray[np.int64]:
        """Number of neighbours of each particle, shape (N,)."""
        return np.diff(self.indptr)

    @property
    def rows(self) -> NDArray[np.int32]:
        """The particle i of each of the M entries, shape (M,)."""
        return np.repeat(np.arange(len(self.counts), dtype=np.int32), self.counts)


def neighbor_list(configuration: Configuration, cutoff: float) -> NeighborList:
    """Find all pairs of particles with r_ij < cutoff.

    Parameters
    ----------
    configuration : Configuration
    cutoff : float
        In units of sigma_AA.

    Returns
    -------
    NeighborList

    Raises
    ------
    ValueError
        If the cutoff is not positive, or exceeds half the smallest distance between opposite
        faces of the box, beyond which a particle can meet two images of another; or if two
        particles lie at one point, which has no direction.

    Examples
    --------
    >>> from vitreous.liquid import Box, Configuration
    >>> box = Box.cube(8.0, dimensions=2)
    >>> pair = Configuration([[-3.5, 0.0], [3.5, 0.0]], [0, 0], box, ("A",))
    >>> neighbor_list(pair, cutoff=2.0).vectors
    array([[-1.,  0.],
           [ 1.,  0.]])
    """
    grid = cells(configuration, cutoff)
    half = grid._replace(offsets=grid.offsets[len(grid.offsets) // 2 :])
    pairs = _all_pairs(half, configuration)
    n_particles = configuration.n_particles
    indptr = np.zeros(n_particles + 1, dtype=np.int64)
    for first, stop in slices(len(pairs), _SECONDS_PER_PAIR):
        count_neighbors(first, stop, pairs, indptr[1:])
    np.cumsum(indptr, out=indptr)
    unsorted = np.empty(2 * len(pairs), dtype=np.int32)
    fill = indptr[:-1].copy()
    for first, stop in slices(len(pairs), _SECONDS_PER_PAIR):
        rows_from_pairs(first, stop, pairs, fill, unsorted)
    positions = np.zeros((n_particles, 3))
    positions[:, : configuration.dimensions] = configuration.positions
    indices = _in_memory(len(unsorted), np.int32)
    vectors = _in_memory((len(unsorted), configuration.dimensions), np.float64)
    distances = _in_memory(len(unsorted), np.float64)
    fill[:] = indptr[:-1]
    for first, stop in slices(n_particles, _SECONDS_PER_PARTICLE):
        sort_rows_with_vectors(
            first,
            stop,
            indptr,
            unsorted,
            fill,
            positions,
            grid.matrix,
            indices,
            vectors,
            distances,
        )
    return NeighborList(indptr, indices, vectors, distances)


def _in_memory(shape: int | tuple[int, ...], dtype: DTypeLike) -> NDArray[Any]:
    """Make an array whose memory the operating system has found already.

    Rows are sorted by writing all over their arrays: the first would wait for the memory of all.
    """
    array = np.empty(shape, dtype)
    for first, stop in slices(len(array), _SECONDS_PER_ENTRY):
        array[first:stop] = 0
    return array


def _all_pairs(half: Cells, configuration: Configuration) -> NDArray[np.int32]:
    """Collect the pairs, at first with room for those expected at the mean density."""
    sphere = np.pi * half.cutoff**2 * (1 if configuration.dimensions == 2 else 4 / 3 * half.cutoff)
    capacity = int(0.55 * configuration.n_particles * configuration.density * sphere) + 4096
    room = int(np.diff(half.start).max()) * len(half.offsets)
    x, y, z = np.empty((3, room))
    candidates = Candidates(x, y, z, np.empty(room, dtype=np.int32))
    squared = np.empty(room)
    while True:
        pairs = np.empty((capacity, 2), dtype=np.int32)
        count = 0
        for first, stop in slices(len(half.start) - 1, _SECONDS_PER_CELL):
            count = half_pairs(half, first, stop, candidates, squared, pairs, count)
            if count < 0:
                break
        if count >= 0:
            return pairs[:count]
        capacity *= 2
