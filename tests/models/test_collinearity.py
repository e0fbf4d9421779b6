import numpy as np
import pytest
from sklearn.linear_model import LinearRegression

from vitreous.models import variance_inflation


@pytest.fixture
def mixed():
    rng = np.random.default_rng(3)
    return rng.normal(size=(400, 6)) @ rng.normal(size=(6, 6)) + [0, 10, -300, 1, 2, 3]


def test_equals_what_the_other_columns_explain(mixed):
    expected = []
    for column in range(6):
        others, own = np.delete(mixed, column, axis=1), mixed[:, column]
        expected.append(1 / (1 - LinearRegression().fit(others, own).score(others, own)))
    np.testing.assert_allclose(variance_inflation(mixed), expected, rtol=1e-8)


def test_scales_and_origins_do_not_matter(mixed):
    moved = 1e-3 * mixed * [1, -2, 30, 4, 5, 6] + 7
    np.testing.assert_allclose(variance_inflation(moved), variance_inflation(mixed), rtol=1e-6)


def test_is_the_variance_of_coefficients_over_that_of_independent_columns(mixed):
    # Var b_f = s^2 (X'X)^-1_ff; alone, column f would have s^2 / |x_f|^2.
    centered = mixed - mixed.mean(axis=0)
    variances = np.diag(np.linalg.inv(centered.T @ centered))
    alone = 1 / (centered**2).sum(axis=0)
    np.testing.assert_allclose(variance_inflation(mixed), variances / alone, rtol=1e-8)


def test_combinations_of_others_are_infinite_and_the_rest_is_not(mixed):
    independent = np.random.default_rng(4).normal(size=400)
    twice = np.column_stack([mixed[:, 0], mixed[:, 1], mixed[:, 0] - mixed[:, 1], independent])
    inflation = variance_inflation(twice)
    assert np.isinf(inflation[:3]).all()
    assert inflation[3] == pytest.approx(1, abs=0.1)


def test_no_more_samples_than_columns(mixed):
    assert np.isinf(variance_inflation(mixed[:5])).all()


def test_constant_columns_are_told_apart(mixed):
    with_constant = np.insert(mixed, 2, 0.1, axis=1)
    inflation = variance_inflation(with_constant)
    assert np.isnan(inflation[2])
    np.testing.assert_allclose(np.delete(inflation, 2), variance_inflation(mixed))


@pytest.mark.parametrize("X", [np.ones(3), np.ones((1, 3)), [[1.0, np.nan], [2.0, 3.0]]])
def test_what_is_no_design_is_refused(X):
    with pytest.raises(ValueError, match="finite matrix of at least two rows"):
        variance_inflation(X)
