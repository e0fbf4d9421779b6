"""Parts that readers of text files share."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from string import ascii_uppercase
from typing import TextIO

import numpy as np
from numpy.typing import NDArray

from ._errors import errors_name

# Of one line; a frame of particles has lines of some hundred characters.
_LONGEST_LINE = 1_000_000


class TextFile:
    """Lines of a text file, one after the other, with limits that the size of the file sets."""

    def __init__(self, file: TextIO, size: int) -> None:
        self._file = file
        self._size = size

    def first_lines(self) -> Iterator[str]:
        """Yield the first line of each frame, the rest of which must be read in between."""
        n_frames = 0
        while line := self._next():
            if line.strip():
                n_frames += 1
                yield line
        if not n_frames:
            raise ValueError("there are no frames in it")

    def line(self) -> str:
        """Return the next line; an EOFError if there is none."""
        line = self._next()
        if not line:
            raise EOFError("the file ends in the middle of a frame")
        return line

    def count(self, text: str) -> int:
        """Read a number of lines that follow, which the file must be large enough to hold."""
        count = int(text)
        if not 0 < count <= self._size:
            raise ValueError(f"{count} particles are claimed in a file of {self._size} bytes")
        return count

    def table(self, n_rows: int, n_columns: int) -> list[tuple[str, ...]]:
        """Read a table of words and return its columns."""
        rows = []
        for number in range(1, n_rows + 1):
            row = self.line().split()
            if len(row) != n_columns:
                raise ValueError(f"row {number} of a table has {len(row)} columns, not {n_columns}")
            rows.append(row)
        return list(zip(*rows, strict=True))

    def _next(self) -> str:
        line = self._file.readline(_LONGEST_LINE)
        if len(line) == _LONGEST_LINE:
            raise ValueError(f"a line has {_LONGEST_LINE} characters or more")
        return line


@contextmanager
def open_text(path: str | Path, format_name: str) -> Iterator[TextFile]:
    """Open a text file; whatever goes wrong within is an error that names it and its format.

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    ValueError
        For everything else.
    """
    with errors_name(path, f"{format_name} file"), open(path, encoding="utf-8") as file:
        yield TextFile(file, Path(path).stat().st_size)


def named_types(
    names: Sequence[str], species: Sequence[str] | None
) -> tuple[NDArray[np.int64], tuple[str, ...]]:
    """Turn names of species into types, in the order of `species` or, without it, of the names."""
    order = tuple(sorted(set(names)) if species is None else species)
    index = {name: number for number, name in enumerate(order)}
    unknown = sorted(set(names) - set(index))
    if unknown:
        raise ValueError(f"unknown species {unknown[0][:60]!r}; known are {', '.join(order)}")
    return np.array([index[name] for name in names], dtype=np.int64), order


def numbered_types(
    numbers: NDArray[np.int64], species: Sequence[str] | None
) -> tuple[NDArray[np.int64], tuple[str, ...]]:
    """Turn types counted from 1 into types from 0; their names are A, B, ... by default."""
    if numbers.min() < 1:
        raise ValueError(f"types count from 1, and there is a type {numbers.min()}")
    if species is None:
        if numbers.max() > len(ascii_uppercase):
            raise ValueError(f"there is a type {numbers.max()}; name the species of so many")
        species = ascii_uppercase[: numbers.max()]
    return numbers - 1, tuple(species)


def is_flat(heights: NDArray[np.float64]) -> bool:
    """Whether particles lie in one plane, as those of 2D systems in files with three coordinates.

    One particle alone does not tell; it is taken to be in 3D.
    """
    return len(heights) > 1 and bool((heights == heights[0]).all())
