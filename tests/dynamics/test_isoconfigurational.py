import numpy as np
import pytest

from vitreous.dynamics import IsoconfigurationalAverage, IsoconfigurationalLabels
from vitreous.models import noise_ceiling


@pytest.mark.parametrize("n_replicas", [2, 3, 8])
def test_running_averages_agree_with_plain_ones(n_replicas):
    replicas = np.random.default_rng(0).normal(size=(n_replicas, 4, 10))
    average = IsoconfigurationalAverage([1.0, 2.0, 3.0, 4.0])
    for replica in replicas:
        average.add({"displacement": replica})
    labels = average.labels()
    np.testing.assert_allclose(labels.mean("displacement"), replicas.mean(axis=0))
    first, second = labels.half("displacement")
    np.testing.assert_allclose(first, replicas[::2].mean(axis=0))
    np.testing.assert_allclose(second, replicas[1::2].mean(axis=0))


def test_labels_from_a_list_of_replicas():
    replicas = np.random.default_rng(0).normal(size=(5, 1, 10))
    labels = IsoconfigurationalLabels.from_replicas([2.0], {"displacement": replicas})
    np.testing.assert_allclose(labels.mean("displacement"), replicas.mean(axis=0))
    assert labels.time_index(2.0) == 0


def test_averages_without_halves_have_unknown_noise():
    averages = np.random.default_rng(0).normal(size=(1, 2, 10))
    labels = IsoconfigurationalLabels([1.0, 2.0], {"displacement": averages}, 32)
    np.testing.assert_array_equal(labels.mean("displacement"), averages[0])
    assert not labels.has_halves("displacement")
    assert labels.half("displacement").shape == (2, 2, 10)
    assert np.isnan(labels.half("displacement")).all()
    assert np.isnan(noise_ceiling(*labels.half("displacement")[:, 0]))


def test_unknown_names_and_times_are_refused():
    labels = IsoconfigurationalLabels([1.0, 5.0], {"displacement": np.zeros((2, 2, 3))}, 4)
    with pytest.raises(ValueError, match="unknown label 'overlap'; there are displacement"):
        labels.mean("overlap")
    with pytest.raises(ValueError, match="no labels at time 2; the times are 1, 5"):
        labels.time_index(2.0)


@pytest.mark.parametrize(
    ("halves", "n_replicas", "message"),
    [
        (np.zeros((2, 1, 3)), 4, r"shape \(2, 2, N\)"),
        (np.zeros((3, 2, 3)), 4, r"shape \(2, 2, N\), or \(1, 2, N\) without halves, not \(3"),
        (np.zeros((2, 2, 3)), 1, "at least 2 replicas"),
    ],
)
def test_bad_labels_are_refused(halves, n_replicas, message):
    with pytest.raises(ValueError, match=message):
        IsoconfigurationalLabels([1.0, 2.0], {"displacement": halves}, n_replicas)
