"""A tiny study: to its end, again, interrupted, and refused where it must not go on."""

import os
import re
import shutil
import signal
import subprocess
import sys
import time
from types import SimpleNamespace

import numpy as np
import pytest
from support.figures import take_figures_from
from typer.testing import CliRunner

from vitreous.campaigns import campaign, steps
from vitreous.cli import app
from vitreous.simulate import (
    EmbeddedEngine,
    EquilibriumTest,
    HoomdEngine,
    SwapMonteCarlo,
    _minima,
    equilibrate,
)
from vitreous.storage import recipes
from vitreous.studies import TransferStudy, reopen_study

TINY = """
title = "Tiny"
seed = 1

[liquid]
system = "KA2D"
n_particles = 160
temperatures = [0.8, 0.6]
n_configurations = 4

[equilibration]
n_sweeps = 3000

[relaxation]
bond_breaking = 0.97
longest_time = 100.0

[ensemble]
n_replicas = 2
relative_times = [0.1, 1.0]

[models]
descriptors = "cubuk2015"
label = "broken_bonds"
shown_times = [0.1, 1.0]
n_splits = 2
"""


@pytest.fixture(scope="module")
def settings_file(tmp_path_factory):
    path = tmp_path_factory.mktemp("settings") / "tiny.toml"
    path.write_text(TINY)
    return path


@pytest.fixture(scope="module")
def finished(settings_file, tmp_path_factory):
    """An uninterrupted run; do not change its folder."""
    folder = tmp_path_factory.mktemp("finished")
    steps = []
    study = TransferStudy(
        settings_file, folder, n_jobs=1, progress=lambda *step: steps.append(step)
    )
    results = study.run()
    study.report(results)
    return SimpleNamespace(folder=folder, study=study, results=results, steps=steps)


@pytest.fixture
def copied(finished, tmp_path):
    """A copy of the finished folder to work on."""
    return shutil.copytree(finished.folder, tmp_path / "copy")


def files(folder, pattern):
    return sorted(path.name for path in folder.rglob(pattern))


def modification_times(folder):
    kept = [*folder.glob("workspace/*/*"), *folder.glob("cache/**/output.pkl")]
    return {path.relative_to(folder): path.stat().st_mtime_ns for path in kept}


def labelled(results):
    return [item for at_one in results.data.labelled.values() for item in at_one]


def assert_same_results(first, second):
    for temperature, relaxation in first.data.relaxations.items():
        for name, value in vars(relaxation).items():
            np.testing.assert_array_equal(
                value, getattr(second.data.relaxations[temperature], name)
            )
    for a, b in zip(labelled(first), labelled(second), strict=True):
        np.testing.assert_array_equal(a.configuration.positions, b.configuration.positions)
        for label in a.labels.averages:
            np.testing.assert_array_equal(a.labels.halves(label), b.labels.halves(label))
    for a, b in zip(
        [*first.ridge.values(), first.boosted], [*second.ridge.values(), second.boosted],
        strict=True,
    ):  # fmt: skip
        np.testing.assert_array_equal(a.pearson, b.pearson)
        np.testing.assert_array_equal(a.standard_error, b.standard_error)
    for a, b in zip(first.together.predictions, second.together.predictions, strict=True):
        np.testing.assert_array_equal(a, b)


def forbid(monkeypatch, *names):
    def fail(*arguments, **keywords):
        raise AssertionError("this was done before")

    for name in names:
        monkeypatch.setattr(steps, name, fail)


