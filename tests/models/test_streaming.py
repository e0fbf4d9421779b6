"""Learning configuration by configuration, and knowing where the training configurations lay."""

import os
import warnings

import joblib
import numpy as np
import pytest
from scipy import stats
from sklearn.base import clone
from sklearn.linear_model import Ridge
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from vitreous.liquid import Configuration, KobAndersen2D
from vitreous.models import (
    ExtrapolationWarning,
    GroupedRidge,
    PropensityRegressor,
    StreamingRegressor,
    TrainingRange,
)
from vitreous.models._grouped_samples import deal_folds
from vitreous.models._normal_equations import Moments


def samples(n=90, n_features=5, n_targets=2, seed=0):
    rng = np.random.default_rng(seed)
    return rng.normal(size=(n, n_features)) + 1e3, rng.normal(size=(n, n_targets))


def test_moments_of_parts_add_up_to_those_of_the_whole():
    X, y = samples()
    parts = [Moments.of(X[k : k + 30] + k, y[k : k + 30]) for k in (0, 30, 60)]
    X = X + np.repeat([0, 30, 60], 30)[:, None]
    joined = parts[0] + parts[1] + parts[2]
    assert joined.n == 90
    np.testing.assert_allclose(joined.x_mean, X.mean(axis=0))
    np.testing.assert_allclose(joined.xx / 90, np.cov(X.T, ddof=0), rtol=1e-9)
    both = np.cov(X.T, y.T, ddof=0)
    np.testing.assert_allclose(joined.xy / 90, both[:5, 5:], atol=1e-9)
    np.testing.assert_allclose(joined.yy / 90, y.var(axis=0))


def test_squared_errors_from_moments_are_those_of_the_residuals():
    X, y = samples()
    coefficients, intercepts = Moments.of(X[:60], y[:60]).ridge([0.1, 10.0])
    errors = Moments.of(X[60:], y[60:]).squared_errors(coefficients, intercepts)
    for number, alpha in enumerate([0.1, 10.0]):
        twin = make_pipeline(StandardScaler(), Ridge(alpha)).fit(X[:60], y[:60])
        residuals = y[60:] - twin.predict(X[60:])
        np.testing.assert_allclose(errors[number], (residuals**2).sum(axis=0), rtol=1e-8)


def test_folds_are_equal_and_not_in_turn():
    folds = deal_folds(40, 10)
    assert np.bincount(folds).tolist() == [4] * 10
    assert len(set(np.diff(folds) % 10)) > 2
    assert sorted(deal_folds(3, 10)) == [0, 1, 2]


@pytest.mark.parametrize("n_configurations", [4, 9])
def test_streamed_ridge_is_the_ridge_of_all_rows(problem, coordinates, n_configurations):
    """Nine configurations dealt out to four folds, and four left out one by one."""
    configurations = problem.configurations[:n_configurations]
    labels = problem.labels[:n_configurations]
    model = PropensityRegressor(coordinates, GroupedRidge(n_splits=4)).fit(configurations, labels)
    assert isinstance(model.regressor, StreamingRegressor)
    for index, species in enumerate("ABC"):
        rows = [c.types == index for c in configurations]
        X = np.concatenate([c.positions[r] for c, r in zip(configurations, rows, strict=True)])
        y = np.concatenate([label[r] for label, r in zip(labels, rows, strict=True)])
        groups = np.repeat(np.arange(n_configurations), [r.sum() for r in rows])
        whole = GroupedRidge(n_splits=4).fit(X, y, groups=groups)
        streamed = model.regressors_[species]
        assert streamed.alpha_ == whole.alpha_
        np.testing.assert_allclose(streamed.held_out_errors_, whole.held_out_errors_, rtol=1e-9)
        np.testing.assert_allclose(streamed.coef_, whole.coef_, rtol=1e-9)
        np.testing.assert_allclose(streamed.intercept_, whole.intercept_, rtol=1e-9)


def test_labels_with_an_axis_of_length_one_keep_it(problem, coordinates):
    columns = [label[:, None] for label in problem.labels]
    flat = PropensityRegressor(coordinates, GroupedRidge()).fit(
        problem.configurations, problem.labels
    )
    deep = clone(flat).fit(problem.configurations, columns)
    for a, b in zip(*(m.predict(problem.configurations) for m in (flat, deep)), strict=True):
        assert b.shape == (160, 1)
        np.testing.assert_array_equal(a, b[:, 0])


class NoRowsTogether(GroupedRidge):
    """Notes how many rows it is given at once."""

    most = 0

    def summarize(self, X, y):
        type(self).most = max(self.most, len(X))
        return super().summarize(X, y)


def test_rows_of_several_configurations_are_never_together(problem, coordinates):
    PropensityRegressor(coordinates, NoRowsTogether()).fit(problem.configurations, problem.labels)
    largest = max(np.bincount(c.types).max() for c in problem.configurations)
    assert NoRowsTogether.most == largest


