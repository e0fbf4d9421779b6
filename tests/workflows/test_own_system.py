"""A system of one's own, from its file to a fitted model."""

import numpy as np
from typer.testing import CliRunner

from vitreous.cli import app
from vitreous.datasets import LabelledConfiguration, write_gsd
from vitreous.dynamics import IsoconfigurationalLabels
from vitreous.liquid import get_system
from vitreous.models import load_model

SYSTEM = """
from scipy import stats
from vitreous.liquid import PolydispersePotential, PolydisperseSystem

repulsion = PolydispersePotential.from_function(lambda x: (1 - x) ** 2, cutoff=1.0, mixing=0.1)
discs = PolydisperseSystem(
    "discs of a file", stats.uniform(0.8, 0.4).ppf, density=0.9, dimensions=2, potential=repulsion
)
"""


def run(*arguments):
    return CliRunner(env={"COLUMNS": "200"}).invoke(app, [str(item) for item in arguments])


def test_command_line_learns_a_system_from_a_file(tmp_path):
    name = f"{tmp_path / 'discs.py'}:discs"
    (tmp_path / "discs.py").write_text(SYSTEM)
    system = get_system(name)
    rng = np.random.default_rng(1)
    for number in range(3):
        labels = IsoconfigurationalLabels([1.0], {"displacement": rng.random((2, 260, 1))}, 4)
        configuration = system.random_configuration(260, number)
        data = LabelledConfiguration(configuration, labels, system.name, 0.1, "made up")
        write_gsd(data, tmp_path / f"{number}.gsd")
    arguments = ["fit", tmp_path / "*.gsd", "--format", "gsd", "--out", tmp_path / "m.skops"]
    arguments += ["--model", "ridge"]
    unknown = run(*arguments, "--jobs", 1)
    assert unknown.exit_code == 2
    assert "unknown system 'discs of a file'" in " ".join(unknown.output.split())
    result = run("--system", name, *arguments, "--jobs", 1)
    assert result.exit_code == 0, result.output
    stored = load_model(tmp_path / "m.skops")
    assert stored.system == "discs of a file"
    predictions = stored.model.predict([system.random_configuration(260, 9)])
    assert np.isfinite(predictions).all()


def test_a_file_that_is_missing_is_one_line():
    result = run("--system", "nowhere.py:discs", "version")
    assert result.exit_code == 2
    assert "there is no file nowhere.py" in " ".join(result.output.split())
