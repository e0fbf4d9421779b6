"""Energies of KA2D, N = 1290, in equilibrium, against those of the published configurations."""

import numpy as np
import pytest

from vitreous.liquid import KobAndersen2D
from vitreous.simulate import (
    EmbeddedEngine,
    SwapMonteCarlo,
    equilibrate,
    equilibrium_test,
    maxwell_velocities,
    minimize,
)

SYSTEM = KobAndersen2D()
N = 1290


@pytest.mark.slow
def test_swaps_equilibrate_where_dynamics_of_twice_the_cost_does_not():
    """T = 0.30, where tau_alpha is 2200; the published energy is -2.601."""
    runs = [
        equilibrate(SYSTEM, N, 0.30, n_sweeps=40_000, start=start, random_state=seed)
        for seed, start in enumerate(["above", "above", "below", "below"])
    ]
    verdict = equilibrium_test(runs)
    assert verdict.passed
    assert verdict.energy == pytest.approx(-2.601, abs=0.01)

    rng = np.random.default_rng(0)
    start = minimize(SYSTEM, SYSTEM.random_configuration(N, rng), force_tolerance=0.1)
    velocities = maxwell_velocities(N, 2, 0.30, rng)
    times = np.arange(2000, 4000, 10.0)
    dynamics = EmbeddedEngine(SYSTEM).run(
        start.configuration, times=times, velocities=velocities, temperature=0.30, random_state=rng
    )
    energies = [snapshot.potential_energy / N for snapshot in dynamics]
    assert np.mean(energies) > -2.601 + 0.02

    displacements = SwapMonteCarlo(SYSTEM, swap_fraction=0.0)
    result = displacements.run(start.configuration, 0.30, 20_000, random_state=rng)
    assert result.energies[-1000:].mean() > -2.601 + 0.02


@pytest.mark.slow
def test_the_lowest_published_temperature_is_reached():
    """T = 0.231 from a quench: published energies are -2.68, and -2.907 at the minimum."""
    runs = [
        equilibrate(SYSTEM, N, 0.231, n_sweeps=50_000, random_state=seed).energies[-1000:].mean()
        for seed in (0, 1)
    ]
    assert np.mean(runs) == pytest.approx(-2.68, abs=0.01)


@pytest.mark.slow
def test_inherent_energy_at_the_lowest_published_temperature():
    """From below, two independent runs."""
    minima = [
        minimize(
            SYSTEM,
            equilibrate(
                SYSTEM, N, 0.231, n_sweeps=30_000, start="below", random_state=seed
            ).configuration,
        ).energy
        for seed in (0, 1)
    ]
    assert np.mean(minima) == pytest.approx(-2.907, abs=0.01)