class NotStreaming(Ridge):
    """Notes what kind of matrix it is given, and the folder that holds it."""

    def fit(self, X, y):
        type(self).files = getattr(X, "filename", None)
        return super().fit(X, y)


def test_a_matrix_may_lie_in_a_file(problem, coordinates, tmp_path):
    data = problem.configurations, problem.labels
    inside = PropensityRegressor(coordinates, NotStreaming()).fit(*data)
    assert NotStreaming.files is None
    outside = clone(inside).set_params(matrix_folder=str(tmp_path)).fit(*data)
    assert tmp_path in NotStreaming.files.parents
    assert not os.listdir(tmp_path)
    for a, b in zip(inside.predict(data[0]), outside.predict(data[0]), strict=True):
        np.testing.assert_array_equal(a, b)


def test_dask_gives_the_same_model(problem, coordinates):
    distributed = pytest.importorskip("distributed")
    data = problem.configurations, problem.labels
    model = PropensityRegressor(coordinates, GroupedRidge())
    expected = clone(model).fit(*data)
    with (
        distributed.Client(
            n_workers=2, threads_per_worker=1, processes=False, dashboard_address=None
        ),
        joblib.parallel_config(backend="dask"),
    ):
        fitted = model.fit(*data)
        predicted = model.predict(problem.configurations)
    for species in "ABC":
        np.testing.assert_array_equal(
            fitted.regressors_[species].coef_, expected.regressors_[species].coef_
        )
    np.testing.assert_array_equal(predicted, expected.predict(problem.configurations))


def columns(rng, shift=0.0, n=100, width=8):
    X = rng.normal(shift, 1, (n, width))
    return {"A": (n, X.mean(axis=0), X.var(axis=0))}


def test_training_range_by_hand():
    rng = np.random.default_rng(1)
    blocks = [rng.normal(k / 10, 1 + np.arange(3), (50, 3)) for k in range(6)]
    known = TrainingRange.of(
        [{"A": (50, block.mean(axis=0), block.var(axis=0))} for block in blocks]
    )
    rows = np.concatenate(blocks)
    np.testing.assert_allclose(known.means["A"], rows.mean(axis=0))
    np.testing.assert_allclose(known.spreads["A"], rows.std(axis=0))
    left_out = [
        np.mean(((block.mean(0) - rest.mean(0)) / rows.std(0)) ** 8) ** (1 / 8)
        for k, block in enumerate(blocks)
        for rest in [np.concatenate(blocks[:k] + blocks[k + 1 :])]
    ]
    limit = np.mean(left_out) + stats.t.ppf(0.999, 5) * np.std(left_out, ddof=1) * np.sqrt(7 / 6)
    assert known.limit == pytest.approx(limit)
    new = {"A": (50, rows.mean(axis=0) + 2 * rows.std(axis=0), np.ones(3))}
    assert known.distance(new) == pytest.approx(2)
    assert known.relative_distance(new) == pytest.approx(2 / limit)
    quarter = {"A": (13, *new["A"][1:])}
    assert known.relative_distance(quarter) == pytest.approx(2 / limit / np.sqrt(50 / 13))


def test_alike_configurations_are_inside_and_others_outside():
    rng = np.random.default_rng(0)
    known = TrainingRange.of([columns(rng) for _ in range(20)])
    alike = np.array([known.relative_distance(columns(rng)) for _ in range(500)])
    small = np.array([known.relative_distance(columns(rng, n=20)) for _ in range(500)])
    assert np.mean(alike > 1) < 0.01
    assert np.mean(small > 1) < 0.01
    assert min(known.relative_distance(columns(rng, shift=0.5)) for _ in range(100)) > 1


def test_one_column_of_many_is_enough():
    rng = np.random.default_rng(0)
    known = TrainingRange.of([columns(rng, width=200) for _ in range(20)])
    usual = columns(rng, width=200)
    n, means, variances = usual["A"]
    means = np.where(np.arange(200) == 7, means + 1, means)
    assert (
        known.relative_distance(usual) < 1 < known.relative_distance({"A": (n, means, variances)})
    )


def test_four_configurations_are_too_few_to_know_their_scatter():
    rng = np.random.default_rng(0)
    known = TrainingRange.of([columns(rng) for _ in range(4)])
    assert known.relative_distance(columns(rng, shift=9.0)) == 0


def test_predicting_far_from_the_training_range_is_warned_of(problem, coordinates):
    model = PropensityRegressor(coordinates, GroupedRidge())
    model.fit(problem.configurations, problem.labels)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        model.predict([KobAndersen2D().random_configuration(160, 99)])
    usual = problem.configurations[0]
    corner = Configuration(abs(usual.positions), usual.types, usual.box, usual.species)
    with pytest.warns(ExtrapolationWarning, match=r"1 of 2 configurations .* \(number 1 at"):
        model.predict([usual, corner])


def test_numbers_of_labels_and_configurations_must_agree(problem, coordinates):
    with pytest.raises(ValueError, match="8 labels for 9 configurations"):
        PropensityRegressor(coordinates, GroupedRidge()).fit(
            problem.configurations, problem.labels[:-1]
        )
