"""Compiled kernels that find what lies around the particles of a cell.

Particles are sorted into cells; for each cell, :func:`gather` copies everything within reach, with
periodic images shifted into place, into plain coordinates that fit the cache. Loops over these
candidates run straight through memory and need no minimum image, in boxes of any shape: a box too
short for several cells meets its own images. 2D positions come padded with z = 0.
"""

from collections import namedtuple

import numpy as np

from ..compiled.decorators import strict_kernel

Cells = namedtuple(
    "Cells", ["positions", "types", "order", "start", "shape", "offsets", "matrix", "cutoff"]
)
"""Particles in the order of their cells, as :func:`~vitreous.liquid.cells.cells` builds them.

positions (3, N) float64; types (N,) int32; order (N,) int64, the particle at each place; start
(n_cells + 1,) int64, where each cell begins; shape (3,) int64, cells along each axis; offsets
(n, 3) int64 to the cells within reach; matrix (3, 3) float64, the lattice vectors as columns.
"""

Candidates = namedtuple("Candidates", ["x", "y", "z", "place"])
"""Coordinates of the particles around a cell, and their places in the order of the cells."""


@strict_kernel
def sort_into_cells(fractional, n_cells, order, start):
    """Fill the order of the particles by cell and the start of each cell in it."""
    n_particles = len(fractional)
    cell = np.empty(n_particles, np.int64)
    start[:] = 0
    for i in range(n_particles):
        index = 0
        for axis in range(3):
            coordinate = int(np.floor((fractional[i, axis] + 0.5) * n_cells[axis]))
            index = index * n_cells[axis] + min(max(coordinate, 0), n_cells[axis] - 1)
        cell[i] = index
        start[index + 1] += 1
    for c in range(start.size - 1):
        start[c + 1] += start[c]
    fill = start[:-1].copy()
    for i in range(n_particles):
        order[fill[cell[i]]] = i
        fill[cell[i]] += 1


@strict_kernel
def first_coincidence(positions, start):
    """Return the places of two particles at exactly the same position; -1, -1 if all differ.

    Such particles share a cell, so that only pairs within cells are compared.
    """
    for cell in range(start.size - 1):
        for place in range(start[cell] + 1, start[cell + 1]):
            x, y, z = positions[0, place], positions[1, place], positions[2, place]
            for other in range(start[cell], place):
                same_x, same_y = positions[0, other] == x, positions[1, other] == y
                if same_x and same_y and positions[2, other] == z:
                    return other, place
    return -1, -1


@strict_kernel
def candidate_buffers(cells):
    """Allocate room for everything that can lie within reach of one cell."""
    fullest = 0
    for cell in range(cells.start.size - 1):
        fullest = max(fullest, cells.start[cell + 1] - cells.start[cell])
    size = fullest * cells.offsets.shape[0]
    return Candidates(np.empty(size), np.empty(size), np.empty(size), np.empty(size, np.int32))


@strict_kernel
def cell_within_reach(cells, cell, s):
    """Return the s-th cell within reach of a cell, and the shift of its particles to their image.

    As no cutoff exceeds half the box, images are at most one lattice vector away along each axis.
    """
    shape = cells.shape
    matrix = cells.matrix
    other_x = cell // (shape[1] * shape[2]) + cells.offsets[s, 0]
    other_y = cell // shape[2] % shape[1] + cells.offsets[s, 1]
    other_z = cell % shape[2] + cells.offsets[s, 2]
    image_x = int(other_x >= shape[0]) - int(other_x < 0)
    image_y = int(other_y >= shape[1]) - int(other_y < 0)
    image_z = int(other_z >= shape[2]) - int(other_z < 0)
    other_x -= image_x * shape[0]
    other_y -= image_y * shape[1]
    other_z -= image_z * shape[2]
    shift_x = image_x * matrix[0, 0] + image_y * matrix[0, 1] + image_z * matrix[0, 2]
    shift_y = image_y * matrix[1, 1] + image_z * matrix[1, 2]
    shift_z = image_z * matrix[2, 2]
    other = (other_x * shape[1] + other_y) * shape[2] + other_z
    return other, shift_x, shift_y, shift_z


@strict_kernel
def gather(cells, cell, candidates):
    """Copy the particles within reach of a cell, shifted to their images; returns their number."""
    count = 0
    for s in range(cells.offsets.shape[0]):
        other, shift_x, shift_y, shift_z = cell_within_reach(cells, cell, s)
        for place in range(cells.start[other], cells.start[other + 1]):
            candidates.x[count] = cells.positions[0, place] + shift_x
            candidates.y[count] = cells.positions[1, place] + shift_y
            candidates.z[count] = cells.positions[2, place] + shift_z
            candidates.place[count] = place
            count += 1
    return count
