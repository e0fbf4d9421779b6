"""Twins of the engine and the minimiser: velocity Verlet and L-BFGS on the reference forces."""

import numpy as np
from scipy.optimize import minimize as scipy_minimize

from vitreous.simulate import minimize


def naive_run(system, configuration, velocities, time_step, n_steps):
    """Velocity Verlet: positions and velocities at the end."""
    positions, velocities = configuration.positions.copy(), velocities.copy()
    forces = system.forces(configuration)
    for _ in range(n_steps):
        velocities += 0.5 * time_step * forces
        positions += time_step * velocities
        forces = system.forces(configuration.with_positions(positions))
        velocities += 0.5 * time_step * forces
    return positions, velocities


def near_a_minimum(system, configuration):
    """Where two minimisers cannot but find the same minimum."""
    minimum = minimize(system, configuration).configuration
    shaken = np.random.default_rng(1).normal(0, 0.01, minimum.positions.shape)
    return minimum.with_positions(minimum.positions + shaken)


def scipy_minimum(system, start):
    """Energy of the minimum, and the configuration there."""

    def energy_and_gradient(flat):
        moved = start.with_positions(flat.reshape(start.positions.shape))
        return system.potential_energy(moved), -system.forces(moved).ravel()

    found = scipy_minimize(
        energy_and_gradient,
        start.positions.ravel(),
        jac=True,
        method="L-BFGS-B",
        options={"maxiter": 5000, "ftol": 1e-15, "gtol": 1e-6},
    )
    return found.fun, start.with_positions(found.x.reshape(start.positions.shape))
