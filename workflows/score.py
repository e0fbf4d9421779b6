"""Scoring on files: what ``vitreous score`` does."""

from __future__ import annotations

import copy
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from ..datasets import LabelledConfiguration
from ..liquid import get_system
from ..models import (
    StoredModel,
    TimeScaleRegressor,
    TransferableRegressor,
    pooled_noise_ceiling,
    propensity_scores,
)
from ..models._known_values import known_of_species
from ..models._species_blocks import fingerprint
from ..storage.progress import Progress, silent
from ._choice import Choice
from ._labels import (
    errors_name_files,
    in_state,
    label_at,
    order_parameter,
    place_of_time,
    read_one_system,
    require_label,
    require_mixture,
    warn_of_temperatures,
)
from ._levels import predict_at_means, predict_at_place
from ._time_scales import predict_at_time

__all__ = ["score"]


def score(
    stored: StoredModel,
    files: Sequence[str | Path],
    file_format: str,
    time: float | None = None,
    n_jobs: int | None = None,
    allow_other_system: bool = False,
    progress: Progress = silent,
    *,
    temperature: float | None = None,
    configurations: str | None = None,
    time_index: int | None = None,
    level: float | None = None,
) -> dict[str, dict[str, Any]]:
    """Score a model on files of one system.

    A transferable model that is tied to the means of its labels, as studies of dynamic
    heterogeneity store it, is asked at the level that the labels of each temperature have on
    average at their time.

    Parameters
    ----------
    stored : StoredModel
    files : sequence of str or Path
        File names, glob patterns, or folders of campaigns and studies.
    file_format : {"auto", "botan", "gsd", "glassbench", "deepmind"}
    time : float, optional
        Time of the labels to score on; if the files hold several, that which the model learnt at
        their temperature by default.
    n_jobs : int, optional
        As in joblib.
    allow_other_system : bool
        Whether the files may be of another system than the model learnt from, or of another
        composition or number density. Species and dimension must be the same. The model treats the
        files as its own system: inherent structures are minima of the energy of the model's system.
    progress : callable, optional
        Called with the step, how much of it is done and how much there is: "read", and "predict"
        or "describe".
    temperature : float, optional
        Score on configurations of this temperature.
    configurations, time_index, level
        As in `fit`.

    Returns
    -------
    dict
        For each species ``pearson_pooled``, ``pearson_mean``, ``variance_ratio`` and
        ``susceptibility_ratio`` as in `agreement`, each with its ``..._standard_error`` (for
        ``pearson_mean`` called ``pearson_standard_error``), ``noise_ceiling`` (pooled),
        ``n_configurations`` and, if the model has intervals, ``interval_coverage``.

    Raises
    ------
    FileNotFoundError
        If a pattern matches nothing.
    ValueError
        If the files are not of one system, or not of that of the model.

    Warns
    -----
    UserWarning
        If the model was trained on some of the configurations, or for another time.
    ExtrapolationWarning
        If configurations or their temperatures lie outside the training range.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> from vitreous.datasets import load_ka2d, write_gsd
    >>> from vitreous.descriptors import RadialDescriptor
    >>> from vitreous.models import GroupedRidge, PropensityRegressor, StoredModel
    >>> from vitreous.workflows import score
    >>> sample = load_ka2d()
    >>> labels = [single.matrix("displacement")[:, 2] for single in sample.labels[:4]]
    >>> model = PropensityRegressor(RadialDescriptor(), GroupedRidge())
    >>> model = model.fit(sample.configurations[:4], labels)
    >>> stored = StoredModel(model, "KA2D", "displacement", sample.times[0, 2], (0.5,), ())
    >>> with TemporaryDirectory() as folder:
    ...     for number in (4, 5):
    ...         write_gsd(sample.data[number], f"{folder}/{number}.gsd")
    ...     scores = score(stored, [f"{folder}/*.gsd"], "gsd")
    >>> list(scores), scores["A"]["n_configurations"], 0 < scores["A"]["pearson_mean"] < 1
    (['A', 'B', 'C'], 2, True)
    """
    choice = Choice(temperature, configurations, time, time_index, level)
    data = read_one_system(files, file_format, True, progress, choice)
    require_label(data, stored.label)
    described = in_state(data, stored.state, stored.averaged_over)
    structures = [item.configuration for item in described]
    for item in data:
        stored.require_system(item.system, item.source, allow_other_system)
        require_mixture(get_system(stored.system), item, allow_other_system)
    _warn_of_known(stored, data)
    warn_of_temperatures(stored, (item.temperature for item in data))
    transferable = isinstance(stored.model, TransferableRegressor)
    at_all_times = transferable or isinstance(stored.model, TimeScaleRegressor)
    if level is not None and at_all_times:
        raise ValueError("a model of all times is scored at a time of the files, not at a level")
    times = [_time_of(item, choice, stored) for item in data]
    labels, halves = zip(
        *(label_at(item, stored.label, at) for item, at in zip(data, times, strict=True)),
        strict=True,
    )
    # A copy: the model of the caller keeps its own number of workers.
    model = copy.copy(stored.model).set_params(n_jobs=n_jobs)
    places = [place_of_time(item, at) for item, at in zip(data, times, strict=True)]
    if not at_all_times:
        _warn_of_other_time(stored, data, times)
    with errors_name_files(described):
        if transferable and model.tied:
            predictions = predict_at_means(model, described, labels, progress)
        elif transferable:
            predictions = predict_at_place(model, described, places, progress)
        elif at_all_times:
            predictions = predict_at_time(model, described, places, stored.label, progress)
        else:
            predictions = model.predict(structures, progress)
    scores = propensity_scores(
        structures, labels, predictions, order_parameter(stored.label, data[0].system)
    )
    result = {}
    for species, agreement in scores.items():
        values: dict[str, Any] = {}
        for name, estimate in agreement.items():
            values[name] = float(estimate.value)
            values[f"{name.replace('_mean', '')}_standard_error"] = float(estimate.standard_error)
        values["noise_ceiling"] = float(pooled_noise_ceiling(structures, halves, species))
        values["n_configurations"] = len(data)
        if stored.intervals is not None:
            true, predicted = map(
                np.concatenate, known_of_species(structures, species, labels, predictions)
            )
            inside = np.abs(true - predicted) <= stored.intervals.half_widths[species]
            values["interval_coverage"] = float(np.mean(inside))
        result[species] = values
    return result


