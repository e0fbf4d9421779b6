"""Tilted boxes: brute force over images, the same lattice in other cells, and conservation laws."""

from itertools import product

import numpy as np
import pytest
from scipy import stats
from scipy.optimize import minimize as scipy_minimize

from vitreous.liquid import (
    Box,
    Configuration,
    KobAndersen,
    KobAndersen2D,
    PolydisperseSoftSpheres,
)
from vitreous.simulate import (
    EmbeddedEngine,
    SwapMonteCarlo,
    cage_average,
    cage_from_rest,
    isoconfigurational_ensemble,
    maxwell_velocities,
    measure_relaxation,
    minimize,
    path_from_rest,
)
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


SUPERCELLS = {
    2: np.array([[3, 1], [0, 1]]),
    3: np.array([[2, 1, 1], [0, 1, 0], [0, 0, 1]]),
}
"""Lattice vectors as columns, in units of those of an orthorhombic box."""


def supercell(configuration):
    """Copies of a liquid in a cell whose lattice has no orthorhombic box."""
    matrix = configuration.box.matrix @ SUPERCELLS[configuration.dimensions]
    lengths = np.diag(matrix)
    above = np.triu_indices(len(matrix), 1)
    box = Box(lengths, (matrix / lengths)[above])
    copies = np.array(list(product(*map(range, np.diag(SUPERCELLS[configuration.dimensions])))))
    shifts = copies @ configuration.box.matrix.T
    points = np.concatenate([configuration.positions + shift for shift in shifts])
    types = np.tile(configuration.types, len(copies))
    made = Configuration.wrapped(points, types, box, configuration.species, None, 1.0)
    assert not made.reduced().box.is_orthorhombic
    return made


def assert_copies(found, known, atol, box=None):
    """Rows of `found` repeat those of `known`, up to vectors of the lattice of `box`."""
    n_copies = len(found) // len(known)
    difference = found - np.tile(known, (n_copies, 1))
    if box is not None:
        difference = box.minimum_image(difference)
    np.testing.assert_allclose(difference, 0, atol=atol)


def test_a_tilted_supercell_repeats_the_orthorhombic_liquid(liquid):
    system, straight = liquid
    straight = straight.with_temperature(1.0)
    tilted = supercell(straight)
    n_copies = tilted.n_particles // straight.n_particles
    assert system.potential_energy(tilted) == pytest.approx(
        n_copies * system.potential_energy(straight)
    )
    assert_copies(system.forces(tilted), system.forces(straight), 1e-9)
    assert_copies(
        EmbeddedEngine(system).energies_and_forces(tilted)[1], system.forces(straight), 1e-9
    )
    found, known = (minimize(system, c) for c in (tilted, straight))
    assert found.configuration.box == tilted.box
    assert found.energy == pytest.approx(known.energy, abs=1e-9)
    assert_copies(found.configuration.positions, known.configuration.positions, 1e-5, straight.box)
    found, known = (path_from_rest(system, c, [0.1, 0.3])[-1] for c in (tilted, straight))
    assert np.abs(known).max() > 0.1
    assert_copies(found, known, 1e-9)
    found, known = (
        cage_from_rest(system, c, releases=[0.2], duration=0.4, settling=0.1)
        for c in (tilted, straight)
    )
    assert_copies(found.configuration.positions, known.configuration.positions, 1e-6, straight.box)
    assert_copies(found.mean_distance[:, None], known.mean_distance[:, None], 1e-6)


