"""The model of all temperatures and times, on labels made from a known rule."""

import warnings

import numpy as np
import pytest
from sklearn.base import BaseEstimator, RegressorMixin, clone

from vitreous.descriptors import RadialDescriptor
from vitreous.liquid import Box, Configuration, KobAndersen, KobAndersen2D
from vitreous.models import (
    ExtrapolationWarning,
    GlassMLP,
    GroupedBoosting,
    GroupedRidge,
    StoredModel,
    TransferableRegressor,
    load_model,
    save_model,
)

LEVELS = np.array([0.95, 0.9, 0.8])
TEMPERATURES = np.repeat([0.5, 0.4, 0.3], 3)


def spread(level, temperature):
    return (1 - level) * np.exp(0.5 - temperature)


def labels_of(configuration, temperature, levels, noise=0.0, rng=None):
    """Q = c + sigma(c, T) [(1 - u) x + u y], u from 0 to 1 as c falls: the pattern turns slowly."""
    z = configuration.positions / configuration.box.lengths[0] * np.sqrt(12)
    u = (0.95 - levels) / 0.15
    pattern = (1 - u) * z[:, :1] + u * z[:, 1:2]
    if noise:
        pattern = pattern + noise * rng.normal(size=pattern.shape)
    return levels + spread(levels, temperature) * pattern


@pytest.fixture(scope="module", params=[KobAndersen2D(), KobAndersen()], ids=["2D", "3D"])
def data(request):
    rng = np.random.default_rng(5)
    configurations = [request.param.random_configuration(150, rng) for _ in TEMPERATURES]
    labels = [
        labels_of(c, t, LEVELS, 0.5, rng) for c, t in zip(configurations, TEMPERATURES, strict=True)
    ]
    return configurations, labels


def correlation(predicted, true):
    return np.array([np.corrcoef(p, t)[0, 1] for p, t in zip(predicted.T, true.T, strict=True)])


