import numpy as np
import pytest

from vitreous.dynamics import labels_at_times, times_at_levels

TIMES = np.geomspace(0.1, 1000, 9)


@pytest.mark.parametrize("slope", [-0.1, 0.1])
def test_levels_are_found_where_the_mean_is_linear_in_log_t(slope):
    mean = 1 + slope * np.log(TIMES / TIMES[0])
    wanted = np.array([0.1, 0.5, 20.0, 1000.0])
    levels = 1 + slope * np.log(wanted / TIMES[0])
    np.testing.assert_allclose(times_at_levels(TIMES, mean, levels), wanted, rtol=1e-9)


def test_levels_agree_with_numpy_where_the_mean_falls_steadily():
    mean = np.exp(-((TIMES / 50) ** 0.4))
    levels = np.linspace(mean[0], mean[-1], 13)[1:-1]
    expected = np.exp(np.interp(-levels, -mean, np.log(TIMES)))
    np.testing.assert_allclose(times_at_levels(TIMES, mean, levels), expected, rtol=1e-12)


def test_levels_out_of_reach_are_named():
    with pytest.raises(ValueError, match=r"from 1 at t = 0.1 to 0.5 at t = 1000, not through 0.4"):
        times_at_levels(TIMES, np.linspace(1, 0.5, 9), [0.9, 0.4])


def test_labels_agree_with_numpy_particle_by_particle():
    halves = np.random.default_rng(0).normal(size=(2, 9, 5))
    wanted = np.array([0.1, 0.3, 7.0, TIMES[4], 999.0, 1000.0])
    result = labels_at_times(TIMES, halves, wanted)
    for half in range(2):
        for particle in range(5):
            np.testing.assert_allclose(
                result[half, :, particle],
                np.interp(np.log(wanted), np.log(TIMES), halves[half, :, particle]),
                rtol=1e-12,
                atol=1e-12,
            )


def test_the_mean_of_labels_at_a_level_is_the_level():
    labels = np.cumsum(np.random.default_rng(1).uniform(0, 1, (9, 50)), axis=0)
    levels = [1.0, 2.2, 3.9]
    times = times_at_levels(TIMES, labels.mean(axis=1), levels)
    np.testing.assert_allclose(labels_at_times(TIMES, labels, times).mean(axis=1), levels)


@pytest.mark.parametrize("wanted", [0.01, 2000.0])
def test_nothing_is_extrapolated(wanted):
    with pytest.raises(ValueError, match=f"from t = 0.1 to 1000, none at {wanted:g}"):
        labels_at_times(TIMES, np.zeros((9, 2)), [1.0, wanted])
