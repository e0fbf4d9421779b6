"""Bond order resolved in distance: harmonics of the bonds, averaged with Gaussian weights.

For one particle with n neighbours, the harmonics make a matrix (harmonics, n) and the normalised
weights another, (n, shells); all averages are their product, which is left to BLAS. Only this
product has the dtype of the output, all that goes into it is computed in float64. In 3D the product
is taken for one m at a time, so that the matrices stay in the innermost cache and below the size at
which BLAS would start threads.

Harmonics follow from recurrences, neighbours running in the innermost loop. In 3D they are the
semi-normalised sqrt(4 pi / (2 l + 1)) Y_lm, split into a polynomial in z, which climbs in l, and
(x + i y)^m, so that q_l^2 is a plain sum of squares.
"""

import numpy as np

from ..liquid._cell_kernels import candidate_buffers, gather
from ._cell_kernels import select
from ._compilation import kernel
from ._exponential_kernels import exponential

_NEGLIGIBLE = 1e-18
_UNDERFLOW = 1e-250
_LANES = 16


@kernel
def _padded(n):
    """Round up to a number that vector instructions divide: what they leave over costs more."""
    return (n + _LANES - 1) // _LANES * _LANES


@kernel
def _weights(distances, shells, width, gaussians, weights):
    """Fill ``weights`` (n, n_shells) with Gaussians whose sum over neighbours is one.

    If all of them underflow they are first multiplied by what makes the largest one, which leaves
    their ratios alone. Negligible weights, and those of infinite distances, become zero: as float32
    they would be subnormal numbers, which slow the product down by a factor of fifty.
    """
    n = distances.size
    for s in range(shells.size):
        total = _gaussians(distances, shells[s], width, 0.0, gaussians)
        if total < _UNDERFLOW:
            closest = np.abs(distances - shells[s]).min()
            total = _gaussians(distances, shells[s], width, closest, gaussians)
        inverse = 1.0 / total
        for p in range(n):
            weight = gaussians[p] * inverse
            weights[p, s] = weight if weight > _NEGLIGIBLE else 0.0


@kernel
def _gaussians(distances, shell, width, closest, gaussians):
    """Fill ``gaussians`` relative to the one at distance ``closest``; returns their sum."""
    scale = 0.5 / (width * width)
    offset = scale * closest * closest
    for p in range(distances.size):
        gaussians[p] = exponential(offset - scale * (distances[p] - shell) ** 2)
    total = 0.0
    for p in range(distances.size):
        total += gaussians[p]
    return total


@kernel
def bond_order_2d(cells, orders, shells, width, out):
    """Fill ``out[i, o, s]`` with |sum_j w exp(i l theta)|; 0 without neighbours."""
    candidates = candidate_buffers(cells)
    room = _padded(candidates.x.size)
    all_squared = np.empty(room)
    squared = np.empty(room)
    chosen = np.empty(room, np.int64)
    weight_buffer = np.empty(room * shells.size, out.dtype)
    harmonic_buffer = np.empty(room * 2 * orders.size, out.dtype)
    x, y = np.empty(room), np.empty(room)
    cosine, sine = np.empty(room), np.empty(room)
    averages = np.empty((2 * orders.size, shells.size), out.dtype)
    for cell in range(cells.start.size - 1):
        n_candidates = gather(cells, cell, candidates)
        for place in range(cells.start[cell], cells.start[cell + 1]):
            i = cells.order[place]
            count = select(cells, place, candidates, n_candidates, all_squared, squared, chosen)
            if count == 0:
                out[i] = 0.0
                continue
            n = _padded(count)
            for p in range(count):
                squared[p] = np.sqrt(squared[p])
                x[p] = (candidates.x[chosen[p]] - cells.positions[0, place]) / squared[p]
                y[p] = (candidates.y[chosen[p]] - cells.positions[1, place]) / squared[p]
            squared[count:n] = np.inf
            x[count:n] = 0.0
            y[count:n] = 0.0
            cosine[:n] = 1.0
            sine[:n] = 0.0
            weights = weight_buffer[: n * shells.size].reshape(n, shells.size)
            _weights(squared[:n], shells, width, all_squared, weights)

            harmonics = harmonic_buffer[: 2 * orders.size * n].reshape(2 * orders.size, n)
            order = 0
            for o in range(orders.size):
                while order < orders[o]:
                    _turn(x, y, cosine, sine, n)
                    order += 1
                harmonics[2 * o] = cosine[:n]
                harmonics[2 * o + 1] = sine[:n]
            np.dot(harmonics, weights, averages)
            for o in range(orders.size):
                for s in range(shells.size):
                    out[i, o, s] = np.sqrt(averages[2 * o, s] ** 2 + averages[2 * o + 1, s] ** 2)


