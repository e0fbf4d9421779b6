"""AngularDescriptor against loops, and at its limits."""

from itertools import combinations

import numpy as np
import pytest

from vitreous.descriptors import AngularDescriptor
from vitreous.liquid import Box, Configuration, KobAndersen

TERMS = [(1.5, 1, 1), (0.8, -1, 3), (1.5, -1, 16), (0.8, 1, 2), (14.0, 1, 1)]
CUTOFF = 1.9


def brute_force(configuration, bonds):
    pairs = [(a, b) for a in range(3) for b in range(a, 3)]
    sums = np.zeros((configuration.n_particles, len(pairs), len(TERMS)))
    for i in range(configuration.n_particles):
        vectors, others = bonds(configuration, i)
        r = np.linalg.norm(vectors, axis=1)
        for j, k in combinations(np.flatnonzero(r < CUTOFF), 2):
            pair = pairs.index(tuple(sorted(configuration.types[others[[j, k]]])))
            across = np.linalg.norm(vectors[j] - vectors[k])
            cosine = vectors[j] @ vectors[k] / (r[j] * r[k])
            for term, (xi, sign, power) in enumerate(TERMS):
                gaussian = np.exp(-(r[j] ** 2 + r[k] ** 2 + across**2) / xi**2)
                sums[i, pair, term] += gaussian * (1 + sign * cosine) ** power
    return sums.reshape(configuration.n_particles, -1)


def test_agrees_with_brute_force(configuration, bonds):
    descriptor = AngularDescriptor(TERMS, CUTOFF, dtype="float64")
    features = descriptor.fit_transform([configuration])
    np.testing.assert_allclose(features, brute_force(configuration, bonds), rtol=1e-10, atol=1e-13)


def test_names():
    configuration = KobAndersen().random_configuration(200, random_state=1)
    names = AngularDescriptor([(1.5, 1, 1), (0.8, -1, 3)]).fit([configuration])
    assert names.get_feature_names_out().tolist() == [
        "angular[A,A] xi=1.5 lambda=1 zeta=1",
        "angular[A,A] xi=0.8 lambda=-1 zeta=3",
        "angular[A,B] xi=1.5 lambda=1 zeta=1",
        "angular[A,B] xi=0.8 lambda=-1 zeta=3",
        "angular[B,B] xi=1.5 lambda=1 zeta=1",
        "angular[B,B] xi=0.8 lambda=-1 zeta=3",
    ]
    default = AngularDescriptor().fit([configuration]).get_feature_names_out()
    assert len(default) == len(set(default)) == 3 * 32


@pytest.mark.parametrize("dimensions", [2, 3])
def test_one_neighbor_makes_no_angle(dimensions):
    positions = np.zeros((2, dimensions))
    positions[1, 0] = 1.0
    pair = Configuration(positions, [0, 0], Box.cube(8.0, dimensions), ("A",))
    assert not AngularDescriptor().fit_transform([pair]).any()


@pytest.mark.parametrize(
    ("terms", "message"),
    [
        ([], "rows"),
        ([1.0, 1.0, 1.0], "rows"),
        ([(0.0, 1, 1)], "positive xi"),
        ([(1.0, 0.5, 1)], "lambda of -1 or 1"),
        ([(1.0, 1, 1.5)], "whole zeta"),
        ([(1.0, 1, 0)], "whole zeta"),
    ],
)
def test_bad_terms(liquid, terms, message):
    with pytest.raises(ValueError, match=message):
        AngularDescriptor(terms).fit([liquid])


def test_cutoff_beyond_half_the_box(liquid):
    with pytest.raises(ValueError, match="half the smallest distance"):
        AngularDescriptor(cutoff=10.0).fit_transform([liquid])
