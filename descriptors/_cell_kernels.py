"""Neighbours of one particle at a time, without a list of pairs.

A list of the 3 million pairs within five diameters of 4096 particles takes longer to write to
memory than the descriptors take to compute from it. So the kernels of this room stream: for each
cell they gather everything within reach, and :func:`select` keeps what lies within the cutoff of
one particle of that cell. Every candidate is written and kept by advancing the counter, which
spares the branch predictor.
"""

from ._compilation import kernel


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
