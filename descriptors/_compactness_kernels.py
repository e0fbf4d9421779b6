"""Triangles and tetrahedra of particles that are all neighbours of each other.

Rows of the sparse neighbour lists are sorted, so that bisection tells whether two neighbours of a
particle are neighbours of each other. In 3D that is found once for each pair, before the loop over
triples.
"""

import numpy as np

from ..compiled.decorators import kernel


@kernel
def steric_order_2d(first, stop, indptr, indices, distances, radii, out):
    """Fill ``out[i]`` with the mean |angle - angle of touching disks|; 0 without triangles.

    The particles i run from ``first`` to before ``stop``; ``radii`` (N,) are those of all.
    """
    for i in range(first, stop):
        start, end = indptr[i], indptr[i + 1]
        total = 0.0
        triangles = 0
        for p in range(start, end):
            for q in range(p + 1, end):
                j, k = indices[p], indices[q]
                across = _distance(indptr, indices, distances, j, k)
                if across > 0.0:
                    angle = _angle(distances[p], distances[q], across)
                    ideal = _angle(radii[i] + radii[j], radii[i] + radii[k], radii[j] + radii[k])
                    total += abs(angle - ideal)
                    triangles += 1
        out[i] = total / triangles if triangles > 0 else 0.0


@kernel
def compactness_3d(first, stop, indptr, indices, distances, radii, out):
    """Fill ``out[i]`` with the mean irregularity of its tetrahedra; 0 without any.

    The particles i run from ``first`` to before ``stop``; ``radii`` (N,) are those of all.
    """
    most = 0
    for i in range(first, stop):
        most = max(most, indptr[i + 1] - indptr[i])
    across = np.empty((most, most))
    for i in range(first, stop):
        start = indptr[i]
        n = indptr[i + 1] - start
        for p in range(n):
            for q in range(p + 1, n):
                across[p, q] = _distance(
                    indptr, indices, distances, indices[start + p], indices[start + q]
                )
        total = 0.0
        tetrahedra = 0
        for p in range(n):
            for q in range(p + 1, n):
                if across[p, q] > 0.0:
                    for s in range(q + 1, n):
                        if across[p, s] > 0.0 and across[q, s] > 0.0:
                            a, b = radii[i], radii[indices[start + p]]
                            c, d = radii[indices[start + q]], radii[indices[start + s]]
                            gaps = (
                                abs(distances[start + p] - a - b)
                                + abs(distances[start + q] - a - c)
                                + abs(distances[start + s] - a - d)
                                + abs(across[p, q] - b - c)
                                + abs(across[p, s] - b - d)
                                + abs(across[q, s] - c - d)
                            )
                            total += gaps / (3.0 * (a + b + c + d))
                            tetrahedra += 1
        out[i] = total / tetrahedra if tetrahedra > 0 else 0.0


@kernel
def _distance(indptr, indices, distances, j, k):
    """Return the distance of two neighbours, 0 if they are none."""
    low, high = indptr[j], indptr[j + 1]
    while low < high:
        middle = (low + high) // 2
        if indices[middle] < k:
            low = middle + 1
        else:
            high = middle
    if low < indptr[j + 1] and indices[low] == k:
        return distances[low]
    return 0.0


@kernel
def _angle(first, second, opposite):
    """Return the angle between two sides of a triangle."""
    cosine = (first * first + second * second - opposite * opposite) / (2.0 * first * second)
    return np.arccos(min(max(cosine, -1.0), 1.0))
