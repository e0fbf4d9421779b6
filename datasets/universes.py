"""Trajectories of all other formats, through MDAnalysis."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ._errors import Refused, errors_name
from ._frame_choice import NothingChosen
from ._frames import Frame, Reading, structure_of
from ._text import TextFile, Words
from .items import Structure

if TYPE_CHECKING:
    import MDAnalysis

# First bytes of binary formats, by the names that MDAnalysis gives these.
_MAGIC = {
    b"\x00\x00\x07\xcb": "XTC",
    b"\x00\x00\x07\xe7": "XTC",
    b"\x00\x00\x07\xc9": "TRR",
    b"\x89HDF\r\n\x1a\n": "H5MD",
    b"CDF\x01": "NCDF",
    b"CDF\x02": "NCDF",
}

# Formats of which a file alone tells what its atoms are.
_COMPLETE = {"DATA", "GRO", "PDB", "XPDB", "PDBQT", "PQR", "MOL2", "CRD", "GSD", "TPR", "DMS"}

# Columns of the section Atoms of a LAMMPS data file, by the style that its heading names.
_ATOM_STYLES = {
    "atomic": "id type x y z",
    "charge": "id type charge x y z",
    "sphere": "id type diameter density x y z",
    "bond": "id resid type x y z",
    "angle": "id resid type x y z",
    "molecular": "id resid type x y z",
    "full": "id resid type charge x y z",
}
_STYLE = re.compile(r"^\s*Atoms\s*(?:#\s*(?P<style>\w+))?\s*$")
_N_ATOMS = re.compile(r"^\s*(?P<n>\d+)\s+atoms\s*(?:#.*)?$")

# Lines of a text file that are looked at to see what it is.
_LOOKED_AT = 50


def mdanalysis_format(path: str | Path) -> str | None:
    """Recognise a format of MDAnalysis from the first bytes of a file; None if they show none."""
    with open(path, "rb") as file:
        head = file.read(16)
    for magic, name in _MAGIC.items():
        if head.startswith(magic):
            return name
    if head[4:8] == b"CORD" or head[8:12] == b"CORD":
        return "DCD"
    try:
        with TextFile(path) as text:
            for _ in range(_LOOKED_AT):
                if _N_ATOMS.match(text.line()):
                    return "DATA"
    except (EOFError, ValueError):
        pass
    return None


def mdanalysis_structures(
    path: str | Path,
    reading: Reading,
    topology: Callable[[str], Structure],
) -> Iterator[Structure]:
    """Read the chosen frames of a trajectory that MDAnalysis knows, one in memory at a time.

    Parameters
    ----------
    path : str or Path
    reading : Reading
    topology : callable
        Reads the first frame of the file that is named as topology.

    Raises
    ------
    ImportError
        If MDAnalysis is not installed.
    ValueError
        If it cannot read the file, or the atoms are of unknown species.
    """
    try:
        import MDAnalysis
    except ImportError as error:
        raise ImportError(
            f"{path}: MDAnalysis reads such files, and is not installed: pip install MDAnalysis, "
            "or pip install '.[io]' in the folder of vitreous"
        ) from error
    file_format = mdanalysis_format(path)
    kind = f"{file_format or Path(path).suffix.lstrip('.').upper() or 'trajectory'} file"
    with errors_name(path, kind):
        if not Path(path).is_file():
            raise FileNotFoundError(f"there is no file {path}")
        atoms = None if reading.topology is None else topology(reading.topology)
        trajectory, kinds, ids = _opened(MDAnalysis, path, file_format, atoms)
    n_taken = 0
    with trajectory:
        n_frames = len(trajectory)
        choice = reading.frames.of_length(n_frames)
        for number in range(choice.start, choice.stop or 0, choice.step):
            place = f"frame {number}"
            source = f"{path}" if n_frames == 1 else f"{path}, {place}"
            with errors_name(path, kind, place):
                snapshot = trajectory[number]
                step = snapshot.data.get("step")
                step = None if step is None else int(step)
                # Formats without times count frames instead.
                time = float(snapshot.time) if _has_times(snapshot) else float("nan")
                if not choice.takes_time(reading.time(step, time)):
                    continue
                frame = Frame(
                    np.array(snapshot.positions, dtype=np.float64),
                    _vectors(snapshot),
                    kinds,
                    ids=ids,
                    step=step,
                    time=time,
                    columns="of the file itself",
                    declared=None if atoms is None else atoms.configuration.species,
                )
            with errors_name(source):
                structure = structure_of(frame, reading, str(path), number, source)
            n_taken += 1
            yield structure
    if not n_taken:
        raise NothingChosen(path, n_frames)


def _opened(
    MDAnalysis: Any, path: str | Path, file_format: str | None, atoms: Structure | None
) -> tuple[Any, dict[str, Words], NDArray[np.int64] | None]:
    """Trajectory, kinds and ids of its atoms."""
    suffix = Path(path).suffix.lstrip(".").upper()
    name = file_format or suffix
    if atoms is None and name in _COMPLETE:
        options = {"format": file_format, "topology_format": file_format} if file_format else {}
        if name == "DATA":
            options["atom_style"] = _atom_style(path)
        universe = MDAnalysis.Universe(str(path), to_guess=(), **options)
        if name == "DATA":
            _require_all(path, len(universe.atoms))
        return universe.trajectory, _kinds(universe), np.array(universe.atoms.ids, dtype=np.int64)
    reader = MDAnalysis.coordinates.core.get_reader_for(str(path), format=file_format)
    trajectory = reader(str(path), **({} if atoms is None else _n_atoms(atoms)))
    if atoms is None:
        return trajectory, {}, None
    if trajectory.n_atoms != atoms.configuration.n_particles:
        raise ValueError(
            f"it has {trajectory.n_atoms} atoms, and the topology {atoms.file} has "
            f"{atoms.configuration.n_particles}"
        )
    names = np.array(atoms.configuration.species)[atoms.configuration.types]
    return trajectory, {"name": Words.of(names)}, atoms.ids


def _n_atoms(atoms: Structure) -> dict[str, int]:
    return {"n_atoms": atoms.configuration.n_particles}


def _kinds(universe: MDAnalysis.Universe) -> dict[str, Words]:
    """Those columns of the topology that name species."""
    kinds = {}
    for name, attribute in (("element", "elements"), ("name", "names"), ("type", "types")):
        if hasattr(universe.atoms, attribute):
            words = Words.of([str(word) for word in getattr(universe.atoms, attribute)])
            if all(words.names):
                kinds[name] = words
    return kinds


def _atom_style(path: str | Path) -> str:
    """Columns of the section Atoms of a LAMMPS data file."""
    with TextFile(path) as file:
        while True:
            try:
                match = _STYLE.match(file.line())
            except EOFError:
                raise ValueError("it has no section Atoms") from None
            if match:
                style = match["style"] or "atomic"
                if style not in _ATOM_STYLES:
                    raise Refused(f"atoms of style {style!r}; known are {', '.join(_ATOM_STYLES)}")
                columns = _ATOM_STYLES[style]
                row = (file.next_line() or "").partition("#")[0].split()
                # With image flags or without.
                if len(row) - len(columns.split()) not in (0, 3):
                    raise Refused(
                        f"its first atom has {len(row)} columns, and those of style {style} are "
                        f"{columns}, with image flags or without; name the style in the heading, "
                        "as LAMMPS does: Atoms # full"
                    )
                return columns


def _require_all(path: str | Path, n_found: int) -> None:
    """Refuse a data file that ends before the last of the atoms that it claims."""
    with TextFile(path) as file:
        line = file.next_line()
        while line is not None and not (match := _N_ATOMS.match(line)):
            line = file.next_line()
    if line is not None and match is not None and int(match["n"]) != n_found:
        raise Refused(f"it claims {match['n']} atoms and has {n_found}: its end is cut off")


def _has_times(snapshot: Any) -> bool:
    return "time" in snapshot.data


def _vectors(snapshot: Any) -> NDArray[np.float64]:
    from MDAnalysis.lib.mdamath import triclinic_vectors

    if snapshot.dimensions is None or not np.any(snapshot.dimensions[:2]):
        raise ValueError("it has no periodic box")
    lengths, angles = snapshot.dimensions[:3], snapshot.dimensions[3:]
    if np.allclose(angles, 90, atol=1e-4):
        return np.diag(np.asarray(lengths, dtype=np.float64))
    return np.asarray(triclinic_vectors(snapshot.dimensions, dtype=np.float64))