@kernel
def bond_order_3d(cells, orders, shells, width, out):
    """Fill ``out[i, o, s]`` with q_l of the Gaussian shell; 0 without neighbours."""
    candidates = candidate_buffers(cells)
    room = _padded(candidates.x.size)
    all_squared = np.empty(room)
    squared = np.empty(room)
    chosen = np.empty(room, np.int64)
    weight_buffer = np.empty(room * shells.size, out.dtype)
    harmonic_buffer = np.empty(room * 2 * orders.size, out.dtype)
    x, y, z = np.empty(room), np.empty(room), np.empty(room)
    cosine, sine = np.empty(room), np.empty(room)
    legendre, previous = np.empty(room), np.empty(room)
    average_buffer = np.empty(2 * orders.size * shells.size, out.dtype)
    power = np.empty((orders.size, shells.size), out.dtype)
    highest = orders[-1]
    rising, falling = _legendre_coefficients(highest)
    for cell in range(cells.start.size - 1):
        n_candidates = gather(cells, cell, candidates)
        for place in range(cells.start[cell], cells.start[cell + 1]):
            i = cells.order[place]
            count = select(cells, place, candidates, n_candidates, all_squared, squared, chosen)
            if count == 0:
                out[i] = 0.0
                continue
            n = _padded(count)
            for p in range(count):
                squared[p] = np.sqrt(squared[p])
                x[p] = (candidates.x[chosen[p]] - cells.positions[0, place]) / squared[p]
                y[p] = (candidates.y[chosen[p]] - cells.positions[1, place]) / squared[p]
                z[p] = (candidates.z[chosen[p]] - cells.positions[2, place]) / squared[p]
            squared[count:n] = np.inf
            x[count:n] = 0.0
            y[count:n] = 0.0
            z[count:n] = 0.0
            weights = weight_buffer[: n * shells.size].reshape(n, shells.size)
            _weights(squared[:n], shells, width, all_squared, weights)

            power[:] = 0.0
            cosine[:n] = 1.0
            sine[:n] = 0.0
            lowest = 0
            for m in range(highest + 1):
                if m > 0:
                    _turn(x, y, cosine, sine, n)
                while orders[lowest] < m:
                    lowest += 1
                kept = orders.size - lowest
                harmonics = harmonic_buffer[: 2 * kept * n].reshape(2 * kept, n)
                averages = average_buffer[: 2 * kept * shells.size].reshape(2 * kept, shells.size)
                legendre[:n] = rising[m, m]
                previous[:n] = 0.0
                o = lowest
                for order in range(m, highest + 1):
                    if order > m:
                        _climb(z, rising[order, m], falling[order, m], legendre, previous, n)
                        legendre, previous = previous, legendre
                    if order == orders[o]:
                        row = 2 * (o - lowest)
                        for p in range(n):
                            harmonics[row, p] = legendre[p] * cosine[p]
                        for p in range(n):
                            harmonics[row + 1, p] = legendre[p] * sine[p]
                        o += 1
                np.dot(harmonics, weights, averages)
                for o in range(kept):
                    for s in range(shells.size):
                        power[lowest + o, s] += (
                            averages[2 * o, s] ** 2 + averages[2 * o + 1, s] ** 2
                        )
            for o in range(orders.size):
                for s in range(shells.size):
                    out[i, o, s] = np.sqrt(power[o, s])


@kernel
def _turn(x, y, cosine, sine, n):
    """Multiply cosine + i sine by x + i y."""
    for p in range(n):
        turned = cosine[p] * x[p] - sine[p] * y[p]
        sine[p] = sine[p] * x[p] + cosine[p] * y[p]
        cosine[p] = turned


@kernel
def _climb(z, rising, falling, legendre, previous, n):
    """Replace ``previous`` (l - 2) by l, given ``legendre`` (l - 1)."""
    for p in range(n):
        previous[p] = rising * z[p] * legendre[p] - falling * previous[p]


@kernel
def _legendre_coefficients(highest):
    """Return the factors of the recurrence, (l, m).

    P_l = (rising z P_(l-1) - falling P_(l-2)), with P_m = rising[m, m] and P_(m-1) = 0, are the
    semi-normalised Legendre functions without their factor sin(theta)^m; those with m > 0 carry a
    further sqrt(2) for the harmonic of -m.
    """
    rising = np.zeros((highest + 1, highest + 1))
    falling = np.zeros((highest + 1, highest + 1))
    start = 1.0
    for m in range(highest + 1):
        if m > 0:
            start *= np.sqrt((2.0 * m - 1.0) / (2.0 * m))
        rising[m, m] = start if m == 0 else np.sqrt(2.0) * start
        for order in range(m + 1, highest + 1):
            scale = 1.0 / np.sqrt(float(order * order - m * m))
            rising[order, m] = (2.0 * order - 1.0) * scale
            falling[order, m] = np.sqrt(float((order - 1) ** 2 - m * m)) * scale
    return rising, falling
