"""Training and scoring on files: what ``vitreous fit`` and ``vitreous score`` do."""

from __future__ import annotations

import tempfile
import warnings
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from joblib import Memory
from sklearn.pipeline import make_pipeline, make_union

from ._labelled_data import (
    fingerprint,
    label_at,
    order_parameter,
    read_one_system,
    time_index,
)
from .datasets import LabelledConfiguration
from .descriptors import BondOrderDescriptor, CoarseGrain, RadialDescriptor, presets
from .liquid import System, get_system
from .models import (
    GlassMLP,
    GroupedBoosting,
    GroupedRidge,
    PropensityRegressor,
    StoredModel,
    agreement,
    conformal_intervals,
    cross_predict,
    noise_ceiling,
)
from .models.scores import select_species
from .simulate import InherentStructure

REGRESSORS = {"ridge": GroupedRidge, "boosted": GroupedBoosting, "mlp": GlassMLP}
"""Kinds of regressors by name."""

DESCRIPTORS: dict[str, Callable[[System], Any]] = {
    "shells": lambda system: CoarseGrain(make_union(RadialDescriptor(), BondOrderDescriptor())),
    "boattini2021": lambda system: presets.boattini2021(),
    "jung2023": presets.jung2023,
    "cubuk2015": lambda system: presets.cubuk2015(),
    "tong2018": presets.tong2018,
}
"""Sets of descriptors by name; each is made for a system."""

DEFAULT_DESCRIPTORS = "shells"


def make_model(
    system: System,
    model: str = "ridge",
    descriptors: str = DEFAULT_DESCRIPTORS,
    n_jobs: int | None = None,
) -> PropensityRegressor:
    """Put together an unfitted model of a kind, on inherent structures of a system."""
    check_names(model, descriptors)
    pipeline = make_pipeline(InherentStructure(system), DESCRIPTORS[descriptors](system))
    return PropensityRegressor(pipeline, REGRESSORS[model](), n_jobs=n_jobs)


def check_names(model: str, descriptors: str) -> None:
    """Refuse names that are not among `REGRESSORS` and `DESCRIPTORS`."""
    if model not in REGRESSORS:
        raise ValueError(f"unknown model {model!r}; choose one of {', '.join(REGRESSORS)}")
    if descriptors not in DESCRIPTORS:
        known = ", ".join(DESCRIPTORS)
        raise ValueError(f"unknown descriptors {descriptors!r}; choose one of {known}")


def fit_files(
    files: Sequence[str | Path],
    file_format: str,
    model: str = "ridge",
    label: str = "displacement",
    time: float | None = None,
    n_jobs: int | None = None,
    coverage: float | None = None,
    descriptors: str = DEFAULT_DESCRIPTORS,
) -> StoredModel:
    """Train a model on the inherent structures of the files of one system.

    Parameters
    ----------
    files : sequence of str or Path
        File names or glob patterns.
    file_format : {"botan", "gsd"}
    model : {"ridge", "boosted", "mlp"}
    label : str
    time : float, optional
        Time of the label; may be left out where the files hold only one.
    n_jobs : int, optional
        As in joblib.
    coverage : float, optional
        Probability with which labels shall lie in intervals around the predictions; without it
        there are no intervals. They are calibrated on cross-validated predictions, which takes ten
        more fits; see `conformal_intervals`.
    descriptors : str
        Name of a set of descriptors: ``"shells"``, the default radial and bond-order shells
        coarse-grained twice, or one of `vitreous.descriptors.presets`.

    Returns
    -------
    StoredModel

    Raises
    ------
    FileNotFoundError
        If a pattern matches nothing.
    ValueError
        If the files are not of one system, or the settings do not fit them.
    """
    check_names(model, descriptors)
    data = read_one_system(files, file_format)
    system = get_system(data[0].system)
    configurations = [item.configuration for item in data]
    labels = [label_at(item, label, time)[0] for item in data]
    regressor = make_model(system, model, descriptors, n_jobs)
    stored = StoredModel(
        regressor,
        system.name,
        label,
        float(data[0].labels.times[time_index(data[0], time)]),
        tuple(sorted({item.temperature for item in data})),
        tuple(item.source for item in data),
        fingerprints=tuple(fingerprint(configuration) for configuration in configurations),
        descriptors=descriptors,
    )
    if coverage is None:
        regressor.fit(configurations, labels)
    else:
        with tempfile.TemporaryDirectory() as folder:
            regressor.set_params(memory=Memory(folder, verbose=0))
            regressor.fit(configurations, labels)
            predictions = cross_predict(regressor, configurations, labels)
        intervals = conformal_intervals(configurations, labels, predictions, coverage)
        stored = replace(stored, intervals=intervals)
    regressor.set_params(n_jobs=None, memory=None)
    return stored


