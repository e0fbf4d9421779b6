"""Reading labelled configurations of any supported format."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from glob import glob
from pathlib import Path

from ..liquid import Configuration
from .botan import read_botan, read_botan_ends
from .gsd_files import read_gsd
from .labelled import LabelledConfiguration

READERS: dict[str, Callable[[str | Path], LabelledConfiguration]] = {
    "botan": read_botan,
    "gsd": read_gsd,
}

ENDS_READERS: dict[str, Callable[[str | Path, int], list[Configuration]]] = {
    "botan": read_botan_ends,
}


def read(paths: str | Path | Iterable[str | Path], file_format: str) -> list[LabelledConfiguration]:
    """Read files of one format.

    Parameters
    ----------
    paths : str, Path or iterable of them
        File names or glob patterns; the files of a pattern are read in the order of their names.
    file_format : {"botan", "gsd"}

    Returns
    -------
    list of LabelledConfiguration

    Raises
    ------
    FileNotFoundError
        If a pattern matches nothing.
    ValueError
        If the format is unknown or a file is not of that format.
    """
    if file_format not in READERS:
        raise ValueError(f"unknown format {file_format!r}; choose one of {', '.join(READERS)}")
    return [READERS[file_format](file) for file in matching_files(paths)]


def matching_files(paths: str | Path | Iterable[str | Path]) -> list[str]:
    """Expand patterns, each in the order of names; one that matches nothing raises an error."""
    patterns = [paths] if isinstance(paths, str | Path) else list(paths)
    files: list[str] = []
    for pattern in patterns:
        matches = sorted(glob(str(pattern)))
        if not matches:
            raise FileNotFoundError(f"no file matches {str(pattern)!r}")
        files += matches
    return files


def read_ends(path: str | Path, file_format: str, n_ends: int) -> list[Configuration]:
    """Read configurations at the end of the replicas of a file.

    Parameters
    ----------
    path : str or Path
    file_format : {"botan", "gsd"}
    n_ends : int
        How many, at most.

    Returns
    -------
    list of Configuration
        Empty for formats that keep the labels of replicas only.

    See Also
    --------
    vitreous.dynamics.reversed_replicas : what they are good for.
    """
    reader = ENDS_READERS.get(file_format)
    return [] if reader is None else reader(path, n_ends)
