"""Weighted averages of features over the neighbourhood of each particle.

The pairs are found once and kept with their weights, since every generation needs them again.
Particles are visited in the order of their cells, so that the features of the neighbours of one
particle, and of the next particle, are still in the cache. Eight neighbours are added in one sweep
over the features, which loads and stores the sum an eighth as often.
"""

import numpy as np

from ..liquid._cell_kernels import candidate_buffers, gather
from ._cell_kernels import select
from ._compilation import kernel
from ._exponential_kernels import exponential

_UNROLLED = 8


@kernel
def averaging_weights(cells, length, start, columns, weights):
    """Fill a sparse matrix with exp(-r / length) / sum, each particle included in its own sum.

    Row k, ``start[k]`` to ``start[k + 1]``, belongs to the k-th particle in the order of the cells;
    ``columns`` numbers particles as the configuration does. Rows are padded with zero weights to a
    multiple of eight entries. Returns False if ``columns`` and ``weights`` have no room.
    """
    candidates = candidate_buffers(cells)
    room = candidates.x.size
    all_squared = np.empty(room)
    squared = np.empty(room)
    chosen = np.empty(room, np.int64)
    start[0] = 0
    for cell in range(cells.start.size - 1):
        n_candidates = gather(cells, cell, candidates)
        for place in range(cells.start[cell], cells.start[cell + 1]):
            n = select(cells, place, candidates, n_candidates, all_squared, squared, chosen)
            row = start[place]
            end = row + _UNROLLED * (n // _UNROLLED + 1)
            if end > columns.size:
                return False
            for p in range(n):
                squared[p] = np.sqrt(squared[p])
            for p in range(n):
                squared[p] = exponential(-squared[p] / length)
            total = 1.0
            for p in range(n):
                total += squared[p]
            for p in range(n):
                columns[row + p] = cells.order[candidates.place[chosen[p]]]
            for p in range(n):
                weights[row + p] = squared[p] / total
            columns[row + n : end] = cells.order[place]
            weights[row + n : end] = 0.0
            weights[row + n] = 1.0 / total
            start[place + 1] = end
    return True


@kernel
def weighted_averages(order, start, columns, weights, features, generation):
    """Fill ``features[:, generation]`` with the averages of the generation before."""
    n_features = features.shape[2]
    for place in range(order.size):
        total = features[order[place], generation]
        total[:] = 0.0
        for p in range(start[place], start[place + 1], _UNROLLED):
            x0 = features[columns[p], generation - 1]
            x1 = features[columns[p + 1], generation - 1]
            x2 = features[columns[p + 2], generation - 1]
            x3 = features[columns[p + 3], generation - 1]
            x4 = features[columns[p + 4], generation - 1]
            x5 = features[columns[p + 5], generation - 1]
            x6 = features[columns[p + 6], generation - 1]
            x7 = features[columns[p + 7], generation - 1]
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
