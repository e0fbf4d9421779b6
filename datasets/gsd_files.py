"""Labelled configurations in GSD files, which OVITO, freud and MDAnalysis open."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import gsd.fl
import gsd.hoomd
import numpy as np
from numpy.typing import NDArray

from ..dynamics import IsoconfigurationalLabels
from ..liquid import Configuration
from ..storage.atomic import atomic_path
from ._columns import whole_ids
from ._errors import errors_name
from ._frame_choice import NothingChosen
from ._frames import Frame, Reading, structure_of
from ._gsd_index import require_sound_gsd
from ._species import Species
from ._text import Words
from .items import LabelledConfiguration, Structure

_HALVES = ("even", "odd")
_AVERAGE = "particles/vitreous_average"
_AVERAGED_OVER = "vitreous_averaged_over"

_IDS = "particles/vitreous_id"

_GROUPS = ("particles", "bonds", "angles", "dihedrals", "impropers", "constraints", "pairs")


def write_gsd(data: LabelledConfiguration, path: str | Path) -> None:
    """Write a configuration and its labels to a GSD file, whole or not at all.

    There is one frame for each time of the labels; all hold the structure at t = 0. The labels are
    per-particle log chunks: ``particles/<label>`` is the average over all replicas, with
    ``particles/<label>_even`` and ``particles/<label>_odd`` the averages over half of them where
    these are known. Every frame also holds, as far as they are known, ``in_equilibrium``, 1 if a
    test of equilibrium was passed and 0 if not; ``engine``, the program that ran the dynamics; and
    ``group``, the name that the configuration shares with those it is not independent of; and
    ``particles/vitreous_id``, the ids of its particles. Average positions are kept as
    ``particles/vitreous_average``, with ``vitreous_averaged_over``.

    Parameters
    ----------
    data : LabelledConfiguration
    path : str or Path
        An older file is replaced.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> import gsd.hoomd
    >>> from vitreous.datasets import load_ka2d, write_gsd
    >>> sample = load_ka2d().data[0]
    >>> with TemporaryDirectory() as folder:
    ...     write_gsd(sample, f"{folder}/liquid.gsd")
    ...     with gsd.hoomd.open(f"{folder}/liquid.gsd") as file:
    ...         mean = file[2].log["particles/displacement"]
    >>> bool((mean == sample.labels.matrix("displacement")[:, 2]).all())
    True
    """
    labels = data.labels
    with atomic_path(path) as partial, gsd.hoomd.open(partial, "w") as file:
        for index, time in enumerate(labels.times):
            frame = data.configuration.to_gsd()
            frame.configuration.step = index
            frame.log |= {
                "time": np.array([time]),
                "system": _as_bytes(data.system),
                "temperature": np.array([data.temperature]),
                "n_replicas": np.array([labels.n_replicas]),
            }
            if data.in_equilibrium is not None:
                frame.log["in_equilibrium"] = np.array([data.in_equilibrium], dtype=np.uint8)
            if data.engine:
                frame.log["engine"] = _as_bytes(data.engine)
            if data.group:
                frame.log["group"] = _as_bytes(data.group)
            if data.ids is not None:
                frame.log[_IDS] = np.ascontiguousarray(data.ids)
            if data.average is not None:
                frame.log[_AVERAGE] = np.ascontiguousarray(data.average)
                frame.log[_AVERAGED_OVER] = np.array([data.averaged_over])
            for label in labels.averages:
                # GSD copies arrays that are not contiguous, and says so in the log.
                frame.log[f"particles/{label}"] = np.ascontiguousarray(
                    labels.matrix(label)[:, index]
                )
                if labels.has_halves(label):
                    for name, half in zip(_HALVES, labels.halves(label), strict=True):
                        column = np.ascontiguousarray(half[:, index])
                        frame.log[f"particles/{label}_{name}"] = column
            file.append(frame)


def read_gsd(path: str | Path) -> LabelledConfiguration:
    """Read a labelled configuration from a GSD file written by `write_gsd`.

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    ValueError
        If it is no GSD file, or has no labels.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> from vitreous.datasets import load_ka2d, read_gsd, write_gsd
    >>> sample = load_ka2d().data[0]
    >>> with TemporaryDirectory() as folder:
    ...     write_gsd(sample, f"{folder}/liquid.gsd")
    ...     data = read_gsd(f"{folder}/liquid.gsd")
    >>> bool((data.labels.matrix("displacement") == sample.labels.matrix("displacement")).all())
    True
    >>> data.system, data.temperature, data.in_equilibrium
    ('KA2D', 0.5, True)
    """
    path = Path(path)
    frames = read_frames(path)
    if not frames or "n_replicas" not in frames[0].log or not any(_label_keys(frames[0].log)):
        raise ValueError(f"{path}: a GSD file without isoconfigurational labels")
    with errors_name(path):
        log = frames[0].log
        labels = IsoconfigurationalLabels(
            np.array([frame.log["time"][0] for frame in frames]),
            {
                label: np.stack([[frame.log[key] for key in keys] for frame in frames], axis=-1)
                for label, keys in _label_keys(log)
            },
            int(log["n_replicas"][0]),
        )
        return LabelledConfiguration(
            Configuration.from_gsd(frames[0]),
            labels,
            bytes(log["system"]).decode(),
            float(log["temperature"][0]),
            str(path),
            bool(log["in_equilibrium"][0]) if "in_equilibrium" in log else None,
            bytes(log["engine"]).decode() if "engine" in log else "",
            bytes(log["group"]).decode() if "group" in log else "",
            log.get(_IDS),
            np.array(log[_AVERAGE], dtype=np.float64) if _AVERAGE in log else None,
            float(log[_AVERAGED_OVER][0]) if _AVERAGED_OVER in log else float("nan"),
        )


def _as_bytes(text: str) -> NDArray[np.uint8]:
    return np.frombuffer(text.encode(), dtype=np.uint8)


def _label_keys(log: dict[str, np.ndarray]) -> Iterator[tuple[str, list[str]]]:
    """Names of the labels with the keys of their halves, or of the average where that is all."""
    for key in log:
        label = key.removeprefix("particles/")
        halves = [f"{key}_{half}" for half in _HALVES]
        if not key.startswith("particles/") or label.startswith("vitreous_"):
            continue
        if all(half in log for half in halves):
            yield label, halves
        elif not key.endswith(tuple(f"_{half}" for half in _HALVES)):
            yield label, [key]


def read_gsd_structures(path: str | Path, species: Species | None = None) -> list[Structure]:
    """Read the configurations in a GSD file of any origin, one in each frame.

    Files with labels repeat one configuration in all frames; only the first is read. Positions have
    the precision in which the file keeps them, single or double.

    Parameters
    ----------
    path : str or Path
    species : sequence or mapping of str, optional
        Names of all species of the mixture in their order, whatever order and number of types the
        file has; or from its names to those of species. The types of the file by default.

    Returns
    -------
    list of Structure
        System and temperature from the chunks ``system`` and ``temperature`` of the log, if the
        file has them; unwrapped positions if it has images.

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    ValueError
        If it is no GSD file, or a frame is no snapshot of particles in a box.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> import gsd.hoomd
    >>> from vitreous.datasets import read_gsd_structures
    >>> frame = gsd.hoomd.Frame()
    >>> frame.configuration.box = [5, 5, 5, 0, 0, 0]
    >>> frame.particles.N, frame.particles.position = 2, [[0, 0, 0], [1, 1, 1]]
    >>> frame.particles.types, frame.particles.typeid = ["P", "Ni"], [0, 1]
    >>> with TemporaryDirectory() as folder:
    ...     with gsd.hoomd.open(f"{folder}/alloy.gsd", "w") as file:
    ...         file.append(frame)
    ...     (structure,) = read_gsd_structures(f"{folder}/alloy.gsd", {"Ni": "A", "P": "B"})
    >>> structure.configuration.species, structure.configuration.types.tolist()
    (('A', 'B'), [1, 0])
    """
    return list(gsd_structures(path, Reading(species=species)))


def gsd_structures(path: str | Path, reading: Reading) -> Iterator[Structure]:
    """Read the chosen frames of a GSD file, one in memory at a time."""
    kind, choice, n_taken = "GSD file", reading.frames, 0
    with errors_name(path, kind):
        require_sound_gsd(path)
        file = gsd.hoomd.open(path, "r")
    with file:
        with errors_name(path, kind):
            size, n_frames = Path(path).stat().st_size, len(file)
            if not n_frames:
                raise ValueError("there are no frames in it")
            # Even to choose a later frame, the library reads the first.
            _require_plausible_numbers(file.file, 0, size)
            labelled = "n_replicas" in file[0].log
            has_images = bool(file.file.find_matching_chunk_names("particles/image"))
        if labelled:
            n_frames = 1
        choice = choice.of_length(n_frames)
        for number in range(choice.start, choice.stop or 0, choice.step):
            only = n_frames == 1
            source = f"{path}" if only else f"{path}, frame {number}"
            with errors_name(path, kind, None if only else f"frame {number}"):
                _require_plausible_numbers(file.file, number, size)
                snapshot = file[number]
                step = None if labelled else int(snapshot.configuration.step or 0)
                time = float("nan") if labelled else _log_number(snapshot, "time")
                if not choice.takes_time(reading.time(step, time)):
                    continue
                frame = _frame(snapshot, has_images)
                frame.step, frame.time = step, time
            with errors_name(source):
                structure = structure_of(frame, reading, str(path), number, source)
            n_taken += 1
            yield structure
    if not n_taken:
        raise NothingChosen(path, n_frames)


def _frame(snapshot: gsd.hoomd.Frame, has_images: bool) -> Frame:
    """Take from a snapshot what readers of all formats ask for."""
    configuration = Configuration.from_gsd(snapshot)
    dimensions = configuration.dimensions
    box, particles = configuration.box, snapshot.particles
    positions = configuration.positions
    if has_images:
        images = np.asarray(particles.image, dtype=np.float64)[:, :dimensions]
        # The configuration is wrapped, and images belong to the positions of the file.
        given = np.asarray(particles.position, dtype=np.float64)[:, :dimensions]
        positions = given + box.minimum_image(positions - given) + images @ box.matrix.T
    log = snapshot.log
    ids = log.get("particles/id", log.get(_IDS))
    temperature = _log_number(snapshot, "temperature")
    if configuration.temperature is not None and np.isnan(temperature):
        temperature = configuration.temperature
    return Frame(
        positions,
        box.matrix.T,
        {"type": Words.of(np.array(configuration.species)[configuration.types])},
        has_images or not any(box.periodic),
        None if ids is None else _ids(np.ravel(ids)),
        configuration.diameters,
        temperature=temperature,
        system=bytes(log["system"]).decode() if "system" in log else "",
        declared=configuration.species,
        open_along=tuple(not flag for flag in box.periodic),
    )


def _ids(values: NDArray[Any]) -> NDArray[np.int64]:
    if values.dtype.kind in "iu":
        return values.astype(np.int64)
    return whole_ids(values.astype(np.float64))


def _log_number(snapshot: gsd.hoomd.Frame, name: str) -> float:
    return float(np.ravel(snapshot.log.get(name, np.nan))[0])


def read_frames(path: str | Path) -> list[gsd.hoomd.Frame]:
    """Read all frames of a GSD file of any origin; errors as in `read_gsd`."""
    with errors_name(path, "GSD file"):
        require_sound_gsd(path)
        with gsd.hoomd.open(path, "r") as file:
            for number in range(len(file)):
                _require_plausible_numbers(file.file, number, Path(path).stat().st_size)
            return list(file)


def _require_plausible_numbers(file: gsd.fl.GSDFile, frame: int, size: int) -> None:
    """Refuse a number of particles or bonds for which default values would fill the memory."""
    for group in _GROUPS:
        key = f"{group}/N"
        if file.chunk_exists(frame=frame, name=key):
            claimed = int(file.read_chunk(frame=frame, name=key)[0])
            if claimed > size:
                raise ValueError(f"frame {frame} claims {claimed} {group} in {size} bytes")
