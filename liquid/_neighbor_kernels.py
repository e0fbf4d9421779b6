"""Compiled kernels of the neighbour list.

Every pair of cells is visited once (half stencil). A candidate pair is written unconditionally and
kept by advancing the counter, which spares the branch predictor.

Rows come out sorted without comparing anything: visiting the particles i in rising order and
appending i to the row of each of its neighbours leaves every row in rising order.

The large results are allocated by NumPy, which asks for huge pages; filling fresh small pages
would cost more than computing their contents. 2D positions arrive padded with z = 0. Every kernel
does part of its loop, from `first` to before `stop`.
"""

import numpy as np

from ..compiled.decorators import strict_kernel
from .cell_kernels import gather


@strict_kernel
def _reduced(dx, dy, dz, matrix):
    """Minimum image of one vector, valid below half the smallest distance between faces."""
    image = np.rint(dz / matrix[2, 2])
    dz -= image * matrix[2, 2]
    dy -= image * matrix[1, 2]
    dx -= image * matrix[0, 2]
    image = np.rint(dy / matrix[1, 1])
    dy -= image * matrix[1, 1]
    dx -= image * matrix[0, 1]
    dx -= np.rint(dx / matrix[0, 0]) * matrix[0, 0]
    return dx, dy, dz


@strict_kernel
def half_pairs(cells, first, stop, candidates, squared, pairs, n_pairs):
    """Write every pair of some cells that is closer than the cutoff once, behind `n_pairs` others.

    Returns the number of pairs that there are then, -1 if there was no room.
    The offsets of the cells are one half of the stencil, that of the cell itself first, so that a
    particle's candidates are those behind it in its own cell and all of the other cells.
    """
    limit = cells.cutoff * cells.cutoff
    count = n_pairs
    for cell in range(first, stop):
        n_candidates = gather(cells, cell, candidates)
        begin = cells.start[cell]
        for place in range(begin, cells.start[cell + 1]):
            x, y, z = cells.positions[:, place]
            behind = place - begin + 1
            if count + n_candidates - behind > len(pairs):
                return -1
            for c in range(behind, n_candidates):
                dx, dy, dz = candidates.x[c] - x, candidates.y[c] - y, candidates.z[c] - z
                squared[c] = dx * dx + dy * dy + dz * dz
            particle = cells.order[place]
            for c in range(behind, n_candidates):
                pairs[count, 0] = particle
                pairs[count, 1] = candidates.place[c]
                count += squared[c] < limit
    for p in range(n_pairs, count):
        pairs[p, 1] = cells.order[pairs[p, 1]]
    return count


@strict_kernel
def count_neighbors(first, stop, pairs, counts):
    """Add the neighbours of each particle in some pairs."""
    for p in range(first, stop):
        counts[pairs[p, 0]] += 1
        counts[pairs[p, 1]] += 1


@strict_kernel
def rows_from_pairs(first, stop, pairs, fill, indices):
    """Gather both directions of some pairs into rows, which are not sorted yet.

    `fill` (N,) tells where the row of each particle goes on.
    """
    for p in range(first, stop):
        i, j = pairs[p, 0], pairs[p, 1]
        indices[fill[i]] = j
        fill[i] += 1
        indices[fill[j]] = i
        fill[j] += 1


@strict_kernel
def sort_rows_with_vectors(
    first, stop, indptr, unsorted, fill, positions, matrix, indices, vectors, distances
):
    """Fill the last three arrays with sorted rows, minimum-image vectors and distances.

    `fill` (N,) tells where the row of each particle goes on.
    """
    dimensions = vectors.shape[1]
    for i in range(first, stop):
        for entry in range(indptr[i], indptr[i + 1]):
            j = unsorted[entry]
            slot = fill[j]
            fill[j] += 1
            dx, dy, dz = _reduced(
                positions[i, 0] - positions[j, 0],
                positions[i, 1] - positions[j, 1],
                positions[i, 2] - positions[j, 2],
                matrix,
            )
            indices[slot] = i
            distances[slot] = np.sqrt(dx * dx + dy * dy + dz * dz)
            vectors[slot, 0] = dx
            vectors[slot, 1] = dy
            if dimensions == 3:
                vectors[slot, 2] = dz
