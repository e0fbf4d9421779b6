"""The fast inertial relaxation engine (FIRE) on the arrays of the molecular dynamics.

All sums over particles run over the flat arrays in four interleaved partial sums, because a single
running sum would wait for every addition.
"""

import numpy as np

from ..compiled.decorators import strict_kernel
from ._list_kernels import NOTHING
from ._md_kernels import refresh

START_MIXING = 0.1
DELAY = 20
GROWTH, SHRINKAGE, MIXING_DECAY = 1.1, 0.5, 0.99
LONGEST_MOVE = 0.1


@strict_kernel
def inner_product(left, right):
    """Sum of products of two flat arrays whose length is a multiple of four."""
    a = b = c = d = 0.0
    for k in range(0, left.size, 4):
        a += left[k] * right[k]
        b += left[k + 1] * right[k + 1]
        c += left[k + 2] * right[k + 2]
        d += left[k + 3] * right[k + 3]
    return (a + b) + (c + d)


@strict_kernel
def largest(values):
    """Largest magnitude of a flat array."""
    most = 0.0
    for value in values:
        most = max(most, abs(value))
    return most


@strict_kernel
def relax(slots, liquid, lists, skin, longest_step, sum_of_squares, n_steps, course):
    """Go downhill until the squared forces add up to no more than `sum_of_squares`.

    The particles are refreshed; `course` (4,) holds time step, mixing, steps downhill and sum of
    squared forces: at first ``0.1 * longest_step, START_MIXING, 0`` and the sum, at the end what
    another call goes on from. Returns the number of steps, fewer than asked for at the minimum, or
    if there was no room.
    """
    velocities, forces = slots.velocities.ravel(), slots.forces.ravel()
    positions = slots.positions.ravel()
    time_step, mixing, downhill, squares = course[0], course[1], course[2], course[3]
    for step in range(n_steps):
        if lists.lacking[0] == NOTHING:
            if not squares > sum_of_squares:
                return step
            if inner_product(forces, velocities) > 0.0:
                downhill += 1.0
                if downhill > DELAY:
                    time_step = min(time_step * GROWTH, longest_step)
                    mixing *= MIXING_DECAY
            else:
                downhill = 0.0
                time_step *= SHRINKAGE
                mixing = START_MIXING
                for k in range(velocities.size):
                    positions[k] -= time_step * velocities[k]
                    velocities[k] = 0.0
            for k in range(velocities.size):
                velocities[k] += time_step * forces[k]
            ratio = mixing * np.sqrt(inner_product(velocities, velocities) / squares)
            for k in range(velocities.size):
                velocities[k] = (1.0 - mixing) * velocities[k] + ratio * forces[k]
            move = time_step * largest(velocities)
            brake = min(1.0, LONGEST_MOVE / move)
            for k in range(velocities.size):
                velocities[k] *= brake
                positions[k] += time_step * velocities[k]
            course[0], course[1], course[2] = time_step, mixing, downhill
        if not refresh(slots, liquid, lists, skin):
            return step
        squares = inner_product(forces, forces)
        course[3] = squares
    return n_steps
