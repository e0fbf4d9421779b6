"""Configurations that are not independent never stand on both sides of a split."""

import numpy as np
import pytest
from sklearn.base import BaseEstimator, RegressorMixin
from sklearn.neighbors import KNeighborsRegressor

from vitreous.dynamics import ReversedReplica, pearson
from vitreous.models import (
    GroupedRidge,
    PropensityRegressor,
    TransferableRegressor,
    TwoLevelRidge,
    cross_predict,
    transfer_between_times,
    transfer_matrix,
)


@pytest.fixture
def copies(problem):
    """Each configuration twice, with labels that nothing but a look at the other copy tells."""
    rng = np.random.default_rng(0)
    configurations, labels = [], []
    for configuration in problem.configurations:
        label = rng.normal(size=configuration.n_particles)
        configurations += [configuration, configuration]
        labels += [label, label]
    return configurations, labels, np.repeat([f"run {k}" for k in range(9)], 2)


@pytest.fixture
def memory(coordinates):
    """A model that knows by heart what it has seen."""
    return PropensityRegressor(coordinates, KNeighborsRegressor(1))


def test_a_copy_in_the_same_group_is_not_learnt_from(copies, memory):
    configurations, labels, groups = copies
    leaking = cross_predict(memory, configurations, labels)
    clean = cross_predict(memory, configurations, labels, groups=groups)
    assert pearson(np.concatenate(leaking), np.concatenate(labels)) > 0.8
    assert abs(pearson(np.concatenate(clean), np.concatenate(labels))) < 0.1


def test_transfer_keeps_groups_together(copies, memory):
    configurations, labels, groups = copies
    conditions = np.repeat([0.5, 0.4, 0.3], 6)
    clean = transfer_matrix(memory, configurations, labels, conditions, groups=groups)
    assert abs(clean.pearson).max() < 0.3
    both = [np.stack([label, label], axis=1) for label in labels]
    between = transfer_between_times(memory, configurations, both, [1.0, 2.0], groups=groups)
    assert abs(between.pearson).max() < 0.2
    with pytest.raises(ValueError, match=r"0.5 has 2 configuration\(s\) that are independent"):
        transfer_matrix(memory, configurations[2:], labels[2:], conditions[2:], groups=groups[2:])


class Witness(RegressorMixin, BaseEstimator):
    """Keeps the groups of the rows that it was given."""

    def fit(self, X, y, groups=None):
        self.groups_ = groups
        return self

    def predict(self, X):
        return np.zeros(len(X))


def test_regressors_are_told_the_groups(copies, coordinates):
    configurations, labels, groups = copies
    n_a = [int((c.types == 0).sum()) for c in configurations]
    model = PropensityRegressor(coordinates, Witness())
    model.fit(configurations, labels, groups=groups)
    expected = np.repeat(np.repeat(np.arange(9), 2), n_a)
    np.testing.assert_array_equal(model.regressors_["A"].groups_, expected)
    columns = [np.stack([label, label + 1], axis=1) for label in labels]
    transferable = TransferableRegressor(coordinates, Witness(), [0.0, 1.0])
    transferable.fit(configurations, columns, groups=groups)
    assert len(np.unique(transferable.regressors_["A"].groups_)) == 9


@pytest.mark.parametrize("regressor", [GroupedRidge(), TwoLevelRidge()])
def test_streaming_regressors_count_a_group_as_one(copies, problem, coordinates, regressor):
    """Twice the same rows in each group: the fit is that of once, scaled or not."""
    configurations, labels, groups = copies
    columns = [label + c.positions[:, 0] for c, label in zip(configurations, labels, strict=True)]
    model = PropensityRegressor(coordinates, regressor)
    model.fit(configurations, columns, groups=groups)
    by_hand = type(regressor)().fit(
        np.concatenate([c.positions[c.types == 0] for c in configurations]),
        np.concatenate([y[c.types == 0] for c, y in zip(configurations, columns, strict=True)]),
        groups=np.repeat(groups, [int((c.types == 0).sum()) for c in configurations]),
    )
    np.testing.assert_allclose(model.regressors_["A"].coef_, by_hand.coef_, rtol=1e-6)


def test_wrong_groups_are_refused(copies, memory):
    configurations, labels, groups = copies
    with pytest.raises(ValueError, match="18 configurations need as many groups"):
        memory.fit(configurations, labels, groups=groups[1:])
    ridge = PropensityRegressor(memory.descriptor, TwoLevelRidge())
    replica = ReversedReplica(configurations[0], labels[0], 1.0)
    with pytest.raises(ValueError, match="independent configurations, not of groups"):
        ridge.fit(configurations, labels, [[replica]] * 18, groups=groups)
