"""Labelled configurations in GSD files, which OVITO, freud and MDAnalysis open."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import gsd.fl
import gsd.hoomd
import numpy as np
from numpy.typing import NDArray

from ..dynamics import IsoconfigurationalLabels
from ..liquid import Configuration
from ..storage.atomic import atomic_path
from ._errors import errors_name
from ._gsd_index import require_sound_gsd
from .labelled import LabelledConfiguration
from .structures import Structure

_HALVES = ("even", "odd")

_GROUPS = ("particles", "bonds", "angles", "dihedrals", "impropers", "constraints", "pairs")


def write_gsd(data: LabelledConfiguration, path: str | Path) -> None:
    """Write a configuration and its labels to a GSD file, whole or not at all.

    There is one frame for each time of the labels; all hold the structure at t = 0. The labels are
    per-particle log chunks: ``particles/<label>`` is the average over all replicas, with
    ``particles/<label>_even`` and ``particles/<label>_odd`` the averages over half of them where
    these are known. If they are known, ``in_equilibrium`` in every frame is whether a test of
    equilibrium was passed (1) or not (0), and ``engine`` is what ran the dynamics.

    Parameters
    ----------
    data : LabelledConfiguration
    path : str or Path
        An older file is replaced.
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


def read_gsd_structures(path: str | Path) -> list[Structure]:
    """Read the configurations in a GSD file of any origin, one in each frame.

    Files with labels repeat one configuration in all frames, and the first is taken.

    Parameters
    ----------
    path : str or Path

    Returns
    -------
    list of Structure
        System and temperature from the chunks ``system`` and ``temperature`` of the log, if the
        file has them.

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    ValueError
        If it is no GSD file, or a frame is no snapshot of particles in a box.
    """
    frames = read_frames(path)
    labelled = bool(frames) and "n_replicas" in frames[0].log
    structures = []
    for number, frame in enumerate(frames[:1] if labelled else frames):
        source = str(path) if len(frames) == 1 or labelled else f"{path}, frame {number}"
        with errors_name(source):
            system = bytes(frame.log["system"]).decode() if "system" in frame.log else ""
            temperature = float(np.ravel(frame.log.get("temperature", np.nan))[0])
            structures.append(Structure(Configuration.from_gsd(frame), system, temperature, source))
    return structures


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
