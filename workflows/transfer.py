"""Transfer matrices of files: what ``vitreous transfer`` does."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from joblib import Memory

from ..datasets import LabelledConfiguration
from ..liquid import get_system
from ..models import TransferMatrix, describe_all, transfer_between_times, transfer_matrix
from ..models._species_blocks import fitted_to
from ..storage.progress import Progress, silent
from ._choice import Choice
from ._labels import (
    errors_name_files,
    groups_of,
    in_state,
    label_at,
    labels_at_all_times,
    order_parameter,
    read_one_system,
    require_label,
    settled_quantile,
)
from .catalogue import make_model, settled_names

__all__ = ["OVER", "transfer"]

OVER = ("temperature", "size", "time")


def transfer(
    files: Sequence[str | Path],
    file_format: str,
    model: str = "ridge",
    label: str = "displacement",
    over: str = "temperature",
    time: float | None = None,
    time_index: int | None = None,
    species: str | None = None,
    n_jobs: int | None = None,
    descriptors: str | None = None,
    allow_other_system: bool = False,
    progress: Progress = silent,
    state: str | None = None,
    quantile: float | None = None,
    *,
    temperature: float | None = None,
    configurations: str | None = None,
    level: float | None = None,
    heated: float | None = None,
) -> TransferMatrix:
    """Train at each temperature, size or time of the files, and test at each.

    Parameters
    ----------
    files : sequence of str or Path
        File names, glob patterns, or folders of campaigns and studies, of one system.
    file_format : {"auto", "botan", "gsd", "glassbench", "deepmind"}
    model : {"ridge", "boosted", "mlp", "softness"}
    label : str
    over : {"temperature", "size", "time"}
        What distinguishes the sets: the temperature, the number of particles, or the times of the
        labels. Times must be the same in all files.
    time : float, optional
        Time of the label, unless `over` is ``"time"``; may be left out where files hold only one.
    time_index : int, optional
        As in `fit`.
    species : str, optional
        Species to score; the first by default.
    n_jobs : int, optional
        As in joblib.
    descriptors : str, optional
        As in `fit`.
    allow_other_system : bool
        As in `fit`.
    progress : callable, optional
        Called with the step, how much of it is done and how much there is: "read", "describe" and
        "train and test".
    state : {"inherent", "thermal", "average"}, optional
        As in `fit`.
    quantile : float, optional
        As in `fit`.
    temperature, configurations, level, heated
        As in `fit`.

    Returns
    -------
    TransferMatrix

    Raises
    ------
    FileNotFoundError
        If a pattern matches nothing.
    ValueError
        If the files are not of one system, there is only one condition, or there are fewer than
        three configurations for one.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> from vitreous.datasets import load_ka2d, write_gsd
    >>> from vitreous.workflows import transfer
    >>> with TemporaryDirectory() as folder:
    ...     for number, item in enumerate(load_ka2d().data[:3]):
    ...         write_gsd(item, f"{folder}/{number}.gsd")
    ...     matrix = transfer([f"{folder}/*.gsd"], "gsd", over="time", descriptors="cubuk2015")
    >>> bool((matrix.conditions == item.labels.times).all()), matrix.pearson.shape
    (True, (3, 3))
    """
    if model in ("transferable", "time-scales"):
        raise ValueError(f"one {model} model is for all temperatures and times: use fit, score")
    if over not in OVER:
        raise ValueError(f"unknown condition {over!r}; choose one of {', '.join(OVER)}")
    choice = Choice(temperature, configurations, time, time_index, level)
    data = read_one_system(files, file_format, allow_other_system, progress, choice)
    require_label(data, label)
    system = get_system(data[0].system)
    descriptors, state = settled_names(system, model, descriptors, state)
    described = in_state(data, state)
    structures = [item.configuration for item in described]
    quantile = settled_quantile(quantile, model, label, data)
    regressor = make_model(
        system,
        structures[0],
        model,
        descriptors,
        label=label,
        state=state,
        quantile=quantile,
        heated=heated,
    )
    settings: dict[str, Any] = {
        "species": species,
        "order_parameter": order_parameter(label, data[0].system),
        "n_jobs": n_jobs,
        "progress": progress,
        "groups": groups_of(data),
    }
    labels: Sequence[Any]
    halves: Sequence[Any]
    conditions: Any
    if over == "time":
        compare: Callable[..., TransferMatrix] = transfer_between_times
        conditions = _common_times(data)
        labels = [labels_at_all_times(item, label) for item in data]
        halves = [item.labels.halves(label) for item in data]
    else:
        compare = transfer_matrix
        conditions = _conditions(data, over)
        labels, halves = zip(
            *(label_at(item, label, choice.time_of(item)) for item in data), strict=True
        )
    with tempfile.TemporaryDirectory() as folder:
        memory = Memory(folder, verbose=0)
        regressor.set_params(memory=memory)
        # All models find the features in the memory.
        with errors_name_files(described):
            descriptor = fitted_to(regressor.descriptor, structures[0])
            describe_all(descriptor, structures, memory, n_jobs, progress)
        return compare(regressor, structures, labels, conditions, halves=halves, **settings)


def _conditions(data: Sequence[LabelledConfiguration], over: str) -> list[float]:
    conditions = [
        item.temperature if over == "temperature" else item.configuration.n_particles
        for item in data
    ]
    for item, condition in zip(data, conditions, strict=True):
        if np.isnan(condition):
            raise ValueError(
                f"{item.source} tells no temperature; leave it out, or label it anew with one "
                "(temperature=, --temperature)"
            )
    if len(set(conditions)) < 2:
        raise ValueError(
            f"all files have the {over} {conditions[0]:g}: there is nothing to transfer to"
        )
    return conditions


def _common_times(data: Sequence[LabelledConfiguration]) -> np.ndarray:
    times = data[0].labels.times
    for item in data:
        if not np.array_equal(item.labels.times, times):
            raise ValueError(
                f"{item.source} has labels at other times than {data[0].source}: transfer over "
                "time takes the same in all files"
            )
    if len(times) < 2:
        raise ValueError(f"all labels are of time {times[0]:g}: there is nothing to transfer to")
    return times
