"""The command: what it prints where, and what it says of input that cannot work."""

import csv
import json
import os
import re
import subprocess
import sys
from dataclasses import replace

import gsd.hoomd
import numpy as np
import pytest
import typer
from typer.testing import CliRunner

from vitreous import __version__
from vitreous.cli import app
from vitreous.commands import _options
from vitreous.datasets import LabelledConfiguration, read_gsd, write_gsd
from vitreous.dynamics import IsoconfigurationalLabels
from vitreous.liquid import KobAndersen, KobAndersen2D, neighbor_list
from vitreous.models import load_model
from vitreous.simulate import minimize
from vitreous.studies.kinds import DEFAULT_STUDY, packaged_studies
from vitreous.workflows.catalogue import DEFAULT_DESCRIPTORS, DESCRIPTORS

KEYS = {
    "pearson_pooled",
    "pearson_mean",
    "pearson_standard_error",
    "pearson_pooled_standard_error",
    "variance_ratio",
    "variance_ratio_standard_error",
    "susceptibility_ratio",
    "susceptibility_ratio_standard_error",
    "noise_ceiling",
    "n_configurations",
}


INSTALLED = "import sys; sys.argv[0] = 'vitreous'; from vitreous.cli import main; main()"

# How far a command was may stand above its error.
STEPS = ("read", "describe", "fit", "predict", "train and test")


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
    halves = [np.stack([mobility(configuration, rng) for _ in times], axis=-1) for _ in range(2)]
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
    labels = IsoconfigurationalLabels([10.0], {"displacement": np.ones((2, 60, 1))}, 4)
    write_gsd(LabelledConfiguration(three, labels, "KA", 0.5, ""), folder / "three.gsd")
    (folder / "text.gsd").write_text("hello")
    (folder / "text.npz").write_text("hello")
    (folder / "bare.xyz").write_text("1\nbare\nA 0 0 0\n")
    (folder / "text.toml").write_text("hello")
    (folder / "[odd] name.toml").write_text("hello")
    whole = (folder / "test4.gsd").read_bytes()
    (folder / "cut.gsd").write_bytes(whole[: len(whole) // 2])
    fitted = run("fit", folder / "train*.gsd", "--format", "gsd", "--out", folder / "model.skops",
                 "--descriptors", "cubuk2015", "--jobs", 1)  # fmt: skip
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
        true = [item.labels.at("displacement")[r] for item, r in zip(data, rows, strict=True)]
        predicted = [p[r] for p, r in zip(predictions, rows, strict=True)]
        single = [np.corrcoef(t, p)[0, 1] for t, p in zip(true, predicted, strict=True)]
        pooled = np.corrcoef(np.concatenate(true), np.concatenate(predicted))[0, 1]
        halves = [
            np.concatenate([item.labels.halves_at("displacement")[k][r]
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
                 "--descriptors", "cubuk2015", "--time", 10, "--jobs", 1)  # fmt: skip
    assert result.exit_code == 0, result.output
    stored = load_model(out)
    assert (stored.time, stored.label, stored.temperatures) == (10.0, "displacement", (0.3,))
    assert type(stored.model.regressor).__name__ == "GroupedBoosting"
    assert stored.sources == tuple(str(tmp_path / f"{number}.gsd") for number in range(3))


def test_intervals_hold_the_labels_they_are_scored_on(folder, tmp_path):
    """Four configurations allow for a coverage of 0.75; the two of the test are alike."""
    out = tmp_path / "intervals.skops"
    options = ["--format", "gsd", "--jobs", 1]
    few = ["--descriptors", "cubuk2015"]
    fitted = run("fit", folder / "train*.gsd", "--out", out, "--coverage", 0.75, *few, *options)
    assert fitted.exit_code == 0, fitted.output
    intervals = load_model(out).intervals
    assert (intervals.coverage, intervals.n_configurations) == (0.75, 4)
    result = run("score", out, folder / "test*.gsd", "--json", *options)
    for scores in json.loads(result.stdout)["types"].values():
        assert set(scores) == {*KEYS, "interval_coverage"}
        assert 0.6 < scores["interval_coverage"] <= 1
    assert load_model(out).descriptors == "cubuk2015"
    result = run("fit", folder / "train*.gsd", "--out", out, "--coverage", 0.9, *few, *options)
    assert "take at least 9 configurations, not 4" in result.stderr
    assert load_model(out).intervals.coverage == 0.75


def test_transferable_model_of_several_temperatures_and_times(tmp_path):
    """Times differ between the temperatures; the labels at each place have about the same mean."""
    levels = np.array([1.0, 3.0])
    for number in range(6):
        cold = number % 2
        item = labelled(number, times=np.array([1.0, 10.0]) * (1 + cold))
        halves = item.labels.halves("displacement") * levels
        labels = IsoconfigurationalLabels(item.labels.times, {"displacement": halves}, 4)
        write_gsd(replace(item, labels=labels, temperature=0.5 - 0.1 * cold),
                  tmp_path / f"{number}.gsd")  # fmt: skip
    model, out = tmp_path / "model.skops", tmp_path / "out.npz"
    options = ["--format", "gsd", "--jobs", 1]
    fitted = run("fit", tmp_path / "[0-3].gsd", "--out", model, "--model", "transferable",
                 "--descriptors", "cubuk2015", *options)  # fmt: skip
    assert fitted.exit_code == 0, fitted.output
    stored = load_model(model)
    assert stored.temperatures == (0.4, 0.5)
    np.testing.assert_allclose(stored.model.levels, levels, atol=0.1)
    scored = run("score", model, tmp_path / "5.gsd", "--time", 20, "--json", *options)
    assert scored.exit_code == 0, scored.output
    assert json.loads(scored.stdout)["types"]["A"]["pearson_mean"] > 0.3
    assert "of time" not in scored.stderr
    made = run("predict", model, tmp_path / "5.gsd", "--out", out, *options)
    assert made.exit_code == 0, made.output
    names = [name for name in np.load(out) if "predicted" in name]
    assert [float(name.partition("_at_")[2]) for name in names] == pytest.approx(levels, abs=0.1)

    write_gsd(labelled(7), tmp_path / "7.gsd")
    scored = run("score", model, tmp_path / "7.gsd", *options)
    assert "has labels at 1 time(s), the model learnt 2 levels" in scored.stderr
    refit = ["fit", tmp_path / "[067].gsd", "--out", model, "--model", "transferable", *options]
    assert "takes the same number in all files" in run(*refit).stderr
    write_gsd(labelled(7, times=(1.0, 10.0)), tmp_path / "7.gsd")
    assert "takes labels at fixed values of their mean" in run(*refit).stderr
    assert "use fit, score" in run("transfer", tmp_path / "?.gsd", "--model", "transferable",
                                   *options).stderr  # fmt: skip


@pytest.fixture(scope="module")
def bare(folder, tmp_path_factory):
    """Structures without labels, in a GSD file of two frames."""
    path = tmp_path_factory.mktemp("bare") / "bare.gsd"
    with gsd.hoomd.open(path, "w") as file:
        for number in (4, 5):
            file.append(read_gsd(folder / f"test{number}.gsd").configuration.to_gsd())
    return path


@pytest.mark.parametrize("suffix", ["gsd", "npz", "csv"])
def test_predictions_go_to_files(folder, bare, tmp_path, suffix):
    out = tmp_path / f"out.{suffix}"
    result = run("predict", folder / "model.skops", bare, "--format", "gsd", "--out", out,
                 "--jobs", 1)  # fmt: skip
    assert result.exit_code == 0, result.output
    assert result.stdout == ""
    assert "predicted displacement in 2 configurations" in result.stderr
    configurations = [read_gsd(folder / f"test{n}.gsd").configuration for n in (4, 5)]
    expected = load_model(folder / "model.skops").model.predict(configurations)
    if suffix == "gsd":
        with gsd.hoomd.open(out, "r") as file:
            found = [frame.log["particles/displacement_predicted"] for frame in file]
            np.testing.assert_allclose(
                file[1].particles.position[:, :2], configurations[1].positions, atol=1e-5
            )
    else:
        if suffix == "npz":
            table = dict(np.load(out))
            assert table["sources"].tolist() == [f"{bare}, frame 0", f"{bare}, frame 1"]
        else:
            rows = list(csv.DictReader(out.read_text().splitlines()))
            table = {name: np.array([row[name] for row in rows]) for name in rows[0]}
        numbers = table["configuration"].astype(int)
        found = [table["displacement_predicted"][numbers == n].astype(float) for n in (0, 1)]
        assert table["type"][numbers == 1].tolist() == [
            "ABC"[index] for index in configurations[1].types
        ]
        assert table["particle"][numbers == 1].astype(int).tolist() == list(range(160))
    # Positions of a file without labels are in single precision.
    np.testing.assert_allclose(found, expected, rtol=1e-3, atol=1e-3)
    before = out.read_bytes()
    again = run("predict", folder / "model.skops", bare, "--format", "gsd", "--out", out)
    assert again.exit_code == 2
    assert "exists; choose another name" in again.stderr
    assert out.read_bytes() == before
    forced = run("predict", folder / "model.skops", folder / "test4.gsd", "--format", "gsd",
                 "--out", out, "--overwrite", "--jobs", 1)  # fmt: skip
    assert forced.exit_code == 0, forced.output
    assert out.read_bytes() != before


def test_transfer_over_temperature_prints_one_document(folder, tmp_path):
    for number in range(6):
        item = read_gsd(folder / (f"train{number}.gsd" if number < 4 else f"test{number}.gsd"))
        write_gsd(replace(item, temperature=0.3 + 0.2 * (number % 2)), tmp_path / f"{number}.gsd")
    command = ["transfer", tmp_path / "?.gsd", "--format", "gsd", "--descriptors", "cubuk2015",
               "--jobs", 1]  # fmt: skip
    result = run(*command, "--json")
    assert result.exit_code == 0, result.output
    document = json.loads(result.stdout)
    assert (document["over"], document["conditions"]) == ("temperature", [0.5, 0.3])
    assert document["n_configurations"] == [3, 3]
    assert len(document["noise_ceiling"]) == 2
    for name in ("pearson_mean", "pearson_pooled", "variance_ratio", "susceptibility_ratio"):
        values, lower, upper = (np.array(document[name][k]) for k in ("value", "lower", "upper"))
        assert values.shape == (2, 2)
        np.testing.assert_allclose((lower + upper) / 2, values)
        assert (lower < values).all()
    assert np.min(document["pearson_mean"]["value"]) > 0.3
    table = run(*command)
    assert "pearson_mean; row: temperature trained at, column: tested at" in table.stdout


def test_transfer_over_time_needs_several(folder):
    command = ["transfer", folder / "train*.gsd", "--format", "gsd", "--jobs", 1]
    result = run(*command, "--over", "time")
    assert result.exit_code == 2
    assert "all labels are of time 10: there is nothing to transfer to" in result.stderr
    result = run(*command)
    assert "all files have the temperature 0.3: there is nothing to transfer to" in result.stderr


def test_another_system_is_refused_unless_told(folder, tmp_path):
    """A system with the species of KA2D under another name."""
    write_gsd(replace(labelled(8), system="mine"), tmp_path / "mine.gsd")
    command = ["score", folder / "model.skops", tmp_path / "mine.gsd", "--format", "gsd",
               "--jobs", 1]  # fmt: skip
    refused = run(*command)
    assert refused.exit_code == 2
    assert "mine.gsd is of system mine, the model learnt from KA2D" in refused.stderr
    assert "--any-system" in refused.stderr
    accepted = run(*command, "--any-system")
    assert accepted.exit_code == 0, accepted.output
    assert accepted.stdout.startswith("A: ")


def test_another_temperature_is_warned_of(folder, tmp_path):
    write_gsd(replace(labelled(8), temperature=0.2), tmp_path / "cold.gsd")
    options = ["--format", "gsd", "--jobs", 1]
    message = "learnt from temperatures 0.3 to 0.3: predictions at 0.2 are extrapolations"
    scored = run("score", folder / "model.skops", tmp_path / "cold.gsd", "--json", *options)
    assert message in scored.stderr
    made = run("predict", folder / "model.skops", tmp_path / "cold.gsd", "--out",
               tmp_path / "cold.npz", *options)  # fmt: skip
    assert message in made.stderr
    usual = run("score", folder / "model.skops", folder / "test4.gsd", *options)
    assert "extrapolations" not in usual.stderr


def test_one_configuration_has_no_error(folder):
    result = run("score", folder / "model.skops", folder / "test4.gsd", "--jobs", 1)
    assert re.match(r"A: Pearson correlation 0\.\d{3} in one configuration; noise", result.stdout)
    assert "nan" not in result.stdout
    several = run("score", folder / "model.skops", folder / "test*.gsd", "--jobs", 1)
    assert re.match(
        r"A: .* 0\.\d{3} pooled, 0\.\d{3} ± 0\.\d{3} mean over 2 configurations;", several.stdout
    )


def test_another_time_is_warned_of(folder):
    result = run("score", folder / "model.skops", folder / "times.gsd", "--format", "gsd",
                 "--time", 1, "--json", "--jobs", 1)  # fmt: skip
    assert "labels are of time 1, the model learnt those of time 10" in result.stderr
    usual = run("score", folder / "model.skops", folder / "times.gsd", "--format", "gsd",
                "--json", "--jobs", 1)  # fmt: skip
    assert "of time" not in usual.stderr
    assert json.loads(usual.stdout) != json.loads(result.stdout)


@pytest.mark.slow
def test_botan_files_are_learnt_and_scored_in_a_process_of_their_own(tmp_path):
    system = KobAndersen()
    for number in range(3):
        configuration = liquid(system, 1700, number)
        rng = np.random.default_rng(number)
        initial = configuration.positions + configuration.box.lengths[0] / 2
        directions = rng.normal(size=(4, 1700, 3))
        directions /= np.linalg.norm(directions, axis=2, keepdims=True)
        lengths = np.array([mobility(configuration, rng) for _ in range(4)])
        np.savez(
            tmp_path / f"isoconfig_N1700T0.44_{number}_tc07.npz",
            types=configuration.types.astype(np.int8),
            initial_positions=initial,
            positions=initial + directions * lengths[..., None],
        )
    command = [sys.executable, "-W", "error", "-c", "from vitreous.cli import main; main()"]
    model = tmp_path / "model.skops"
    train, test = tmp_path / "*_[01]_tc07.npz", tmp_path / "*_2_tc07.npz"
    options = ["--format", "botan", "--jobs", "1"]
    fitted, scored = (
        subprocess.run([*command, *arguments, *options], capture_output=True, text=True)
        for arguments in (
            ["fit", train, "--out", model, "--descriptors", "cubuk2015"],
            ["score", model, test, "--json"],
        )
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


FIT = ["fit", "{folder}/train*.gsd", "--format", "gsd", "--out", "{out}", "--jobs", 1,
       "--descriptors", "cubuk2015"]  # fmt: skip
SCORE = ["score", "{folder}/model.skops", "{folder}/test*.gsd", "--format", "gsd", "--jobs", 1]
RUN = ["run", "{folder}/text.toml", "--folder", "{out}", "--jobs", 1]


def changed(command, **places):
    """The command with the argument at a place (by number, as `_3`) replaced."""
    replaced = {int(place[1:]): value for place, value in places.items()}
    return [replaced.get(place, argument) for place, argument in enumerate(command)]


PREDICT = ["predict", "{folder}/model.skops", "{folder}/test4.gsd", "--format", "gsd",
           "--out", "{out}.gsd"]  # fmt: skip

REFUSED = {
    "predictions of no known format": (
        changed(PREDICT, _6="{out}.xyz"),
        "predictions are written to .gsd, .npz, .csv files",
    ),
    "predictions in no folder": (
        changed(PREDICT, _6="{folder}/nowhere/a.npz"),
        "the folder of .*nowhere.* does not exist",
    ),
    "predict for text": (changed(PREDICT, _2="{folder}/text.gsd"), "text.gsd: not a readable GSD"),
    "predict for nothing": (changed(PREDICT, _2="{folder}/none*"), "no file matches .*none"),
    "predict another system": (
        changed(PREDICT, _2="{folder}/three.gsd"),
        "three.gsd is of system KA, the model learnt from KA2D",
    ),
    "predict any system": (
        [*changed(PREDICT, _2="{folder}/three.gsd"), "--any-system"],
        r"KA2D is 2D with species .*; the configuration is 3D",
    ),
    "coverage in percent": ([*FIT, "--coverage", 90], "between 0 and 1, not 90"),
    "two systems to score": (
        changed(SCORE, _2="{folder}/t[hr][ra][ei]*.gsd"),
        "different systems: KA, KA2D",
    ),
    "missing files": (changed(FIT, _1="{folder}/none*.gsd"), "no file matches .*none"),
    "not gsd": (changed(FIT, _1="{folder}/text.gsd"), "text.gsd: not a readable GSD file"),
    "not gsd, as its content shows": (
        changed(FIT, _1="{folder}/text.gsd", _3="auto"),
        "text.gsd: not a readable GSD file",
    ),
    "no labels": (
        changed(FIT, _1="{folder}/bare.xyz", _3="auto"),
        "bare.xyz: the format 'extxyz' has no labels; make them of trajectories .vitreous label",
    ),
    "no model": (
        changed(SCORE, _1="{folder}/none.skops"),
        "vitreous: there is no model file .*none.skops; vitreous fit writes one",
    ),
    "a folder in place of a model": (changed(PREDICT, _1="{folder}"), "there is no model file"),
    "a map in no folder": (
        [*PREDICT, "--plot", "{folder}/nowhere/map.png"],
        "the folder of .*nowhere/map.png does not exist",
    ),
    "a map of no known format": (
        [*PREDICT, "--plot", "{folder}/map.txt"],
        "map.txt: pictures are written to .eps, ",
    ),
    "nothing to label": (
        ["label", "--system", "KA2D", "--out", "{out}"],
        "--start and --replicas, or --trajectory and --lags",
    ),
    "relaxation in a picture of no known format": (
        [
            "label",
            "--system",
            "KA2D",
            "--trajectory",
            "{folder}/test4.gsd",
            "--lags",
            "1",
            "--figure",
            "{folder}/functions.txt",
            "--out",
            "{out}",
        ],
        "functions.txt: pictures are written to .eps, ",
    ),
    "truncated gsd": (changed(FIT, _1="{folder}/cut.gsd"), "cut.gsd: "),
    "not npz": (
        changed(FIT, _1="{folder}/text.npz", _3="botan"),
        "text.npz: not a readable npz archive",
    ),
    "gsd as botan": (changed(FIT, _3="botan"), "train0.gsd: not a readable npz archive"),
    "unknown descriptors": (
        [*FIT, "--descriptors", "none"],
        "unknown descriptors 'none'; choose one of combined, shells, boattini2021",
    ),
    "unknown label": (
        [*FIT, "--label", "overlap"],
        "unknown label 'overlap'; there are displacement",
    ),
    "unknown time": ([*FIT, "--time", 3], "no labels at time 3; the times are 10"),
    "no time chosen": (
        [*changed(FIT, _1="{folder}/times.gsd"), "--model", "ridge"],
        "times.gsd: there are labels at several times, choose one of 1, 10",
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
        r"three.gsd is of system KA, the model learnt from KA2D; .*--any-system",
    ),
    "score unknown time": ([*SCORE, "--time", 3], "no labels at time 3; the times are 10"),
    "no toml": (RUN, "text.toml: Expected '='"),
    "markup in a name": (changed(RUN, _1="{folder}/[odd] name.toml"), r"\[odd\] name.toml: "),
    "report of nothing": (["report", "{folder}"], "is not the folder of a study"),
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
    *progress, last = result.stderr.splitlines()
    assert all(line.startswith(STEPS) for line in progress if line.strip())
    assert re.search(message.format(folder=re.escape(str(folder))), last)
    assert last.startswith("vitreous: ")
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
        (["predict", "model.skops", "a.gsd", "--format", "gsd"], "--out"),
        (["transfer", "a.gsd", "--format", "gsd", "--over", "density"], "density"),
    ],
)
def test_wrong_usage_names_the_value(folder, tmp_path, arguments, value):
    out = tmp_path / "out"
    result = run(*(str(a).format(folder=folder, out=out) for a in arguments))
    assert result.exit_code == 2
    assert result.stdout == ""
    assert value in result.stderr
    assert not out.exists()


def test_a_format_whose_reader_is_not_installed_is_one_line(folder, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "MDAnalysis", None)
    (tmp_path / "a.xtc").write_bytes(b"\x00\x00\x07\xcb" + bytes(100))
    result = run("predict", folder / "model.skops", tmp_path / "a.xtc", "--out", tmp_path / "o.npz")
    assert result.exit_code == 2
    (line,) = result.stderr.splitlines()
    assert "a.xtc: MDAnalysis reads such files, and is not installed: pip install" in line


def test_interruption_leaves_the_older_model_and_says_so(folder, tmp_path, monkeypatch):
    def interrupt(*arguments, **keywords):
        raise KeyboardInterrupt

    monkeypatch.setattr("vitreous.workflows.fit", interrupt)
    out = tmp_path / "model.skops"
    out.write_bytes(b"old")
    result = run(*(str(a).format(folder=folder, out=out) for a in FIT))
    assert result.exit_code == 130
    assert "stopped" in result.stderr
    assert out.read_bytes() == b"old"


@pytest.mark.parametrize(
    "command",
    ["run", "report", "simulate", "describe", "label", "fit", "score", "predict", "transfer"],
)
def test_help_has_a_short_name_and_an_example_that_parses(command):
    shown = run(command, "-h")
    assert shown.exit_code == 0
    assert shown.stdout == run(command, "--help").stdout
    (line,) = re.findall("Example: vitreous (.*)", shown.stdout)
    name, *arguments = line.split()
    assert name == command
    typer.main.get_command(app).commands[command].make_context(command, arguments)


def test_help_names_all_labels_and_sets_of_descriptors():
    assert tuple(DESCRIPTORS) == _options.DESCRIPTORS
    assert _options.DESCRIPTORS[0] == DEFAULT_DESCRIPTORS
    for command in ("fit", "transfer"):
        shown = " ".join(run(command, "-h").stdout.replace("│", " ").split())
        for name in (*_options.DESCRIPTORS, *_options.LABELS):
            assert name in shown


@pytest.mark.parametrize(
    ("command", "choices"),
    [
        ("fit", _options.ModelKind),
        ("transfer", _options.StateKind),
        ("score", _options.Format),
        ("predict", _options.StructureFormat),
        ("describe", _options.StructureFormat),
        ("label", _options.StructureFormat),
    ],
)
def test_help_breaks_no_name_of_a_choice(command, choices):
    """On a terminal of 80 columns, where rich cuts what stands beside an option at any letter."""
    shown = CliRunner(env={"COLUMNS": "80"}).invoke(app, [command, "-h"]).stdout
    for choice in choices:
        assert re.search(rf"(?<![\w-]){choice}(?![\w-])", shown)


def test_help_names_no_model_that_transfer_refuses():
    """What it refuses says why, and what to use."""
    shown = " ".join(run("transfer", "-h").stdout.replace("│", " ").split())
    (named,) = re.findall(r"Kind of model: ([^.]*)\.", shown)
    refused = set(_options.ModelKind) - set(named.split(", "))
    assert refused == {"transferable", "time-scales"}
    for kind in refused:
        result = run("transfer", "anything.gsd", "--model", kind)
        assert result.exit_code == 2
        assert "use fit, score" in result.stderr


def test_help_names_the_packaged_studies():
    assert set(_options.STUDIES) == set(packaged_studies())
    assert _options.STUDIES[0] == DEFAULT_STUDY
    shown = " ".join(run("run", "-h").stdout.replace("│", " ").split())
    assert f"packaged study: {', '.join(_options.STUDIES)}." in shown


@pytest.mark.parametrize(
    ("typed", "offered"),
    [
        (["tra"], ["transfer"]),
        (["run", "ka2d_to"], ["ka2d_to_tg"]),
        (["fit", "--descriptors", "c"], ["combined", "cubuk2015"]),
        (["transfer", "--label", "b"], ["bond_breaking", "broken_bonds"]),
    ],
)
def test_shells_complete_commands_and_names(typed, offered):
    """As bash asks for it, once ``vitreous --install-completion`` was given."""
    assert "--install-completion" in run("--help").stdout
    words = ["vitreous", *typed]
    done = subprocess.run(
        [sys.executable, "-c", INSTALLED],
        env=os.environ
        | {
            "_VITREOUS_COMPLETE": "complete_bash",
            "COMP_WORDS": " ".join(words),
            "COMP_CWORD": str(len(typed)),
        },
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=True,
    )
    assert done.stdout.split() == offered


def test_version_and_help():
    for way in ("version", "--version"):
        assert run(way).stdout == f"{__version__}\n"
    shown = run("--help").stdout
    assert all(command in shown for command in ("run", "fit", "score", "predict", "transfer"))