def test_every_step_leaves_its_results(finished):
    results = finished.results
    assert list(results.data.runs) == [0.8, 0.6]
    for temperature, runs in results.data.runs.items():
        assert [run.start for run in runs] == ["above", "below"] * 2
        assert results.data.equilibrium[temperature].passed
        tau = results.data.relaxations[temperature].bond_breaking_time
        items = results.data.labelled[temperature]
        assert len(items) == 4
        for item, run in zip(items, runs, strict=True):
            np.testing.assert_array_equal(item.configuration.positions, run.configuration.positions)
            np.testing.assert_allclose(item.labels.times, [0.1 * tau, tau], atol=0.00501)
            assert item.labels.n_replicas == 2
    assert set(results.ridge) == {"displacement", "broken_bonds"}
    for matrix in results.ridge.values():
        assert matrix.pearson.shape == (2, 2, 2)
        np.testing.assert_array_equal(matrix.conditions, [0.8, 0.6])
    assert results.boosted.pearson.shape == (2, 2)
    assert [single.shape for single in results.together.single_pearson] == [(4, 2), (4, 2)]
    assert files(finished.folder, "run.gsd") == ["run.gsd"] * 8
    assert files(finished.folder, "labels.gsd") == ["labels.gsd"] * 8
    assert files(finished.folder, "*.partial*") == []


def test_configurations_are_independent(finished):
    runs = [run for group in finished.results.data.runs.values() for run in group]
    first_energies = {float(run.energies[0]) for run in runs}
    assert len(first_energies) == len(runs)


def test_average_bond_breaking_at_its_time_is_the_level(finished):
    """Five standard errors of the difference over configurations."""
    for temperature, relaxation in finished.results.data.relaxations.items():
        means = [
            item.labels.matrix("bond_breaking")[:, 1].mean()
            for item in finished.results.data.labelled[temperature]
        ]
        error = np.std(means, ddof=1) / np.sqrt(len(means))
        slope = np.gradient(relaxation.bond_breaking, np.log(relaxation.times)).min()
        uncertain = (
            slope * relaxation.bond_breaking_time_standard_error / relaxation.bond_breaking_time
        )
        assert np.mean(means) == pytest.approx(0.97, abs=5 * np.hypot(error, uncertain))


def test_progress_of_every_step_reaches_its_end(finished):
    last = {step: (done, total) for step, done, total in finished.steps}
    assert len(last) == 6
    assert all(done == total > 0 for done, total in last.values())
    for step in last:
        counts = [done for name, done, _ in finished.steps if name == step]
        assert counts == sorted(counts)


def test_a_second_run_computes_nothing_anew(finished, settings_file, monkeypatch):
    forbid(monkeypatch, "equilibrate", "measure_relaxation", "isoconfigurational_ensemble")
    before = modification_times(finished.folder)
    report = (finished.folder / "results.json").read_bytes()
    study = TransferStudy(settings_file, finished.folder, n_jobs=1)
    results = study.run()
    assert_same_results(results, finished.results)
    assert modification_times(finished.folder) == before
    take_figures_from(finished.folder / "figures", monkeypatch)
    study.report(results)
    assert (finished.folder / "results.json").read_bytes() == report


def fail(*arguments, **keywords):
    raise AssertionError("a report is to simulate nothing")


def test_a_report_is_written_from_results_alone(copied, finished, monkeypatch):
    """Without the cache structures are described and models trained again, and no more."""
    for name in ("equilibrate", "equilibrate_from", "minimize", "measure_relaxation",
                 "isoconfigurational_ensemble"):  # fmt: skip
        monkeypatch.setattr(steps, name, fail)
    monkeypatch.setattr(SwapMonteCarlo, "run", fail)
    expected = (finished.folder / "results.json").read_bytes()
    page = (finished.folder / "report.html").read_bytes()

    def written_without(lost):
        shutil.rmtree(copied / lost)
        result = CliRunner().invoke(app, ["report", str(copied)], catch_exceptions=False)
        assert result.exit_code == 0, result.stderr
        assert (copied / "results.json").read_bytes() == expected
        assert (copied / "report.html").read_bytes() == page
        assert len(list((copied / "figures").iterdir())) == 10

    with monkeypatch.context() as forbidden:
        for engine in (EmbeddedEngine, HoomdEngine):
            forbidden.setattr(engine, "run", fail)
            forbidden.setattr(engine, "energies_and_forces", fail)
        forbidden.setattr(_minima, "minimize", fail)
        written_without("figures")
    take_figures_from(copied / "figures", monkeypatch)
    written_without("cache")


