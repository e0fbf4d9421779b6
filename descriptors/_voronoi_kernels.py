"""Cells of the radical Voronoi tessellation, one particle at a time.

The cell of particle i is where x n_j <= h_j for all j, with n_j the direction to j and
h_j = (r_ij^2 + R_i^2 - R_j^2) / 2 r_ij the distance of the radical plane. In 2D it is a polygon,
clipped by one line after the other. In 3D each face is such a polygon, in the plane of its own j:
faces are found independently of each other, which needs no bookkeeping of edges and cannot go wrong
where many planes meet in one point.

Planes come in the order of their distance, so that the nearest leave little to clip and the rest,
from the first one beyond the farthest corner on, need not be looked at.
"""

import numpy as np

from ..compiled.decorators import kernel
from ..liquid.cell_kernels import candidate_buffers, gather
from ._gather_kernels import select


@kernel
def voronoi_cells_2d(cells, first_cell, stop_cell, radii, volumes, surfaces):
    """Fill areas and perimeters; returns False if a cell may reach beyond the cutoff.

    The particles are those in the cells from ``first_cell`` to before ``stop_cell``. ``radii`` (N,)
    are those of all particles, in the order of the cells.
    """
    candidates = candidate_buffers(cells)
    room = candidates.x.size
    all_squared = np.empty(room)
    squared = np.empty(room)
    chosen = np.empty(room, np.int64)
    planes = np.empty((room, 4))
    largest = radii.max()
    polygon, clipped = np.empty((room + 4, 3)), np.empty((room + 4, 3))
    for cell in range(first_cell, stop_cell):
        n_candidates = gather(cells, cell, candidates)
        for place in range(cells.start[cell], cells.start[cell + 1]):
            n = select(cells, place, candidates, n_candidates, all_squared, squared, chosen)
            _planes(cells, place, candidates, chosen, squared, n, radii, planes)
            polygon, clipped, corners, farthest = _square(cells.cutoff, polygon, clipped)
            for p in np.argsort(planes[:n, 3]):
                x, y, _, h = planes[p]
                if h >= farthest or corners == 0:
                    break
                polygon, clipped, corners, farthest = _clip(
                    polygon, clipped, corners, farthest, x, y, h
                )
            if farthest > _nearest_unseen(cells.cutoff, radii[place], largest):
                return False
            i = cells.order[place]
            volumes[i] = _area(polygon, corners)
            surfaces[i] = _perimeter(polygon, corners)
    return True


@kernel
def voronoi_cells_3d(cells, first_cell, stop_cell, radii, volumes, surfaces):
    """Fill volumes and surfaces; returns False if a cell may reach beyond the cutoff.

    The particles are those in the cells from ``first_cell`` to before ``stop_cell``. ``radii`` (N,)
    are those of all particles, in the order of the cells.
    """
    candidates = candidate_buffers(cells)
    room = candidates.x.size
    all_squared = np.empty(room)
    squared = np.empty(room)
    chosen = np.empty(room, np.int64)
    planes = np.empty((room, 4))
    largest = radii.max()
    polygon, clipped = np.empty((room + 4, 3)), np.empty((room + 4, 3))
    for cell in range(first_cell, stop_cell):
        n_candidates = gather(cells, cell, candidates)
        for place in range(cells.start[cell], cells.start[cell + 1]):
            n = select(cells, place, candidates, n_candidates, all_squared, squared, chosen)
            _planes(cells, place, candidates, chosen, squared, n, radii, planes)
            nearest_first = np.argsort(planes[:n, 3])
            volume = 0.0
            surface = 0.0
            reach = 0.0
            for j in nearest_first:
                height = planes[j, 3]
                if reach > 0.0 and height >= reach:
                    break
                u, v = _basis(planes[j])
                polygon, clipped, corners, farthest = _square(cells.cutoff, polygon, clipped)
                for k in nearest_first:
                    if corners == 0 or planes[k, 3] >= np.sqrt(height**2 + farthest**2):
                        break
                    if k != j:
                        polygon, clipped, corners, farthest = _clip(
                            polygon,
                            clipped,
                            corners,
                            farthest,
                            planes[k, 0] * u[0] + planes[k, 1] * u[1] + planes[k, 2] * u[2],
                            planes[k, 0] * v[0] + planes[k, 1] * v[1] + planes[k, 2] * v[2],
                            planes[k, 3] - height * _cosine(planes[j], planes[k]),
                        )
                if corners > 0:
                    reach = max(reach, np.sqrt(height**2 + farthest**2))
                    area = _area(polygon, corners)
                    surface += area
                    volume += area * height / 3.0
            if n == 0 or reach > _nearest_unseen(cells.cutoff, radii[place], largest):
                return False
            i = cells.order[place]
            volumes[i] = volume
            surfaces[i] = surface
    return True


