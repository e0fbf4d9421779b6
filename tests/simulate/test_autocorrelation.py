"""The integrated autocorrelation time against processes for which it is known."""

import numpy as np
import pytest
from scipy.signal import lfilter

from vitreous.simulate import integrated_autocorrelation_time


def autoregressive(memory, n_runs, n_samples, seed):
    """Stationary x(t) = memory x(t - 1) + noise, with tau = (1 + memory) / (1 - memory)."""
    rng = np.random.default_rng(seed)
    noise = rng.standard_normal((n_runs, n_samples))
    noise[:, 0] /= np.sqrt(1 - memory**2)
    return lfilter([1], [1, -memory], noise, axis=1)


@pytest.mark.parametrize("memory", [-0.3, 0.0, 0.5, 0.9, 0.98])
def test_autoregressive_process_has_its_known_time(memory):
    """Four standard errors: var(tau) = 2 (2 M + 1) tau^2 / n, with M = 5 tau (Madras, Sokal)."""
    exact = (1 + memory) / (1 - memory)
    n_samples = 200_000
    window = max(5 * exact, 1)
    error = exact * np.sqrt(2 * (2 * window + 1) / n_samples)
    bias = exact * memory**window
    tau = integrated_autocorrelation_time(autoregressive(memory, 1, n_samples, seed=1))
    assert tau == pytest.approx(exact, abs=4 * error + abs(bias))


def test_error_of_the_mean_follows_from_it():
    """The variance of the means of 400 runs is tau / n times that of single samples."""
    runs = autoregressive(0.8, 400, 2000, seed=2)
    tau = integrated_autocorrelation_time(runs)
    predicted = runs.var() * tau / 2000
    # The variance of 400 means has a relative standard error of sqrt(2 / 399).
    assert runs.mean(axis=1).var(ddof=1) == pytest.approx(predicted, rel=4 * np.sqrt(2 / 399))


def test_autocovariances_agree_with_sums_by_hand():
    runs = autoregressive(0.7, 3, 120, seed=3)
    deviations = runs - runs.mean()
    rho = np.array([np.mean(deviations[:, : 120 - lag] * deviations[:, lag:]) for lag in range(61)])
    rho /= rho[0]
    tau = 1.0
    for lag in range(1, 61):
        tau += 2 * rho[lag]
        if lag >= 5 * tau:
            break
    assert lag < 60
    assert integrated_autocorrelation_time(runs) == pytest.approx(tau, rel=1e-12)


def test_runs_that_stay_apart_are_correlated_over_their_whole_length():
    runs = autoregressive(0.0, 4, 200, seed=4) + 10 * np.arange(4)[:, None]
    assert integrated_autocorrelation_time(runs) > 100


def test_scale_and_origin_do_not_matter():
    runs = autoregressive(0.5, 2, 500, seed=5)
    tau = integrated_autocorrelation_time(runs)
    assert integrated_autocorrelation_time(1e3 * runs - 7) == pytest.approx(tau, rel=1e-9)


def test_constant_series_have_none():
    assert np.isnan(integrated_autocorrelation_time(np.full((2, 50), -2.1)))


@pytest.mark.parametrize(
    ("series", "message"),
    [
        ([1.0], "two samples or more"),
        (np.zeros((2, 2, 2)), "shape"),
        ([1.0, np.nan, 2.0], "finite"),
    ],
)
def test_series_of_no_use_are_refused(series, message):
    with pytest.raises(ValueError, match=message):
        integrated_autocorrelation_time(series)