def score_files(
    stored: StoredModel,
    files: Sequence[str | Path],
    file_format: str,
    time: float | None = None,
    n_jobs: int | None = None,
    allow_other_system: bool = False,
) -> dict[str, dict[str, Any]]:
    """Score a model on files of one system.

    Parameters
    ----------
    stored : StoredModel
    files : sequence of str or Path
        File names or glob patterns.
    file_format : {"botan", "gsd"}
    time : float, optional
        Time of the labels to score on; if the files hold several, that of the model by default.
    n_jobs : int, optional
        As in joblib.
    allow_other_system : bool
        Whether the files may be of another system than the model learnt from. Its species and its
        dimension must be the same, and the model treats them as its own system: inherent structures
        are minima of the energy of that one.

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
        If configurations lie outside the training range.
    """
    data = read_one_system(files, file_format)
    configurations = [item.configuration for item in data]
    for item in data:
        stored.require_system(item.system, item.source, allow_other_system)
        get_system(stored.system).require(item.configuration)
    _warn_of_known(stored, data)
    if time is None and any(len(item.labels.times) > 1 for item in data):
        time = stored.time
    labels, halves = zip(*(label_at(item, stored.label, time) for item in data), strict=True)
    _warn_of_other_time(stored, data, time)
    predictions = stored.model.set_params(n_jobs=n_jobs).predict(configurations)
    result = {}
    for species in configurations[0].species:
        true, predicted = (
            select_species(configurations, values, species) for values in (labels, predictions)
        )
        if not sum(map(len, true)):
            continue
        scores = agreement(true, predicted, order_parameter(stored.label, data[0].system))
        values: dict[str, Any] = {}
        for name, estimate in scores.items():
            values[name] = float(estimate.value)
            values[f"{name.replace('_mean', '')}_standard_error"] = float(estimate.standard_error)
        first, second = (
            np.concatenate(select_species(configurations, [half[k] for half in halves], species))
            for k in (0, 1)
        )
        values["noise_ceiling"] = float(noise_ceiling(first, second))
        values["n_configurations"] = len(data)
        if stored.intervals is not None:
            errors = np.abs(np.concatenate(true) - np.concatenate(predicted))
            inside = errors <= stored.intervals.half_widths[species]
            values["interval_coverage"] = float(np.mean(inside))
        result[species] = values
    return result


def _warn_of_known(stored: StoredModel, data: Sequence[LabelledConfiguration]) -> None:
    known = sum(fingerprint(item.configuration) in stored.fingerprints for item in data)
    if known:
        warnings.warn(
            f"the model was trained on {known} of these {len(data)} configurations; "
            "its scores on them say nothing about others",
            UserWarning,
            stacklevel=3,
        )


def _warn_of_other_time(
    stored: StoredModel, data: Sequence[LabelledConfiguration], time: float | None
) -> None:
    times = {float(item.labels.times[time_index(item, time)]) for item in data}
    other = sorted(t for t in times if not np.isclose(t, stored.time, rtol=1e-6, equal_nan=True))
    if other:
        warnings.warn(
            f"the labels are of time {', '.join(f'{t:g}' for t in other)}, the model learnt those "
            f"of time {stored.time:g}",
            UserWarning,
            stacklevel=3,
        )
