"""From what a frame of a file says to a structure: the same way for every format."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from ..liquid import Box, Configuration, System
from ..liquid.polydisperse import PolydisperseSystem
from ._errors import Refused
from ._frame_choice import EVERY_FRAME, FrameChoice
from ._species import Species, parse_species, types_of
from ._text import Words
from .items import Structure

FLAT = 1e-6
"""Heights that differ by less than this share of the box are rounding noise of a plane."""

NEARLY_FLAT = 0.01
"""For a system of two dimensions: heights that differ by less than this, in mean distances."""

_FEW = 16

# Two particles closer than this, in mean distances, are at one point.
_COINCIDENT = 1e-8


@dataclass(frozen=True)
class Reading:
    """How files are to be read: what `read_structures` was told.

    Attributes are its arguments.
    """

    species: Species | None = None
    system: System | None = None
    frames: FrameChoice = EVERY_FRAME
    length_unit: float = 1.0
    time_step: float | None = None
    topology: str | None = None
    field_of_view: NDArray[np.float64] | None = None

    def __post_init__(self) -> None:
        if not 0 < self.length_unit < np.inf:
            raise ValueError(f"the unit of length must be positive, not {self.length_unit}")
        if isinstance(self.species, str) and {",", "="} & set(self.species):
            object.__setattr__(self, "species", parse_species(self.species))
        if self.time_step is not None and not 0 < self.time_step < np.inf:
            raise ValueError(f"the time step must be positive, not {self.time_step}")

    def time(self, step: int | None, time: float) -> float:
        """Time of a frame: the one in its file, or its step times the time step."""
        if np.isnan(time) and step is not None and self.time_step is not None:
            return step * self.time_step
        return time


@dataclass
class Frame:
    """A frame as its file has it.

    Attributes
    ----------
    positions : ndarray, shape (N, 2) or (N, 3), float64
        Cartesian; with images added if these are known.
    vectors : ndarray, shape (2, 2) or (3, 3), float64
        Lattice vectors as rows.
    kinds : mapping of str to Words
        Columns that tell species, those that are asked first in front.
    unwrapped : bool
        Whether the positions are known not to be wrapped.
    ids, diameters : ndarray, shape (N,), or None
    step : int or None
    time, temperature : float
        NaN if unknown.
    system : str
    first_type : int
        What the format counts types from.
    periodic : tuple of bool
        Whether the box is periodic along each vector.
    boundaries : str
        What is wrong with a box that is not, for messages.
    declared : tuple of str or None
        Names of all species in the order that the file gives.
    columns : str
        What there is in place of kinds, if there are none.
    field : ndarray, shape (d, 2), or None
        Where along each axis a field of view begins and ends, in place of lattice vectors.
    open_along : tuple of bool
        Whether the box is open along each vector, beyond which nothing was seen.
    """

    positions: NDArray[np.float64]
    vectors: NDArray[np.float64] | None
    kinds: Mapping[str, Words]
    unwrapped: bool = False
    ids: NDArray[np.int64] | None = None
    diameters: NDArray[np.float64] | None = None
    step: int | None = None
    time: float = float("nan")
    temperature: float = float("nan")
    system: str = ""
    first_type: int = 1
    periodic: tuple[bool, ...] = (True, True, True)
    boundaries: str = ""
    declared: tuple[str, ...] | None = None
    columns: str = ""
    field: NDArray[np.float64] | None = None
    open_along: tuple[bool, ...] = (False, False, False)


def structure_of(frame: Frame, reading: Reading, file: str, number: int, source: str) -> Structure:
    """Make a structure of a frame: species, dimension, order, box.

    Raises
    ------
    ValueError
        If a frame makes no sense.
    Refused
        If it makes sense and cannot be taken all the same.
    """
    if not len(frame.positions):
        raise ValueError("there are no particles in it")
    for name, values in (("ids", frame.ids), ("diameters", frame.diameters)):
        if values is not None and len(values) != len(frame.positions):
            raise Refused(f"there are {len(values)} {name} of {len(frame.positions)} particles")
    if not np.isfinite(frame.positions).all():
        row = int(np.argmin(np.isfinite(frame.positions).all(axis=1)))
        raise Refused(
            f"{_called(frame.ids, row)} is at {frame.positions[row].tolist()}, which is not "
            "finite, as where a simulation blew up; choose other frames (--frames)"
        )
    declared = frame.declared if reading.system is None else None
    types, species = types_of(
        frame.kinds,
        len(frame.positions),
        declared if reading.species is None else reading.species,
        reading.system,
        frame.first_type,
        frame.columns,
    )
    positions, box = (
        _in_field(frame, reading) if frame.field is not None else _in_box(frame, reading)
    )
    diameters = _diameters(frame.diameters, reading)
    ids = frame.ids
    if ids is not None and len(ids) > 1 and not (ids[1:] > ids[:-1]).all():
        order = _ascending(ids)
        ids, positions, types = ids[order], np.take(positions, order, axis=0), types[order]
        diameters = None if diameters is None else diameters[order]
    configuration = Configuration.wrapped(positions, types, box, species, diameters)
    require_distinct(configuration, ids)
    return Structure(
        configuration,
        frame.system,
        frame.temperature,
        source,
        ids,
        positions if frame.unwrapped else None,
        file,
        number,
        frame.step,
        reading.time(frame.step, frame.time),
    )


def _in_box(frame: Frame, reading: Reading) -> tuple[NDArray[np.float64], Box]:
    """Positions in units of sigma_AA, in the orientation of the reduced box."""
    positions, vectors = frame.positions, frame.vectors
    assert vectors is not None
    if reading.length_unit != 1:
        positions, vectors = positions * reading.length_unit, vectors * reading.length_unit
    dimensions = _dimensions(positions, vectors, reading.system)
    rows = _rows_of_the_plane(vectors) if dimensions < len(vectors) else slice(None)
    if not np.array(frame.periodic[: len(vectors)])[rows].all():
        raise Refused(
            f"{frame.boundaries}, and liquids are read from periodic boxes; of what was seen "
            "through a field of view, make a table (--format table)"
        )
    plane = np.ascontiguousarray(vectors[rows, :dimensions])
    box, rotation = _reduced_box(plane.tobytes(), dimensions)
    positions = positions[:, :dimensions]
    if rotation is not None:
        positions = positions @ rotation
    if any(frame.open_along):
        is_open = np.array(frame.open_along[: len(vectors)])[rows]
        box = replace(box, periodic=tuple(not flag for flag in is_open.tolist()))
    return positions, box


@lru_cache(maxsize=16)
def _reduced_box(vectors: bytes, dimensions: int) -> tuple[Box, NDArray[np.float64] | None]:
    """Box of a lattice, most often that of the frame before, and the rotation to it if it turns."""
    rows = np.frombuffer(vectors).reshape(dimensions, dimensions)
    box, rotation = Box.from_vectors(rows)
    return box, None if np.array_equal(rotation, np.eye(dimensions)) else rotation


def _in_field(frame: Frame, reading: Reading) -> tuple[NDArray[np.float64], Box]:
    """Positions in units of sigma_AA from the middle of the field of view, and its open box."""
    assert frame.field is not None
    dimensions = len(frame.field)
    positions = frame.positions[:, :dimensions]
    outside = ((positions < frame.field[:, 0]) | (positions > frame.field[:, 1])).any(axis=1)
    if outside.any():
        row = int(np.argmax(outside))
        raise ValueError(
            f"{_called(frame.ids, row)} at {positions[row].tolist()} lies outside the field of "
            f"view, {frame.field.tolist()}"
        )
    lengths = (frame.field[:, 1] - frame.field[:, 0]) * reading.length_unit
    positions = (positions - frame.field.mean(axis=1)) * reading.length_unit
    half = lengths / 2
    return np.clip(positions, -half, half), Box(tuple(lengths), periodic=(False,) * dimensions)


def require_distinct(configuration: Configuration, ids: NDArray[np.int64] | None = None) -> None:
    """Refuse two particles at one point, which no pair potential and no angle survives.

    Raises
    ------
    Refused
        Names both, by their ids if these are given and by their places if not.
    """
    box = configuration.box
    closest = _COINCIDENT / configuration.density ** (1 / configuration.dimensions)
    first_coordinate = configuration.positions[:, 0] / box.lengths[0]
    if not box.is_orthorhombic:
        first_coordinate = box.fractional(configuration.positions)[:, 0]
    # Every pair that close is next to each other in one coordinate, but for few others between.
    width = closest / (box.lengths[0] if box.is_orthorhombic else box.plane_distances[0])
    sorted_first = np.sort(first_coordinate)
    if (
        len(sorted_first) < 2
        or min(np.diff(sorted_first).min(), sorted_first[0] + 1 - sorted_first[-1]) > width
    ):
        return
    order = np.argsort(first_coordinate)
    for shift in range(1, len(order)):
        gaps = np.roll(sorted_first, -shift) - sorted_first
        gaps[-shift:] += 1
        near = np.flatnonzero(gaps <= width)
        if not near.size:
            return
        first, second = order[near], np.roll(order, -shift)[near]
        vectors = configuration.positions[second] - configuration.positions[first]
        distances = np.linalg.norm(box.minimum_image(vectors), axis=1)
        together = np.flatnonzero(distances <= closest)
        if together.size:
            i, j = sorted((int(first[together[0]]), int(second[together[0]])))
            raise Refused(
                f"{_called(ids, i)} and {_called(ids, j)} are at one point, "
                f"{configuration.positions[i].tolist()}; move or remove one of them"
            )


def _ascending(ids: NDArray[np.int64]) -> NDArray[np.int64]:
    """Order of the ids, in linear time where they have few gaps; refuse two that are the same."""
    first, last = int(ids.min()), int(ids.max())
    if last - first < 8 * len(ids):
        place = np.full(last - first + 1, -1)
        place[ids - first] = np.arange(len(ids))
        order = place[place >= 0]
        if len(order) == len(ids):
            return order
    order = np.argsort(ids, kind="stable")
    repeated = np.flatnonzero(ids[order[1:]] == ids[order[:-1]])
    if repeated.size:
        raise Refused(
            f"two particles have the id {ids[order[repeated[0]]]}; leave one of them out, or "
            "number all anew"
        )
    return order


def _called(ids: NDArray[np.int64] | None, row: int) -> str:
    return f"particle {row}" if ids is None else f"particle {ids[row]}"


def is_flat(positions: NDArray[np.float64], vectors: NDArray[np.float64]) -> bool:
    """Whether particles lie in one plane, as those of 2D systems in files with three coordinates.

    Up to rounding, which is small beside the box. A single particle cannot show this; it is
    taken to be in 3D.
    """
    return len(positions) > 1 and _thickness(positions, vectors) <= FLAT * _width(vectors)


def _dimensions(
    positions: NDArray[np.float64], vectors: NDArray[np.float64], system: System | None
) -> int:
    if positions.shape[1] == 2:
        return 2
    limit = FLAT * _width(vectors) if len(positions) > 1 else -1.0
    if system is not None and system.dimensions == 2:
        limit = max(limit, NEARLY_FLAT * _width(vectors) / len(positions) ** 0.5)
    # A few particles show it, in most liquids of three dimensions.
    for some in (positions[:_FEW], positions):
        if _thickness(some, vectors) > limit:
            return 3
    return 2


def _thickness(positions: NDArray[np.float64], vectors: NDArray[np.float64]) -> float:
    heights = positions[:, 2] - positions[0, 2]
    height = np.abs(vectors[:, 2]).max()
    if height > 0:
        heights = heights - height * np.rint(heights / height)
    return float(np.ptp(heights))


def _width(vectors: NDArray[np.float64]) -> float:
    return float(np.abs(vectors[:2, :2]).max())


def _rows_of_the_plane(vectors: NDArray[np.float64]) -> list[int]:
    """Which of three vectors span the plane in which a liquid of two dimensions lies."""
    rise = np.abs(vectors[:, 2])
    rows = sorted(np.argsort(rise, kind="stable")[:2].tolist())
    if rise[rows].max() > FLAT * np.abs(vectors[rows, :2]).max():
        raise Refused(
            f"the particles lie in a plane of constant z, and no two of the lattice vectors "
            f"{vectors.tolist()} do; turn them together"
        )
    return rows


def _diameters(
    diameters: NDArray[np.float64] | None, reading: Reading
) -> NDArray[np.float64] | None:
    """Diameters, where they are more than decoration of a liquid whose types decide."""
    of_types = reading.system is not None and not isinstance(reading.system, PolydisperseSystem)
    if diameters is None or of_types:
        return None
    return diameters * reading.length_unit
