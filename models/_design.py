"""Training of regressors that need the rows of all configurations at once."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from joblib import Parallel, delayed
from numpy.typing import NDArray
from sklearn.base import clone
from sklearn.utils.validation import has_fit_parameter

from ..liquid import Configuration
from ..storage.progress import Progress, tracked
from ._species_blocks import Features, columns_of, known_rows, nothing_known, rows_of
from .training_range import Columns, TrainingRange


def fit_matrices(
    regressor: Any,
    features: Features,
    configurations: Sequence[Configuration],
    labels: Sequence[NDArray[np.float64]],
    species: Sequence[str],
    n_jobs: int | None,
    folder: str | None,
    progress: Progress,
    groups: NDArray[np.int64],
) -> tuple[dict[str, Any], TrainingRange]:
    """Fit one clone of the regressor for each species to its matrix, kept in a file of `folder`."""
    rows = {
        name: [
            rows_of(configuration, name) & known_rows(configuration, label)
            for configuration, label in zip(configurations, labels, strict=True)
        ]
        for name in species
    }
    blocks: Iterator[NDArray[np.floating]] = Parallel(n_jobs=n_jobs, return_as="generator")(
        delayed(features)(configuration) for configuration in configurations
    )
    statistics: list[Columns] = []
    matrices: dict[str, NDArray[np.floating]] = {}
    filled = dict.fromkeys(species, 0)
    with tempfile.TemporaryDirectory(dir=folder) as scratch:
        described = tracked("describe", blocks, len(configurations), progress)
        for number, (configuration, block) in enumerate(
            zip(configurations, described, strict=True)
        ):
            statistics.append(columns_of(configuration, block, species))
            known = known_rows(configuration, block)
            for place, name in enumerate(species):
                if name not in matrices:
                    shape = sum(int(chosen.sum()) for chosen in rows[name]), block.shape[1]
                    file = Path(scratch, f"{place}.npy") if folder else None
                    matrices[name] = _empty_matrix(shape, block.dtype, file)
                rows[name][number] &= known
                chosen = block[rows[name][number]]
                matrices[name][filled[name] : filled[name] + len(chosen)] = chosen
                filled[name] += len(chosen)
        for name in species:
            if not filled[name]:
                raise nothing_known(name)
            matrices[name] = matrices[name][: filled[name]]
        regressors = {
            name: _fit(clone(regressor), matrices[name], configurations, labels, rows[name], groups)
            for name in tracked("fit", species, len(species), progress)
        }
        matrices.clear()
    return regressors, TrainingRange.of(statistics)


def _empty_matrix(shape: tuple[int, int], dtype: np.dtype, file: Path | None) -> NDArray:
    if file is None:
        return np.empty(shape, dtype)
    return np.lib.format.open_memmap(file, "w+", dtype, shape)


def _fit(
    regressor: Any,
    X: NDArray[np.floating],
    configurations: Sequence[Configuration],
    labels: Sequence[NDArray[np.float64]],
    rows: Sequence[NDArray[np.bool_]],
    groups: NDArray[np.int64],
) -> Any:
    y = np.concatenate([label[chosen] for label, chosen in zip(labels, rows, strict=True)])
    members = np.repeat(groups, [chosen.sum() for chosen in rows])
    particles = [
        configuration.selected(chosen)
        for configuration, chosen in zip(configurations, rows, strict=True)
        if chosen.any()
    ]
    return fit_rows(regressor, X, y, members, particles)


def fit_rows(
    regressor: Any,
    X: NDArray[np.floating],
    y: NDArray[np.float64],
    groups: NDArray[np.integer],
    configurations: Sequence[Configuration],
) -> Any:
    """Fit a regressor, telling it what it asks for: which rows belong together and lie where."""
    known = {"groups": groups, "configurations": configurations}
    wanted = {name: value for name, value in known.items() if has_fit_parameter(regressor, name)}
    return regressor.fit(X, y, **wanted)
