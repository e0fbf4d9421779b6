"""Lines and tables of text files of any size, compressed or not."""

from __future__ import annotations

import re
import zlib
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from lzma import LZMAError
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from . import _table_kernels as kernels
from ._errors import Refused
from ._paths import is_compressed, open_bytes

# Of one line; a frame of particles has lines of some hundred characters.
_LONGEST_LINE = 1_000_000

_BLOCK = 2**20

_END_OF_LINE = ord("\n")

# With these, Windows programs begin text in UTF-8 and in UTF-16.
_MARK = b"\xef\xbb\xbf"
_MARKS_OF_UTF16 = (b"\xff\xfe", b"\xfe\xff")

# Rows for which room is made before any of them is read.
_FIRST_ROWS = 8192

# Bytes that xz makes of one at the most, about; gzip and bzip2 make fewer.
_LARGEST_RATIO = 10_000

# As Fortran writes exponents: with D, or without a letter if they have three digits.
_FORTRAN = re.compile(r"([0-9.])[dD]?([+-]\d+)$|([0-9.])[dD](\d+)$")


@dataclass(frozen=True)
class Words:
    """A column of words: the different ones, and the place of each row's among them.

    Attributes
    ----------
    codes : ndarray, shape (N,), int
    names : tuple of str
        No two are the same, and all occur.
    """

    codes: NDArray[np.int32]
    names: tuple[str, ...]

    @classmethod
    def of(cls, values: Sequence[str] | NDArray[Any]) -> Words:
        """Sort out the words of a sequence."""
        names, codes = np.unique(np.asarray(values, dtype=str), return_inverse=True)
        return cls(codes.astype(np.int32), tuple(str(name) for name in names))


def require_utf8(head: bytes) -> None:
    """Refuse text that begins as UTF-16 does.

    Raises
    ------
    Refused
    """
    if head.startswith(_MARKS_OF_UTF16):
        raise Refused("its text is UTF-16, as Windows programs write it; save it as UTF-8")


