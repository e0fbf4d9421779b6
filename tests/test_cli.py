"""The command: what it prints where, and what it says of input that cannot work."""

import json
import os
import re
import subprocess
import sys

import numpy as np
import pytest
from threadpoolctl import threadpool_limits
from typer.testing import CliRunner

from vitreous import __version__, fitting
from vitreous.cli import app
from vitreous.datasets import LabelledConfiguration, read_gsd, write_gsd
from vitreous.dynamics import IsoconfigurationalLabels
from vitreous.liquid import KobAndersen, KobAndersen2D, neighbor_list
from vitreous.models import load_model
from vitreous.simulate import minimize

KEYS = {
    "pearson_pooled",
    "pearson_mean",
    "pearson_standard_error",
    "noise_ceiling",
    "n_configurations",
}


@pytest.fixture(autouse=True, scope="module")
def one_thread():
    """Problems are too small for more."""
    with threadpool_limits(1):
        yield


def run(*arguments):
    return CliRunner(env={"COLUMNS": "200"}).invoke(app, [str(item) for item in arguments])


def liquid(system, n_particles, seed):
    start = system.random_configuration(n_particles, seed)
    return minimize(system, start, force_tolerance=0.1).configuration


def mobility(configuration, rng):
    """A property of the structure, between 0.5 and 1.5, that descriptors can see."""
    neighbors = neighbor_list(configuration, 2.0)
    weights = np.exp(-(((neighbors.distances - 1.2) / 0.15) ** 2) / 2)
    crowding = np.bincount(neighbors.rows, weights, configuration.n_particles)
    noise = rng.normal(0, 0.02, configuration.n_particles)
    return 1 + 0.5 * np.tanh((crowding - crowding.mean()) / 2) + noise


