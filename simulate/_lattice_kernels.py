"""Periodic boxes, tilted or not, as the kernels see them.

The columns of `vectors` (d, d) are lattice vectors, upper triangular as those of
`vitreous.liquid.Box`; the diagonal holds the `lengths`. A box sheared back to a brick of these
lengths takes every point to its *upright* coordinates, ``x - shear[0, 1] y - shear[0, 2] z`` and so
on, of which a lattice vector changes its own alone. So what is done axis by axis in a brick is done
to upright coordinates in a tilted box; with no tilt they are the coordinates, bit by bit.
"""

import numpy as np

from ..compiled.decorators import strict_kernel


@strict_kernel
def upright(point, shear, axis):
    """Coordinate of a point along an axis when the box is sheared back to a brick."""
    coordinate = point[axis]
    for k in range(axis + 1, shear.shape[0]):
        coordinate -= shear[axis, k] * point[k]
    return coordinate


@strict_kernel
def steepness(shear, axis):
    """Length of the box along an axis in units of the distance between its faces there."""
    square = 1.0
    for k in range(axis + 1, shear.shape[0]):
        square += shear[axis, k] * shear[axis, k]
    return np.sqrt(square)


@strict_kernel
def wrap(point, images, vectors, shear):
    """Bring a point into the box and count the lattice vectors that were taken away."""
    for axis in range(shear.shape[0]):
        length = vectors[axis, axis]
        crossed = np.floor(upright(point, shear, axis) / length + 0.5)
        for k in range(axis + 1):
            point[k] -= crossed * vectors[k, axis]
        images[axis] += int(crossed)


@strict_kernel
def squared_distance(positions, i, j, vectors):
    """Squared distance of two particles; of the next images where it is within half any length.

    Lattice vectors are taken away from the last to the first, each by the length along its axis, so
    that none of the earlier matters. What is farther apart than half the shortest length may be
    farther apart still.
    """
    x = positions[i, 0] - positions[j, 0]
    y = positions[i, 1] - positions[j, 1]
    z = 0.0
    if vectors.shape[0] == 3:
        z = positions[i, 2] - positions[j, 2]
        images = np.rint(z / vectors[2, 2])
        x -= vectors[0, 2] * images
        y -= vectors[1, 2] * images
        z -= vectors[2, 2] * images
    images = np.rint(y / vectors[1, 1])
    x -= vectors[0, 1] * images
    y -= vectors[1, 1] * images
    x -= vectors[0, 0] * np.rint(x / vectors[0, 0])
    return x * x + y * y + z * z
