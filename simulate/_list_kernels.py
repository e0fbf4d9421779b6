"""Neighbour lists in the layout that the lane kernels want.

Four ideas shape this file:

* Particles live in *slots*, sorted by type and then along a winding path, so that eight successive
  slots hold particles of one type that sit close together and share their search. Each type starts
  at a multiple of eight; the slots left over hold fillers (``identity`` -1) that rest at the origin
  and interact with nothing.
* Periodicity is carried by *ghosts*, copies of the particles in a shell around the box, whose
  positions follow their parents at every step. The force loop then needs no minimum image, and a
  box that is tilted or shorter than the interaction range is nothing special: it has other ghosts
  (see `_lattice_kernels`), or more.
* Where the potential is a table, every entry of the list carries ``1 / r_c^2`` of its pair, and
  pairs of small particles are listed as far as their own cutoff reaches. A `Lists.scales` of None
  leaves this out of what is compiled.
* Cells are ordered with x fastest, so the cells of one row that are within reach are one
  contiguous range of particles, and the range is narrowed to the chord of the sphere.

Slot ``n_slots`` of the positions is the far-away particle that fills incomplete rows; ghosts
follow it. The kernels take plain arrays bundled in three named tuples. Where the arrays are too
short for all ghosts or neighbours, `rebuild` stops and says so in `Lists.lacking`; its callers
return to Python and go on from there, as if nothing had happened, when they get longer ones.
"""

from collections import namedtuple

import numpy as np

from ..compiled.decorators import strict_kernel
from ..compiled.vectors import LANES
from ._block_kernels import FAR, append_within
from ._lattice_kernels import steepness, upright, wrap
from ._scalar_kernels import by_identity, pair_scale

Liquid = namedtuple(
    "Liquid",
    [
        "lengths",
        "vectors",
        "shear",
        "slot_types",
        "first_slot",
        "counts",
        "skin",
        "reach",
        "energy_table",
        "force_table",
        "mixing",
        "diameters",
    ],
)
"""What never changes: box (see `_lattice_kernels`), layout of the types (-1: filler), list radii,
potential.

The tables are coefficients of the Lennard-Jones family or one `Table`. Continuous diameters, by
identity, come with their mixing; both are None otherwise.
"""

Slots = namedtuple(
    "Slots",
    ["positions", "velocities", "forces", "images", "identity", "reference"],
)
"""The particles: positions hold the ghosts as well; reference: positions at the last rebuild."""

Lists = namedtuple(
    "Lists", ["neighbors", "rows", "parents", "shifts", "n_ghosts", "lacking", "scales"]
)
"""Full list in rows of eight, first row of each (block, type), ghosts and (1,) their number, (1,)
what there was no room for, 1 / r_c^2 of entries."""

NOTHING, GHOSTS, NEIGHBORS = 0, 1, 2
"""What there may be no room for."""


CELLS_PER_REACH = 1.5
"""Cells per list radius; finer cells fit the sphere better but make more ranges."""


@strict_kernel
def cell_grid(vectors, reach, n_particles):
    """Return the lower corner, number and inverse edge of the cells, ghosts included.

    They fill the cuboid around the box. There are three axes in 2D as well, the third with a single
    cell around z = 0.
    """
    dimensions = vectors.shape[0]
    lower = np.array([-0.5, -0.5, -0.5])
    shape = np.array([1, 1, 1])
    inverse_edge = np.array([1.0, 1.0, 1.0])
    most = max(1.0, (8.0 * n_particles) ** (1.0 / dimensions))
    for k in range(dimensions):
        width = 0.0
        for vector in range(k, dimensions):
            width += abs(vectors[k, vector])
        extent = width + 2.0 * reach
        lower[k] = -0.5 * extent
        cells = min(CELLS_PER_REACH * extent / reach, most * extent / vectors[k, k])
        shape[k] = max(1, int(cells))
        inverse_edge[k] = shape[k] / extent
    return lower, shape, inverse_edge


@strict_kernel
def cell_of(point, dimensions, grid):
    """Return the index of the cell that holds a point; x is the fastest axis."""
    lower, shape, inverse_edge = grid
    cell = 0
    for k in range(dimensions - 1, -1, -1):
        index = int((point[k] - lower[k]) * inverse_edge[k])
        cell = cell * shape[k] + min(max(index, 0), shape[k] - 1)
    return cell