def test_a_report_of_an_unfinished_study_says_what_is_missing(copied, monkeypatch):
    for path in sorted(copied.glob("workspace/*/labels.gsd"))[:3]:
        path.unlink()
    for name in ("run.gsd", "relaxation.npz"):
        sorted(copied.glob(f"workspace/*/{name}"))[0].write_bytes(b"damaged")
    before = modification_times(copied)
    result = CliRunner(env={"COLUMNS": "999"}).invoke(app, ["report", str(copied)])
    assert result.exit_code == 2
    assert result.stderr == (
        f"vitreous: the study in {copied} is not finished: missing or damaged are 1 of 8 run.gsd, "
        "1 of 2 relaxation.npz, 3 of 8 labels.gsd; go on with vitreous run "
        f"{copied}/study.toml --folder {copied}\n"
    )
    assert modification_times(copied) == before


def test_a_report_of_a_study_without_models_says_so(copied):
    (copied / "results.json").unlink()
    result = CliRunner(env={"COLUMNS": "999"}).invoke(app, ["report", str(copied)])
    assert result.exit_code == 2
    assert "is not finished: models are not trained; go on with vitreous run" in result.stderr


@pytest.mark.parametrize(
    ("recipe", "described", "trained"),
    [
        pytest.param("FEATURES", True, True, marks=pytest.mark.slow),
        ("MODELS", False, True),
        (None, False, False),
    ],
)
def test_a_changed_recipe_learns_anew(copied, monkeypatch, recipe, described, trained):
    """The folder has moved, which by itself changes nothing."""
    if recipe:
        monkeypatch.setattr(recipes, recipe, getattr(recipes, recipe) + 1)

    def calls(function):
        return {path.parent.name for path in copied.glob(f"cache/**/{function}/*/output.pkl")}

    trained_by = ("_transfer_matrix", "_cross_predictions")
    before = {name: calls(name) for name in ("_features", *trained_by)}
    assert all(before.values())
    reopen_study(copied, n_jobs=1).results()
    assert (calls("_features") > before["_features"]) == described
    for name in trained_by:
        assert (calls(name) > before[name]) == trained


def test_lost_results_are_computed_again_and_partial_files_ignored(finished, settings_file, copied):
    for pattern in ("run.gsd", "labels.gsd", "relaxation.npz"):
        lost = sorted(copied.rglob(pattern))[0]
        stem, suffix = pattern.split(".")
        lost.rename(lost.with_name(f".{stem}.99.partial.{suffix}"))
        lost.with_name(f".{stem}.98.partial.{suffix}").write_bytes(b"cut off")
    kept = {
        path: when
        for path, when in modification_times(copied).items()
        if "partial" not in str(path) and (copied / path.with_suffix("")).exists()
    }
    assert_same_results(TransferStudy(settings_file, copied, n_jobs=1).run(), finished.results)
    after = modification_times(copied)
    assert {path: after[path] for path in kept} == kept
    for pattern in ("run.gsd", "labels.gsd", "relaxation.npz"):
        assert files(copied, pattern) == files(finished.folder, pattern)


def test_changed_settings_keep_what_they_do_not_affect(copied, tmp_path, monkeypatch):
    settings_file = tmp_path / "more.toml"
    settings_file.write_text(TINY.replace("n_replicas = 2", "n_replicas = 3"))
    (copied / "study.toml").unlink()
    before = modification_times(copied)
    forbid(monkeypatch, "equilibrate", "measure_relaxation")
    results = TransferStudy(settings_file, copied, n_jobs=1).run()
    assert {item.labels.n_replicas for item in labelled(results)} == {3}
    after = modification_times(copied)
    assert {path: after[path] for path in before} == before
    assert files(copied, "labels.gsd") == ["labels.gsd"] * 16


