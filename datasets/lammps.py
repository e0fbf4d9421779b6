"""Reader of LAMMPS dump files in text form."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ..liquid import Configuration
from ._boxes import box_from_vectors
from ._text import TextFile, is_flat, named_types, numbered_types, open_text
from .structures import Structure, structures_of_frames

Columns = dict[str, tuple[str, ...]]

# Names of the coordinates: as they are, unwrapped, scaled by the box, scaled and unwrapped.
_COORDINATES = ("{}", "{}u", "{}s", "{}su")


def read_lammps(path: str | Path, species: Sequence[str] | None = None) -> list[Structure]:
    r"""Read the frames of a LAMMPS dump file in text form (``dump custom`` or ``dump atom``).

    Needed in ``ITEM: ATOMS`` are ``type`` (or ``element``) and coordinates: ``x y z``, unwrapped
    ``xu yu zu``, scaled ``xs ys zs`` or both, ``xsu ysu zsu``. Particles are sorted by ``id`` if
    there is one; other columns are left alone. A frame is two-dimensional if it has no third
    coordinate, or if that is the same for all particles. Boxes may be orthorhombic or triclinic
    (LAMMPS documentation, ``dump`` and "Triclinic simulation boxes"), and must be periodic.

    Parameters
    ----------
    path : str or Path
    species : sequence of str, optional
        Names of the types 1, 2, ...; of all of the mixture, so that files agree in which some are
        absent. ``A``, ``B``, ... up to the last type of the frame by default.

    Returns
    -------
    list of Structure
        The system and the temperature are unknown. Positions are brought into a box centred on the
        origin: they agree with those of the file up to lattice vectors.

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    ValueError
        If it is not of this layout; names the file and what is wrong with it.

    Examples
    --------
    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> lines = ["ITEM: TIMESTEP", "0", "ITEM: NUMBER OF ATOMS", "2",
    ...          "ITEM: BOX BOUNDS pp pp pp", "0 5", "0 5", "-0.5 0.5",
    ...          "ITEM: ATOMS type xu yu", "1 1.0 1.5", "2 6.0 2.0"]
    >>> with TemporaryDirectory() as folder:
    ...     path = Path(folder, "liquid.dump")
    ...     _ = path.write_text("\n".join(lines))
    ...     (structure,) = read_lammps(path)
    >>> structure.configuration.positions
    array([[1. , 1.5],
           [1. , 2. ]])
    """
    with open_text(path, "LAMMPS dump") as file:
        frames = [_read_frame(file, line, species) for line in file.first_lines()]
    return structures_of_frames(path, frames)


def _read_frame(
    file: TextFile, line: str, species: Sequence[str] | None
) -> tuple[Configuration, str]:
    """Read a frame whose first line was read already; its configuration and its name."""
    step, n_particles, tilted = "", 0, False
    boundaries: list[str] = []
    bounds = np.empty(0)
    while not line.startswith("ITEM: ATOMS"):
        if line.startswith("ITEM: TIMESTEP"):
            step = file.line().strip()
        elif line.startswith("ITEM: NUMBER OF ATOMS"):
            n_particles = file.count(file.line())
        elif line.startswith("ITEM: BOX BOUNDS"):
            words = line.split()[3:]
            if "abc" in words:
                raise ValueError(
                    "general triclinic boxes are not read; leave out triclinic/general"
                )
            tilted = words[:3] == ["xy", "xz", "yz"]
            boundaries = words[3:] if tilted else words
            bounds = np.array(file.table(3, 3 if tilted else 2), dtype=np.float64).T
        elif line.startswith(("ITEM: UNITS", "ITEM: TIME")):
            file.line()
        else:
            raise ValueError(f"unknown line {line[:60].rstrip()!r}, where ITEM: ... should be")
        line = file.line()
    if not n_particles or not bounds.size:
        raise ValueError("a frame without NUMBER OF ATOMS or BOX BOUNDS")
    names = line.split()[2:]
    columns = dict(zip(names, file.table(n_particles, len(names)), strict=True))
    positions, matrix = _positions(columns, bounds, tilted)
    dimensions = positions.shape[1]
    if any(boundary != "pp" for boundary in boundaries[:dimensions]):
        raise ValueError(
            f"boundaries {' '.join(boundaries)} are not all periodic (pp), as those of a liquid are"
        )
    types, species = _types(columns, species)
    if "id" in columns:
        order = np.argsort(np.array(columns["id"], dtype=np.int64), kind="stable")
        positions, types = positions[order], types[order]
    box = box_from_vectors(matrix.T)
    return Configuration.wrapped(positions, types, box, species), f"time step {step}"


def _positions(
    columns: Columns, bounds: NDArray[np.float64], tilted: bool
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Positions (N, d) and the lattice vectors as columns, (d, d)."""
    lows, matrix = _lattice(bounds, tilted)
    for form in _COORDINATES:
        keys = [form.format(axis) for axis in "xyz"]
        found = [np.array(columns[key], dtype=np.float64) for key in keys if key in columns]
        if keys[0] in columns and keys[1] in columns:
            break
    else:
        raise ValueError(
            f"no coordinates among the columns {' '.join(columns)}; dump x y z, or xu yu zu"
        )
    if len(found) == 3 and is_flat(found[2]):
        found.pop()
    positions = np.stack(found, axis=1)
    dimensions = len(found)
    matrix = matrix[:dimensions, :dimensions]
    if form in ("{}s", "{}su"):
        positions = lows[:dimensions] + positions @ matrix.T
    return positions, matrix


def _lattice(
    bounds: NDArray[np.float64], tilted: bool
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Corner and lattice vectors; bounds of a tilted box are those of the box around it."""
    lows, highs = bounds[:, 0].copy(), bounds[:, 1].copy()
    xy, xz, yz = bounds[:, 2] if tilted else np.zeros(3)
    lows[:2] -= min(0, xy, xz, xy + xz), min(0, yz)
    highs[:2] -= max(0, xy, xz, xy + xz), max(0, yz)
    matrix = np.diag(highs - lows)
    matrix[0, 1], matrix[0, 2], matrix[1, 2] = xy, xz, yz
    return lows, matrix


def _types(
    columns: Columns, species: Sequence[str] | None
) -> tuple[NDArray[np.int64], tuple[str, ...]]:
    if "type" in columns:
        return numbered_types(np.array(columns["type"], dtype=np.int64), species)
    if "element" in columns:
        return named_types(columns["element"], species)
    raise ValueError(f"no type and no element among the columns {' '.join(columns)}")