def _time_of(item: LabelledConfiguration, choice: Choice, stored: StoredModel) -> float | None:
    """Time at which a file is scored: the chosen one, or that which the model learnt."""
    chosen = choice.time is not None or choice.time_index is not None
    if not chosen and len(item.labels.times) > 1:
        learnt = stored.time_at(item.temperature)
        return None if np.isnan(learnt) else learnt
    return choice.time_of(item)


def _warn_of_known(stored: StoredModel, data: Sequence[LabelledConfiguration]) -> None:
    known = sum(fingerprint(item.configuration) in stored.fingerprints for item in data)
    overlapping = sum(item.group in stored.groups for item in data)
    if overlapping > known:
        warnings.warn(
            f"{overlapping} of these {len(data)} configurations overlap in time with some that the "
            "model was trained on; its scores on them say little about others",
            UserWarning,
            stacklevel=3,
        )
    elif known:
        warnings.warn(
            f"the model was trained on {known} of these {len(data)} configurations; "
            "its scores on them say nothing about others",
            UserWarning,
            stacklevel=3,
        )


def _warn_of_other_time(
    stored: StoredModel, data: Sequence[LabelledConfiguration], times: Sequence[float | None]
) -> None:
    other: dict[float, set[float]] = {}
    for item, at in zip(data, times, strict=True):
        asked = float(item.labels.times[place_of_time(item, at)])
        learnt = stored.time_at(item.temperature)
        unknown = stored.times and np.isnan(learnt)
        if not unknown and not np.isclose(asked, learnt, rtol=1e-6, equal_nan=True):
            other.setdefault(learnt, set()).add(asked)
    for learnt, asked_times in other.items():
        warnings.warn(
            f"the labels are of time {', '.join(f'{t:g}' for t in sorted(asked_times))}, the model "
            f"learnt those of time {learnt:g}",
            UserWarning,
            stacklevel=3,
        )
