"""GlassMLP: the network, its losses against plain NumPy, and what it may know while training."""

import sys

import numpy as np
import pytest
from sklearn.base import BaseEstimator, RegressorMixin, clone
from sklearn.utils.estimator_checks import parametrize_with_checks

from vitreous.liquid import Box, Configuration, KobAndersen2D
from vitreous.models import (
    GlassMLP,
    GroupedRidge,
    PropensityRegressor,
    StoredModel,
    load_model,
    save_model,
)
from vitreous.models._spatial_correlation import shell_weights

torch = pytest.importorskip("torch", reason="PyTorch is not installed")

from vitreous.models import _mlp_losses as losses  # noqa: E402
from vitreous.models import _mlp_training as training  # noqa: E402

QUICK = {
    "learning_rates": (0.02,),
    "second_learning_rates": (0.02,),
    "max_epochs": 60,
    "patience": 10,
    "device": "cpu",
}
FIRST_LOSS = {"variance_weight": 0, "correlation_weight": 0}


@parametrize_with_checks(
    [GlassMLP(learning_rates=(0.05,), max_epochs=8, **FIRST_LOSS, device="cpu")]
)
def test_scikit_learn_contract(estimator, check):
    check(estimator)


def grouped_data(n_groups=8, n_samples=100, n_features=6, noise=0.2, seed=0):
    rng = np.random.default_rng(seed)
    groups = np.repeat(np.arange(n_groups), n_samples)
    X = rng.normal(size=(len(groups), n_features)) * rng.uniform(0.1, 10, n_features) + 5
    z = (X - X.mean(axis=0)) / X.std(axis=0)
    y = 3 + 0.2 * abs(z[:, 0]) + 0.1 * z[:, 1] + noise * rng.normal(size=len(groups)) / 5
    return X, y, groups


def test_a_rule_that_no_line_can_follow_is_learnt():
    X, y, groups = grouped_data()
    train = groups < 6
    mlp = GlassMLP(**QUICK).fit(X[train], y[train], groups=groups[train])
    ridge = GroupedRidge().fit(X[train], y[train], groups=groups[train])
    assert mlp.score(X[~train], y[~train]) > 0.85 > ridge.score(X[~train], y[~train]) + 0.2


def test_a_fit_repeats_and_the_seed_matters():
    X, y, groups = grouped_data(n_groups=4, n_samples=40)
    first, again, other = (
        GlassMLP(**QUICK, random_state=seed).fit(X, y, groups=groups).predict(X)
        for seed in (1, 1, 2)
    )
    np.testing.assert_array_equal(first, again)
    assert abs(first - other).max() > 1e-3


def test_the_state_of_torch_is_left_alone():
    X, y, groups = grouped_data(n_groups=2, n_samples=20)
    torch.manual_seed(5)
    expected = torch.rand(3)
    torch.manual_seed(5)
    GlassMLP(**QUICK).fit(X, y, groups=groups)
    assert torch.equal(torch.rand(3), expected)


def test_several_targets_are_trained_as_if_alone():
    X, y, groups = grouped_data(n_groups=4, n_samples=60)
    alone = GlassMLP(**QUICK).fit(X, y, groups=groups)
    beside = GlassMLP(**QUICK).fit(X, np.stack([y, X[:, 3] ** 2], axis=1), groups=groups)
    np.testing.assert_allclose(beside.predict(X)[:, 0], alone.predict(X), rtol=1e-4)


def marked_groups():
    """Columns that tell groups apart, and with them offsets that mean nothing in a new group."""
    rng = np.random.default_rng(3)
    groups = np.repeat(np.arange(16), 40)
    offsets, marks = rng.normal(size=16), rng.normal(size=(16, 30))
    X = marks[groups] + 0.3 * rng.normal(size=(len(groups), 30))
    return X, 3 * offsets[groups] + rng.normal(size=len(groups)), groups


def test_held_out_groups_decide_when_to_stop_and_nothing_else():
    X, y, groups = grouped_data()
    other_X, other_y, _ = grouped_data(seed=1)
    mlp = GlassMLP(**{**QUICK, "max_epochs": 2}, **FIRST_LOSS).fit(X, y, groups=groups)
    assert len(mlp.held_out_groups_[0]) == 2
    out = np.isin(groups, mlp.held_out_groups_[0])
    changed = clone(mlp).fit(
        np.where(out[:, np.newaxis], 2 * other_X, X), np.where(out, other_y, y), groups=groups
    )
    for model in (mlp, changed):
        assert np.argmin(model.held_out_losses_[0][0]) == 2
    np.testing.assert_array_equal(mlp.predict(X), changed.predict(X))


