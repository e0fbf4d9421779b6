"""Isoconfigurational ensembles against replicas run one by one."""

import numpy as np
import pytest
from joblib import parallel_config

from vitreous.dynamics import BondBreaking, CageRelativeDisplacement
from vitreous.liquid import KobAndersen
from vitreous.simulate import (
    EmbeddedEngine,
    isoconfigurational_ensemble,
    isoconfigurational_trajectories,
    maxwell_velocities,
)

TIMES = [0.1, 0.5, 1.5]
LABELS = ["displacement", "cage_relative_displacement", "bond_breaking", "overlap", "scattering"]


def replicas_by_hand(system, configuration, temperature, n_replicas, thermostat_time, seed):
    """Labels of every replica, shape (n_replicas, N, T)."""
    bonds = BondBreaking(system, configuration)
    cage = CageRelativeDisplacement(system, configuration)
    labels = {name: [] for name in LABELS}
    for child in np.random.SeedSequence(seed).spawn(n_replicas):
        rng = np.random.default_rng(child)
        velocities = maxwell_velocities(
            configuration.n_particles, system.dimensions, temperature, rng
        )
        run = EmbeddedEngine(system).run(
            configuration,
            times=TIMES,
            velocities=velocities,
            temperature=temperature,
            thermostat_time=thermostat_time,
            random_state=rng,
        )
        positions = np.array([snapshot.positions for snapshot in run])
        shifts = positions - configuration.positions
        labels["displacement"].append(np.sqrt((shifts**2).sum(axis=2)))
        labels["overlap"].append(np.linalg.norm(shifts, axis=2) < 0.3)
        labels["cage_relative_displacement"].append(np.array([cage(p) for p in positions]))
        labels["bond_breaking"].append(np.array([bonds(p) for p in positions]))
        labels["scattering"].append(np.cos(7.0 * shifts).mean(axis=2))
    return {name: np.array(values).swapaxes(1, 2) for name, values in labels.items()}


@pytest.mark.parametrize("n_replicas", [2, 5])
def test_halves_agree_with_replicas_by_hand(liquid, n_replicas):
    system, configuration = liquid
    labels = isoconfigurational_ensemble(
        system, configuration, 1.0, TIMES, n_replicas=n_replicas, thermostat_time=0.5,
        random_state=7,
    )  # fmt: skip
    expected = replicas_by_hand(system, configuration, 1.0, n_replicas, 0.5, seed=7)
    assert labels.n_replicas == n_replicas
    np.testing.assert_array_equal(labels.times, TIMES)
    assert set(labels.averages) == set(LABELS)
    for name, replicas in expected.items():
        even, odd = labels.halves(name)
        np.testing.assert_allclose(even, replicas[::2].mean(axis=0), rtol=1e-12, atol=1e-14)
        np.testing.assert_allclose(odd, replicas[1::2].mean(axis=0), rtol=1e-12, atol=1e-14)
        np.testing.assert_allclose(
            labels.matrix(name), replicas.mean(axis=0), rtol=1e-12, atol=1e-14
        )
        assert replicas.std(axis=0).max() > 0


def assert_same_labels(first, second):
    assert first.names == second.names
    for name in first.names:
        np.testing.assert_array_equal(first.halves(name), second.halves(name))


def test_labels_do_not_depend_on_the_number_of_workers(liquid_2d):
    system, configuration = liquid_2d
    alone, together = (
        isoconfigurational_ensemble(
            system, configuration, 1.0, TIMES, n_replicas=5, random_state=1, n_jobs=n_jobs
        )
        for n_jobs in (1, 2)
    )
    assert_same_labels(alone, together)
    with parallel_config(backend="threading", n_jobs=3):
        threads = isoconfigurational_ensemble(
            system, configuration, 1.0, TIMES, n_replicas=5, random_state=1
        )
    assert_same_labels(alone, threads)


def test_labels_repeat_from_their_seed_only(liquid_2d):
    system, configuration = liquid_2d
    first, again, other = (
        isoconfigurational_ensemble(
            system, configuration, 1.0, TIMES, n_replicas=2, random_state=seed
        )
        for seed in (1, 1, 2)
    )
    assert_same_labels(first, again)
    assert abs(first.matrix("displacement") - other.matrix("displacement")).min() > 0


def test_trajectories_are_those_the_labels_come_from(liquid):
    system, configuration = liquid
    settings = {"n_replicas": 3, "random_state": 4}
    replicas = list(isoconfigurational_trajectories(system, configuration, 1.0, TIMES, **settings))
    assert [positions.shape for positions in replicas] == [(3, *configuration.positions.shape)] * 3
    labels = isoconfigurational_ensemble(system, configuration, 1.0, TIMES, **settings)
    shifts = np.linalg.norm(np.array(replicas) - configuration.positions, axis=3)
    np.testing.assert_allclose(labels.matrix("displacement"), shifts.mean(axis=0).T, rtol=1e-12)


def test_more_replicas_keep_the_earlier_ones(liquid_2d):
    system, configuration = liquid_2d
    few, more = (
        isoconfigurational_ensemble(system, configuration, 1.0, TIMES, n_replicas=n, random_state=1)
        for n in (2, 3)
    )
    np.testing.assert_array_equal(few.halves("displacement")[1], more.halves("displacement")[1])


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"n_replicas": 1}, "needs 2 replicas, not 1"),
        ({"temperature": -0.5}, "-0.5"),
        ({"temperature": 0.0}, "temperature must be positive"),
        ({"times": [1.0, 0.5]}, "0.5 follows 1"),
        ({"times": [-1.0]}, "-1"),
        ({"system": KobAndersen()}, "3D"),
    ],
)
def test_bad_arguments_are_named(liquid_2d, arguments, message):
    system, configuration = liquid_2d
    defaults = {"system": system, "temperature": 1.0, "times": TIMES, "n_replicas": 2}
    with pytest.raises(ValueError, match=message):
        isoconfigurational_ensemble(configuration=configuration, **(defaults | arguments))
