"""Sums of Gaussians over neighbours, shell by shell.

Shells come as ramps: runs of equidistant shells of one width. On a ramp of step h and width d the
Gaussians of one pair follow from each other by multiplication,

    G(k) = G(0) u^k exp(-k^2 h^2 / 2 d^2),    u = exp(y h / d^2),

where y is the distance beyond the lowest shell that the pair reaches. So a pair costs two
exponentials whatever the number of shells. They are computed in loops of their own over the
neighbours of one particle, short enough for the compiler to vectorise. The sums of one particle and
ramp, padded so that no pair has to ask where the ramp ends, stay in the innermost cache.
"""

import numpy as np

from ..compiled.decorators import kernel
from ..compiled.exponentials import exponential
from ..liquid.cell_kernels import candidate_buffers
from ._gather_kernels import gather_near, select


@kernel
def radial_sums(
    cells, first_cell, stop_cell, ramps, sizes, spans, damping, n_types, features, column
):
    """Fill columns of ``features`` with sums of Gaussians over neighbours of each type.

    Rows are those of the particles in the cells from ``first_cell`` to before ``stop_cell``.
    Columns run over types, then shells, from ``column`` on.

    ``ramps`` (n_ramps, 3) holds first shell, step and width, ``sizes`` (n_ramps,) the number of
    shells. A Gaussian reaches ``spans`` (n_ramps,) shells to either side of its pair; ``damping``
    (n_ramps, at least 2 spans + 1) holds exp(-k^2 h^2 / 2 d^2).
    """
    candidates = candidate_buffers(cells)
    room = candidates.x.size
    all_squared = np.empty(room)
    squared = np.empty(room)
    chosen = np.empty(room, np.int64)
    types = np.empty(room, np.int64)
    kind = np.empty(room, np.int64)
    beyond = np.empty(room)
    lowest = np.empty(room, np.int64)
    gaussian = np.empty(room)
    ratio = np.empty(room)
    n_shells = sizes.sum()
    longest = 0
    for ramp in range(sizes.size):
        stride = sizes[ramp] + 4 * spans[ramp] + 1
        longest = stride if stride > longest else longest
    sums = np.empty(n_types * longest)
    for cell in range(first_cell, stop_cell):
        n_candidates = gather_near(cells, cell, candidates)
        for place in range(cells.start[cell], cells.start[cell + 1]):
            i = cells.order[place]
            n = select(cells, place, candidates, n_candidates, all_squared, squared, chosen)
            for p in range(n):
                squared[p] = np.sqrt(squared[p])
            for p in range(n):
                types[p] = cells.types[candidates.place[chosen[p]]]
            first_shell = 0
            for ramp in range(sizes.size):
                first, step, width = ramps[ramp, 0], ramps[ramp, 1], ramps[ramp, 2]
                size = sizes[ramp]
                span = spans[ramp]
                window = 2 * span + 1
                near = first - (span + 0.5) * step
                far = first + (size + span - 0.5) * step
                count = 0
                for p in range(n):
                    beyond[count] = squared[p] - near
                    kind[count] = types[p]
                    count += near < squared[p] < far

                stride = size + 2 * span + window
                inverse_step = 1.0 / step
                inverse_square = 1.0 / (width * width)
                for p in range(count):
                    k = int(beyond[p] * inverse_step)
                    beyond[p] += (span - 0.5 - k) * step
                    lowest[p] = kind[p] * stride + k
                for p in range(count):
                    y = beyond[p]
                    gaussian[p] = exponential(-0.5 * y * y * inverse_square)
                    ratio[p] = exponential(y * step * inverse_square)

                for k in range(n_types * stride):
                    sums[k] = 0.0
                for p in range(count):
                    row = sums[lowest[p] : lowest[p] + window]
                    term = gaussian[p]
                    u = ratio[p]
                    for k in range(window):
                        row[k] += term * damping[ramp, k]
                        term *= u
                for b in range(n_types):
                    line = features[i, column + b * n_shells + first_shell :]
                    for k in range(size):
                        line[k] = sums[b * stride + 2 * span + k]
                first_shell += size
