"""Monte Carlo moves: displacements of one particle and exchanges of the kinds of two.

The kind of a particle is its type, or its diameter where diameters are continuous; which of both
decides what is compiled. The neighbour list has one radius for all kinds, so that it survives an
exchange; it comes from `_list_kernels`, which sees a liquid with a single type. Rows of eight suit
the forces on all particles; the energy of one particle wants its neighbours side by side, so the
list is copied particle by particle. Ghosts carry the periodicity here as well: a particle that
moves or changes its kind takes its few ghosts along, and the loop over neighbours knows nothing of
the box.
"""

from collections import namedtuple

import numpy as np

from ..compiled.decorators import strict_kernel
from ..compiled.generators import generator_at
from ..compiled.vectors import LANES
from ._block_kernels import energy_at
from ._list_kernels import rebuild
from ._scalar_kernels import empty_kinds, energy_of_kinds, types_of_kinds

Mixture = namedtuple(
    "Mixture", ["table", "mixing", "has_root", "n_types", "swap_pairs", "swap_range", "kinds"]
)
"""Potential, mixing of diameters or None, whether any k1 is not zero, number of types, exchanged
pairs of types (P, 2), largest exchanged difference of diameters, kinds by identity."""

Vicinity = namedtuple("Vicinity", ["kinds", "neighbors", "starts", "ghosts", "ghost_starts"])
"""Kinds of slots and ghosts, neighbours and ghosts of each slot."""

Records = namedtuple("Records", ["energies", "attempted", "accepted"])
"""Recorded total energies; attempted and accepted moves: exchanges of each pair of types, then
displacements."""


@strict_kernel
def survey(slots, liquid, lists, mixture):
    """Rebuild the list and lay it out particle by particle."""
    slots, lists = rebuild(slots, liquid, lists)
    n_particles = liquid.counts[0]
    n_slots = liquid.slot_types.size
    n_entries = n_slots + 1 + lists.n_ghosts
    kinds = empty_kinds(mixture.mixing, n_entries)
    for slot in range(n_particles):
        kinds[slot] = mixture.kinds[slots.identity[slot]]
    ghost_starts = np.zeros(n_particles + 1, np.int64)
    for ghost in range(lists.n_ghosts):
        kinds[n_slots + 1 + ghost] = kinds[lists.parents[ghost]]
        ghost_starts[lists.parents[ghost] + 1] += 1
    for slot in range(n_particles):
        ghost_starts[slot + 1] += ghost_starts[slot]
    ghosts = np.empty(lists.n_ghosts, np.int64)
    places = ghost_starts.copy()
    for ghost in range(lists.n_ghosts):
        parent = lists.parents[ghost]
        ghosts[places[parent]] = ghost
        places[parent] += 1
    starts = np.zeros(n_particles + 1, np.int64)
    neighbors = np.empty(LANES * (lists.rows[-1] + n_particles), np.uint32)
    n_neighbors = 0
    for slot in range(n_particles):
        block, lane = slot // LANES, slot % LANES
        for row in range(lists.rows[block], lists.rows[block + 1]):
            neighbor = lists.neighbors[row * LANES + lane]
            if neighbor != n_slots:
                neighbors[n_neighbors] = neighbor
                n_neighbors += 1
        while n_neighbors % LANES != 0:
            neighbors[n_neighbors] = n_slots
            n_neighbors += 1
        starts[slot + 1] = n_neighbors
    vicinity = Vicinity(kinds, neighbors, starts, ghosts, ghost_starts)
    return slots, lists, vicinity


@strict_kernel
def particle_energy(positions, vicinity, mixture, slot, point, kind):
    """Energy of one particle, were it at a point and of a kind."""
    begin, end = vicinity.starts[slot], vicinity.starts[slot + 1]
    kinds, neighbors, table = vicinity.kinds, vicinity.neighbors, mixture.table
    mixing, root = mixture.mixing, mixture.has_root
    if positions.shape[1] == 2:
        return energy_at(
            positions, kinds, neighbors, table, begin, end, point, kind, mixing, root, 2
        )
    return energy_at(positions, kinds, neighbors, table, begin, end, point, kind, mixing, root, 3)


