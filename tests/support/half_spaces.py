"""Voronoi cells by brute force: intersections of the half-spaces of all particles and images."""

from collections import Counter

import numpy as np
from scipy.optimize import linprog
from scipy.spatial import HalfspaceIntersection


def largest_depth(planes):
    """Centre of the largest sphere inside the half-spaces, or None if there is none."""
    d = planes.shape[1] - 1
    result = linprog(
        np.append(np.zeros(d), -1.0),
        A_ub=np.column_stack([planes[:, :-1], np.ones(len(planes))]),
        b_ub=-planes[:, -1],
        bounds=[(None, None)] * d + [(0, None)],
    )
    return result.x[:d] if result.status == 0 and result.x[-1] > 1e-9 else None


def cell_of(configuration, radii, bonds, i):
    """The cell of a particle as an intersection of half-spaces, or None if it has none."""
    own_images = (
        configuration.box.matrix
        @ np.array(
            [np.array(image) - 1.0 for image in np.ndindex(*[3] * configuration.dimensions)]
        ).T
    )
    own_images = own_images.T[np.any(own_images.T != 0, axis=1)]
    vectors, others = bonds(configuration, i)
    vectors = np.concatenate([vectors, own_images])
    types = np.append(configuration.types[others], [configuration.types[i]] * len(own_images))
    r = np.linalg.norm(vectors, axis=1)
    heights = (r**2 + radii[configuration.types[i]] ** 2 - radii[types] ** 2) / (2 * r)
    planes = np.column_stack([vectors / r[:, None], -heights])
    inside = largest_depth(planes)
    return None if inside is None else HalfspaceIntersection(planes, inside)


def edges_of_faces(cell):
    """Numbers of edges of the faces of a cell in which no more than three planes meet."""
    return sorted(Counter(p for corner in cell.dual_facets for p in corner).values())