@strict_kernel
def snake_index(point, lengths, shear, edge, n_bins):
    """Place of a point on a path that winds through columns of width `edge` along x."""
    index = 0
    forward = True
    for k in range(lengths.size - 1, 0, -1):
        n_columns = max(1, int(lengths[k] / edge))
        column = int((upright(point, shear, k) / lengths[k] + 0.5) * n_columns)
        column = min(max(column, 0), n_columns - 1)
        column = column if forward else n_columns - 1 - column
        index = index * n_columns + column
        forward = index % 2 == 0
    place = int((upright(point, shear, 0) / lengths[0] + 0.5) * n_bins)
    place = min(max(place, 0), n_bins - 1)
    return index * n_bins + (place if forward else n_bins - 1 - place)


@strict_kernel
def wrap_and_sort(slots, liquid):
    """Bring particles into the box and order the slots of each type along a winding path."""
    positions, velocities, images = slots.positions, slots.velocities, slots.images
    lengths, shear = liquid.lengths, liquid.shear
    dimensions = lengths.size
    n_slots = slots.identity.size
    volume = 1.0
    for k in range(dimensions):
        volume *= lengths[k]
    old_positions = positions[:n_slots].copy()
    old_velocities = velocities.copy()
    old_images = images.copy()
    old_identity = slots.identity.copy()
    places = np.empty(n_slots, np.int64)
    for kind in range(liquid.counts.size):
        first = liquid.first_slot[kind]
        last = first + liquid.counts[kind]
        edge = (LANES * volume / max(liquid.counts[kind], 1)) ** (1.0 / dimensions)
        n_bins = int(4 * lengths[0] / edge) + 1
        n_places = n_bins
        for k in range(1, dimensions):
            n_places *= max(1, int(lengths[k] / edge))
        offsets = np.zeros(n_places + 1, np.int64)
        for slot in range(first, last):
            wrap(old_positions[slot], old_images[slot], liquid.vectors, shear)
            places[slot] = snake_index(old_positions[slot], lengths, shear, edge, n_bins)
            offsets[places[slot] + 1] += 1
        offsets[0] = first
        for place in range(n_places):
            offsets[place + 1] += offsets[place]
        for slot in range(first, last):
            target = offsets[places[slot]]
            offsets[places[slot]] += 1
            slots.identity[target] = old_identity[slot]
            for k in range(dimensions):
                positions[target, k] = old_positions[slot, k]
                slots.reference[target, k] = old_positions[slot, k]
                velocities[target, k] = old_velocities[slot, k]
                images[target, k] = old_images[slot, k]


@strict_kernel
def find_ghosts(positions, liquid, reach, parents, shifts):
    """Fill the list of ghosts axis by axis; return their number, or -1 if they do not fit."""
    slot_types, lengths, vectors = liquid.slot_types, liquid.lengths, liquid.vectors
    n_slots = slot_types.size
    n_ghosts = 0
    for k in range(lengths.size):
        margin = reach * steepness(liquid.shear, k)
        layers = int(np.ceil(margin / lengths[k]))
        limit = 0.5 * lengths[k] + margin
        n_entries = n_slots + n_ghosts
        for entry in range(n_entries):
            # The lattice vectors added so far leave the upright coordinate along k alone.
            parent = entry if entry < n_slots else parents[entry - n_slots]
            if slot_types[parent] < 0:
                continue
            coordinate = upright(positions[parent], liquid.shear, k)
            for layer in range(-layers, layers + 1):
                if layer == 0 or abs(coordinate + layer * lengths[k]) > limit:
                    continue
                if n_ghosts == parents.size:
                    return -1
                parents[n_ghosts] = parent
                for axis in range(lengths.size):
                    shifts[n_ghosts, axis] = layer * vectors[axis, k]
                    if entry >= n_slots:
                        shifts[n_ghosts, axis] += shifts[entry - n_slots, axis]
                n_ghosts += 1
    return n_ghosts


@strict_kernel
def update_ghosts(positions, n_slots, lists):
    """Move the ghosts with their parents."""
    parents, shifts = lists.parents, lists.shifts
    first = n_slots + 1
    n_ghosts = lists.n_ghosts[0]
    ghosts = positions[first : first + n_ghosts]
    for ghost in range(n_ghosts):
        parent = parents[ghost]
        for k in range(positions.shape[1]):
            ghosts[ghost, k] = positions[parent, k] + shifts[ghost, k]


