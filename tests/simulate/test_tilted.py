"""Lattices that have an orthorhombic box are simulated in whatever cell they are given."""

import numpy as np
import pytest

from vitreous.liquid import Box, Configuration, KobAndersen2D
from vitreous.simulate import (
    EmbeddedEngine,
    SwapMonteCarlo,
    cage_average,
    cage_from_rest,
    maxwell_velocities,
    minimize,
    path_from_rest,
)

SYSTEM = KobAndersen2D()


@pytest.fixture(scope="module")
def straight():
    return minimize(SYSTEM, SYSTEM.random_configuration(129, 0), force_tolerance=0.1).configuration


@pytest.fixture(scope="module")
def tilted(straight):
    box = Box(straight.box.lengths, (1.0,))
    return Configuration.wrapped(straight.positions, straight.types, box, straight.species)


def assert_same(found, known):
    assert found.box.is_orthorhombic
    moved = known.box.minimum_image(found.positions - known.positions)
    np.testing.assert_allclose(moved, 0, atol=1e-9)


def test_minimum_and_swap_and_cage(straight, tilted):
    assert np.abs(straight.positions - tilted.positions).max() > 1
    found, known = (minimize(SYSTEM, c).configuration for c in (tilted, straight))
    assert_same(found, known)
    runs = [SwapMonteCarlo(SYSTEM).run(c, 0.4, 3, random_state=0) for c in (tilted, straight)]
    assert_same(runs[0].configuration, runs[1].configuration)
    np.testing.assert_array_equal(runs[0].configuration.types, runs[1].configuration.types)
    found, known = (cage_average(SYSTEM, c, 0.1, duration=1.0, random_state=0) for c in
                    (tilted, straight))  # fmt: skip
    assert_same(found.configuration, known.configuration)


def test_path_and_cage_from_rest(straight, tilted):
    noise = np.random.default_rng(2).normal(0, 0.03, straight.positions.shape)
    shaken = [
        c.with_positions(c.positions + noise).with_temperature(0.4) for c in (tilted, straight)
    ]
    found, known = (path_from_rest(SYSTEM, c, [0.2]) for c in shaken)
    np.testing.assert_allclose(found, known, atol=1e-9)
    found, known = (cage_from_rest(SYSTEM, c, releases=[0.3], duration=2.0) for c in shaken)
    assert_same(found.configuration, known.configuration)
    np.testing.assert_allclose(found.mean_distance, known.mean_distance, atol=1e-9)


def test_snapshots_go_on_from_the_positions_that_were_given(straight, tilted):
    engine = EmbeddedEngine(SYSTEM)
    velocities = maxwell_velocities(129, 2, 0.3, random_state=1)
    first, last = ([s.positions for s in engine.run(c, times=[0.0, 2.0], velocities=velocities)]
                   for c in (tilted, straight))  # fmt: skip
    np.testing.assert_allclose(first[0], tilted.positions, atol=1e-12)
    moved = [run[1] - run[0] for run in (first, last)]
    np.testing.assert_allclose(moved[0], moved[1], atol=1e-6)
    for found, known in zip(*(engine.energies_and_forces(c) for c in (tilted, straight)),
                            strict=True):  # fmt: skip
        np.testing.assert_allclose(found, known, atol=1e-9)


def test_what_has_no_orthorhombic_box_or_another_orientation():
    engine = EmbeddedEngine(SYSTEM)
    rng = np.random.default_rng(0)
    for tilt, length, message in (
        (0.5, 20.0, r"tilt factors \(0.5,\); the embedded kernels need an orthorhombic box"),
        (1.0, 10.0, r"another orientation; take Configuration.reduced"),
    ):
        box = Box((20.0, length), (tilt,))
        points = rng.uniform(0, 10, (9, 2))
        configuration = Configuration.wrapped(points, [0] * 9, box, SYSTEM.species)
        with pytest.raises(ValueError, match=message):
            engine.energies_and_forces(configuration)
    energies = engine.energies_and_forces(configuration.reduced())[0]
    assert energies.sum() == pytest.approx(SYSTEM.potential_energy(configuration))
