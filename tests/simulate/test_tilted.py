"""Tilted boxes: brute force over images, naive twins, conservation laws and SciPy."""

from itertools import product

import numpy as np
import pytest
from scipy import stats
from support.mechanics import naive_run, near_a_minimum, scipy_minimum

from vitreous.liquid import (
    Box,
    Configuration,
    KobAndersen,
    KobAndersen2D,
    PolydisperseSoftSpheres,
)
from vitreous.simulate import EmbeddedEngine, SwapMonteCarlo, maxwell_velocities, minimize
from vitreous.simulate._lattice_kernels import squared_distance

KA2D, KA = KobAndersen2D(), KobAndersen()
SOFT_SPHERES = PolydisperseSoftSpheres()

BOXES = [
    (KA2D, (5.2, 5.01), (0.4,)),
    (KA2D, (5.0, 7.0), (-0.5,)),
    (KA2D, (12.0, 5.0), (1.0,)),
    (KA2D, (6.0, 5.5), (7.3,)),
    (KA, (5.3, 5.1, 5.0), (0.4, -0.3, 0.45)),
    (KA, (5.0, 6.0, 5.0), (-0.5, 0.5, -0.5)),
    (KA, (8.0, 5.0, 5.2), (2.7, -1.6, 0.8)),
]


def shortest_reach(box, cutoff):
    """Images (M, d) that can be within the cutoff of a particle in the box."""
    most = 1 + np.ceil(cutoff / box.plane_distances).astype(int)
    return np.array(list(product(*(range(-n, n + 1) for n in most)))) @ box.matrix.T


def brute_force(system, configuration):
    """Energies and forces by a sum over all pairs and all their images."""
    potential, types = system.potential, configuration.types
    images = shortest_reach(configuration.box, potential.max_cutoff)
    energies = np.zeros(configuration.n_particles)
    forces = np.zeros(configuration.positions.shape)
    for i, here in enumerate(configuration.positions):
        for j, there in enumerate(configuration.positions):
            vectors = there - here + images
            r = np.linalg.norm(vectors, axis=1)
            near = (r > 0) & (r < potential.cutoffs[types[i], types[j]])
            pair = r[near], types[i], types[j]
            energies[i] += potential.energy(*pair).sum() / 2
            forces[i] -= (potential.force(*pair) / r[near]) @ vectors[near]
    return energies, forces


@pytest.mark.parametrize("skin", [0.01, 0.35, 3.0])
@pytest.mark.parametrize(("system", "lengths", "tilts"), BOXES)
def test_energies_and_forces_against_brute_force(system, lengths, tilts, skin):
    rng = np.random.default_rng(3)
    box = Box(lengths, tilts)
    points = rng.uniform(-0.5, 0.5, (19, box.dimensions)) @ box.matrix.T
    types = rng.integers(0, len(system.species), 19)
    configuration = Configuration.wrapped(points, types, box, system.species)
    energies, forces = EmbeddedEngine(system, skin=skin).energies_and_forces(configuration)
    expected_energies, expected_forces = brute_force(system, configuration)
    np.testing.assert_allclose(energies, expected_energies, 1e-10, 1e-11)
    scale = 1 + abs(expected_forces).max()
    np.testing.assert_allclose(forces, expected_forces, 1e-10, 1e-11 * scale)


def test_continuous_diameters_against_the_reference():
    start = SOFT_SPHERES.random_configuration(200, 1)
    box = Box(np.array(start.box.lengths) * (1.1, 1.0, 1 / 1.1), (0.3, -0.2, 0.4))
    points = np.random.default_rng(1).uniform(-0.5, 0.5, (200, 3)) @ box.matrix.T
    liquid = Configuration.wrapped(points, start.types, box, start.species, start.diameters)
    energies, forces = EmbeddedEngine(SOFT_SPHERES).energies_and_forces(liquid)
    np.testing.assert_allclose(energies, SOFT_SPHERES.particle_energies(liquid), 1e-9)
    np.testing.assert_allclose(forces, SOFT_SPHERES.forces(liquid), 1e-9, 1e-11 * forces.max())


@pytest.mark.parametrize(("system", "lengths", "tilts"), BOXES)
def test_distances_of_next_images(system, lengths, tilts):
    rng = np.random.default_rng(4)
    box = Box(lengths, tilts)
    points = rng.uniform(-0.5, 0.5, (40, box.dimensions)) @ box.matrix.T
    images = shortest_reach(box, min(lengths) / 2)
    seen = 0
    for i in range(40):
        for j in range(i):
            known = ((points[i] - points[j] + images) ** 2).sum(axis=1).min()
            found = squared_distance(points, i, j, box.matrix)
            assert found >= known * (1 - 1e-12)
            if known < min(lengths) ** 2 / 4:
                seen += 1
                assert found == pytest.approx(known)
    assert seen > 100


