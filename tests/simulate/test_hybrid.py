"""Molecular dynamics with exchanges against swap Monte Carlo and its steps by hand."""

import numpy as np
import pytest

from vitreous.liquid import KobAndersen2D
from vitreous.simulate import EmbeddedEngine, HybridSwap, SwapMonteCarlo, maxwell_velocities


def test_mean_energy_agrees_with_swap_monte_carlo(liquid_2d):
    """Four standard errors from 20 blocks; exchanges alone lower the energy of random types."""
    system, configuration = liquid_2d
    mixed = configuration.with_types(np.random.default_rng(1).permutation(configuration.types))
    means, errors = [], []
    for sampler, n_sweeps in (
        (HybridSwap(system, md_steps=50), 44_000),
        (SwapMonteCarlo(system), 11_000),
    ):
        result = sampler.run(mixed, 1.0, n_sweeps, random_state=2)
        blocks = [block.mean() for block in np.array_split(result.energies, 22)][2:]
        means.append(np.mean(blocks))
        errors.append(np.std(blocks, ddof=1) / np.sqrt(20))
    assert abs(means[0] - means[1]) < 4 * np.hypot(*errors)
    assert max(errors) < 0.02


@pytest.mark.parametrize("draw", ["even", "by cost"])
def test_cycles_agree_with_their_steps_by_hand(liquid_2d, draw):
    """Time steps so long that trajectories are rejected; the last is shorter."""
    system, configuration = liquid_2d
    hybrid = HybridSwap(system, md_steps=30, swap_sweeps=2, draw=draw, time_step=0.018)
    result = hybrid.run(configuration, 0.8, 250, 7)

    rng = np.random.default_rng(7)
    n_particles = configuration.n_particles
    engine = EmbeddedEngine(system, time_step=0.018)
    exchange = SwapMonteCarlo(system, swap_fraction=1.0, draw=draw)
    n_accepted, energies = 0, []
    for n_steps in [30] * 8 + [10]:
        velocities = maxwell_velocities(n_particles, 2, 0.8, rng)
        first, last = engine.run(configuration, times=[0.0, n_steps * 0.018], velocities=velocities)
        totals = [state.potential_energy + state.kinetic_energy for state in (first, last)]
        if rng.random() < min(np.exp((totals[0] - totals[1]) / 0.8), 1):
            configuration = configuration.with_positions(last.positions)
            n_accepted += 1
        exchanged = exchange.run(configuration, 0.8, 2, rng)
        configuration = exchanged.configuration
        energies.append(exchanged.energies[-1])
    np.testing.assert_array_equal(result.configuration.positions, configuration.positions)
    np.testing.assert_array_equal(result.configuration.types, configuration.types)
    assert result.energies.tolist() == energies
    assert result.displacement_acceptance == n_accepted / 9
    assert 1 < n_accepted < 9
    exact = system.potential_energy(result.configuration) / n_particles
    assert result.energies[-1] == pytest.approx(exact, abs=1e-11)


def test_the_time_step_does_not_shift_the_energy(liquid_2d):
    """Long time steps, at which dynamics alone is much too hot; four standard errors."""
    system, configuration = liquid_2d
    coarse = HybridSwap(system, md_steps=10, swap_sweeps=1, time_step=0.018)
    exact = SwapMonteCarlo(system, swap_fraction=0.3)
    means, errors = [], []
    for sampler, n_sweeps in ((coarse, 8_000), (exact, 16_000)):
        result = sampler.run(configuration, 0.8, n_sweeps, random_state=3, record_every=20)
        blocks = [block.mean() for block in np.array_split(result.energies, 21)][1:]
        means.append(np.mean(blocks))
        errors.append(np.std(blocks, ddof=1) / np.sqrt(20))
    assert abs(means[0] - means[1]) < 4 * np.hypot(*errors)
    assert max(errors) < 0.03
    dynamics = EmbeddedEngine(system, time_step=0.018).run(
        configuration,
        times=np.arange(1, 400) * 0.18,
        velocities=maxwell_velocities(configuration.n_particles, 2, 0.8, 4),
        temperature=0.8,
        random_state=4,
    )
    shifted = np.mean([s.potential_energy for s in dynamics][100:]) / configuration.n_particles
    assert shifted > means[1] + 0.03


def test_records_and_repetition(liquid_2d):
    system, configuration = liquid_2d
    hybrid = HybridSwap(system, md_steps=5, swap_sweeps=1)
    first, again = (hybrid.run(configuration, 0.8, 33, 3, record_every=8) for _ in range(2))
    assert first.sweeps.tolist() == [10, 20, 25, 33]
    np.testing.assert_array_equal(first.energies, again.energies)
    np.testing.assert_array_equal(
        np.bincount(first.configuration.types), np.bincount(configuration.types)
    )
    assert hybrid.swap_sweeps == 1
    assert HybridSwap(system).swap_sweeps == 1
    assert HybridSwap(system, draw="even").swap_sweeps == 5


def test_bad_arguments_are_refused(liquid_2d):
    system, configuration = liquid_2d
    for setting in ({"md_steps": 0}, {"swap_sweeps": 0}):
        with pytest.raises(ValueError, match="must be 1 or more, not 0"):
            HybridSwap(system, **setting)
    with pytest.raises(ValueError, match="KA2D has no pairs"):
        HybridSwap(KobAndersen2D(), swap_pairs=[])
    with pytest.raises(ValueError, match="n_sweeps must be 1 or more"):
        HybridSwap(system).run(configuration, 1.0, 0)
