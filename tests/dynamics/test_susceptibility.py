"""chi4 of a field and the smooth count of mobile particles."""

import numpy as np
import pytest

from vitreous.dynamics import (
    measure_heterogeneity,
    mobile_fraction,
    single_particle_variance,
    susceptibility,
    total_susceptibility,
)
from vitreous.liquid import KobAndersen2D


def test_susceptibility_of_independent_particles_is_their_variance():
    rng = np.random.default_rng(0)
    fields = rng.random((4000, 50)) < 0.3
    assert susceptibility(fields) == pytest.approx(0.3 * 0.7, rel=0.1)


def test_susceptibility_of_particles_in_step_grows_with_their_number():
    rng = np.random.default_rng(0)
    whole = (rng.random(4000) < 0.3)[:, None]
    assert susceptibility(np.repeat(whole, 50, axis=1)) == pytest.approx(50 * 0.21, rel=0.1)


def test_susceptibility_of_fields_of_several_times_and_sizes():
    rng = np.random.default_rng(0)
    fields = [rng.random((n, 3)) for n in (10, 20, 30)]
    means = [field.mean(axis=0) for field in fields]
    np.testing.assert_allclose(susceptibility(fields), 20 * np.var(means, axis=0))
    one_minus = susceptibility([1 - field for field in fields])
    np.testing.assert_allclose(one_minus, susceptibility(fields))


def test_one_configuration_does_not_fluctuate():
    with pytest.raises(ValueError, match="at least 2 configurations, not 1"):
        susceptibility([np.ones(5)])


def test_mobile_fraction_is_a_step_of_finite_width():
    step = mobile_fraction([0.0, 0.39, 0.44, 0.49, 9.0], 0.44)
    assert step[0] < 1e-7
    assert step[2] == 0.5
    assert step[4] == 1
    assert step[1] + step[3] == pytest.approx(1)
    assert step[3] == pytest.approx(1 / (1 + np.exp(-2)))


def drawn(rng, n_configurations, n_replicas, structure, velocities):
    """Halves of replicas whose mean field fluctuates by given amounts, 50 particles each."""
    of_structure = rng.normal(0, structure, (n_configurations, 1, 1))
    of_velocities = rng.normal(0, velocities, (n_configurations, n_replicas, 1))
    replicas = of_structure + of_velocities + np.zeros((1, 1, 50))
    return replicas[:, ::2].mean(axis=1), replicas[:, 1::2].mean(axis=1)


@pytest.mark.parametrize("n_replicas", [2, 5, 8])
def test_halves_tell_structure_from_velocities(n_replicas):
    even, odd = drawn(np.random.default_rng(1), 20000, n_replicas, 0.3, 0.5)
    assert susceptibility(even, odd) == pytest.approx(50 * 0.3**2, rel=0.06)
    total = total_susceptibility(even, odd, n_replicas)
    assert total == pytest.approx(50 * (0.3**2 + 0.5**2), rel=0.06)
    assert susceptibility(even) > 1.2 * susceptibility(even, odd)


def test_halves_that_do_not_match_are_refused():
    fields = np.ones((3, 5))
    with pytest.raises(ValueError, match="2 other fields for 3 fields"):
        susceptibility(fields, fields[:2])
    with pytest.raises(ValueError, match="at least 2 replicas, not 1"):
        total_susceptibility(fields, fields, 1)


def test_variance_of_single_particles_is_that_of_the_field_without_its_noise():
    rng = np.random.default_rng(2)
    sizes = 200, 300, 400
    truth = [rng.normal(0.3, 0.2, (n, 2)) for n in sizes]
    even, odd = ([t + rng.normal(0, 0.5, t.shape) for t in truth] for _ in range(2))
    np.testing.assert_allclose(
        single_particle_variance(truth), np.concatenate(truth).var(axis=0), rtol=1e-12
    )
    np.testing.assert_allclose(single_particle_variance(even, odd), 0.04, atol=0.04)
    assert (single_particle_variance(even) > 0.2).all()
    with pytest.raises(ValueError, match="2 other fields for 3 fields"):
        single_particle_variance(even, odd[:2])


def test_strength_and_structure_factor_relative_to_single_particles_forget_the_amplitude():
    liquids = [KobAndersen2D().random_configuration(430, seed) for seed in range(6)]
    rng = np.random.default_rng(3)
    fields = [rng.normal(rng.normal(0, 0.1), 1.0, 430) for _ in liquids]
    once = measure_heterogeneity(liquids, fields)
    thrice = measure_heterogeneity(liquids, [3 * field for field in fields])
    variance = single_particle_variance(fields)
    assert once.relative_strength.value == pytest.approx(once.strength.value / variance)
    np.testing.assert_allclose(
        once.relative_structure_factor.value, once.structure_factor.mean.value / variance
    )
    for name in ("relative_strength", "relative_structure_factor"):
        one, three = getattr(once, name), getattr(thrice, name)
        np.testing.assert_allclose(three.value, one.value, rtol=1e-9)
        np.testing.assert_allclose(three.standard_error, one.standard_error, rtol=1e-6)
    assert once.relative_structure_factor.value.mean() == pytest.approx(1.0, abs=0.1)
    assert thrice.strength.value == pytest.approx(9 * once.strength.value)
