"""Short runs at a higher temperature, and their columns."""

import numpy as np
import pytest

from vitreous.datasets import load_ka2d
from vitreous.descriptors import HeatedDescriptor
from vitreous.dynamics import BondBreaking, pearson
from vitreous.liquid import KobAndersen2D
from vitreous.simulate import (
    EmbeddedEngine,
    HeatedRuns,
    isoconfigurational_ensemble,
    isoconfigurational_trajectories,
)
from vitreous.simulate.heated import seed_of_runs

SYSTEM = KobAndersen2D()


def test_labels_are_averages_over_replicas_of_the_higher_temperature():
    liquid = load_ka2d().configurations[0]
    runs = HeatedRuns(SYSTEM, 0.8, times=[0.2, 0.6], n_replicas=3, time_step=0.02, random_state=5)
    (found,) = runs.labels([liquid])
    engine = EmbeddedEngine(SYSTEM, time_step=0.02)
    replicas = list(
        isoconfigurational_trajectories(
            SYSTEM,
            liquid,
            0.8,
            [0.2, 0.6],
            n_replicas=3,
            thermostat_time=0.5,
            random_state=seed_of_runs(5),
            engine=engine,
        )
    )
    moved = np.linalg.norm(np.stack(replicas) - liquid.positions, axis=-1).mean(axis=0)
    np.testing.assert_allclose(found.matrix("displacement"), moved.T, rtol=1e-6)
    breaking = BondBreaking(SYSTEM, liquid)
    broken = 1 - np.mean([[breaking(places) for places in run] for run in replicas], axis=0)
    np.testing.assert_allclose(found.matrix("broken_bonds"), broken.T, atol=1e-6)


def test_runs_do_not_tell_the_noise_of_labels_of_the_same_seed():
    """At the first collision a displacement is that of the velocities, and so is its noise."""
    liquid = load_ka2d().configurations[-1]
    time, n = 2 * SYSTEM.time_step, 4
    made = isoconfigurational_ensemble(SYSTEM, liquid, 0.36, [time], n_replicas=n, random_state=0)
    (runs,) = HeatedRuns(SYSTEM, 0.7, times=[time], n_replicas=n, random_state=0).labels([liquid])
    noises = np.hstack([labels.matrix("displacement") for labels in (made, runs)])
    assert abs(np.corrcoef(noises.T)[0, 1]) < 0.1


def test_runs_are_at_their_temperature_whatever_the_structure():
    """Displacements of the first collision are ballistic, with velocities of the temperature."""
    liquid = load_ka2d().configurations[-1]
    time = SYSTEM.time_step
    (labels,) = HeatedRuns(SYSTEM, 2.5, times=[time], n_replicas=40).labels([liquid])
    mean = labels.matrix("displacement").mean()
    assert mean == pytest.approx(time * np.sqrt(np.pi * 2.5 / 2), rel=0.02)


def test_broken_bonds_of_heated_runs_tell_those_of_the_cold_liquid():
    sample = load_ka2d().at(0.36)
    runs = HeatedRuns(SYSTEM, 0.7, times=[8.0], n_replicas=8)
    columns = HeatedDescriptor(runs).fit_transform(sample.configurations[:1])
    late = sample.labels[0].matrix("broken_bonds")[:, [1]]
    assert pearson(columns[:, [1]].astype(float), late)[0] > 0.35


def test_columns_are_scaled_displacements_and_broken_bonds():
    liquid = load_ka2d().configurations[0]
    runs = HeatedRuns(SYSTEM, 0.64, times=[0.5, 1.0], n_replicas=2)
    descriptor = HeatedDescriptor(runs, dtype="float64")
    columns = descriptor.fit_transform([liquid])
    (labels,) = runs.labels([liquid])
    np.testing.assert_allclose(columns[:, :2] * 0.8, labels.matrix("displacement"))
    np.testing.assert_array_equal(columns[:, 2:], labels.matrix("broken_bonds"))


@pytest.mark.parametrize("temperature", [0.5, 0.3])
def test_runs_must_heat(temperature):
    hot = load_ka2d().at(0.5).configurations[:1]
    with pytest.raises(ValueError, match=f"T = {temperature:g} do not heat a .* of T = 0.5"):
        HeatedRuns(SYSTEM, temperature).fit(hot)


@pytest.mark.parametrize("temperature", [0.0, -1.0, np.inf, np.nan])
def test_temperatures_are_positive_numbers(temperature):
    with pytest.raises(ValueError, match="temperature must be positive and finite"):
        HeatedRuns(SYSTEM, temperature).fit(load_ka2d().configurations[:1])
