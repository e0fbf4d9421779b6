import numpy as np
import pytest

from vitreous.liquid import KobAndersen, KobAndersen2D, PairPotential

POTENTIALS = {
    "KA": KobAndersen().potential,
    "KA shifted": KobAndersen("shifted").potential,
    "KA2D": KobAndersen2D().potential,
    "harmonic": PairPotential.harmonic([[1.0, 2.0], [2.0, 3.0]], [[1.0, 1.2], [1.2, 1.4]]),
}


def pairs(potential):
    return [(a, b) for a in range(potential.n_types) for b in range(potential.n_types)]


@pytest.mark.parametrize("name", POTENTIALS)
def test_derivatives_agree_with_finite_differences(name):
    potential = POTENTIALS[name]
    for a, b in pairs(potential):
        cutoff = potential.cutoffs[a, b]
        r = np.linspace(0.36 * cutoff, 0.999 * cutoff, 50)
        h = 1e-5
        # Fourth-order central differences, so that the step error stays below 1e-8.
        weights = np.array([1, -8, 8, -1]) / (12 * h)
        steps = np.array([-2, -1, 1, 2]) * h
        slope = weights @ potential.energy(r + steps[:, None], a, b)
        second = -weights @ potential.force(r + steps[:, None], a, b)
        np.testing.assert_allclose(potential.force(r, a, b), -slope, rtol=1e-8, atol=1e-8)
        np.testing.assert_allclose(potential.curvature(r, a, b), second, rtol=1e-8, atol=1e-8)


@pytest.mark.parametrize(
    ("name", "vanishing"),
    [("KA shifted", 1), ("KA", 2), ("KA2D", 3), ("harmonic", 2)],
)
def test_tail_vanishes_at_the_cutoff_as_promised(name, vanishing):
    potential = POTENTIALS[name]
    for a, b in pairs(potential):
        inside = potential.cutoffs[a, b] * (1 - 1e-12)
        values = [potential.energy, potential.force, potential.curvature]
        for value in values[:vanishing]:
            assert abs(value(inside, a, b)) < 1e-9
        for value in values:
            assert value(potential.cutoffs[a, b] * (1 + 1e-12), a, b) == 0
        if vanishing < 3:
            assert abs(values[vanishing](inside, a, b)) > 1e-4


def test_smooth_tail_has_the_published_constants():
    published = [0.04049023795, -0.00970155098, 0.00062012616]
    x = np.array([1.0, 1.5, 2.0])
    expected = 4 * (x**-12 - x**-6 + published[0] + published[1] * x**2 + published[2] * x**4)
    potential = KobAndersen2D().potential
    np.testing.assert_allclose(potential.energy(x, 0, 0), expected, atol=1e-8)
    np.testing.assert_allclose(potential.energy(0.8 * x, 0, 1), 1.5 * expected, atol=1e-8)
    np.testing.assert_allclose(potential.energy(0.94 * x, 2, 2), 0.75 * expected, atol=1e-8)


def test_force_shifted_tail_is_the_published_one():
    c0, c1 = 2.5**-12 - 2.5**-6, -12 * 2.5**-13 + 6 * 2.5**-7
    x = np.array([1.0, 1.5, 2.0])
    expected = 4 * (x**-12 - x**-6 - c0 - (x - 2.5) * c1)
    np.testing.assert_allclose(KobAndersen().potential.energy(0.88 * x, 1, 1), 0.5 * expected)


def test_lennard_jones_minimum():
    potential = PairPotential.lennard_jones([[2.0]], [[1.5]], cutoff=4.0, tail="truncated")
    minimum = 1.5 * 2 ** (1 / 6)
    assert potential.energy(minimum, 0, 0) == pytest.approx(-2.0)
    assert potential.force(minimum, 0, 0) == pytest.approx(0.0, abs=1e-12)


@pytest.mark.parametrize(
    ("coefficients", "message"),
    [
        (np.ones((2, 2, 6)), "shape"),
        (np.full((1, 1, 7), np.nan), "finite"),
        (np.arange(28.0).reshape(2, 2, 7) + 1, "differs"),
    ],
)
def test_bad_coefficients_are_refused(coefficients, message):
    with pytest.raises(ValueError, match=message):
        PairPotential(coefficients, np.ones(coefficients.shape[:2]))


def test_a_diameter_for_each_pair_is_needed():
    with pytest.raises(ValueError, match="sigma must hold"):
        PairPotential(np.ones((2, 2, 7)), np.ones(2))


def test_unknown_tail_is_refused():
    with pytest.raises(ValueError, match="unknown tail 'soft'"):
        PairPotential.lennard_jones([[1.0]], [[1.0]], tail="soft")
