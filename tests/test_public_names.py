"""What users import names the room it comes from, so that moved files break nothing."""

import importlib
import inspect
import pickle

import numpy as np
import pytest

import vitreous

ROOMS = sorted(set(vitreous.__all__) - {"__version__"})
PUBLIC = [
    (room, name)
    for room in ROOMS
    for name in importlib.import_module(f"vitreous.{room}").__all__
    if callable(getattr(importlib.import_module(f"vitreous.{room}"), name))
]


@pytest.mark.parametrize(("room", "name"), PUBLIC)
def test_public_classes_and_functions_name_their_room(room, name):
    member = getattr(importlib.import_module(f"vitreous.{room}"), name)
    assert member.__module__ == f"vitreous.{room}"
    assert inspect.unwrap(member).__module__ == f"vitreous.{room}"
    assert pickle.loads(pickle.dumps(member)) is member


def test_nothing_is_public_in_two_rooms():
    names = [name for _, name in PUBLIC]
    assert sorted(names) == sorted(set(names))


def test_stored_models_name_no_file_of_the_package(tmp_path):
    from sklearn.pipeline import make_pipeline

    from vitreous.descriptors import CoarseGrain, RadialDescriptor
    from vitreous.liquid import KobAndersen2D
    from vitreous.models import GroupedRidge, PropensityRegressor
    from vitreous.simulate import InherentStructure

    system = KobAndersen2D()
    liquid = [system.random_configuration(60, random_state=seed) for seed in range(4)]
    states = InherentStructure(system, force_tolerance=1.0)
    descriptor = make_pipeline(states, CoarseGrain(RadialDescriptor([1.0], 0.1), cutoff=2.0))
    model = PropensityRegressor(descriptor, GroupedRidge())
    model.fit(liquid, [np.arange(60.0)] * 4)
    import skops.io

    kinds = skops.io.get_untrusted_types(data=skops.io.dumps(model))
    ours = {kind for kind in kinds if kind.startswith("vitreous.")}
    assert "vitreous.descriptors.RadialDescriptor" in ours
    assert {kind.rpartition(".")[0] for kind in ours} <= {f"vitreous.{room}" for room in ROOMS}
