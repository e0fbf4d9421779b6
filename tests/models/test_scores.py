import numpy as np
import pytest
from scipy import stats

from vitreous.models import noise_ceiling, pearson, propensity_scores, standard_error


def test_pearson_agrees_with_scipy():
    a, b = np.random.default_rng(0).normal(size=(2, 100))
    assert pearson(a, b) == pytest.approx(stats.pearsonr(a, b).statistic)
    assert np.isnan(pearson(a, np.ones(100)))
    with pytest.raises(ValueError, match=r"shape \(100,\) cannot be .* \(99,\)"):
        pearson(a, b[1:])


def test_pearson_of_columns_is_that_of_each():
    a, b = np.random.default_rng(0).normal(size=(2, 100, 3))
    each = [pearson(x, y) for x, y in zip(a.T, b.T, strict=True)]
    np.testing.assert_allclose(pearson(a, b), each)


def test_standard_error_agrees_with_scipy():
    values = np.random.default_rng(0).normal(size=9)
    assert standard_error(values) == pytest.approx(stats.sem(values))
    assert np.isnan(standard_error([1.0]))


def test_scores_of_each_species_by_hand(problem):
    rng = np.random.default_rng(5)
    predictions = [t + rng.normal(0, 3, len(t)) for t in problem.true]
    scores = propensity_scores(problem.configurations, problem.labels, predictions)
    assert list(scores) == ["A", "B", "C"]
    for number, score in enumerate(scores.values()):
        rows = [c.types == number for c in problem.configurations]
        true = [label[r] for label, r in zip(problem.labels, rows, strict=True)]
        predicted = [p[r] for p, r in zip(predictions, rows, strict=True)]
        single = [stats.pearsonr(t, p).statistic for t, p in zip(true, predicted, strict=True)]
        assert score.pearson_mean == pytest.approx(np.mean(single))
        assert score.pearson_standard_error == pytest.approx(stats.sem(single))
        assert score.pearson_pooled == pytest.approx(
            stats.pearsonr(np.concatenate(true), np.concatenate(predicted)).statistic
        )
        assert score.n_configurations == len(rows)


@pytest.mark.parametrize("noise", [0.1, 1.0, 3.0])
def test_noise_ceiling_is_what_the_truth_scores(noise):
    rng = np.random.default_rng(2)
    true = rng.normal(size=200_000)
    first, second = true + rng.normal(0, noise, (2, true.size))
    reached = pearson(true, (first + second) / 2)
    assert noise_ceiling(first, second) == pytest.approx(reached, abs=0.01)


def test_several_labels_are_not_scored_as_one(problem):
    pairs = [np.stack([t, t], axis=1) for t in problem.true]
    with pytest.raises(ValueError, match="one label per particle"):
        propensity_scores(problem.configurations, pairs, pairs)


def test_noise_ceiling_of_pure_noise_is_zero():
    assert noise_ceiling([1.0, 2.0, 3.0], [3.0, 2.0, 1.0]) == 0.0
