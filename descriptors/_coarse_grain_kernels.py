"""Weighted averages of features over the neighbourhood of each particle.

The neighbourhoods of particles that lie close together are nearly the same. So up to eight
particles of one cell, a tile, are averaged together over all that any of them reaches, with zero
weights where one of them does not reach: every feature that is loaded serves eight sums. Features
come in panels of 128 bytes per particle, particles in the order of their cells, and a batch of
tiles goes through panel by panel, so that the part of a panel around it is read into the cache
once.
"""

from collections import namedtuple

import numpy as np

from ..compiled.decorators import kernel
from ..liquid.cell_kernels import candidate_buffers
from ._gather_kernels import gather_near
from ._vector_kernels import TILE, add_panel_rows, fill_decays

_BATCH = 16

Tiles = namedtuple("Tiles", ["first", "size", "begin", "inverse", "rows", "weights"])
"""Particles that are averaged together, and their neighbourhoods.

first (n,) int64, the place of the first particle in the order of the cells; size (n,) int64;
begin (n + 1,) int64, where the neighbourhood of each tile begins in the two last; inverse
(n, 8) float64, 1 / the sum of the weights of each particle; rows (room,) int32, the row of a
neighbour in the panels; weights (room, 8).
"""


@kernel
def find_tiles(cells, length, cell, stop, origin, tiles):
    """Fill ``tiles`` with those of the cells from ``cell`` to before ``stop``, weights included.

    Weights are exp(-r / length) within the cutoff. Rows are counted from the place ``origin``,
    cyclically. Returns the number of tiles and the first cell for which there was no room.
    """
    candidates = candidate_buffers(cells)
    n_particles = cells.order.size
    limit = cells.cutoff * cells.cutoff
    vertices = np.empty((3, TILE))
    totals = np.empty(TILE)
    n_tiles = 0
    tiles.begin[0] = 0
    while cell < stop:
        n_candidates = gather_near(cells, cell, candidates)
        place, end = cells.start[cell], cells.start[cell + 1]
        n_new = (end - place + TILE - 1) // TILE
        if (
            n_tiles + n_new > tiles.first.size
            or tiles.begin[n_tiles] + n_new * n_candidates > tiles.rows.size
        ):
            break
        for new in range(n_new):
            size = (end - place + n_new - new - 1) // (n_new - new)
            for axis in range(3):
                for t in range(TILE):
                    vertices[axis, t] = cells.positions[axis, place + min(t, size - 1)]
            begin = tiles.begin[n_tiles]
            count = fill_decays(
                candidates.x,
                candidates.y,
                candidates.z,
                candidates.place,
                n_candidates,
                vertices,
                limit,
                -1.0 / length,
                tiles.rows[begin:],
                tiles.weights[begin:],
                totals,
            )
            for k in range(begin, begin + count):
                row = tiles.rows[k] - origin
                tiles.rows[k] = row if row >= 0 else row + n_particles
            for t in range(TILE):
                tiles.inverse[n_tiles, t] = 1.0 / totals[t]
            tiles.first[n_tiles], tiles.size[n_tiles] = place, size
            n_tiles += 1
            tiles.begin[n_tiles] = begin + count
            place += size
        cell += 1
    return n_tiles, cell


@kernel
def average(tiles, first_tile, stop_tile, panels, order, features, column, n_columns):
    """Fill columns of ``features`` with averages of ``panels`` over the neighbourhoods of tiles.

    The tiles are those from ``first_tile`` to before ``stop_tile``.
    ``panels`` has the shape (n_panels, n_rows, numbers in 128 bytes); ``features`` (N, all columns)
    is filled from ``column`` on, with particles in the order of the configuration.
    """
    width = panels.shape[2]
    totals = np.empty((TILE, width), panels.dtype)
    for batch in range(first_tile, stop_tile, _BATCH):
        for panel in range(panels.shape[0]):
            start = panel * width
            rest = n_columns - start
            n = rest if rest < width else width
            for tile in range(batch, min(batch + _BATCH, stop_tile)):
                begin, size = tiles.begin[tile], tiles.size[tile]
                add_panel_rows(
                    panels[panel],
                    tiles.rows[begin:],
                    tiles.begin[tile + 1] - begin,
                    tiles.weights[begin:],
                    size,
                    totals,
                )
                for t in range(size):
                    scale = tiles.inverse[tile, t]
                    line = features[order[tiles.first[tile] + t], column + start :]
                    for f in range(n):
                        line[f] = totals[t, f] * scale


@kernel
def to_panels(features, column, n_columns, order, origin, panels):
    """Cut columns of ``features`` into panels, with zeros where the last one is not full.

    Row r of a panel is the particle at the place ``origin`` + r, cyclically.
    """
    width = panels.shape[2]
    for row in range(panels.shape[1]):
        place = origin + row
        i = order[place if place < order.size else place - order.size]
        for panel in range(panels.shape[0]):
            start = panel * width
            rest = n_columns - start
            n = rest if rest < width else width
            line = features[i, column + start :]
            for f in range(n):
                panels[panel, row, f] = line[f]
            for f in range(n, width):
                panels[panel, row, f] = 0.0
