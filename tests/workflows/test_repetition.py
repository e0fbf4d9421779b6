"""The same surroundings in a larger box: equal features, equal predictions."""

import numpy as np
import pytest

from vitreous.liquid import Box, Configuration, KobAndersen, KobAndersen2D
from vitreous.simulate import minimize
from vitreous.workflows import make_model
from vitreous.workflows.catalogue import DESCRIPTORS


def in_float64(transformer):
    names = [name for name in transformer.get_params() if name.split("__")[-1] == "dtype"]
    return transformer.set_params(**dict.fromkeys(names, "float64"))


@pytest.fixture(scope="module", params=[KobAndersen2D(), KobAndersen()], ids=["2D", "3D"])
def liquid(request):
    """A system and a shaken lattice, wide enough for all cutoffs with few particles."""
    system = request.param
    side, spacing = {2: (14, 1.05), 3: (10, 1.45)}[system.dimensions]
    axes = np.meshgrid(*[np.arange(side)] * system.dimensions)
    lattice = spacing * np.stack(axes, axis=-1).reshape(-1, system.dimensions)
    rng = np.random.default_rng(2)
    places = lattice + rng.uniform(-0.1, 0.1, lattice.shape)
    types = rng.integers(0, len(system.species), len(places))
    box = Box.cube(side * spacing, system.dimensions)
    return system, Configuration.wrapped(places, types, box, system.species)


@pytest.mark.parametrize("name", DESCRIPTORS)
def test_features_do_not_depend_on_the_box(liquid, repeated, name):
    system, configuration = liquid
    descriptor = in_float64(DESCRIPTORS[name](system)).fit([configuration])
    features = descriptor.transform([configuration])
    again = descriptor.transform([repeated(configuration)])
    expected = np.tile(features, (2**system.dimensions, 1))
    difference = np.abs(again - expected).max(axis=0)
    assert (difference <= 1e-6 * np.abs(features).max(axis=0)).all()
    # Nothing touches in the dilute lattice, so that none of it is out of place for steric order.
    assert name == "tong2018" or (features.std(axis=0) > 0).mean() > 0.9


@pytest.mark.parametrize(
    "descriptors", [pytest.param(None, marks=pytest.mark.slow, id="default"), "jung2023"]
)
def test_predictions_do_not_depend_on_the_box(repeated, descriptors):
    system = KobAndersen2D()
    liquids = [
        minimize(system, system.random_configuration(260, seed), force_tolerance=0.1).configuration
        for seed in range(4)
    ]
    labels = [system.particle_energies(liquid) for liquid in liquids]
    model = make_model(system, liquids[0], descriptors=descriptors)
    in_float64(model).fit(liquids, labels)
    (prediction,) = model.predict(liquids[:1])
    (again,) = model.predict([repeated(liquids[0])])
    assert prediction.std() > 0.1
    np.testing.assert_allclose(again, np.tile(prediction, 4), rtol=0, atol=1e-6)
