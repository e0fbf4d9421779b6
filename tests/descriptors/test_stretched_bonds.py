"""Stretched bonds against loops over pairs, and against the label that they are made for."""

import numpy as np
import pytest
from scipy.stats import norm
from sklearn.base import BaseEstimator, TransformerMixin

from vitreous.descriptors import StretchedBonds
from vitreous.dynamics import BondBreaking
from vitreous.liquid import KobAndersen, KobAndersen2D
from vitreous.simulate import minimize


class Elsewhere(TransformerMixin, BaseEstimator):
    """Particles some way from where they were."""

    def __init__(self, distance):
        self.distance = distance

    def fit(self, configurations, y=None):
        return self

    def transform(self, configurations):
        rng = np.random.default_rng(3)
        return [
            c.with_positions(c.positions + self.distance * rng.standard_normal(c.positions.shape))
            for c in configurations
        ]


@pytest.fixture(scope="module", params=[(KobAndersen2D(), 60), (KobAndersen(), 160)], ids=str)
def liquid(request):
    system, n_particles = request.param
    start = system.random_configuration(n_particles, 1)
    return system, minimize(system, start, force_tolerance=0.1).configuration


def test_agrees_with_loops_over_pairs(liquid):
    system, configuration = liquid
    state = Elsewhere(0.2)
    descriptor = StretchedBonds(system, state, [1.0, 1.3], 0.05, 1.5, dtype="float64")
    features = descriptor.fit_transform([configuration])
    (there,) = state.transform([configuration])
    diameters = system.pair_diameters(
        configuration, *np.indices(2 * [configuration.n_particles]).reshape(2, -1)
    ).reshape(2 * [configuration.n_particles])
    for i in (0, 7, 59):
        bonds, expected = 0, np.zeros(4)
        for j in range(configuration.n_particles):
            lengths = [
                np.linalg.norm(configuration.box.minimum_image(x[j] - x[i])) / diameters[i, j]
                for x in (configuration.positions, there.positions)
            ]
            if j != i and lengths[0] < 1.5:
                bonds += 1
                expected += [norm.cdf((r - a) / 0.05) for r in lengths for a in (1.0, 1.3)]
        np.testing.assert_allclose(features[i], [bonds, *expected / bonds], atol=1e-12)


def test_counts_what_the_label_counts(liquid):
    system, configuration = liquid
    state = Elsewhere(0.5)
    features = StretchedBonds(system, state, [1.8], 1e-9).fit_transform([configuration])
    (there,) = state.transform([configuration])
    kept = BondBreaking(system, configuration)(there.positions)
    assert kept.std() > 0.05
    np.testing.assert_allclose(features[:, 2], 1 - kept, atol=1e-6)
    assert not features[:, 1].any()


def test_does_not_depend_on_the_box(liquid, repeated):
    class Moved(Elsewhere):
        def transform(self, configurations):
            return [c.with_positions(c.positions + 0.1 * c.types[:, None]) for c in configurations]

    system, configuration = liquid
    descriptor = StretchedBonds(system, Moved(0.0), dtype="float64").fit([configuration])
    features = descriptor.transform([configuration])
    again = descriptor.transform([repeated(configuration)])
    np.testing.assert_allclose(again, np.tile(features, (2**system.dimensions, 1)), atol=1e-9)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"lengths": []}, "lengths must be positive"),
        ({"width": 0.0}, "width must be positive and finite, not 0.0"),
        ({"bond_length": np.inf}, "bond_length must be positive"),
    ],
)
def test_bad_numbers_are_named(liquid, settings, message):
    system, configuration = liquid
    with pytest.raises(ValueError, match=message):
        StretchedBonds(system, Elsewhere(0.1), **settings).fit([configuration])
