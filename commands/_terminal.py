"""What commands say, all of it on stderr: messages, errors in one line, progress; how they stop."""

from __future__ import annotations

import io
import os
import signal
import sys
import tempfile
import threading
import time
import warnings
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from datetime import timedelta
from typing import NoReturn

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TaskID,
    TextColumn,
    TimeElapsedColumn,
)

messages = Console(stderr=True, markup=False, emoji=False, soft_wrap=True)

# A signal that follows the first within so many seconds repeats it: workers are being ended.
_SECONDS_TO_STOP = 10.0

_SECONDS_FOR_A_THREAD = 5.0

_SECONDS_BETWEEN_LINES = 60.0

_tracebacks = False


class Terminated(KeyboardInterrupt):
    """SIGTERM, by which batch systems stop a process; it ends a command as Ctrl-C does."""


def replace_missing_letters() -> None:
    """Print a question mark for a letter that the encoding of the terminal or file has not."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")


def show_tracebacks(wanted: bool) -> None:
    """Choose whether errors keep their tracebacks."""
    global _tracebacks
    _tracebacks = wanted


def refuse(error: Exception | str) -> NoReturn:
    """Say in one line what is wrong, and exit with code 2."""
    message = " ".join(_said(error).split())
    messages.print(f"vitreous: {message}", style="red", highlight=False)
    sys.exit(2)


def counted(number: int, thing: str) -> str:
    """Tell how many things there are.

    >>> counted(1, "configuration"), counted(2, "configuration")
    ('1 configuration', '2 configurations')
    """
    return f"{number} {thing}" if number == 1 else f"{number} {thing}s"


def _said(error: Exception | str) -> str:
    """Tell what an error says; the file comes first in those of the operating system, too."""
    if isinstance(error, OSError) and error.strerror:
        files = [str(name) for name in (error.filename, error.filename2) if name is not None]
        where = f"{' to '.join(files)}: " if files else ""
        return f"{where}{error.strerror[:1].lower()}{error.strerror[1:]}"
    return str(error) or type(error).__name__


@contextmanager
def errors_in_one_line(goes_on: bool = False) -> Iterator[None]:
    """Turn errors that a user can mend into one line and exit code 2, and stop when told to.

    Ctrl-C and SIGTERM end the worker processes and then the command, with exit codes 130 and 143.
    If stdout is closed before all is written, it ends with 141, as programs that SIGPIPE ends.

    Parameters
    ----------
    goes_on : bool
        Whether the same command, given again, goes on from where it was stopped.
    """
    try:
        with _termination_as_interrupt(), _notices_once():
            yield
            sys.stdout.flush()  # A full disk is told here, and not at the exit of the process.
    except BrokenPipeError:
        # Whoever read stdout has enough, such as `head`; what is left must not be written at exit.
        with suppress(OSError, ValueError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(141)
    except (ValueError, OSError, RuntimeError, ImportError, FloatingPointError) as error:
        if _tracebacks:
            raise
        refuse(error)
    except KeyboardInterrupt as interrupt:
        _end_workers()
        what_next = "goes on from here" if goes_on else "starts anew"
        messages.print(f"stopped; the same command {what_next}", highlight=False)
        sys.exit(143 if isinstance(interrupt, Terminated) else 130)


@contextmanager
def _termination_as_interrupt() -> Iterator[None]:
    """Raise `Terminated` at SIGTERM, in the main thread, which alone may say so.

    gsd before 5.0 installs a handler of its own when it is imported; that has to be over.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    heard = -_SECONDS_TO_STOP

    def terminate(number: int, frame: object) -> None:
        nonlocal heard
        repeated = time.monotonic() - heard < _SECONDS_TO_STOP
        heard = time.monotonic()
        if not repeated:
            raise Terminated

    before = signal.getsignal(signal.SIGTERM)
    import gsd  # noqa: F401

    signal.signal(signal.SIGTERM, terminate)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _end_workers() -> None:
    """Kill joblib's worker processes, whatever they are at.

    joblib does so if an exception interrupts it; it may also have been interrupted while it waited
    for its caller to take a result. The threads that sent tasks to workers own semaphores, and
    those that are cut off at the end of the process leave them behind.
    """
    module = sys.modules.get("joblib.externals.loky.reusable_executor")
    executor = getattr(module, "_executor", None)
    if executor is not None:
        executor.shutdown(wait=True, kill_workers=True)
    for thread in threading.enumerate():
        if thread.name == "QueueFeederThread":
            thread.join(_SECONDS_FOR_A_THREAD)


