"""Neighbours of one particle at a time, without a list of pairs.

A list of the 3 million pairs within five diameters of 4096 particles takes longer to write to
memory than the descriptors take to compute from it. So the kernels of this room stream: for each
cell they gather everything near it (:func:`gather_near`), and :func:`select` keeps what lies within
the cutoff of one particle of that cell. Every candidate is written and kept by advancing the
counter, which spares the branch predictor.
"""

from ..compiled.decorators import kernel
from ..liquid.cell_kernels import cell_within_reach


@kernel
def gather_near(cells, cell, candidates):
    """Gather what lies within reach of the box around the particles of a cell; return its number.

    Of the particles in the cells within reach, half lie further away than that. Outside of the box
    the distance to a face is d = |x - middle| - half, inside d is negative and d + |d| zero.
    """
    begin, end = cells.start[cell], cells.start[cell + 1]
    if begin == end:
        return 0
    middle_x, half_x = _middle_and_half(cells.positions[0], begin, end)
    middle_y, half_y = _middle_and_half(cells.positions[1], begin, end)
    middle_z, half_z = _middle_and_half(cells.positions[2], begin, end)
    limit = 4.0 * cells.cutoff * cells.cutoff
    count = 0
    for s in range(cells.offsets.shape[0]):
        other, shift_x, shift_y, shift_z = cell_within_reach(cells, cell, s)
        for other_place in range(cells.start[other], cells.start[other + 1]):
            x_c = cells.positions[0, other_place] + shift_x
            y_c = cells.positions[1, other_place] + shift_y
            z_c = cells.positions[2, other_place] + shift_z
            dx = abs(x_c - middle_x) - half_x
            dy = abs(y_c - middle_y) - half_y
            dz = abs(z_c - middle_z) - half_z
            twice_dx, twice_dy, twice_dz = dx + abs(dx), dy + abs(dy), dz + abs(dz)
            candidates.x[count] = x_c
            candidates.y[count] = y_c
            candidates.z[count] = z_c
            candidates.place[count] = other_place
            count += twice_dx * twice_dx + twice_dy * twice_dy + twice_dz * twice_dz < limit
    return count


@kernel
def _middle_and_half(coordinate, begin, end):
    """Return the middle and half the length of the range of a coordinate."""
    low = high = coordinate[begin]
    for place in range(begin + 1, end):
        x = coordinate[place]
        low = x if x < low else low
        high = x if x > high else high
    return 0.5 * (low + high), 0.5 * (high - low)


@kernel
def select(cells, place, candidates, n_candidates, all_squared, squared, chosen):
    """Choose the candidates within the cutoff of the particle at a place; returns their number.

    A particle is no neighbour of itself, the only one at its point. Fills ``chosen`` with the
    numbers of the neighbours among the candidates and ``squared`` with r^2.
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
