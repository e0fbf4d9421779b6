"""Reading labelled configurations and structures of any supported format."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from glob import glob
from pathlib import Path

from ..liquid import Configuration
from .botan import read_botan, read_botan_ends
from .deepmind import read_deepmind
from .glassbench import read_glassbench, read_glassbench_ends
from .gsd_files import read_gsd, read_gsd_structures
from .labelled import LabelledConfiguration
from .lammps import read_lammps
from .structures import Structure
from .xyz import read_extxyz

READERS: dict[str, Callable[[str | Path], LabelledConfiguration]] = {
    "botan": read_botan,
    "gsd": read_gsd,
    "glassbench": read_glassbench,
    "deepmind": read_deepmind,
}

ENDS_READERS: dict[str, Callable[[str | Path, int], list[Configuration]]] = {
    "botan": read_botan_ends,
    "glassbench": read_glassbench_ends,
}

STRUCTURE_READERS: dict[str, Callable[[str | Path, Sequence[str] | None], list[Structure]]] = {
    "gsd": lambda path, species: read_gsd_structures(path),
    "lammps": read_lammps,
    "extxyz": read_extxyz,
}


def read(paths: str | Path | Iterable[str | Path], file_format: str) -> list[LabelledConfiguration]:
    """Read labelled configurations from files of one format.

    Parameters
    ----------
    paths : str, Path or iterable of them
        File names or glob patterns; the files of a pattern are read in the order of their names.
    file_format : {"botan", "gsd", "glassbench", "deepmind"}

    Returns
    -------
    list of LabelledConfiguration

    Raises
    ------
    FileNotFoundError
        If a pattern matches nothing.
    ValueError
        If the format is unknown or has no labels, or a file is not of that format.
    """
    if file_format not in READERS:
        reason = "has no labels" if file_format in STRUCTURE_READERS else "is unknown"
        raise ValueError(f"the format {file_format!r} {reason}; choose one of {', '.join(READERS)}")
    return [READERS[file_format](file) for file in matching_files(paths)]


def read_structures(
    paths: str | Path | Iterable[str | Path],
    file_format: str,
    species: Sequence[str] | None = None,
) -> list[Structure]:
    """Read configurations, which need no labels, from files of one format.

    Parameters
    ----------
    paths : str, Path or iterable of them
        As in `read`.
    file_format : {"gsd", "lammps", "extxyz", "botan", "glassbench", "deepmind"}
        Files of the first three may hold any number of configurations.
    species : sequence of str, optional
        Names of all species of the mixture in their order, which LAMMPS and extended XYZ files do
        not tell; see `read_lammps` and `read_extxyz`.

    Returns
    -------
    list of Structure

    Raises
    ------
    FileNotFoundError
        If a pattern matches nothing.
    ValueError
        If the format is unknown or a file is not of that format.
    """
    if file_format in STRUCTURE_READERS:
        reader = STRUCTURE_READERS[file_format]
        return [structure for file in matching_files(paths) for structure in reader(file, species)]
    if file_format not in READERS:
        known = ", ".join(dict.fromkeys([*STRUCTURE_READERS, *READERS]))
        raise ValueError(f"the format {file_format!r} is unknown; choose one of {known}")
    return [
        Structure(item.configuration, item.system, item.temperature, item.source)
        for item in read(paths, file_format)
    ]


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
    file_format : {"botan", "gsd", "glassbench", "deepmind"}
    n_ends : int
        How many, at most.

    Returns
    -------
    list of Configuration
        Empty for formats that keep the labels of replicas only, or several times.

    See Also
    --------
    vitreous.dynamics.reversed_replicas : what they are good for.
    """
    reader = ENDS_READERS.get(file_format)
    return [] if reader is None else reader(path, n_ends)
