import numpy as np
import pytest
from sklearn.linear_model import Ridge
from sklearn.model_selection import LeaveOneGroupOut
from sklearn.preprocessing import StandardScaler
from sklearn.utils.estimator_checks import parametrize_with_checks

from vitreous.models import GroupedBoosting, GroupedRidge


@parametrize_with_checks([GroupedRidge(), GroupedBoosting(min_samples_leaf=2, max_trees=30)])
def test_scikit_learn_contract(estimator, check):
    check(estimator)


def grouped_data(n_groups=6, n_samples=50, n_features=20, seed=0):
    rng = np.random.default_rng(seed)
    groups = np.repeat(np.arange(n_groups), n_samples)
    X = rng.normal(size=(len(groups), n_features)) * rng.uniform(0.1, 10, n_features) + 5
    offsets = rng.normal(size=n_groups)
    y = 0.1 * X[:, 0] + offsets[groups] + rng.normal(size=len(groups))
    return X, y, groups


def ridge_by_hand(X, y, alpha):
    scaler = StandardScaler().fit(X)
    model = Ridge(alpha).fit(scaler.transform(X), y)
    return lambda new: model.predict(scaler.transform(new))


def test_ridge_and_its_penalty_agree_with_scikit_learn():
    X, y, groups = grouped_data()
    alphas = np.logspace(0, 4, 9)
    ridge = GroupedRidge(alphas=alphas).fit(X, y, groups=groups)

    errors = np.zeros(len(alphas))
    for train, test in LeaveOneGroupOut().split(X, y, groups):
        for number, alpha in enumerate(alphas):
            predict = ridge_by_hand(X[train], y[train], alpha)
            errors[number] += np.sum((y[test] - predict(X[test])) ** 2) / len(y)
    np.testing.assert_allclose(ridge.held_out_errors_, errors, rtol=1e-9)
    assert ridge.alpha_ == alphas[np.argmin(errors)]
    np.testing.assert_allclose(ridge.predict(X), ridge_by_hand(X, y, ridge.alpha_)(X), rtol=1e-9)


def test_several_targets_are_fitted_as_if_alone():
    X, y, groups = grouped_data()
    targets = np.stack([y, X[:, 3], np.sin(y)], axis=1)
    together = GroupedRidge().fit(X, targets, groups=groups)
    for number, target in enumerate(targets.T):
        alone = GroupedRidge().fit(X, target, groups=groups)
        assert together.alpha_[number] == alone.alpha_
        np.testing.assert_allclose(
            together.predict(X)[:, number], alone.predict(X), rtol=1e-9, atol=1e-9
        )


def test_ridge_is_stable_against_constant_and_repeated_columns():
    X, y, groups = grouped_data()
    wide = np.hstack([X, X[:, :1], np.full((len(X), 1), 1e6)])
    ridge = GroupedRidge().fit(wide, y, groups=groups)
    assert ridge.coef_[-1] == 0
    assert ridge.coef_[0] == pytest.approx(ridge.coef_[-2], rel=1e-6)
    assert np.isfinite(ridge.predict(wide)).all()


def test_the_penalty_over_groups_is_stronger_than_over_samples():
    rng = np.random.default_rng(3)
    groups = np.repeat(np.arange(20), 30)
    offsets, marks = rng.normal(size=20), rng.normal(size=(20, 40))
    # The columns tell the groups apart, and with them offsets that mean nothing in a new group.
    X = marks[groups] + 0.3 * rng.normal(size=(600, 40))
    y = 3 * offsets[groups] + rng.normal(size=600)
    by_group = GroupedRidge().fit(X, y, groups=groups)
    by_sample = GroupedRidge().fit(X, y)
    assert by_group.alpha_ > 10 * by_sample.alpha_


def test_boosting_learns_what_a_line_cannot():
    rng = np.random.default_rng(0)
    groups = np.repeat(np.arange(5), 300)
    X = rng.normal(size=(1500, 30))
    y = np.where(X[:, 3] * X[:, 4] > 0, 1.0, -1.0) + X[:, 3] + X[:, 4] + rng.normal(0, 0.3, 1500)
    train = groups < 4
    boosting = GroupedBoosting(n_selected=10).fit(X[train], y[train], groups=groups[train])
    ridge = GroupedRidge().fit(X[train], y[train], groups=groups[train])
    assert {3, 4} <= set(boosting.selected_)
    assert boosting.score(X[~train], y[~train]) > ridge.score(X[~train], y[~train]) + 0.1


def test_boosting_stops_where_only_noise_is_left():
    rng = np.random.default_rng(0)
    X, groups = rng.normal(size=(800, 5)), np.repeat(np.arange(4), 200)
    assert GroupedBoosting().fit(X, rng.normal(size=800), groups=groups).n_trees_ < 20


@pytest.mark.parametrize("regressor", [GroupedRidge(), GroupedBoosting()])
def test_one_group_is_not_enough(regressor):
    with pytest.raises(ValueError, match="at least 2 are needed, not 1"):
        regressor.fit(np.eye(4), np.arange(4.0), groups=np.zeros(4))