def test_stopping_by_groups_is_earlier_than_by_samples():
    X, y, groups = marked_groups()
    by_group = GlassMLP(**QUICK, **FIRST_LOSS).fit(X, y, groups=groups)
    by_sample = GlassMLP(**QUICK, **FIRST_LOSS).fit(X, y)
    least = [np.argmin(m.held_out_losses_[0][0]) for m in (by_group, by_sample)]
    assert 3 * least[0] < least[1]


def test_the_average_of_networks_and_their_spread():
    X, y, groups = grouped_data(n_groups=5, n_samples=30)
    mlp = GlassMLP(**QUICK, n_networks=3).fit(X, y, groups=groups)
    mean, spread = mlp.predict(X, return_std=True)
    np.testing.assert_array_equal(mlp.predict(X), mean)
    assert (spread > 0).all()
    assert len({tuple(out) for out in mlp.held_out_groups_}) > 1
    each = np.array([member.predict(X) for member in mlp.members()])
    np.testing.assert_allclose(each.mean(axis=0), mean)
    np.testing.assert_allclose(each.std(axis=0), spread)
    assert len(mlp.networks_) == 3


def test_networks_know_nothing_of_what_they_hold_out_nor_of_each_other():
    """Other samples in a batch that the first holds out change the second alone."""
    X, y, groups = grouped_data(n_groups=6, n_samples=40)
    other_X, other_y, _ = grouped_data(n_groups=6, n_samples=40, seed=1)
    changed = groups == 0
    trained = [
        training.train_networks(
            features,
            targets[:, np.newaxis],
            batches=[np.flatnonzero(groups == group) for group in range(6)],
            held_out=np.array([[number == out for number in range(6)] for out in (0, 3)]),
            shells=None,
            settings=GlassMLP(**{**QUICK, "max_epochs": 1}, **FIRST_LOSS),
            rngs=[np.random.default_rng(seed) for seed in (1, 2)],
        )
        for features, targets in (
            (X, y),
            (np.where(changed[:, np.newaxis], 2 * other_X, X), np.where(changed, other_y, y)),
        )
    ]
    for (_, losses_of_first), _ in trained:
        assert np.argmin(losses_of_first[0]) == 1
    first, second = zip(*trained, strict=True)
    for before, after in zip(first[0][0], first[1][0], strict=True):
        np.testing.assert_array_equal(before, after)
    assert abs(second[0][0][0] - second[1][0][0]).max() > 1e-3


def test_networks_beside_each_other_learn_what_each_learns_alone():
    X, y, groups = grouped_data(n_groups=6, n_samples=40)
    batches = [np.flatnonzero(groups == group) for group in range(6)]
    held_out = np.array([[number == out for number in range(6)] for out in (0, 3)])

    def trained(choices):
        # The generator of the first also orders the batches.
        (order,) = np.random.default_rng(9).spawn(1)
        return training.train_networks(
            X, y[:, np.newaxis], batches, held_out[choices], None,
            GlassMLP(**{**QUICK, "max_epochs": 3}, **FIRST_LOSS), [order] * len(choices),
        )  # fmt: skip

    beside, (alone,) = trained([0, 1]), trained([0])
    for one, other in zip(beside[0][0], alone[0], strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-3, atol=1e-5)


def liquid(n_configurations=6, n_particles=200, seed=0):
    rng = np.random.default_rng(seed)
    system = KobAndersen2D()
    return [system.random_configuration(n_particles, rng) for _ in range(n_configurations)]


def brute_force_correlations(configuration, field, radii, centers):
    deviation = field - field.mean()
    result = []
    for radius in radii:
        numerator = 0.0
        for i in centers:
            weights = np.zeros(len(field))
            for j in range(len(field)):
                vector = configuration.positions[j] - configuration.positions[i]
                vector -= configuration.box.lengths * np.rint(vector / configuration.box.lengths)
                weights[j] = np.exp(-((np.linalg.norm(vector) - radius) ** 2) / 2)
            numerator += deviation[i] * (weights @ deviation) / weights.sum()
        result.append(numerator / np.sum(deviation[list(centers)] ** 2))
    return np.array(result)


