"""Relaxation times against trajectories run and averaged by hand."""

import numpy as np
import pytest

from vitreous.dynamics import BondBreaking
from vitreous.liquid import KobAndersen2D
from vitreous.simulate import (
    EmbeddedEngine,
    equilibrate,
    maxwell_velocities,
    measure_relaxation,
)

SYSTEM = KobAndersen2D()
TEMPERATURE = 0.8


@pytest.fixture(scope="module")
def configurations():
    return [
        equilibrate(SYSTEM, 60, TEMPERATURE, n_sweeps=200, random_state=seed).configuration
        for seed in range(3)
    ]


def correlations_by_hand(configurations, times, seed):
    """C_B and F_s of every configuration, shape (T, n_configurations)."""
    breaking, scattering = [], []
    seeds = np.random.SeedSequence(seed).spawn(len(configurations))
    for configuration, child in zip(configurations, seeds, strict=True):
        rng = np.random.default_rng(child)
        run = EmbeddedEngine(SYSTEM).run(
            configuration,
            times=times,
            velocities=maxwell_velocities(configuration.n_particles, 2, TEMPERATURE, rng),
            temperature=TEMPERATURE,
            thermostat_time=2.0,
            random_state=rng,
        )
        bonds = BondBreaking(SYSTEM, configuration)
        positions = [snapshot.positions for snapshot in run]
        breaking.append([bonds(p).mean() for p in positions])
        scattering.append([np.cos(7.0 * (p - configuration.positions)).mean() for p in positions])
    return np.array(breaking).T, np.array(scattering).T


def test_bond_breaking_time_is_where_the_average_falls_to_the_level(configurations):
    level = 0.9
    measured = measure_relaxation(
        SYSTEM, configurations, TEMPERATURE, level=level, longest_time=200.0, random_state=3
    )
    steps = measured.times / SYSTEM.time_step
    np.testing.assert_allclose(steps, np.rint(steps), atol=1e-9)
    assert steps[0] == pytest.approx(10)
    assert (np.diff(steps) >= 1).all()
    assert (measured.times[1:] / measured.times[:-1]).max() < 1.4

    breaking, scattering = correlations_by_hand(configurations, measured.times, seed=3)
    average = breaking.mean(axis=1)
    np.testing.assert_allclose(measured.bond_breaking, average, rtol=1e-12)
    np.testing.assert_allclose(measured.scattering, scattering.mean(axis=1), rtol=1e-9)
    assert average[-1] <= level < average[:-1].min()

    before, after = np.log(measured.times[-2:])
    slope = (average[-1] - average[-2]) / (after - before)
    time = np.exp(before + (level - average[-2]) / slope)
    assert measured.bond_breaking_time == pytest.approx(time)
    scatter = breaking[-1].std(ddof=1) / np.sqrt(3)
    assert measured.bond_breaking_time_standard_error == pytest.approx(-time * scatter / slope)

    crossing = np.flatnonzero(scattering.mean(axis=1) <= np.exp(-1))[0]
    assert measured.times[crossing - 1] < measured.alpha_relaxation_time <= measured.times[crossing]


def test_relaxation_not_seen_to_one_over_e_has_no_time(configurations):
    measured = measure_relaxation(
        SYSTEM, configurations, TEMPERATURE, level=0.995, longest_time=200.0
    )
    assert measured.scattering.min() > np.exp(-1)
    assert np.isnan(measured.alpha_relaxation_time)
    assert measured.bond_breaking_time > 0


def test_measurement_repeats_from_its_seed_only(configurations):
    first, again, other = (
        measure_relaxation(
            SYSTEM, configurations, TEMPERATURE, level=0.97, longest_time=200.0, random_state=seed
        )
        for seed in (1, 1, 2)
    )
    assert first.bond_breaking_time == again.bond_breaking_time
    np.testing.assert_array_equal(first.bond_breaking, again.bond_breaking)
    assert first.bond_breaking_time != other.bond_breaking_time


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"longest_time": 0.5}, r"T = 0.8 does not relax within t = 0.5: C_B is still [01]\."),
        ({"longest_time": 0.05}, r"above ten time steps, 0\.1, not 0\.05"),
        ({"longest_time": -1.0}, r"not -1"),
        ({"longest_time": np.inf}, r"not inf"),
        ({"level": 0.0}, "between 0 and 1, not 0.0"),
        ({"level": 1.0}, "between 0 and 1, not 1.0"),
        ({"level": float("nan")}, "between 0 and 1, not nan"),
        ({"n_configurations": 1}, "at least 2 configurations, not 1"),
    ],
)
def test_bad_arguments_are_named(configurations, arguments, message):
    arguments = {"level": 0.5, "longest_time": 100.0} | arguments
    chosen = configurations[: arguments.pop("n_configurations", 3)]
    with pytest.raises(ValueError, match=message):
        measure_relaxation(SYSTEM, chosen, TEMPERATURE, **arguments)


def test_a_level_passed_before_the_first_time_is_named():
    hot = [
        equilibrate(SYSTEM, 60, 6.0, n_sweeps=20, random_state=seed).configuration
        for seed in range(2)
    ]
    with pytest.raises(ValueError, match=r"by the first time, t = 0\.1; choose a level below"):
        measure_relaxation(SYSTEM, hot, 6.0, level=0.998, longest_time=10.0)