def labelled(seed, times=(10.0,)):
    system = KobAndersen2D()
    configuration = liquid(system, 160, seed)
    rng = np.random.default_rng(seed)
    halves = [[mobility(configuration, rng) for _ in times] for _ in range(2)]
    labels = IsoconfigurationalLabels(times, {"displacement": halves}, 4)
    return LabelledConfiguration(configuration, labels, "KA2D", 0.3, "")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Six configurations of KA2D, a model of four of them, and files that will not do."""
    folder = tmp_path_factory.mktemp("data")
    for number in range(6):
        name = "train" if number < 4 else "test"
        write_gsd(labelled(number), folder / f"{name}{number}.gsd")
    write_gsd(labelled(6, times=(1.0, 10.0)), folder / "times.gsd")
    three = KobAndersen().random_configuration(60, 0)
    labels = IsoconfigurationalLabels([10.0], {"displacement": np.ones((2, 1, 60))}, 4)
    write_gsd(LabelledConfiguration(three, labels, "KA", 0.5, ""), folder / "three.gsd")
    (folder / "text.gsd").write_text("hello")
    (folder / "text.npz").write_text("hello")
    (folder / "text.toml").write_text("hello")
    (folder / "[odd] name.toml").write_text("hello")
    whole = (folder / "test4.gsd").read_bytes()
    (folder / "cut.gsd").write_bytes(whole[: len(whole) // 2])
    fitted = run("fit", folder / "train*.gsd", "--format", "gsd", "--out", folder / "model.skops",
                 "--jobs", 1)  # fmt: skip
    assert fitted.exit_code == 0, fitted.output
    assert fitted.stdout == ""
    assert "ridge model of displacement in KA2D, trained on 4 config" in fitted.stderr
    return folder


def test_score_prints_one_json_document_and_nothing_else(folder):
    result = run("score", folder / "model.skops", folder / "test*.gsd", "--format", "gsd",
                 "--json", "--jobs", 1)  # fmt: skip
    assert result.exit_code == 0, result.output
    document = json.loads(result.stdout)
    assert list(document) == ["types"]
    assert set(document["types"]) == {"A", "B", "C"}

    stored = load_model(folder / "model.skops")
    data = [read_gsd(folder / f"test{number}.gsd") for number in (4, 5)]
    predictions = stored.model.predict([item.configuration for item in data])
    for index, species in enumerate("ABC"):
        scores = document["types"][species]
        assert set(scores) == KEYS
        rows = [item.configuration.types == index for item in data]
        true = [item.labels.mean("displacement")[0][r] for item, r in zip(data, rows, strict=True)]
        predicted = [p[r] for p, r in zip(predictions, rows, strict=True)]
        single = [np.corrcoef(t, p)[0, 1] for t, p in zip(true, predicted, strict=True)]
        pooled = np.corrcoef(np.concatenate(true), np.concatenate(predicted))[0, 1]
        halves = [
            np.concatenate([item.labels.half("displacement")[k, 0][r]
                            for item, r in zip(data, rows, strict=True)])
            for k in (0, 1)
        ]  # fmt: skip
        agreement = np.corrcoef(*halves)[0, 1]
        assert scores["pearson_pooled"] == pytest.approx(pooled)
        assert scores["pearson_mean"] == pytest.approx(np.mean(single))
        assert scores["pearson_standard_error"] == pytest.approx(abs(np.diff(single)[0]) / 2)
        assert scores["noise_ceiling"] == pytest.approx(np.sqrt(2 * agreement / (1 + agreement)))
        assert scores["n_configurations"] == 2
    assert document["types"]["A"]["pearson_pooled"] > 0.5


def test_numbers_that_do_not_exist_are_null(folder):
    """One configuration has no standard error, and NaN is not JSON."""
    result = run("score", folder / "model.skops", folder / "test4.gsd", "--format", "gsd",
                 "--json", "--jobs", 1)  # fmt: skip
    scores = json.loads(result.stdout, parse_constant=lambda name: pytest.fail(name))["types"]
    assert scores["A"]["pearson_standard_error"] is None
    assert scores["A"]["n_configurations"] == 1


def test_scoring_what_was_trained_on_is_warned_of(folder):
    command = ["score", folder / "model.skops", folder / "test*.gsd"]
    options = ["--format", "gsd", "--json", "--jobs", 1]
    seen = run(*command, folder / "train*.gsd", *options)
    unseen = run(*command, *options)
    assert "the model was trained on 4 of these 6 configurations" in seen.stderr
    assert "trained on" not in unseen.stderr
    assert set(json.loads(seen.stdout)) == {"types"}


def test_score_without_json_tells_a_line_for_each_species(folder):
    result = run("score", folder / "model.skops", folder / "test*.gsd", "--format", "gsd",
                 "--jobs", 1)  # fmt: skip
    lines = result.stdout.splitlines()
    assert [line[:2] for line in lines] == ["A:", "B:", "C:"]
    assert all("pooled" in line and "2 configurations" in line for line in lines)


def test_boosted_model_of_one_of_several_times(folder, tmp_path):
    for number in range(3):
        write_gsd(labelled(number, times=(1.0, 10.0)), tmp_path / f"{number}.gsd")
    out = tmp_path / "boosted.skops"
    result = run("fit", tmp_path / "?.gsd", "--format", "gsd", "--out", out, "--model", "boosted",
                 "--time", 10, "--jobs", 1)  # fmt: skip
    assert result.exit_code == 0, result.output
    stored = load_model(out)
    assert (stored.time, stored.label, stored.temperatures) == (10.0, "displacement", (0.3,))
    assert type(stored.model.regressor).__name__ == "GroupedBoosting"
    assert stored.sources == tuple(str(tmp_path / f"{number}.gsd") for number in range(3))


def test_botan_files_are_learnt_and_scored_in_a_process_of_their_own(tmp_path):
    """Cubic boxes must hold the default descriptors: 1410 particles at least."""
    system = KobAndersen()
    for number in range(3):
        configuration = liquid(system, 1450, number)
        rng = np.random.default_rng(number)
        initial = configuration.positions + configuration.box.lengths[0] / 2
        directions = rng.normal(size=(4, 1450, 3))
        directions /= np.linalg.norm(directions, axis=2, keepdims=True)
        lengths = np.array([mobility(configuration, rng) for _ in range(4)])
        np.savez(
            tmp_path / f"isoconfig_N1450T0.44_{number}_tc07.npz",
            types=configuration.types.astype(np.int8),
            initial_positions=initial,
            positions=initial + directions * lengths[..., None],
        )
    command = [sys.executable, "-W", "error", "-c", "from vitreous.cli import main; main()"]
    model = tmp_path / "model.skops"
    train, test = tmp_path / "*_[01]_tc07.npz", tmp_path / "*_2_tc07.npz"
    options = ["--format", "botan", "--jobs", "1"]
    environment = os.environ | {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
    fitted, scored = (
        subprocess.run(
            [*command, *arguments, *options], capture_output=True, text=True, env=environment
        )
        for arguments in (["fit", train, "--out", model], ["score", model, test, "--json"])
    )
    assert fitted.returncode == 0, fitted.stderr
    assert fitted.stdout == ""
    assert scored.returncode == 0, scored.stderr
    scores = json.loads(scored.stdout)["types"]
    assert set(scores) == {"A", "B"}
    assert set(scores["A"]) == KEYS
    assert scores["A"]["pearson_pooled"] > 0.5
    assert scores["A"]["n_configurations"] == 1
    assert load_model(model).time == 4120.0
    assert load_model(model).temperatures == (0.44,)


FIT = ["fit", "{folder}/train*.gsd", "--format", "gsd", "--out", "{out}", "--jobs", 1]
SCORE = ["score", "{folder}/model.skops", "{folder}/test*.gsd", "--format", "gsd", "--jobs", 1]
RUN = ["run", "{folder}/text.toml", "--folder", "{out}", "--jobs", 1]


def changed(command, **places):
    """The command with the argument at a place (by number, as `_3`) replaced."""
    replaced = {int(place[1:]): value for place, value in places.items()}
    return [replaced.get(place, argument) for place, argument in enumerate(command)]


REFUSED = {
    "missing files": (changed(FIT, _1="{folder}/none*.gsd"), "no file matches .*none"),
    "not gsd": (changed(FIT, _1="{folder}/text.gsd"), "text.gsd: not a readable GSD file"),
    "truncated gsd": (changed(FIT, _1="{folder}/cut.gsd"), "cut.gsd: "),
    "not npz": (
        changed(FIT, _1="{folder}/text.npz", _3="botan"),
        "text.npz: not a readable npz archive",
    ),
    "gsd as botan": (changed(FIT, _3="botan"), "train0.gsd: not a readable npz archive"),
    "unknown label": (
        [*FIT, "--label", "overlap"],
        "unknown label 'overlap'; there are displacement",
    ),
    "unknown time": ([*FIT, "--time", 3], "no labels at time 3; the times are 10"),
    "no time chosen": (
        changed(FIT, _1="{folder}/times.gsd"),
        "times.gsd has labels at several times, choose one of 1, 10",
    ),
    "one file": (changed(FIT, _1="{folder}/train0.gsd"), "at least 2 are needed, not 1"),
    "two systems": (changed(FIT, _1="{folder}/t[hr][ra][ei]*.gsd"), "different systems: KA, KA2D"),
    "missing folder": (
        changed(FIT, _5="{folder}/nowhere/model.skops"),
        "the folder of .*nowhere.* does not exist",
    ),
    "file as folder": (
        changed(FIT, _5="{folder}/text.gsd/model.skops"),
        "the folder of .*text.gsd.* does not exist",
    ),
    "folder as model": (changed(FIT, _5="{folder}"), "{folder} is a folder"),
    "missing model": (changed(SCORE, _1="{folder}/none.skops"), "none.skops"),
    "not a model": (changed(SCORE, _1="{folder}/text.gsd"), "text.gsd: not a model stored by vit"),
    "score missing files": (changed(SCORE, _2="{folder}/none*"), "no file matches .*none"),
    "another system": (
        changed(SCORE, _2="{folder}/three.gsd"),
        r"KA2D is 2D with species .*; the configuration is 3D",
    ),
    "score unknown time": ([*SCORE, "--time", 3], "no labels at time 3; the times are 10"),
    "no toml": (RUN, "text.toml: Expected '='"),
    "markup in a name": (changed(RUN, _1="{folder}/[odd] name.toml"), r"\[odd\] name.toml: "),
    "missing toml": (changed(RUN, _1="{folder}/none.toml"), "none.toml"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_bad_input_is_one_line_on_stderr_and_code_2(folder, tmp_path, case):
    command, message = REFUSED[case]
    out = tmp_path / "out"
    before = {path: path.stat().st_mtime_ns for path in folder.iterdir()}
    result = run(*(str(a).format(folder=folder, out=out) for a in command))
    assert result.exit_code == 2
    assert result.stdout == ""
    assert len(result.stderr.splitlines()) == 1
    assert re.search(message.format(folder=re.escape(str(folder))), result.stderr)
    assert result.stderr.startswith("vitreous: ")
    assert not out.exists()
    assert {path: path.stat().st_mtime_ns for path in folder.iterdir()} == before


@pytest.mark.parametrize(
    ("arguments", "value"),
    [
        (changed(FIT, _3="lammps"), "lammps"),
        ([*FIT, "--model", "forest"], "forest"),
        ([*FIT, "--time", "soon"], "--time"),
        (["fit", "a.gsd", "--format", "gsd"], "--out"),
        (["quench"], "quench"),
    ],
)
def test_wrong_usage_names_the_value(folder, tmp_path, arguments, value):
    out = tmp_path / "out"
    result = run(*(str(a).format(folder=folder, out=out) for a in arguments))
    assert result.exit_code == 2
    assert result.stdout == ""
    assert value in result.stderr
    assert not out.exists()


def test_interruption_leaves_the_older_model_and_says_so(folder, tmp_path, monkeypatch):
    def interrupt(*arguments, **keywords):
        raise KeyboardInterrupt

    monkeypatch.setattr(fitting, "fit_files", interrupt)
    out = tmp_path / "model.skops"
    out.write_bytes(b"old")
    result = run(*(str(a).format(folder=folder, out=out) for a in FIT))
    assert result.exit_code == 130
    assert "stopped" in result.stderr
    assert out.read_bytes() == b"old"


def test_version_and_help():
    assert run("version").stdout == f"{__version__}\n"
    shown = run("--help").stdout
    assert all(command in shown for command in ("run", "fit", "score", "version"))
