"""Neighbours of one particle at a time, without a list of pairs.

A list of the 3 million pairs within five diameters of 4096 particles takes longer to write to
memory than the descriptors take to compute from it. So the kernels of this room stream: for each
cell they gather everything near it (:func:`gather_near`), and :func:`select` keeps what lies within
the cutoff of one particle of that cell. Every candidate is written and kept by advancing the
counter, which spares the branch predictor.
"""

from ..liquid._cell_kernels import gather
from ._compilation import kernel


@kernel
def gather_near(cells, cell, candidates):
    """Gather what lies within reach of the box around the particles of a cell; return its number.

    Of the particles in the cells within reach, half lie further away than that.
    """
    begin, end = cells.start[cell], cells.start[cell + 1]
    if begin == end:
        return 0
    x, y, z = cells.positions[:, begin:end]
    low_x, low_y, low_z = x.min(), y.min(), z.min()
    high_x, high_y, high_z = x.max(), y.max(), z.max()
    limit = cells.cutoff * cells.cutoff
    count = 0
    for c in range(gather(cells, cell, candidates)):
        x_c, y_c, z_c = candidates.x[c], candidates.y[c], candidates.z[c]
        dx = max(low_x - x_c, x_c - high_x, 0.0)
        dy = max(low_y - y_c, y_c - high_y, 0.0)
        dz = max(low_z - z_c, z_c - high_z, 0.0)
        candidates.x[count] = x_c
        candidates.y[count] = y_c
        candidates.z[count] = z_c
        candidates.place[count] = candidates.place[c]
        count += dx * dx + dy * dy + dz * dz < limit
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
