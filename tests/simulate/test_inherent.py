"""The transformer of configurations into inherent structures."""

import pickle

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.pipeline import make_pipeline

from vitreous.liquid import KobAndersen2D
from vitreous.simulate import InherentStructure, minimize


@pytest.fixture(scope="module")
def configurations():
    return [KobAndersen2D().random_configuration(60, random_state=seed) for seed in range(3)]


def test_transforms_every_configuration(configurations):
    system = KobAndersen2D()
    minima = InherentStructure(system, force_tolerance=1e-5).fit_transform(configurations)
    assert len(minima) == len(configurations)
    for configuration, minimum in zip(configurations, minima, strict=True):
        expected = minimize(system, configuration, force_tolerance=1e-5).configuration
        np.testing.assert_array_equal(minimum.positions, expected.positions)
        np.testing.assert_array_equal(minimum.types, configuration.types)
        assert minimum.box == configuration.box
        assert minimum.species == configuration.species


def test_result_does_not_depend_on_n_jobs(configurations):
    system = KobAndersen2D()
    serial, parallel = (
        InherentStructure(system, n_jobs=n_jobs).transform(configurations) for n_jobs in (None, 2)
    )
    for one, other in zip(serial, parallel, strict=True):
        np.testing.assert_array_equal(one.positions, other.positions)


def test_is_a_stateless_transformer(configurations):
    transformer = clone(InherentStructure(KobAndersen2D(), force_tolerance=1e-3))
    assert transformer.get_params()["force_tolerance"] == 1e-3
    assert "InherentStructure" in repr(transformer)
    restored = pickle.loads(pickle.dumps(transformer))
    (minimum,) = make_pipeline(restored).transform(configurations[:1])
    assert minimum.n_particles == 60


def test_foreign_configurations_are_refused(configurations, liquid_3d):
    with pytest.raises(ValueError, match="3D"):
        InherentStructure(KobAndersen2D()).fit([*configurations, liquid_3d[1]])
