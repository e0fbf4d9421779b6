import numpy as np
import pytest

from vitreous.dynamics import (
    relaxation_time,
    relaxation_time_estimate,
    self_intermediate_scattering,
)


def test_scattering_function_of_gaussian_steps():
    rng = np.random.default_rng(1)
    initial = np.zeros((20000, 2))
    width = 0.15
    values = self_intermediate_scattering(initial, rng.normal(0, width, initial.shape), 7.0)
    expected = np.exp(-((7.0 * width) ** 2) / 2)
    assert values.shape == (20000,)
    assert values.mean() == pytest.approx(expected, abs=4 * values.std() / np.sqrt(20000))


def test_relaxation_time_of_a_stretched_exponential():
    times = np.geomspace(0.01, 1e4, 60)
    correlation = np.exp(-((times / 37.0) ** 0.6))
    assert relaxation_time(times, correlation) == pytest.approx(37.0, rel=0.02)
    assert relaxation_time(times, correlation, level=0.5) == pytest.approx(
        37.0 * np.log(2) ** (1 / 0.6), rel=0.02
    )


def test_relaxation_that_is_not_seen_has_no_time():
    assert np.isnan(relaxation_time([1.0, 2.0], [0.9, 0.8]))
    assert np.isnan(relaxation_time([1.0, 2.0], [0.1, 0.0]))


def test_error_of_a_relaxation_time_is_that_of_repeated_measurements():
    rng = np.random.default_rng(0)
    times = np.geomspace(0.1, 100, 60)
    found, errors = [], []
    for _ in range(200):
        taus = 10 * np.exp(rng.normal(0, 0.2, 8))
        estimate = relaxation_time_estimate(times, np.exp(-times / taus[:, None]))
        found.append(estimate.value)
        errors.append(estimate.standard_error)
    assert np.mean(errors) == pytest.approx(np.std(found), rel=0.15)


def test_relaxation_that_was_not_seen_has_no_time():
    times = np.geomspace(0.1, 100, 60)
    assert np.isnan(relaxation_time_estimate(times, [np.ones(60), np.ones(60)]).value)