@strict_kernel
def place_of(positions, slot):
    """Position of a slot; the third coordinate means nothing in 2D."""
    return positions[slot, 0], positions[slot, 1], positions[slot, -2]


@strict_kernel
def total_energy(positions, vicinity, mixture):
    """Sum over all pairs, from the neighbour list."""
    twice = 0.0
    for slot in range(vicinity.starts.size - 1):
        point, kind = place_of(positions, slot), vicinity.kinds[slot]
        twice += particle_energy(positions, vicinity, mixture, slot, point, kind)
    return 0.5 * twice


@strict_kernel
def change_of_kind(positions, vicinity, mixture, slot, new_kind):
    """Change of the energy when one particle takes a new kind and nothing else happens."""
    point, kind = place_of(positions, slot), vicinity.kinds[slot]
    return particle_energy(positions, vicinity, mixture, slot, point, new_kind) - particle_energy(
        positions, vicinity, mixture, slot, point, kind
    )


@strict_kernel
def exchange_energy(positions, vicinity, mixture, lengths, i, j):
    """Change of the energy when two particles exchange their kinds.

    Changing one after the other in the field of the old kinds counts their own pair as if it
    changed, while V_ab = V_ba says that it does not.
    """
    a, b = vicinity.kinds[i], vicinity.kinds[j]
    square = 0.0
    for k in range(lengths.size):
        separation = positions[i, k] - positions[j, k]
        separation -= lengths[k] * np.rint(separation / lengths[k])
        square += separation * separation
    table, mixing = mixture.table, mixture.mixing
    own = energy_of_kinds(square, table, mixing, a, a)
    own += energy_of_kinds(square, table, mixing, b, b)
    own -= 2.0 * energy_of_kinds(square, table, mixing, a, b)
    change = change_of_kind(positions, vicinity, mixture, i, b)
    return change + change_of_kind(positions, vicinity, mixture, j, a) - own


@strict_kernel
def set_kind(vicinity, slot, kind, n_slots):
    """Give a particle and its ghosts a kind."""
    vicinity.kinds[slot] = kind
    for place in range(vicinity.ghost_starts[slot], vicinity.ghost_starts[slot + 1]):
        vicinity.kinds[n_slots + 1 + vicinity.ghosts[place]] = kind


@strict_kernel
def sort_members(types, n_particles, n_types):
    """Slots ordered by type and the start of each type."""
    starts = np.zeros(n_types + 1, np.int64)
    for slot in range(n_particles):
        starts[types[slot] + 1] += 1
    for kind in range(n_types):
        starts[kind + 1] += starts[kind]
    members = np.empty(n_particles, np.int64)
    places = starts.copy()
    for slot in range(n_particles):
        members[places[types[slot]]] = slot
        places[types[slot]] += 1
    return members, starts


@strict_kernel
def are_exchanged(mixing, kinds, i, j, swap_range):
    """Whether an exchange of two particles is to be attempted, types of which differ anyway."""
    if mixing is None:
        return True
    return i != j and abs(kinds[i] - kinds[j]) <= swap_range


@strict_kernel
def accepts(change, temperature, generator):
    """Metropolis criterion."""
    return change <= 0.0 or generator.random() < np.exp(-change / temperature)


@strict_kernel
def start_moves(slots, liquid, lists, mixture):
    """Return what `run_moves` starts from and goes on from, as plain tuples.

    Particles, lists, vicinity, slots ordered by type, start of each type among them, total energy.
    """
    slots, lists, vicinity = survey(slots, liquid, lists, mixture)
    members, first_member = sort_members(
        types_of_kinds(mixture.mixing, vicinity.kinds), liquid.counts[0], mixture.n_types
    )
    energy = total_energy(slots.positions, vicinity, mixture)
    return slots[:], lists[:], vicinity[:], members, first_member, energy


