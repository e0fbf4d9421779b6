"""How commands end when they are told to stop: soon, with all their workers, and in one line."""

import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from importlib import import_module
from pathlib import Path

import pytest

from vitreous.commands._terminal import errors_in_one_line
from vitreous.simulate.hoomd_blue import import_hoomd

CAMPAIGN = """
title = "Slow"
seed = 1

[liquid]
system = "KA2D"
n_particles = 100
temperatures = [2.0]
n_configurations = 4

[equilibration]
n_sweeps = 100_000_000

[relaxation]
bond_breaking = 0.97
longest_time = 100.0

[ensemble]
n_replicas = 2
relative_times = [0.1, 1.0]
"""

COMMAND = [sys.executable, "-c", "from vitreous.cli import main; main()"]


def processes():
    """Parent and seconds of processor time of each process, by its number."""
    found = {}
    for entry in Path("/proc").iterdir():
        with suppress(OSError):
            if entry.name.isdigit():
                fields = (entry / "stat").read_text(encoding="utf-8").rpartition(")")[2].split()
                if fields[0] != "Z":
                    seconds = (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
                    found[int(entry.name)] = int(fields[1]), seconds
    return found


def descendants(pid):
    """Processes below one, by number, with the seconds of processor time that each has taken."""
    everything = processes()
    parents = {number: parent for number, (parent, _) in everything.items()}
    found = {pid}
    while more := {child for child, parent in parents.items() if parent in found} - found:
        found |= more
    return {child: everything[child][1] for child in found - {pid}}


def wait_until(condition, seconds):
    deadline = time.monotonic() + seconds
    while not condition() and time.monotonic() < deadline:
        time.sleep(0.2)
    return condition()


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="needs /proc, which Linux has")
@pytest.mark.parametrize(
    ("number", "status", "jobs", "to_all"),
    [
        pytest.param(signal.SIGTERM, 143, 2, True, id="SIGTERM to its workers as well"),
        *(
            pytest.param(*case, marks=pytest.mark.slow)
            for case in [
                (signal.SIGINT, 130, 1, False),
                (signal.SIGTERM, 143, 1, False),
                (signal.SIGINT, 130, 2, True),
                (signal.SIGTERM, 143, 2, False),
                (signal.SIGINT, 130, 2, False),
            ]
        ),
    ],
)
def test_signals_end_a_campaign_and_its_workers(tmp_path, number, status, jobs, to_all):
    (tmp_path / "slow.toml").write_text(CAMPAIGN, encoding="utf-8")
    process = subprocess.Popen(
        [*COMMAND, "simulate", "slow.toml", "-o", "campaign", "-j", str(jobs)],
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        encoding="utf-8",
        start_new_session=True,
    )

    def is_at_work():
        workers = descendants(process.pid)
        busy = sum(seconds > 5 for seconds in workers.values()) if jobs > 1 else jobs
        return process.poll() is not None or (
            busy >= jobs and (jobs > 1 or any((tmp_path / "campaign").glob("workspace/*")))
        )

    try:
        assert wait_until(is_at_work, 300)
        if jobs == 1:
            time.sleep(3)
        assert process.poll() is None, process.stderr.read()
        there = descendants(process.pid)
        (os.killpg if to_all else os.kill)(process.pid, number)
        printed, said = process.communicate(timeout=20)
        gone = wait_until(lambda: not there.keys() & processes(), 5)
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
    assert process.returncode == status, said
    assert gone, "processes are left behind"
    assert printed == ""
    assert "leaked" not in said
    assert "Traceback" not in said
    assert said.splitlines()[-1] == "stopped; the same command goes on from here"
    assert len(said.splitlines()) <= 3  # with progress, and the notice of compilation


@pytest.mark.parametrize(
    ("library", "import_it"), [("hoomd", import_hoomd), ("gsd", lambda: import_module("gsd"))]
)
def test_handler_of_another_library_does_not_win(tmp_path, monkeypatch, library, import_it):
    """HOOMD-blue before 6.1 and gsd before 5.0 install one when they are imported."""
    (tmp_path / f"{library}.py").write_text(
        "import signal\n"
        "class version:\n    version = '5.0.0'\n    floating_point_precision = (64, 64)\n"
        "signal.signal(signal.SIGTERM, lambda number, frame: None)\n",
        encoding="utf-8",
    )
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setitem(sys.modules, library, None)  # so that what was imported comes back
    del sys.modules[library]
    before = signal.getsignal(signal.SIGTERM)

    def work():
        assert Path(import_it().__file__).parent == tmp_path
        os.kill(os.getpid(), signal.SIGTERM)
        time.sleep(5)

    with pytest.raises(SystemExit) as stopped, errors_in_one_line():
        work()
    assert stopped.value.code == 143
    assert signal.getsignal(signal.SIGTERM) is before


@pytest.mark.parametrize(("goes_on", "said"), [(True, "goes on from here"), (False, "starts anew")])
def test_what_the_same_command_does_next_is_true(goes_on, said, capsys):
    with pytest.raises(SystemExit) as stopped, errors_in_one_line(goes_on):
        raise KeyboardInterrupt
    assert stopped.value.code == 130
    assert capsys.readouterr().err == f"stopped; the same command {said}\n"
