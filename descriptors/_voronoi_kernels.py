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

# Angle between sides up to which they are in one line.
_STRAIGHT = 1e-5


@kernel
def voronoi_cells_2d(
    cells, first_cell, stop_cell, radii, thresholds, volumes, surfaces, counts, complete
):
    """Fill areas and perimeters, and say which cells lie within what the cutoff lets them see.

    The particles are those in the cells from ``first_cell`` to before ``stop_cell``. ``radii`` (N,)
    are those of all particles, in the order of the cells. ``counts`` (N, 1) gets the number of
    sides longer than the first of the ``thresholds``; with no columns, nothing.
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
            polygon, clipped, corners, farthest = _polygon(
                planes, n, cells.cutoff, polygon, clipped
            )
            i = cells.order[place]
            volumes[i] = _area(polygon, corners)
            surfaces[i] = _perimeter(polygon, corners)
            if counts.shape[1] > 0:
                counts[i, 0] = _n_edges(polygon, corners, thresholds[0])
            complete[i] = farthest <= _nearest_unseen(cells.cutoff, radii[place], largest)


@kernel
def voronoi_cells_3d(
    cells, first_cell, stop_cell, radii, thresholds, volumes, surfaces, counts, complete
):
    """Fill volumes and surfaces, and say which cells lie within what the cutoff lets them see.

    The particles are those in the cells from ``first_cell`` to before ``stop_cell``. ``radii`` (N,)
    are those of all particles, in the order of the cells. ``counts`` (N, K) gets the number of
    faces by edges, as `_count_faces` does; with no columns, nothing.
    """
    candidates = candidate_buffers(cells)
    room = candidates.x.size
    all_squared = np.empty(room)
    squared = np.empty(room)
    chosen = np.empty(room, np.int64)
    planes = np.empty((room, 4))
    largest = radii.max()
    polygon, clipped = np.empty((room + 4, 3)), np.empty((room + 4, 3))
    no_corners = np.empty((0, 3))
    faces = np.empty((room if counts.shape[1] > 0 else 0, 2))
    for cell in range(first_cell, stop_cell):
        n_candidates = gather(cells, cell, candidates)
        for place in range(cells.start[cell], cells.start[cell + 1]):
            n = select(cells, place, candidates, n_candidates, all_squared, squared, chosen)
            _planes(cells, place, candidates, chosen, squared, n, radii, planes)
            polygon, clipped, volume, surface, reach, _, n_faces = _polyhedron(
                planes, n, cells.cutoff, polygon, clipped, no_corners, thresholds[0], faces
            )
            i = cells.order[place]
            volumes[i] = volume
            surfaces[i] = surface
            if counts.shape[1] > 0:
                _count_faces(faces, n_faces, thresholds[1] * surface, counts[i])
            complete[i] = n > 0 and reach <= _nearest_unseen(cells.cutoff, radii[place], largest)


@kernel
def cell_between_2d(vectors, differences, half, thresholds, corners, counts):
    """Area, perimeter and number of corners of the cell between given neighbours.

    ``vectors`` (n, 3) lead to them, ``differences`` (n,) are R_i^2 - R_j^2, and no corner is
    further than ``half`` away along an axis. Fills ``corners`` as far as it has room, and
    ``counts`` (K,) as `voronoi_cells_2d` does.
    """
    n = len(vectors)
    planes = np.empty((n, 4))
    _planes_between(vectors, differences, planes)
    polygon, _, n_corners, _ = _polygon(planes, n, half, np.empty((n + 4, 3)), np.empty((n + 4, 3)))
    for corner in range(min(n_corners, len(corners))):
        corners[corner, 0], corners[corner, 1] = polygon[corner, 0], polygon[corner, 1]
        corners[corner, 2] = 0.0
    if counts.size > 0:
        counts[0] = _n_edges(polygon, n_corners, thresholds[0])
    return _area(polygon, n_corners), _perimeter(polygon, n_corners), n_corners


@kernel
def cell_between_3d(vectors, differences, half, thresholds, corners, counts):
    """Volume, surface and number of corners of the cell between given neighbours.

    As in two dimensions; each corner comes once for each of its faces.
    """
    n = len(vectors)
    planes = np.empty((n, 4))
    _planes_between(vectors, differences, planes)
    faces = np.empty((n if counts.size > 0 else 0, 2))
    polygon, clipped = np.empty((n + 4, 3)), np.empty((n + 4, 3))
    _, _, volume, surface, _, n_corners, n_faces = _polyhedron(
        planes, n, half, polygon, clipped, corners, thresholds[0], faces
    )
    if counts.size > 0:
        _count_faces(faces, n_faces, thresholds[1] * surface, counts)
    return volume, surface, n_corners


@kernel
def _polygon(planes, n, half, polygon, clipped):
    """Clip a square of sides 2 ``half`` by n lines; returns it as `_clip` does."""
    polygon, clipped, corners, farthest = _square(half, polygon, clipped)
    for p in np.argsort(planes[:n, 3]):
        x, y, _, h = planes[p]
        if h >= farthest or corners == 0:
            break
        polygon, clipped, corners, farthest = _clip(polygon, clipped, corners, farthest, x, y, h)
    return polygon, clipped, corners, farthest


@kernel
def _polyhedron(planes, n, half, polygon, clipped, vertices, shortest, faces):
    """Return buffers, volume, surface, distance and number of corners, and the number of faces.

    A face starts as a square of sides 2 ``half``. Corners, each once for each of its faces, are
    written to ``vertices`` (m, 3) as far as it has room; areas of faces and their numbers of edges
    longer than ``shortest`` to ``faces`` (n, 2) if it has any.
    """
    nearest_first = np.argsort(planes[:n, 3])
    volume = 0.0
    surface = 0.0
    reach = 0.0
    n_vertices = 0
    n_faces = 0
    for j in nearest_first:
        height = planes[j, 3]
        if reach > 0.0 and height >= reach:
            break
        u, v = _basis(planes[j])
        polygon, clipped, corners, farthest = _square(half, polygon, clipped)
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
            if faces.size > 0:
                faces[n_faces, 0] = area
                faces[n_faces, 1] = _n_edges(polygon, corners, shortest)
                n_faces += 1
            for corner in range(corners):
                if n_vertices < len(vertices):
                    a, b = polygon[corner, 0], polygon[corner, 1]
                    for axis in range(3):
                        vertices[n_vertices, axis] = (
                            height * planes[j, axis] + a * u[axis] + b * v[axis]
                        )
                n_vertices += 1
    return polygon, clipped, volume, surface, reach, n_vertices, n_faces


@kernel
def _count_faces(faces, n_faces, smallest, counts):
    """Count the faces larger than ``smallest`` by edges; the last place is for as many or more."""
    counts[:] = 0
    for face in range(n_faces):
        if faces[face, 0] > smallest and faces[face, 1] >= 3.0:
            counts[min(int(faces[face, 1]), counts.size - 1)] += 1


@kernel
def _planes_between(vectors, differences, planes):
    """Fill ``planes`` as `_planes` does, from vectors to the neighbours and R_i^2 - R_j^2."""
    for p in range(len(vectors)):
        squared = vectors[p, 0] ** 2 + vectors[p, 1] ** 2 + vectors[p, 2] ** 2
        r = np.sqrt(squared)
        for axis in range(3):
            planes[p, axis] = vectors[p, axis] / r
        planes[p, 3] = 0.5 * (squared + differences[p]) / r


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
def _n_edges(polygon, corners, shortest):
    """Count the sides longer than ``shortest``; those in a straight line are one.

    A plane that touches a whole edge, as in a simple cubic lattice, cuts it in two to rounding.
    """
    found = 0
    first_x, first_y, before_x, before_y = 0.0, 0.0, 0.0, 0.0
    for corner in range(corners):
        last = corner - 1 if corner > 0 else corners - 1
        x = polygon[corner, 0] - polygon[last, 0]
        y = polygon[corner, 1] - polygon[last, 1]
        length = np.sqrt(x * x + y * y)
        if length > shortest:
            x, y = x / length, y / length
            if found == 0:
                first_x, first_y, found = x, y, 1
            elif _turns(before_x, before_y, x, y):
                found += 1
            before_x, before_y = x, y
    if found > 1 and not _turns(before_x, before_y, first_x, first_y):
        found -= 1
    return found


@kernel
def _turns(first_x, first_y, x, y):
    """Whether two unit vectors have different directions, to more than rounding."""
    return abs(first_x * y - first_y * x) > _STRAIGHT or first_x * x + first_y * y < 0.0


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
