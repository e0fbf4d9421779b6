"""Loops over the pairs of neighbours of each particle.

Bonds come in compressed sparse rows, as unit vectors (M, 3), padded with z = 0 in 2D.
"""

import numpy as np

from ..compiled.decorators import kernel


@kernel
def tetrahedrality(first, stop, indptr, directions, ideal, out):
    """Fill ``out[i]`` with the mean |cos theta - ideal| of all bond angles; 0 without any.

    The particles i run from ``first`` to before ``stop``.
    """
    for i in range(first, stop):
        start, end = indptr[i], indptr[i + 1]
        total = 0.0
        for p in range(start, end):
            for q in range(p + 1, end):
                total += abs(_cosine(directions[p], directions[q]) - ideal)
        pairs = (end - start) * (end - start - 1) // 2
        out[i] = total / pairs if pairs > 0 else 0.0


@kernel
def angle_histogram(first, stop, indptr, directions, weights, out):
    """Fill ``out[i, bin]`` with sums of the product of the weights of both bonds over bond angles.

    The particles i run from ``first`` to before ``stop``.
    """
    n_bins = out.shape[1]
    for i in range(first, stop):
        out[i] = 0.0
        for p in range(indptr[i], indptr[i + 1]):
            for q in range(p + 1, indptr[i + 1]):
                cosine = min(max(_cosine(directions[p], directions[q]), -1.0), 1.0)
                angle_bin = int(np.arccos(cosine) / np.pi * n_bins)
                out[i, min(angle_bin, n_bins - 1)] += weights[p] * weights[q]


@kernel
def _cosine(first, second):
    return first[0] * second[0] + first[1] * second[1] + first[2] * second[2]
