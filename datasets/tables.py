"""Tables of tracked particles, as experiments have them: a row for each particle and frame."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any, BinaryIO, cast

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..liquid import System
from ._columns import canonical, diameters_of
from ._errors import errors_name
from ._frame_choice import NothingChosen, choose_frames
from ._frames import FLAT, NEARLY_FLAT, Frame, Reading, structure_of
from ._paths import open_bytes
from ._species import Species
from ._text import Words, number
from .items import Structure

FieldOfView = str | Sequence[Sequence[float]]

_KINDS = ("species", "element", "name", "type")
_NUMBERS = ("frame", "particle", "time", "x", "y", "z", "radius", "diameter")

_ROWS_AT_A_TIME = 2**15

# What a particle that stays the same from frame to frame is called, the surest names first.
_PARTICLE = ("particle", "track_id", "trajectory", "id")

_DECIMAL_COMMA = re.compile(r"[-+]?\d*,\d+([eE][-+]?\d+)?")

# What to do about a value of a column that is no number.
_REMEDIES = {
    "particle": "number the particles, as with pandas.factorize; leave out those of no track",
    "time": "write times as numbers, in units of the simulation or the experiment",
}


def structures_of_table(
    table: Any,
    species: Species | None = None,
    *,
    system: System | None = None,
    frames: str | int | slice | None = None,
    times: str | tuple[float, ...] | None = None,
    time_step: float | None = None,
    length_unit: float = 1.0,
    field_of_view: FieldOfView | None = None,
    source: str = "table",
) -> list[Structure]:
    """Make structures of a table of tracked particles, such as trackpy writes it.

    The columns ``frame``, ``x``, ``y`` and, in three dimensions, ``z`` must be there; ``particle``,
    the same number for the same particle in all frames, is needed to follow it; ``time``,
    ``species``, ``element``, ``name`` or ``type``, and ``radius`` or ``diameter`` are used if they
    are. Other columns are left alone (trackpy's ``size`` is that of an image, not of a particle).

    The box is open: its border is that of the field of view, beyond which nothing was seen.

    Parameters
    ----------
    table : pandas.DataFrame, or mapping of str to array_like of shape (n_rows,)
        Rows in any order; the index of a frame may be one of the columns.
    species : sequence or mapping of str, optional
        As in `read_structures`. Without a column of kinds and without a system, all particles are
        of species A.
    system : System, optional
    frames, times
        As in `read_structures`; frames count from 0 in the order of their numbers in the table.
    time_step : float, optional
        Time between the frames n and n + 1.
    length_unit : float
        Lengths in the table are multiplied by it, to be in units of the diameter: with x in pixels
        of 0.1 micrometres and particles of 1.5 micrometres, it is 0.1 / 1.5.
    field_of_view : str or sequence of (float, float), optional
        Where it begins and ends along each axis, in the units of the table: ``"0:1024,0:768"``. By
        default from the smallest to the largest coordinate in the whole table.
    source : str
        What to call the table in messages.

    Returns
    -------
    list of Structure
        In the order of time, with ids, the numbers of frames as steps, and unwrapped positions.

    Raises
    ------
    ValueError
        If columns are missing, a number is none, or a particle lies outside the field of view.

    See Also
    --------
    without_drift : positions without the motion that all particles share.

    Examples
    --------
    >>> from vitreous.datasets import structures_of_table
    >>> table = {"frame": [0, 0, 1], "particle": [7, 3, 7], "x": [10, 40, 12], "y": [5, 25, 5]}
    >>> first, second = structures_of_table(table, length_unit=0.1, time_step=0.5)
    >>> first.ids, second.ids, second.time
    (array([3, 7]), array([7]), 0.5)
    >>> first.configuration.box
    Box(lengths=(3.0, 2.0), tilts=(0.0,), periodic=(False, False))
    """
    reading = Reading(
        species,
        system,
        choose_frames(frames, times),
        float(length_unit),
        time_step,
        field_of_view=checked_field(field_of_view),
    )
    columns = _columns_of(table)
    with errors_name(source):
        return list(_structures(_Table.of(columns, reading), reading, source))


def table_structures(path: str | Path, reading: Reading) -> Iterator[Structure]:
    """Read the chosen frames of a CSV or Parquet file; the whole table is in memory."""
    with errors_name(path, "table of particles"):
        with open(path, "rb") as file:
            is_parquet = file.read(4) == b"PAR1"
        columns = _parquet(path) if is_parquet else _csv(path)
        table = _Table.of(columns, reading)
    yield from _structures(table, reading, str(path))


def is_table_header(line: str) -> bool:
    """Whether a line names the columns that a table of particles must have."""
    try:
        names = _names(line)
    except csv.Error:
        return False
    return {"frame", "x", "y"} <= set(names)


def checked_field(field_of_view: FieldOfView | None) -> NDArray[np.float64] | None:
    """Read a field of view as users write it; shape (d, 2).

    Raises
    ------
    ValueError
        If it cannot be understood.
    """
    if field_of_view is None:
        return None
    try:
        sides = field_of_view
        if isinstance(sides, str):
            sides = [[float(word) for word in side.split(":")] for side in sides.split(",")]
        field = np.array(sides, dtype=np.float64)
    except ValueError:
        field = np.empty(0)
    if field.shape not in ((2, 2), (3, 2)) or not (field[:, 1] > field[:, 0]).all():
        raise ValueError(
            f"{field_of_view!r} is no field of view; write where it begins and ends along each "
            "axis, as 0:1024,0:768"
        )
    return field


def _settled(names: Iterable[str]) -> list[str]:
    """Names of columns as this module has them; one of them tells which particle is which."""
    known = [canonical(name.strip()) for name in names]
    tracks = [name for name in _PARTICLE if name in known]
    return ["particle" if tracks and name == tracks[0] else name for name in known]


def _places(names: Sequence[str]) -> dict[str, list[int]]:
    """Where the columns that are wanted stand; several may have the same name."""
    places: dict[str, list[int]] = {}
    for place, name in enumerate(names):
        if name in (*_NUMBERS, *_KINDS):
            places.setdefault(name, []).append(place)
    return places


def _the_same(name: str, columns: Sequence[NDArray[Any]], n_before: int = 0) -> NDArray[Any]:
    """Take one of several columns of a name, which must agree."""
    for other in columns[1:]:
        different = np.flatnonzero(columns[0] != other)
        if different.size:
            row = different[0]
            raise ValueError(
                f"two columns are called {name}, and row {n_before + row + 1} has "
                f"{columns[0][row]} and {other[row]}; leave one of them out"
            )
    return columns[0]


def _columns_of(table: Any) -> dict[str, NDArray[Any]]:
    """Columns of a table in memory, by names as this module has them."""
    index = getattr(table, "index", None)
    if names := [name for name in getattr(index, "names", ()) if name and name not in table]:
        table = table.reset_index(level=names)
    names = [str(name) for name in table]
    if hasattr(table, "iloc"):
        values = [np.asarray(table.iloc[:, place]) for place in range(len(names))]
    else:
        values = [np.asarray(table[name]) for name in table]
    lengths = {len(column): name for name, column in zip(names, values, strict=True)}
    if len(lengths) > 1:
        (first, one), (second, other), *_ = lengths.items()
        raise ValueError(f"{first} rows have the column {one}, and {second} the column {other}")
    settled = _settled(names)
    found = dict(zip(settled, values, strict=True))
    for name, places in _places(settled).items():
        found[name] = _the_same(name, [values[place] for place in places])
    return found


def _rows(lines: Iterable[str], header: str) -> Iterator[list[str]]:
    """Split lines at what separates the names in the header: a mark, or any number of blanks."""
    mark = next((mark for mark in "\t;," if mark in header), " ")
    stripped = (line.strip() for line in lines) if mark == " " else lines
    return csv.reader(stripped, delimiter=mark, skipinitialspace=True)


def _names(header: str) -> list[str]:
    # numpy.savetxt writes the names as a comment.
    return _settled(next(_rows([header.removeprefix("#")], header), []))


def _header(lines: Iterable[str]) -> str:
    """First line that is neither blank nor a remark."""
    for line in lines:
        if line.strip() and (not line.startswith("#") or is_table_header(line)):
            return line
    return ""


def _csv(path: str | Path) -> dict[str, NDArray[Any]]:
    with (
        open_bytes(path) as raw,
        io.TextIOWrapper(cast(BinaryIO, raw), "utf-8-sig", newline="") as file,
    ):
        header = _header(file)
        try:
            return _columns_read(_names(header), _rows(file, header))
        except csv.Error as error:
            raise ValueError(f"no table with separated columns: {error}") from error


def _columns_read(names: Sequence[str], rows: Iterator[list[str]]) -> dict[str, NDArray[Any]]:
    """Columns that are wanted, some rows at a time, which take many times the memory as text."""
    places = _places(names)
    parts: dict[str, list[NDArray[Any]]] = {name: [] for name in places}
    n_read = 0
    while some := list(islice(rows, _ROWS_AT_A_TIME)):
        whole = [row for row in some if row]
        for row in whole:
            n_read += 1
            if len(row) != len(names):
                raise ValueError(f"row {n_read} has {len(row)} columns, not {len(names)}")
        n_before = n_read - len(whole)
        for name, own in places.items():
            columns = [np.array([row[place].strip() for row in whole]) for place in own]
            if name in _NUMBERS and whole:
                columns = [_numbers(name, words, n_before) for words in columns]
            parts[name].append(_the_same(name, columns, n_before))
    return {name: np.concatenate(values or [np.empty(0)]) for name, values in parts.items()}


def _parquet(path: str | Path) -> dict[str, NDArray[Any]]:
    try:
        import pandas

        table = pandas.read_parquet(path)
    except ImportError as error:
        raise ImportError(
            f"{path}: pandas and pyarrow read Parquet files, and one of them is not installed: "
            "pip install pandas pyarrow, or write the table as CSV"
        ) from error
    return _columns_of(table)


@dataclass(frozen=True)
class _Table:
    """Columns of a table, with positions (n_rows, d) and the field of view (d, 2) in its units."""

    frames: NDArray[np.int64]
    positions: NDArray[np.float64]
    field: NDArray[np.float64]
    particles: NDArray[np.int64] | None
    times: NDArray[np.float64] | None
    diameters: NDArray[np.float64] | None
    kinds: dict[str, Words]
    columns: str

    @classmethod
    def of(cls, columns: dict[str, NDArray[Any]], reading: Reading) -> _Table:
        """Check the columns, by names as this module has them."""
        there = ", ".join(columns)[:200]
        for name in ("frame", "x", "y"):
            if name not in columns:
                raise ValueError(f"there is no column {name} in the table, only {there}")
        numbers = {name: _numbers(name, columns[name]) for name in _NUMBERS if name in columns}
        axes = [axis for axis in "xyz" if axis in numbers]
        positions = np.stack([numbers[axis] for axis in axes], axis=1)
        if not len(positions):
            raise ValueError("there are no particles in the table")
        n_each = len(positions) / len(np.unique(numbers["frame"]))
        if len(axes) == 3 and _is_flat(positions, n_each, reading.system):
            positions = positions[:, :2]
        field = reading.field_of_view
        if field is None:
            field = np.stack([positions.min(axis=0), positions.max(axis=0)], axis=1)
            for axis, (first, last) in zip("xyz", field.tolist(), strict=False):
                if first == last:
                    raise ValueError(
                        f"all its particles have the {axis} {first:g}, which spans no field of "
                        "view; give it (field_of_view=, --field-of-view)"
                    )
        elif len(field) != positions.shape[1]:
            raise ValueError(
                f"a field of view of {len(field)} axes, and positions in {positions.shape[1]}"
            )
        return cls(
            _whole("frame", numbers["frame"]),
            positions,
            field,
            _whole("particle", numbers["particle"]) if "particle" in numbers else None,
            numbers.get("time"),
            diameters_of(numbers),
            {name: _words(name, columns[name]) for name in _KINDS if name in columns},
            there,
        )

    def frame(self, rows: NDArray[np.intp], step: int, reading: Reading) -> Frame:
        """Collect what some rows say, those of one frame."""
        nameless = not self.kinds and reading.system is None and reading.species is None
        return Frame(
            self.positions[rows],
            None,
            {name: Words(words.codes[rows], words.names) for name, words in self.kinds.items()},
            unwrapped=True,
            ids=None if self.particles is None else self.particles[rows],
            diameters=None if self.diameters is None else self.diameters[rows],
            step=step,
            time=float("nan") if self.times is None else _common_time(self.times[rows]),
            declared=("A",) if nameless else None,
            columns=self.columns,
            field=self.field,
        )


def _structures(table: _Table, reading: Reading, path: str) -> Iterator[Structure]:
    order = np.argsort(table.frames, kind="stable")
    steps, starts = np.unique(table.frames[order], return_index=True)
    choice = reading.frames.of_length(len(steps))
    n_taken = 0
    for place in range(choice.start, choice.stop or 0, choice.step):
        rows = order[starts[place] : (*starts, len(order))[place + 1]]
        source = f"{path}, frame {steps[place]}"
        with errors_name(source):
            frame = table.frame(rows, int(steps[place]), reading)
            if not choice.takes_time(reading.time(frame.step, frame.time)):
                continue
            structure = structure_of(frame, reading, path, place, source)
        n_taken += 1
        yield structure
    if not n_taken:
        raise NothingChosen(path, len(steps))


def _is_flat(positions: NDArray[np.float64], n_each: float, system: System | None) -> bool:
    """Whether particles, so many in each frame, lie in one plane as those of files with a box."""
    height, width = np.ptp(positions[:, 2]), np.ptp(positions[:, :2], axis=0).max()
    is_plane = system is not None and system.dimensions == 2
    return bool(height <= max(FLAT * width, is_plane * NEARLY_FLAT * width / n_each**0.5))


def _words(name: str, values: NDArray[Any]) -> Words:
    words = values.astype(str)
    missing = np.flatnonzero(np.isin(words, ("", "nan", "None", "<NA>")))
    if missing.size:
        raise ValueError(f"row {missing[0] + 1} has no {name}; leave it out, or name its {name}")
    return Words.of(words)


def _numbers(name: str, values: NDArray[Any], n_before: int = 0) -> NDArray[np.float64]:
    if values.dtype.kind in "mM":
        raise ValueError(f"the {name} is a date or a duration, {values[0]}{_remedy(name)}")
    try:
        numbers = np.asarray(values, dtype=np.float64)
    except (TypeError, ValueError):
        rows = enumerate(values, start=n_before + 1)
        numbers = np.array([_one_number(name, value, row) for row, value in rows])
    if not np.isfinite(numbers).all():
        row = n_before + int(np.argmin(np.isfinite(numbers)))
        raise ValueError(
            f"row {row + 1} has the {name} {numbers[row - n_before]}, which is not finite"
            f"{_remedy(name)}"
        )
    return numbers


def _one_number(name: str, value: Any, row: int) -> float:
    try:
        return number(value, "") if isinstance(value, str) else float(value)
    except (TypeError, ValueError):
        reason = f"row {row} has the {name} {str(value)[:60]!r}{_remedy(name, str(value))}"
        raise ValueError(reason) from None


def _remedy(name: str, value: str = "") -> str:
    if _DECIMAL_COMMA.fullmatch(value):
        return "; write decimal points"
    return f"; {_REMEDIES.get(name, 'leave out rows in which nothing was seen')}"


def _whole(name: str, values: NDArray[np.float64]) -> NDArray[np.int64]:
    wrong = np.flatnonzero(~(values == np.rint(values)) | (np.abs(values) >= 2**53))
    if wrong.size:
        raise ValueError(f"row {wrong[0] + 1} has the {name} {values[wrong[0]]}, no whole number")
    return values.astype(np.int64)


def _common_time(times: ArrayLike) -> float:
    values = np.unique(np.asarray(times, dtype=np.float64))
    if len(values) != 1:
        raise ValueError(f"its particles have different times, {values[0]} and {values[-1]}")
    return float(values[0])
