"""Forces and own blocks of the Hessian against differences of energies and the whole matrix."""

import numpy as np
import pytest

from vitreous.liquid import KobAndersen, KobAndersen2D, hessian, local_field
from vitreous.simulate import minimize


@pytest.fixture(params=[(KobAndersen2D(), 60), (KobAndersen(), 160)], ids=["2D", "3D"])
def liquid(request):
    """A system and particles that neither overlap nor rest."""
    system, n_particles = request.param
    start = system.random_configuration(n_particles, 1)
    return system, minimize(system, start, force_tolerance=30.0).configuration


def test_agrees_with_the_whole_hessian_and_the_forces(liquid):
    system, configuration = liquid
    forces, curvatures = local_field(system, configuration)
    n, d = configuration.positions.shape
    whole = hessian(system, configuration).toarray().reshape(n, d, n, d)
    diagonal = whole[np.arange(n), :, np.arange(n)]
    np.testing.assert_allclose(forces, system.forces(configuration), rtol=1e-11, atol=1e-9)
    np.testing.assert_allclose(curvatures, diagonal, rtol=1e-11, atol=1e-9)


def test_brute_force_differences_of_the_energy(liquid):
    system, configuration = liquid
    forces, curvatures = local_field(system, configuration)
    step = 1e-5
    for particle in (0, 17):
        slopes = np.empty((configuration.dimensions, 2))
        for k in range(configuration.dimensions):
            pushed = []
            for sign in (1, -1):
                positions = configuration.positions.copy()
                positions[particle, k] += sign * step
                moved = configuration.with_positions(positions)
                pushed.append((system.potential_energy(moved), system.forces(moved)[particle]))
            (up, force_up), (down, force_down) = pushed
            slopes[k] = (down - up) / (2 * step), forces[particle, k]
            np.testing.assert_allclose(
                (force_down - force_up) / (2 * step), curvatures[particle, k], rtol=1e-4, atol=1e-2
            )
        np.testing.assert_allclose(slopes[:, 0], slopes[:, 1], rtol=1e-4, atol=1e-3)
