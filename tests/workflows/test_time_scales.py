"""The model of all time scales on a small simulated liquid: files in, scores out, any box."""

import numpy as np
import pytest

from vitreous.datasets import LabelledConfiguration, write_gsd
from vitreous.liquid import KobAndersen2D
from vitreous.models import TimeScaleRegressor, load_model, save_model
from vitreous.simulate import (
    EmbeddedEngine,
    isoconfigurational_ensemble,
    maxwell_velocities,
    minimize,
)
from vitreous.workflows import fit, predict, score

SYSTEM = KobAndersen2D()
TIMES = {0.6: [0.1, 1.0, 5.0, 10.0], 0.5: [0.1, 1.0, 6.0, 12.0]}


def labelled(temperature, seed, times):
    """A liquid of 240 particles, and where they are in six replicas."""
    start = minimize(SYSTEM, SYSTEM.random_configuration(240, seed), force_tolerance=0.1)
    velocities = maxwell_velocities(240, 2, temperature, seed)
    (end,) = EmbeddedEngine(SYSTEM).run(
        start.configuration,
        times=[20],
        velocities=velocities,
        temperature=temperature,
        random_state=seed,
    )
    configuration = start.configuration.with_positions(end.positions)
    labels = isoconfigurational_ensemble(
        SYSTEM, configuration, temperature, times, n_replicas=6, random_state=seed
    )
    return LabelledConfiguration(configuration, labels, SYSTEM.name, temperature, f"{seed}")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("liquids")
    for number, (temperature, times) in enumerate(TIMES.items()):
        for k in range(2):
            item = labelled(temperature, 10 * number + k, times)
            write_gsd(item, folder / f"train{number}{k}.gsd")
    for seed in (97, 98, 99):
        write_gsd(labelled(0.45, seed, [0.1, 1.0, 6.0]), folder / f"colder{seed}.gsd")
    return folder


@pytest.fixture(scope="module")
def stored(folder):
    return fit([folder / "train*.gsd"], "gsd", model="time-scales")


@pytest.mark.filterwarnings("ignore:the model learnt from temperatures")
def test_a_colder_liquid_is_scored_at_all_times(folder, stored, tmp_path):
    assert isinstance(stored.model, TimeScaleRegressor)
    colder = [folder / "colder*.gsd"]
    found = {t: score(stored, colder, "gsd", time=t) for t in (0.1, 1.0, 6.0)}
    assert found[0.1]["A"]["pearson_mean"] > 0.5
    assert found[1.0]["A"]["pearson_mean"] > 0.4
    assert found[6.0]["A"]["pearson_mean"] > 0.2
    save_model(stored, tmp_path / "model.skops")
    loaded = load_model(tmp_path / "model.skops")
    again = score(loaded, colder, "gsd", time=1.0)
    assert again["A"]["pearson_mean"] == found[1.0]["A"]["pearson_mean"]


def test_predictions_do_not_depend_on_the_box(stored, repeated):
    configuration = labelled(0.45, 98, [0.1]).configuration
    times, levels = [0.1, 1.0, 10.0], [0.07, 0.15, 0.3]
    (prediction,) = stored.model.predict([configuration], times, levels)
    (again,) = stored.model.predict([repeated(configuration)], times, levels)
    np.testing.assert_allclose(again, np.tile(prediction, (4, 1)), rtol=0, atol=1e-6)
    assert (prediction.std(axis=0) > 1e-3).all()


def test_what_the_model_cannot_do_is_said(folder, stored):
    with pytest.raises(ValueError, match="of all times and has no intervals"):
        fit([folder / "train*.gsd"], "gsd", model="time-scales", time=1.0)
    with pytest.raises(ValueError, match="must be told times"):
        predict(stored, [folder / "colder*.gsd"], "gsd")
    unknown = labelled(0.6, 96, [0.1])
    write_gsd(
        LabelledConfiguration(
            unknown.configuration.with_temperature(None), unknown.labels, SYSTEM.name, np.nan, ""
        ),
        folder / "unknown.gsd",
    )
    with pytest.raises(ValueError, match=r"unknown\.gsd does not tell the temperature"):
        fit([folder / "unknown.gsd"], "gsd", model="time-scales")
