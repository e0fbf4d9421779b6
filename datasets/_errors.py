"""One kind of error for all that can be wrong with a file."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np

# What Python and the libraries raise when they follow what a damaged file says.
_MISLED = (
    ArithmeticError,
    EOFError,
    LookupError,
    OSError,
    RuntimeError,
    StopIteration,
    TypeError,
    ValueError,
)

# Of a reason, which may quote what the file says of itself.
_LONGEST_REASON = 500

_REMEDY = "choose the --format that it has, or make it anew or fetch it again if it is damaged"


def _reason(error: Exception) -> str:
    if isinstance(error, UnicodeDecodeError):
        byte = error.object[error.start]
        return (
            f"byte {byte:#04x} in its text is not UTF-8; save it as UTF-8, as by "
            "iconv -f latin1 -t utf-8"
        )
    return (str(error) or type(error).__name__)[:_LONGEST_REASON]


class Refused(ValueError):
    """A file that can be read but holds what it should not; the message names the remedy."""


@contextmanager
def errors_name(
    source: str | Path, kind: str | None = None, place: str | None = None
) -> Iterator[None]:
    """Turn whatever goes wrong within into a ValueError that names where it was read from.

    Numbers that overflow or divide by zero are errors as well. A missing file remains a
    FileNotFoundError, and an error that names its source already remains as it is.

    Parameters
    ----------
    source : str or Path
        A file, or a frame of one.
    kind : str, optional
        What the file should be, if it may be something else altogether; the message then says what
        can be done.
    place : str, optional
        Where in the source.
    """
    try:
        with np.errstate(divide="raise", over="raise", invalid="raise"):
            yield
    except FileNotFoundError:
        raise
    except _MISLED as error:
        reason = _reason(error)
        if isinstance(error, ValueError) and reason.startswith(f"{source}"):
            raise
        if isinstance(error, Refused):
            where = f"{source}" if place is None else f"{source}, {place}"
            raise Refused(f"{where}: {reason}") from error
        reason = reason if place is None else f"{place}: {reason}"
        if kind is None:
            raise ValueError(f"{source}: {reason}") from error
        raise ValueError(f"{source}: not a readable {kind} ({reason}); {_REMEDY}") from error