def test_seeds_depend_on_the_purpose_only(settings_file, tmp_path, monkeypatch):
    """A temperature more and another order change nothing of what was there."""
    seeds = []

    def spy(system, n_particles, temperature, *, n_sweeps, start, random_state, **others):
        seeds[-1].add((temperature, start, random_state))
        return equilibrate(system, 43, 2.0, n_sweeps=40, start=start, random_state=random_state)

    monkeypatch.setattr(steps, "equilibrate", spy)
    for name, temperatures in (("a", "[0.8, 0.6]"), ("b", "[0.6, 0.7, 0.8]")):
        seeds.append(set())
        path = tmp_path / f"{name}.toml"
        path.write_text(TINY.replace("[0.8, 0.6]", temperatures))
        TransferStudy(path, tmp_path / name, n_jobs=1).campaign.equilibrate()
    assert len(seeds[0]) == 8
    assert len({seed for *_, seed in seeds[1]}) == 12
    assert seeds[0] < seeds[1]


def test_folder_of_another_study_is_refused(finished, tmp_path):
    other = tmp_path / "other.toml"
    other.write_text(TINY.replace("seed = 1", "seed = 2"))
    claimed = finished.folder / "study.toml"
    before = claimed.read_bytes()
    message = f"{finished.folder} holds a study with other settings; choose another folder"
    with pytest.raises(ValueError, match=re.escape(message)):
        TransferStudy(other, finished.folder, n_jobs=1)
    assert claimed.read_bytes() == before


def test_nothing_is_labelled_out_of_equilibrium(settings_file, tmp_path, monkeypatch):
    verdict = EquilibriumTest(-2.0, 0.001, 0.25, 1e-5, -0.125, 0.5, 1000, 10.0)
    monkeypatch.setattr(campaign, "equilibrium_test", lambda runs: verdict)
    forbid(monkeypatch, "measure_relaxation", "isoconfigurational_ensemble")
    message = r"T = 0\.8 are not in equil.* 0\.2500 \(p = 1e-05\); raise equilibration\.n_sweeps"
    with pytest.raises(RuntimeError, match=message):
        TransferStudy(settings_file, tmp_path / "folder", n_jobs=1).run()
    assert files(tmp_path, "run.gsd") == ["run.gsd"] * 8
    assert files(tmp_path, "labels.gsd") == files(tmp_path, "relaxation.npz") == []


def test_descriptors_that_cannot_work_are_refused_at_once(tmp_path):
    path = tmp_path / "wrong.toml"
    path.write_text(TINY.replace('"cubuk2015"', '"jung2023"'))
    message = r"wrong\.toml: in \[models\], descriptors jung2023: the cutoff 7 .*half"
    with pytest.raises(ValueError, match=message):
        TransferStudy(path, tmp_path / "folder", n_jobs=1)
    assert not (tmp_path / "folder").exists()


def start_command(settings_file, folder):
    command = "from vitreous.cli import main; main()"
    return subprocess.Popen(
        [sys.executable, "-c", command, "run", settings_file, "--folder", folder, "--jobs", "1"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def kill_once_there_is(pattern, process, folder):
    """Kill the command, with all it started, when a file appears."""
    while not any(folder.rglob(pattern)):
        assert process.poll() is None, process.stderr.read()
        time.sleep(0.001)
    os.killpg(process.pid, signal.SIGKILL)
    process.communicate()
    assert process.returncode == -signal.SIGKILL


@pytest.mark.slow
def test_killed_command_goes_on_and_ends_with_the_same_numbers(finished, settings_file, tmp_path):
    folder = tmp_path / "killed"
    kill_once_there_is("run.gsd.sha256", start_command(settings_file, folder), folder)
    assert 1 <= len(files(folder, "run.gsd")) < 8
    first = modification_times(folder)
    kill_once_there_is("labels.gsd.sha256", start_command(settings_file, folder), folder)
    assert 1 <= len(files(folder, "labels.gsd")) < 8
    assert not (folder / "results.json").exists()

    process = start_command(settings_file, folder)
    output, messages = process.communicate()
    assert process.returncode == 0, messages
    assert output == ""
    assert f"Report: {folder / 'report.html'}" in messages
    expected = finished.folder / "results.json"
    assert (folder / "results.json").read_bytes() == expected.read_bytes()
    last = modification_times(folder)
    # A result counts once its checksum is written.
    results = {path for path in first if path.with_name(f"{path.name}.sha256") in first}
    assert results
    assert {path: last[path] for path in results} == {path: first[path] for path in results}
