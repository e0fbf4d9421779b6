"""A study of a system of one's own, through the command, from a working directory elsewhere."""

import json
import shutil
import subprocess
import sys

import pytest

OWN = """
from vitreous.liquid import KobAndersen2D

def obj():
    system = KobAndersen2D()
    system.name, system.density = "denser", 1.21
    return system
"""

STUDY = """
title = "Own"
seed = 1

[liquid]
system = "own.py:obj"
n_particles = 160
temperatures = [0.8, 0.6]
n_configurations = 4

[equilibration]
n_sweeps = 300
label_unequilibrated = true

[relaxation]
bond_breaking = 0.97
longest_time = 100.0

[ensemble]
n_replicas = 2
relative_times = [0.1, 1.0]

[models]
descriptors = "cubuk2015"
label = "displacement"
shown_times = [1.0]
n_splits = 2
"""


def vitreous(*arguments, cwd):
    """Run the command in a process whose working directory and locale are none to rely on."""
    command = "from vitreous.cli import main; main()"
    return subprocess.run(
        [sys.executable, "-c", command, *map(str, arguments)],
        capture_output=True,
        cwd=cwd,
    )


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    """Folder of a study that ran to its report; another ``own.py`` lies where it was started."""
    root = tmp_path_factory.mktemp("own")
    (root / "here").mkdir()
    (root / "elsewhere").mkdir()
    (root / "here" / "own.py").write_text(OWN)
    (root / "here" / "own.toml").write_text(STUDY)
    (root / "elsewhere" / "own.py").write_text("raise RuntimeError('not this one')")
    made = vitreous(
        "run", "../here/own.toml", "--folder", "../out", "-j", 1, cwd=root / "elsewhere"
    )
    assert made.returncode == 0, made.stderr.decode()
    return root / "out"


@pytest.mark.slow
def test_it_runs_to_its_report(finished):
    assert (finished / "figures" / "maps.png").exists()
    assert "denser" not in (finished / "results.json").read_text()
    assert len(json.loads((finished / "results.json").read_text())["states"]) == 2


@pytest.mark.slow
def test_its_report_is_written_again_from_the_folder_alone(finished, tmp_path):
    folder = shutil.copytree(finished, tmp_path / "moved")
    page = (folder / "report.html").read_bytes()
    (folder / "report.html").unlink()
    made = vitreous("report", "moved", cwd=tmp_path)
    assert made.returncode == 0, made.stderr.decode()
    assert (folder / "report.html").read_bytes() == page
