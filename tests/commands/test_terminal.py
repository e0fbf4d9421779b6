"""What all commands say of progress, errors, and options that cannot be."""

import os
import subprocess
import sys
import time

import pytest
from typer.testing import CliRunner

from vitreous.cli import app
from vitreous.commands import _terminal
from vitreous.commands._terminal import ProgressBars, errors_in_one_line
from vitreous.compiled.once import FOLDER, is_first_to_say
from vitreous.models import mlp


def run(*arguments):
    return CliRunner(env={"COLUMNS": "200"}).invoke(app, [str(item) for item in arguments])


@pytest.mark.parametrize(
    "error",
    [
        ValueError("wrong value"),
        OSError("no file"),
        RuntimeError("did not work"),
        ImportError("not installed"),
        FloatingPointError("the energy\nis not finite"),
    ],
    ids=lambda error: type(error).__name__,
)
def test_errors_are_one_line_and_exit_code_2(error, capsys):
    with pytest.raises(SystemExit) as stopped, errors_in_one_line():
        raise error
    assert stopped.value.code == 2
    assert capsys.readouterr().err == f"vitreous: {' '.join(str(error).split())}\n"


def test_errors_of_the_system_begin_with_the_file(tmp_path, capsys):
    for fault, said in (
        (
            lambda: (tmp_path / "none").read_text(),
            f"vitreous: {tmp_path / 'none'}: no such file or direc",
        ),
        (
            lambda: os.link(tmp_path / "a", tmp_path / "b"),
            f"{tmp_path / 'a'} to {tmp_path / 'b'}: no",
        ),
        (lambda: os.read(os.open(tmp_path, os.O_RDONLY), 1), "vitreous: is a directory"),
    ):
        with pytest.raises(SystemExit), errors_in_one_line():
            fault()
        assert said in capsys.readouterr().err


@pytest.mark.parametrize("n_lines", [1, 100_000])
def test_a_reader_that_leaves_ends_a_command_quietly(n_lines):
    """As `head` does; nothing is said of it, not at the exit of the process either."""
    code = (
        "import sys\n"
        "from vitreous.commands._terminal import errors_in_one_line\n"
        "with errors_in_one_line():\n"
        "    sys.stdin.read()\n"
        f"    for _ in range({n_lines}):\n"
        "        print('a line')\n"
    )
    pipes = dict.fromkeys(("stdin", "stdout", "stderr"), subprocess.PIPE)
    with subprocess.Popen([sys.executable, "-c", code], **pipes) as process:
        process.stdout.close()
        process.stdin.close()
        assert process.stderr.read() == b""
        assert process.wait() == 141


def test_faults_of_the_program_keep_their_traceback():
    with pytest.raises(KeyError), errors_in_one_line():
        raise KeyError("internal")


def test_debug_shows_tracebacks(tmp_path):
    arguments = ["report", str(tmp_path)]
    shown = run("--debug", *arguments)
    assert isinstance(shown.exception, FileNotFoundError)
    assert run(*arguments).stderr.startswith("vitreous: ")


COMMANDS = {
    "run": ["study.toml"],
    "simulate": ["campaign.toml"],
    "fit": ["a.gsd", "--format", "gsd", "--out", "model.skops"],
    "score": ["model.skops", "a.gsd", "--format", "gsd"],
    "predict": ["model.skops", "a.gsd", "--format", "gsd", "--out", "a.npz"],
    "transfer": ["a.gsd", "--format", "gsd"],
}


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("jobs", ["0", "-5", "1.5", "many"])
def test_wrong_numbers_of_jobs_are_refused_in_one_line(command, jobs):
    result = run(command, *COMMANDS[command], "-j", jobs)
    assert result.exit_code == 2
    assert result.stdout == ""
    (line,) = result.stderr.splitlines()
    assert line.startswith("vitreous: --jobs must be")
    assert line.endswith(f"not {jobs}")


