"""Random numbers in compiled functions are those of the generator."""

import numpy as np
import pytest
from numba import njit

from vitreous.compiled.generators import addresses_of, generator_at


@njit
def draw(random, numbers):
    generator = generator_at(random)
    for k in range(numbers.shape[0]):
        numbers[k, 0] = generator.random()
        numbers[k, 1] = generator.standard_normal()
        numbers[k, 2] = generator.standard_gamma(7.5)


@pytest.mark.parametrize("bits", [np.random.PCG64, np.random.MT19937, np.random.Philox])
def test_draws_are_those_of_numpy(bits):
    compiled, plain = np.random.Generator(bits(3)), np.random.Generator(bits(3))
    numbers = np.empty((100, 3))
    draw(addresses_of(compiled), numbers)
    for row in numbers:
        assert row.tolist() == [plain.random(), plain.standard_normal(), plain.standard_gamma(7.5)]
    assert compiled.random() == plain.random()
