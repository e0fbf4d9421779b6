import numpy as np
import pytest
from sklearn.base import clone
from sklearn.inspection import permutation_importance
from sklearn.linear_model import LinearRegression
from sklearn.model_selection import GridSearchCV, LeaveOneGroupOut, cross_val_score

from vitreous.descriptors import RadialDescriptor
from vitreous.models import GroupedRidge, PropensityRegressor


def test_each_species_has_its_own_regressor(problem, coordinates):
    model = PropensityRegressor(coordinates, GroupedRidge())
    model.fit(problem.configurations[:6], problem.labels[:6])
    slopes = [model.regressors_[species].coef_[0] for species in "ABC"]
    np.testing.assert_allclose(slopes, [1.0, -2.0, 0.5], atol=0.1)
    for true, predicted in zip(
        problem.true[6:], model.predict(problem.configurations[6:]), strict=True
    ):
        assert np.corrcoef(true, predicted)[0, 1] > 0.99


def test_one_regressor_for_all_species_mixes_them(problem, coordinates):
    together = PropensityRegressor(coordinates, GroupedRidge(), per_type=False)
    apart = PropensityRegressor(coordinates, GroupedRidge())
    data = problem.configurations, problem.labels
    assert list(together.fit(*data).regressors_) == ["all"]
    assert together.score(*data) < apart.fit(*data).score(*data)


def test_regressors_that_know_no_groups_work(problem, coordinates):
    model = PropensityRegressor(coordinates, LinearRegression())
    assert model.fit(problem.configurations, problem.labels).score(
        problem.configurations, problem.labels
    ) == pytest.approx(0.9, abs=0.1)


def test_cross_validation_splits_configurations(problem, coordinates):
    temperatures = [0.3, 0.4, 0.5] * 3
    model = PropensityRegressor(coordinates, GroupedRidge())
    scores = cross_val_score(
        model,
        problem.configurations,
        problem.labels,
        groups=temperatures,
        cv=LeaveOneGroupOut(),
    )
    assert scores.shape == (3,)
    assert (scores > 0.8).all()
    search = GridSearchCV(model, {"regressor__alphas": [[1.0], [1e9]]}, cv=3)
    search.fit(problem.configurations, problem.labels)
    assert search.best_params_["regressor__alphas"] == [1.0]


@pytest.mark.parametrize("scoring", ["r2", "neg_mean_squared_error"])
def test_scores_that_take_particles_for_targets_are_refused(problem, coordinates, scoring):
    model = PropensityRegressor(coordinates, GroupedRidge())
    data = problem.configurations, problem.labels
    with pytest.raises(TypeError, match="leave scoring out of cross_val_score"):
        cross_val_score(model, *data, scoring=scoring, cv=3, error_score="raise")
    with pytest.warns(UserWarning, match="leave scoring out of cross_val_score"):
        assert np.isnan(cross_val_score(model, *data, scoring=scoring, cv=3)).all()


def test_predictions_are_a_list_that_numpy_takes(problem, coordinates):
    model = PropensityRegressor(coordinates, GroupedRidge()).fit(
        problem.configurations, problem.labels
    )
    predicted = model.predict(problem.configurations)
    assert isinstance(predicted, list)
    assert np.array(predicted).shape == np.stack(predicted).shape == (9, 160)
    assert np.concatenate(predicted).shape == (9 * 160,)


def test_one_configuration_is_not_a_list_of_them(problem, coordinates):
    model = PropensityRegressor(coordinates, GroupedRidge()).fit(
        problem.configurations, problem.labels
    )
    one = problem.configurations[0]
    for method in (model.predict, model.predict_with_distances):
        with pytest.raises(TypeError, match=r"write \[configuration\]"):
            method(one)
    for method in (model.fit, model.score):
        with pytest.raises(TypeError, match=r"write \[configuration\]"):
            method(one, problem.labels[0])


def test_permutation_importance_takes_the_rows_of_a_species(problem, coordinates):
    """As the page on models tells."""
    model = PropensityRegressor(coordinates, GroupedRidge()).fit(
        problem.configurations, problem.labels
    )
    unseen, labels = problem.configurations[6:], problem.labels[6:]
    features = model.descriptor_.transform(unseen)
    chosen = np.concatenate([configuration.of_species("A") for configuration in unseen])
    found = permutation_importance(
        model.regressors_["A"], features[chosen], np.concatenate(labels)[chosen], random_state=0
    )
    assert found.importances_mean[0] > 10 * abs(found.importances_mean[1])


def test_number_of_workers_and_memory_change_nothing(problem, tmp_path):
    data = problem.configurations, problem.labels
    plain = PropensityRegressor(RadialDescriptor(), GroupedRidge())
    other = clone(plain).set_params(n_jobs=2, memory=str(tmp_path))
    expected = plain.fit(*data).predict(problem.configurations)
    for _ in range(2):
        predicted = clone(other).fit(*data).predict(problem.configurations)
        np.testing.assert_array_equal(np.concatenate(predicted), np.concatenate(expected))


def test_bad_labels_are_named(problem, coordinates):
    model = PropensityRegressor(coordinates, GroupedRidge())
    labels = [label.copy() for label in problem.labels]
    labels[2][17] = np.nan
    with pytest.raises(ValueError, match="particle 17 in configuration 2 is nan"):
        model.fit(problem.configurations, labels)
    with pytest.raises(ValueError, match="configuration 1 has 160 particles"):
        model.fit(problem.configurations[:2], [problem.labels[0], problem.labels[1][:-1]])
    with pytest.raises(ValueError, match="no configurations"):
        model.fit([], [])


def test_a_species_without_particles_is_named(problem, coordinates):
    configurations = [c.with_types(np.minimum(c.types, 1)) for c in problem.configurations]
    with pytest.raises(ValueError, match="species 'C'"):
        PropensityRegressor(coordinates, GroupedRidge()).fit(configurations, problem.labels)