@pytest.mark.parametrize("dimensions", [2, 3])
def test_losses_agree_with_plain_numpy(dimensions):
    rng = np.random.default_rng(1)
    box = Box.cube(7.0, dimensions)
    configuration = Configuration(
        rng.uniform(-3.5, 3.5, (60, dimensions)), np.zeros(60, int), box, "A"
    )
    radii = (1.0, 2.0, 3.0)
    y, p = rng.normal(2, 1, (2, 60)), rng.normal(1, 2, (2, 60))
    centers = np.arange(0, 60, 3)
    weights = torch.tensor(shell_weights(configuration, radii, centers))
    correlations = {}
    for name, field in (("y", y), ("p", p)):
        field = torch.tensor(field, dtype=torch.float32)
        correlations[name] = losses.spatial_correlations(field, weights, torch.tensor(centers))
    by_hand = {
        name: np.stack(
            [brute_force_correlations(configuration, row, radii, centers) for row in field], axis=1
        )
        for name, field in (("y", y), ("p", p))
    }
    for name, expected in by_hand.items():
        np.testing.assert_allclose(correlations[name].numpy(), expected, atol=1e-6)

    scale = abs(by_hand["y"][0] - by_hand["y"][2])
    assert (scale > losses.SMALLEST).all()
    np.testing.assert_allclose(
        losses.correlation_mismatch(correlations["p"], correlations["y"]).numpy(),
        abs(by_hand["y"] - by_hand["p"]).sum(axis=0) / scale,
        rtol=1e-4,
    )
    a, b = torch.tensor(p), torch.tensor(y)
    np.testing.assert_allclose(
        losses.absolute_deviation(a, b).numpy(), abs(y - p).mean(axis=1) / y.std(axis=1)
    )
    np.testing.assert_allclose(
        losses.variance_mismatch(a, b).numpy(),
        abs(p.var(axis=1) - y.var(axis=1)) / y.var(axis=1),
    )


def test_labels_that_hardly_differ_give_finite_losses():
    same = torch.full((1, 20), 3.0)
    other = torch.linspace(0, 1, 20)[None]
    weights = torch.ones(3, 20, 20) / 20
    centers = torch.arange(20)
    correlations = [losses.spatial_correlations(f, weights, centers) for f in (other, same)]
    for value in (
        losses.absolute_deviation(other, same),
        losses.variance_mismatch(other, same),
        losses.correlation_mismatch(*correlations),
    ):
        assert torch.isfinite(value).all()


def test_the_second_phase_restores_the_variance(coordinates):
    rng = np.random.default_rng(2)
    configurations = liquid(8, 150)
    labels = [np.sin(c.positions[:, 0] / 2) + rng.normal(0, 1, 150) for c in configurations]
    ratios = {}
    for name, weights in (("first", FIRST_LOSS), ("both", {})):
        mlp = GlassMLP(**QUICK, **weights)
        model = PropensityRegressor(coordinates, mlp, per_type=False).fit(configurations, labels)
        assert len(model.regressors_["all"].held_out_losses_[0]) == (1 if weights else 2)
        ratios[name] = np.var(model.predict(configurations)) / np.var(labels)
    assert ratios["first"] < 0.7
    assert abs(ratios["both"] - 1) < abs(ratios["first"] - 1) - 0.15


def test_the_second_loss_adds_its_terms_with_their_weights():
    rng = np.random.default_rng(4)
    x, y = rng.normal(size=(30, 2)), rng.normal(size=(30, 1))
    (configuration,) = liquid(1, 30)
    centers = np.arange(30)
    shells = shell_weights(configuration, (2.0, 5.0, 8.0), centers), centers
    batch = training.Batch(x, y, shells, torch.device("cpu"))
    network = [p[None] for p in training.initial_parameters((2, 3, 1), rng, torch.device("cpu"))]
    p = training.forward(network, batch.features)
    target = batch.targets
    correlations = [losses.spatial_correlations(f, *batch._shells) for f in (p, target)]
    expected = (
        losses.absolute_deviation(p, target)
        + 1.0 * losses.variance_mismatch(p, target)
        + 0.5 * losses.correlation_mismatch(*correlations)
    )
    assert torch.allclose(batch.loss(network, (1.0, 0.5)), expected)
    assert torch.allclose(batch.loss(network, (0.0, 0.0)), losses.absolute_deviation(p, target))


