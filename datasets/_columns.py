"""What the columns of particles are called, in every format of text."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ._errors import Refused
from ._id_kernels import sort_by_id
from ._text import TextFile, Words

OWN_TYPES = "vitreous_type"
"""Column with types as `to_ase` leaves them, where ASE has no name for a species."""

# Columns that tell the species, names before numbers.
_KINDS = ("species", "element", "name", "type", "Z", OWN_TYPES)

# Other names of columns, as programs of this field have them; lower case.
_ALIASES = {
    "elements": "element",
    "symbol": "element",
    "symbols": "element",
    "names": "name",
    "particle_type": "type",
    "types": "type",
    "typeid": "type",
    "atom_type": "type",
    "atom_types": "type",
    "numbers": "Z",
    "atomic_number": "Z",
    "atomic_numbers": "Z",
    "ids": "id",
    "identifier": "id",
    "particle_identifier": "id",
    "particle_identifiers": "id",
    "imx": "ix",
    "imy": "iy",
    "imz": "iz",
    "diameters": "diameter",
    "radii": "radius",
}

# Forms of the coordinates, those that are unwrapped before those that are not; and whether they are
# in units of the lattice vectors.
_COORDINATES = (("{}u", False), ("{}su", True), ("{}", False), ("{}s", True))


@dataclass(frozen=True)
class Particles:
    """What the columns of a table say of the particles, before the box is looked at.

    Attributes
    ----------
    coordinates : ndarray, shape (N, 2) or (N, 3), float64
    scaled : bool
        Whether they are in units of the lattice vectors, from the corner of the box.
    images : ndarray of the same shape, or None
        Whole multiples of the lattice vectors to add.
    unwrapped : bool
        Whether they are known not to be wrapped, once images are added.
    kinds : dict of str to Words
    ids, diameters : ndarray, shape (N,), or None
        Everything is in the order of rising ids, unless these have large gaps or are the same.
    """

    coordinates: NDArray[np.float64]
    scaled: bool
    images: NDArray[np.float64] | None
    unwrapped: bool
    kinds: dict[str, Words]
    ids: NDArray[np.int64] | None
    diameters: NDArray[np.float64] | None


def canonical(name: str) -> str:
    """Name of a column as this module has it."""
    if name == "Z":
        return name
    return _ALIASES.get(name.lower(), name.lower())


def read_particles(file: TextFile, n_particles: int, columns: Sequence[str]) -> Particles:
    """Read a table of particles by the names of its columns.

    Parameters
    ----------
    file : TextFile
        At the first row.
    n_particles : int
    columns : sequence of str
        One name for each column.

    Raises
    ------
    ValueError
        If there are no coordinates, or columns contradict each other; and as `TextFile.table`.
    """
    place: dict[str, int] = {}
    for number, name in enumerate(columns):
        place.setdefault(canonical(name), number)
    form, scaled = _form(place, columns)
    axes = [form.format(axis) for axis in "xyz" if form.format(axis) in place]
    flags = [name for name in ("ix", "iy", "iz")[: len(axes)] if name in place]
    explicit = form in ("{}u", "{}su")
    with_images = not explicit and len(flags) == len(axes)
    numbers = axes + (flags if with_images else [])
    numbers += [name for name in ("id", "radius", "diameter") if name in place]
    kinds = [name for name in _KINDS if name in place]
    values, words = file.table(
        n_particles, [place[n] for n in numbers], [place[k] for k in kinds], len(columns)
    )
    d = len(axes)
    if with_images:
        _require_whole(values[:, d : 2 * d], flags)
    coordinates, ids = np.empty((n_particles, d)), None
    if "id" in place:
        order, ids = np.empty((2, n_particles), dtype=np.int64)
        if sort_by_id(values, numbers.index("id"), order, ids, coordinates):
            values = values[order] if len(numbers) > d + 1 else values
            words = [Words(word.codes[order], word.names) for word in words]
        else:
            ids, coordinates = whole_ids(values[:, numbers.index("id")]), values[:, :d].copy()
    else:
        coordinates = values[:, :d].copy()
    return Particles(
        coordinates,
        scaled,
        values[:, d : 2 * d] if with_images else None,
        explicit or with_images,
        dict(zip(kinds, words, strict=True)),
        ids,
        diameters_of(dict(zip(numbers, values.T, strict=True))),
    )


def _form(place: dict[str, int], columns: Sequence[str]) -> tuple[str, bool]:
    for form, scaled in _COORDINATES:
        if form.format("x") in place and form.format("y") in place:
            return form, scaled
    raise ValueError(
        f"no coordinates among the columns {' '.join(columns)[:200]}; write x y z, or xu yu zu"
    )


def _require_whole(images: NDArray[np.float64], names: Sequence[str]) -> None:
    wrong = images != np.rint(images)
    if wrong.any():
        row, column = (int(place) for place in np.argwhere(wrong)[0])
        raise Refused(
            f"row {row + 1} has the image flag {names[column]} {images[row, column]:g}; they count "
            "boxes, so write whole numbers"
        )


def whole_ids(values: NDArray[np.float64]) -> NDArray[np.int64]:
    """Ids as integers.

    Raises
    ------
    Refused
        If one is none.
    """
    values = np.ascontiguousarray(values)
    with np.errstate(invalid="ignore"):
        ids = values.astype(np.int64)
    # Beyond 2^53, floating-point numbers pass over some.
    if not ((ids == values).all() and ids.max() < 2**53 and ids.min() > -(2**53)):
        wrong = int(np.argmax((ids != values) | (np.abs(values) >= 2**53)))
        raise Refused(
            f"row {wrong + 1} has the id {values[wrong]:.17g}, no whole number below 2^53; number "
            "the particles anew"
        )
    return ids


def diameters_of(column: dict[str, NDArray[np.float64]]) -> NDArray[np.float64] | None:
    """Diameters, from their column or from radii; None if there is neither."""
    radius, diameter = column.get("radius"), column.get("diameter")
    if diameter is None and radius is not None:
        diameter = 2 * radius
    elif diameter is not None and radius is not None:
        different = np.flatnonzero(~np.isclose(diameter, 2 * radius, rtol=1e-3, atol=0))
        if different.size:
            row = different[0]
            raise ValueError(
                f"row {row + 1} has the radius {radius[row]} and the diameter {diameter[row]}"
            )
    return diameter
