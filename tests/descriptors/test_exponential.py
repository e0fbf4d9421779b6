"""The exponential of the kernels against the one of the C library."""

import numpy as np
import pytest

from vitreous.descriptors._exponential_kernels import exponential


def test_agrees_with_numpy():
    x = np.concatenate([np.linspace(-690.0, 707.0, 10_001), np.linspace(-1.0, 1.0, 1001)])
    np.testing.assert_allclose([exponential(value) for value in x], np.exp(x), rtol=1e-14)


def test_is_exact_at_zero():
    assert exponential(0.0) == 1.0


@pytest.mark.parametrize("x", [-691.0, -1e6, -np.inf])
def test_stays_clear_of_subnormal_numbers(x):
    assert 1e-300 < exponential(x) < 3e-300
