"""Ballistic, path and cage columns against integration by hand, and at their limits."""

import numpy as np
import pytest
from scipy.integrate import solve_ivp

from vitreous.descriptors import BallisticDescriptor, CageDescriptor, MeanPathDescriptor
from vitreous.descriptors.ballistic import responses
from vitreous.liquid import KobAndersen, KobAndersen2D, local_field
from vitreous.simulate import (
    CageFromRest,
    EmbeddedEngine,
    PathFromRest,
    cage_from_rest,
    maxwell_velocities,
    minimize,
)

TEMPERATURE = 0.7


@pytest.fixture(scope="module", params=[(KobAndersen2D(), 60), (KobAndersen(), 160)], ids=str)
def liquid(request):
    """A system and a liquid of it at T = 0.7."""
    system, n_particles = request.param
    start = minimize(
        system, system.random_configuration(n_particles, 1), force_tolerance=0.1
    ).configuration
    velocities = maxwell_velocities(n_particles, system.dimensions, TEMPERATURE, 1)
    (snapshot,) = EmbeddedEngine(system).run(
        start, times=[5], velocities=velocities, temperature=TEMPERATURE, random_state=1
    )
    return system, start.with_positions(snapshot.positions).with_temperature(TEMPERATURE)


def test_responses_are_those_of_oscillators_of_either_sign():
    for curvature in (37.0, 0.0, -12.0):
        for time in (0.05, 0.7):

            def pull(_, state, curvature=curvature):
                return [state[1], 1 - curvature * state[0], state[3], -curvature * state[2]]

            end = solve_ivp(pull, (0, time), [0, 0, 0, 1], rtol=1e-11, atol=1e-13).y[:, -1]
            pushed, spread = responses(np.array([curvature]), np.array([time]))
            assert pushed[0] == pytest.approx(end[0], rel=1e-8)
            assert spread[0] == pytest.approx(end[2] ** 2, rel=1e-8)


def test_ballistic_columns_are_those_of_sampled_velocities(liquid):
    """The brute-force twin: one particle, its frozen field, many initial velocities."""
    system, configuration = liquid
    times = [0.05, 0.3]
    descriptor = BallisticDescriptor(system, times, dtype="float64")
    columns = descriptor.fit_transform([configuration])
    distances = descriptor.distances(configuration, times)
    forces, curvatures = local_field(system, configuration)
    d = system.dimensions
    velocities = np.sqrt(TEMPERATURE) * np.random.default_rng(0).standard_normal((4000, d))
    velocities = np.concatenate([velocities, -velocities])
    for particle in (0, 31):
        x, v = np.zeros_like(velocities), velocities.copy()
        step, taken = 1e-3, 0
        for number, time in enumerate(times):
            while taken < round(time / step):
                v += 0.5 * step * (forces[particle] - x @ curvatures[particle])
                x += step * v
                v += 0.5 * step * (forces[particle] - x @ curvatures[particle])
                taken += 1
            root = np.sqrt((x**2).sum(axis=1).mean() / TEMPERATURE)
            mean = np.linalg.norm(x.mean(axis=0)) / np.sqrt(TEMPERATURE)
            assert columns[particle, number] == pytest.approx(root, rel=0.03)
            assert columns[particle, 2 + number] == pytest.approx(mean, rel=1e-3)
            # Spreads that differ with the direction are averaged, which matters later.
            distance = np.linalg.norm(x, axis=1).mean()
            allowed = 0.02 if time < 0.1 else 0.08
            assert distances[particle, number] == pytest.approx(distance, rel=allowed)
    np.testing.assert_allclose(
        columns[:, 4], np.linalg.norm(system.forces(configuration), axis=1) / TEMPERATURE**0.5
    )
    np.testing.assert_allclose(columns[:, 5:], np.linalg.eigvalsh(curvatures))


def test_limits_of_the_ballistic_columns(liquid):
    system, configuration = liquid
    flight = BallisticDescriptor(system, [1e-5], dtype="float64").fit_transform([configuration])
    np.testing.assert_allclose(flight[:, 0], np.sqrt(system.dimensions) * 1e-5, rtol=1e-3)
    free = {2: np.sqrt(np.pi / 2), 3: np.sqrt(8 / np.pi)}[system.dimensions] * TEMPERATURE**0.5
    flown = BallisticDescriptor(system).distances(configuration, [1e-5])
    np.testing.assert_allclose(flown, free * 1e-5, rtol=1e-3)
    flat, weak = (responses(np.array([curvature]), np.array([0.8])) for curvature in (0.0, 1e-9))
    np.testing.assert_allclose(flat, [[0.32], [0.64]])
    np.testing.assert_allclose(weak, flat, rtol=1e-8)