def sheared_liquid(system, n_particles, tilts):
    side = system.box(n_particles).lengths[0]
    box = Box(np.array([1.1, 0.95, 1 / (1.1 * 0.95)])[: system.dimensions] * side, tilts)
    points = np.random.default_rng(1).uniform(-0.5, 0.5, (n_particles, box.dimensions))
    types = system.random_configuration(n_particles, 1).types
    start = Configuration.wrapped(points @ box.matrix.T, types, box, system.species)
    start = minimize(system, start, force_tolerance=0.1).configuration
    (snapshot,) = EmbeddedEngine(system, time_step=0.004).run(
        start,
        times=[4],
        velocities=maxwell_velocities(n_particles, box.dimensions, 1.0, 2),
        temperature=1.0,
        random_state=2,
    )
    return start.with_positions(snapshot.positions)


@pytest.fixture(scope="module")
def sheared_2d():
    return sheared_liquid(KA2D, 60, (0.37,))


@pytest.fixture(scope="module")
def sheared_3d():
    return sheared_liquid(KA, 250, (0.3, -0.4, 0.35))


@pytest.fixture(params=["2D", "3D"])
def sheared(request):
    if request.param == "2D":
        return KA2D, request.getfixturevalue("sheared_2d")
    return KA, request.getfixturevalue("sheared_3d")


@pytest.mark.parametrize("skin", [0.05, 0.5])
def test_sheared_trajectory_follows_naive_twin(sheared, skin):
    """Velocity Verlet with the reference forces; particles cross faces and lists are rebuilt."""
    system, start = sheared
    velocities = maxwell_velocities(start.n_particles, system.dimensions, 1.0, 5) + 40.0
    engine = EmbeddedEngine(system, time_step=0.004, skin=skin)
    (snapshot,) = engine.run(start, times=[0.12], velocities=velocities)
    positions, velocities = naive_run(system, start, velocities, 0.004, 30)
    np.testing.assert_allclose(snapshot.positions, positions, atol=1e-9)
    np.testing.assert_allclose(snapshot.velocities, velocities, atol=1e-8)


def test_energy_is_conserved_to_second_order(sheared):
    system, start = sheared
    velocities = maxwell_velocities(start.n_particles, system.dimensions, 1.0, 6)
    coarse, fine = [], []
    for step, energies in ((0.004, coarse), (0.002, fine)):
        run = EmbeddedEngine(system, time_step=step).run(
            start, times=0.08 * np.arange(41), velocities=velocities
        )
        energies += [(s.potential_energy + s.kinetic_energy) / start.n_particles for s in run]
    assert np.std(coarse) / np.std(fine) == pytest.approx(4, rel=0.3)
    slope = stats.linregress(np.arange(41), fine).slope
    assert abs(slope) * 41 < np.std(fine)


def test_minimizer_agrees_with_scipy(sheared_2d):
    start = near_a_minimum(KA2D, sheared_2d)
    energy, found = scipy_minimum(KA2D, start)
    result = minimize(KA2D, start, force_tolerance=1e-7)
    assert result.energy * start.n_particles == pytest.approx(energy, abs=1e-8)
    difference = result.configuration.positions - found.positions
    difference = start.box.minimum_image(difference - difference.mean(axis=0))
    np.testing.assert_allclose(difference - difference.mean(axis=0), 0, atol=1e-4)


def test_bookkeeping_of_monte_carlo(sheared):
    """Energies of thousands of moves add up to that of the last configuration."""
    system, start = sheared
    for fraction in (0.2, 1.0):
        monte_carlo = SwapMonteCarlo(system, swap_fraction=fraction)
        result = monte_carlo.run(start, 4.0, 30, random_state=1)
        assert min(result.swap_acceptance.values()) > 0.001
        energy = system.potential_energy(result.configuration) / start.n_particles
        assert result.energies[-1] == pytest.approx(energy, abs=1e-9)
        assert result.configuration.box == start.box


def test_exchanges_across_the_corners_of_a_tilted_box():
    """Most pairs interact, with images of each other."""
    box = Box((5.01, 5.2), (0.45,))
    sites = 1.05 * np.indices((3, 3)).reshape(2, -1).T
    points = sites + np.random.default_rng(3).uniform(-0.08, 0.08, sites.shape)
    points += box.matrix @ [0.5, 0.5] - 1
    start = Configuration.wrapped(points, [0, 0, 0, 1, 1, 1, 2, 2, 2], box, KA2D.species)
    result = SwapMonteCarlo(KA2D, swap_fraction=1.0).run(start, 5.0, 300, random_state=1)
    assert min(result.swap_acceptance.values()) > 0.1
    energies, _ = brute_force(KA2D, result.configuration)
    assert result.energies[-1] == pytest.approx(energies.sum() / 9, abs=1e-9)


def test_boxes_shorter_than_two_cutoffs_are_refused():
    engine = EmbeddedEngine(KA2D)
    thin = Box((50.0, 2.0), (7.0,))
    configuration = Configuration.wrapped(
        np.random.default_rng(1).uniform(0, 20, (9, 2)), [0] * 9, thin, KA2D.species
    )
    message = r"exceeds half the shortest box length 2; use more particles, or the widest cell"
    with pytest.raises(ValueError, match=message):
        engine.energies_and_forces(configuration)
    energies = engine.energies_and_forces(configuration.reduced())[0]
    expected = KA2D.potential_energy(configuration.reduced())
    assert energies.sum() == pytest.approx(expected)
