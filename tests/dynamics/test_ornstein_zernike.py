"""The fit of the Ornstein-Zernike form against numbers drawn from it."""

import numpy as np
import pytest

from vitreous.dynamics import fit_ornstein_zernike

Q = np.arange(1, 7) * 0.2
N = np.array([4, 8, 12, 16, 24, 24])


def test_exact_values_are_recovered():
    exact = 7.0 / (1 + (2.2 * Q) ** 2)
    found = fit_ornstein_zernike(Q, [exact] * 3, N, 1.2)
    assert found.length.value == pytest.approx(2.2, rel=1e-5)
    assert found.amplitude.value == pytest.approx(7.0, rel=1e-5)
    assert found.length.standard_error < 1e-9
    np.testing.assert_allclose(found(Q), exact, rtol=1e-5)


def test_only_small_wave_numbers_enter():
    values = np.where(Q < 0.9, 7.0 / (1 + (2.2 * Q) ** 2), 1e6)
    assert fit_ornstein_zernike(Q, [values] * 2, N, 0.9).length.value == pytest.approx(2.2)


def test_errors_are_those_of_repeated_measurements():
    """Sums of exponential variables, as Fourier components of a Gaussian field give them."""
    rng = np.random.default_rng(0)
    exact = 7.0 / (1 + (2.0 * Q) ** 2)
    lengths, errors = [], []
    for _ in range(200):
        values = exact * rng.gamma(N, 1 / N, (10, len(Q)))
        found = fit_ornstein_zernike(Q, values, N, 1.2).length
        lengths.append(found.value)
        errors.append(found.standard_error)
    assert np.mean(lengths) == pytest.approx(2.0, abs=0.05)
    assert np.mean(errors) == pytest.approx(np.std(lengths), rel=0.2)


def test_no_length_where_the_structure_factor_does_not_fall():
    found = fit_ornstein_zernike(Q, [np.full(6, 3.0)] * 2, N, 1.2)
    assert found.length.value == 0
    assert found.amplitude.value == pytest.approx(3.0, rel=1e-3)


def test_no_finite_length_where_it_falls_too_steeply():
    found = fit_ornstein_zernike(Q, [3.0 / Q**3] * 2, N, 1.2)
    assert np.isinf(found.length.value)
    assert np.isnan(found.length.standard_error)
