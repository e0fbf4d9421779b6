"""Reading labelled configurations and structures of any supported format."""

from __future__ import annotations

import os
import zipfile
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from ..liquid import Configuration, System
from ._errors import errors_name
from ._frame_choice import NothingChosen, choose_frames
from ._frames import Reading
from ._gsd_index import begins_as_gsd
from ._paths import matching_files
from ._species import Species
from ._text import TextFile, require_utf8
from .botan import read_botan, read_botan_ends
from .deepmind import read_deepmind
from .glassbench import read_glassbench, read_glassbench_ends
from .gsd_files import gsd_structures, read_gsd
from .items import LabelledConfiguration, Structure
from .lammps import lammps_structures
from .tables import FieldOfView, checked_field, is_table_header, table_structures
from .universes import mdanalysis_format, mdanalysis_structures
from .xyz import xyz_structures

# Lines above the header of a table that are looked at.
_REMARKS = 50

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

STRUCTURE_READERS: dict[str, Callable[[str | Path, Reading], Iterator[Structure]]] = {
    "gsd": gsd_structures,
    "lammps": lammps_structures,
    "extxyz": xyz_structures,
    "mdanalysis": lambda path, reading: mdanalysis_structures(path, reading, _first_structure),
    "table": table_structures,
}


def read(
    paths: str | Path | Iterable[str | Path], file_format: str = "auto"
) -> list[LabelledConfiguration]:
    """Read labelled configurations from files.

    Parameters
    ----------
    paths : str, Path or iterable of them
        File names or glob patterns, with ``**`` and ``~``; the files of a pattern are read in the
        order of their names. An existing path is taken literally, not as a pattern.
    file_format : {"auto", "botan", "gsd", "glassbench", "deepmind"}
        By default the format is recognised from the content of each file.

    Returns
    -------
    list of LabelledConfiguration

    Raises
    ------
    FileNotFoundError
        If a pattern matches nothing.
    ValueError
        If the format is unknown or has no labels, or a file is not of that format.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> from vitreous.datasets import load_ka2d, read, write_gsd
    >>> with TemporaryDirectory() as folder:
    ...     for number in (0, 8):
    ...         write_gsd(load_ka2d().data[number], f"{folder}/liquid{number}.gsd")
    ...     data = read(f"{folder}/liquid*.gsd")
    >>> [item.temperature for item in data], data[0].labels.has_halves("displacement")
    ([0.5, 0.42], True)
    """
    items = []
    for file in matching_files(paths):
        found = format_of(file) if file_format == "auto" else file_format
        if found not in READERS:
            where = f"{file}: " if file_format == "auto" else ""
            known = f"choose one of {', '.join(READERS)}"
            if found in STRUCTURE_READERS:
                known = f"make them of trajectories (vitreous label), or {known}"
            reason = "has no labels" if found in STRUCTURE_READERS else "is unknown"
            raise ValueError(f"{where}the format {found!r} {reason}; {known}")
        items.append(READERS[found](file))
    return items


