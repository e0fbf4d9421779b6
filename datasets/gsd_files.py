"""Labelled configurations in GSD files, which OVITO, freud and MDAnalysis open."""

from __future__ import annotations

from pathlib import Path

import gsd.hoomd
import numpy as np

from .._atomic import atomic_path
from ..dynamics import IsoconfigurationalLabels
from ..liquid import Configuration
from .labelled import LabelledConfiguration

_HALVES = ("even", "odd")


def write_gsd(data: LabelledConfiguration, path: str | Path) -> None:
    """Write a configuration and its labels to a GSD file, whole or not at all.

    There is one frame for each time of the labels; all hold the structure at t = 0. The labels are
    per-particle log chunks: ``particles/<label>`` is the average over all replicas, with
    ``particles/<label>_even`` and ``particles/<label>_odd`` the averages over half of them. If it
    is known, ``in_equilibrium`` tells in every frame whether a test of equilibrium was passed (1)
    or not (0).

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
                "system": np.frombuffer(data.system.encode(), dtype=np.uint8),
                "temperature": np.array([data.temperature]),
                "n_replicas": np.array([labels.n_replicas]),
            }
            if data.in_equilibrium is not None:
                frame.log["in_equilibrium"] = np.array([data.in_equilibrium], dtype=np.uint8)
            for label in labels.halves:
                frame.log[f"particles/{label}"] = labels.mean(label)[index]
                for name, half in zip(_HALVES, labels.half(label), strict=True):
                    frame.log[f"particles/{label}_{name}"] = half[index]
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
    if not frames or "n_replicas" not in frames[0].log:
        raise ValueError(f"{path}: a GSD file without isoconfigurational labels")
    suffix = f"_{_HALVES[0]}"
    names = [
        key.removeprefix("particles/").removesuffix(suffix)
        for key in frames[0].log
        if key.endswith(suffix)
    ]
    labels = IsoconfigurationalLabels(
        np.array([frame.log["time"][0] for frame in frames]),
        {
            name: np.array(
                [[frame.log[f"particles/{name}_{half}"] for frame in frames] for half in _HALVES]
            )
            for name in names
        },
        int(frames[0].log["n_replicas"][0]),
    )
    return LabelledConfiguration(
        Configuration.from_gsd(frames[0]),
        labels,
        bytes(frames[0].log["system"]).decode(),
        float(frames[0].log["temperature"][0]),
        str(path),
        bool(frames[0].log["in_equilibrium"][0]) if "in_equilibrium" in frames[0].log else None,
    )


def read_frames(path: str | Path) -> list[gsd.hoomd.Frame]:
    """Read all frames of a GSD file of any origin; errors as in `read_gsd`."""
    try:
        with gsd.hoomd.open(path, "r") as file:
            return list(file)
    except FileNotFoundError:
        raise
    except (OSError, RuntimeError, ValueError) as error:
        raise ValueError(f"{path}: not a readable GSD file ({error})") from error
