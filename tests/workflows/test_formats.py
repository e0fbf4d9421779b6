"""One set of configurations in all formats: the commands see the same in each."""

import json
from dataclasses import replace

import numpy as np
import pytest
from typer.testing import CliRunner

from vitreous.cli import app
from vitreous.datasets import LabelledConfiguration, write_glassbench, write_gsd
from vitreous.datasets.readers import READERS, STRUCTURE_READERS
from vitreous.dynamics import IsoconfigurationalLabels
from vitreous.liquid import KobAndersen2D
from vitreous.simulate import minimize

N = 160


def run(*arguments):
    runner = CliRunner(env={"COLUMNS": "200"})
    return runner.invoke(app, [str(argument) for argument in arguments])


def labelled(number):
    system = KobAndersen2D()
    start = system.random_configuration(N, number)
    configuration = minimize(system, start, force_tolerance=0.1).configuration
    energies = system.particle_energies(configuration)
    halves = np.random.default_rng(number).normal(energies[:, None], 0.1, (2, N, 2))
    labels = IsoconfigurationalLabels([1.0, 10.0], {"displacement": halves}, 4)
    return LabelledConfiguration(configuration, labels, "KA2D", 0.3, "")


def write_lammps(configuration, path):
    length = float(configuration.box.lengths[0])
    rows = [
        f"{number} {kind + 1} {x!r} {y!r}"
        for number, (kind, (x, y)) in enumerate(
            zip(configuration.types, configuration.positions.tolist(), strict=True)
        )
    ]
    edges = [f"{-length / 2!r} {length / 2!r}"] * 2
    path.write_text("\n".join([
        "ITEM: TIMESTEP", "0", "ITEM: NUMBER OF ATOMS", str(N),
        "ITEM: BOX BOUNDS pp pp pp", *edges, "-0.5 0.5", "ITEM: ATOMS id type xu yu",
        *reversed(rows)]))  # fmt: skip


def write_extxyz(configuration, path):
    length = float(configuration.box.lengths[0])
    rows = [
        f"{configuration.species[kind]} {x!r} {y!r} 0.0"
        for kind, (x, y) in zip(configuration.types, configuration.positions.tolist(), strict=True)
    ]
    path.write_text("\n".join([str(N), f'Lattice="{length!r} 0 0 0 {length!r} 0 0 0 1"', *rows]))


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("formats")
    for number in range(5):
        data = labelled(number)
        write_gsd(data, folder / f"{number}.gsd")
        write_glassbench(data, folder / f"{number}.npz")
        write_lammps(data.configuration, folder / f"{number}.dump")
        write_extxyz(data.configuration, folder / f"{number}.xyz")
    result = run("fit", folder / "[0-3].gsd", "--format", "gsd", "--time", 10, "--jobs", 1,
                 "--descriptors", "cubuk2015", "--out", folder / "model.skops")  # fmt: skip
    assert result.exit_code == 0, result.output
    return folder


def score(folder, model, pattern, file_format):
    result = run("score", folder / model, folder / pattern, "--format", file_format, "--time", 10,
                 "--json", "--jobs", 1)  # fmt: skip
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)["types"]["A"]


def test_averages_score_as_their_halves_do_but_for_the_ceiling(folder):
    known = score(folder, "model.skops", "4.gsd", "gsd")
    averages = score(folder, "model.skops", "4.npz", "glassbench")
    assert known["noise_ceiling"] > 0.5
    assert averages["noise_ceiling"] is None
    assert averages["pearson_pooled"] == pytest.approx(known["pearson_pooled"], abs=1e-9)
    result = run("score", folder / "model.skops", folder / "4.npz", "--format", "glassbench",
                 "--jobs", 1)  # fmt: skip
    assert "noise ceiling unknown;" in result.stdout


def test_a_model_is_fitted_to_averages(folder):
    result = run("fit", folder / "[0-3].npz", "--format", "glassbench", "--time", 10, "--jobs", 1,
                 "--descriptors", "cubuk2015", "--out", folder / "averages.skops")  # fmt: skip
    assert result.exit_code == 0, result.output
    both = [score(folder, name, "4.gsd", "gsd") for name in ("model.skops", "averages.skops")]
    assert both[0]["pearson_pooled"] == pytest.approx(both[1]["pearson_pooled"], abs=1e-9)


def test_transfer_has_no_ceilings_of_averages(folder, tmp_path):
    for number in range(6):
        data = replace(labelled(number), temperature=0.3 if number < 3 else 0.4)
        write_glassbench(data, tmp_path / f"{number}.npz")
    result = run("transfer", tmp_path / "?.npz", "--format", "glassbench", "--time", 10,
                 "--descriptors", "cubuk2015", "--json", "--jobs", 1)  # fmt: skip
    assert result.exit_code == 0, result.output
    table = json.loads(result.stdout)
    assert table["noise_ceiling"] == [None, None]


def test_predictions_are_the_same_from_every_format(folder):
    predictions = {}
    suffixes = {"gsd": "gsd", "glassbench": "npz", "lammps": "dump", "extxyz": "xyz"}
    for file_format, suffix in suffixes.items():
        out = folder / f"predicted_{file_format}.npz"
        result = run("predict", folder / "model.skops", folder / f"4.{suffix}", "--format",
                     file_format, "--out", out, "--jobs", 1)  # fmt: skip
        assert result.exit_code == 0, result.output
        with np.load(out) as table:
            predictions[file_format] = table["displacement_predicted"]
    for values in predictions.values():
        np.testing.assert_allclose(values, predictions["gsd"], atol=1e-9)


def test_formats_without_labels_are_for_predictions_only(folder):
    result = run("fit", folder / "0.dump", "--format", "lammps", "--out", folder / "x.skops")
    assert result.exit_code == 2
    assert "lammps" in result.stderr


def test_every_format_is_a_choice_of_the_commands():
    for command, readers in (("score", READERS), ("predict", READERS | STRUCTURE_READERS)):
        text = run(command, "--help").stdout
        assert all(name in text for name in readers)