class TextFile:
    """Lines and tables of a text file, one after the other; memory for one table at a time.

    Parameters
    ----------
    path : str or Path
        Of plain text, or text compressed by gzip, bzip2 or xz, in UTF-8.
    """

    def __init__(self, path: str | Path) -> None:
        self._size = Path(path).stat().st_size * (_LARGEST_RATIO if is_compressed(path) else 1)
        self._file = open_bytes(path)
        self._data = np.empty(_BLOCK, dtype=np.uint8)
        self._known = np.empty((kernels.MOST_WORDS, kernels.LONGEST_WORD + 1), dtype=np.uint8)
        self._start = self._stop = 0
        self._exhausted = False
        self._broken = False
        self.ends_in_a_line = False
        try:
            self._more()
            head = self._data[: min(self._stop, len(_MARK))].tobytes()
            require_utf8(head)
            self._start = len(_MARK) if head == _MARK else 0
        except ValueError:
            self._file.close()
            raise

    def __enter__(self) -> TextFile:
        return self

    def __exit__(self, *exception: object) -> None:
        self._file.close()

    def line(self) -> str:
        """Return the next line.

        Raises
        ------
        EOFError
            If there is none.
        """
        checked = 0
        while (length := self._line_length(checked)) is None:
            checked = self._stop - self._start
            if checked >= _LONGEST_LINE:
                raise ValueError(f"a line has {_LONGEST_LINE} characters or more")
            if not self._more():
                if not checked:
                    raise EOFError("the file ends in the middle of a frame")
                self.ends_in_a_line = True
                length = checked
                break
        text = self._data[self._start : self._start + length].tobytes().decode("utf-8")
        self._start += length
        return text

    def next_line(self) -> str | None:
        """Return the next line that is not blank; None at the end of the file."""
        while True:
            try:
                line = self.line()
            except EOFError:
                if self._broken:
                    raise
                return None
            if line.strip():
                return line

    def is_at_end(self) -> bool:
        """Whether nothing but blanks follows."""
        while True:
            rest = self._data[self._start : self._stop]
            text = rest > ord(" ")
            if text.any():
                self._start += int(text.argmax())
                return False
            self._start = self._stop
            if not self._more():
                return not self._broken

    def count(self, text: str) -> int:
        """Read a number of lines that follow, which the file must be large enough to hold."""
        try:
            count = int(text)
        except ValueError:
            raise ValueError(
                f"{text[:60].strip()!r} is no number of particles; one line less or more than the "
                "number before, in this frame or the last, shifts all"
            ) from None
        if not 0 < count <= self._size:
            raise ValueError(f"{count} particles are claimed in a file of {self._size} bytes")
        return count

    def numbers(self, count: int) -> list[float]:
        """Read the numbers of the next line, which must be so many."""
        words = self.line().split()
        if len(words) != count:
            raise ValueError(f"{len(words)} numbers in {' '.join(words)[:60]!r}, not {count}")
        return [number(word, "a line") for word in words]

    def words(self) -> list[str]:
        """Return the words of the next line, and leave it to be read."""
        ends = self.ends_in_a_line
        line = self.line()
        self._start -= len(line.encode())
        self.ends_in_a_line = ends
        return line.split()

    def skip(self, n_rows: int) -> None:
        """Pass over lines.

        Raises
        ------
        EOFError
            If the file ends before.
        """
        missing, unended = n_rows, False
        while missing:
            window = self._data[self._start : min(self._stop, self._start + 64 * missing)]
            ends = np.flatnonzero(window == _END_OF_LINE)
            if len(ends) >= missing:
                self._start += int(ends[missing - 1]) + 1
                return
            if len(window):
                missing -= len(ends)
                self._start += len(window)
                unended = window[-1] != _END_OF_LINE
            elif not self._more():
                if missing == 1 and unended:
                    self.ends_in_a_line = True
                    return
                raise EOFError(f"the file ends in the middle of a frame, {missing} lines early")

    def table(
        self, n_rows: int, numbers: Sequence[int], words: Sequence[int], n_columns: int
    ) -> tuple[NDArray[np.float64], list[Words]]:
        """Read a table.

        Parameters
        ----------
        n_rows : int
        numbers, words : sequence of int
            Which columns to read as numbers and as words; others are passed over.
        n_columns : int
            How many columns each row must have.

        Returns
        -------
        numbers : ndarray, shape (n_rows, len(numbers)), float64
        words : list of Words

        Raises
        ------
        EOFError
            If the file ends before.
        ValueError
            If a row has another number of columns, or a number is none.
        """
        kinds = np.full(n_columns, kernels.SKIP, dtype=np.int8)
        kinds[list(numbers)] = kernels.NUMBER
        kinds[list(words)] = kernels.WORD
        places = np.zeros(n_columns, dtype=np.int64)
        for columns in (numbers, words):
            places[list(columns)] = np.arange(len(columns))
        room = min(n_rows, _FIRST_ROWS)
        values = np.empty((room, len(numbers)))
        codes = np.empty((room, len(words)), dtype=np.int32)
        hard = np.empty((64 * max(1, len(numbers)), 4), dtype=np.int64)
        done = n_known = 0
        while done < n_rows:
            if done == len(values):
                more = min(n_rows, 2 * len(values)) - len(values)
                values = np.concatenate([values, np.empty((more, values.shape[1]))])
                codes = np.concatenate([codes, np.empty((more, codes.shape[1]), dtype=np.int32)])
            status, position, n_read, n_known, n_hard, column = kernels.read_rows(
                self._data,
                self._start,
                self._stop,
                self._exhausted,
                len(values) - done,
                kinds,
                places,
                values[done:],
                codes[done:],
                self._known,
                n_known,
                hard,
            )
            for row, place, first, last in hard[:n_hard].tolist():
                word = self._data[first:last].tobytes().decode("utf-8")
                values[done + row, place] = number(word, f"row {done + row + 1} of a table")
            done += n_read
            progressed = position > self._start
            self._start = position
            if status == kernels.ROW:
                self._wrong_row(done + 1, n_columns, column)
            if status == kernels.WORDS:
                raise ValueError(
                    f"column {column + 1} holds a word of more than {kernels.LONGEST_WORD} bytes, "
                    f"or more than {kernels.MOST_WORDS} different words"
                )
            if status == kernels.MORE and not progressed:
                if self._stop - self._start > _LONGEST_LINE:
                    raise ValueError(f"a line has {_LONGEST_LINE} characters or more")
                ended = self._exhausted
                if not self._more() and (ended or self._start == self._stop):
                    raise EOFError(
                        f"the file ends in the middle of a frame, after {done} of {n_rows} rows"
                    )
        if self._exhausted and self._start == self._stop:
            self.ends_in_a_line = bool(self._data[self._stop - 1] != _END_OF_LINE)
        return values, _words(codes, self._known, n_known)

    def _wrong_row(self, number: int, n_columns: int, found: int) -> None:
        if found < 0:
            raise ValueError(f"row {number} of a table holds bytes that are no text")
        reason = f"row {number} of a table has {found} columns, not {n_columns}"
        if self._exhausted and _END_OF_LINE not in self._data[self._start : self._stop]:
            raise EOFError(f"the file ends in the middle of a frame: {reason}")
        raise ValueError(reason)

    def _line_length(self, checked: int) -> int | None:
        """Count the bytes up to the end of the line, of which the first were looked at before."""
        begin, window = self._start + checked, 1024
        while begin < self._stop:
            block = self._data[begin : min(begin + window, self._stop)].tobytes()
            if (end := block.find(b"\n")) >= 0:
                return begin + end + 1 - self._start
            begin, window = begin + len(block), 8 * window
        return None

    def _more(self) -> bool:
        """Read another block behind what is left of the last; false at the end of the file."""
        if self._exhausted:
            return False
        left = self._stop - self._start
        if left == len(self._data):
            self._data = np.concatenate([self._data, np.empty_like(self._data)])
        elif self._start:
            self._data[:left] = self._data[self._start : self._stop].copy()
            self._start, self._stop = 0, left
        try:
            n_read = self._file.readinto1(self._data[self._stop :].data)
        except EOFError:
            self._broken, n_read = True, 0
        except (zlib.error, LZMAError) as error:
            raise ValueError(f"it does not unpack: {error}") from error
        self._exhausted = n_read == 0
        self._stop += n_read
        return n_read > 0


def number(text: str, where: str) -> float:
    """Read a number of any kind; the kernel leaves those to it that are not plain.

    Raises
    ------
    ValueError
        If it is none; says where.
    """
    # Python admits underscores and digits of all scripts as well.
    if text.isascii() and "_" not in text:
        with suppress(ValueError):
            return float(text)
        with suppress(ValueError):
            return float(_FORTRAN.sub(r"\1\3e\2\4", text))
    raise ValueError(f"{text[:60]!r} in {where} is no number")


def _words(codes: NDArray[np.int32], known: NDArray[np.uint8], n_known: int) -> list[Words]:
    """Columns of words, whose codes (N, k) are places in a list that they share."""
    lengths = known[:n_known, 0].tolist()
    names = tuple(
        known[k, 1 : length + 1].tobytes().decode("utf-8") for k, length in enumerate(lengths)
    )
    if codes.shape[1] == 1:
        return [Words(codes[:, 0], names)]
    columns = []
    for column in codes.T:
        present = np.flatnonzero(np.bincount(column, minlength=n_known))
        places = np.zeros(n_known, dtype=np.int32)
        places[present] = np.arange(len(present))
        columns.append(Words(places[column], tuple(names[k] for k in present)))
    return columns
