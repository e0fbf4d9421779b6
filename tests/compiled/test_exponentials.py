"""The exponentials of the kernels against the one of the C library, and of vectors against both."""

import numpy as np
import pytest
from numba import njit, types

from vitreous.compiled.exponentials import exponential, exponential_of
from vitreous.compiled.vectors import LANES, Vector, arrays, intrinsic

NUMBERS = np.concatenate([np.linspace(-690.0, 707.0, 10_001), np.linspace(-1.0, 1.0, 1007)])


@intrinsic
def fill_exponentials(typing_context, x, result):
    """Fill eight exponentials of eight numbers."""

    def generate(context, builder, signature, args):
        source, target = arrays(context, builder, signature, args, (0, 1))
        exponential_of(Vector.load(builder, source.data)).store(target.data)
        return context.get_dummy_value()

    return types.void(x, result), generate


@njit
def of_eights(numbers):
    result = np.empty_like(numbers)
    for start in range(0, numbers.size, LANES):
        fill_exponentials(numbers[start : start + LANES], result[start : start + LANES])
    return result


def by_vectors(numbers):
    return of_eights(np.array(numbers, dtype=np.float64))


def one_by_one(numbers):
    return np.array([exponential(number) for number in numbers])


@pytest.mark.parametrize("compute", [one_by_one, by_vectors])
def test_agrees_with_numpy(compute):
    np.testing.assert_allclose(compute(NUMBERS), np.exp(NUMBERS), rtol=1e-14)


@pytest.mark.parametrize("compute", [one_by_one, by_vectors])
def test_is_exact_at_zero(compute):
    np.testing.assert_array_equal(compute([0.0] * LANES), 1.0)


@pytest.mark.parametrize("compute", [one_by_one, by_vectors])
@pytest.mark.parametrize("x", [-691.0, -1e6, -np.inf])
def test_stays_clear_of_subnormal_numbers(compute, x):
    results = compute([x] * LANES)
    assert np.all((results > 1e-300) & (results < 3e-300))
