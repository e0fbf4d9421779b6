"""The model of all times: sums against rows, regimes and clocks on labels made by rule."""

import numpy as np
import pytest
from sklearn.base import BaseEstimator, TransformerMixin

from vitreous.liquid import KobAndersen2D
from vitreous.models import ExtrapolationWarning, TimeScaleRegressor
from vitreous.models._clock_ridge import ClockMoments, left_out_correlation, ridge_at
from vitreous.models._progress import LabelProgress

N = 300
SPECIES = KobAndersen2D().species


def samples(seed, clock=(0.0, 1.0, 3.0)):
    """Columns and labels of two configurations."""
    rng = np.random.default_rng(seed)
    blocks = [rng.normal(size=(50, 4)) * [1, 2, 0.5, 1] + rng.normal(size=4) for _ in range(2)]
    labels = [rng.normal(size=(50, len(clock))) + block[:, :1] for block in blocks]
    return np.array(clock), blocks, labels


def by_hand(parts, clock, penalty):
    """Interpolate labels of every particle, stack all rows and solve."""
    rows, targets, spreads = [], [], []
    for times, blocks, labels in parts:
        x = np.concatenate([block - block.mean(axis=0) for block in blocks])
        y = np.concatenate([label - label.mean(axis=0) for label in labels])
        y = np.array([np.interp(clock, times, row) for row in y])
        spreads.append(y.std())
        rows.append(x)
        targets.append(y / y.std())
    x, y = np.concatenate(rows), np.concatenate(targets)
    z = x / x.std(axis=0)
    matrix = z.T @ z + penalty * len(z) * np.eye(z.shape[1])
    return np.linalg.solve(matrix, z.T @ y) / x.std(axis=0), np.mean(spreads)


@pytest.mark.parametrize("clock", [-1.0, 0.0, 0.4, 2.5, 3.0, 9.0])
def test_sums_tell_what_rows_tell(clock):
    parts = [samples(0), samples(1, clock=(0.0, 0.5, 4.0, 6.0))]
    moments = [ClockMoments.of(*part) for part in parts]
    mean, spread, coefficients = ridge_at(moments, clock, np.full(4, 0.02))
    expected, expected_spread = by_hand(parts, clock, 0.02)
    np.testing.assert_allclose(coefficients, expected, rtol=1e-9)
    assert spread == pytest.approx(expected_spread)
    means = [np.interp(clock, t, np.concatenate(labels).mean(axis=0)) for t, _, labels in parts]
    assert mean == pytest.approx(np.mean(means))


def test_left_out_correlation_is_that_of_predictions():
    parts = [samples(0), samples(1)]
    moments = [ClockMoments.of(*part) for part in parts]
    found = left_out_correlation(moments[:1], moments[1], 2, 3.0, np.full(4, 0.1))
    coefficients, _ = by_hand(parts[:1], 3.0, 0.1)
    _, blocks, labels = parts[1]
    predicted = np.concatenate([(b - b.mean(axis=0)) @ coefficients for b in blocks])
    true = np.concatenate([label[:, 2] - label[:, 2].mean() for label in labels])
    assert found == pytest.approx(np.corrcoef(predicted, true)[0, 1])


def test_columns_and_labels_that_do_not_vary_are_left_out():
    clock, blocks, labels = samples(0)
    flat = [np.column_stack([block[:, :1], np.ones(50)]) for block in blocks]
    still = [np.column_stack([np.zeros(50), label[:, 1:]]) for label in labels]
    moments = ClockMoments.of(clock, flat, still)
    _, spread, coefficients = ridge_at([moments], 3.0, np.full(2, 0.01))
    assert coefficients[0] > 0 == coefficients[1]
    _, spread, coefficients = ridge_at([moments], 0.0, np.full(2, 0.01))
    assert spread == 0
    assert not coefficients.any()


def hidden(configuration):
    """Three properties of particles that decide on their motion."""
    seed = int(abs(configuration.positions[0, 0]) * 1e9) % 2**32
    return np.random.default_rng(seed).normal(size=(configuration.n_particles, 3))


class Column(TransformerMixin, BaseEstimator):
    """One of the hidden properties; of the cage also the mean distance in it."""

    def __init__(self, number):
        self.number = number

    def fit(self, configurations, y=None):
        return self

    def transform(self, configurations):
        return np.concatenate([self._one(c) for c in configurations])

    def _one(self, configuration):
        column = hidden(configuration)[:, [self.number]]
        return np.column_stack([column, 0.3 + 0.02 * column]) if self.number == 1 else column


def caught_apart(configuration):
    """Share of bonds that count as broken though no particle has left its cage."""
    return 0.02 * configuration.temperature**2 * (1 + 0.1 * hidden(configuration)[:, 1])


