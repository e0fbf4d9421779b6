"""Reader of XYZ files: extended ones, and those of the glass community."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ._columns import OWN_TYPES, canonical, read_particles
from ._errors import Refused
from ._frames import Frame, Reading
from ._species import Species
from ._text import TextFile, Words, number
from ._text_frames import Head, text_structures
from .items import Structure

# key=value, key = value, key="a value with blanks", in ' ', { } or [ ] as well, key:value, and keys
# alone, which mean true.
_PAIR = re.compile(
    r"""(?P<key>[^\s="':]+)(?:(?:\s*=\s*|:)(?:"(?P<quoted>(?:[^"\\]|\\.)*)"|'(?P<single>[^'=]*)'"""
    r"""|\{(?P<braced>[^}=]*)\}|(?P<listed>\[(?:[^\[\]=]|\[[^\]=]*\])*\])|(?P<plain>[^\s"]*)))?"""
)

# Between the members of lists.
_SEPARATORS = re.compile(r"[\s,\[\]]+")

_FLAGS = {"T": True, "TRUE": True, "1": True, "F": False, "FALSE": False, "0": False}

# Fields of three or two columns, by all names that programs give them.
_VECTORS = {
    "pos": ("x", "y", "z"),
    "position": ("x", "y", "z"),
    "positions": ("x", "y", "z"),
    "unwrapped_position": ("xu", "yu", "zu"),
    "pos_unwrapped": ("xu", "yu", "zu"),
    "images": ("ix", "iy", "iz"),
    "image": ("ix", "iy", "iz"),
    "cell_images": ("ix", "iy", "iz"),
    "periodic_image": ("ix", "iy", "iz"),
    "vel": ("vx", "vy", "vz"),
    "velocity": ("vx", "vy", "vz"),
    "velocities": ("vx", "vy", "vz"),
    "force": ("fx", "fy", "fz"),
    "forces": ("fx", "fy", "fz"),
}

_STEPS = ("step", "timestep", "timestepindex", "time_step")
_CELLS = ("cell", "boxlengths", "sim_box")


def read_extxyz(path: str | Path, species: Species | None = None) -> list[Structure]:
    r"""Read the frames of an XYZ file whose second lines give the box.

    Either extended XYZ, as ASE and OVITO write it: ``Lattice="ax ay az bx by bz cx cy cz"``, with
    ``Properties`` to name the columns. Or the XYZ of atooms, partycls and RUMD: ``step:0
    columns:id,pos cell:5.0,5.0,5.0 dt:0.001`` or ``boxLengths=``, ``sim_box=`` and
    ``columns=type,x,y,z,imx,imy,imz``. Columns without names are a species, a position, and others,
    which are left alone.

    Species, coordinates, image flags, ids, radii and diameters are found under the names that
    `read_lammps` knows as well, names before numbers; ``Z`` is an atomic number. Exponents may be
    written with D. A frame is two-dimensional if the third coordinates of all particles are the
    same up to rounding. Lattices may have any orientation, and are reduced (`Box.from_vectors`).
    Text may be compressed by gzip, bzip2 or xz.

    Parameters
    ----------
    path : str or Path
    species : sequence or mapping of str, optional
        Names of all species of the mixture in their order; or from names and numbers in the file to
        those of species, ``{"Ni": "A", "P": "B"}``. Those of the frame, sorted, by default.

    Returns
    -------
    list of Structure
        With the steps and times in the second lines, if there are any. The system and the
        temperature are unknown. Positions are brought into a box centred on the origin: they agree
        with those of the file up to lattice vectors.

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    ValueError
        If it is not of this layout; names the file and what is wrong with it.

    Warns
    -----
    UserWarning
        If the last frame is cut off, which is left out.

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
    return list(xyz_structures(path, Reading(species=species)))


def xyz_structures(path: str | Path, reading: Reading) -> Iterator[Structure]:
    """Read the chosen frames of an XYZ file, one in memory at a time."""
    return text_structures(path, reading, _Xyz())


@dataclass(frozen=True)
class _XyzHead(Head):
    information: dict[str, str]


class _Xyz:
    name = "extended XYZ"

    def head(self, file: TextFile, line: str) -> _XyzHead:
        n_particles = file.count(line)
        information = _information(file.line())
        step = _number(information, _STEPS, whole=True)
        time = _number(information, ("time",))
        dt = _number(information, ("dt",))
        if time is None:
            time = step * dt if step is not None and dt is not None else float("nan")
        return _XyzHead(n_particles, None if step is None else int(step), time, information)

    def body(self, file: TextFile, head: _XyzHead) -> Frame:
        information = head.information
        extended = "lattice" in information
        if extended:
            vectors = _lattice(information["lattice"])
            properties = information.get("properties")
            columns = (
                _fields(None, len(file.words())) if properties is None else _properties(properties)
            )
        else:
            lengths = _cell(information)
            columns = _fields(information.get("columns"), len(file.words()), len(lengths))
            vectors = np.diag(lengths)
        particles = read_particles(file, head.n_particles, columns)
        d = particles.coordinates.shape[1]
        # A third coordinate in a cell of two lengths must be flat.
        vectors = np.pad(vectors, (0, max(0, d - len(vectors))))[:d, :d]
        positions = particles.coordinates
        if particles.scaled:
            positions = positions @ vectors
        if particles.images is not None:
            positions = positions + particles.images @ vectors
        pbc = information.get("pbc", "T T T")
        kinds, declared = _own_species(particles.kinds, information)
        return Frame(
            positions,
            vectors,
            kinds,
            particles.unwrapped,
            particles.ids,
            particles.diameters,
            head.step,
            head.time,
            first_type=0 if "ioformat" in information else 1,
            periodic=_flags(pbc),
            boundaries=f"pbc={pbc!r}: the box is not periodic",
            declared=declared,
            columns=" ".join(columns),
        )

    def called(self, number: int, head: _XyzHead) -> str:
        return f"frame {number}"


def _information(line: str) -> dict[str, str]:
    """Pairs of the second line, their keys in lower case."""
    information = {}
    for match in _PAIR.finditer(line):
        key, *values = match.groups()
        value = next((value for value in values[:-1] if value is not None), None)
        if value is None:
            value = (match["plain"] or "").rstrip(",") or "T"
        information[key.lower()] = value.replace('\\"', '"')
    return information


def _number(information: dict[str, str], keys: Sequence[str], whole: bool = False) -> float | None:
    """First number under one of the keys; words that are none belong to a remark.

    What is not whole under the key of a step is the duration of one.
    """
    for key in keys:
        try:
            found = number(information[key], "the second line")
        except (KeyError, ValueError):
            continue
        if np.isfinite(found) and (found.is_integer() or not whole):
            return found
    return None


def _own_species(
    kinds: dict[str, Words], information: dict[str, str]
) -> tuple[dict[str, Words], tuple[str, ...] | None]:
    """Names of the species that `to_ase` left, in place of the X that ASE writes."""
    others = {name: words for name, words in kinds.items() if name != OWN_TYPES}
    listed = information.get("vitreous_species", "").removeprefix("_JSON")
    names = tuple(re.findall(r"[^\s,\[\]\"]+", listed))
    if OWN_TYPES not in kinds or not names:
        return others, None
    own = kinds[OWN_TYPES]
    place = np.array([int(word) for word in own.names])
    return {OWN_TYPES: Words.of(np.array(names)[place][own.codes])} | others, names


def _flags(pbc: str) -> tuple[bool, ...]:
    """Which directions are periodic; one flag is for all."""
    words = [word.upper() for word in _SEPARATORS.split(pbc) if word]
    if len(words) not in (1, 2, 3) or not set(words) <= set(_FLAGS):
        raise Refused(f'pbc={pbc[:60]!r} is not understood; write pbc="T T T"')
    flags = [_FLAGS[word] for word in words]
    return tuple(flags * 3 if len(flags) == 1 else [*flags, True][:3])


def _lattice(text: str) -> NDArray[np.float64]:
    numbers = np.array(
        [number(word, "Lattice") for word in _SEPARATORS.split(text) if word], dtype=np.float64
    )
    if numbers.shape != (9,):
        raise ValueError(f"Lattice has {numbers.size} numbers, not 9")
    return numbers.reshape(3, 3)


def _cell(information: dict[str, str]) -> NDArray[np.float64]:
    """Lengths of an orthorhombic cell, as atooms, partycls and RUMD write them."""
    text = next((information[key] for key in _CELLS if key in information), None)
    if text is None:
        raise ValueError(
            'the second line has no Lattice="...", the vectors of a periodic box, and no cell:'
        )
    words = [word for word in text.split(",") if word]
    if words and words[0] == "RectangularSimulationBox":
        words = words[1:]
    lengths = np.array([number(word, "the cell") for word in words], dtype=np.float64)
    if lengths.size not in (2, 3):
        raise ValueError(f"the cell {text[:60]!r} has {lengths.size} lengths, not 2 or 3")
    return lengths


def _properties(properties: str) -> list[str]:
    """Names of the single columns of extended XYZ."""
    words = properties.split(":")
    if len(words) % 3:
        raise ValueError(f"Properties={properties[:200]} are no triples name:type:columns")
    columns: list[str] = []
    for name, width in zip(words[::3], words[2::3], strict=True):
        n_columns = int(width)
        if not 1 <= n_columns <= 1000:
            raise ValueError(f"the property {name[:60]} has {width} columns")
        axes = _VECTORS.get(name.lower(), ())
        if axes[:2] == ("x", "y") and n_columns not in (2, 3):
            raise ValueError(f"Properties={properties[:200]}: no {name} of 3 columns")
        if axes and n_columns <= 3:
            columns += axes[:n_columns]
        elif n_columns == 1:
            columns.append(name)
        else:
            columns += [f"{name}[{k}]" for k in range(n_columns)]
    return columns


def _fields(text: str | None, n_words: int, dimensions: int = 3) -> list[str]:
    """Names of the single columns of atooms, partycls and RUMD, and of files that name none.

    How many dimensions the vectors have follows from the number of words in a row.
    """
    if text is None:
        n_axes = 3 if n_words > 3 else 2
        return ["species", *"xyz"[:n_axes], *("?" * (n_words - 1 - n_axes))]
    fields = [field for field in text.split(",") if field]
    n_vectors = sum(field.lower() in _VECTORS for field in fields)
    width = dimensions
    if n_vectors and (n_words - (len(fields) - n_vectors)) % n_vectors == 0:
        width = (n_words - (len(fields) - n_vectors)) // n_vectors
    if n_vectors and width not in (2, 3):
        raise ValueError(f"rows of {n_words} words do not hold the columns {text}")
    # What is called id there is the species, unless another column is.
    kinds = {"species", "element", "name", "type", "Z"}
    called_id = not any(canonical(field) in kinds for field in fields)
    columns: list[str] = []
    for field in fields:
        if field.lower() in _VECTORS:
            columns += _VECTORS[field.lower()][:width]
        else:
            columns.append("species" if called_id and canonical(field) == "id" else field)
    return columns
