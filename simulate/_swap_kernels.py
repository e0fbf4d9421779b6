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
from ._lattice_kernels import squared_distance
from ._list_kernels import rebuild
from ._scalar_kernels import energy_of_kinds, types_of_kinds

Mixture = namedtuple(
    "Mixture", ["table", "mixing", "has_root", "swap_pairs", "swap_range", "kinds"]
)
"""Potential, mixing of diameters or None, whether any k1 is not zero, exchanged pairs of types
(P, 2), largest exchanged difference of diameters, kinds by identity."""

Vicinity = namedtuple("Vicinity", ["kinds", "neighbors", "starts", "ghosts", "ghost_starts"])
"""Kinds of slots and ghosts, neighbours and ghosts of each slot."""

Records = namedtuple("Records", ["energies", "attempted", "accepted"])
"""Recorded total energies; attempted and accepted moves: exchanges of each pair of types, then
displacements."""

Course = namedtuple("Course", ["members", "first_member", "energy", "step", "moving"])
"""What a run goes on from: slots ordered by type and the start of each type; (1,) total energy; the
displacement (3,) and (1,) identity of a particle that is on its way, -1 if none is."""


@strict_kernel
def survey(slots, liquid, lists, mixture, vicinity, course):
    """Rebuild the list, lay it out particle by particle and add up the energy.

    Returns whether there was room for all ghosts and neighbours.
    """
    if not rebuild(slots, liquid, lists):
        return False
    n_particles = liquid.counts[0]
    n_slots = liquid.slot_types.size
    n_ghosts = lists.n_ghosts[0]
    kinds, neighbors, starts = vicinity.kinds, vicinity.neighbors, vicinity.starts
    ghosts, ghost_starts = vicinity.ghosts, vicinity.ghost_starts
    for slot in range(n_particles):
        kinds[slot] = mixture.kinds[slots.identity[slot]]
    ghost_starts[:] = 0
    for ghost in range(n_ghosts):
        kinds[n_slots + 1 + ghost] = kinds[lists.parents[ghost]]
        ghost_starts[lists.parents[ghost] + 1] += 1
    for slot in range(n_particles):
        ghost_starts[slot + 1] += ghost_starts[slot]
    places = ghost_starts.copy()
    for ghost in range(n_ghosts):
        parent = lists.parents[ghost]
        ghosts[places[parent]] = ghost
        places[parent] += 1
    starts[0] = 0
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
    sort_members(types_of_kinds(mixture.mixing, kinds), course.members, course.first_member)
    course.energy[0] = total_energy(slots.positions, vicinity, mixture)
    return True


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
def exchange_energy(positions, vicinity, mixture, vectors, i, j):
    """Change of the energy when two particles exchange their kinds.

    Changing one after the other in the field of the old kinds counts their own pair as if it
    changed, while V_ab = V_ba says that it does not.
    """
    a, b = vicinity.kinds[i], vicinity.kinds[j]
    square = squared_distance(positions, i, j, vectors)
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
def sort_members(types, members, starts):
    """Order the slots by type and tell the start of each type."""
    starts[:] = 0
    for slot in range(members.size):
        starts[types[slot] + 1] += 1
    for kind in range(starts.size - 1):
        starts[kind + 1] += starts[kind]
    places = starts.copy()
    for slot in range(members.size):
        members[places[types[slot]]] = slot
        places[types[slot]] += 1


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
def run_moves(
    slots,
    liquid,
    lists,
    mixture,
    vicinity,
    course,
    skin,
    settings,
    first,
    stop,
    n_sweeps,
    record_every,
    random,
    records,
):
    """Attempt the moves `first` to `stop` of a run of N times ``n_sweeps`` moves, after a survey.

    `settings` is (temperature, swap fraction, displacement), `random` are addresses of a generator.
    Particles whose diameters differ by more than the swap range are drawn again, which is
    symmetric. Gaussian steps longer than half the skin are not attempted, which keeps proposals
    symmetric and the neighbour list valid. Returns the first move that was not done, below `stop`
    if there was no room.
    """
    generator = generator_at(random)
    members, first_member = course.members, course.first_member
    energies, attempted, accepted = records
    temperature, swap_fraction, width = settings
    swap_pairs, mixing = mixture.swap_pairs, mixture.mixing
    n_particles, n_slots = liquid.counts[0], liquid.slot_types.size
    dimensions = liquid.lengths.size
    n_pairs = swap_pairs.shape[0]
    limit = 0.25 * skin * skin
    positions, step = slots.positions, course.step
    energy = course.energy[0]
    while first < stop:
        sweep = first // n_particles + 1
        stop_of_sweep = min(sweep * n_particles, stop)
        for move in range(first, stop_of_sweep):
            slot = 0
            if course.moving[0] < 0:
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
                    change = exchange_energy(positions, vicinity, mixture, liquid.vectors, i, j)
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
                    moved = positions[slot, k] + step[k] - slots.reference[slot, k]
                    from_reference += moved * moved
                if length_square > limit:
                    continue
                if from_reference > limit:
                    course.moving[0] = slots.identity[slot]
            if course.moving[0] >= 0:
                if not survey(slots, liquid, lists, mixture, vicinity, course):
                    return move
                energy = course.energy[0]
                slot = 0
                while slots.identity[slot] != course.moving[0]:
                    slot += 1
                course.moving[0] = -1
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
    course.energy[0] = energy
    return stop
