"""Finding the files that a user names, and opening them, compressed or not."""

from __future__ import annotations

import bz2
import glob
import gzip
import lzma
import re
from collections.abc import Callable, Iterable
from io import BufferedIOBase
from pathlib import Path
from typing import Any

# First bytes of compressed files, and how each is opened.
_COMPRESSED: dict[bytes, Callable[..., Any]] = {
    b"\x1f\x8b": gzip.open,
    b"BZh": bz2.open,
    b"\xfd7zXZ\0": lzma.open,
}


def matching_files(
    paths: str | Path | Iterable[str | Path], numbers_by_value: bool = False
) -> list[str]:
    """Expand names and patterns of files.

    Parameters
    ----------
    paths : str, Path or iterable of them
        Names, or glob patterns with ``*``, ``?``, ``[...]`` and ``**`` for any number of folders;
        ``~`` is the home folder. As far as a path exists as it stands, brackets in it are no
        pattern.
    numbers_by_value : bool
        Whether ``run.9`` comes before ``run.10``, as in a trajectory with a file for each frame.

    Returns
    -------
    list of str
        The files of each pattern in the order of their names.

    Raises
    ------
    FileNotFoundError
        If a pattern matches nothing.
    """
    patterns = [paths] if isinstance(paths, str | Path) else list(paths)
    files: list[str] = []
    for pattern in patterns:
        path = Path(pattern).expanduser()
        if path.exists():
            files.append(str(path))
            continue
        matches = sorted(glob.glob(str(_with_literal_folders(path)), recursive=True))
        if numbers_by_value:
            matches.sort(key=_with_numbers)
        if not (found := [match for match in matches if not Path(match).is_dir()] or matches):
            raise FileNotFoundError(f"no file matches {str(pattern)!r}")
        files += found
    return files


def _with_numbers(name: str) -> list[str | int]:
    """Split a name into text and numbers, in turn."""
    return [int(part) if part.isdecimal() else part for part in re.split("([0-9]+)", name)]


def _with_literal_folders(path: Path) -> Path:
    """Take the folders that exist under just this name as they are, and the rest as a pattern."""
    for folder in path.parents:
        if folder.exists():
            return Path(glob.escape(str(folder)), path.relative_to(folder))
    return path


def open_bytes(path: str | Path) -> BufferedIOBase:
    """Open a file for reading; what gzip, bzip2 or xz compressed is unpacked on the way.

    What a file is shows in its first bytes, not in its name.
    """
    with open(path, "rb") as file:
        head = file.read(6)
    openers = [opener for magic, opener in _COMPRESSED.items() if head.startswith(magic)]
    return (openers[0] if openers else open)(path, "rb")


def is_compressed(path: str | Path) -> bool:
    """Whether a file was compressed by gzip, bzip2 or xz."""
    with open(path, "rb") as file:
        return file.read(6).startswith(tuple(_COMPRESSED))
