"""Compiled kernels of the neighbour list.

Particles are sorted into cells and each pair of cells is visited once (half stencil), so that the
inner loop runs over particles that lie next to each other in memory; a candidate pair is written
unconditionally and kept by advancing the counter, which spares the branch predictor. Cells are
half a cutoff wide where the box has room for it, because a sphere fills 27 % of the 5^3 small
cells around a particle but only 16 % of the 3^3 large ones. An axis too short for three cells is
treated as one cell, so that every box that admits a unique minimum image is handled alike.

Rows come out sorted without comparing anything: visiting the particles i in rising order and
appending i to the row of each of its neighbours leaves every row in rising order.

The large results are allocated by NumPy, which asks for huge pages; filling fresh small pages
would cost more than computing their contents. 2D positions arrive padded with z = 0.
"""

import numpy as np
from numba import njit


@njit(cache=True, inline="always")
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


@njit(cache=True)
def sort_into_cells(fractional, n_cells):
    """Order the particles by cell; returns the order and the start of each cell in it."""
    n_particles = len(fractional)
    cell = np.empty(n_particles, np.int64)
    start = np.zeros(n_cells[0] * n_cells[1] * n_cells[2] + 1, np.int64)
    for i in range(n_particles):
        index = 0
        for axis in range(3):
            coordinate = int(np.floor((fractional[i, axis] + 0.5) * n_cells[axis]))
            index = index * n_cells[axis] + min(max(coordinate, 0), n_cells[axis] - 1)
        cell[i] = index
        start[index + 1] += 1
    start = np.cumsum(start)
    fill = start[:-1].copy()
    order = np.empty(n_particles, np.int64)
    for i in range(n_particles):
        order[fill[cell[i]]] = i
        fill[cell[i]] += 1
    return order, start


@njit(cache=True)
def half_pairs(positions, order, start, n_cells, stencil, matrix, cutoff, pairs):
    """Write every pair closer than the cutoff once; returns their number, -1 without room."""
    ordered = positions[order].T.copy()
    x, y, z = ordered[0], ordered[1], ordered[2]
    cutoff_squared = cutoff * cutoff
    squared = np.empty(np.diff(start).max())
    capacity = len(pairs)
    count = 0
    for cell_x in range(n_cells[0]):
        for cell_y in range(n_cells[1]):
            for cell_z in range(n_cells[2]):
                home = (cell_x * n_cells[1] + cell_y) * n_cells[2] + cell_z
                for s in range(len(stencil)):
                    other_x = (cell_x + stencil[s, 0]) % n_cells[0]
                    other_y = (cell_y + stencil[s, 1]) % n_cells[1]
                    other_z = (cell_z + stencil[s, 2]) % n_cells[2]
                    other = (other_x * n_cells[1] + other_y) * n_cells[2] + other_z
                    last = start[other + 1]
                    for a in range(start[home], start[home + 1]):
                        first = a + 1 if other == home else start[other]
                        if count + last - first > capacity:
                            return -1
                        for b in range(first, last):
                            dx, dy, dz = _reduced(x[b] - x[a], y[b] - y[a], z[b] - z[a], matrix)
                            squared[b - first] = dx * dx + dy * dy + dz * dz
                        for b in range(first, last):
                            pairs[count, 0] = order[a]
                            pairs[count, 1] = order[b]
                            count += squared[b - first] < cutoff_squared
    return count


@njit(cache=True)
def rows_from_pairs(pairs, n_particles):
    """Gather both directions of each pair into rows that are not sorted yet."""
    indptr = np.zeros(n_particles + 1, np.int64)
    for p in range(len(pairs)):
        indptr[pairs[p, 0] + 1] += 1
        indptr[pairs[p, 1] + 1] += 1
    indptr = np.cumsum(indptr)
    fill = indptr[:-1].copy()
    indices = np.empty(2 * len(pairs), np.int32)
    for p in range(len(pairs)):
        i, j = pairs[p, 0], pairs[p, 1]
        indices[fill[i]] = j
        fill[i] += 1
        indices[fill[j]] = i
        fill[j] += 1
    return indptr, indices


@njit(cache=True)
def sort_rows_with_vectors(indptr, unsorted, positions, matrix, indices, vectors, distances):
    """Fill the last three arrays with sorted rows, minimum-image vectors and distances."""
    dimensions = vectors.shape[1]
    fill = indptr[:-1].copy()
    for i in range(len(indptr) - 1):
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
