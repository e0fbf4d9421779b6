"""Exchanges of types that are drawn by what they cost, at fixed positions.

Most exchanges drawn at random cost many times the thermal energy. What one costs is, save for
common neighbours, the sum of what its two particles cost. So each particle has a weight,
exp(-cost / 2T), and both particles of an exchange are drawn by theirs. The weights are the leaves
of binary trees of sums, where a draw goes down from the root and a change goes up from a leaf.

An exchange changes the costs of all neighbours, and of itself. With W the sums of the weights and w
those of the two particles, before and, primed, after the exchange, it is drawn with w w / W W and
drawn back with w' w' / W' W', so that detailed balance asks to accept it with the probability

    min(1, exp(-change / T) (w' w' / W' W') / (w w / W W)).

Where the two have no neighbour in common w' w' / w w = exp(change / T), and only the sums remain.
"""

from collections import namedtuple

import numpy as np

from ..compiled.decorators import strict_kernel
from ..compiled.generators import generator_at
from ._scalar_kernels import energy_of_kinds
from ._swap_kernels import particle_energy, place_of, set_kind, sort_members

Costs = namedtuple("Costs", ["energies", "before", "changed", "shifts", "trees"])
"""Energy of each slot were it of each type (N, S); the same before a move, of the slots (n,) that
it changed. For each pair of types and either of them: logarithm of the largest weight (P, 2), by
which all are divided; tree of weights (P, 2, 2 M), leaves from M on, and at k the sum of 2 k and
2 k + 1."""

# Weights stay below exp of this times the largest at first, so that sums of them are numbers.
_LARGEST_EXPONENT = 300.0


@strict_kernel
def run_exchanges(
    slots, liquid, lists, mixture, vicinity, course, costs, temperature, n_moves, random, records
):
    """Attempt exchanges of types, after a survey; pairs of types are drawn evenly."""
    generator = generator_at(random)
    kinds, pairs, n_pairs = vicinity.kinds, mixture.swap_pairs, mixture.swap_pairs.shape[0]
    energies, trees = costs.energies, costs.trees
    find_costs(slots.positions, liquid, mixture, vicinity, costs, temperature)
    for _ in range(n_moves):
        pair = int(generator.random() * n_pairs)
        records.attempted[pair] += 1
        a, b = pairs[pair]
        tree_a, tree_b = trees[pair, 0], trees[pair, 1]
        total = tree_a[1] * tree_b[1]
        if total == 0.0:
            continue
        i, j = drawn(tree_a, generator.random()), drawn(tree_b, generator.random())
        old = energies[i, a] + energies[j, b]
        log_drawn = log_weight(costs, pairs, pair, 0, i, temperature)
        log_drawn += log_weight(costs, pairs, pair, 1, j, temperature)
        n_changed = exchange(slots.positions, liquid, lists, mixture, vicinity, costs, i, j, a, b)
        weigh_changed(costs, pair, pairs, kinds, i, j, n_changed, temperature)
        change = energies[i, b] + energies[j, a] - old
        log_drawn_back = log_weight(costs, pairs, pair, 1, i, temperature)
        log_drawn_back += log_weight(costs, pairs, pair, 0, j, temperature)
        ratio = np.exp(log_drawn_back - log_drawn - change / temperature)
        if generator.random() * tree_a[1] * tree_b[1] < ratio * total:
            records.accepted[pair] += 1
            course.energy[0] += change
            for other in range(n_pairs):
                if other != pair:
                    weigh_changed(costs, other, pairs, kinds, i, j, n_changed, temperature)
        else:
            kinds[i], kinds[j] = a, b
            # A common neighbour is there twice, and was first what it is to be again.
            for k in range(n_changed - 1, -1, -1):
                energies[costs.changed[k]] = costs.before[k]
            weigh_changed(costs, pair, pairs, kinds, i, j, n_changed, temperature)
    for slot in range(liquid.counts[0]):
        set_kind(vicinity, slot, kinds[slot], liquid.slot_types.size)
        mixture.kinds[slots.identity[slot]] = kinds[slot]
    sort_members(kinds, course.members, course.first_member)


