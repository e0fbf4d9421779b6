"""The command as a user starts it: on a terminal, and in a job that has none."""

import json
import os
import re
import subprocess
import sys

import numpy as np
import pytest
from typer.testing import CliRunner

from vitreous.cli import app
from vitreous.datasets import LabelledConfiguration, write_gsd
from vitreous.dynamics import IsoconfigurationalLabels
from vitreous.liquid import KobAndersen2D

pty = pytest.importorskip("pty", reason="pseudo-terminals are of Unix")

COMMAND = [sys.executable, "-c", "from vitreous.cli import main; main()"]
OPTIONS = ["--jobs", "1"]
SETTINGS = ["--descriptors", "cubuk2015"]
LINES = {"read: 0 of 1, 1 left", "read: 1 of 1", "describe: 3 of 3"}
ONE_THREAD = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "NUMBA_NUM_THREADS": "1"}
NOTICE = "Compiling numerical kernels"


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Four configurations whose labels are their places."""
    folder = tmp_path_factory.mktemp("data")
    for number in range(4):
        configuration = KobAndersen2D().random_configuration(160, number)
        halves = np.stack([abs(configuration.positions[:, :1])] * 2)
        labels = IsoconfigurationalLabels([10.0], {"displacement": halves}, 4)
        data = LabelledConfiguration(configuration, labels, "KA2D", 0.4, "")
        write_gsd(data, folder / f"{number}.gsd")
    return folder


@pytest.fixture(scope="module")
def model(folder):
    """Name of a model of three of them, made in this process."""
    files, made = str(folder / "[0-2].gsd"), str(folder / "made.skops")
    result = CliRunner().invoke(app, ["fit", files, "--out", made, *SETTINGS, *OPTIONS])
    assert result.exit_code == 0, result.stderr
    assert set(result.stderr.splitlines()) >= LINES
    return "made.skops"


def in_a_job(folder, *arguments):
    """What a command without a terminal writes."""
    done = subprocess.run(
        [*COMMAND, *arguments], cwd=folder, capture_output=True, text=True,
        env=os.environ | ONE_THREAD,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout, done.stderr


def on_a_terminal(folder, *arguments):
    """What a command writes on stdout, a file, and on stderr, a terminal of 80 columns."""
    ours, theirs = pty.openpty()
    environment = os.environ | ONE_THREAD | {"TERM": "xterm", "COLUMNS": "80"}
    environment.pop("NO_COLOR", None)
    with subprocess.Popen(
        [*COMMAND, *arguments], cwd=folder, stdout=subprocess.PIPE, stderr=theirs, text=True,
        env=environment,
    ) as process:  # fmt: skip
        os.close(theirs)
        shown = b""
        while True:
            try:
                part = os.read(ours, 4096)
            except OSError:  # the other end is closed
                break
            if not part:
                break
            shown += part
        output = process.stdout.read()
    os.close(ours)
    assert process.returncode == 0, shown
    return output, shown.decode()


@pytest.mark.slow
def test_progress_is_lines_in_a_job(folder):
    fit = ["fit", "[0-2].gsd", "--out", "model.skops", *SETTINGS, *OPTIONS]
    output, messages = in_a_job(folder, *fit)
    assert output == ""
    assert "\x1b" not in messages
    assert "\r" not in messages
    lines = messages.splitlines()
    assert set(lines) >= LINES
    assert messages.count(NOTICE) <= 1
    assert "trained on 3 configurations" in lines[-1]


def test_progress_is_bars_on_a_terminal(folder, model):
    predict = ["predict", model, "3.gsd", "--plot", "map.png", "--out", "3.csv", *OPTIONS]
    output, messages = on_a_terminal(folder, *predict)
    assert output == ""
    assert "\x1b[" in messages
    assert re.search(r"predict .*1/", messages)
    assert messages.count(NOTICE) <= 1
    assert re.search(r"predicted displacement in 1 configuration\s", messages)
    assert (folder / "map.png").read_bytes().startswith(b"\x89PNG")


@pytest.mark.slow
def test_scores_alone_are_on_stdout_of_a_terminal(folder, model):
    output, messages = on_a_terminal(folder, "score", model, "3.gsd", "--json", *OPTIONS)
    assert set(json.loads(output)["types"]) == {"A", "B", "C"}
    assert re.search(r"read .*1/1", messages)


def test_help_fits_a_terminal_of_80_columns(folder):
    output, _ = on_a_terminal(folder, "fit", "-h")
    assert max(map(len, output.splitlines())) <= 80
    assert "Example: vitreous fit" in output