@kernel
def _planes(cells, place, candidates, chosen, squared, n, radii, planes):
    """Fill ``planes`` (n, 4) with directions to the neighbours and distances of the planes."""
    own = radii[place] ** 2
    for p in range(n):
        r = np.sqrt(squared[p])
        c = chosen[p]
        planes[p, 0] = (candidates.x[c] - cells.positions[0, place]) / r
        planes[p, 1] = (candidates.y[c] - cells.positions[1, place]) / r
        planes[p, 2] = (candidates.z[c] - cells.positions[2, place]) / r
        other = radii[candidates.place[c]] ** 2
        planes[p, 3] = 0.5 * (squared[p] + own - other) / r


@kernel
def _nearest_unseen(cutoff, own, largest):
    """Return how near a plane of a neighbour beyond the cutoff can be."""
    return 0.5 * (cutoff - (largest * largest - own * own) / cutoff)


@kernel
def _square(half, polygon, clipped):
    """Start with a square of sides 2 ``half``, counterclockwise."""
    polygon[0, 0], polygon[0, 1] = -half, -half
    polygon[1, 0], polygon[1, 1] = half, -half
    polygon[2, 0], polygon[2, 1] = half, half
    polygon[3, 0], polygon[3, 1] = -half, half
    return polygon, clipped, 4, np.sqrt(2.0) * half


@kernel
def _clip(polygon, clipped, corners, farthest, x, y, limit):
    """Keep the side of a polygon where the scalar product with (x, y) is at most ``limit``.

    The third column of a polygon holds on which side each corner lies: computed once, so that
    no corner lies on different sides for its two edges, even to rounding.
    Returns the polygon, a buffer for the next call, the number of corners, 0 if nothing is left,
    and the distance of the farthest one from the origin.
    """
    for corner in range(corners):
        polygon[corner, 2] = polygon[corner, 0] * x + polygon[corner, 1] * y - limit
    kept = 0
    last = corners - 1
    for corner in range(corners):
        before, here = polygon[last, 2], polygon[corner, 2]
        if (before < 0.0 < here) or (here < 0.0 < before):
            share = before / (before - here)
            for axis in range(2):
                step = polygon[corner, axis] - polygon[last, axis]
                clipped[kept, axis] = polygon[last, axis] + share * step
            kept += 1
        if here <= 0.0:
            clipped[kept, 0] = polygon[corner, 0]
            clipped[kept, 1] = polygon[corner, 1]
            kept += 1
        last = corner
    if kept < 3:
        return polygon, clipped, 0, 0.0
    farthest = 0.0
    for corner in range(kept):
        farthest = max(farthest, clipped[corner, 0] ** 2 + clipped[corner, 1] ** 2)
    return clipped, polygon, kept, np.sqrt(farthest)


@kernel
def _area(polygon, corners):
    total = 0.0
    for corner in range(corners):
        last = corner - 1 if corner > 0 else corners - 1
        total += polygon[last, 0] * polygon[corner, 1] - polygon[last, 1] * polygon[corner, 0]
    return 0.5 * total


@kernel
def _perimeter(polygon, corners):
    total = 0.0
    for corner in range(corners):
        last = corner - 1 if corner > 0 else corners - 1
        x = polygon[corner, 0] - polygon[last, 0]
        y = polygon[corner, 1] - polygon[last, 1]
        total += np.sqrt(x * x + y * y)
    return total


@kernel
def _cosine(first, second):
    return first[0] * second[0] + first[1] * second[1] + first[2] * second[2]


@kernel
def _basis(normal):
    """Return two unit vectors perpendicular to a unit vector and to each other."""
    x, y, z = normal[0], normal[1], normal[2]
    sign = 1.0 if z >= 0.0 else -1.0
    a = -1.0 / (sign + z)
    b = x * y * a
    return (1.0 + sign * x * x * a, sign * b, -sign * x), (b, sign + y * y * a, -y)
