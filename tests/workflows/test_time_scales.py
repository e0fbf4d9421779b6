"""The model of all time scales on a small simulated liquid: files in, scores out, any box."""

import gsd.hoomd
import numpy as np
import pytest

from vitreous.datasets import LabelledConfiguration, read_gsd, write_gsd
from vitreous.liquid import KobAndersen2D
from vitreous.models import TimeScaleRegressor, load_model, save_model
from vitreous.simulate import (
    EmbeddedEngine,
    isoconfigurational_ensemble,
    maxwell_velocities,
    minimize,
)
from vitreous.workflows import fit, predict, score, write_predictions

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
    return fit([folder / "train*.gsd"], "gsd")


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


@pytest.mark.filterwarnings("ignore:the model learnt from temperatures")
def test_files_are_predicted_at_any_time(folder, stored, tmp_path):
    colder = [folder / "colder*.gsd"]
    found = predict(stored, colder, "gsd", time=6.0, level=0.3)
    liquids = [item.configuration for item in found]
    expected = stored.model.predict(liquids, [6.0], [0.3])
    for item, values in zip(found, expected, strict=True):
        np.testing.assert_array_equal(item.values, values[:, 0])
    # The level is the mean over all configurations, however they are dealt to workers.
    assert np.mean([item.values.mean() for item in found]) == pytest.approx(0.3)
    with pytest.raises(ValueError, match=r"T = 0.45 has relaxed at time 6 .* mean displacement"):
        predict(stored, colder, "gsd", time=6.0)
    # Short times and temperatures of training are known.
    (early, *_) = predict(stored, colder, "gsd", time=1.0)
    assert early.values.mean() == pytest.approx(0.16, abs=0.05)
    predict(stored, [folder / "train00.gsd"], "gsd", time=7.0)
    assert write_predictions(stored, found, tmp_path / "out.gsd") == 3
    with gsd.hoomd.open(tmp_path / "out.gsd") as file:
        assert file[0].log["time"] == 6.0
        np.testing.assert_array_equal(
            file[2].log["particles/displacement_predicted"], found[2].values
        )


@pytest.mark.filterwarnings("ignore:the model learnt from temperatures")
def test_one_time_may_be_learnt_alone(folder, stored):
    one = fit([folder / "train*.gsd"], "gsd", time=1.0)
    assert isinstance(one.model, TimeScaleRegressor)
    assert one.time == 1.0
    (prediction,) = predict(one, [folder / "colder97.gsd"])
    (of_all,) = predict(stored, [folder / "colder97.gsd"], time=1.0)
    assert prediction.time == 1.0
    assert np.corrcoef(prediction.values, of_all.values)[0, 1] > 0.95
    found = score(one, [folder / "colder*.gsd"], "gsd")
    assert found == score(one, [folder / "colder*.gsd"], "gsd", time=1.0)


def test_files_that_tell_no_temperature_are_told(folder, stored):
    item = labelled(0.5, 95, [0.1])
    path = folder / "untold.gsd"
    untold = item.configuration.with_temperature(None)
    write_gsd(LabelledConfiguration(untold, item.labels, SYSTEM.name, np.nan, ""), path)
    with pytest.raises(ValueError, match="temperature"):
        predict(stored, [path], time=1.0)
    (prediction,) = predict(stored, [path], time=1.0, temperature=0.5)
    (expected,) = stored.model.predict([item.configuration], [1.0])
    np.testing.assert_array_equal(prediction.values, expected[:, 0])
    with pytest.raises(ValueError, match=r"is at T = 0.5, not 0.4"):
        predict(stored, [folder / "train10.gsd"], time=1.0, temperature=0.4)


def test_the_mean_level_at_short_times_is_that_of_simulations(folder, stored):
    item = read_gsd(folder / "train00.gsd")
    (prediction,) = stored.model.predict([item.configuration], [0.05, 0.1, 1.0])
    true = isoconfigurational_ensemble(
        SYSTEM, item.configuration, 0.6, [0.05, 0.1, 1.0], n_replicas=12
    ).matrix("displacement")
    # Within what 12 replicas of 240 particles leave open; the last was learnt from four others.
    ratio = prediction.mean(axis=0) / true.mean(axis=0)
    assert (abs(ratio - 1) < [0.04, 0.04, 0.08]).all()
    # Ballistic: no label was so early.
    assert np.corrcoef(prediction[:, 0], true[:, 0])[0, 1] > 0.3


def test_what_the_model_cannot_do_is_said(folder, stored):
    with pytest.raises(ValueError, match="the time-scales model has no intervals"):
        fit([folder / "train*.gsd"], "gsd", model="time-scales", coverage=0.5)
    with pytest.raises(ValueError, match=r"at any time: choose one .--time., and at a temp"):
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
    one = fit([folder / "train*.gsd"], "gsd", time=0.1, descriptors="cubuk2015")
    with pytest.raises(ValueError, match=r"learnt labels of time 0\.1 and knows no other"):
        predict(one, [folder / "colder97.gsd"], time=6.0)
    with pytest.raises(ValueError, match="leave the level out"):
        predict(one, [folder / "colder97.gsd"], level=0.2)
