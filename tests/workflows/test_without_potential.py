"""Liquids known by species, dimension and diameters alone, through all commands."""

import csv
import json

import gsd.hoomd
import numpy as np
import pytest
from typer.testing import CliRunner

from vitreous.cli import app
from vitreous.datasets import LabelledConfiguration, read_gsd, write_gsd
from vitreous.dynamics import IsoconfigurationalLabels
from vitreous.liquid import KobAndersen2D, get_system, registry
from vitreous.models import SoftnessRegressor, load_model
from vitreous.workflows import fit, make_model
from vitreous.workflows.catalogue import settled_names

N = 196
SYSTEM = """
name = "grains"
species = ["small", "large"]
dimensions = 2
diameters = [1.0, 1.2]
"""
ORIGINS = 6
SPACING = 4


def run(*arguments):
    registry._REGISTERED.pop("grains", None)  # which each command of a shell makes known anew
    return CliRunner(env={"COLUMNS": "200"}).invoke(app, [str(item) for item in arguments])


def done(*arguments):
    result = run(*arguments)
    assert result.exit_code == 0, result.output
    return result


def refused(*arguments):
    result = run(*arguments)
    assert result.exit_code == 2, result.output
    return " ".join(result.output.split())


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A trajectory of particles that rattle about places which drift apart, and its labels."""
    folder = tmp_path_factory.mktemp("grains")
    (folder / "grains.toml").write_text(SYSTEM)
    rng = np.random.default_rng(1)
    places = np.stack(np.meshgrid(*[np.arange(14) - 6.5] * 2), -1).reshape(-1, 2)
    places = places + rng.uniform(-0.1, 0.1, (N, 2))
    speeds = rng.normal(0, 0.05, (N, 2))
    with gsd.hoomd.open(folder / "run.gsd", "w") as file:
        for step in range(ORIGINS * SPACING + 2):
            frame = gsd.hoomd.Frame()
            frame.configuration.step = step
            frame.configuration.dimensions = 2
            frame.configuration.box = [14, 14, 0, 0, 0, 0]
            frame.particles.N = N
            frame.particles.types = ["small", "large"]
            frame.particles.typeid = np.arange(N) % 2
            positions = places + step * speeds / 10 + rng.normal(0, 0.05, (N, 2))
            wrapped = (positions + 7) % 14 - 7
            frame.particles.position = np.pad(wrapped, ((0, 0), (0, 1)))
            file.append(frame)
    done(
        *("label", "--system", folder / "grains.toml", "--trajectory", folder / "run.gsd"),
        *("--lags", "1,2", "--every", SPACING, "--average", 2),
        *("--time-step", 1, "--out", folder / "labels"),
    )
    return folder


def trained(folder, state, model="ridge"):
    out = folder / f"{state}_{model}.skops"
    done(
        *("--system", folder / "grains.toml", "fit", folder / "labels" / "*.gsd"),
        *("--format", "gsd", "--state", state, "--descriptors", "cubuk2015", "--time", 2),
        *("--model", model, "--jobs", 1, "--out", out),
    )
    return out


def rattled(folder):
    """Positions of all frames, each wrapped."""
    with gsd.hoomd.open(folder / "run.gsd") as file:
        return np.array([frame.particles.position[:, :2] for frame in file], dtype=np.float64)


def test_averages_are_over_the_time_before_the_origin(folder):
    frames = rattled(folder)
    files = sorted((folder / "labels").glob("*.gsd"))
    assert len(files) == ORIGINS
    for path in files:
        data = read_gsd(path)
        number = int(path.stem.split("_")[1])
        back = frames[number - 2 : number + 1] - frames[number]
        expected = frames[number] + (back - 14 * np.round(back / 14)).mean(axis=0)
        np.testing.assert_allclose(data.average, expected, atol=1e-6)
        assert data.averaged_over == 2.0


@pytest.mark.parametrize("state", ["thermal", "average"])
def test_models_are_trained_scored_and_used_without_energies(folder, state):
    model = trained(folder, state)
    stored = load_model(model)
    assert (stored.state, stored.descriptors) == (state, "cubuk2015")
    assert stored.averaged_over == 2.0 if state == "average" else np.isnan(stored.averaged_over)
    system = ("--system", folder / "grains.toml")
    scored = done(
        *system, "score", model, folder / "labels" / "*.gsd", "--format", "gsd", "--json",
        *("--jobs", 1),
    )  # fmt: skip
    assert json.loads(scored.stdout)["types"]["small"]["n_configurations"] == ORIGINS
    out = folder / f"{state}.csv"
    done(
        *system, "predict", model, folder / "run.gsd", "--out", out, "--time-step", 1,
        *("--jobs", 1),
    )  # fmt: skip
    with open(out, newline="") as file:
        rows = list(csv.DictReader(file))
    frames = sorted({int(row["frame"]) for row in rows})
    assert frames == (list(range(26)) if state == "thermal" else list(range(2, 26, 2)))
    # At an origin of the labels the same positions are described.
    number = int(frames[2])
    data = read_gsd(folder / "labels" / f"run_{6:06d}.gsd")
    places = data.configuration.positions if state == "thermal" else data.average
    number = 6
    again = stored.model.predict([data.configuration.with_positions((places + 7) % 14 - 7)])[0]
    values = [float(r["displacement_predicted"]) for r in rows if int(r["frame"]) == number]
    np.testing.assert_allclose(values, again, rtol=1e-4)


def test_average_models_refuse_what_has_no_average(folder):
    stored = trained(folder, "average")
    system = ("--system", folder / "grains.toml")
    one = refused(
        *system, "predict", stored, folder / "run.gsd", "--out", folder / "one.csv",
        *("--time-step", 1, "--frames", 3),
    )  # fmt: skip
    assert "positions averaged over 2, and the files hold no trajectory of that length" in one
    done(
        *("label", "--system", folder / "grains.toml", "--trajectory", folder / "run.gsd"),
        *("--lags", "1,2", "--time-step", 1, "--out", folder / "plain"),
    )
    plain = refused(*system, "score", stored, folder / "plain" / "*.gsd", "--format", "gsd")
    assert "has no average positions: label a trajectory with --average" in plain


def test_transfer_needs_no_energies(folder):
    result = done(
        *("--system", folder / "grains.toml", "transfer", folder / "labels" / "*.gsd"),
        *("--format", "gsd", "--over", "time", "--descriptors", "cubuk2015", "--jobs", 1, "--json"),
    )
    assert json.loads(result.stdout)["conditions"] == [1.0, 2.0]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--descriptors", "jung2023"], "hold energies, and grains has no potential; choose one of "
         "shells, boattini2021, cubuk2015, tong2018"),
        (["--state", "inherent"], "choose one of the states thermal, average"),
        (["--model", "time-scales"], "choose one of ridge, boosted, mlp"),
    ],
)  # fmt: skip
def test_what_needs_an_energy_names_what_does_not(folder, options, message):
    said = refused(
        *("--system", folder / "grains.toml", "fit", folder / "labels" / "*.gsd"),
        *("--format", "gsd", "--out", folder / "never.skops", *options),
    )
    assert "grains has no potential" in said
    assert message in said


def test_defaults_need_no_energies(folder):
    system = get_system(str(folder / "grains.toml"))
    assert settled_names(system, "boosted") == ("shells", "thermal")
    data = read_gsd(next((folder / "labels").glob("*.gsd")))
    features = make_model(system, data.configuration, descriptors="tong2018").descriptor
    assert features.fit_transform([data.configuration]).shape == (N, 2)


def test_thermal_positions_of_a_liquid_with_energies():
    system = KobAndersen2D()
    example = system.random_configuration(430, 0)
    model = make_model(system, example, "ridge", "combined", state="thermal")
    names = model.descriptor.fit([example]).get_feature_names_out()
    assert not any(name.startswith("shift") for name in names)
    assert len(model.regressor.mean_columns)
    with pytest.raises(ValueError, match="unknown state 'frozen'; choose one of inherent"):
        make_model(system, example, state="frozen")


def test_softness_goes_through_all_commands(folder):
    model = trained(folder, "thermal", "softness")
    stored = load_model(model)
    assert isinstance(stored.model.regressor, SoftnessRegressor)
    machine = stored.model.regressors_["small"]
    mobile = np.concatenate([
        data.labels.at("displacement", 2.0)[data.configuration.types == 0]
        for data in map(read_gsd, sorted((folder / "labels").glob("*.gsd")))
    ])  # fmt: skip
    assert machine.threshold_ == pytest.approx(np.quantile(mobile, 0.9))
    system, labels = ("--system", folder / "grains.toml"), folder / "labels" / "*.gsd"
    done(*system, "score", model, labels, "--format", "gsd", "--jobs", 1)
    out = folder / "soft.npz"
    done(
        *system, "predict", model, folder / "run.gsd", "--out", out, "--time-step", 1,
        *("--frames", 3, "--jobs", 1),
    )  # fmt: skip
    with np.load(out) as table:
        assert "displacement_predicted" not in table
        assert np.isfinite(table["softness"]).all()
    common = (*system, "fit", labels, "--format", "gsd", "--time", 2, "--out", folder / "x.skops")
    assert "only softness cuts labels" in refused(
        *common, "--quantile", 0.5, "--descriptors", "cubuk2015"
    )
    assert "has no intervals" in refused(*common, "--model", "softness", "--coverage", 0.5)


def test_hops_are_cut_at_their_thresholds():
    system = KobAndersen2D()
    example = system.random_configuration(430, 0)
    hops = make_model(system, example, "softness", label="hop").regressor
    assert hops.thresholds == (0.05, 0.2)
    chosen = make_model(system, example, "softness", label="hop", quantile=0.8).regressor
    assert (chosen.quantile, chosen.thresholds) == (0.8, None)


@pytest.mark.parametrize("n_replicas", [1, 2])
def test_hops_of_replicas_are_cut_at_a_quantile(tmp_path, n_replicas):
    """Averages over replicas are seldom beyond the thresholds of the hops of a single run."""
    system, rng = KobAndersen2D(), np.random.default_rng(0)
    for number in range(3):
        hops = rng.exponential(0.1, (n_replicas, 430, 1))
        labels = IsoconfigurationalLabels([10.0], {"hop": hops}, n_replicas)
        start = system.random_configuration(430, number)
        item = LabelledConfiguration(start, labels, "KA2D", 0.4, f"{number}")
        write_gsd(item, tmp_path / f"{number}.gsd")
    settings = {"label": "hop", "descriptors": "cubuk2015", "state": "thermal"}
    stored = fit([tmp_path / "*.gsd"], "gsd", "softness", **settings)
    cut = stored.model.regressor
    assert (cut.quantile, cut.thresholds) == (0.9, (0.05, 0.2) if n_replicas == 1 else None)
