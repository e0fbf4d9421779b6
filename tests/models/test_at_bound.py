"""Choices that end where the values to choose from end are told."""

import numpy as np
import pytest

from vitreous.commands.fit import _end_chosen, _ends_chosen
from vitreous.models import (
    GroupedBoosting,
    GroupedRidge,
    SoftnessClassifier,
    SoftnessRegressor,
    TimeScaleRegressor,
    TwoLevelRidge,
)
from vitreous.models._clock_ridge import ClockMoments
from vitreous.models._left_out_temperatures import chosen_penalty

GROUPS = np.repeat(np.arange(6), 40)


def noisy(noise=3.0):
    """Columns, and labels that follow all of them and noise."""
    rng = np.random.default_rng(0)
    X = rng.normal(size=(len(GROUPS), 30))
    return X, X @ rng.normal(size=30) / 30**0.5 + noise * rng.normal(size=len(GROUPS))


@pytest.mark.parametrize("ridge", [GroupedRidge, TwoLevelRidge])
@pytest.mark.parametrize(
    ("noise", "alphas", "end"),
    [
        (3.0, None, ""),
        (3.0, [30.0, 3.0, 0.3], "largest"),
        (0.1, [100.0, 1e3, 1e4], "smallest"),
        (0.1, [1e4, 1e3, 100.0], "smallest"),
        # A single one is no choice; and it says little that an end is best if all agree.
        (3.0, [0.1], ""),
        (3.0, [0.1, 0.101], ""),
    ],
)
def test_ends_of_the_penalties(ridge, noise, alphas, end):
    X, y = noisy(noise)
    found = ridge(alphas=alphas).fit(X, y, groups=GROUPS)
    assert found.at_bound_ == end
    assert (end in _end_chosen(found)) if end else not _end_chosen(found)
    several = ridge(alphas=alphas).fit(X, np.column_stack([y, y]), groups=GROUPS)
    assert several.at_bound_.tolist() == [end, end]


def test_ends_of_the_penalties_of_softness():
    X, y = noisy(noise=0.0)
    moving = y > np.quantile(y, 0.8)
    for penalties, end in (
        ([1e-5, 1e-4, 1e-3], "largest"),
        ([1e-3, 0.01, 0.1], ""),
        ([0.1], ""),
    ):
        assert SoftnessClassifier(penalties).fit(X, moving, groups=GROUPS).at_bound_ == end
    few = SoftnessRegressor(0.8, classifier=SoftnessClassifier([1e-5, 1e-4, 1e-3]))
    assert "largest penalty" in _end_chosen(few.fit(X, y, groups=GROUPS))


def test_trees_that_were_too_few():
    rng = np.random.default_rng(0)
    X = rng.normal(size=(len(GROUPS), 2))
    boosting = GroupedBoosting(min_samples_leaf=10, learning_rate=0.1, max_trees=5)
    boosting.fit(X, np.sign(X[:, 0] * X[:, 1]), groups=GROUPS)
    assert boosting.at_bound_
    assert boosting.n_trees_ == 5
    assert "all 5 trees" in _end_chosen(boosting)
    boosting.fit(X, X[:, 0] + rng.normal(size=len(X)), groups=GROUPS)
    assert not boosting.at_bound_
    assert not _end_chosen(boosting)


@pytest.mark.parametrize(
    ("apart", "noise", "end"), [(1.0, 1.0, "largest"), (1.0, 0.0, ""), (0.02, 0.0, "smallest")]
)
def test_ends_of_the_penalties_of_time_scales(apart, noise, end):
    """Noise in many columns wants a strong one; what nearly equal columns differ in wants none."""
    temperatures = []
    for seed in range(3):
        rng = np.random.default_rng(seed)
        own = rng.normal(size=(60, 100 if noise else 15))
        y = own[:, 0] + own[:, 1] + noise * rng.normal(size=60)
        x = apart * own + (1 - apart) * rng.normal(size=(60, 1))
        temperatures.append(ClockMoments.of([0.0], [x], [y[:, np.newaxis]]))
    assert chosen_penalty(temperatures)[1] == end
    assert chosen_penalty(temperatures[:1]) == (0.01, "")


def test_all_ends_of_a_model_are_said():
    model = TimeScaleRegressor(None, None, None, None)
    model.at_bound_ = {"short": {"A": "", "B": "largest"}, "late": {"A": "smallest", "B": ""}}
    said = dict(_ends_chosen(model))
    assert list(said) == ["B, short times", "A, late times"]
    assert "largest penalty" in said["B, short times"]
