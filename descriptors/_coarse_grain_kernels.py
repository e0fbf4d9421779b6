"""Weighted averages of features over the neighbourhood of each particle.

The neighbourhoods of particles that lie close together are nearly the same. So four particles of
one cell, a tile, are averaged together over all that any of them reaches, with zero weights where
one of them does not reach: every feature that is loaded serves four sums. Features come in panels
of 128 bytes per particle, particles in the order of their cells, and a batch of tiles goes through
panel by panel, so that the part of a panel around it is read into the cache once. Weights are
computed anew for every generation, as they would take more memory than the features.
"""

import numpy as np

from ..liquid._cell_kernels import candidate_buffers
from ._cell_kernels import gather_near
from ._compilation import kernel
from ._exponential_kernels import exponential
from ._vector_kernels import TILE, add_panel_rows

_BATCH = 32


@kernel
def averages(cells, length, source, target, features):
    """Fill ``target`` and ``features`` with averages of ``source``, weighted with exp(-r / length).

    ``source`` and ``target`` have the shape (n_panels, N, numbers in 128 bytes), particles in the
    order of the cells; ``features`` (N, n_columns) has them in the order of the configuration.
    """
    candidates = candidate_buffers(cells)
    room = candidates.x.size
    squared = np.empty((TILE, room))
    nearest = np.empty(room)
    places = np.empty((_BATCH, room), np.int32)
    weights = np.empty((_BATCH, room, TILE), source.dtype)
    inverse = np.empty((_BATCH, TILE))
    first = np.empty(_BATCH, np.int64)
    size = np.empty(_BATCH, np.int64)
    count = np.empty(_BATCH, np.int64)
    tiles = (first, size, places, count, weights, inverse)
    n_tiles = 0
    for cell in range(cells.start.size - 1):
        n_candidates = gather_near(cells, cell, candidates)
        place, end = cells.start[cell], cells.start[cell + 1]
        while place < end:
            n = TILE if place + TILE < end else end - place
            count[n_tiles] = _select_for_tile(
                cells, place, n, candidates, n_candidates, squared, nearest, places[n_tiles]
            )
            _fill_weights(
                cells.cutoff, length, squared, count[n_tiles], weights[n_tiles], inverse[n_tiles]
            )
            first[n_tiles], size[n_tiles] = place, n
            place += n
            n_tiles += 1
            if n_tiles == _BATCH or place == cells.order.size:
                _average(n_tiles, tiles, source, target, cells.order, features)
                n_tiles = 0


@kernel
def _average(n_tiles, tiles, source, target, order, features):
    """Average all panels over the neighbourhoods of the particles of some tiles."""
    first, size, places, count, weights, inverse = tiles
    width = source.shape[2]
    totals = np.empty((TILE, width), source.dtype)
    for panel in range(source.shape[0]):
        begin = panel * width
        rest = features.shape[1] - begin
        n_columns = rest if rest < width else width
        for tile in range(n_tiles):
            add_panel_rows(source[panel], places[tile], count[tile], weights[tile], totals)
            for t in range(size[tile]):
                scale = inverse[tile, t]
                place = first[tile] + t
                i = order[place]
                for f in range(width):
                    target[panel, place, f] = totals[t, f] * scale
                for f in range(n_columns):
                    features[i, begin + f] = totals[t, f] * scale


@kernel
def _select_for_tile(cells, first, size, candidates, n_candidates, squared, nearest, places):
    """Choose the candidates that any particle of a tile reaches; returns their number.

    Fills ``squared`` with r^2 to each of the particles. If there are fewer than four the last one
    is repeated.
    """
    for t in range(TILE):
        place = first + (t if t < size else size - 1)
        x, y, z = cells.positions[0, place], cells.positions[1, place], cells.positions[2, place]
        for c in range(n_candidates):
            dx = candidates.x[c] - x
            dy = candidates.y[c] - y
            dz = candidates.z[c] - z
            squared[t, c] = dx * dx + dy * dy + dz * dz
    for c in range(n_candidates):
        nearest[c] = squared[0, c]
    for t in range(1, TILE):
        for c in range(n_candidates):
            nearest[c] = squared[t, c] if squared[t, c] < nearest[c] else nearest[c]
    limit = cells.cutoff * cells.cutoff
    count = 0
    for c in range(n_candidates):
        places[count] = candidates.place[c]
        for t in range(TILE):
            squared[t, count] = squared[t, c]
        count += nearest[c] < limit
    return count


@kernel
def _fill_weights(cutoff, length, squared, n, weights, inverse):
    """Fill ``weights`` (n, 4), zero beyond the cutoff, and ``inverse`` with 1 / their sums."""
    limit = cutoff * cutoff
    for t in range(TILE):
        row = squared[t, :n]
        for c in range(n):
            weight = exponential(-np.sqrt(row[c]) / length)
            row[c] = weight if row[c] < limit else 0.0
        total = 0.0
        for c in range(n):
            total += row[c]
        inverse[t] = 1.0 / total
        for c in range(n):
            weights[c, t] = row[c]


@kernel
def to_panels(features, order, panels):
    """Cut the columns of ``features`` into panels, with zeros where the last one is not full."""
    width = panels.shape[2]
    for panel in range(panels.shape[0]):
        begin = panel * width
        rest = features.shape[1] - begin
        n = rest if rest < width else width
        for place in range(order.size):
            i = order[place]
            for f in range(n):
                panels[panel, place, f] = features[i, begin + f]
            for f in range(n, width):
                panels[panel, place, f] = 0.0