@strict_kernel
def run_moves(
    course, liquid, mixture, skin, settings, first, stop, n_sweeps, record_every, random, records
):
    """Attempt the moves `first` to `stop` of a run of N times ``n_sweeps`` moves.

    `course` is what `start_moves` returned, its first three members named; `settings` is
    (temperature, swap fraction, displacement), `random` are addresses of a generator. Particles
    whose diameters differ by more than the swap range are drawn again, which is symmetric. Gaussian
    steps longer than half the skin are not attempted, which keeps proposals symmetric and the
    neighbour list valid. Returns the course at the end, as `start_moves` does.
    """
    generator = generator_at(random)
    slots, lists, vicinity, members, first_member, energy = course
    energies, attempted, accepted = records
    temperature, swap_fraction, width = settings
    swap_pairs, n_types, mixing = mixture.swap_pairs, mixture.n_types, mixture.mixing
    n_particles, n_slots = liquid.counts[0], liquid.slot_types.size
    dimensions = liquid.lengths.size
    n_pairs = swap_pairs.shape[0]
    limit = 0.25 * skin * skin
    step = np.zeros(3)
    while first < stop:
        sweep = first // n_particles + 1
        stop_of_sweep = min(sweep * n_particles, stop)
        for _ in range(stop_of_sweep - first):
            if n_pairs > 0 and generator.random() < swap_fraction:
                pair = int(generator.random() * n_pairs)
                attempted[pair] += 1
                a, b = swap_pairs[pair]
                n_a = first_member[a + 1] - first_member[a]
                n_b = first_member[b + 1] - first_member[b]
                if n_a == 0 or n_b == 0:
                    continue
                place_a = first_member[a] + int(generator.random() * n_a)
                place_b = first_member[b] + int(generator.random() * n_b)
                i, j = members[place_a], members[place_b]
                while not are_exchanged(mixing, vicinity.kinds, i, j, mixture.swap_range):
                    place_a = first_member[a] + int(generator.random() * n_a)
                    place_b = first_member[b] + int(generator.random() * n_b)
                    i, j = members[place_a], members[place_b]
                change = exchange_energy(slots.positions, vicinity, mixture, liquid.lengths, i, j)
                if accepts(change, temperature, generator):
                    accepted[pair] += 1
                    energy += change
                    kind_i, kind_j = vicinity.kinds[i], vicinity.kinds[j]
                    set_kind(vicinity, i, kind_j, n_slots)
                    set_kind(vicinity, j, kind_i, n_slots)
                    members[place_a], members[place_b] = j, i
                    mixture.kinds[slots.identity[i]] = kind_j
                    mixture.kinds[slots.identity[j]] = kind_i
                continue
            attempted[n_pairs] += 1
            slot = int(generator.random() * n_particles)
            length_square = 0.0
            from_reference = 0.0
            for k in range(dimensions):
                step[k] = width * generator.standard_normal()
                length_square += step[k] * step[k]
                moved = slots.positions[slot, k] + step[k] - slots.reference[slot, k]
                from_reference += moved * moved
            if length_square > limit:
                continue
            if from_reference > limit:
                identity = slots.identity[slot]
                slots, lists, vicinity = survey(slots, liquid, lists, mixture)
                members, first_member = sort_members(
                    types_of_kinds(mixing, vicinity.kinds), n_particles, n_types
                )
                energy = total_energy(slots.positions, vicinity, mixture)
                slot = 0
                while slots.identity[slot] != identity:
                    slot += 1
            positions = slots.positions
            target = (
                positions[slot, 0] + step[0],
                positions[slot, 1] + step[1],
                positions[slot, -2] + step[2],
            )
            point, kind = place_of(positions, slot), vicinity.kinds[slot]
            change = particle_energy(
                positions, vicinity, mixture, slot, target, kind
            ) - particle_energy(positions, vicinity, mixture, slot, point, kind)
            if accepts(change, temperature, generator):
                accepted[n_pairs] += 1
                energy += change
                for k in range(dimensions):
                    positions[slot, k] += step[k]
                for place in range(vicinity.ghost_starts[slot], vicinity.ghost_starts[slot + 1]):
                    ghost = vicinity.ghosts[place]
                    for k in range(dimensions):
                        positions[n_slots + 1 + ghost, k] = (
                            positions[slot, k] + lists.shifts[ghost, k]
                        )
        first = stop_of_sweep
        ended = first == sweep * n_particles
        if ended and (sweep % record_every == 0 or sweep == n_sweeps):
            energies[(sweep - 1) // record_every] = energy
    return slots[:], lists[:], vicinity[:], members, first_member, energy
