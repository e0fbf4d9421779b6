"""Files that commands may write."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..datasets import Structure
from ..storage.atomic import require_place


def require_writable(path: Path, suffixes: Iterable[str], what: str, overwrite: bool) -> None:
    """Refuse a path of another suffix, where no file can be, or that is not to be replaced."""
    if path.suffix not in suffixes:
        raise ValueError(f"{path}: {what} are written to {', '.join(suffixes)} files")
    require_place(path)
    if path.exists() and not overwrite:
        raise FileExistsError(f"{path} exists; choose another name, or overwrite it (--overwrite)")


def ids(structure: Structure) -> NDArray[np.int64]:
    """Ids of the particles in the file, or running numbers."""
    if structure.ids is None:
        return np.arange(structure.configuration.n_particles)
    return structure.ids


def gsd_frame(structure: Structure, number: int) -> Any:
    """Frame of a structure that says where it came from: file, frame, time, and ids.

    Its step is the time step there, or the number of the structure where that is not known.
    """
    frame = structure.configuration.to_gsd()
    frame.configuration.step = number if structure.step is None else structure.step
    frame.log |= {
        "particles/id": ids(structure),
        "frame": np.array([structure.frame]),
        "frame_time": np.array([structure.time]),
    }
    if structure.file:
        frame.log["file"] = np.frombuffer(os.fsencode(structure.file), dtype=np.uint8)
    return frame
