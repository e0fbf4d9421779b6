"""Files that commands may write."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path


def require_writable(path: Path, suffixes: Iterable[str], what: str, overwrite: bool) -> None:
    """Refuse a path of another suffix, in no folder, or of a file that is not to be replaced."""
    if path.suffix not in suffixes:
        raise ValueError(f"{path}: {what} are written to {', '.join(suffixes)} files")
    if not path.absolute().parent.is_dir():
        raise FileNotFoundError(f"the folder of {path} does not exist")
    if path.exists() and not overwrite:
        raise FileExistsError(f"{path} exists; choose another name, or overwrite it (--overwrite)")
