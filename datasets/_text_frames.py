"""Going through the frames of a text file, one in memory at a time."""

from __future__ import annotations

import warnings
from collections.abc import Generator, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from ._ahead import read_ahead
from ._errors import errors_name
from ._frame_choice import FrameChoice, NothingChosen
from ._frames import Frame, Reading, structure_of
from ._text import TextFile
from .items import Structure


@dataclass(frozen=True)
class Head:
    """What stands above the particles of a frame.

    Attributes
    ----------
    n_particles : int
        Rows that follow.
    step : int or None
    time : float
        NaN if unknown.
    """

    n_particles: int
    step: int | None
    time: float


class Layout(Protocol):
    """How frames of a text format are read."""

    name: str

    def head(self, file: TextFile, line: str) -> Any:
        """Read what stands above the particles; its first line was read before."""

    def body(self, file: TextFile, head: Any) -> Frame:
        """Read the particles."""

    def called(self, number: int, head: Any) -> str:
        """Name a frame in messages and sources."""


def text_structures(path: str | Path, reading: Reading, layout: Layout) -> Iterator[Structure]:
    """Read the chosen frames of a text file, one after the other.

    A last frame that was cut off is left out with a warning; a first one is an error.
    """
    kind = f"{layout.name} file"
    choice = reading.frames
    if choice.counts_from_the_end:
        with errors_name(path, kind):
            n_frames = _count_frames(path, layout)
        choice = choice.of_length(n_frames)
        if choice.is_over(0):
            raise NothingChosen(path, n_frames)
    for frame, number, source in read_ahead(_frames(path, kind, reading, choice, layout)):
        with errors_name(path, kind, f"frame {number}" if number else None):
            structure = structure_of(frame, reading, str(path), number, source)
        yield structure


def _frames(
    path: str | Path, kind: str, reading: Reading, choice: FrameChoice, layout: Layout
) -> Generator[tuple[Frame, int, str], None, None]:
    """Read the chosen frames, their numbers, and what to call them."""
    with errors_name(path, kind):
        file = TextFile(path)
    with file:
        number, n_taken = 0, 0
        while not choice.is_over(number):
            place = f"frame {number}" if number else None
            with errors_name(path, kind, place):
                try:
                    if (line := file.next_line()) is None:
                        if not number:
                            raise ValueError("there are no frames in it")
                        break
                    head = layout.head(file, line)
                    time = reading.time(head.step, head.time)
                    taken = choice.takes(number) and choice.takes_time(time)
                    if taken:
                        frame = layout.body(file, head)
                    else:
                        file.skip(head.n_particles)
                    if number and file.ends_in_a_line:
                        raise EOFError("the last line has no end")
                except (EOFError, ValueError) as error:
                    if number and (isinstance(error, EOFError) or file.ends_in_a_line):
                        _warn_of_end(path, number, error)
                        break
                    raise
                if taken:
                    only = number == 0 and file.is_at_end()
            if taken:
                n_taken += 1
                yield frame, number, f"{path}" if only else f"{path}, {layout.called(number, head)}"
            number += 1
    if not n_taken:
        raise NothingChosen(path, number)


def _count_frames(path: str | Path, layout: Layout) -> int:
    """Count the whole frames."""
    number = 0
    with TextFile(path) as file:
        try:
            while (line := file.next_line()) is not None:
                file.skip(layout.head(file, line).n_particles)
                if number and file.ends_in_a_line:
                    break
                number += 1
        except (EOFError, ValueError) as error:
            if not (number and (isinstance(error, EOFError) or file.ends_in_a_line)):
                raise
    return number


def _warn_of_end(path: str | Path, number: int, error: Exception) -> None:
    warnings.warn(
        f"{path}: frame {number} is cut off ({error}) and left out; the {number} before are whole",
        UserWarning,
        stacklevel=3,
    )
