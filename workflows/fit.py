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
from numpy.typing import ArrayLike
from sklearn.base import RegressorMixin, clone
from sklearn.pipeline import FeatureUnion, make_pipeline, make_union

from ..datasets import LabelledConfiguration, read_ends
from ..descriptors import BondOrderDescriptor, CoarseGrain, RadialDescriptor, presets
from ..dynamics import ReversedReplica, reversed_replicas
from ..liquid import Configuration, System, get_system, select_species
from ..models import (
    GlassMLP,
    GroupedBoosting,
    GroupedRidge,
    PropensityRegressor,
    StoredModel,
    TransferableRegressor,
    TwoLevelRidge,
    agreement,
    conformal_intervals,
    cross_predict,
    noise_ceiling,
)
from ..models.conformal import check_coverage
from ..simulate import InherentStructure
from ._labels import (
    fingerprint,
    label_at,
    order_parameter,
    read_one_system,
    time_index,
    warn_of_temperatures,
)
from ._levels import labels_at_levels, predict_at_place

REGRESSORS = {
    "ridge": GroupedRidge,
    "boosted": GroupedBoosting,
    "mlp": GlassMLP,
    "transferable": GroupedRidge,
}
"""Kinds of regressors by name; the transferable model has one for all temperatures and times."""


def _shells(system: System) -> Any:
    return CoarseGrain(make_union(RadialDescriptor(), BondOrderDescriptor()))


def _combined(system: System) -> Any:
    return FeatureUnion([("shells", _shells(system)), ("physics", presets.jung2023(system))])


DESCRIPTORS: dict[str, Callable[[System], Any]] = {
    "combined": _combined,
    "shells": _shells,
    "boattini2021": lambda system: presets.boattini2021(),
    "jung2023": presets.jung2023,
    "cubuk2015": lambda system: presets.cubuk2015(),
    "tong2018": presets.tong2018,
}
"""Sets of descriptors by name; each is made for a system."""

DEFAULT_DESCRIPTORS = "combined"


def make_model(
    system: System,
    example: Configuration,
    model: str = "ridge",
    descriptors: str = DEFAULT_DESCRIPTORS,
    n_jobs: int | None = None,
    levels: ArrayLike | None = None,
) -> Any:
    """Put together an unfitted model of a kind, on inherent structures of a system.

    It is a `TransferableRegressor` if there are levels, a `PropensityRegressor` otherwise.

    The linear model is a `TwoLevelRidge` for the combined descriptors: energies predict the mean of
    a configuration, and the physics-inspired columns are favoured. It is a `GroupedRidge` for all
    others.
    """
    check_names(model, descriptors)
    descriptor = DESCRIPTORS[descriptors](system)
    pipeline = make_pipeline(InherentStructure(system), descriptor)
    regressor: RegressorMixin = REGRESSORS[model]()
    if levels is not None:
        return TransferableRegressor(pipeline, regressor, levels, n_jobs=n_jobs)
    if model == "ridge" and descriptors == "combined":
        names = clone(descriptor).fit([example]).get_feature_names_out()
        physics = [k for k, name in enumerate(names) if name.startswith("physics__")]
        energies = [k for k in physics if names[k].startswith("physics__energy[")]
        regressor = TwoLevelRidge(mean_columns=energies, favored_columns=physics)
    return PropensityRegressor(pipeline, regressor, n_jobs=n_jobs)


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
    n_reversed: int = 0,
) -> StoredModel:
    """Train a model on the inherent structures of the files of one system.

    Parameters
    ----------
    files : sequence of str or Path
        File names or glob patterns.
    file_format : {"botan", "gsd", "glassbench", "deepmind"}
    model : {"ridge", "boosted", "mlp", "transferable"}
        The transferable model learns from files of all temperatures, at all their times. The means
        of their labels at the first time must nearly agree, and so at the second and so on.
    label : str
    time : float, optional
        Time of the label; may be left out where the files hold only one.
    n_jobs : int, optional
        As in joblib.
    coverage : float, optional
        Probability with which labels shall lie in intervals around the predictions; without it
        there are no intervals. They are calibrated on cross-validated predictions, which takes ten
        more fits, without reversed replicas; see `conformal_intervals`.
    descriptors : str
        Name of a set of descriptors: ``"shells"``, radial and bond-order shells coarse-grained
        twice; one of `vitreous.descriptors.presets`; or ``"combined"``, the shells and the preset
        ``jung2023``.
    n_reversed : int
        Reversed replicas of each file to learn from as well, at most. For displacements in files
        that hold the ends of replicas, and the ridge on the combined descriptors.

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
    if coverage is not None:
        check_coverage(coverage, len(data))
    if model == "transferable":
        if time is not None or coverage is not None:
            raise ValueError("the transferable model is of all times and has no intervals")
        levels, labels = labels_at_levels(data, label)
        learnt_time = float("nan")
    else:
        levels = None
        labels = [label_at(item, label, time)[0] for item in data]
        learnt_time = float(data[0].labels.times[time_index(data[0], time)])
    further = {}
    if n_reversed:
        if model != "ridge":
            raise ValueError(f"{model} models cannot learn from reversed replicas; ridge can")
        further["reversed_replicas"] = _reversed(data, file_format, label, n_reversed)
    regressor = make_model(system, configurations[0], model, descriptors, n_jobs, levels)
    stored = StoredModel(
        regressor,
        system.name,
        label,
        learnt_time,
        tuple(sorted({item.temperature for item in data})),
        tuple(item.source for item in data),
        fingerprints=tuple(fingerprint(configuration) for configuration in configurations),
        descriptors=descriptors,
    )
    if coverage is None:
        regressor.fit(configurations, labels, **further)
    else:
        with tempfile.TemporaryDirectory() as folder:
            regressor.set_params(memory=Memory(folder, verbose=0))
            regressor.fit(configurations, labels, **further)
            predictions = cross_predict(regressor, configurations, labels)
        intervals = conformal_intervals(configurations, labels, predictions, coverage)
        stored = replace(stored, intervals=intervals)
    regressor.set_params(n_jobs=None, memory=None)
    return stored


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
    file_format : {"botan", "gsd", "glassbench", "deepmind"}
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
        If configurations or their temperatures lie outside the training range.
    """
    data = read_one_system(files, file_format)
    configurations = [item.configuration for item in data]
    for item in data:
        stored.require_system(item.system, item.source, allow_other_system)
        get_system(stored.system).require(item.configuration)
    _warn_of_known(stored, data)
    warn_of_temperatures(stored, (item.temperature for item in data))
    transferable = isinstance(stored.model, TransferableRegressor)
    if time is None and not transferable and any(len(item.labels.times) > 1 for item in data):
        time = stored.time
    labels, halves = zip(*(label_at(item, stored.label, time) for item in data), strict=True)
    model = stored.model.set_params(n_jobs=n_jobs)
    if transferable:
        predictions = predict_at_place(model, data, [time_index(item, time) for item in data])
    else:
        _warn_of_other_time(stored, data, time)
        predictions = model.predict(configurations)
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