@strict_kernel
def sort_by_type_and_cell(positions, slot_types, lists, grid, n_types):
    """Order particles and ghosts by type and cell; return coordinates, indices, cell starts."""
    n_slots = slot_types.size
    n_cells = grid[1][0] * grid[1][1] * grid[1][2]
    n_entries = n_slots + 1 + lists.n_ghosts[0]
    dimensions = min(positions.shape[1], 3)
    keys = np.empty(n_entries, np.int64)
    starts = np.zeros(n_types * n_cells + 1, np.int64)
    for entry in range(n_entries):
        kind = -1
        if entry < n_slots:
            kind = slot_types[entry]
        elif entry > n_slots:
            kind = slot_types[lists.parents[entry - n_slots - 1]]
        keys[entry] = -1
        if kind >= 0:
            keys[entry] = kind * n_cells + cell_of(positions[entry], dimensions, grid)
            starts[keys[entry] + 1] += 1
    for cell in range(starts.size - 1):
        starts[cell + 1] += starts[cell]
    offsets = starts.copy()
    coordinates = np.zeros((3, starts[-1]))
    indices = np.empty(starts[-1], np.uint32)
    for entry in range(n_entries):
        if keys[entry] >= 0:
            target = offsets[keys[entry]]
            offsets[keys[entry]] += 1
            indices[target] = entry
            for k in range(dimensions):
                coordinates[k, target] = positions[entry, k]
    return coordinates, indices, starts


@strict_kernel
def cells_within(low, high, reach, lower, inverse_edge, n_cells):
    """First and last cell along one axis that are within reach of an interval."""
    first = int((low - reach - lower) * inverse_edge)
    last = int((high + reach - lower) * inverse_edge)
    return min(max(first, 0), n_cells - 1), min(max(last, 0), n_cells - 1)


@strict_kernel
def gap_to_cell(low, high, cell, lower, inverse_edge):
    """Distance along one axis between an interval and a cell; zero where they overlap."""
    edge = 1.0 / inverse_edge
    left = lower + cell * edge
    return max(left - high, low - left - edge, 0.0)


@strict_kernel
def collect_candidates(low, high, reach, grid, entries, first_cell, buffers):
    """Copy all entries of one type that may be within reach of a cuboid; return their number.

    Returns -1 if the buffers are too short.
    """
    lower, shape, inverse_edge = grid
    coordinates, indices, starts = entries
    points, numbers = buffers
    n_candidates = 0
    z_first, z_last = cells_within(low[2], high[2], reach, lower[2], inverse_edge[2], shape[2])
    y_first, y_last = cells_within(low[1], high[1], reach, lower[1], inverse_edge[1], shape[1])
    for layer in range(z_first, z_last + 1):
        z_gap = gap_to_cell(low[2], high[2], layer, lower[2], inverse_edge[2])
        for row in range(y_first, y_last + 1):
            y_gap = gap_to_cell(low[1], high[1], row, lower[1], inverse_edge[1])
            chord_square = reach * reach - y_gap * y_gap - z_gap * z_gap
            if chord_square < 0.0:
                continue
            left, right = cells_within(
                low[0], high[0], np.sqrt(chord_square), lower[0], inverse_edge[0], shape[0]
            )
            line = first_cell + (layer * shape[1] + row) * shape[0]
            begin, end = starts[line + left], starts[line + right + 1]
            stop = n_candidates + end - begin
            if stop + LANES > numbers.size:
                return -1
            for entry in range(begin, end):
                place = n_candidates + entry - begin
                for k in range(3):
                    points[k, place] = coordinates[k, entry]
                numbers[place] = indices[entry]
            n_candidates = stop
    for k in range(3):
        for place in range(n_candidates, n_candidates + LANES):
            points[k, place] = FAR
    return n_candidates


@strict_kernel
def keep_within_own_reach(
    scales, begin, end, neighbors, positions, parents, liquid, other, sizes, slot
):
    """Give the listed neighbours of a particle their scales and drop those out of reach of it.

    Returns the end of those that stay.
    """
    if scales is None:
        return end
    n_slots = liquid.slot_types.size
    kept = begin
    for place in range(begin, end, LANES):
        neighbor = neighbors[place]
        parent = neighbor if neighbor < n_slots else parents[neighbor - n_slots - 1]
        square = 0.0
        for k in range(liquid.lengths.size):
            square += (positions[neighbor, k] - positions[slot, k]) ** 2
        scale = pair_scale(
            liquid.force_table,
            liquid.slot_types[slot],
            other,
            liquid.mixing,
            sizes,
            slot,
            parent,
        )
        reach = 1.0 / np.sqrt(scale) + liquid.skin
        if square < reach * reach:
            neighbors[kept] = neighbor
            scales[kept] = scale
            kept += LANES
    return kept


