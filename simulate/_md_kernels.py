"""Molecular dynamics: forces, energies, velocity Verlet and the stochastic thermostat.

One step touches every array once or twice in storage order; the only indirect reads are those of
the force loop (see `_block_kernels`) and of the ghosts. Energies are computed for snapshots alone.
Nothing here is compiled with fast-math, so a trajectory depends on its seed only.
"""

import numpy as np

from ..compiled.decorators import strict_kernel
from ..compiled.generators import generator_at
from ..compiled.vectors import LANES
from ._block_kernels import block_forces
from ._list_kernels import NOTHING, rebuild, update_ghosts
from ._scalar_kernels import pair_energy, scale_of


@strict_kernel
def compute_forces(slots, liquid, lists):
    """Write the forces on all slots."""
    positions, forces, table = slots.positions, slots.forces, liquid.force_table
    neighbors, rows, scales = lists.neighbors, lists.rows, lists.scales
    if liquid.lengths.size == 2:
        for block in range(liquid.slot_types.size // LANES):
            kind = liquid.slot_types[block * LANES]
            block_forces(positions, neighbors, rows, table, scales, forces, block, kind, 2)
    else:
        for block in range(liquid.slot_types.size // LANES):
            kind = liquid.slot_types[block * LANES]
            block_forces(positions, neighbors, rows, table, scales, forces, block, kind, 3)


@strict_kernel
def compute_energies(slots, liquid, lists, energies):
    """Write half the pair energies of each slot; zero for fillers."""
    positions, neighbors, rows = slots.positions, lists.neighbors, lists.rows
    n_types = liquid.counts.size
    dimensions = liquid.lengths.size
    energies[:] = 0.0
    for block in range(liquid.slot_types.size // LANES):
        kind = liquid.slot_types[block * LANES]
        for other in range(n_types):
            line = block * n_types + other
            for place in range(LANES * rows[line], LANES * rows[line + 1]):
                slot = block * LANES + place % LANES
                neighbor = neighbors[place]
                square = 0.0
                for k in range(dimensions):
                    square += (positions[neighbor, k] - positions[slot, k]) ** 2
                scale = scale_of(lists.scales, place)
                energies[slot] += 0.5 * pair_energy(square, liquid.energy_table, kind, other, scale)


@strict_kernel
def has_moved(positions, reference, distance):
    """Whether any particle is farther than `distance` from its reference position."""
    limit = distance * distance
    moved = False
    if positions.shape[1] == 2:
        for slot in range(reference.shape[0]):
            dx = positions[slot, 0] - reference[slot, 0]
            dy = positions[slot, 1] - reference[slot, 1]
            moved |= dx * dx + dy * dy > limit
    else:
        for slot in range(reference.shape[0]):
            dx = positions[slot, 0] - reference[slot, 0]
            dy = positions[slot, 1] - reference[slot, 1]
            dz = positions[slot, 2] - reference[slot, 2]
            moved |= dx * dx + dy * dy + dz * dz > limit
    return moved


@strict_kernel
def refresh(slots, liquid, lists, skin):
    """Bring ghosts, lists and forces up to date with the positions of the particles.

    Returns whether there was room for all ghosts and neighbours.
    """
    if lists.lacking[0] != NOTHING or has_moved(slots.positions, slots.reference, 0.5 * skin):
        if not rebuild(slots, liquid, lists):
            return False
    else:
        update_ghosts(slots.positions, liquid.slot_types.size, lists)
    compute_forces(slots, liquid, lists)
    return True


@strict_kernel
def twice_kinetic_energy(velocities):
    """Sum of squared velocities, in four interleaved partial sums."""
    values = velocities.ravel()
    a = b = c = d = 0.0
    for k in range(0, values.size, 4):
        a += values[k] * values[k]
        b += values[k + 1] * values[k + 1]
        c += values[k + 2] * values[k + 2]
        d += values[k + 3] * values[k + 3]
    return (a + b) + (c + d)


@strict_kernel
def rescaling_factor(twice_kinetic, temperature, degrees_of_freedom, memory, generator):
    """Draw the factor of the velocities over one step, exact for any ``memory = exp(-dt / tau)``.

    G. Bussi, D. Donadio and M. Parrinello, J. Chem. Phys. 126, 014101 (2007), equation A7.
    """
    if twice_kinetic == 0.0:
        return 1.0
    ratio = (1.0 - memory) * temperature / twice_kinetic
    first = generator.standard_normal()
    others = 2.0 * generator.standard_gamma(0.5 * (degrees_of_freedom - 1))
    cross = np.sqrt(memory * ratio)
    square = memory + ratio * (first * first + others) + 2.0 * first * cross
    factor = np.sqrt(max(square, 0.0))
    return -factor if first * np.sqrt(ratio) < -np.sqrt(memory) else factor


@strict_kernel
def advance(slots, liquid, lists, skin, n_steps, time_step, thermostat, random):
    """Advance by velocity Verlet; `thermostat` is (temperature, degrees of freedom, memory).

    A memory of 1 leaves the velocities alone and draws no random number; `random` are addresses of
    a generator. Returns the number of steps done, fewer than asked for if there was no room. Two
    calls in a row are the same, bit by bit, as one of all their steps.
    """
    generator = generator_at(random)
    temperature, degrees_of_freedom, memory = thermostat
    half = 0.5 * time_step
    velocities, forces = slots.velocities.ravel(), slots.forces.ravel()
    positions = slots.positions.ravel()
    for step in range(n_steps):
        if lists.lacking[0] == NOTHING:
            for k in range(velocities.size):
                velocities[k] += half * forces[k]
                positions[k] += time_step * velocities[k]
        if not refresh(slots, liquid, lists, skin):
            return step
        for k in range(velocities.size):
            velocities[k] += half * forces[k]
        if memory < 1.0:
            factor = rescaling_factor(
                twice_kinetic_energy(velocities), temperature, degrees_of_freedom, memory, generator
            )
            for k in range(velocities.size):
                velocities[k] *= factor
    return n_steps
