import numpy as np
import pytest
from sklearn.linear_model import Ridge
from sklearn.utils.estimator_checks import parametrize_with_checks

from vitreous.dynamics import ReversedReplica
from vitreous.models import GroupedRidge, PropensityRegressor, TwoLevelRidge
from vitreous.models._normal_equations import Moments

# A sample means nothing here without the others of its configuration.
EXPECTED_FAILURES = {
    "check_methods_subset_invariance": "the mean over the samples to predict enters",
    "check_regressors_train": "without groups, no sample has a deviation to learn from",
}


@parametrize_with_checks([TwoLevelRidge()], expected_failed_checks=lambda _: EXPECTED_FAILURES)
def test_scikit_learn_contract(estimator, check):
    check(estimator)


@pytest.fixture
def samples():
    rng = np.random.default_rng(1)
    groups = np.repeat(np.arange(12), 80)
    X = rng.normal(size=(len(groups), 6)) + 2 * rng.normal(size=(12, 6))[groups]
    X[:, 4:] *= 0.05
    deviations = X - np.stack([X[groups == g].mean(axis=0) for g in groups])
    level = np.stack([X[groups == g, 0].mean() for g in groups])
    y = deviations @ [1.0, -2.0, 0.0, 0.5, 30.0, 0.0] - 3.0 * level + rng.normal(size=len(groups))
    return X, y, groups, deviations


def test_slopes_within_and_between_configurations_are_told_apart(samples):
    X, y, groups, _ = samples
    test = groups >= 9
    ridge = TwoLevelRidge(mean_columns=[0]).fit(X[~test], y[~test], groups=groups[~test])
    flat = GroupedRidge().fit(X[~test], y[~test], groups=groups[~test])
    error = np.mean((ridge.predict(X[test], groups[test]) - y[test]) ** 2)
    assert error < 1.15
    assert np.mean((flat.predict(X[test]) - y[test]) ** 2) > 1.5 * error
    assert ridge.mean_model_[-1].coef_ / ridge.mean_model_[0].scale_ == pytest.approx(-3, abs=0.1)


def test_deviations_follow_scikit_learn_with_scaled_columns(samples):
    X, y, groups, deviations = samples
    ridge = TwoLevelRidge(favored_columns=[4], favors=[100.0], alphas=[30.0])
    ridge.fit(X, y, groups=groups)
    scale = deviations.std(axis=0) / np.array([1, 1, 1, 1, 10, 1])
    centred = y - np.stack([y[groups == g].mean() for g in groups])
    twin = Ridge(alpha=30.0, fit_intercept=False).fit(deviations / scale, centred)
    np.testing.assert_allclose(ridge.coef_, twin.coef_ / scale, rtol=1e-9)


def test_penalty_and_favor_have_the_least_error_in_left_out_groups(samples):
    X, y, groups, _ = samples
    ridge = TwoLevelRidge(favored_columns=[4], favors=[1.0, 1e2, 1e4], alphas=[1.0, 1e3, 1e5])
    ridge.fit(X, y, groups=groups)
    errors = ridge.held_out_errors_
    assert errors.shape == (3, 3)
    row, column = np.unravel_index(errors.argmin(), errors.shape)
    assert (ridge.favor_, ridge.alpha_) == (ridge.favors[row], ridge.alphas[column])
    assert np.ptp(errors) > 0


def test_several_targets_are_fitted_one_by_one(samples):
    X, y, groups, _ = samples
    both = np.stack([y, X[:, 1]], axis=1)
    ridge = TwoLevelRidge(favored_columns=[4]).fit(X, both, groups=groups)
    for number in range(2):
        alone = TwoLevelRidge(favored_columns=[4]).fit(X, both[:, number], groups=groups)
        np.testing.assert_allclose(ridge.coef_[number], alone.coef_, rtol=1e-7, atol=1e-10)
        np.testing.assert_allclose(
            ridge.predict(X, groups)[:, number], alone.predict(X, groups), rtol=1e-7, atol=1e-7
        )


def test_reversed_replicas_are_weighted_deviations(samples):
    X, y, groups, _ = samples
    ridge = TwoLevelRidge(alphas=[10.0])
    parts = [ridge.summarize(X[groups == g], y[groups == g]) for g in range(12)]
    twice = ridge.summarize_reversed(X[groups == 0], y[groups == 0] + 5.0, weight=2.0)
    folds = [parts[0] + twice, *parts[1:]]
    fitted = TwoLevelRidge(alphas=[10.0]).fit_summaries(folds)
    repeated = np.concatenate([np.arange(len(y)), *2 * [np.flatnonzero(groups == 0)]])
    expected = TwoLevelRidge(alphas=[10.0]).fit(X[repeated], y[repeated], groups=groups[repeated])
    np.testing.assert_allclose(fitted.coef_, expected.coef_, rtol=1e-9)
    plain = TwoLevelRidge(alphas=[10.0]).fit_summaries(parts)
    assert fitted.mean_model_.predict(X[:5]) == pytest.approx(plain.mean_model_.predict(X[:5]))
    assert abs(fitted.coef_ - plain.coef_).max() > 1e-4


def test_columns_that_do_not_vary_get_no_weight(samples):
    X, y, groups, _ = samples
    X = np.column_stack([X, np.full(len(y), 0.1), groups])
    ridge = TwoLevelRidge(mean_columns=[0], alphas=[1e-9]).fit(X, y, groups=groups)
    np.testing.assert_array_equal(ridge.coef_[-2:], 0)


def test_moments_of_deviations_add_up_without_their_means():
    X = np.random.default_rng(0).normal(size=(30, 2))
    moments = Moments.of(X, X[:, 0]).deviations(0.5)
    assert moments.n == 15
    assert moments.xx[0, 1] == pytest.approx(15 * np.cov(X.T, bias=True)[0, 1])


def test_propensity_regressor_learns_from_reversed_replicas(problem):
    model = PropensityRegressor(problem.descriptor, TwoLevelRidge())
    ends = [
        [ReversedReplica(configuration, label, 1.0)] * 2
        for configuration, label in zip(problem.configurations, problem.labels, strict=True)
    ]
    data = problem.configurations, problem.labels
    plain = model.fit(*data).regressors_["A"].coef_
    again = model.fit(*data, reversed_replicas=ends).regressors_["A"]
    # Three times the same data is a third of the penalty.
    alphas = np.array([again.alpha_ / 3])
    third = PropensityRegressor(problem.descriptor, TwoLevelRidge(alphas=alphas)).fit(*data)
    np.testing.assert_allclose(again.coef_, third.regressors_["A"].coef_, rtol=1e-6, atol=1e-9)
    assert plain.shape == again.coef_.shape


def test_regressors_that_cannot_learn_from_reversed_replicas_say_so(problem):
    model = PropensityRegressor(problem.descriptor, GroupedRidge())
    data = problem.configurations, problem.labels
    with pytest.raises(ValueError, match="TwoLevelRidge can"):
        model.fit(*data, reversed_replicas=[[]] * len(problem.labels))
    with pytest.raises(ValueError, match="of 1 configurations"):
        model.fit(*data, reversed_replicas=[[]])
