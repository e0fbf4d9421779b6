"""Softness: the support vector machine, and what it learns from classes and continuous labels."""

import numpy as np
import pytest
from sklearn.metrics import balanced_accuracy_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import LinearSVC
from sklearn.utils.estimator_checks import parametrize_with_checks

from vitreous.models import SoftnessClassifier, SoftnessRegressor


@parametrize_with_checks([SoftnessClassifier(), SoftnessRegressor(0.5)])
def test_scikit_learn_contract(estimator, check):
    check(estimator)


def rare_rearrangements(n_groups=6, n=200, seed=0):
    """Columns of very different scales, a few of which decide who rearranges, seldom."""
    rng = np.random.default_rng(seed)
    groups = np.repeat(np.arange(n_groups), n)
    X = rng.normal(size=(len(groups), 8)) * np.logspace(-3, 3, 8) + 5
    barrier = (X[:, 1] - 5) / 10 ** (-3 + 6 / 7) - rng.normal(0, 0.5, len(X))
    return X, barrier > 1.3, groups


def test_it_is_a_balanced_machine_on_standardized_columns_and_the_distance_to_its_plane():
    X, y, groups = rare_rearrangements()
    soft = SoftnessClassifier(penalties=[1e-3, 1e-1]).fit(X, y, groups)
    by_hand = make_pipeline(
        StandardScaler(), LinearSVC(C=soft.penalty_, class_weight="balanced", dual=False)
    ).fit(X, y)
    distance = by_hand.decision_function(X) / np.linalg.norm(by_hand[-1].coef_)
    np.testing.assert_allclose(soft.decision_function(X), distance, rtol=1e-3, atol=1e-3)
    np.testing.assert_allclose(X @ soft.coef_ + soft.intercept_, soft.decision_function(X))
    assert np.linalg.norm(soft.coef_ * X.std(axis=0)) == pytest.approx(1.0)


def test_the_penalty_is_chosen_on_left_out_groups():
    X, y, groups = rare_rearrangements(n_groups=3)
    penalties = [1e-4, 1e-2, 1.0]
    soft = SoftnessClassifier(penalties).fit(X, y, groups)
    accuracies = np.zeros(3)
    for left_out in range(3):
        test = groups == left_out
        mean, spread = X.mean(axis=0), X.std(axis=0)
        for k, penalty in enumerate(penalties):
            machine = LinearSVC(C=penalty, class_weight="balanced", dual=False)
            machine.fit((X[~test] - mean) / spread, y[~test])
            predicted = machine.predict((X[test] - mean) / spread)
            accuracies[k] += balanced_accuracy_score(y[test], predicted) / 3
    np.testing.assert_allclose(soft.held_out_accuracies_, accuracies, atol=5e-3)
    assert soft.penalty_ == penalties[int(np.argmax(soft.held_out_accuracies_))]


def test_noise_shared_by_a_group_does_not_choose_the_penalty():
    """Columns that tell groups apart, and nothing else, deceive whoever leaves samples out."""
    rng = np.random.default_rng(1)
    groups = np.repeat(np.arange(80), 10)
    X = rng.normal(size=(80, 40))[groups] + 0.1 * rng.normal(size=(800, 40))
    y = (rng.random(80) < 0.5)[groups]
    honest, fooled = (SoftnessClassifier().fit(X, y, g) for g in (groups, None))
    assert fooled.held_out_accuracies_.max() > 0.8
    assert honest.held_out_accuracies_.max() < 0.6


def test_classes_and_quantiles_of_continuous_labels():
    X, y, groups = rare_rearrangements()
    classes = SoftnessRegressor().fit(X, y.astype(float), groups)
    assert np.isnan(classes.threshold_)
    reference = SoftnessClassifier().fit(X, y, groups)
    np.testing.assert_allclose(classes.predict(X), reference.decision_function(X), rtol=1e-6)
    mobility = np.where(y, 2.0, 1.0) + np.linspace(0, 0.5, len(y))
    share = float(np.mean(y))
    cut = SoftnessRegressor(1 - share).fit(X, mobility, groups)
    assert 1.5 <= cut.threshold_ <= 2.0
    np.testing.assert_allclose(cut.predict(X), reference.decision_function(X), rtol=1e-6)


def test_the_largest_of_few_values_rearranges():
    X, y, groups = rare_rearrangements()
    few = SoftnessRegressor(0.9).fit(X, np.where(y, 2.0, groups % 2), groups)
    assert few.threshold_ == 2.0
    reference = SoftnessClassifier().fit(X, y, groups)
    np.testing.assert_allclose(few.predict(X), reference.decision_function(X), rtol=1e-6)


def test_particles_in_between_are_left_out():
    X, y, groups = rare_rearrangements()
    rng = np.random.default_rng(3)
    unclear = rng.random(len(y)) < 0.3
    sorted_out = SoftnessRegressor().fit(X, np.where(unclear, -1.0, y), groups)
    known = SoftnessClassifier().fit(X[~unclear], y[~unclear], groups[~unclear])
    np.testing.assert_allclose(sorted_out.predict(X), known.decision_function(X), rtol=1e-6)


def test_thresholds_leave_out_what_lies_between():
    X, y, groups = rare_rearrangements()
    hop = np.where(y, 0.5, np.where(groups == 1, 0.1, 0.01))
    cut = SoftnessRegressor(thresholds=(0.05, 0.2)).fit(X, hop, groups)
    clear = y | (groups != 1)
    known = SoftnessClassifier().fit(X[clear], y[clear], groups[clear])
    np.testing.assert_allclose(cut.predict(X), known.decision_function(X), rtol=1e-6)
    assert cut.threshold_ == 0.2


@pytest.mark.parametrize(
    ("labels", "settings", "message"),
    [
        (np.zeros(60), {}, "all of one class"),
        (np.repeat([-1.0, 1.0], 30), {}, "all of one class"),
        (np.linspace(0, 1, 60), {"thresholds": (0.5, 0.2)}, "thresholds must be in order"),
        (
            np.linspace(0, 0.1, 60),
            {"thresholds": (0.05, 0.2)},
            r"below 0.05 and above 0.2, which a q",
        ),
        (np.linspace(0, 1, 60), {"quantile": 1.0}, "between 0 and 1, not 1"),
        (np.linspace(0, 1, 60), {"classifier": SoftnessClassifier([-1.0])}, "must be positive"),
    ],
)
def test_what_cannot_be_divided_is_refused(labels, settings, message):
    X = np.random.default_rng(0).normal(size=(60, 2))
    with pytest.raises(ValueError, match=message):
        SoftnessRegressor(**settings).fit(X, labels, np.arange(60) % 4)


def test_a_class_in_one_group_only_is_refused():
    X = np.random.default_rng(0).normal(size=(60, 2))
    with pytest.raises(ValueError, match="each class must be in two groups"):
        SoftnessClassifier().fit(X, np.arange(60) < 20, np.repeat([0, 1, 2], 20))
