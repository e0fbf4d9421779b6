"""Molecular dynamics of particles that may not leave spheres around where they started.

The spheres make the neighbour list permanent: built once with a skin of two radii, it never misses
a pair, slots are never sorted again, and ``slots.reference`` holds the centres for good. A step is
therefore that of `_md_kernels.advance` without a look at the list, plus one pass over the particles
that turns back those which are leaving and adds up where all of them are.
"""

import numpy as np

from ..compiled.decorators import strict_kernel
from ..compiled.generators import generator_at
from ._list_kernels import update_ghosts
from ._md_kernels import compute_forces, rescaling_factor, twice_kinetic_energy


@strict_kernel
def turn_back(slots, liquid, radius):
    """Reflect the velocities of the particles that are outside of their spheres and going further.

    The recoil is shared by all others, so that the total momentum, which must be zero, stays what
    it is, and so does the energy as long as no two particles turn back in the same step.
    """
    positions, velocities, centers = slots.positions, slots.velocities, slots.reference
    dimensions = liquid.lengths.size
    n_particles = liquid.counts.sum()
    inertia = n_particles / (n_particles - 1.0)
    recoil = np.zeros(dimensions)
    for slot in range(centers.shape[0]):
        square, outward = 0.0, 0.0
        for k in range(dimensions):
            from_center = positions[slot, k] - centers[slot, k]
            square += from_center * from_center
            outward += from_center * velocities[slot, k]
        if square > radius * radius and outward > 0.0:
            turn = 2.0 * inertia * outward / square
            for k in range(dimensions):
                change = turn * (positions[slot, k] - centers[slot, k])
                velocities[slot, k] -= change
                recoil[k] += change
    if recoil.any():
        for slot in range(centers.shape[0]):
            if liquid.slot_types[slot] >= 0:
                for k in range(dimensions):
                    velocities[slot, k] += recoil[k] / n_particles


@strict_kernel
def advance_confined(slots, liquid, lists, radius, n_steps, time_step, thermostat, random, moments):
    """Advance by velocity Verlet within the spheres and add up the moments of the displacements.

    `thermostat` is (temperature, degrees of freedom, memory), `random` are addresses of a
    generator; `moments` are the sums over the steps of the displacements from the centres
    (n_slots, d) and of their squares (n_slots,).
    """
    generator = generator_at(random)
    temperature, degrees_of_freedom, memory = thermostat
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
        turn_back(slots, liquid, radius)
        factor = rescaling_factor(
            twice_kinetic_energy(velocities), temperature, degrees_of_freedom, memory, generator
        )
        for k in range(velocities.size):
            velocities[k] *= factor
        add_moments(slots, liquid, moments)


@strict_kernel
def add_moments(slots, liquid, moments):
    """Add the displacements from the centres and their squares."""
    first, second = moments
    for slot in range(first.shape[0]):
        for k in range(liquid.lengths.size):
            from_center = slots.positions[slot, k] - slots.reference[slot, k]
            first[slot, k] += from_center
            second[slot] += from_center * from_center