@contextmanager
def _notices_once() -> Iterator[None]:
    """Let what this process and its workers have to say of compilation come once."""
    from ..compiled.once import FOLDER

    with ExitStack() as stack:
        with suppress(OSError):
            folder = tempfile.TemporaryDirectory(prefix="vitreous-", ignore_cleanup_errors=True)
            os.environ[FOLDER] = stack.enter_context(folder)
            stack.callback(os.environ.pop, FOLDER)
        yield


@contextmanager
def warnings_in_one_line() -> Iterator[None]:
    """Hold warnings meant for users back, then tell each in one line."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", UserWarning)
        yield
    for warning in caught:
        messages.print(f"vitreous: warning: {warning.message}", style="yellow")


class ProgressBars(Progress):
    """How far the steps of a long task are: bars on a terminal, lines in a log file.

    A line comes when a step is done, and in between once a minute, also while nothing gets done.
    """

    def __init__(self) -> None:
        super().__init__(
            TextColumn("{task.description:42s}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            console=messages,
            disable=not messages.is_terminal,
        )
        self._steps: dict[str, TaskID] = {}
        self._began: dict[str, tuple[float, int]] = {}
        self._latest: dict[str, tuple[float, int]] = {}
        self._last_line = -_SECONDS_BETWEEN_LINES
        self._current: tuple[str, int, int] | None = None
        self._stopped = threading.Event()
        self._telling = threading.Lock()

    def start(self) -> None:
        """Begin to show what is told."""
        super().start()
        if self.disable:
            threading.Thread(target=self._keep_telling, daemon=True).start()

    def stop(self) -> None:
        """Show no more."""
        self._stopped.set()
        super().stop()

    def __call__(self, step: str, done: int, total: int) -> None:
        """Show how far a step is."""
        if self.disable:
            with self._telling:
                self._current = step, done, total
                self._tell(step, done, total)
            return
        if step not in self._steps:
            self._steps[step] = self.add_task(step, total=total or None)
        self.update(self._steps[step], completed=done)

    def _keep_telling(self) -> None:
        """Repeat how far the current step is, for those who wait and would think that it hangs."""
        while not self._stopped.wait(_SECONDS_BETWEEN_LINES / 4):
            with self._telling:
                if self._current is not None and not self._stopped.is_set():
                    step, done, total = self._current
                    if done < total or not total:
                        self._tell(step, done, total)

    def _tell(self, step: str, done: int, total: int) -> None:
        if not done and not total:
            return
        now = time.monotonic()
        began, done_before = self._began.setdefault(step, (now, done))
        if step not in self._latest or self._latest[step][1] != done:
            self._latest[step] = now, done
        if (done < total or not total) and now - self._last_line < _SECONDS_BETWEEN_LINES:
            return
        self._last_line = now
        line = f"{step}: {done} of {total}" if total else f"{step}: {done} done"
        if done < total:
            line += f", {total - done} left"
        latest, _ = self._latest[step]
        left = 0.0
        if done_before < done < total:
            # Since then nothing was done: what is left has not become more by waiting.
            left = (latest - began) / (done - done_before) * (total - done) - (now - latest)
        if left > 0:
            line += f", about {timedelta(seconds=round(left))}"
        elif done < total and now - began >= _SECONDS_BETWEEN_LINES:
            line += f", for {timedelta(seconds=round(now - began))} so far"
        messages.print(line, highlight=False)
