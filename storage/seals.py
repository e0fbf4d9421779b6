"""Checksums beside files, by which damage is noticed."""

from __future__ import annotations

import hashlib
from pathlib import Path

from .atomic import atomic_path


def seal(path: str | Path) -> None:
    """Write the SHA-256 of a file beside it, in the format of the command ``sha256sum``.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     Path(folder, "empty.txt").touch()
    ...     seal(Path(folder, "empty.txt"))
    ...     digest, name = Path(folder, "empty.txt.sha256").read_text().split()
    >>> digest[:8], name
    ('e3b0c442', 'empty.txt')
    """
    path = Path(path)
    with atomic_path(_seal_of(path)) as partial:
        partial.write_text(f"{_digest(path)}  {path.name}\n", encoding="utf-8")


def is_intact(path: str | Path) -> bool:
    """Whether a file is there and has not changed since it was sealed.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     path = Path(folder, "numbers.txt")
    ...     sealed = path.write_text("1 2 3"), seal(path)
    ...     is_intact(path)
    ...     damaged = path.write_text("1 2 4")
    ...     is_intact(path)
    True
    False
    """
    path = Path(path)
    try:
        return _seal_of(path).read_text(encoding="utf-8") == f"{_digest(path)}  {path.name}\n"
    except (FileNotFoundError, UnicodeDecodeError):
        return False


def _seal_of(path: Path) -> Path:
    return path.with_name(f"{path.name}.sha256")


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