@strict_kernel
def find_costs(positions, liquid, mixture, vicinity, costs, temperature):
    """Find the energy of each particle were it of each type, and all weights."""
    n_particles = liquid.counts[0]
    half = costs.trees.shape[2] // 2
    for slot in range(n_particles):
        point = place_of(positions, slot)
        for kind in range(costs.energies.shape[1]):
            costs.energies[slot, kind] = particle_energy(
                positions, vicinity, mixture, slot, point, kind
            )
    costs.trees[:] = 0.0
    costs.shifts[:] = 0.0
    pairs = mixture.swap_pairs
    for pair in range(pairs.shape[0]):
        for side in range(2):
            own, tree = pairs[pair, side], costs.trees[pair, side]
            largest = -np.inf
            for slot in range(n_particles):
                if vicinity.kinds[slot] == own:
                    exponent = log_weight(costs, pairs, pair, side, slot, temperature)
                    largest = max(largest, exponent)
            costs.shifts[pair, side] = largest
            for slot in range(n_particles):
                if vicinity.kinds[slot] == own:
                    exponent = log_weight(costs, pairs, pair, side, slot, temperature)
                    tree[half + slot] = np.exp(exponent)
            for node in range(half - 1, 0, -1):
                tree[node] = tree[2 * node] + tree[2 * node + 1]


@strict_kernel
def log_weight(costs, pairs, pair, side, slot, temperature):
    """Logarithm of the weight of a particle of one type of a pair to become of the other."""
    own, other = pairs[pair, side], pairs[pair, 1 - side]
    cost = costs.energies[slot, other] - costs.energies[slot, own]
    return min(-0.5 * cost / temperature - costs.shifts[pair, side], _LARGEST_EXPONENT)


@strict_kernel
def drawn(tree, uniform):
    """Draw a leaf by a number between 0 and 1; never one of weight 0."""
    half = tree.size // 2
    rest, node = uniform * tree[1], 1
    while node < half:
        node *= 2
        if tree[node + 1] > 0.0 and rest >= tree[node]:
            rest -= tree[node]
            node += 1
    return node - half


@strict_kernel
def exchange(positions, liquid, lists, mixture, vicinity, costs, i, j, a, b):
    """Exchange the types of two slots, tell their neighbours, and return how many these are.

    What the energies of neighbours were is kept.
    """
    n_slots = liquid.slot_types.size
    table, mixing, energies = mixture.table, mixture.mixing, costs.energies
    largest_square = (liquid.reach[0, 0] - liquid.skin) ** 2
    n_changed = 0
    for slot, old, new in ((i, a, b), (j, b, a)):
        for entry in range(vicinity.starts[slot], vicinity.starts[slot + 1]):
            neighbor = np.int64(vicinity.neighbors[entry])
            square = 0.0
            for k in range(liquid.lengths.size):
                separation = positions[neighbor, k] - positions[slot, k]
                square += separation * separation
            if square >= largest_square:
                continue
            if neighbor > n_slots:
                neighbor = lists.parents[neighbor - n_slots - 1]
            costs.changed[n_changed] = neighbor
            costs.before[n_changed] = energies[neighbor]
            n_changed += 1
            for kind in range(energies.shape[1]):
                energies[neighbor, kind] += energy_of_kinds(square, table, mixing, kind, new)
                energies[neighbor, kind] -= energy_of_kinds(square, table, mixing, kind, old)
        vicinity.kinds[slot] = new
    return n_changed


@strict_kernel
def weigh_changed(costs, pair, pairs, kinds, i, j, n_changed, temperature):
    """Bring the trees of one pair of types up to date after a move, or after it was undone."""
    for side in range(2):
        own, tree = pairs[pair, side], costs.trees[pair, side]
        for slot in (i, j):
            weight = 0.0
            if kinds[slot] == own:
                weight = np.exp(log_weight(costs, pairs, pair, side, slot, temperature))
            set_leaf(tree, slot, weight)
        for k in range(n_changed):
            slot = costs.changed[k]
            if kinds[slot] == own:
                exponent = log_weight(costs, pairs, pair, side, slot, temperature)
                set_leaf(tree, slot, np.exp(exponent))


@strict_kernel
def set_leaf(tree, leaf, weight):
    """Set a weight and all sums that it is part of."""
    node = leaf + tree.size // 2
    tree[node] = weight
    while node > 1:
        node >>= 1
        tree[node] = tree[2 * node] + tree[2 * node + 1]
