import numpy as np
import pytest
from sklearn.decomposition import PCA
from sklearn.linear_model import LinearRegression, Ridge
from sklearn.model_selection import LeaveOneGroupOut
from sklearn.neighbors import KNeighborsRegressor
from sklearn.preprocessing import StandardScaler
from sklearn.utils.estimator_checks import parametrize_with_checks

from vitreous.models import GroupedAverage, GroupedBoosting, GroupedRidge, GroupedStacking
from vitreous.models._grouped_samples import deal_folds
from vitreous.models._normal_equations import Moments


@parametrize_with_checks(
    [
        GroupedRidge(),
        GroupedBoosting(min_samples_leaf=2, max_trees=10, n_splits=2),
        GroupedAverage([GroupedRidge(), GroupedRidge(alphas=[10.0])]),
        GroupedStacking([GroupedRidge(), LinearRegression()]),
    ]
)
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


def nonlinear(n_groups=5, n_samples=300, n_features=30, seed=0):
    rng = np.random.default_rng(seed)
    groups = np.repeat(np.arange(n_groups), n_samples)
    X = rng.normal(size=(len(groups), n_features))
    noise = rng.normal(0, 0.3, len(groups))
    return X, np.where(X[:, 3] * X[:, 4] > 0, 1.0, -1.0) + X[:, 3] + X[:, 4] + noise, groups


def test_boosting_learns_what_a_line_cannot():
    X, y, groups = nonlinear()
    train = groups < 4
    boosting = GroupedBoosting(min_samples_leaf=20).fit(X[train], y[train], groups=groups[train])
    ridge = GroupedRidge().fit(X[train], y[train], groups=groups[train])
    assert boosting.score(X[~train], y[~train]) > ridge.score(X[~train], y[~train]) + 0.1


def test_boosting_sees_the_components_of_many_columns():
    """A hundred copies of two columns, which vary together as neighbouring shells do."""
    X, y, groups = nonlinear(n_features=6)
    rng = np.random.default_rng(1)
    wide = np.hstack([X[:, [3]] + 0.1 * rng.normal(size=(len(X), 50)),
                      X[:, [4]] - 0.1 * rng.normal(size=(len(X), 150))])  # fmt: skip
    train = groups < 4
    boosting = GroupedBoosting(n_components=2, min_samples_leaf=20)
    boosting.fit(wide[train], y[train], groups=groups[train])
    components = wide @ boosting.components_.T
    np.testing.assert_allclose(components[train].var(axis=0), 1)
    assert np.corrcoef(components[:, 0], X[:, 4])[0, 1] ** 2 > 0.9
    assert np.corrcoef(components[:, 1], X[:, 3])[0, 1] ** 2 > 0.9
    ridge = GroupedRidge().fit(wide[train], y[train], groups=groups[train])
    assert boosting.score(wide[~train], y[~train]) > ridge.score(wide[~train], y[~train]) + 0.1


def test_principal_components_agree_with_scikit_learn():
    X, y, _ = grouped_data()
    scaled = StandardScaler().fit_transform(X)
    expected = PCA(3, whiten=True).fit_transform(scaled) * np.sqrt(len(X) / (len(X) - 1))
    components = (X - X.mean(axis=0)) @ Moments.of(X, y).principal_components(3).T
    signs = np.sign((components * expected).sum(axis=0))
    np.testing.assert_allclose(components * signs, expected, rtol=1e-9, atol=1e-9)


def test_boosting_is_a_ridge_where_only_noise_is_left():
    rng = np.random.default_rng(0)
    X, groups = rng.normal(size=(800, 5)), np.repeat(np.arange(4), 200)
    y = X[:, 0] + rng.normal(size=800)
    boosting = GroupedBoosting().fit(X, y, groups=groups)
    assert boosting.n_trees_ < 10
    ridge = GroupedRidge().fit(X, y, groups=groups)
    assert np.corrcoef(boosting.predict(X), ridge.predict(X))[0, 1] > 0.99


def test_number_of_trees_is_chosen_over_groups():
    """Columns that tell the groups apart explain offsets that mean nothing in a new group."""
    rng = np.random.default_rng(3)
    groups = np.repeat(np.arange(20), 30)
    offsets, marks = rng.normal(size=20), rng.normal(size=(20, 10))
    X = marks[groups] + 0.1 * rng.normal(size=(600, 10))
    y = 3 * offsets[groups] + 0.1 * rng.normal(size=600)
    settings = {"min_samples_leaf": 5, "max_trees": 50}
    by_group = GroupedBoosting(**settings).fit(X, y, groups=groups)
    by_sample = GroupedBoosting(**settings).fit(X, y)
    assert by_sample.n_trees_ > 10 * max(1, by_group.n_trees_)


def test_average_is_the_mean_of_its_parts():
    X, y, groups = grouped_data()
    parts = [GroupedRidge(), GroupedRidge(alphas=[1e3]), LinearRegression()]
    average = GroupedAverage(parts).fit(X, y, groups=groups)
    expected = (
        GroupedRidge().fit(X, y, groups=groups).predict(X)
        + GroupedRidge(alphas=[1e3]).fit(X, y, groups=groups).predict(X)
        + LinearRegression().fit(X, y).predict(X)
    ) / 3
    np.testing.assert_allclose(average.predict(X), expected)


def test_stack_learns_its_weights_from_left_out_groups_only():
    """The nearest neighbour knows its own sample by heart and nothing else: it gets no weight."""
    X, y, groups = nonlinear(n_groups=6, n_samples=50)
    stack = GroupedStacking([GroupedRidge(), KNeighborsRegressor(1)], n_splits=3)
    stack.fit(X, y, groups=groups)
    assert stack.weights_[0] > 5 * stack.weights_[1]
    folds = deal_folds(6, 3)[groups]
    for fold in range(3):
        ridge = GroupedRidge().fit(X[folds != fold], y[folds != fold], groups=groups[folds != fold])
        np.testing.assert_allclose(
            stack.out_of_fold_[folds == fold, 0], ridge.predict(X[folds == fold])
        )
    whole = GroupedRidge().fit(X, y, groups=groups).predict(X)
    np.testing.assert_allclose(stack.predict(X), stack.weights_ @ [whole, y] + stack.intercept_)


def test_weights_of_a_stack_are_least_squares_and_never_negative():
    X, y, groups = nonlinear(n_samples=100)
    stack = GroupedStacking().fit(X, y, groups=groups)
    assert (stack.weights_ >= 0).all()
    left = y - stack.out_of_fold_ @ stack.weights_ - stack.intercept_
    gradient = stack.out_of_fold_.T @ left
    np.testing.assert_allclose(
        gradient[stack.weights_ > 0], 0, atol=1e-6 * np.abs(gradient).max() + 1e-6
    )
    assert left.sum() == pytest.approx(0, abs=1e-9)


def test_nothing_to_combine():
    X, y, groups = grouped_data()
    with pytest.raises(ValueError, match="no regressors"):
        GroupedAverage([]).fit(X, y, groups=groups)


@pytest.mark.parametrize("regressor", [GroupedRidge(), GroupedBoosting()])
def test_one_group_is_not_enough(regressor):
    with pytest.raises(ValueError, match="at least 2 are needed, not 1"):
        regressor.fit(np.eye(4), np.arange(4.0), groups=np.zeros(4))
