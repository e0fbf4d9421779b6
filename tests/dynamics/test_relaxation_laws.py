"""Laws of relaxation recovered from times drawn from them, and what they extrapolate to."""

import numpy as np
import pytest
from scipy.stats import kstest

from vitreous.dynamics import ParameterAtBoundWarning, fit_relaxation_law, glass_transition

T = np.array([0.5, 0.45, 0.4, 0.36, 0.33, 0.3])
ERRORS = np.full(6, 0.03)
LAWS = {
    "arrhenius": (lambda t: np.exp(1 + 3 / t), {"log_time": 1.0, "energy": 3.0}),
    "vft": (
        lambda t: np.exp(1 + 3 * 0.15 / (t - 0.15)),
        {"log_time": 1.0, "strength": 3.0, "divergence": 0.15},
    ),
    "parabolic": (
        lambda t: np.exp(1 + 2.2**2 * np.maximum(1 / t - 1 / 0.6, 0) ** 2),
        {"log_time": 1.0, "energy": 2.2, "onset": 0.6},
    ),
}


@pytest.mark.parametrize("law", LAWS)
def test_exact_times_give_the_law_back(law):
    exact, parameters = LAWS[law]
    found = fit_relaxation_law(T, exact(T), ERRORS, law)
    assert found.parameters == pytest.approx(parameters, rel=1e-3)
    assert found.chi_squared < 1e-6
    assert found.degrees_of_freedom == 6 - len(parameters)
    np.testing.assert_allclose(found(T), exact(T), rtol=1e-4)
    assert found.temperature(exact(0.25)) == pytest.approx(0.25, rel=1e-3)


@pytest.mark.parametrize("law", LAWS)
def test_errors_of_extrapolations_are_those_of_repeated_measurements(law):
    rng = np.random.default_rng(0)
    exact, _ = LAWS[law]
    slowest = exact(0.26)
    found, errors, squares = [], [], []
    for _ in range(60):
        times = exact(T) * np.exp(rng.normal(0, ERRORS))
        fit = fit_relaxation_law(T, times, ERRORS, law)
        found.append(fit.temperature(slowest))
        errors.append(fit.standard_error(lambda other: other.temperature(slowest)))
        squares.append(fit.chi_squared)
    assert np.mean(found) == pytest.approx(0.26, abs=4 * np.std(found) / np.sqrt(60) + 2e-4)
    assert np.median(errors) == pytest.approx(np.std(found), rel=0.35)
    assert np.mean(squares) == pytest.approx(fit.degrees_of_freedom, abs=1.2)


def test_glass_transition_lies_twelve_decades_below_the_onset():
    exact, _ = LAWS["parabolic"]
    fit = fit_relaxation_law(T, exact(T), ERRORS, "parabolic")
    found = glass_transition(fit, onset_time=exact(0.6))
    expected = 1 / (1 / 0.6 + np.sqrt(12 * np.log(10)) / 2.2)
    assert found.temperature == pytest.approx(expected, rel=1e-3)
    assert found.decades == pytest.approx(12 - np.log10(exact(0.3) / exact(0.6)), rel=1e-3)
    assert found.standard_error > 0
    assert f"{found.decades:.1f} decades" in str(found)


@pytest.mark.parametrize(
    ("drawn_from", "law", "parameter", "end"),
    [("arrhenius", "vft", "divergence", "0,"), ("arrhenius", "parabolic", "onset", "5,")],
)
def test_a_parameter_that_ends_at_its_bound_is_told(drawn_from, law, parameter, end):
    exact, _ = LAWS[drawn_from]
    message = f"the {parameter} of the {law} law ends at {end}"
    with pytest.warns(ParameterAtBoundWarning, match=message):
        found = fit_relaxation_law(T, exact(T), ERRORS, law)
    assert found.at_bound == (parameter,)
    assert fit_relaxation_law(T, LAWS[law][0](T), ERRORS, law).at_bound == ()


def test_p_value_is_uniform_if_the_law_holds():
    rng = np.random.default_rng(1)
    exact, _ = LAWS["arrhenius"]
    values = [
        fit_relaxation_law(T, exact(T) * np.exp(rng.normal(0, ERRORS)), ERRORS, "arrhenius").p_value
        for _ in range(200)
    ]
    assert kstest(values, "uniform").pvalue > 1e-3
    assert np.isnan(fit_relaxation_law(T[:2], exact(T[:2]), ERRORS[:2], "arrhenius").p_value)
    assert fit_relaxation_law(T, LAWS["parabolic"][0](T), ERRORS, "arrhenius").p_value < 1e-6


def test_vft_diverges():
    exact, _ = LAWS["vft"]
    fit = fit_relaxation_law(T, exact(T), ERRORS, "vft")
    assert np.isinf(fit(0.1))
    assert 0.15 < fit.temperature(1e300) < 0.16


def test_bad_input_is_refused():
    with pytest.raises(ValueError, match="unknown law 'mct'"):
        fit_relaxation_law(T, T, ERRORS, "mct")
    with pytest.raises(ValueError, match=r"as many, not \(6,\), \(5,\) and \(6,\)"):
        fit_relaxation_law(T, T[1:], ERRORS, "vft")
    with pytest.raises(ValueError, match="every relaxation time must be positive"):
        fit_relaxation_law(T, -T, ERRORS, "vft")
    with pytest.raises(ValueError, match="3 parameters; 2 temperatures are too few"):
        fit_relaxation_law(T[:2], T[:2], ERRORS[:2], "vft")
    falling = fit_relaxation_law(T, np.exp(-1 / T), ERRORS, "arrhenius")
    with pytest.raises(ValueError, match="does not reach the relaxation time"):
        falling.temperature(1e6)
