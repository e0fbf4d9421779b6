import numpy as np
import pytest

from vitreous.liquid import KobAndersen, KobAndersen2D, TabulatedPotential

FORMULAS = {
    "inverse power": (lambda r, a, b: r**-12.0, 1.25, "smooth"),
    "steep": (lambda r, a, b: r**-36.0, 1.5, "force-shifted"),
    "Yukawa": (lambda r, a, b: np.exp(-4 * (r - 1)) / r, 3.0, "smooth"),
    "Gaussian core": (lambda r, a, b: np.exp(-r * r), 3.0, "shifted"),
    "Hertzian": (lambda r, a, b: np.maximum(1 - r, 0) ** 2.5, 1.0, "truncated"),
}


def at_cutoff(formula, cutoff):
    """Value and first two derivatives by Richardson's one-sided differences."""
    h = 1e-3
    values = formula(cutoff + h * np.arange(-8.0, 1.0), 0, 0)
    polynomial = np.polynomial.Polynomial.fit(h * np.arange(-8.0, 1.0), values, 8)
    return [polynomial.deriv(n)(0.0) if n else polynomial(0.0) for n in range(3)]


@pytest.mark.parametrize("name", FORMULAS)
def test_table_agrees_with_the_formula(name):
    formula, cutoff, tail = FORMULAS[name]
    potential = TabulatedPotential.from_function(formula, [[1.0]], cutoff, tail)
    n_terms = {"truncated": 0, "shifted": 1, "force-shifted": 2, "smooth": 3}[tail]
    powers = {0: [], 1: [0], 2: [0, 1], 3: [0, 2, 4]}[n_terms]
    conditions = [
        [np.prod(np.arange(p, p - n, -1)) * cutoff ** max(p - n, 0) for p in powers]
        for n in range(n_terms)
    ]
    values = -np.array(at_cutoff(formula, cutoff)[:n_terms])
    prefactors = np.linalg.solve(np.reshape(conditions, (n_terms, n_terms)), values)
    r = np.random.default_rng(1).uniform(0.4 * cutoff, cutoff, 5000)
    exact = formula(r, 0, 0) + sum(c * r**p for c, p in zip(prefactors, powers, strict=True))
    floor = abs(exact[r > cutoff / 2]).mean()
    assert (abs(potential.energy(r, 0, 0) - exact) / np.maximum(abs(exact), floor)).max() < 1e-8
    assert potential.error < 1e-8


@pytest.mark.parametrize("system", [KobAndersen2D(), KobAndersen()], ids=repr)
def test_table_agrees_with_the_closed_form(system):
    exact = system.potential
    potential = TabulatedPotential.from_function(exact.energy, exact.sigma, 2.5)
    assert potential.max_cutoff == pytest.approx(exact.max_cutoff)
    x = np.linspace(0.8, 2.499, 3000)
    types = np.arange(potential.n_types)
    for a, b in zip(*np.meshgrid(types, types), strict=True):
        for a_, b_ in zip(a, b, strict=True):
            r = x * exact.sigma[a_, b_]
            for name, tolerance in (("energy", 1e-8), ("force", 2e-6), ("curvature", 1e-3)):
                values = getattr(exact, name)(r, a_, b_)
                np.testing.assert_allclose(
                    getattr(potential, name)(r, a_, b_), values, tolerance, tolerance
                )


def test_force_is_the_exact_derivative_of_the_energy():
    """Within an interval the energy is a cubic in r^2, which four points determine."""
    potential = TabulatedPotential.from_function(lambda r, a, b: r**-12.0, [[1.0]], 2.0, "smooth")
    edge = np.sqrt(0.5 * (1 + 100.0 / 2**potential.resolution)) * 2.0
    width = 0.9 * (2.0 / edge) * 2.0 / 2**potential.resolution / 4
    r = edge + 1e-9 + width * np.linspace(0, 1, 4)
    cubic = np.polynomial.Polynomial.fit(r * r, potential.energy(r, 0, 0), 3)
    middle = r.mean()
    slope = cubic.deriv()(middle**2) * 2 * middle
    assert potential.force(middle, 0, 0) == pytest.approx(-slope, rel=1e-9)
    curvature = 2 * cubic.deriv()(middle**2) + 4 * middle**2 * cubic.deriv(2)(middle**2)
    assert potential.curvature(middle, 0, 0) == pytest.approx(curvature, rel=1e-5)


