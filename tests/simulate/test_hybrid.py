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
        (HybridSwap(system, md_steps=50), 1100),
        (SwapMonteCarlo(system), 11000),
    ):
        result = sampler.run(mixed, 1.0, n_sweeps, random_state=2)
        blocks = [block.mean() for block in np.array_split(result.energies, 22)][2:]
        means.append(np.mean(blocks))
        errors.append(np.std(blocks, ddof=1) / np.sqrt(20))
    assert abs(means[0] - means[1]) < 4 * np.hypot(*errors)
    assert max(errors) < 0.02


def test_a_cycle_agrees_with_its_steps_by_hand(liquid_2d):
    system, configuration = liquid_2d
    result = HybridSwap(system, md_steps=30, swap_sweeps=2).run(configuration, 0.8, 1, 7)

    rng = np.random.default_rng(7)
    n_particles = configuration.n_particles
    velocities = maxwell_velocities(n_particles, 2, 0.8, rng)
    (snapshot,) = EmbeddedEngine(system).run(
        configuration, times=[0.3], velocities=velocities, temperature=0.8, random_state=rng
    )
    exchanged = SwapMonteCarlo(system, swap_fraction=1.0).run(
        configuration.with_positions(snapshot.positions), 0.8, 2, rng
    )
    np.testing.assert_array_equal(result.configuration.positions, exchanged.configuration.positions)
    np.testing.assert_array_equal(result.configuration.types, exchanged.configuration.types)
    assert result.energies.tolist() == [exchanged.energies[-1]]
    assert result.swap_acceptance == pytest.approx(exchanged.swap_acceptance)
    exact = system.potential_energy(result.configuration) / n_particles
    assert result.energies[-1] == pytest.approx(exact, abs=1e-11)


def test_records_and_repetition(liquid_2d):
    system, configuration = liquid_2d
    hybrid = HybridSwap(system, md_steps=5, swap_sweeps=1)
    first, again = (hybrid.run(configuration, 0.8, 7, 3, record_every=3) for _ in range(2))
    assert first.sweeps.tolist() == [3, 6, 7]
    np.testing.assert_array_equal(first.energies, again.energies)
    np.testing.assert_array_equal(
        np.bincount(first.configuration.types), np.bincount(configuration.types)
    )


def test_bad_arguments_are_refused(liquid_2d):
    system, configuration = liquid_2d
    for setting in ({"md_steps": 0}, {"swap_sweeps": 0}):
        with pytest.raises(ValueError, match="must be 1 or more, not 0"):
            HybridSwap(system, **setting)
    with pytest.raises(ValueError, match="KA2D has no pairs"):
        HybridSwap(KobAndersen2D(), swap_pairs=[])
    with pytest.raises(ValueError, match="n_sweeps must be 1 or more"):
        HybridSwap(system).run(configuration, 1.0, 0)
