"""CommunityInference against all divisions of few particles, and on planted communities."""

from itertools import product

import numpy as np
import pytest

from vitreous.models import CommunityInference


def information(counts, labels):
    """Mutual information of communities and bins, from their joint distribution."""
    shares = counts / counts.sum(axis=1, keepdims=True)
    joint = np.array([shares[labels == k].sum(axis=0) for k in np.unique(labels)]) / len(shares)
    outer = joint.sum(axis=1, keepdims=True) * joint.sum(axis=0)
    some = joint > 0
    return (joint[some] * np.log(joint[some] / outer[some])).sum()


@pytest.mark.parametrize("seed", range(3))
def test_no_division_of_few_particles_tells_more(seed):
    counts = np.random.default_rng(seed).poisson(3.0, (9, 4)) + 0.0
    counts[:, 0] += 1
    found = CommunityInference(2, n_init=50, random_state=seed).fit(counts)
    assert found.information_ == pytest.approx(information(counts, found.labels_))
    best = max(information(counts, np.array((0, *others))) for others in product((0, 1), repeat=8))
    assert found.information_ == pytest.approx(best)


def test_planted_communities_are_found():
    generator = np.random.default_rng(4)
    distributions = generator.dirichlet(np.ones(20), 3)
    truth = generator.choice(3, 600, p=[0.5, 0.3, 0.2])
    counts = np.array([generator.multinomial(200, distributions[k]) for k in truth])
    found = CommunityInference(3, random_state=1).fit(counts)
    assert (found.labels_ == truth).mean() > 0.98
    np.testing.assert_allclose(found.distributions_, distributions, atol=0.02)
    np.testing.assert_array_equal(found.predict(counts), found.labels_)
    again = CommunityInference(3, random_state=1).fit(10 * counts)
    np.testing.assert_array_equal(again.labels_, found.labels_)
    assert CommunityInference(1).fit(counts).information_ == pytest.approx(0.0, abs=1e-12)


@pytest.mark.parametrize(
    ("counts", "parameters", "message"),
    [
        ([[1, 2], [0, 0]], {}, "row 1 is empty"),
        ([[1, 2], [-1, 2]], {}, "negative counts"),
        ([[1, 2], [1, 2]], {"n_clusters": 3}, "between 1 and the number of particles, 2, not 3"),
        ([[1, 2], [1, 2]], {"n_init": 0}, "at least 1"),
    ],
)
def test_what_is_no_histogram_is_refused(counts, parameters, message):
    with pytest.raises(ValueError, match=message):
        CommunityInference(**parameters).fit(counts)
