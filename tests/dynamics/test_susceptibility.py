"""chi4 of a field and the smooth count of mobile particles."""

import numpy as np
import pytest

from vitreous.dynamics import mobile_fraction, susceptibility, total_susceptibility


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