def test_path_starts_as_a_fall_and_is_the_mean_of_replicas(liquid):
    system, configuration = liquid
    descriptor = MeanPathDescriptor(PathFromRest(system, [system.time_step, 0.1, 1.0]))
    columns = descriptor.set_params(dtype="float64").fit_transform([configuration])
    assert descriptor.get_feature_names_out().tolist()[1:] == [
        "path t=0.1",
        "path t=1",
        f"path and spread t={system.time_step:g}",
        "path and spread t=0.1",
    ]
    fall = np.linalg.norm(system.forces(configuration), axis=1) * system.time_step**2 / 2
    np.testing.assert_allclose(columns[:, 0], fall / TEMPERATURE**0.5, rtol=1e-9)
    # Velocities that are as small as opposite leave the path from rest on average.
    engine, tiny = EmbeddedEngine(system), maxwell_velocities(len(columns), system.dimensions, 1, 5)
    ends = [
        next(engine.run(configuration, times=[0.1], velocities=sign * 1e-3 * tiny)).positions
        for sign in (1, -1)
    ]
    mean = np.linalg.norm((ends[0] + ends[1]) / 2 - configuration.positions, axis=1)
    np.testing.assert_allclose(columns[:, 1], mean / TEMPERATURE**0.5, atol=1e-6)
    spread = responses(np.linalg.eigvalsh(local_field(system, configuration)[1]), np.array(0.1))[1]
    np.testing.assert_allclose(columns[:, 4] ** 2, columns[:, 1] ** 2 + spread.sum(axis=1))


def test_cage_columns_are_those_of_the_motion(liquid):
    system, configuration = liquid
    settings = {"releases": [0.7], "duration": 1.0, "settling": 0.2}
    motion = cage_from_rest(system, configuration, **settings)
    descriptor = CageDescriptor(CageFromRest(system, **settings), dtype="float64")
    columns = descriptor.fit_transform([configuration])
    assert columns.shape == (configuration.n_particles, 11)
    assert len(set(descriptor.get_feature_names_out())) == 11
    root = TEMPERATURE**0.5

    def distance(one, other):
        vectors = configuration.box.minimum_image(one.positions - other.positions)
        return np.linalg.norm(vectors, axis=1)

    cage, inherent = motion.configuration, motion.inherent
    pairs = [(configuration, cage), (configuration, inherent), (inherent, cage)]
    for k, pair in enumerate(pairs):
        np.testing.assert_allclose(columns[:, k], distance(*pair) / root, atol=1e-12)
        np.testing.assert_allclose(columns[:, 3 + k], columns[:, k] ** 2, atol=1e-12)
    q = motion.mean_square_displacement / TEMPERATURE
    np.testing.assert_allclose(columns[:, 6], q)
    np.testing.assert_allclose(columns[:, 7] ** 2, q)
    np.testing.assert_allclose(columns[:, 8] ** 2, columns[:, 3] + q)
    np.testing.assert_allclose(columns[:, 9] ** 2, columns[:, 4] + q)
    np.testing.assert_allclose(columns[:, 10], motion.mean_distance / root)


@pytest.mark.parametrize(
    "make",
    [
        BallisticDescriptor,
        lambda system: MeanPathDescriptor(PathFromRest(system)),
        lambda system: CageDescriptor(CageFromRest(system)),
    ],
    ids=["ballistic", "path", "cage"],
)
def test_the_temperature_must_be_known(make):
    system = KobAndersen2D()
    configuration = system.random_configuration(43, 1)
    with pytest.raises(ValueError, match="does not tell the temperature"):
        make(system).fit_transform([configuration])


def test_bad_times_and_overlaps_are_named():
    system = KobAndersen2D()
    overlapping = system.random_configuration(43, 1).with_temperature(0.5)
    for times in ([], [0.0], [np.nan], [[0.1]]):
        with pytest.raises(ValueError, match="sequence of positive numbers"):
            BallisticDescriptor(system, times).fit([overlapping])
    with pytest.raises(ValueError, match=r"stands where the curvature is -.* shorter times"):
        BallisticDescriptor(system, [1.0]).fit_transform([overlapping])


def test_distances_that_are_no_numbers_are_refused():
    system = KobAndersen2D()
    overlapping = system.random_configuration(43, 1).with_temperature(0.5)
    ballistic = BallisticDescriptor(system)
    for times in ([], 0.0, [0.1, -1.0], [np.inf]):
        with pytest.raises(ValueError, match="sequence of positive numbers"):
            ballistic.distances(overlapping, times)
    with pytest.raises(ValueError, match=r"stands where the curvature is -.* too fast for time 9"):
        ballistic.distances(overlapping, [1e-9, 9.0])
    assert np.isfinite(ballistic.distances(overlapping, 1e-9)).all()