class Plateau(Column):
    """Labels in the cage, as another run would find them."""

    def __init__(self):
        pass

    def labels(self, configurations):
        return [
            {
                "displacement": np.sqrt(c.temperature) * (0.3 + 0.02 * hidden(c)[:, 1]),
                "overlap": 0.97 + 0.01 * hidden(c)[:, 1],
                "bond_breaking": 1 - caught_apart(c),
            }
            for c in configurations
        ]


TIMES = np.array([0.1, 1.0, 3.0, 10.0, 100.0])
SLOWNESS = {0.5: 1.0, 0.42: 3.0, 0.36: 10.0, 0.25: 100.0}


def excess(temperature, times):
    return 0.02 * np.asarray(times) / SLOWNESS[temperature]


def liquid(temperature, seed):
    """A configuration and its labels: vibration, then cage, then relaxation."""
    configuration = KobAndersen2D().random_configuration(N, seed).with_temperature(temperature)
    vibration, cage, relaxation = hidden(configuration).T
    e = excess(temperature, TIMES)
    columns = []
    for time, value in zip(TIMES, e, strict=True):
        if time < 2:
            columns.append(0.2 * time**0.1 + 0.02 * vibration)
        else:
            columns.append(0.3 + value + 0.02 * cage + 0.1 * value * relaxation)
    return configuration, np.sqrt(temperature) * np.array(columns).T


def fresh(**settings):
    return TimeScaleRegressor(Column(0), Column(1), Column(2), Plateau(), **settings)


@pytest.fixture(scope="module")
def model():
    pairs = [liquid(t, 10 * k + i) for k, t in enumerate((0.5, 0.42, 0.36)) for i in range(2)]
    configurations, labels = zip(*pairs, strict=True)
    return fresh().fit(configurations, labels, [TIMES] * 6)


def test_every_time_of_a_colder_liquid_is_predicted(model):
    configuration, labels = liquid(0.25, 99)
    levels = labels.mean(axis=0)
    (prediction,) = model.predict([configuration], TIMES, levels)
    for k in range(len(TIMES)):
        for species in range(3):
            own = configuration.types == species
            r = np.corrcoef(prediction[own, k], labels[own, k])[0, 1]
            assert r > 0.97, (TIMES[k], species, r)
    ratio = prediction.std(axis=0) / labels.std(axis=0)
    np.testing.assert_allclose(ratio, 1, atol=0.15)
    # Whatever the model makes of it, the mean is the level that was given.
    np.testing.assert_allclose(prediction.mean(axis=0), levels, rtol=1e-12)


def test_known_temperatures_need_no_levels(model):
    configuration, labels = liquid(0.42, 98)
    (at_known,) = model.predict([configuration], TIMES)
    (given,) = model.predict([configuration], TIMES, model.levels_[0.42] * np.sqrt(0.42))
    # The mean of 300 particles puts the plateau of this one some 0.02 / 300^(1/2) off that of all.
    np.testing.assert_allclose(at_known, given, rtol=0, atol=4 * 0.02 / np.sqrt(N))
    assert np.corrcoef(at_known[:, 4], labels[:, 4])[0, 1] > 0.9
    # Between times of labels the level is known as well.
    (between,) = model.predict([configuration], [30.0])
    assert at_known[:, 3].mean() < between.mean() < at_known[:, 4].mean()


def test_configurations_at_the_same_clock_are_solved_for_once(model, monkeypatch):
    calls = []

    def counted(*arguments):
        calls.append(arguments)
        return ridge_at(*arguments)

    monkeypatch.setattr("vitreous.models.time_scales.ridge_at", counted)
    configurations = [liquid(0.42, seed)[0] for seed in (96, 97, 98)]
    together = model.predict(configurations, TIMES)
    assert len(calls) == len(TIMES) * len(SPECIES)
    for configuration, prediction in zip(configurations, together, strict=True):
        np.testing.assert_array_equal(model.predict([configuration], TIMES)[0], prediction)


def test_what_is_not_known_is_asked_for(model):
    configuration, _ = liquid(0.25, 99)
    steps = []
    with pytest.raises(
        ValueError, match=r"T = 0.25 has relaxed at time 10 .* give its mean displacement"
    ):
        model.predict([configuration], [10.0], progress=lambda *told: steps.append(told))
    assert steps == []  # before anything is described
    for level in (-0.1, np.nan):
        with pytest.raises(ValueError, match="mean displacement of the liquid, from 0 up, not"):
            model.predict([configuration], [10.0], [level])
    with pytest.raises(ValueError, match=r"end at time 100; give the mean displacement at 1000"):
        model.predict([configuration.with_temperature(0.36)], [1000.0])
    with pytest.raises(ValueError, match=r"around the time 0\.01"):
        model.predict([configuration], [0.01])
    with pytest.raises(ValueError, match="does not tell the temperature"):
        model.predict([configuration.with_temperature(None)], [0.1])
    with pytest.warns(ExtrapolationWarning, match="relaxed to 19.7, further than any"):
        model.predict([configuration], [1e6], [10.0])


