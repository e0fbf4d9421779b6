"""When, how long and with what a study was run, for the end of its page."""

from __future__ import annotations

import json
import platform
import shlex
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from joblib import effective_n_jobs

from .._version import __version__
from ..storage.atomic import atomic_path
from ..storage.json_text import to_json

SESSIONS = "sessions.json"
"""Name of the record in the folder of a study."""

_PACKAGES = ("numpy", "scipy", "numba", "scikit-learn", "freud-analysis", "hoomd")


@contextmanager
def recorded(folder: Path, settings_file: Path, n_jobs: int) -> Iterator[None]:
    """Add to the record of a folder what is done inside, also if it is stopped."""
    began, clock = datetime.now().astimezone(), time.monotonic()
    try:
        yield
    finally:
        session = {
            "began": began.isoformat(timespec="seconds"),
            "seconds": round(time.monotonic() - clock, 1),
            "n_workers": effective_n_jobs(n_jobs),
            "command": run_command(settings_file, folder),
            "versions": _versions(),
        }
        sessions = [*_read(folder), session]
        with atomic_path(folder / SESSIONS) as partial:
            partial.write_text(to_json(sessions, indent=1) + "\n", encoding="utf-8")


def run_command(settings_file: Path, folder: Path) -> str:
    """Command that runs a study; packaged ones go by their name."""
    packaged = settings_file.resolve().parent == Path(__file__).resolve().parent
    study = settings_file.stem if packaged else str(settings_file)
    return shlex.join(["vitreous", "run", study, "--folder", str(folder)])


def made(folder: Path) -> dict[str, str] | None:
    """Say when, in how long and with what a study was run; None if it was not."""
    sessions = _read(folder)
    if not sessions:
        return None
    last = sessions[-1]
    seconds = sum(session["seconds"] for session in sessions)
    workers = sorted({session["n_workers"] for session in sessions})
    return {
        "date": last["began"][:10],
        "duration": str(timedelta(seconds=round(seconds))),
        "sessions": "one session" if len(sessions) == 1 else f"{len(sessions)} sessions",
        "workers": " or ".join(map(str, workers)),
        "command": last["command"],
        "versions": ", ".join(f"{name} {number}" for name, number in last["versions"].items()),
    }


def _read(folder: Path) -> list[dict[str, Any]]:
    path = folder / SESSIONS
    return json.loads(path.read_text(encoding="utf-8")) if path.is_file() else []


def _versions() -> dict[str, str]:
    found = {"vitreous": __version__, "Python": platform.python_version()}
    for name in _PACKAGES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found