@pytest.mark.parametrize("command", ["fit", "transfer"])
def test_networks_without_torch_are_refused_before_any_work(command, monkeypatch):
    monkeypatch.setattr(mlp, "find_spec", lambda name: None)
    result = run(command, *COMMANDS[command], "--model", "mlp")
    assert result.exit_code == 2
    (line,) = result.stderr.splitlines()
    assert "`pip install torch`" in line
    assert '`pip install ".[mlp]"`' in line


@pytest.fixture
def clock(monkeypatch):
    now = [1000.0]
    monkeypatch.setattr(_terminal.time, "monotonic", lambda: now[0])
    return now


def lines(capsys):
    return capsys.readouterr().err.splitlines()


def test_progress_without_a_terminal_is_a_line_a_minute_and_the_last(clock, capsys):
    with ProgressBars() as progress:
        progress("quench", 0, 10)
        assert lines(capsys) == ["quench: 0 of 10, 10 left"]
        for done in range(1, 10):
            clock[0] += 25
            progress("quench", done, 10)
        assert lines(capsys) == [
            "quench: 3 of 10, 7 left, about 0:02:55",
            "quench: 6 of 10, 4 left, about 0:01:40",
            "quench: 9 of 10, 1 left, about 0:00:25",
        ]
        clock[0] += 1
        progress("quench", 10, 10)
        assert lines(capsys) == ["quench: 10 of 10"]
    assert lines(capsys) == []


def test_a_line_comes_each_minute_while_nothing_gets_done(monkeypatch, capsys):
    monkeypatch.setattr(_terminal, "_SECONDS_BETWEEN_LINES", 0.2)
    with ProgressBars() as progress:
        progress("label", 0, 8)
        time.sleep(0.7)
        progress("label", 8, 8)
        time.sleep(0.7)
    told = lines(capsys)
    assert told[0] == "label: 0 of 8, 8 left"
    assert 1 <= len(told[1:-1]) <= 4
    assert set(told[1:-1]) <= {f"label: 0 of 8, 8 left, for 0:00:0{s} so far" for s in (0, 1)}
    assert told[-1] == "label: 8 of 8"
    time.sleep(0.5)
    assert lines(capsys) == []


def test_progress_towards_an_unknown_end_is_a_line_a_minute(clock, capsys):
    progress = ProgressBars()
    for done in range(0, 12, 4):
        progress("predict", done, 0)
    clock[0] += 61
    progress("predict", 12, 0)
    assert lines(capsys) == ["predict: 4 done", "predict: 12 done"]


def test_time_left_does_not_count_what_was_done_before(clock, capsys):
    progress = ProgressBars()
    progress("label", 6, 8)
    clock[0] += 100
    progress("label", 7, 8)
    assert lines(capsys) == ["label: 6 of 8, 2 left", "label: 7 of 8, 1 left, about 0:01:40"]


def test_time_left_does_not_grow_while_one_waits(clock, capsys):
    progress = ProgressBars()
    progress("fit", 0, 3)
    for seconds, done in ((100, 1), (70, 1), (70, 1), (70, 1)):
        clock[0] += seconds
        progress("fit", done, 3)
    assert lines(capsys) == [
        "fit: 0 of 3, 3 left",
        "fit: 1 of 3, 2 left, about 0:03:20",
        "fit: 1 of 3, 2 left, about 0:02:10",
        "fit: 1 of 3, 2 left, about 0:01:00",
        "fit: 1 of 3, 2 left, for 0:05:10 so far",
    ]


def test_compilation_is_said_by_one_process_of_a_command():
    code = "from vitreous.compiled.once import *; print(is_first_to_say('compilation'))"
    with errors_in_one_line():
        said = [
            subprocess.check_output([sys.executable, "-c", code], text=True, encoding="utf-8")
            for _ in range(2)
        ]
    assert said == ["True\n", "False\n"]
    assert FOLDER not in os.environ
    assert is_first_to_say("compilation")
    assert is_first_to_say("compilation")
