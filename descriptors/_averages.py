"""The order in which averages over neighbourhoods are taken, so that memory stays bounded."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ..compiled.slices import slices
from ..compiled.vectors import VECTOR_BYTES
from ..liquid.cell_kernels import Cells
from ._coarse_grain_kernels import Tiles, average, find_tiles, to_panels
from ._vector_kernels import PANEL_VECTORS, TILE

_PANEL_BYTES = PANEL_VECTORS * VECTOR_BYTES
_BYTES_OF_PANELS = 2**29
_NEIGHBORS_OF_TILES = 2**20  # of 36 bytes each, or 68 in float64
_N_TILES = 2**14
_SECONDS_PER_TILE_AND_PANEL = 2e-5


class Window(NamedTuple):
    """Cells whose particles are averaged together, and the rows that they need."""

    first_cell: int
    stop_cell: int
    origin: int
    """Place of the first row; rows follow in the order of the cells, cyclically."""
    n_rows: int


def fill_generations(
    neighborhood: Cells, length: float, features: NDArray[np.floating], n_features: int
) -> None:
    """Fill all but the first columns of ``features`` (N, generations + 1 times n_features).

    If the panels of all columns and particles exceed 512 MiB, layers of cells are treated one after
    the other, each with the layers within reach, and if those of one layer do, the columns in
    several blocks. Neighbourhoods are found once if there is room for those of all particles,
    anew for each generation and block otherwise.
    """
    width = _PANEL_BYTES // features.itemsize
    windows, panels_of_block = _windows(neighborhood, -(-n_features // width))
    most_rows = max(window.n_rows for window in windows)
    buffer = aligned_empty(panels_of_block * most_rows * width, features.dtype)
    tiles = _room_for_tiles(neighborhood, features.dtype)
    order = neighborhood.order
    n_tiles, found = 0, (-1, -1)
    for begin in range(0, n_features, panels_of_block * width):
        n_columns = min(panels_of_block * width, n_features - begin)
        n_panels = -(-n_columns // width)
        for column in range(begin, features.shape[1] - n_features, n_features):
            for cell, stop, origin, n_rows in windows:
                panels = buffer[: n_panels * n_rows * width].reshape(n_panels, n_rows, width)
                to_panels(features, column, n_columns, order, origin, panels)
                target = column + n_features
                while cell < stop:
                    if found != (cell, stop):
                        n_tiles, end = find_tiles(neighborhood, length, cell, stop, origin, tiles)
                        found = (cell, end)
                    for first, last in slices(n_tiles, _SECONDS_PER_TILE_AND_PANEL * n_panels):
                        average(tiles, first, last, panels, order, features, target, n_columns)
                    cell = found[1]


def _windows(neighborhood: Cells, n_panels: int) -> tuple[list[Window], int]:
    """Choose layers of cells that are treated together, and the number of panels in a block."""
    n_particles = len(neighborhood.order)
    n_layers = int(neighborhood.shape[0])
    per_layer = (len(neighborhood.start) - 1) // n_layers
    row_bytes = n_panels * _PANEL_BYTES
    if n_particles * row_bytes <= _BYTES_OF_PANELS:
        return [Window(0, n_layers * per_layer, 0, n_particles)], n_panels
    reach = int(neighborhood.offsets[:, 0].max())
    starts = neighborhood.start[::per_layer]

    def window(first: int, stop: int) -> Window:
        if stop - first + 2 * reach >= n_layers:
            origin, n_rows = 0, n_particles
        else:
            origin = int(starts[(first - reach) % n_layers])
            n_rows = int(starts[(stop + reach) % n_layers] - origin) % n_particles
        return Window(first * per_layer, stop * per_layer, origin, n_rows)

    least = max(window(layer, layer + 1).n_rows for layer in range(n_layers))
    n_blocks = -(-n_panels // max(1, _BYTES_OF_PANELS // (least * _PANEL_BYTES)))
    n_panels = -(-n_panels // n_blocks)
    most = max(least, _BYTES_OF_PANELS // (n_panels * _PANEL_BYTES))
    windows = []
    first = 0
    while first < n_layers:
        stop = first + 1
        while stop < n_layers and window(first, stop + 1).n_rows <= most:
            stop += 1
        windows.append(window(first, stop))
        first = stop
    return windows, n_panels


def _room_for_tiles(neighborhood: Cells, dtype: np.dtype) -> Tiles:
    occupation = np.diff(neighborhood.start)
    n_tiles = int((-(-occupation // TILE)).sum())
    most_neighbors = int(occupation.max()) * len(neighborhood.offsets)
    most_of_cell = most_neighbors * -(-int(occupation.max()) // TILE)
    room = max(most_of_cell, min(_NEIGHBORS_OF_TILES, n_tiles * most_neighbors))
    n_tiles = min(n_tiles, max(_N_TILES, -(-int(occupation.max()) // TILE)))
    return Tiles(
        first=np.empty(n_tiles, dtype=np.int64),
        size=np.empty(n_tiles, dtype=np.int64),
        begin=np.empty(n_tiles + 1, dtype=np.int64),
        inverse=np.empty((n_tiles, TILE)),
        rows=np.empty(room, dtype=np.int32),
        weights=aligned_empty(room * TILE, dtype).reshape(room, TILE),
    )


def aligned_empty(size: int, dtype: np.dtype) -> NDArray[np.floating]:
    """Return an array that begins where a vector of the processor may."""
    buffer = np.empty(size * dtype.itemsize + VECTOR_BYTES, dtype=np.uint8)
    skipped = -buffer.ctypes.data % VECTOR_BYTES
    return buffer[skipped : skipped + size * dtype.itemsize].view(dtype)
