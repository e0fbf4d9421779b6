"""Reader of LAMMPS dump files in text form."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ._columns import read_particles
from ._frames import Frame, Reading
from ._species import Species
from ._text import TextFile
from ._text_frames import Head, text_structures
from .items import Structure


def read_lammps(path: str | Path, species: Species | None = None) -> list[Structure]:
    r"""Read the frames of a LAMMPS dump file in text form (``dump custom`` or ``dump atom``).

    Needed in ``ITEM: ATOMS`` are coordinates, unwrapped ``xu yu zu`` or ``xsu ysu zsu``, or
    ``x y z`` or scaled ``xs ys zs``, with image flags ``ix iy iz`` or without; and names of the
    species in ``element`` or ``name``, or numbers in ``type``. Names win. ``radius`` or
    ``diameter`` are read where diameters differ; other columns are left alone. Particles are sorted
    by ``id`` if there is one. A frame is two-dimensional if it has no third coordinate, or if that
    is the same for all particles up to rounding. Boxes may be orthorhombic, triclinic or general
    triclinic (LAMMPS documentation, ``dump`` and "Triclinic simulation boxes"), must be periodic,
    and are reduced (`Box.from_vectors`). Text may be compressed by gzip, bzip2 or xz.

    Parameters
    ----------
    path : str or Path
    species : sequence or mapping of str, optional
        Names of the types 1, 2, ..., all of the mixture, so that files agree in which some are
        absent; or from numbers and names in the file to those of species, ``{"1": "C", "2": "A"}``.
        ``A``, ``B``, ... up to the last type of the frame by default.

    Returns
    -------
    list of Structure
        With ids, time steps, and unwrapped positions where the file has them. The system and the
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

    See Also
    --------
    vitreous.datasets.iterate_structures : one frame in memory at a time.

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
    >>> structure.unwrapped
    array([[1. , 1.5],
           [6. , 2. ]])
    """
    return list(lammps_structures(path, Reading(species=species)))


def lammps_structures(path: str | Path, reading: Reading) -> Iterator[Structure]:
    """Read the chosen frames of a LAMMPS dump, one in memory at a time."""
    return text_structures(path, reading, _Dump())


@dataclass(frozen=True)
class _DumpHead(Head):
    corner: NDArray[np.float64]
    vectors: NDArray[np.float64]
    boundaries: tuple[str, ...]
    columns: tuple[str, ...]


class _Dump:
    name = "LAMMPS dump"

    def head(self, file: TextFile, line: str) -> _DumpHead:
        step, n_particles, time = None, 0, float("nan")
        box: tuple[NDArray[np.float64], NDArray[np.float64], tuple[str, ...]] | None = None
        while not line.startswith("ITEM: ATOMS"):
            if line.startswith("ITEM: TIMESTEP"):
                step = int(file.line())
            elif line.startswith("ITEM: NUMBER OF ATOMS"):
                n_particles = file.count(file.line())
            elif line.startswith("ITEM: BOX BOUNDS"):
                box = _box(file, line.split()[3:])
            elif line.startswith("ITEM: TIME"):
                time = float(file.line())
            elif line.startswith("ITEM: UNITS"):
                file.line()
            else:
                raise ValueError(f"unknown line {line[:60].rstrip()!r}, where ITEM: ... should be")
            line = file.line()
        if not n_particles or box is None:
            raise ValueError("a frame without NUMBER OF ATOMS or BOX BOUNDS")
        return _DumpHead(n_particles, step, time, *box, tuple(line.split()[2:]))

    def body(self, file: TextFile, head: _DumpHead) -> Frame:
        particles = read_particles(file, head.n_particles, head.columns)
        d = particles.coordinates.shape[1]
        positions, vectors = particles.coordinates, head.vectors[:d, :d]
        if particles.scaled:
            positions = head.corner[:d] + positions @ vectors
        if particles.images is not None:
            positions = positions + particles.images @ vectors
        return Frame(
            positions,
            vectors,
            particles.kinds,
            particles.unwrapped,
            particles.ids,
            particles.diameters,
            head.step,
            head.time,
            periodic=tuple(word == "pp" for word in head.boundaries),
            boundaries=f"boundaries {' '.join(head.boundaries)} are not all periodic (pp)",
            columns=" ".join(head.columns),
        )

    def called(self, number: int, head: _DumpHead) -> str:
        return f"time step {head.step}"


def _box(
    file: TextFile, words: list[str]
) -> tuple[NDArray[np.float64], NDArray[np.float64], tuple[str, ...]]:
    """Corner, lattice vectors as rows, and boundaries."""
    if words[:2] == ["abc", "origin"]:
        table = _numbers(file, 4, "a general triclinic box")
        return table[:, 3], table[:, :3], _boundaries(words[2:])
    tilted = words[:3] == ["xy", "xz", "yz"]
    boundaries = _boundaries(words[3:] if tilted else words)
    bounds = _numbers(file, 3 if tilted else 2, "BOX BOUNDS")
    lows, highs = bounds[:, 0].copy(), bounds[:, 1].copy()
    # Bounds of a tilted box are those of the box around it.
    xy, xz, yz = bounds[:, 2] if tilted else np.zeros(3)
    lows[:2] -= min(0, xy, xz, xy + xz), min(0, yz)
    highs[:2] -= max(0, xy, xz, xy + xz), max(0, yz)
    lengths = highs - lows
    if not (lengths[:2] > 0).all():
        raise ValueError(f"BOX BOUNDS from {lows.tolist()} to {highs.tolist()} span no box")
    return (
        lows,
        np.array([[lengths[0], 0, 0], [xy, lengths[1], 0], [xz, yz, lengths[2]]]),
        boundaries,
    )


def _numbers(file: TextFile, n_columns: int, what: str) -> NDArray[np.float64]:
    try:
        return np.array([file.numbers(n_columns) for _ in range(3)])
    except ValueError as error:
        raise ValueError(f"{what}: {error}") from error


def _boundaries(words: list[str]) -> tuple[str, ...]:
    """Boundaries of three sides; old dumps, which do not give them, count as periodic."""
    return tuple(words) or ("pp", "pp", "pp")
