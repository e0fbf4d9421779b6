"""What all commands say of errors and of options that cannot be."""

import pytest
from typer.testing import CliRunner

from vitreous.cli import app
from vitreous.commands._terminal import errors_in_one_line
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
