"""Predictions for files, and files of predictions: what ``vitreous predict`` does."""

from __future__ import annotations

import copy
import csv
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import gsd.hoomd
import numpy as np
from numpy.typing import NDArray

from ..datasets import read_structures
from ..liquid import Configuration, get_system
from ..models import StoredModel
from ..storage.atomic import atomic_path
from ._labels import warn_of_temperatures


@dataclass(frozen=True, eq=False)
class Prediction:
    """Predicted labels of one configuration.

    Attributes
    ----------
    configuration : Configuration
    source : str
        Where it came from.
    values : ndarray, shape (N,), or (N, K) for the K levels of a transferable model
    half_widths : ndarray, shape (N,), or None
        Half the width of the prediction interval of each particle, if the model has intervals.
    """

    configuration: Configuration
    source: str
    values: NDArray[np.float64]
    half_widths: NDArray[np.float64] | None


def predict(
    stored: StoredModel,
    files: Sequence[str | Path],
    file_format: str,
    n_jobs: int | None = None,
    allow_other_system: bool = False,
) -> list[Prediction]:
    """Predict for every configuration in files; they need no labels.

    Parameters
    ----------
    stored : StoredModel
    files : sequence of str or Path
        File names or glob patterns.
    file_format : {"gsd", "lammps", "extxyz", "botan", "glassbench", "deepmind"}
        As in `vitreous.datasets.read_structures`.
    n_jobs, allow_other_system
        As in `score`. Files that do not name their system are taken
        to be of that of the model, if species and dimension are.

    Raises
    ------
    FileNotFoundError
        If a pattern matches nothing.
    ValueError
        If there are no configurations, or they are of another system than the model.

    Warns
    -----
    ExtrapolationWarning
        If configurations or their temperatures lie outside the training range.
    """
    structures = read_structures(files, file_format, get_system(stored.system).species)
    if not structures:
        raise ValueError("there are no configurations to predict for")
    for item in structures:
        if item.system:
            stored.require_system(item.system, item.source, allow_other_system)
        get_system(stored.system).require(item.configuration)
    warn_of_temperatures(stored, (item.temperature for item in structures))
    configurations = [item.configuration for item in structures]
    predictions = copy.copy(stored.model).set_params(n_jobs=n_jobs).predict(configurations)
    intervals = stored.intervals
    return [
        Prediction(
            item.configuration,
            item.source,
            values,
            None if intervals is None else intervals.half_width(item.configuration),
        )
        for item, values in zip(structures, predictions, strict=True)
    ]


def write_predictions(
    stored: StoredModel,
    predictions: Sequence[Prediction],
    path: str | Path,
    overwrite: bool = False,
) -> None:
    """Write predictions to a file, whole or not at all.

    Parameters
    ----------
    stored : StoredModel
        The model they are of.
    predictions : sequence of Prediction
    path : str or Path
        The suffix tells the format. ``.gsd``: one frame for each configuration, with per-particle
        log chunks ``particles/<label>_predicted`` and, with intervals, ``..._lower`` and
        ``..._upper``, which OVITO and freud show. ``.npz`` and ``.csv``: a row for each particle
        with the number of its configuration, its own number, its type, the prediction and the
        bounds of its interval.
    overwrite : bool
        Whether an older file may be replaced.

    Raises
    ------
    FileExistsError
        If there is such a file.
    ValueError
        If the suffix is none of these.
    """
    path = Path(path)
    check_output(path, overwrite)
    with atomic_path(path) as partial:
        _WRITERS[path.suffix](stored, predictions, partial)


def check_output(path: Path, overwrite: bool = False) -> None:
    """Refuse a path that `write_predictions` would refuse."""
    if path.suffix not in _WRITERS:
        raise ValueError(f"{path}: predictions are written to {', '.join(_WRITERS)} files")
    if not path.absolute().parent.is_dir():
        raise FileNotFoundError(f"the folder of {path} does not exist")
    if path.exists() and not overwrite:
        raise FileExistsError(f"{path} exists; choose another name, or overwrite it (--overwrite)")


def _columns(stored: StoredModel, prediction: Prediction) -> dict[str, NDArray[np.float64]]:
    name = f"{stored.label}_predicted"
    if prediction.values.ndim == 2:
        levels = np.ravel(stored.model.levels)
        return {f"{name}_at_{c:.3g}": v for c, v in zip(levels, prediction.values.T, strict=True)}
    columns = {name: prediction.values}
    if prediction.half_widths is not None:
        columns[f"{name}_lower"] = prediction.values - prediction.half_widths
        columns[f"{name}_upper"] = prediction.values + prediction.half_widths
    return columns


def _write_gsd(stored: StoredModel, predictions: Sequence[Prediction], path: Path) -> None:
    with gsd.hoomd.open(path, "w") as file:
        for number, prediction in enumerate(predictions):
            frame = prediction.configuration.to_gsd()
            frame.configuration.step = number
            frame.log |= {"time": np.array([stored.time])}
            for name, values in _columns(stored, prediction).items():
                frame.log[f"particles/{name}"] = values
            file.append(frame)


def _table(stored: StoredModel, predictions: Sequence[Prediction]) -> dict[str, NDArray[Any]]:
    counts = [prediction.configuration.n_particles for prediction in predictions]
    parts = [_columns(stored, prediction) for prediction in predictions]
    return {
        "configuration": np.repeat(np.arange(len(counts)), counts),
        "particle": np.concatenate([np.arange(count) for count in counts]),
        "type": np.concatenate([np.array(p.configuration.species)[p.configuration.types]
                                for p in predictions]),
    } | {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}  # fmt: skip


def _write_npz(stored: StoredModel, predictions: Sequence[Prediction], path: Path) -> None:
    sources = np.array([prediction.source for prediction in predictions])
    table: dict[str, Any] = _table(stored, predictions)
    np.savez(path, sources=sources, **table)


def _write_csv(stored: StoredModel, predictions: Sequence[Prediction], path: Path) -> None:
    table = _table(stored, predictions)
    with open(path, "w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(table)
        writer.writerows(zip(*(column.tolist() for column in table.values()), strict=True))


_WRITERS: dict[str, Callable[[StoredModel, Sequence[Prediction], Path], None]] = {
    ".gsd": _write_gsd,
    ".npz": _write_npz,
    ".csv": _write_csv,
}