def quiet_predict(model, *args, **kwargs):
    """The configurations are ideal gases: nothing in them is outside any range worth a warning."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ExtrapolationWarning)
        return model.predict(*args, **kwargs)


def test_an_unseen_temperature_and_level_are_predicted(data, coordinates):
    configurations, labels = data
    train = TEMPERATURES != 0.4
    model = TransferableRegressor(coordinates, GroupedRidge(), LEVELS).fit(
        [c for c, chosen in zip(configurations, train, strict=True) if chosen],
        [y for y, chosen in zip(labels, train, strict=True) if chosen],
        TEMPERATURES[train],
    )
    between = np.array([0.92, 0.85])
    test = configurations[4]
    predicted = quiet_predict(model, [test], levels=between, temperatures=[0.4])[0]
    true = labels_of(test, 0.4, between)
    assert (correlation(predicted, true) > 0.97).all()
    np.testing.assert_allclose(predicted.mean(axis=0), true.mean(axis=0), atol=0.02)


def test_the_pattern_changes_with_the_level(data, coordinates):
    """One pattern for all levels, all that a model without products could do, falls behind."""
    configurations, labels = data
    model = TransferableRegressor(coordinates, GroupedRidge(), LEVELS)
    model.fit(configurations, labels, TEMPERATURES)
    predicted = quiet_predict(model, configurations, temperatures=TEMPERATURES)[0]
    true = labels_of(configurations[0], 0.5, LEVELS)
    assert (correlation(predicted, true) > 0.97).all()
    assert correlation(true[:, :1], true[:, 2:])[0] < 0.5


def test_mean_and_spread_follow_the_level_and_the_temperature(data, coordinates):
    class Unit(RegressorMixin, BaseEstimator):
        def fit(self, X, y):
            self.seen_ = y
            return self

        def predict(self, X):
            return np.resize([-1.0, 1.0], len(X))

    configurations, _ = data
    pattern = np.repeat([-1.0, 1.0], 75)[:, np.newaxis]
    labels = [LEVELS + spread(LEVELS, t) * pattern for t in TEMPERATURES]
    model = TransferableRegressor(coordinates, Unit(), LEVELS, per_type=False)
    model.fit(configurations, labels, TEMPERATURES)
    np.testing.assert_allclose(abs(model.regressors_["all"].seen_), 1)
    for temperature in (0.5, 0.45, 0.2):
        predicted = quiet_predict(model, configurations[:1], temperatures=[temperature])[0]
        np.testing.assert_allclose(predicted.mean(axis=0), LEVELS)
        np.testing.assert_allclose(predicted.std(axis=0), spread(LEVELS, temperature))


def test_columns_are_features_products_and_level(data, coordinates):
    class Recorder(RegressorMixin, BaseEstimator):
        def fit(self, X, y, groups=None, configurations=None):
            self.seen_ = X, y, groups, configurations
            return self

    configurations, labels = data
    model = TransferableRegressor(coordinates, Recorder(), LEVELS, per_type=False)
    model.fit(configurations, labels)
    X, y, groups, shown = model.regressors_["all"].seen_
    n, d = configurations[0].positions.shape
    x = (LEVELS - LEVELS.mean()) / LEVELS.std()
    pooled = np.concatenate([c.positions for c in configurations])
    row = 0
    for number, configuration in enumerate(configurations):
        z = (configuration.positions - pooled.mean(axis=0)) / pooled.std(axis=0)
        for level in range(3):
            block = slice(row, row + n)
            np.testing.assert_allclose(X[block, :d], z, atol=1e-9)
            np.testing.assert_allclose(X[block, d : 2 * d], x[level] * z, atol=1e-9)
            np.testing.assert_allclose(X[block, -1], x[level])
            np.testing.assert_array_equal(groups[block], number)
            assert correlation(y[block, np.newaxis], labels[number][:, [level]])[0] > 0.999999
            at = shown[number * 3 + level]
            np.testing.assert_array_equal(at.positions, configuration.positions)
            row += n
    assert row == len(X) == len(y)


@pytest.mark.parametrize(
    "engine",
    [
        GroupedRidge(),
        GroupedBoosting(max_trees=20),
        GlassMLP(learning_rates=(0.05,), max_epochs=10, device="cpu"),
    ],
)
def test_every_engine_learns_and_is_stored(data, engine, tmp_path, coordinates):
    if isinstance(engine, GlassMLP):
        pytest.importorskip("torch", reason="PyTorch is not installed")
    configurations, labels = data
    model = TransferableRegressor(coordinates, engine, LEVELS, per_type=False)
    model.fit(configurations[:8], labels[:8])
    assert model.score(configurations[8:], labels[8:]) > 0.6

    model = TransferableRegressor(RadialDescriptor([1.0, 1.5], 0.1), clone(engine), LEVELS)
    model.fit(configurations[:3], labels[:3])
    stored = StoredModel(model, "KA2D", "bond_breaking", float("nan"), (0.5,), ())
    save_model(stored, tmp_path / "model.skops")
    loaded = load_model(tmp_path / "model.skops").model
    for a, b in zip(
        quiet_predict(model, configurations[:2], levels=[0.9]),
        quiet_predict(loaded, configurations[:2], levels=[0.9]),
        strict=True,
    ):
        np.testing.assert_array_equal(a, b)


def test_tied_predictions_keep_the_mean_at_every_temperature(data, coordinates):
    """A colder liquid, whose particles all lie on one side, takes an untied mean with it."""
    configurations, labels = data
    free, tied = (
        TransferableRegressor(coordinates, GroupedRidge(), LEVELS, tied=tied).fit(
            configurations, labels, TEMPERATURES
        )
        for tied in (False, True)
    )
    aside = [
        c.with_positions(c.positions / 2 + np.array(c.box.lengths) / 4) for c in configurations[:3]
    ]
    asked = [*aside, *configurations[3:6]], LEVELS, [0.1] * 3 + [0.4] * 3
    loose, bound = quiet_predict(free, *asked), quiet_predict(tied, *asked)
    assert abs(np.mean(loose[:3], axis=(0, 1)) - LEVELS).min() > 0.02
    for group in (slice(0, 3), slice(3, 6)):
        np.testing.assert_allclose(np.mean(bound[group], axis=(0, 1)), LEVELS, atol=1e-12)
        # One shift for all: configurations and particles fluctuate as predicted.
        shifts = np.array(bound[group]) - np.array(loose[group])
        np.testing.assert_allclose(shifts, np.broadcast_to(shifts[0, 0], shifts.shape), atol=1e-12)
    alone = quiet_predict(tied, aside[:1], LEVELS, [0.1])[0]
    np.testing.assert_allclose(alone.mean(axis=0), LEVELS, atol=1e-12)


def test_members_are_models_whose_mean_it_is(data, coordinates):
    """Each network is tied alone, as their mean is; a model without networks is its own member."""
    pytest.importorskip("torch", reason="PyTorch is not installed")
    configurations, labels = data
    engine = GlassMLP(learning_rates=(0.05,), max_epochs=2, n_networks=2, device="cpu")
    model = TransferableRegressor(coordinates, engine, LEVELS, tied=True)
    model.fit(configurations[::3], labels[::3], TEMPERATURES[::3])
    asked = configurations[1:3], LEVELS[1:], [0.4, 0.4]
    first, second = (np.array(quiet_predict(one, *asked)) for one in model.members())
    assert abs(first - second).max() > 1e-3
    np.testing.assert_allclose((first + second) / 2, quiet_predict(model, *asked))
    ridge = TransferableRegressor(coordinates, GroupedRidge(), LEVELS).fit(configurations, labels)
    assert ridge.members() == [ridge]


def test_ties_to_levels_that_are_not_the_means_are_refused(data, coordinates):
    configurations, labels = data
    model = TransferableRegressor(coordinates, GroupedRidge(), 1 - LEVELS, tied=True)
    with pytest.raises(ValueError, match=r"at the level 0.05 the mean of the labels is 0.9"):
        model.fit(configurations, labels, TEMPERATURES)


def test_extrapolation_and_bad_input_are_named(data, coordinates):
    configurations, labels = data
    model = TransferableRegressor(coordinates, GroupedRidge(), LEVELS)
    model.fit(configurations, labels, TEMPERATURES)
    one = configurations[:1]
    with pytest.warns(ExtrapolationWarning, match=r"level 0.7 lies outside .* 0.8 to 0.95"):
        model.predict(one, levels=[0.7], temperatures=[0.5])
    with pytest.raises(ValueError, match="fitted with temperatures"):
        model.predict(one)
    with pytest.raises(ValueError, match="the temperature of configuration 0 is nan"):
        model.predict(one, temperatures=[np.nan])
    with pytest.raises(ValueError, match="1 configurations need as many temperatures"):
        model.predict(one, temperatures=[0.5, 0.4])
    with pytest.raises(ValueError, match=r"configuration 0 have shape \(150, 2\)"):
        model.fit(one, [labels[0][:, :2]])
    broken = labels[0].copy()
    broken[7, 1] = np.inf
    with pytest.raises(ValueError, match=r"label of particle 7 in configuration 0 is \[.* inf"):
        model.fit(one, [broken])
    with pytest.raises(ValueError, match="fitted without temperatures"):
        quiet_predict(model.fit(configurations, labels), one, temperatures=[0.5])


class CutCoordinates(BaseEstimator):
    """Coordinates, unknown within 1 of the border of a field of view."""

    def fit(self, configurations):
        return self

    def transform(self, configurations):
        points = np.concatenate([c.positions for c in configurations])
        half = np.array(configurations[0].box.lengths) / 2
        return np.where((abs(points) > half - 1).any(axis=1)[:, None], np.nan, points)


def test_fields_of_view_leave_out_what_is_not_known_level_by_level():
    class Recorder(GroupedRidge):
        def fit(self, X, y, groups=None, configurations=None):
            self.seen_ = X, y, groups, configurations
            return super().fit(X, y, groups)

    rng = np.random.default_rng(3)
    box = Box((10.0, 10.0), periodic=(False, False))
    fields = [
        Configuration(rng.uniform(-5, 5, (n, 2)), np.arange(n) % 2, box, "AB")
        for n in (80, 90, 70, 60)
    ]
    labels = [labels_of(c, 0.5, LEVELS, 0.1, rng) for c in fields]
    lost = [rng.uniform(size=y.shape) < [0.0, 0.2, 0.5] for y in labels]
    lost[1][:, 2] = True
    labels = [np.where(gone, np.nan, y) for gone, y in zip(lost, labels, strict=True)]
    fields.append(Configuration([[4.5, 0.0], [0.0, 4.5]], [0, 1], box, "AB"))
    labels.append(np.ones((2, 3)))
    model = TransferableRegressor(CutCoordinates(), Recorder(), LEVELS).fit(fields, labels)
    for number, name in enumerate("AB"):
        X, y, groups, shown = model.regressors_[name].seen_
        rows = [
            (k, level, point)
            for k, (field, label) in enumerate(zip(fields, labels, strict=True))
            for level in range(3)
            for point, kind, value in zip(
                field.positions, field.types, label[:, level], strict=True
            )
            if kind == number and (abs(point) < 4).all() and not np.isnan(value)
        ]
        np.testing.assert_array_equal(groups, [k for k, *_ in rows])
        assert len(y) == len(rows) == sum(c.n_particles for c in shown)
        standard = (np.array([p for *_, p in rows]) - model.training_range_.means[name]) / (
            model.training_range_.spreads[name]
        )
        np.testing.assert_allclose(X[:, :2], standard, atol=1e-12)
        x = (LEVELS - LEVELS.mean()) / LEVELS.std()
        np.testing.assert_allclose(X[:, -1], [x[level] for _, level, _ in rows])
        known = [
            label[inside & ~np.isnan(label[:, 0]), 0]
            for field, label in zip(fields, labels, strict=True)
            if (inside := (field.types == number) & (abs(field.positions) < 4).all(axis=1)).any()
        ]
        # Of many numbers that four functions are fitted to, the first level's mean comes close.
        mean, _ = model.statistics_[name](x[:1], 0.0)
        assert mean[0] == pytest.approx(np.mean([k.mean() for k in known]), abs=0.02)
    predicted = quiet_predict(model, fields[:4])
    for field, values in zip(fields, predicted, strict=False):
        inside = (abs(field.positions) < 4).all(axis=1)
        assert np.isfinite(values[inside]).all()
        assert np.isnan(values[~inside]).all()
    assert model.score(fields[:4], labels[:4]) > 0.9
    with pytest.raises(ValueError, match="all particles are cut by the border"):
        model.predict(fields[4:])
    with pytest.raises(ValueError, match="no particle of species 'A' has both a label and"):
        model.fit(fields[4:], labels[4:])
