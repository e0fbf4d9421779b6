"""A small learning problem whose answer is known."""

import numpy as np
import pytest
from sklearn.base import BaseEstimator, TransformerMixin

from vitreous.liquid import KobAndersen2D


class Coordinates(TransformerMixin, BaseEstimator):
    """The simplest descriptor: where each particle is."""

    def fit(self, configurations, y=None):
        self.n_features_ = configurations[0].dimensions
        return self

    def transform(self, configurations):
        return np.concatenate([configuration.positions for configuration in configurations])


class Problem:
    """Labels linear in the coordinates, with another slope for each species, plus noise."""

    descriptor = Coordinates()

    def __init__(self, n_configurations=9, noise=1.0, slopes=(1.0, -2.0, 0.5)):
        rng = np.random.default_rng(11)
        system = KobAndersen2D()
        self.configurations = [
            system.random_configuration(160, rng) for _ in range(n_configurations)
        ]
        self.true = [
            np.asarray(slopes)[c.types] * c.positions[:, 0] + c.types for c in self.configurations
        ]
        self.halves = [t + rng.normal(0, noise, (2, len(t))) for t in self.true]
        self.labels = [half.mean(axis=0) for half in self.halves]


@pytest.fixture
def problem():
    return Problem()


@pytest.fixture
def coordinates():
    return Coordinates()
