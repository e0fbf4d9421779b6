"""What commands say, all of it on stderr: messages, errors in one line, progress bars."""

from __future__ import annotations

import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager

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


@contextmanager
def errors_in_one_line() -> Iterator[None]:
    """Turn errors that a user can mend into one line and exit code 2."""
    try:
        yield
    except (ValueError, OSError, RuntimeError) as error:
        message = " ".join(str(error).split())
        messages.print(f"vitreous: {message}", style="red", highlight=False)
        sys.exit(2)
    except KeyboardInterrupt:
        messages.print("stopped; the same command goes on from here", highlight=False)
        sys.exit(130)


@contextmanager
def warnings_in_one_line() -> Iterator[None]:
    """Hold warnings meant for users back, then tell each in one line."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", UserWarning)
        yield
    for warning in caught:
        messages.print(f"vitreous: warning: {warning.message}", style="yellow")


class ProgressBars(Progress):
    """One bar for each step of a long task."""

    def __init__(self) -> None:
        super().__init__(
            TextColumn("{task.description:42s}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            console=messages,
        )
        self._steps: dict[str, TaskID] = {}

    def show(self, step: str, done: int, total: int) -> None:
        """Show how far a step is."""
        if step not in self._steps:
            self._steps[step] = self.add_task(step, total=total)
        self.update(self._steps[step], completed=done)