@pytest.mark.parametrize(
    ("label", "possible", "impossible"),
    [("broken_bonds", 1.0, 1.5), ("overlap", 0.0, -0.1), ("scattering", -0.1, 1.1)],
)
def test_levels_are_means_that_a_label_can_have(label, possible, impossible):
    LabelProgress(label).require_levels(np.array([possible]))
    with pytest.raises(ValueError, match=f"the mean {label} of the liquid, .* 1, not {impossible}"):
        LabelProgress(label).require_levels(np.array([0.5, impossible]))


def test_configurations_are_described_for_each_regime():
    pairs = [liquid(t, 10 * k + i) for k, t in enumerate((0.5, 0.42)) for i in range(2)]
    configurations, labels = zip(*pairs, strict=True)
    steps = []
    fresh().fit(configurations, labels, [TIMES] * 4, progress=lambda *told: steps.append(told))
    assert [step for step, done, total in steps if done == total == 4] == [
        "describe short times",
        "describe cages",
        "describe relaxation",
    ]


def test_the_crossover_is_chosen_where_labels_tell(model):
    # Labels at t = 3 follow the late columns: the late regime begins before them.
    assert 2 < model.crossover_ < 3
    pairs = [liquid(t, 10 * k + i) for k, t in enumerate((0.5, 0.42)) for i in range(2)]
    configurations, labels = zip(*pairs, strict=True)
    shaken = [
        np.column_stack([y[:, :2], np.sqrt(c.temperature) * hidden(c)[:, 0], y[:, 3:]])
        for c, y in zip(configurations, labels, strict=True)
    ]
    assert fresh().fit(configurations, shaken, [TIMES] * 4).crossover_ == 4.0


def test_broken_bonds_have_a_clock_of_their_own():
    rng = np.random.default_rng(0)
    configurations, broken = [], []
    for k, temperature in enumerate((0.5, 0.42, 0.36)):
        c, _ = liquid(temperature, k)
        level = np.minimum(excess(temperature, TIMES), 0.8)
        configurations.append(c)
        relaxed = level + 0.1 * level * (hidden(c)[:, [2]] + 0.1 * rng.normal(size=(N, 1)))
        broken.append(caught_apart(c)[:, None] + relaxed)
    lost = fresh(label="broken_bonds").fit(configurations, broken, [TIMES] * 3)
    kept = fresh(label="bond_breaking").fit(configurations, [1 - b for b in broken], [TIMES] * 3)
    (prediction,) = lost.predict(configurations[:1], TIMES[3:])
    assert np.corrcoef(prediction[:, 0], broken[0][:, 3])[0, 1] > 0.9
    (opposite,) = kept.predict(configurations[:1], TIMES[3:])
    np.testing.assert_allclose(opposite, 1 - prediction, atol=1e-12)


@pytest.mark.parametrize("label", ["broken_bonds", "bond_breaking"])
def test_bonds_caught_apart_do_not_set_the_clock(label):
    times = np.array([4.0, 10.0, 100.0])

    def with_bonds(temperature, seed):
        c, _ = liquid(temperature, seed)
        e = 1e-3 * excess(temperature, times)
        broken = caught_apart(c)[:, None] + e + 0.1 * e * hidden(c)[:, [2]]
        return c, broken if label == "broken_bonds" else 1 - broken

    pairs = [with_bonds(t, 10 * k + i) for k, t in enumerate((0.5, 0.42, 0.36)) for i in range(2)]
    configurations, labels = zip(*pairs, strict=True)
    model = fresh(label=label).fit(configurations, labels, [times] * 6)
    assert model.plateaus_[0.5] == pytest.approx(0.005, rel=0.02)
    for temperature, (_, clock) in model.clocks_.items():
        np.testing.assert_allclose(clock, 1e-3 * excess(temperature, times), atol=3e-5)
    # Fewer bonds have broken than the hot liquids had caught apart.
    colder, true = with_bonds(0.25, 99)
    (prediction,) = model.predict([colder], times, true.mean(axis=0))
    a = colder.of_species("A")
    for place in range(len(times)):
        assert np.corrcoef(prediction[a, place], true[a, place])[0, 1] > 0.95


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"labels": [np.ones((N, 4))]}, r"labels of configuration 0 have shape \(300, 4\)"),
        ({"labels": [np.full((N, 5), np.nan)]}, "label of configuration 0 is not finite"),
        ({"times": [TIMES[::-1]]}, "times must be positive and rise"),
        ({"times": []}, "need as many labels and times"),
        ({"configurations": []}, "no configurations to learn from"),
    ],
)
def test_bad_training_sets_are_named(change, message):
    configuration, labels = liquid(0.5, 0)
    arguments = {"configurations": [configuration], "labels": [labels], "times": [TIMES]} | change
    with pytest.raises(ValueError, match=message):
        fresh().fit(**arguments)


