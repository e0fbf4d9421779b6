"""Tracked colloids that all differ in diameter and whose interactions are not known."""

import json

import numpy as np
import pytest
from typer.testing import CliRunner

from vitreous.cli import app
from vitreous.datasets import read_gsd, read_structures
from vitreous.liquid import Box, Configuration, PolydisperseSystem, get_system, registry
from vitreous.simulate import EmbeddedEngine, SwapMonteCarlo, minimize
from vitreous.workflows.catalogue import settled_names

PIXEL = 0.1
N = 400
HALF = 13.0
LAGS = (2, 4)
SYSTEM = """
name = "colloids"
species = ["latex"]
dimensions = 2
diameters = "continuous"
"""


def run(*arguments):
    registry._REGISTERED.pop("colloids", None)  # which each command of a shell makes known anew
    return CliRunner(env={"COLUMNS": "200"}).invoke(app, [str(item) for item in arguments])


def done(*arguments):
    result = run(*arguments)
    assert result.exit_code == 0, result.output
    return result


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Tracks in pixels: the smaller a particle, the farther it goes; some are lost."""
    folder = tmp_path_factory.mktemp("colloids")
    (folder / "colloids.toml").write_text(SYSTEM)
    rng = np.random.default_rng(2)
    side = np.linspace(-HALF + 0.6, HALF - 0.6, 20)
    places = np.stack(np.meshgrid(side, side), -1).reshape(-1, 2)
    diameters = rng.uniform(0.7, 1.3, N)
    lines = ["frame,particle,x,y,radius"]
    for frame in range(13):
        moved = rng.normal(0, 0.1, (N, 2)) / diameters[:, None] ** 2
        places = np.clip(places + moved, -HALF, HALF)
        seen = np.flatnonzero(rng.uniform(size=N) < 0.98)
        for k in rng.permutation(seen):
            x, y = (places[k] + HALF) / PIXEL
            lines.append(f"{frame},{k + 1},{x},{y},{diameters[k] / 2 / PIXEL}")
    (folder / "tracks.csv").write_text("\n".join(lines))
    np.save(folder / "diameters.npy", diameters)
    done(
        *("label", "--system", folder / "colloids.toml", "--trajectory", folder / "tracks.csv"),
        *("--lags", ",".join(map(str, LAGS)), "--time-step", 1, "--length-unit", PIXEL),
        *("--field-of-view", "0:260,0:260", "--out", folder / "labels"),
    )
    return folder


def test_labels_count_bonds_by_the_diameters_of_the_files(folder):
    diameters = np.load(folder / "diameters.npy")
    files = sorted((folder / "labels").glob("*.gsd"))
    assert len(files) == 3
    first, end = read_structures(
        folder / "tracks.csv",
        system=get_system(str(folder / "colloids.toml")),
        frames="0:3:2",
        length_unit=PIXEL,
        field_of_view="0:260,0:260",
    )
    item = read_gsd(files[0])
    np.testing.assert_allclose(item.configuration.diameters, diameters[first.ids - 1], rtol=1e-12)
    start, later = first.configuration.positions, np.full((N + 1, 2), np.nan)
    later[end.ids] = end.configuration.positions
    later = later[first.ids]
    found = item.labels.at("bond_breaking", 2.0)
    border = HALF - 1.4 * diameters[first.ids - 1].max()
    for i in range(0, len(start), 7):
        unit = (diameters[first.ids[i] - 1] + diameters[first.ids - 1]) / 2
        near = np.linalg.norm(start - start[i], axis=1) < 1.4 * unit
        near[i] = False
        distances = np.linalg.norm(later - later[i], axis=1)[near]
        kept = distances < 1.8 * unit[near]
        known = ~np.isnan(distances)
        lost = np.isnan(later[i]).any() or (near.any() and not known.any())
        if (abs(start[i]) > border).any() or lost:
            assert np.isnan(found[i])
        else:
            assert found[i] == pytest.approx(kept[known].mean() if near.any() else 1.0)


@pytest.mark.parametrize("model", ["ridge", "transferable", "softness"])
def test_models_are_trained_scored_and_used(folder, model):
    system = ("--system", folder / "colloids.toml")
    labels = (folder / "labels" / "*.gsd", "--format", "gsd")
    out = folder / f"{model}.skops"
    time = () if model == "transferable" else ("--time", 2)
    done(
        *system, "fit", *labels, *time, "--descriptors", "cubuk2015", "--model", model,
        *("--jobs", 1, "--out", out),
    )  # fmt: skip
    scored = done(*system, "score", out, *labels, "--time", 2, "--json", "--jobs", 1)
    scores = json.loads(scored.stdout)
    assert scores["types"]["latex"]["n_configurations"] == 3
    predicted = folder / f"{model}.npz"
    done(
        *system, "predict", out, folder / "tracks.csv", "--frames", "12", "--out", predicted,
        *("--length-unit", PIXEL, "--field-of-view", "0:260,0:260", "--jobs", 1),
    )  # fmt: skip
    with np.load(predicted) as table:
        (name,) = {"softness", "displacement_predicted"} & set(table) or [
            name for name in table if name.startswith("displacement_predicted_at")
        ][:1]
        values = table[name]
        assert set(table["type"]) == {"latex"}
        assert 20 < np.isfinite(values).sum() < len(values)


def test_files_without_diameters_say_so(folder, tmp_path):
    lines = (folder / "tracks.csv").read_text().splitlines()
    (tmp_path / "bare.csv").write_text("\n".join(line.rpartition(",")[0] for line in lines))
    result = run(
        *("label", "--system", folder / "colloids.toml", "--trajectory", tmp_path / "bare.csv"),
        *("--lags", 2, "--time-step", 1, "--out", tmp_path / "labels"),
    )
    said = " ".join(result.output.split())
    assert result.exit_code == 2
    assert "bare.csv" in said
    assert "the configuration has none; give them as" in said
    assert "a column diameter or radius" in said


def test_what_needs_more_is_refused(folder):
    system = get_system(str(folder / "colloids.toml"))
    positions = np.random.default_rng(0).uniform(-3, 3, (30, 2))
    box, sizes = Box.cube(6, 2), np.full(30, 0.5)
    liquid = Configuration(positions, np.zeros(30, int), box, ["latex"], sizes)
    np.testing.assert_allclose(system.pair_diameters(liquid, [0, 1], [2, 3]), 0.5)
    for asked in (
        lambda: system.potential_energy(liquid),
        lambda: minimize(system, liquid),
        lambda: next(EmbeddedEngine(system).run(liquid, times=[0.1], velocities=np.zeros((30, 2)))),
        lambda: SwapMonteCarlo(system).run(liquid, temperature=1.0, n_sweeps=1),
    ):
        with pytest.raises(ValueError, match=r"there is no energy without .* cubuk2015\) need"):
            asked()
    with pytest.raises(ValueError, match="the density of colloids is not known"):
        system.random_configuration(30)
    with pytest.raises(ValueError, match="the distribution of the diameters of bare is not known"):
        PolydisperseSystem("bare", None, 1.0, 2).random_configuration(30)
    with pytest.raises(ValueError, match="inherent structures are minima of the energy, and coll"):
        settled_names(system, "ridge", None, "inherent")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (('["latex"]', '["a", "b"]'), r"of one species, not of \['a', 'b'\]"),
        (("dimensions = 2", "fractions = [1]\ndimensions = 2"), "unknown key 'fractions' beside"),
        (('"continuous"', '"each"'), "diameters must be a list, not 'each'"),
    ],
)
def test_files_of_systems_are_checked(tmp_path, change, message):
    (tmp_path / "mine.toml").write_text(SYSTEM.replace(*change))
    with pytest.raises(ValueError, match=message):
        get_system(str(tmp_path / "mine.toml"))
