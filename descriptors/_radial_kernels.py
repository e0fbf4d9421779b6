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

from ..liquid._cell_kernels import candidate_buffers
from ._cell_kernels import gather_near
from ._compilation import kernel
from ._exponential_kernels import exponential


@kernel
def radial_sums(cells, ramps, sizes, reach, out):
    """Fill ``out[i, b, k]`` with the sum of Gaussians over neighbours of type b for shell k.

    ``ramps`` (n_ramps, 3) holds first shell, step and width, ``sizes`` (n_ramps,) the number of
    shells. A Gaussian is left out on shells further than about ``reach`` widths from its pair.
    """
    candidates = candidate_buffers(cells)
    room = candidates.x.size
    by_type = np.empty((3, room + 1))
    squared = np.empty(room)
    distances = np.empty(room)
    beyond = np.empty(room)
    lowest = np.empty(room, np.int64)
    gaussian = np.empty(room)
    ratio = np.empty(room)
    spans, windows = _reached(ramps, reach)
    damping = _damping(ramps, windows)
    n_types = out.shape[1]
    begin = np.empty(n_types + 1, np.int64)
    sums = np.empty((sizes + 2 * spans + windows).max())
    for cell in range(cells.start.size - 1):
        n_candidates = gather_near(cells, cell, candidates)
        _sort_by_type(cells.types, candidates, n_candidates, by_type, begin)
        for place in range(cells.start[cell], cells.start[cell + 1]):
            out_i = out[cells.order[place]]
            for b in range(n_types):
                others = by_type[:, begin[b] : begin[b + 1]]
                n = _distances(cells, place, others, squared, distances)
                column = 0
                for ramp in range(sizes.size):
                    first, step, width = ramps[ramp]
                    size, span, window = sizes[ramp], spans[ramp], windows[ramp]
                    near = first - (span + 0.5) * step
                    far = first + (size + span - 0.5) * step
                    count = 0
                    for p in range(n):
                        beyond[count] = distances[p] - near
                        count += near < distances[p] < far

                    inverse_step = 1.0 / step
                    inverse_square = 1.0 / (width * width)
                    for p in range(count):
                        lowest[p] = int(beyond[p] * inverse_step)
                        beyond[p] += (span - 0.5 - lowest[p]) * step
                    for p in range(count):
                        y = beyond[p]
                        gaussian[p] = exponential(-0.5 * y * y * inverse_square)
                        ratio[p] = exponential(y * step * inverse_square)

                    sums[: size + 2 * span + window] = 0.0
                    for p in range(count):
                        row = sums[lowest[p] : lowest[p] + window]
                        term = gaussian[p]
                        u = ratio[p]
                        for k in range(window):
                            row[k] += term * damping[ramp, k]
                            term *= u
                    for k in range(size):
                        out_i[b, column + k] = sums[2 * span + k]
                    column += size


@kernel
def _sort_by_type(types, candidates, n_candidates, by_type, begin):
    """Copy coordinates of candidates (3, n), type by type; those of b start at ``begin[b]``."""
    count = 0
    for b in range(begin.size - 1):
        begin[b] = count
        for c in range(n_candidates):
            by_type[0, count] = candidates.x[c]
            by_type[1, count] = candidates.y[c]
            by_type[2, count] = candidates.z[c]
            count += types[candidates.place[c]] == b
    begin[-1] = count


@kernel
def _distances(cells, place, others, squared, distances):
    """Fill ``distances`` with those within the cutoff of the particle at a place, without its own.

    Returns their number.
    """
    x, y, z = cells.positions[:, place]
    n_others = others.shape[1]
    for c in range(n_others):
        dx = others[0, c] - x
        dy = others[1, c] - y
        dz = others[2, c] - z
        squared[c] = dx * dx + dy * dy + dz * dz
    limit = cells.cutoff * cells.cutoff
    count = 0
    for c in range(n_others):
        distances[count] = squared[c]
        count += 0.0 < squared[c] < limit
    for p in range(count):
        distances[p] = np.sqrt(distances[p])
    return count


@kernel
def _reached(ramps, reach):
    """Return how many shells a Gaussian reaches to either side, and in all."""
    spans = np.empty(ramps.shape[0], np.int64)
    for ramp in range(ramps.shape[0]):
        spans[ramp] = max(int(np.ceil(reach * ramps[ramp, 2] / ramps[ramp, 1] - 0.5)), 0)
    return spans, 2 * spans + 1


@kernel
def _damping(ramps, windows):
    """Return exp(-k^2 h^2 / 2 d^2), shape (n_ramps, longest window)."""
    damping = np.empty((ramps.shape[0], windows.max()))
    for ramp in range(ramps.shape[0]):
        slope = ramps[ramp, 1] / ramps[ramp, 2]
        for k in range(damping.shape[1]):
            damping[ramp, k] = exponential(-0.5 * (k * slope) ** 2)
    return damping