def read_structures(
    paths: str | Path | Iterable[str | Path],
    file_format: str = "auto",
    species: Species | None = None,
    *,
    system: System | None = None,
    frames: str | int | slice | None = None,
    times: str | tuple[float, ...] | None = None,
    time_step: float | None = None,
    length_unit: float = 1.0,
    topology: str | Path | None = None,
    field_of_view: FieldOfView | None = None,
) -> list[Structure]:
    """Read configurations, which need no labels, from files.

    Parameters
    ----------
    paths : str, Path or iterable of them
        As in `read`, but that numbers in names count by their value: ``run.9`` is before
        ``run.10``.
    file_format : {"auto", "gsd", "lammps", "extxyz", "mdanalysis", "table", "botan", \
"glassbench", "deepmind"}
        By default the format is recognised from the content of each file. Files of the first five
        formats may hold any number of configurations; ``mdanalysis`` stands for every format that
        MDAnalysis reads, such as XTC, TRR, DCD, H5MD and LAMMPS data; ``table`` for the tables of
        experiments, as `structures_of_table` describes them, in CSV and Parquet files.
    species : sequence or mapping of str, optional
        Names of all species of the mixture in their order; or, as a mapping, from what the file
        calls them, names or numbers, to these names: ``{"1": "C", "2": "A", "3": "B"}``. If a file
        has both names and numbers, the names count.
    system : System, optional
        What the particles are. The system sets the order of the species, including those absent
        from a file, the number of dimensions, and whether diameters matter.
    frames : str, int or slice, optional
        ``"100:2000:50"`` for frames 100, 150, ... before 2000, as slices in Python; or one number.
    times : str or tuple of float, optional
        ``"10:500"`` for frames between two times, ``"10:500:20"`` for those at 10, 30, ....
    time_step : float, optional
        Duration of a step of the simulation, for files that give steps but no times.
    length_unit : float
        Lengths in the file are multiplied by it, to be in units of sigma_AA.
    topology : str or Path, optional
        File, in any of these formats, with the species and ids of the particles, for trajectories
        that lack them, such as XTC, TRR and DCD. Their particles are in the order of these ids.
    field_of_view : str or sequence of (float, float), optional
        For tables, as in `structures_of_table`.

    Returns
    -------
    list of Structure

    Raises
    ------
    FileNotFoundError
        If a pattern matches nothing.
    ImportError
        If MDAnalysis is needed, and not installed.
    ValueError
        If the format is unknown or a file is not of that format.

    Warns
    -----
    UserWarning
        If the last frame of a file is cut off; it is left out.

    See Also
    --------
    iterate_structures : the same, with one frame in memory at a time.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> import gsd.hoomd
    >>> from vitreous.datasets import read_structures
    >>> from vitreous.liquid import KobAndersen2D
    >>> liquids = [KobAndersen2D().random_configuration(43, seed) for seed in range(4)]
    >>> with TemporaryDirectory() as folder:
    ...     with gsd.hoomd.open(f"{folder}/run.gsd", "w") as file:
    ...         file.extend(liquid.to_gsd() for liquid in liquids)
    ...     structures = read_structures(f"{folder}/run.gsd", frames="1:4:2")
    >>> [structure.frame for structure in structures], structures[0].configuration.n_particles
    ([1, 3], 43)
    """
    return list(
        iterate_structures(
            paths,
            file_format,
            species,
            system=system,
            frames=frames,
            times=times,
            time_step=time_step,
            length_unit=length_unit,
            topology=topology,
            field_of_view=field_of_view,
        )
    )


def iterate_structures(
    paths: str | Path | Iterable[str | Path],
    file_format: str = "auto",
    species: Species | None = None,
    *,
    system: System | None = None,
    frames: str | int | slice | None = None,
    times: str | tuple[float, ...] | None = None,
    time_step: float | None = None,
    length_unit: float = 1.0,
    topology: str | Path | None = None,
    field_of_view: FieldOfView | None = None,
) -> Iterator[Structure]:
    """Read configurations one after the other, with one in memory at a time.

    Parameters and errors are those of `read_structures`. File names, the format and the choice of
    frames are checked at once; each file is checked when its turn comes.

    Yields
    ------
    Structure

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> import gsd.hoomd
    >>> from vitreous.datasets import iterate_structures
    >>> from vitreous.liquid import KobAndersen2D
    >>> liquids = [KobAndersen2D().random_configuration(43, seed) for seed in range(4)]
    >>> with TemporaryDirectory() as folder:
    ...     with gsd.hoomd.open(f"{folder}/run.gsd", "w") as file:
    ...         file.extend(liquid.to_gsd() for liquid in liquids)
    ...     [structure.frame for structure in iterate_structures(f"{folder}/run.gsd", frames="2:")]
    [2, 3]
    """
    reading = Reading(
        species,
        system,
        choose_frames(frames, times),
        float(length_unit),
        time_step,
        None if topology is None else os.path.expanduser(topology),
        checked_field(field_of_view),
    )
    if file_format not in ("auto", *STRUCTURE_READERS, *READERS):
        known = ", ".join(dict.fromkeys(["auto", *STRUCTURE_READERS, *READERS]))
        raise ValueError(f"the format {file_format!r} is unknown; choose one of {known}")
    files = matching_files(paths, numbers_by_value=True)
    return _of_files(files, file_format, reading)


def _of_files(files: list[str], file_format: str, reading: Reading) -> Iterator[Structure]:
    """Structures of one file after the other; some of the files may lie beyond the chosen times."""
    nothing: NothingChosen | None = None
    n_read = 0
    for file in files:
        try:
            for item in _structures(file, file_format, reading):
                n_read += 1
                yield item
        except NothingChosen as error:
            nothing = error
            if reading.frames.times is None:
                raise
    if nothing is not None and not n_read:
        raise nothing


def _structures(file: str, file_format: str, reading: Reading) -> Iterator[Structure]:
    found = format_of(file) if file_format == "auto" else file_format
    if found in STRUCTURE_READERS:
        yield from STRUCTURE_READERS[found](file, reading)
    else:
        yield READERS[found](file).structure


def _first_structure(path: str) -> Structure:
    """First frame of a file of any format, which tells what the particles are."""
    return next(iterate_structures(path, frames=0))


