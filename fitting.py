"""Training and scoring on files: what ``vitreous fit`` and ``vitreous score`` do."""

from __future__ import annotations

import hashlib
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.pipeline import make_pipeline, make_union

from .datasets import LabelledConfiguration, read
from .descriptors import BondOrderDescriptor, CoarseGrain, RadialDescriptor
from .liquid import Configuration, System, get_system
from .models import (
    GroupedBoosting,
    GroupedRidge,
    PropensityRegressor,
    StoredModel,
    noise_ceiling,
    propensity_scores,
)
from .models.scores import select_species
from .simulate import InherentStructure

REGRESSORS = {"ridge": GroupedRidge, "boosted": GroupedBoosting}


def fit_files(
    files: Sequence[str | Path],
    file_format: str,
    model: str = "ridge",
    label: str = "displacement",
    time: float | None = None,
    n_jobs: int | None = None,
) -> StoredModel:
    """Train a model on the files of one system.

    The descriptors are radial and bond-order shells of inherent structures, coarse-grained twice.

    Parameters
    ----------
    files : sequence of str or Path
        File names or glob patterns.
    file_format : {"botan", "gsd"}
    model : {"ridge", "boosted"}
    label : str
    time : float, optional
        Time of the label; may be left out where the files hold only one.
    n_jobs : int, optional
        As in joblib.

    Returns
    -------
    StoredModel
    """
    if model not in REGRESSORS:
        raise ValueError(f"unknown model {model!r}; choose one of {', '.join(REGRESSORS)}")
    data = read(files, file_format)
    system = _system_of(data)
    descriptor = make_pipeline(
        InherentStructure(system),
        CoarseGrain(make_union(RadialDescriptor(), BondOrderDescriptor())),
    )
    regressor = PropensityRegressor(descriptor, REGRESSORS[model](), n_jobs=n_jobs)
    regressor.fit([item.configuration for item in data], [_label(i, label, time) for i in data])
    times = [item.labels.times[_time_index(item, time)] for item in data]
    return StoredModel(
        regressor.set_params(n_jobs=None),
        system.name,
        label,
        float(times[0]),
        tuple(sorted({item.temperature for item in data})),
        tuple(item.source for item in data),
        fingerprints=tuple(_fingerprint(item.configuration) for item in data),
    )


def score_files(
    stored: StoredModel,
    files: Sequence[str | Path],
    file_format: str,
    time: float | None = None,
    n_jobs: int | None = None,
) -> dict[str, dict[str, Any]]:
    """Score a model on files.

    Returns
    -------
    dict
        For each species ``pearson_pooled``, ``pearson_mean``, ``pearson_standard_error``,
        ``noise_ceiling`` (pooled) and ``n_configurations``.

    Warns
    -----
    UserWarning
        If the model was trained on some of the configurations.
    """
    data = read(files, file_format)
    configurations = [item.configuration for item in data]
    known = sum(
        _fingerprint(configuration) in stored.fingerprints for configuration in configurations
    )
    if known:
        warnings.warn(
            f"the model was trained on {known} of these {len(data)} configurations; "
            "its scores on them say nothing about others",
            UserWarning,
            stacklevel=2,
        )
    for item in data:
        get_system(stored.system).require(item.configuration)
    labels = [_label(item, stored.label, time) for item in data]
    halves = [item.labels.half(stored.label)[:, _time_index(item, time)] for item in data]
    model = stored.model.set_params(n_jobs=n_jobs)
    scores = propensity_scores(configurations, labels, model.predict(configurations))
    result = {}
    for species, value in scores.items():
        first, second = (
            np.concatenate(select_species(configurations, [half[k] for half in halves], species))
            for k in (0, 1)
        )
        result[species] = {**vars(value), "noise_ceiling": float(noise_ceiling(first, second))}
    return result


def _system_of(data: Sequence[LabelledConfiguration]) -> System:
    names = sorted({item.system for item in data})
    if len(names) > 1:
        raise ValueError(f"the files are of different systems: {', '.join(names)}")
    return get_system(names[0])


def _time_index(item: LabelledConfiguration, time: float | None) -> int:
    if time is not None:
        return item.labels.time_index(time)
    if len(item.labels.times) > 1:
        known = ", ".join(f"{known:g}" for known in item.labels.times)
        raise ValueError(f"{item.source} has labels at several times, choose one of {known}")
    return 0


def _fingerprint(configuration: Configuration) -> str:
    return hashlib.sha256(configuration.positions.tobytes()).hexdigest()


def _label(item: LabelledConfiguration, label: str, time: float | None) -> NDArray[np.float64]:
    return item.labels.mean(label)[_time_index(item, time)]
