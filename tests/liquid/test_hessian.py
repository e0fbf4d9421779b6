"""The Hessian against finite differences of the reference forces."""

import numpy as np
import pytest

from vitreous.liquid import (
    Box,
    Configuration,
    KobAndersen,
    KobAndersen2D,
    PairPotential,
    PolydisperseSoftSpheres,
    System,
    hessian,
)


def lattice_liquid(system, side, tilts=()):
    """Shake a lattice, so that no particles overlap; the box may be tilted."""
    d = system.dimensions
    generator = np.random.default_rng(1)
    axes = np.meshgrid(*[np.arange(side)] * d, indexing="ij")
    fractions = (np.stack(axes, axis=-1).reshape(-1, d) + 0.5) / side - 0.5
    n_particles = len(fractions)
    box = Box(system.box(n_particles).lengths, tilts)
    positions = fractions @ box.matrix.T + generator.uniform(-0.1, 0.1, (n_particles, d))
    types = generator.integers(0, len(system.species), n_particles)
    if isinstance(system, PolydisperseSoftSpheres):
        start = system.random_configuration(n_particles, random_state=1)
        return start.with_positions(positions)
    return Configuration.wrapped(positions, types, box, system.species)


SYSTEMS = {
    "KA2D": (KobAndersen2D(), 7, ()),
    "KA2D tilted": (KobAndersen2D(), 7, (0.3,)),
    "KA": (KobAndersen(), 6, ()),
    "polydisperse": (PolydisperseSoftSpheres(), 6, ()),
}


@pytest.mark.parametrize("case", SYSTEMS)
def test_is_the_derivative_of_the_forces(case):
    system, side, tilts = SYSTEMS[case]
    configuration = lattice_liquid(system, side, tilts)
    matrix = hessian(system, configuration)
    assert matrix.shape == (configuration.positions.size,) * 2
    generator = np.random.default_rng(2)
    for coordinate in generator.integers(0, len(configuration.positions.ravel()), 5):
        step = np.zeros(configuration.positions.size)
        step[coordinate] = 1e-5
        forces = [
            system.forces(
                configuration.with_positions(
                    configuration.positions + sign * step.reshape(configuration.positions.shape)
                )
            )
            for sign in (-1, 1)
        ]
        expected = (forces[0] - forces[1]).ravel() / 2e-5
        scale = abs(expected).max()
        assert scale > 10
        np.testing.assert_allclose(matrix @ step / 1e-5, expected, atol=1e-6 * scale)


def test_is_symmetric_and_blind_to_translations():
    system = KobAndersen()
    matrix = hessian(system, lattice_liquid(system, 6))
    dense = matrix.toarray()
    assert abs(dense - dense.T).max() < 1e-10 * abs(dense).max()
    translations = np.tile(np.eye(3), (216, 1))
    assert abs(matrix @ translations).max() < 1e-10 * abs(dense).max()


def test_particles_without_neighbors_have_empty_rows():
    spheres = PairPotential.harmonic([[1.0]], [[1.0]])
    system = System("spheres", "A", [1], 0.5, 2, spheres)
    box = Box.cube(6.0, dimensions=2)
    configuration = Configuration([[0.0, 0.0], [2.0, 2.0], [2.6, 2.0]], [0, 0, 0], box, "A")
    matrix = hessian(system, configuration).toarray()
    assert not matrix[:2].any()
    np.testing.assert_allclose(np.diag(matrix)[2:], [1.0, 1 - 1 / 0.6, 1.0, 1 - 1 / 0.6])
