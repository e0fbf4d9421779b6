import numpy as np
import pytest
from scipy import stats

from vitreous.dynamics import pearson, standard_error
from vitreous.models import noise_ceiling, pooled_noise_ceiling, propensity_scores


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
        mean, pooled = score["pearson_mean"], score["pearson_pooled"]
        assert mean.value == pytest.approx(np.mean(single))
        assert mean.standard_error == pytest.approx(stats.sem(single))
        assert mean.n_configurations == len(rows)
        assert pooled.value == pytest.approx(
            stats.pearsonr(np.concatenate(true), np.concatenate(predicted)).statistic
        )


@pytest.mark.parametrize("noise", [0.1, 1.0, 3.0])
def test_noise_ceiling_is_what_the_truth_scores(noise):
    rng = np.random.default_rng(2)
    true = rng.normal(size=200_000)
    first, second = true + rng.normal(0, noise, (2, true.size))
    reached = pearson(true, (first + second) / 2)
    assert noise_ceiling(first, second) == pytest.approx(reached, abs=0.01)


def test_several_labels_are_scored_one_by_one(problem):
    rng = np.random.default_rng(6)
    labels = [np.stack([t, rng.normal(size=len(t))], axis=1) for t in problem.true]
    predictions = [label + rng.normal(size=label.shape) for label in labels]
    both = propensity_scores(problem.configurations, labels, predictions)["B"]
    for column in (0, 1):
        alone = propensity_scores(
            problem.configurations,
            [label[:, column] for label in labels],
            [prediction[:, column] for prediction in predictions],
        )["B"]
        for name, estimate in alone.items():
            assert both[name].value[column] == pytest.approx(estimate.value)


def test_pooled_noise_ceiling_is_of_all_particles_together(problem):
    found = pooled_noise_ceiling(problem.configurations, problem.halves, "A")
    of_type = [configuration.types == 0 for configuration in problem.configurations]
    first, second = (
        np.concatenate([half[k][a] for half, a in zip(problem.halves, of_type, strict=True)])
        for k in (0, 1)
    )
    assert found == pytest.approx(noise_ceiling(first, second))


def test_noise_ceiling_of_pure_noise_is_zero():
    assert noise_ceiling([1.0, 2.0, 3.0], [3.0, 2.0, 1.0]) == 0.0