def test_labels_without_a_clock_are_refused():
    configuration, labels = liquid(0.5, 0)
    with pytest.raises(ValueError, match="no clock is known for the label 'hop'; one of disp"):
        fresh(label="hop").fit([configuration], [labels], [TIMES])


def test_labels_that_fall_leave_their_plateau():
    configurations, overlaps = [], []
    for k, temperature in enumerate((0.5, 0.42, 0.36)):
        c, _ = liquid(temperature, k)
        _, cage, relaxation = hidden(c).T
        e = np.minimum(excess(temperature, TIMES), 0.5)
        left = 0.97 - e + np.outer(cage, 0.01 - 0.01 * e) - np.outer(relaxation, 0.1 * e)
        configurations.append(c)
        overlaps.append(left)
    model = fresh(label="overlap").fit(configurations, overlaps, [TIMES] * 3)
    np.testing.assert_allclose(list(model.plateaus_.values()), 0.03, atol=0.003)
    (prediction,) = model.predict(configurations[2:], TIMES[2:])
    for k in range(3):
        for species in range(3):
            own = configurations[2].types == species
            r = np.corrcoef(prediction[own, k], overlaps[2][own, 2 + k])[0, 1]
            assert r > 0.9, (TIMES[2 + k], species, r)


def with_energies(temperature, seed, energy):
    """A liquid whose mean label at late times follows the last of two relaxation columns."""
    configuration, labels = liquid(temperature, seed)
    late = excess(temperature, TIMES) * (TIMES > 2)
    return configuration, labels + 0.2 * np.sqrt(temperature) * energy * late


class WithEnergies(Column):
    """The hidden column, and an energy kept by seed."""

    def __init__(self, energies):
        self.energies = energies

    def _one(self, configuration):
        key = f"{configuration.positions[0, 0]:.9f}"
        column = hidden(configuration)[:, [2]]
        return np.column_stack([column, np.full(len(column), self.energies[key])])


def test_energies_tell_how_configurations_differ():
    rng = np.random.default_rng(5)
    pairs, energies = [], {}
    for k, temperature in enumerate((0.5, 0.42, 0.36)):
        for i in range(4):
            energy = float(rng.normal())
            configuration, labels = with_energies(temperature, 10 * k + i, energy)
            # Colder liquids have lower energies, which says nothing of their configurations.
            energies[f"{configuration.positions[0, 0]:.9f}"] = energy - 10 * k
            pairs.append((configuration, labels))
    *training, unseen = pairs
    configurations, labels = zip(*training, strict=True)
    relaxation = WithEnergies(energies)
    model = TimeScaleRegressor(Column(0), Column(1), relaxation, Plateau(), mean_columns=[1])
    model.fit(configurations, labels, [TIMES] * len(training))
    (found,) = model.predict([unseen[0]], [100.0])
    assert found.mean() == pytest.approx(unseen[1][:, 4].mean(), rel=0.05)
    flat = TimeScaleRegressor(Column(0), Column(1), relaxation, Plateau())
    flat.fit(configurations, labels, [TIMES] * len(training))
    (blind,) = flat.predict([unseen[0]], [100.0])
    assert abs(blind.mean() - unseen[1][:, 4].mean()) > 2 * abs(
        found.mean() - unseen[1][:, 4].mean()
    )
    # A level is that of all configurations given, or of each.
    both = [configurations[0], configurations[1]]
    shared = np.array([found.mean() for found in model.predict(both, [100.0], [0.5])])
    assert shared.mean() == pytest.approx(0.5)
    assert abs(shared[0] - shared[1]) > 0.001
    of_each = model.predict(both, [100.0], [[0.4], [0.6]])
    assert [found.mean() for found in of_each] == pytest.approx([0.4, 0.6])


def test_before_the_first_labels_particles_fly():
    class Flight:
        def distances(self, configuration, times):
            return np.outer(np.arange(configuration.n_particles), times)

    pairs = [liquid(t, k) for k, t in enumerate((0.5, 0.42))]
    configurations, labels = zip(*pairs, strict=True)
    model = fresh(ballistic=Flight()).fit(configurations, labels, [TIMES] * 2)
    (prediction,) = model.predict(configurations[:1], [0.05, 0.1])
    np.testing.assert_allclose(prediction[:, 0], 0.05 * np.arange(N))
    assert np.corrcoef(prediction[:, 1], labels[0][:, 0])[0, 1] > 0.9