def test_defaults_are_those_of_the_authors_code():
    published = GlassMLP()
    assert tuple(published.learning_rates) == (5e-4, 2e-4)
    assert tuple(published.second_learning_rates) == (4e-5, 2e-5)
    assert (published.variance_weight, published.correlation_weight) == (1.0, 0.5)


class Recorder(RegressorMixin, BaseEstimator):
    """Predicts nothing, but remembers what it was shown."""

    def fit(self, X, y, groups=None, configurations=None):
        self.seen_ = X, groups, configurations
        return self


def test_a_regressor_is_shown_the_particles_it_learns_from(coordinates):
    configurations = liquid(3, 50)
    labels = [c.positions[:, 0] for c in configurations]
    model = PropensityRegressor(coordinates, Recorder()).fit(configurations, labels)
    for number, species in enumerate("ABC"):
        X, groups, shown = model.regressors_[species].seen_
        np.testing.assert_array_equal(np.concatenate([c.positions for c in shown]), X)
        assert all((c.types == number).all() for c in shown)
        np.testing.assert_array_equal(
            np.repeat(np.arange(3), [c.n_particles for c in shown]), groups
        )


def test_positions_matter_where_they_are_given():
    configurations = liquid(6, 100)
    X = np.concatenate([c.positions for c in configurations])
    y = np.sin(X[:, 0]) + 0.5 * np.random.default_rng(0).normal(size=len(X))
    groups = np.repeat(np.arange(6), 100)
    with_positions = clone(GlassMLP(**QUICK)).fit(X, y, groups, configurations=configurations)
    without = GlassMLP(**QUICK).fit(X, y, groups)
    assert abs(with_positions.predict(X) - without.predict(X)).max() > 1e-3
    with pytest.raises(ValueError, match="600 samples need configurations of as many"):
        GlassMLP(**QUICK).fit(X, y, groups, configurations=configurations[:5])
    with pytest.raises(ValueError, match="particles of configuration 1 are in several groups"):
        GlassMLP(**QUICK).fit(X, y, np.repeat(np.arange(4), 150), configurations=configurations)


def test_a_stored_network_predicts_the_same_without_torch(tmp_path, monkeypatch, coordinates):
    configurations = liquid(4, 100)
    labels = [c.positions[:, 0] ** 2 for c in configurations]
    mlp = GlassMLP(**{**QUICK, "max_epochs": 3}, n_networks=2)
    model = PropensityRegressor(coordinates, mlp).fit(configurations, labels)
    # The descriptor of the fixture is none of the package: only the network is stored.
    network = model.regressors_["A"]
    expected = network.predict(configurations[0].positions)
    save_model(StoredModel(network, "KA2D", "displacement", 1.0, (0.3,), ()), tmp_path / "m.skops")
    for name in [name for name in sys.modules if name.split(".")[0] == "torch"]:
        monkeypatch.setitem(sys.modules, name, None)
    loaded = load_model(tmp_path / "m.skops").model
    np.testing.assert_array_equal(loaded.predict(configurations[0].positions), expected)


def test_training_without_torch_says_what_to_install(monkeypatch):
    monkeypatch.delitem(sys.modules, "vitreous.models._mlp_training", raising=False)
    monkeypatch.delattr("vitreous.models._mlp_training", raising=False)
    monkeypatch.setitem(sys.modules, "torch", None)
    with pytest.raises(ImportError, match=r'pip install "\.\[mlp\]"'):
        GlassMLP().fit(np.eye(4), np.arange(4.0))


@pytest.mark.skipif(not torch.cuda.is_available(), reason="no GPU that PyTorch can use")
def test_a_gpu_learns_the_same():
    X, y, groups = grouped_data()
    on_cpu = GlassMLP(**QUICK).fit(X, y, groups=groups)
    on_gpu = GlassMLP(**{**QUICK, "device": "cuda"}).fit(X, y, groups=groups)
    assert np.corrcoef(on_cpu.predict(X), on_gpu.predict(X))[0, 1] > 0.99
