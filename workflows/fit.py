"""Training on files: what ``vitreous fit`` does."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from joblib import Memory

from ..datasets import LabelledConfiguration, read_ends
from ..dynamics import ReversedReplica, reversed_replicas
from ..liquid import get_system
from ..models import StoredModel, conformal_intervals, cross_predict
from ..models._progress import LABELS
from ..models._species_blocks import fingerprint
from ..models.conformal import check_coverage
from ..models.time_scales import LAST_SHORT
from ..storage.progress import Progress, silent
from ._choice import Choice
from ._labels import (
    errors_name_files,
    groups_of,
    in_state,
    label_at,
    place_of_time,
    read_one_system,
    require_label,
    settled_quantile,
)
from ._levels import labels_at_levels
from ._time_scales import labels_at_times
from .catalogue import DEFAULT_MODEL, check_names, make_model, settled_names

__all__ = ["fit"]


def fit(
    files: Sequence[str | Path],
    file_format: str,
    model: str | None = None,
    label: str = "displacement",
    time: float | None = None,
    n_jobs: int | None = None,
    coverage: float | None = None,
    descriptors: str | None = None,
    n_reversed: int = 0,
    allow_other_system: bool = False,
    progress: Progress = silent,
    state: str | None = None,
    quantile: float | None = None,
    *,
    temperature: float | None = None,
    configurations: str | None = None,
    time_index: int | None = None,
    level: float | None = None,
    heated: float | None = None,
) -> StoredModel:
    """Train a model on the files of one system.

    Parameters
    ----------
    files : sequence of str or Path
        File names, glob patterns, or folders of campaigns and studies.
    file_format : {"auto", "botan", "gsd", "glassbench", "deepmind"}
    model : {"ridge", "boosted", "mlp", "transferable", "time-scales", "softness"}, optional
        By default the ridge for one time; the time-scales model for files with labels at several
        times of which none is chosen, and for times up to 2, while particles vibrate, if files tell
        their temperatures and no descriptors are named. The transferable model learns from files
        of all temperatures, at all their times. The means of their labels at the first time must
        nearly agree, and so at the second and so on. The time-scales model, `TimeScaleRegressor`,
        takes any times, or the one that is chosen, and needs files with temperatures.
        Softness, `SoftnessRegressor`, learns two classes: those of the label, or its values above
        and below a quantile.
    label : str
    time : float, optional
        Time of the label, for models of one time; may be left out where the files hold only one.
    n_jobs : int, optional
        As in joblib.
    coverage : float, optional
        Probability with which labels shall lie in intervals around the predictions; without it
        there are no intervals. They are calibrated on cross-validated predictions, which takes ten
        more fits, without reversed replicas; see `conformal_intervals`.
    descriptors : str, optional
        Name of a set of descriptors: ``"shells"``, radial and bond-order shells coarse-grained
        twice; one of `vitreous.descriptors.presets`; or ``"combined"``, the shells and the preset
        ``jung2023``, for the ridge also the distance of each particle from its inherent position.
        By default the combined ones, or the shells of a system without a potential.
    n_reversed : int
        Reversed replicas of each file to learn from as well, at most. For displacements in files
        that hold the ends of replicas, and the ridge on the combined descriptors.
    allow_other_system : bool
        Whether the files may have another composition or number density than the system that they
        name. Energies are those of its potential all the same.
    progress : callable, optional
        Called with the step, how much of it is done and how much there is: "read", "describe" and
        "fit", and for intervals "train and test".
    state : {"inherent", "thermal", "average"}, optional
        Which positions are described: the minima of the energy, those at t = 0, or averages over
        the time before, which files hold if they were labelled so. By default the minima, or those
        at t = 0 of a system without a potential.
    quantile : float, optional
        Of a continuous label, above which particles rearrange; for softness, 0.9 by default. The
        label ``hop`` of single runs is cut at 0.05 and 0.2 without it, and particles between are
        left out; averages over replicas are seldom beyond these.
    temperature : float, optional
        Take only configurations of this temperature.
    configurations : str, optional
        Take only some of the configurations of each temperature, by a slice as in Python:
        ``"0:12"`` for the first twelve, ``"12:"`` for the others.
    time_index : int, optional
        Instead of `time`, the place of the time in each file, counted from 0: each temperature
        often has times of its own.
    level : float, optional
        Instead of `time`, a value of the bond-breaking correlation: labels are interpolated to
        where its mean over all configurations of their temperature has this value.
    heated : float, optional
        See short runs at this temperature, above those of all files, as well: the most accurate
        models, at the price of a simulation of each configuration (`HeatedRuns`).

    Returns
    -------
    StoredModel

    Raises
    ------
    FileNotFoundError
        If a pattern matches nothing.
    ValueError
        If the files are not of one system, its composition and its density, or the settings do not
        fit them.

    Examples
    --------
    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> from vitreous.datasets import load_ka2d, write_gsd
    >>> from vitreous.workflows import fit
    >>> with TemporaryDirectory() as folder:
    ...     for number, item in enumerate(load_ka2d().data[:2]):
    ...         write_gsd(item, Path(folder, f"{number}.gsd"))
    ...     stored = fit(
    ...         [f"{folder}/*.gsd"], "gsd", label="broken_bonds", time=item.labels.times[-1],
    ...         descriptors="cubuk2015",
    ...     )
    >>> stored.system, stored.label, stored.temperatures
    ('KA2D', 'broken_bonds', (0.5,))

    Without a time it would have been one model of all of them.
    """
    check_names(model or DEFAULT_MODEL, descriptors, state)
    choice = Choice(temperature, configurations, time, time_index, level)
    data = read_one_system(files, file_format, allow_other_system, progress, choice)
    require_label(data, label)
    system = get_system(data[0].system)
    one_time = any(way is not None for way in (time, time_index, level))
    if model is None:
        of_one_state = coverage is not None or n_reversed or state not in (None, "inherent")
        model = DEFAULT_MODEL
        if system.has_potential and label in LABELS and not of_one_state:
            model = _default(data, choice, one_time, descriptors)
    descriptors, state = settled_names(system, model, descriptors, state)
    described = in_state(data, state)
    structures = [item.configuration for item in described]
    groups = groups_of(data)
    if coverage is not None:
        if model == "softness":
            raise ValueError("softness is not on the scale of the label: it has no intervals")
        if groups is not None:
            raise ValueError(
                "intervals take configurations that are independent; some of these overlap in time"
            )
        check_coverage(coverage, len(data))
    further: dict[str, Any] = {}
    if model == "transferable":
        if one_time or coverage is not None:
            raise ValueError("the transferable model is of all times and has no intervals")
        levels, labels = labels_at_levels(data, label)
        learnt_times = []
    elif model == "time-scales":
        if coverage is not None:
            raise ValueError("the time-scales model has no intervals")
        chosen = [choice.time_of(item) for item in data] if one_time else None
        further["times"], labels = labels_at_times(data, label, chosen)
        levels = None
        learnt_times = [float(times[0]) for times in further["times"]] if one_time else []
    else:
        levels = None
        chosen = [choice.time_of(item) for item in data]
        labels = [label_at(item, label, time)[0] for item, time in zip(data, chosen, strict=True)]
        learnt_times = [
            float(item.labels.times[place_of_time(item, time)])
            for item, time in zip(data, chosen, strict=True)
        ]
    if n_reversed:
        if model != "ridge":
            raise ValueError(f"{model} models cannot learn from reversed replicas; ridge can")
        if state == "average":
            raise ValueError("reversed replicas have no average positions; leave them out")
        further["reversed_replicas"] = _reversed(data, file_format, label, n_reversed)
    quantile = settled_quantile(quantile, model, label, data)
    with errors_name_files(described):
        regressor = make_model(
            system,
            structures[0],
            model,
            descriptors,
            n_jobs,
            levels,
            label,
            state,
            quantile,
            heated,
        )
    temperatures = tuple(sorted({item.temperature for item in data}))
    learnt_time, times = _times_learnt(data, learnt_times, temperatures)
    stored = StoredModel(
        regressor,
        system.name,
        label,
        learnt_time,
        temperatures,
        tuple(item.source for item in data),
        fingerprints=tuple(fingerprint(item.configuration) for item in data),
        descriptors=descriptors,
        groups=tuple(sorted({item.group for item in data if item.group})),
        state=state,
        averaged_over=data[0].averaged_over if state == "average" else float("nan"),
        times=times,
    )
    if groups is not None and model != "time-scales":  # which is chosen on left-out temperatures
        further["groups"] = groups
    if coverage is None:
        with errors_name_files(described):
            regressor.fit(structures, labels, progress=progress, **further)
    else:
        with errors_name_files(described), tempfile.TemporaryDirectory() as folder:
            regressor.set_params(memory=Memory(folder, verbose=0))
            regressor.fit(structures, labels, progress=progress, **further)
            predictions = cross_predict(regressor, structures, labels, progress=progress)
        intervals = conformal_intervals(structures, labels, predictions, coverage)
        stored = replace(stored, intervals=intervals)
    regressor.set_params(n_jobs=None, memory=None)
    return stored


def _times_learnt(
    data: Sequence[LabelledConfiguration],
    learnt: Sequence[float],
    temperatures: Sequence[float],
) -> tuple[float, tuple[float, ...]]:
    """Time of the labels, and where it is not one, that of each temperature; NaN if not one."""
    if len(set(learnt)) < 2:
        return (learnt[0] if learnt else float("nan")), ()
    at: dict[float, set[float]] = {temperature: set() for temperature in temperatures}
    for item, time in zip(data, learnt, strict=True):
        at[item.temperature].add(time)
    return float("nan"), tuple(
        min(times) if len(times) == 1 else float("nan") for times in at.values()
    )


def _default(
    data: Sequence[LabelledConfiguration], choice: Choice, one_time: bool, descriptors: str | None
) -> str:
    """Choose the model that sees what decides at the times of the labels."""
    if not one_time and any(len(item.labels.times) > 1 for item in data):
        return "time-scales"
    times = [item.labels.times[place_of_time(item, choice.time_of(item))] for item in data]
    told = all(item.configuration.temperature is not None for item in data)
    vibrating = descriptors is None and told and max(times) <= LAST_SHORT
    return "time-scales" if vibrating else DEFAULT_MODEL


def _reversed(
    data: Sequence[LabelledConfiguration], file_format: str, label: str, n_reversed: int
) -> list[list[ReversedReplica]]:
    if label != "displacement":
        raise ValueError(f"reversed replicas tell the displacement, not {label!r}; leave them out")
    replicas = [
        reversed_replicas(
            item.configuration,
            read_ends(item.source, file_format, n_reversed),
            item.labels.n_replicas,
        )
        for item in data
    ]
    if not any(replicas):
        raise ValueError(f"{data[0].source} does not hold the ends of replicas, to be reversed")
    return replicas
