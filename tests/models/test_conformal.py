"""Intervals: their coverage of configurations whose particles are not independent."""

import numpy as np
import pytest

from vitreous.liquid import KobAndersen2D
from vitreous.models import (
    GroupedRidge,
    PropensityRegressor,
    conformal_intervals,
    cross_predict,
)


@pytest.fixture(scope="module")
def configuration():
    return KobAndersen2D().random_configuration(60, 0)


def draw(rng, configuration, n):
    """Errors whose size is a property of the configuration."""
    shape = (n, configuration.n_particles)
    return list(rng.normal(0, 1, shape) * rng.exponential(1, (n, 1)) + rng.normal(0, 1, (n, 1)))


@pytest.mark.parametrize(("n", "coverage"), [(9, 0.9), (12, 0.8), (30, 0.9)])
def test_coverage_of_new_configurations(configuration, n, coverage):
    """Averaged over calibration sets; a quantile over all particles alike falls short."""
    rng = np.random.default_rng(0)
    zero = [np.zeros(60)] * n
    covered, naive = [], []
    for _ in range(400):
        calibration, new = draw(rng, configuration, n), draw(rng, configuration, 20)
        intervals = conformal_intervals([configuration] * n, calibration, zero, coverage)
        assert intervals.n_configurations == n
        covered.append(np.mean(np.abs(new) <= intervals.half_width(configuration)))
        naive.append(np.mean(np.abs(new) <= np.quantile(np.abs(calibration), coverage)))
    error = np.std(covered) / np.sqrt(len(covered))
    assert np.mean(covered) > coverage - 3 * error
    assert np.mean(covered) < coverage + 1 / (n + 1) + 3 * error
    assert np.mean(naive) < np.mean(covered)
    if n == 9:
        assert np.mean(naive) < coverage - 3 * error


def test_half_width_by_hand(configuration):
    """With equally many particles it is a quantile raised by (K + 1) / K."""
    rng = np.random.default_rng(1)
    labels = [rng.normal(size=60) for _ in range(11)]
    intervals = conformal_intervals([configuration] * 11, labels, [np.zeros(60)] * 11, 0.8)
    for index, species in enumerate("ABC"):
        rows = configuration.types == index
        errors = np.sort(np.abs(np.concatenate([label[rows] for label in labels])))
        rank = int(np.ceil(len(errors) * 0.8 * 12 / 11))
        assert intervals.half_widths[species] == errors[rank - 1]
        assert (intervals.half_width(configuration)[rows] == errors[rank - 1]).all()


def test_too_few_configurations_and_other_coverages_are_named(configuration):
    zero = [np.zeros(60)] * 8
    with pytest.raises(ValueError, match=r"of coverage 0\.9 take at least 9 "):
        conformal_intervals([configuration] * 8, zero, zero)
    with pytest.raises(ValueError, match="between 0 and 1, not 90"):
        conformal_intervals([configuration] * 8, zero, zero, 90)


def test_cross_predictions_are_of_models_that_did_not_see_the_configuration(problem, coordinates):
    model = PropensityRegressor(coordinates, GroupedRidge())
    labels = [label.copy() for label in problem.labels]
    usual = cross_predict(model, problem.configurations, labels)
    labels[4] += 100
    shifted = cross_predict(model, problem.configurations, labels)
    np.testing.assert_array_equal(usual[4], shifted[4])
    assert all(
        np.mean(b - a) > 5 for i, (a, b) in enumerate(zip(usual, shifted, strict=True)) if i != 4
    )


def test_intervals_of_a_ridge_hold_new_labels(problem, coordinates):
    """Ten configurations, one more than there must be; tested on many new ones."""
    many = type(problem)(n_configurations=60)
    model = PropensityRegressor(coordinates, GroupedRidge())
    train, test = slice(0, 10), slice(10, None)
    predictions = cross_predict(model, many.configurations[train], many.labels[train])
    intervals = conformal_intervals(many.configurations[train], many.labels[train], predictions)
    model.fit(many.configurations[train], many.labels[train])
    inside = [
        np.mean(abs(label - prediction) <= intervals.half_width(configuration))
        for configuration, label, prediction in zip(
            many.configurations[test],
            many.labels[test],
            model.predict(many.configurations[test]),
            strict=True,
        )
    ]
    assert 0.9 <= np.mean(inside) < 1