def test_trajectories_of_a_tilted_supercell(liquid):
    """All particles cross faces on the way."""
    system, straight = liquid
    tilted = supercell(straight)
    velocities = maxwell_velocities(straight.n_particles, system.dimensions, 1.0, 5)
    velocities += np.array([30.0, -20.0, 25.0])[: system.dimensions]
    engine = EmbeddedEngine(system, time_step=0.002)
    many = np.tile(velocities, (tilted.n_particles // straight.n_particles, 1))
    (found,) = engine.run(tilted, times=[0.4], velocities=many)
    (known,) = engine.run(straight, times=[0.4], velocities=velocities)
    moved = known.positions - straight.positions
    assert np.abs(moved).min(axis=0).max() > min(straight.box.lengths)
    assert_copies(found.positions - tilted.positions, moved, 1e-9)
    assert_copies(found.velocities, known.velocities, 1e-8)


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
    velocities = maxwell_velocities(start.n_particles, system.dimensions, 1.0, 5) + 20.0
    engine = EmbeddedEngine(system, time_step=0.004, skin=skin)
    (snapshot,) = engine.run(start, times=[0.2], velocities=velocities)
    positions, velocities = start.positions.copy(), velocities.copy()
    forces = system.forces(start)
    for _ in range(50):
        velocities += 0.002 * forces
        positions += 0.004 * velocities
        forces = system.forces(start.with_positions(positions))
        velocities += 0.002 * forces
    np.testing.assert_allclose(snapshot.positions, positions, atol=1e-9)
    np.testing.assert_allclose(snapshot.velocities, velocities, atol=1e-8)


def test_energy_is_conserved_to_second_order(sheared):
    system, start = sheared
    velocities = maxwell_velocities(start.n_particles, system.dimensions, 1.0, 6)
    coarse, fine = [], []
    for step, energies in ((0.004, coarse), (0.002, fine)):
        run = EmbeddedEngine(system, time_step=step).run(
            start, times=0.08 * np.arange(81), velocities=velocities
        )
        energies += [(s.potential_energy + s.kinetic_energy) / start.n_particles for s in run]
    assert np.std(coarse) / np.std(fine) == pytest.approx(4, rel=0.3)
    slope = stats.linregress(np.arange(81), fine).slope
    assert abs(slope) * 81 < np.std(fine)


def test_minimizer_agrees_with_scipy(sheared_2d):
    minimum = minimize(KA2D, sheared_2d).configuration
    shaken = np.random.default_rng(1).normal(0, 0.01, minimum.positions.shape)
    start = minimum.with_positions(minimum.positions + shaken)

    def energy_and_gradient(flat):
        moved = start.with_positions(flat.reshape(start.positions.shape))
        return KA2D.potential_energy(moved), -KA2D.forces(moved).ravel()

    oracle = scipy_minimize(
        energy_and_gradient,
        start.positions.ravel(),
        jac=True,
        method="L-BFGS-B",
        options={"maxiter": 5000, "ftol": 1e-15, "gtol": 1e-6},
    )
    result = minimize(KA2D, start, force_tolerance=1e-7)
    assert result.energy * start.n_particles == pytest.approx(oracle.fun, abs=1e-8)
    difference = result.configuration.positions - oracle.x.reshape(start.positions.shape)
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


@pytest.fixture(scope="module", params=[0.0, 0.3])
def cells(request):
    """One liquid in two cells of one lattice, which is orthorhombic or is not."""
    side = KA2D.box(129).lengths[0]
    points = KA2D.random_configuration(129, 0)
    first, second = (Box((side, side), (request.param + n,)) for n in (0, 1))
    made = Configuration.wrapped(points.positions, points.types, first, points.species)
    made = minimize(KA2D, made, force_tolerance=0.1).configuration
    other = Configuration.wrapped(made.positions, made.types, second, made.species)
    assert np.abs(made.positions - other.positions).max() > 1
    return made, other


def assert_same(found, known, given):
    assert found.box == given.box
    moved = known.box.minimum_image(found.positions - known.positions)
    np.testing.assert_allclose(moved, 0, atol=1e-8)


def test_every_state_is_that_of_the_lattice_not_of_the_cell(cells):
    straight, tilted = cells
    found, known = (minimize(KA2D, c).configuration for c in (tilted, straight))
    assert_same(found, known, tilted)
    found, known = (SwapMonteCarlo(KA2D).run(c, 0.4, 3, random_state=0).configuration
                    for c in (tilted, straight))  # fmt: skip
    assert_same(found, known, tilted)
    np.testing.assert_array_equal(found.types, known.types)
    found, known = (cage_average(KA2D, c, 0.1, duration=1.0, random_state=0)
                    for c in (tilted, straight))  # fmt: skip
    assert_same(found.configuration, known.configuration, tilted)
    noise = np.random.default_rng(2).normal(0, 0.03, straight.positions.shape)
    shaken = [c.with_positions(c.positions + noise).with_temperature(0.4)
              for c in (tilted, straight)]  # fmt: skip
    found, known = (path_from_rest(KA2D, c, [0.2]) for c in shaken)
    np.testing.assert_allclose(found, known, atol=1e-9)
    found, known = (cage_from_rest(KA2D, c, releases=[0.3], duration=2.0) for c in shaken)
    assert_same(found.configuration, known.configuration, tilted)
    np.testing.assert_allclose(found.mean_distance, known.mean_distance, atol=1e-8)


def test_trajectories_and_labels_are_those_of_the_lattice(cells):
    straight, tilted = cells
    engine = EmbeddedEngine(KA2D)
    velocities = maxwell_velocities(129, 2, 0.3, random_state=1)
    runs = []
    for configuration in cells:
        snapshots = engine.run(configuration, times=[0.0, 2.0], velocities=velocities)
        first, last = (snapshot.positions for snapshot in snapshots)
        np.testing.assert_allclose(first, configuration.positions, atol=1e-12)
        runs.append(last - first)
    np.testing.assert_allclose(*runs, atol=1e-6)
    found, known = (
        isoconfigurational_ensemble(KA2D, c, 0.4, [1.0], n_replicas=2, random_state=1, n_jobs=1)
        for c in (tilted, straight)
    )
    for name in ("displacement", "bond_breaking"):
        np.testing.assert_allclose(found.at(name, 1.0), known.at(name, 1.0), atol=1e-6)
    found, known = (
        measure_relaxation(KA2D, [c, c.with_positions(c.positions[::-1].copy())], 1.0,
                           level=0.97, longest_time=2.0, engine="embedded")
        for c in (tilted, straight)
    )  # fmt: skip
    np.testing.assert_allclose(found.bond_breaking, known.bond_breaking, atol=1e-6)


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