def format_of(path: str | Path) -> str:
    """Recognise the format of a file from its content.

    Parameters
    ----------
    path : str or Path

    Returns
    -------
    str
        A name that `read_structures` knows.

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    ValueError
        If its content fits no known format.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> from vitreous.datasets import format_of, load_ka2d, write_glassbench, write_gsd
    >>> sample = load_ka2d().data[0]
    >>> with TemporaryDirectory() as folder:
    ...     write_gsd(sample, f"{folder}/first")
    ...     write_glassbench(sample, f"{folder}/second")
    ...     format_of(f"{folder}/first"), format_of(f"{folder}/second")
    ('gsd', 'glassbench')
    """
    path = Path(path)
    with errors_name(path):
        if path.is_dir():
            raise ValueError("is a folder, not a file; name the files in it")
        with open(path, "rb") as file:
            head = file.read(8)
        if not head:
            raise ValueError("the file is empty")
        require_utf8(head)
        if begins_as_gsd(head):
            return "gsd"
        if head.startswith(b"PAR1"):
            return "table"
        if head.startswith(b"PK"):
            return _format_of_npz(path)
        if head[:1] == b"\x80":
            return "deepmind"
        if mdanalysis_format(path):
            return "mdanalysis"
        line = _first_line(path)
        if line.startswith("ITEM:"):
            return "lammps"
        if line.strip().isdecimal():
            return "mdanalysis" if path.suffix == ".gro" else "extxyz"
        if _is_table(path):
            return "table"
        if path.suffix == ".gsd":  # A damaged one, which MDAnalysis cannot read either.
            return "gsd"
        if _mdanalysis_knows(path.suffix):
            return "mdanalysis"
        known = ", ".join(dict.fromkeys([*STRUCTURE_READERS, *READERS]))
        raise ValueError(
            f"its content is of no format that is known; choose one (--format) of {known}"
        )


def _format_of_npz(path: Path) -> str:
    """BOTAN and GlassBench share keys; the former has nothing but replicas."""
    try:
        with zipfile.ZipFile(path) as archive:
            keys = {name.removesuffix(".npy") for name in archive.namelist()}
    except zipfile.BadZipFile as error:
        raise ValueError(f"it begins as npz archives do, and is damaged ({error})") from error
    return "botan" if keys <= {"types", "initial_positions", "positions"} else "glassbench"


def _first_line(path: Path) -> str:
    try:
        with TextFile(path) as file:
            return file.next_line() or ""
    except (EOFError, OSError, ValueError):
        return ""


def _is_table(path: Path) -> bool:
    """Whether the first line that is no remark is the header of a table."""
    try:
        with TextFile(path) as file:
            for _ in range(_REMARKS):
                line = file.next_line()
                if line is None or is_table_header(line):
                    return line is not None
                if not line.startswith("#"):
                    return False
    except (EOFError, OSError, ValueError):
        pass
    return False


def _mdanalysis_knows(suffix: str) -> bool:
    try:
        import MDAnalysis
    except ImportError:
        return False
    own = {"XYZ", "LAMMPSDUMP", "GSD"}
    return suffix.lstrip(".").upper() in set(MDAnalysis._READERS) - own


def read_ends(path: str | Path, file_format: str, n_ends: int) -> list[Configuration]:
    """Read the configurations in which the replicas of a file end.

    Parameters
    ----------
    path : str or Path
    file_format : {"auto", "botan", "gsd", "glassbench", "deepmind"}
    n_ends : int
        How many, at most.

    Returns
    -------
    list of Configuration
        Empty for formats that keep only labels, or replicas at several times.

    See Also
    --------
    vitreous.dynamics.reversed_replicas : further training samples, made from these ends.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> import numpy as np
    >>> from vitreous.datasets import read_ends
    >>> from vitreous.liquid import KobAndersen
    >>> start = np.random.default_rng(0).uniform(0, KobAndersen().box(10).lengths[0], (10, 3))
    >>> with TemporaryDirectory() as folder:
    ...     replicas = [start + [0.1, 0.0, 0.0], start + [0.3, 0.0, 0.0]]
    ...     types = [0] * 8 + [1] * 2
    ...     np.savez(f"{folder}/a.npz", types=types, initial_positions=start, positions=replicas)
    ...     first, second = read_ends(f"{folder}/a.npz", "botan", n_ends=2)
    >>> moved = first.box.minimum_image(second.positions - first.positions)
    >>> bool(np.allclose(moved, [0.2, 0.0, 0.0]))
    True
    """
    reader = ENDS_READERS.get(format_of(path) if file_format == "auto" else file_format)
    return [] if reader is None else reader(path, n_ends)
