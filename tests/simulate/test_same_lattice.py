"""What is simulated depends on the lattice of images, not on the cell that describes it."""

from itertools import product

import numpy as np
import pytest

from vitreous.liquid import Box, Configuration, KobAndersen2D
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

KA2D = KobAndersen2D()

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
