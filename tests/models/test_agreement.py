"""Correlations and amplitudes with their errors, each against the definition."""

import numpy as np
import pytest
from scipy import stats

from vitreous.dynamics import Estimate, mobile_fraction, susceptibility
from vitreous.models import agreement


def fields(n_configurations=8, noise=0.5, amplitude=0.6, seed=0):
    """Labels with fluctuations of whole configurations, and weaker predictions of them."""
    rng = np.random.default_rng(seed)
    true = [
        rng.normal(rng.normal(0, 0.3), 1, rng.integers(50, 90)) for _ in range(n_configurations)
    ]
    return true, [amplitude * (t + rng.normal(0, noise, len(t))) for t in true]


def test_statistics_by_definition():
    true, predicted = fields()
    result = agreement(true, predicted)
    y, p = np.concatenate(true), np.concatenate(predicted)
    single = [stats.pearsonr(a, b).statistic for a, b in zip(true, predicted, strict=True)]
    chi4 = [np.var([f.mean() for f in values]) for values in (true, predicted)]
    assert result["pearson_mean"].value == pytest.approx(np.mean(single))
    assert result["pearson_pooled"].value == pytest.approx(stats.pearsonr(y, p).statistic)
    assert result["variance_ratio"].value == pytest.approx(p.var() / y.var())
    assert result["susceptibility_ratio"].value == pytest.approx(chi4[1] / chi4[0])


def test_errors_are_those_of_leaving_configurations_out():
    true, predicted = fields()
    result = agreement(true, predicted)
    for name, estimate in result.items():
        without = [
            agreement(true[:i] + true[i + 1 :], predicted[:i] + predicted[i + 1 :])[name].value
            for i in range(8)
        ]
        assert estimate.standard_error == pytest.approx(np.sqrt(7) * np.std(without))
    single = [stats.pearsonr(a, b).statistic for a, b in zip(true, predicted, strict=True)]
    assert result["pearson_mean"].standard_error == pytest.approx(stats.sem(single))


def test_several_labels_are_compared_as_if_alone():
    true, predicted = fields()
    two = [[np.stack([v, v**2], axis=1) for v in values] for values in (true, predicted)]
    together = agreement(*two)
    alone = agreement([t**2 for t in true], [p**2 for p in predicted])
    for name, estimate in together.items():
        assert estimate.value.shape == (2,)
        assert estimate.value[1] == pytest.approx(alone[name].value)
        assert estimate.standard_error[1] == pytest.approx(alone[name].standard_error)


def test_susceptibility_is_that_of_the_order_parameter():
    true, predicted = fields()
    result = agreement(true, predicted, lambda values: mobile_fraction(values, 0.4))
    q_true, q_predicted = ([mobile_fraction(v, 0.4) for v in x] for x in (true, predicted))
    expected = susceptibility(q_predicted) / susceptibility(q_true)
    assert result["susceptibility_ratio"].value == pytest.approx(expected)
    assert result["variance_ratio"].value == agreement(true, predicted)["variance_ratio"].value


def test_confidence_intervals_hold_the_truth_as_often_as_they_say():
    rng = np.random.default_rng(4)
    inside = 0
    for _ in range(400):
        values = rng.normal(3, 1, 6)
        low, high = Estimate.jackknife(lambda i, v=values: v[i].mean(), 6).interval(0.9)
        inside += low < 3 < high
    assert 0.86 < inside / 400 < 0.94


def test_intervals_of_pooled_statistics_are_not_too_narrow():
    """Particles of one configuration share an offset: over particles the error would be a third."""
    inside = 0
    for seed in range(100):
        rng = np.random.default_rng(seed)
        true = [rng.normal(rng.normal(), 1, 200) for _ in range(12)]
        predicted = [t.mean() + 0.5 * (t - t.mean()) for t in true]
        low, high = agreement(true, predicted)["variance_ratio"].interval(0.95)
        inside += low < (1 + 0.25) / 2 < high
    assert inside >= 85


def test_constant_labels_have_no_correlation_and_one_configuration_no_error():
    result = agreement([np.ones(5)], [np.arange(5.0)])
    assert np.isnan(result["pearson_pooled"].value)
    assert np.isnan(result["variance_ratio"].value)
    assert np.isnan(result["pearson_mean"].standard_error)
