"""Molecular dynamics in spheres that does not depend on how many particles there are.

As in `_cage_kernels`, lists are permanent and ``slots.reference`` holds the centres. But walls are
fixed in space, so that nothing recoils, and there is no thermostat: what a particle does depends on
its surroundings alone.
"""

import numpy as np

from ..compiled.decorators import strict_kernel
from ._list_kernels import update_ghosts
from ._md_kernels import compute_forces


@strict_kernel
def advance_between_walls(slots, liquid, lists, radius, n_steps, time_step, shifts, sums):
    """Advance by velocity Verlet within the spheres and add up where particles are.

    `shifts` (n_slots, d) lead from the centres to the places from which distances are taken; `sums`
    over the steps are those of the displacements from the centres (n_slots, d), of their squares
    (n_slots,) and of the distances (n_slots,).
    """
    half = 0.5 * time_step
    n_slots = liquid.slot_types.size
    velocities, forces = slots.velocities.ravel(), slots.forces.ravel()
    positions = slots.positions.ravel()
    for _ in range(n_steps):
        for k in range(velocities.size):
            velocities[k] += half * forces[k]
            positions[k] += time_step * velocities[k]
        update_ghosts(slots.positions, n_slots, lists)
        compute_forces(slots, liquid, lists)
        for k in range(velocities.size):
            velocities[k] += half * forces[k]
        turn_back_at_walls(slots, liquid, radius)
        add_places(slots, liquid, shifts, sums)


@strict_kernel
def turn_back_at_walls(slots, liquid, radius):
    """Reflect the velocities of particles that are outside of their spheres and going further."""
    positions, velocities, centers = slots.positions, slots.velocities, slots.reference
    for slot in range(centers.shape[0]):
        square, outward = 0.0, 0.0
        for k in range(liquid.lengths.size):
            from_center = positions[slot, k] - centers[slot, k]
            square += from_center * from_center
            outward += from_center * velocities[slot, k]
        if square > radius * radius and outward > 0.0:
            turn = 2.0 * outward / square
            for k in range(liquid.lengths.size):
                velocities[slot, k] -= turn * (positions[slot, k] - centers[slot, k])


@strict_kernel
def add_places(slots, liquid, shifts, sums):
    """Add displacements from the centres, their squares, and distances from the shifted centres."""
    first, second, distances = sums
    for slot in range(first.shape[0]):
        square = 0.0
        for k in range(liquid.lengths.size):
            from_center = slots.positions[slot, k] - slots.reference[slot, k]
            first[slot, k] += from_center
            second[slot] += from_center * from_center
            square += (from_center - shifts[slot, k]) ** 2
        distances[slot] += np.sqrt(square)
