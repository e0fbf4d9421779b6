"""Cages without random numbers: a brute-force twin, and the same in a larger box."""

import numpy as np
import pytest

from vitreous.simulate import (
    CageFromRest,
    EmbeddedEngine,
    cage_from_rest,
    maxwell_velocities,
    minimize,
    plateau_labels,
)


@pytest.fixture(scope="module", params=[("liquid_2d", 0.5), ("liquid_3d", 0.6)], ids=["2D", "3D"])
def thermal(request):
    """A system and a supercooled liquid of it."""
    name, temperature = request.param
    system, hot = request.getfixturevalue(name)
    velocities = maxwell_velocities(hot.n_particles, hot.dimensions, temperature, 3)
    (snapshot,) = EmbeddedEngine(system).run(
        hot, times=[20], velocities=velocities, temperature=temperature, random_state=3
    )
    return system, hot.with_positions(snapshot.positions).with_temperature(temperature)


def brute_force(system, configuration, radius, release, duration, settling):
    """Velocity Verlet with the plain forces, and mirrors around the inherent structure."""
    dt, box = system.time_step, configuration.box
    (end,) = EmbeddedEngine(system).run(
        configuration, times=[release], velocities=np.zeros_like(configuration.positions)
    )
    inherent = minimize(system, configuration, force_tolerance=1e-11).configuration
    energy = (
        system.potential_energy(configuration)
        + 0.5 * configuration.temperature * end.positions.size
    )
    v = end.velocities - end.velocities.mean(axis=0)
    v *= np.sqrt((energy - system.potential_energy(inherent)) / (0.5 * (v**2).sum()))
    start = box.minimum_image(configuration.positions - inherent.positions)
    x, force, n_walls = np.zeros_like(v), system.forces(inherent), 0
    places = []
    for _ in range(round(duration / dt)):
        v = v + 0.5 * dt * force
        x = x + dt * v
        force = system.forces(inherent.with_positions(inherent.positions + x))
        v = v + 0.5 * dt * force
        for i in np.flatnonzero(((x**2).sum(axis=1) > radius**2) & ((x * v).sum(axis=1) > 0)):
            normal = x[i] / np.linalg.norm(x[i])
            v[i] -= 2 * (v[i] @ normal) * normal
            n_walls += 1
        places.append(x)
    assert n_walls > 10
    total = 0.5 * (v**2).sum() + system.potential_energy(
        inherent.with_positions(inherent.positions + x)
    )
    assert total == pytest.approx(energy, abs=0.02 * len(x))
    places = np.array(places[round(settling / dt) :])
    mean = places.mean(axis=0)
    spread = (places**2).sum(axis=2).mean(axis=0) - (mean**2).sum(axis=1)
    return inherent.positions + mean, spread, np.linalg.norm(places - start, axis=2)


def test_agrees_with_brute_force(thermal):
    system, configuration = thermal
    settings = {"radius": 0.15, "duration": 0.5, "settling": 0.1}
    motion = cage_from_rest(system, configuration, releases=[0.3], **settings)
    positions, spread, distances = brute_force(system, configuration, release=0.3, **settings)
    away = configuration.box.minimum_image(motion.configuration.positions - positions)
    np.testing.assert_allclose(away, 0, atol=1e-9)
    np.testing.assert_allclose(motion.mean_square_displacement, spread, rtol=0, atol=1e-9)
    np.testing.assert_allclose(motion.mean_distance, distances.mean(axis=0), rtol=0, atol=1e-9)
    # Labels are taken a quarter of a unit after settling, once in so short a run.
    labels = plateau_labels(system, configuration, releases=[0.3], **settings)
    then = distances[round(0.25 / system.time_step) - 1]
    np.testing.assert_allclose(labels["displacement"], then, rtol=0, atol=1e-9)
    np.testing.assert_array_equal(labels["overlap"], then < 0.3)
    assert motion.configuration.temperature == configuration.temperature


def test_averages_are_those_of_all_runs(thermal):
    system, configuration = thermal
    settings = {"duration": 0.4, "settling": 0.0}
    both = cage_from_rest(system, configuration, releases=[0.3, 0.6], **settings)
    one, other = (
        cage_from_rest(system, configuration, releases=[release], **settings)
        for release in (0.3, 0.6)
    )
    mean = configuration.box.minimum_image(
        other.configuration.positions - one.configuration.positions
    )
    halfway = configuration.box.minimum_image(
        both.configuration.positions - one.configuration.positions
    )
    np.testing.assert_allclose(halfway, mean / 2, atol=1e-12)
    np.testing.assert_allclose(both.mean_distance, (one.mean_distance + other.mean_distance) / 2)
    between = (one.mean_square_displacement + other.mean_square_displacement) / 2
    np.testing.assert_allclose(
        both.mean_square_displacement, between + (mean**2).sum(axis=1) / 4, atol=1e-12
    )


def test_does_not_depend_on_the_box(thermal, repeated):
    system, configuration = thermal
    state = CageFromRest(system, duration=6.0 if system.dimensions == 2 else 4.0)
    (motion,) = state.motions([configuration])
    (again,) = state.motions([repeated(configuration)])
    copies = 2**system.dimensions
    # The minimum of so small a box can be a saddle of its repetition; that of this liquid is none.
    minima = again.inherent.positions - np.tile(motion.inherent.positions, (copies, 1))
    np.testing.assert_allclose(configuration.box.minimum_image(minima), 0, atol=1e-9)
    for name in ("mean_square_displacement", "mean_distance"):
        expected = np.tile(getattr(motion, name), copies)
        np.testing.assert_allclose(getattr(again, name), expected, rtol=0, atol=1e-6)
    shift = configuration.box.minimum_image(
        again.configuration.positions - np.tile(motion.configuration.positions, (copies, 1))
    )
    np.testing.assert_allclose(shift, 0, atol=1e-6)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"radius": 0.0}, "radius must be positive"),
        ({"duration": np.inf}, "duration must be positive"),
        ({"settling": 6.0}, "settling must be shorter than the duration 6, not 6.0"),
        ({"releases": [0.7, 0.7]}, "times must increase"),
    ],
)
def test_bad_numbers_are_named(liquid_2d, settings, message):
    system, configuration = liquid_2d
    with pytest.raises(ValueError, match=message):
        cage_from_rest(system, configuration.with_temperature(1.0), **settings)


def test_thermal_positions_are_asked_for(liquid_2d):
    system, configuration = liquid_2d
    inherent = minimize(system, configuration).configuration
    with pytest.raises(ValueError, match="does not tell the temperature"):
        cage_from_rest(system, configuration)
    with pytest.raises(ValueError, match="minimum of the energy"):
        cage_from_rest(system, inherent.with_temperature(1.0))
