"""Neighbours of one particle at a time, without a list of pairs.

A list of the 3 million pairs within five diameters of 4096 particles takes longer to write to
memory than the descriptors take to compute from it. So the kernels of this room stream: particles
are sorted into cells; for each cell, :func:`gather` copies everything within reach, periodic images
shifted into place, into plain coordinates that fit the cache, and :func:`select` keeps what lies
within the cutoff of one particle of that cell. Every candidate is written and kept by advancing the
counter, which spares the branch predictor. 2D positions come padded with z = 0.
"""

from collections import namedtuple

import numpy as np

from ._compilation import kernel

Cells = namedtuple(
    "Cells", ["positions", "types", "order", "start", "shape", "offsets", "matrix", "cutoff"]
)
"""Particles in the order of their cells, as :func:`~vitreous.descriptors._cells.cells` builds them.

positions (3, N) float64; types (N,) int32; order (N,) int64, the particle at each place; start
(n_cells + 1,) int64, where each cell begins; shape (3,) int64, cells along each axis; offsets
(n, 3) int64 to the cells within reach; matrix (3, 3) float64, the lattice vectors as columns.
"""

Candidates = namedtuple("Candidates", ["x", "y", "z", "place"])


@kernel
def candidate_buffers(cells):
    """Allocate room for everything that can lie within reach of one cell."""
    fullest = 0
    for cell in range(cells.start.size - 1):
        fullest = max(fullest, cells.start[cell + 1] - cells.start[cell])
    size = fullest * cells.offsets.shape[0]
    return Candidates(np.empty(size), np.empty(size), np.empty(size), np.empty(size, np.int32))


@kernel
def gather(cells, cell, candidates):
    """Copy the particles within reach of a cell, shifted to their images; returns their number."""
    shape = cells.shape
    matrix = cells.matrix
    cell_x = cell // (shape[1] * shape[2])
    cell_y = cell // shape[2] % shape[1]
    cell_z = cell % shape[2]
    count = 0
    for s in range(cells.offsets.shape[0]):
        other_x = cell_x + cells.offsets[s, 0]
        other_y = cell_y + cells.offsets[s, 1]
        other_z = cell_z + cells.offsets[s, 2]
        image_x = other_x // shape[0]
        image_y = other_y // shape[1]
        image_z = other_z // shape[2]
        other_x -= image_x * shape[0]
        other_y -= image_y * shape[1]
        other_z -= image_z * shape[2]
        shift_x = image_x * matrix[0, 0] + image_y * matrix[0, 1] + image_z * matrix[0, 2]
        shift_y = image_y * matrix[1, 1] + image_z * matrix[1, 2]
        shift_z = image_z * matrix[2, 2]
        other = (other_x * shape[1] + other_y) * shape[2] + other_z
        for place in range(cells.start[other], cells.start[other + 1]):
            candidates.x[count] = cells.positions[0, place] + shift_x
            candidates.y[count] = cells.positions[1, place] + shift_y
            candidates.z[count] = cells.positions[2, place] + shift_z
            candidates.place[count] = place
            count += 1
    return count


@kernel
def select(cells, place, candidates, n_candidates, all_squared, squared, chosen):
    """Choose the candidates within the cutoff of the particle at a place; returns their number.

    A particle is no neighbour of itself, nor of one at the very same point. Fills ``chosen`` with
    the numbers of the neighbours among the candidates and ``squared`` with r^2.
    """
    x = cells.positions[0, place]
    y = cells.positions[1, place]
    z = cells.positions[2, place]
    for c in range(n_candidates):
        dx = candidates.x[c] - x
        dy = candidates.y[c] - y
        dz = candidates.z[c] - z
        all_squared[c] = dx * dx + dy * dy + dz * dz
    limit = cells.cutoff * cells.cutoff
    count = 0
    for c in range(n_candidates):
        chosen[count] = c
        squared[count] = all_squared[c]
        count += 0.0 < all_squared[c] < limit
    return count
