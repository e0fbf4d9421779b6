"""Bond order resolved in distance: harmonics of the bonds, averaged with Gaussian weights.

For one particle with n neighbours, the harmonics make a matrix (harmonics, n) and the weights
another, (n, shells); all averages are their product, taken for twelve harmonics at a time. Only
this product has the dtype of the output, all that goes into it is computed in float64. Buffers of
one particle stay in the inner caches.

In 3D harmonics are split into a polynomial in z, which climbs in l, and (x + i y)^m. Polynomials
have the leading coefficient 1, which spares a product in every step; the factor that turns them
into the semi-normalised sqrt(4 pi / (2 l + 1)) Y_lm comes last. q_l^2 is a plain sum of squares of
these.
"""

from collections import namedtuple

import numpy as np

from ..compiled.decorators import kernel
from ..compiled.vectors import LANES, VECTOR_BYTES
from ..liquid.cell_kernels import candidate_buffers
from ._gather_kernels import gather_near, select
from ._vector_kernels import (
    CHUNK,
    fill_gaussians,
    fill_harmonics,
    multiply_chunk,
)

_NEGLIGIBLE = 1e-18

Harmonics = namedtuple("Harmonics", ["row_of", "stop", "coefficients", "line", "factor"])
"""The harmonics to compute and what becomes of them.

row_of (L + 1, L + 1) int64, for every m and l the row of the real part, which that of the imaginary
part follows, or -1; stop (L + 1,) int64, beyond the highest l of each m; coefficients (L + 1,
L + 1) of the recurrence in l; line (n_rows,) int64, where the output has each row; factor
(n_rows,), by which its average is multiplied. The number of rows is a multiple of twelve; factors
of rows without meaning are zero.
"""


@kernel
def bond_order(
    cells,
    first_cell,
    stop_cell,
    harmonics,
    shells,
    width,
    components,
    n_lines,
    features,
    column,
):
    """Fill ``features`` with averages, or with the root of their sum of squares over a line.

    Rows are those of the particles in the cells from ``first_cell`` to before ``stop_cell``.
    Columns run over lines, then shells, from ``column`` on. A particle without neighbours has
    zeros.
    """
    candidates = candidate_buffers(cells)
    room = (candidates.x.size // LANES + 1) * LANES
    all_squared = np.empty(room)
    distances = np.empty(room)
    chosen = np.empty(room, np.int64)
    vectors = np.empty((3, room))
    lanes = VECTOR_BYTES // features.itemsize
    n_panels = (shells.size + lanes - 1) // lanes
    padded_shells = np.empty(n_panels * lanes)
    for s in range(padded_shells.size):
        padded_shells[s] = shells[s] if s < shells.size else shells[-1]
    closest, total = np.empty(padded_shells.size), np.empty(padded_shells.size)
    weights = aligned(features, room * lanes)
    sums = aligned(features, CHUNK * lanes)
    n_rows = harmonics.line.size
    blocks = np.zeros((room // LANES, n_rows, LANES), features.dtype)
    n_shells = shells.size
    averages = np.empty((n_lines, n_shells), features.dtype)
    for cell in range(first_cell, stop_cell):
        n_candidates = gather_near(cells, cell, candidates)
        for place in range(cells.start[cell], cells.start[cell + 1]):
            line = features[cells.order[place], column : column + n_lines * n_shells]
            n = select(cells, place, candidates, n_candidates, all_squared, distances, chosen)
            if n == 0:
                line[:] = 0.0
                continue
            averages[:] = 0.0
            n_blocks = (n + LANES - 1) // LANES
            _unit_vectors(cells, place, candidates, chosen, n, distances, vectors)
            for p in range(n, n_blocks * LANES):
                distances[p] = np.inf
                vectors[0, p] = vectors[1, p] = vectors[2, p] = 0.0
            _closest(distances, n, padded_shells, width, closest)
            fill_harmonics(
                vectors,
                n_blocks,
                harmonics.coefficients,
                harmonics.stop,
                harmonics.row_of,
                blocks,
            )
            for panel in range(n_panels):
                begin = panel * lanes
                fill_gaussians(
                    distances,
                    n_blocks * LANES,
                    padded_shells[begin:],
                    closest[begin:],
                    0.5 / (width * width),
                    _NEGLIGIBLE,
                    weights,
                    total[begin:],
                )
                n_lanes = shells.size - begin if shells.size < begin + lanes else lanes
                for first in range(0, n_rows, CHUNK):
                    multiply_chunk(blocks, first, n_blocks, weights, sums)
                    for t in range(CHUNK):
                        values = averages[harmonics.line[first + t], begin : begin + n_lanes]
                        average = sums[t * lanes : t * lanes + n_lanes]
                        factor = harmonics.factor[first + t]
                        for s in range(n_lanes):
                            value = average[s] * factor
                            values[s] += value if components else value * value
            for k in range(n_lines):
                for s in range(n_shells):
                    value = averages[k, s]
                    root = value if components else np.sqrt(value)
                    line[k * n_shells + s] = root / total[s]


@kernel
def aligned(like, size):
    """Return an array of the dtype of another that begins where a vector may."""
    spare = VECTOR_BYTES // like.itemsize
    array = np.empty(size + spare, like.dtype)
    skipped = (-array.ctypes.data % VECTOR_BYTES) // like.itemsize
    return array[skipped : skipped + size]


@kernel
def _unit_vectors(cells, place, candidates, chosen, n, distances, vectors):
    """Turn squared distances into distances and fill the directions of the bonds."""
    x, y, z = cells.positions[0, place], cells.positions[1, place], cells.positions[2, place]
    for p in range(n):
        distances[p] = np.sqrt(distances[p])
    for p in range(n):
        inverse = 1.0 / distances[p]
        vectors[0, p] = (candidates.x[chosen[p]] - x) * inverse
        vectors[1, p] = (candidates.y[chosen[p]] - y) * inverse
        vectors[2, p] = (candidates.z[chosen[p]] - z) * inverse


@kernel
def _closest(distances, n, shells, width, closest):
    """Fill ``closest`` with -log of the largest Gaussian of each shell.

    Weights are taken relative to it, so that no shell has none. Negligible ones become zero: as
    float32 they would be subnormal numbers, which slow the product down by a factor of fifty.
    """
    for s in range(shells.size):
        closest[s] = np.inf
    for p in range(n):
        for s in range(shells.size):
            closest[s] = min(closest[s], abs(distances[p] - shells[s]))
    for s in range(shells.size):
        closest[s] = 0.5 * closest[s] * closest[s] / (width * width)
