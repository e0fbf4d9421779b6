"""Fitting and scoring: bad arguments, and the figure published data must reach."""

import numpy as np
import pytest
from sklearn.pipeline import make_union

from vitreous.datasets import LabelledConfiguration, read, write_gsd
from vitreous.descriptors import BondOrderDescriptor, CoarseGrain, RadialDescriptor
from vitreous.dynamics import IsoconfigurationalLabels
from vitreous.fitting import fit_files
from vitreous.liquid import KobAndersen, KobAndersen2D
from vitreous.models import GroupedRidge, describe, pearson
from vitreous.simulate import InherentStructure


def write(path, system, times=(10.0,)):
    configuration = system.random_configuration(60, 0)
    halves = {"displacement": np.ones((2, len(times), 60))}
    labels = IsoconfigurationalLabels(times, halves, 4)
    write_gsd(LabelledConfiguration(configuration, labels, system.name, 0.5, ""), path)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"model": "forest"}, "unknown model 'forest'; choose one of ridge, boosted"),
        ({"file_format": "lammps"}, "unknown format 'lammps'; choose one of botan, gsd"),
        ({"files": ["3d.gsd", "2d.gsd"]}, "different systems: KA, KA2D"),
        ({"files": ["times.gsd"]}, r"times.gsd has labels at several times, choose one of 1, 10"),
        ({"files": ["2d.gsd"], "time": 3.0}, "no labels at time 3; the times are 10"),
        ({"files": ["2d.gsd"], "label": "overlap"}, "unknown label 'overlap'"),
    ],
)
def test_bad_arguments_are_named(tmp_path, monkeypatch, arguments, message):
    monkeypatch.chdir(tmp_path)
    # Descriptors of a box this small cannot be computed: the label must be looked up before.
    write("3d.gsd", KobAndersen())
    write("2d.gsd", KobAndersen2D())
    write("times.gsd", KobAndersen2D(), times=(1.0, 10.0))
    with pytest.raises(ValueError, match=message):
        fit_files(**({"files": ["2d.gsd"], "file_format": "gsd"} | arguments))


@pytest.mark.slow
@pytest.mark.shared_data
def test_published_configurations_left_out_one_by_one(shared_data):
    """Ridge regression on type A of ten BOTAN files at T = 0.44; about two minutes on one core.

    Run with ``pytest -m slow``. Measured: a pooled Pearson correlation of 0.767.
    """
    data = read(str(shared_data / "botan" / "*.npz"), "botan")
    assert len(data) == 10
    structures = InherentStructure(KobAndersen()).transform([item.configuration for item in data])
    descriptor = CoarseGrain(make_union(RadialDescriptor(), BondOrderDescriptor())).fit(
        structures[:1]
    )
    chosen = [structure.types == 0 for structure in structures]
    features = [
        block[rows] for block, rows in zip(describe(descriptor, structures), chosen, strict=True)
    ]
    labels = [
        item.labels.mean("displacement")[0][rows] for item, rows in zip(data, chosen, strict=True)
    ]
    predictions = []
    for left_out in range(10):
        train = [number for number in range(10) if number != left_out]
        ridge = GroupedRidge().fit(
            np.concatenate([features[number] for number in train]),
            np.concatenate([labels[number] for number in train]),
            groups=np.repeat(train, [len(labels[number]) for number in train]),
        )
        predictions.append(ridge.predict(features[left_out]))
    assert pearson(np.concatenate(predictions), np.concatenate(labels)) >= 0.76
