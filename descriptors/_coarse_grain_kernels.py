"""Weighted averages of features over the neighbourhood of each particle.

The pairs are found once and kept with their weights, since every generation needs them again. All
rows are in the order of the cells, so that the features of the neighbours of one particle, and of
the next particle, are still in the cache. Eight neighbours are added in one sweep over the
features, which loads and stores the sum an eighth as often.
"""

import numpy as np

from ._cell_kernels import candidate_buffers, gather, select
from ._compilation import kernel
from ._exponential_kernels import exponential

_UNROLLED = 8


@kernel
def averaging_weights(cells, length, like):
    """Return the matrix of weights exp(-r / length) / sum, each particle included in its own sum.

    It comes as sparse rows (start, columns, weights) over places in the order of the cells, each
    row padded with zero weights to a multiple of eight entries; weights have the dtype of ``like``.
    """
    candidates = candidate_buffers(cells)
    room = candidates.x.size
    all_squared = np.empty(room)
    squared = np.empty(room)
    chosen = np.empty(room, np.int64)
    n_particles = cells.order.size
    start = np.zeros(n_particles + 1, np.int64)
    for cell in range(cells.start.size - 1):
        n_candidates = gather(cells, cell, candidates)
        for place in range(cells.start[cell], cells.start[cell + 1]):
            n = select(cells, place, candidates, n_candidates, all_squared, squared, chosen)
            start[place + 1] = start[place] + _UNROLLED * (n // _UNROLLED + 1)
    columns = np.empty(start[n_particles], np.int32)
    weights = np.zeros(start[n_particles], like.dtype)
    for cell in range(cells.start.size - 1):
        n_candidates = gather(cells, cell, candidates)
        for place in range(cells.start[cell], cells.start[cell + 1]):
            n = select(cells, place, candidates, n_candidates, all_squared, squared, chosen)
            total = 1.0
            for p in range(n):
                squared[p] = exponential(-np.sqrt(squared[p]) / length)
                total += squared[p]
            row = start[place]
            for p in range(n):
                columns[row + p] = candidates.place[chosen[p]]
                weights[row + p] = squared[p] / total
            columns[row + n : start[place + 1]] = place
            weights[row + n] = 1.0 / total
    return start, columns, weights


@kernel
def weighted_averages(start, columns, weights, features, out):
    """Fill ``out`` with the product of the sparse matrix of weights and the features."""
    n_features = features.shape[1]
    for place in range(start.size - 1):
        total = out[place]
        total[:] = 0.0
        for p in range(start[place], start[place + 1], _UNROLLED):
            x0 = features[columns[p]]
            x1 = features[columns[p + 1]]
            x2 = features[columns[p + 2]]
            x3 = features[columns[p + 3]]
            x4 = features[columns[p + 4]]
            x5 = features[columns[p + 5]]
            x6 = features[columns[p + 6]]
            x7 = features[columns[p + 7]]
            w0, w1, w2, w3 = weights[p], weights[p + 1], weights[p + 2], weights[p + 3]
            w4, w5, w6, w7 = weights[p + 4], weights[p + 5], weights[p + 6], weights[p + 7]
            for f in range(n_features):
                total[f] += (
                    w0 * x0[f]
                    + w1 * x1[f]
                    + w2 * x2[f]
                    + w3 * x3[f]
                    + w4 * x4[f]
                    + w5 * x5[f]
                    + w6 * x6[f]
                    + w7 * x7[f]
                )
