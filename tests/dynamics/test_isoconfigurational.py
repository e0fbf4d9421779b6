import numpy as np
import pytest

from vitreous.dynamics import IsoconfigurationalAverage, IsoconfigurationalLabels
from vitreous.models import noise_ceiling


@pytest.mark.parametrize("n_replicas", [2, 3, 8])
def test_running_averages_agree_with_plain_ones(n_replicas):
    replicas = np.random.default_rng(0).normal(size=(n_replicas, 10, 4))
    average = IsoconfigurationalAverage([1.0, 2.0, 3.0, 4.0])
    for replica in replicas:
        average.add({"displacement": replica})
    labels = average.labels()
    np.testing.assert_allclose(labels.matrix("displacement"), replicas.mean(axis=0))
    first, second = labels.halves("displacement")
    np.testing.assert_allclose(first, replicas[::2].mean(axis=0))
    np.testing.assert_allclose(second, replicas[1::2].mean(axis=0))


def test_labels_from_a_list_of_replicas():
    replicas = np.random.default_rng(0).normal(size=(5, 10, 1))
    labels = IsoconfigurationalLabels.from_replicas([2.0], {"displacement": replicas})
    np.testing.assert_allclose(labels.matrix("displacement"), replicas.mean(axis=0))
    assert labels.time_index(2.0) == 0


def test_averages_without_halves_have_unknown_noise():
    averages = np.random.default_rng(0).normal(size=(1, 10, 2))
    labels = IsoconfigurationalLabels([1.0, 2.0], {"displacement": averages}, 32)
    np.testing.assert_array_equal(labels.matrix("displacement"), averages[0])
    assert not labels.has_halves("displacement")
    assert labels.halves("displacement").shape == (2, 10, 2)
    assert np.isnan(labels.halves("displacement")).all()
    assert np.isnan(noise_ceiling(*labels.halves("displacement")[..., 0]))


def test_one_time_is_a_column_of_the_matrix():
    rng = np.random.default_rng(0)
    labels = IsoconfigurationalLabels([1.0, 5.0], {"bond_breaking": rng.random((2, 7, 2))}, 5)
    for name in labels.names:
        assert labels.matrix(name).shape == (7, 2)
        np.testing.assert_array_equal(labels.at(name, 5.0), labels.matrix(name)[:, 1])
        np.testing.assert_array_equal(labels.halves_at(name, 1.0), labels.halves(name)[..., 0])
    with pytest.raises(ValueError, match="several times, choose one of 1, 5"):
        labels.at("bond_breaking")


@pytest.mark.parametrize("n_known", [1, 2])
def test_broken_bonds_are_what_is_missing_of_the_bonds(n_known):
    kept = np.random.default_rng(0).random((n_known, 7, 2))
    labels = IsoconfigurationalLabels([1.0, 5.0], {"bond_breaking": kept}, 5)
    assert labels.names == ("bond_breaking", "broken_bonds")
    assert set(labels.averages) == {"bond_breaking"}
    broken, intact = (labels.matrix(name) for name in ("broken_bonds", "bond_breaking"))
    np.testing.assert_allclose(broken + intact, 1, rtol=1e-15)
    np.testing.assert_allclose(labels.halves("broken_bonds"), 1 - labels.halves("bond_breaking"))
    assert labels.has_halves("broken_bonds") == (n_known == 2)


def test_broken_bonds_are_not_kept_twice():
    with pytest.raises(ValueError, match="'broken_bonds' follows from 'bond_breaking'"):
        IsoconfigurationalLabels([1.0], {"broken_bonds": np.zeros((2, 3, 1))}, 4)


def test_a_single_trajectory_has_no_halves():
    average = IsoconfigurationalAverage([2.0])
    average.add({"displacement": [[1.0], [2.0]]})
    labels = average.labels()
    assert labels.n_replicas == 1
    assert not labels.has_halves("displacement")
    np.testing.assert_array_equal(labels.at("displacement"), [1.0, 2.0])
    assert np.isnan(labels.halves_at("displacement")).all()


def test_unknown_names_and_times_are_refused():
    labels = IsoconfigurationalLabels([1.0, 5.0], {"displacement": np.zeros((2, 3, 2))}, 4)
    with pytest.raises(ValueError, match="unknown label 'overlap'; there are displacement"):
        labels.matrix("overlap")
    with pytest.raises(ValueError, match="no labels at time 2; the times are 1, 5"):
        labels.time_index(2.0)


@pytest.mark.parametrize(
    ("halves", "n_replicas", "message"),
    [
        (np.zeros((2, 3, 1)), 4, r"shape \(2, N, 2\)"),
        (np.zeros((3, 3, 2)), 4, r"shape \(2, N, 2\), or \(1, N, 2\) without halves, not \(3"),
        (np.zeros((2, 3, 2)), 1, "at least 2 replicas"),
    ],
)
def test_bad_labels_are_refused(halves, n_replicas, message):
    with pytest.raises(ValueError, match=message):
        IsoconfigurationalLabels([1.0, 2.0], {"displacement": halves}, n_replicas)