def test_work_of_the_force_is_the_energy_also_below_the_table():
    potential = TabulatedPotential.from_function(lambda r, a, b: r**-12.0, [[1.0]], 1.5, "smooth")
    inside = np.linspace(0, 2e-3, 20_001)
    assert np.isfinite(potential.energy(inside, 0, 0)).all()
    for r in (inside, np.linspace(0.9, 1.6, 20_001)):
        force = potential.force(r, 0, 0)
        steps = np.diff(r) * (force[1:] + force[:-1]) / 2
        work = potential.energy(r[0], 0, 0) - potential.energy(r[-1], 0, 0)
        assert steps.sum() == pytest.approx(work, rel=1e-6)


def test_nothing_acts_beyond_the_cutoff():
    potential = TabulatedPotential.from_function(lambda r, a, b: 1 / r, [[1.0]], 2.0, "shifted")
    for name in ("energy", "force", "curvature"):
        assert getattr(potential, name)(2.0, 0, 0) == 0
        assert getattr(potential, name)(50.0, 0, 0) == 0
    assert potential.force(1.999, 0, 0) > 0.2


def test_types_have_their_own_formula():
    epsilon, sigma = np.array([[1.0, 3.0], [3.0, 2.0]]), [[1.0, 1.2], [1.2, 1.4]]
    potential = TabulatedPotential.from_function(
        lambda r, a, b: epsilon[a, b] / r, sigma, cutoff=[[2.0, 1.5], [1.5, 1.0]], tail="shifted"
    )
    np.testing.assert_allclose(potential.cutoffs, [[2.0, 1.8], [1.8, 1.4]])
    expected = [1 / 1.1 - 1 / 2, 3 / 1.1 - 3 / 1.8, 3 / 1.1 - 3 / 1.8, 2 / 1.1 - 2 / 1.4]
    np.testing.assert_allclose(potential.energy(1.1, [0, 0, 1, 1], [0, 1, 0, 1]), expected)


@pytest.mark.parametrize(
    ("formula", "cutoff", "message"),
    [
        (lambda r, a, b: r**-12.0, 2.0, r'jumps by 0.00024\d* at the cutoff r = 2; .*"shifted"'),
        (lambda r, a, b: abs(r - 1.3) - 0.7, 2.0, "near r = 1.3.* off by"),
        (lambda r, a, b: np.sqrt(r - 1) - 1, 2.0, "is nan at r = 0.99"),
        (lambda r, a, b: np.maximum(1 - r, 0) ** 2, 2.0, "zero from r = 1 to the cutoff r = 2"),
        (lambda r, a, b: r**-300.0 - 1.0, 1.0, "exceeds 1e.30 at half of the cutoff"),
        (lambda r, a, b: 1.0, 2.0, r"one value for each distance, shape \(.*\), not \(\)"),
        (lambda r, a, b: 1 / r, -1.0, "cutoff must be positive and finite, not -1.0"),
    ],
)
def test_unsuitable_formulas_are_refused(formula, cutoff, message):
    with pytest.raises(ValueError, match=message):
        TabulatedPotential.from_function(formula, [[1.0]], cutoff)


def test_impossible_diameters_are_refused():
    for sigma in ([1.0], [[1.0, 2.0], [3.0, 4.0]], [[-1.0]]):
        with pytest.raises(ValueError, match="sigma"):
            TabulatedPotential.from_function(lambda r, a, b: 1 / r, sigma, 2.0, "shifted")
    with pytest.raises(ValueError, match=r"shape \(S, S, n, 4\)"):
        TabulatedPotential(np.zeros((1, 1, 3)), np.ones((1, 1)), np.ones((1, 1)), 8, 0.0)
    with pytest.raises(ValueError, match="cutoffs must hold"):
        TabulatedPotential(np.zeros((1, 1, 3, 4)), np.ones(1), np.ones((1, 1)), 8, 0.0)
