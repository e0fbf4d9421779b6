"""Reader of extended XYZ files, as ASE and OVITO write them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from ..liquid import Configuration
from ._boxes import box_from_vectors
from ._text import TextFile, is_flat, named_types, open_text
from .structures import Structure, structures_of_frames

# key=value, key="a value with blanks", and keys alone, which mean true.
_PAIR = re.compile(r"""(?P<key>[^\s="]+)(?:=(?:"(?P<quoted>[^"]*)"|(?P<plain>\S*)))?""")

_DEFAULT_PROPERTIES = "species:S:1:pos:R:3"


def read_extxyz(path: str | Path, species: Sequence[str] | None = None) -> list[Structure]:
    r"""Read the frames of an extended XYZ file.

    The second line of a frame needs ``Lattice="ax ay az bx by bz cx cy cz"``; ``Properties``, by
    default ``species:S:1:pos:R:3``, names the columns, of which ``species`` and ``pos`` are used.
    Lattice vectors must be of the form a = (ax, 0, 0), b = (bx, by, 0), c, as those of GSD and
    LAMMPS are. A frame is two-dimensional if the third coordinates of all particles are the same.

    Parameters
    ----------
    path : str or Path
    species : sequence of str, optional
        Names of all species of the mixture in their order; those of the frame, sorted, by default.

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
    >>> lines = ["2", 'Lattice="5 0 0 0 5 0 0 0 1" Properties=species:S:1:pos:R:3 pbc="T T F"',
    ...          "A 1.0 1.5 0.0", "B 6.0 2.0 0.0"]
    >>> with TemporaryDirectory() as folder:
    ...     path = Path(folder, "liquid.xyz")
    ...     _ = path.write_text("\n".join(lines))
    ...     (structure,) = read_extxyz(path)
    >>> structure.configuration
    Configuration(1 A, 1 B; Box(lengths=(5.0, 5.0), tilts=(0.0,)))
    """
    with open_text(path, "extended XYZ") as file:
        frames = [
            (_read_frame(file, file.count(line), species), f"frame {number}")
            for number, line in enumerate(file.first_lines())
        ]
    return structures_of_frames(path, frames)


def _read_frame(file: TextFile, n_particles: int, species: Sequence[str] | None) -> Configuration:
    information = _information(file.line())
    if "Lattice" not in information:
        raise ValueError('the second line has no Lattice="...", the vectors of a periodic box')
    lattice = np.array(information["Lattice"].split(), dtype=np.float64)
    if lattice.shape != (9,):
        raise ValueError(f"Lattice has {lattice.size} numbers, not 9")
    n_columns, first = _columns(information.get("Properties", _DEFAULT_PROPERTIES))
    columns = file.table(n_particles, n_columns)
    positions = np.array(columns[first["pos"] : first["pos"] + 3], dtype=np.float64).T
    dimensions = 2 if is_flat(positions[:, 2]) else 3
    periodic = information.get("pbc", "T T T").split()[:dimensions]
    if any(flag.upper() not in ("T", "TRUE", "1") for flag in periodic):
        raise ValueError(f"pbc={information['pbc']!r}: the box must be periodic, as of a liquid")
    types, species = named_types(columns[first["species"]], species)
    box = box_from_vectors(lattice.reshape(3, 3)[:dimensions, :dimensions])
    return Configuration.wrapped(positions[:, :dimensions], types, box, species)


def _information(line: str) -> dict[str, str]:
    return {
        match["key"]: match["quoted"] if match["quoted"] is not None else match["plain"] or "T"
        for match in _PAIR.finditer(line)
    }


def _columns(properties: str) -> tuple[int, dict[str, int]]:
    """Count the columns, and find where those of each property begin."""
    words = properties.split(":")
    if len(words) % 3:
        raise ValueError(f"Properties={properties[:200]} are no triples name:type:columns")
    first: dict[str, int] = {}
    n_columns = 0
    for name, width in zip(words[::3], words[2::3], strict=True):
        first[name] = n_columns
        if int(width) < 1:
            raise ValueError(f"the property {name[:60]} has {width} columns")
        n_columns += int(width)
    widths = dict(zip(words[::3], words[2::3], strict=True))
    for name, width in (("species", "1"), ("pos", "3")):
        if widths.get(name) != width:
            raise ValueError(f"Properties={properties[:200]}: no {name} of {width} column(s)")
    return n_columns, first
