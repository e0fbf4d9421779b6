"""Fitting and scoring: bad arguments, and the figure published data must reach."""

import numpy as np
import pytest
from joblib import Memory

from vitreous.datasets import LabelledConfiguration, read, write_gsd
from vitreous.dynamics import IsoconfigurationalLabels
from vitreous.liquid import KobAndersen, KobAndersen2D
from vitreous.models import cross_predict, propensity_scores
from vitreous.workflows.fit import fit_files, make_model


def write(path, system, times=(10.0,)):
    configuration = system.random_configuration(60, 0)
    halves = dict.fromkeys(("displacement", "bond_breaking"), np.ones((2, 60, len(times))))
    labels = IsoconfigurationalLabels(times, halves, 4)
    write_gsd(LabelledConfiguration(configuration, labels, system.name, 0.5, ""), path)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"model": "forest"}, "unknown model 'forest'; choose one of ridge, boosted"),
        ({"file_format": "csv"}, "the format 'csv' is unknown; choose one of botan, gsd"),
        ({"file_format": "lammps"}, "the format 'lammps' has no labels; choose one of botan, gsd"),
        ({"files": ["3d.gsd", "2d.gsd"]}, "different systems: KA, KA2D"),
        (
            {"files": ["times.gsd"]},
            r"times.gsd: there are labels at several times, choose one of 1, 10",
        ),
        ({"files": ["2d.gsd"], "time": 3.0}, "no labels at time 3; the times are 10"),
        ({"files": ["2d.gsd"], "label": "overlap"}, "unknown label 'overlap'"),
        ({"n_reversed": 2, "model": "boosted"}, "boosted models cannot learn from reversed"),
        ({"n_reversed": 2}, "2d.gsd does not hold the ends of replicas"),
        ({"n_reversed": 2, "label": "bond_breaking"}, "tell the displacement, not 'bond_breaking'"),
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
def test_published_configurations_left_out_one_by_one(shared_data, tmp_path):
    """The default ridge on ten BOTAN files at T = 0.44; about five minutes on one core.

    Run with ``pytest -m slow``. Measured for type A: Pearson correlations of 0.828 and 0.796.
    """
    data = read(str(shared_data / "botan" / "*.npz"), "botan")
    assert len(data) == 10
    configurations = [item.configuration for item in data]
    labels = [item.labels.at("displacement") for item in data]
    model = make_model(KobAndersen(), configurations[0])
    model.set_params(memory=Memory(tmp_path, verbose=0))
    predictions = cross_predict(model, configurations, labels)
    score = propensity_scores(configurations, labels, predictions)["A"]
    assert score["pearson_pooled"].value >= 0.81
    assert score["pearson_mean"].value >= 0.79