@strict_kernel
def clear(scales, place):
    """Give the entry of a filler a scale that is finite."""
    if scales is not None:
        scales[place] = 1.0


@strict_kernel
def search(positions, liquid, grid, entries, lists, sizes, buffers):
    """Fill the list block by block.

    Returns whether the buffers of the candidates and the list were long enough.
    """
    slot_types = liquid.slot_types
    n_slots = slot_types.size
    n_types = liquid.counts.size
    n_cells = grid[1][0] * grid[1][1] * grid[1][2]
    dimensions = liquid.lengths.size
    points, numbers = buffers
    neighbors, rows, scales = lists.neighbors, lists.rows, lists.scales
    low, high = np.zeros(3), np.zeros(3)
    ends = np.empty(LANES, np.int64)
    begin = 0
    for block in range(n_slots // LANES):
        kind = slot_types[block * LANES]
        own = positions[block * LANES : (block + 1) * LANES]
        n_own = 0
        while n_own < LANES and slot_types[block * LANES + n_own] >= 0:
            n_own += 1
        for k in range(dimensions):
            low[k] = high[k] = own[0, k]
            for lane in range(1, n_own):
                low[k] = min(low[k], own[lane, k])
                high[k] = max(high[k], own[lane, k])
        for other in range(n_types):
            rows[block * n_types + other] = begin // LANES
            reach = liquid.reach[kind, other]
            longest = begin
            n_candidates = collect_candidates(
                low, high, reach, grid, entries, other * n_cells, buffers
            )
            if n_candidates < 0:
                return False, True
            if begin + LANES * (n_candidates + LANES) > neighbors.size:
                return True, False
            for lane in range(LANES):
                ends[lane] = begin + lane
                if lane < n_own:
                    z = own[lane, 2] if dimensions == 3 else 0.0
                    ends[lane] = append_within(
                        points,
                        numbers,
                        n_candidates,
                        (own[lane, 0], own[lane, 1], z),
                        reach * reach,
                        block * LANES + lane,
                        neighbors,
                        begin + lane,
                    )
                    ends[lane] = keep_within_own_reach(
                        scales,
                        begin + lane,
                        ends[lane],
                        neighbors,
                        positions,
                        lists.parents,
                        liquid,
                        other,
                        sizes,
                        block * LANES + lane,
                    )
                longest = max(longest, ends[lane] - lane)
            for lane in range(LANES):
                for place in range(ends[lane], longest, LANES):
                    neighbors[place] = n_slots
                    clear(scales, place)
            begin = longest
    rows[n_slots // LANES * n_types] = begin // LANES
    return True, True


@strict_kernel
def longest_reach(liquid):
    """Return the largest radius of the list over all pairs of types."""
    longest = 0.0
    for reach in liquid.reach.flat:
        longest = max(longest, reach)
    return longest


@strict_kernel
def rebuild(slots, liquid, lists):
    """Wrap and sort the particles, find the ghosts and list all neighbours.

    Returns whether there was room for all of them.
    """
    slot_types, positions = liquid.slot_types, slots.positions
    n_slots = slot_types.size
    reach = longest_reach(liquid)
    grid = cell_grid(liquid.vectors, reach, n_slots)
    if lists.lacking[0] == NOTHING:
        wrap_and_sort(slots, liquid)
    n_ghosts = find_ghosts(positions, liquid, reach, lists.parents, lists.shifts)
    if n_ghosts < 0:
        lists.lacking[0] = GHOSTS
        return False
    lists.n_ghosts[0] = n_ghosts
    update_ghosts(positions, n_slots, lists)
    entries = sort_by_type_and_cell(positions, slot_types, lists, grid, liquid.counts.size)
    sizes = by_identity(liquid.diameters, slots.identity)
    n_candidates = 2048
    buffers_fit = False
    while not buffers_fit:
        buffers = np.empty((3, n_candidates)), np.empty(n_candidates, np.uint32)
        buffers_fit, list_fits = search(positions, liquid, grid, entries, lists, sizes, buffers)
        if not list_fits:
            lists.lacking[0] = NEIGHBORS
            return False
        n_candidates *= 2
    lists.lacking[0] = NOTHING
    return True
