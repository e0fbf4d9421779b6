"""Neighbour lists within a cutoff."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ._neighbor_kernels import (
    half_pairs,
    rows_from_pairs,
    sort_into_cells,
    sort_rows_with_vectors,
)
from .box import Box
from .configuration import Configuration


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
        faces of the box, beyond which a particle can meet two images of another.

    Examples
    --------
    >>> from vitreous.liquid import Box, Configuration
    >>> box = Box.cube(8.0, dimensions=2)
    >>> pair = Configuration([[-3.5, 0.0], [3.5, 0.0]], [0, 0], box, ("A",))
    >>> neighbor_list(pair, cutoff=2.0).vectors
    array([[-1.,  0.],
           [ 1.,  0.]])
    """
    box = configuration.box
    _require_cutoff(cutoff, box)
    positions = np.zeros((configuration.n_particles, 3))
    positions[:, : box.dimensions] = configuration.positions
    fractional = np.zeros_like(positions)
    fractional[:, : box.dimensions] = box.fractional(configuration.positions)
    matrix = np.eye(3)
    matrix[: box.dimensions, : box.dimensions] = box.matrix

    n_cells, reach = _cells(box, cutoff, configuration.n_particles)
    order, start = sort_into_cells(fractional, n_cells)
    stencil = _half_stencil(box, cutoff, n_cells, reach)
    expected = _expected_pairs(configuration, cutoff)
    pairs = _all_pairs(positions, order, start, n_cells, stencil, matrix, cutoff, expected)
    indptr, unsorted = rows_from_pairs(pairs, configuration.n_particles)
    indices = np.empty(len(unsorted), dtype=np.int32)
    vectors = np.empty((len(unsorted), box.dimensions))
    distances = np.empty(len(unsorted))
    sort_rows_with_vectors(indptr, unsorted, positions, matrix, indices, vectors, distances)
    return NeighborList(indptr, indices, vectors, distances)


def _require_cutoff(cutoff: float, box: Box) -> None:
    if not cutoff > 0:
        raise ValueError(f"the cutoff must be positive, not {cutoff}")
    limit = box.plane_distances.min() / 2
    if cutoff > limit:
        raise ValueError(
            f"the cutoff {cutoff:g} exceeds half the smallest distance between faces of the box, "
            f"{limit:g}; use a shorter cutoff or a larger system"
        )


def _cells(
    box: Box, cutoff: float, n_particles: int
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Choose the number of cells along each axis and how many cells a cutoff spans.

    The cells of a dilute system are kept from outnumbering its particles by far.
    """
    n_cells = np.ones(3, dtype=np.int64)
    reach = np.zeros(3, dtype=np.int64)
    distances = box.plane_distances
    for cells_per_cutoff in (1, 2):
        wanted = cells_per_cutoff * distances / cutoff
        crowding = float(np.prod(wanted)) / (4 * n_particles + 64)
        wanted /= max(1.0, crowding) ** (1 / box.dimensions)
        for axis, n in enumerate(wanted.astype(np.int64)):
            span = int(np.ceil(cutoff * n / distances[axis]))
            if n >= 2 * span + 1:
                n_cells[axis], reach[axis] = n, span
    return n_cells, reach


def _half_stencil(
    box: Box, cutoff: float, n_cells: NDArray[np.int64], reach: NDArray[np.int64]
) -> NDArray[np.int64]:
    """Offsets to the cells that can hold neighbours, one of each pair of opposite offsets."""
    axes = [np.arange(-span, span + 1) for span in reach]
    offsets = np.stack(np.meshgrid(*axes, indexing="ij"), axis=-1).reshape(-1, 3)
    offsets = offsets[len(offsets) // 2 :]  # the zero offset and everything after it
    if box.is_orthorhombic:
        widths = np.ones(3)
        widths[: box.dimensions] = np.asarray(box.lengths) / n_cells[: box.dimensions]
        gaps = np.maximum(abs(offsets) - 1, 0) * widths
        offsets = offsets[np.linalg.norm(gaps, axis=1) < cutoff]
    return offsets


def _expected_pairs(configuration: Configuration, cutoff: float) -> int:
    """Estimate the number of pairs at the mean density, with room to spare."""
    sphere = np.pi * cutoff**2 if configuration.dimensions == 2 else 4 / 3 * np.pi * cutoff**3
    return int(0.55 * configuration.n_particles * configuration.density * sphere) + 4096


def _all_pairs(
    positions: NDArray[np.float64],
    order: NDArray[np.int64],
    start: NDArray[np.int64],
    n_cells: NDArray[np.int64],
    stencil: NDArray[np.int64],
    matrix: NDArray[np.float64],
    cutoff: float,
    capacity: int,
) -> NDArray[np.int32]:
    while True:
        pairs = np.empty((capacity, 2), dtype=np.int32)
        count = half_pairs(positions, order, start, n_cells, stencil, matrix, cutoff, pairs)
        if count >= 0:
            return pairs[:count]
        capacity *= 2
