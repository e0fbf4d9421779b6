"""Training on configurations that are described, summarised and forgotten in turn."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import numpy as np
from joblib import Parallel, delayed
from numpy.typing import NDArray
from sklearn.base import clone

from ..liquid import Configuration
from ._blocks import Features, columns_of, rows_of
from ._grouped_samples import deal_folds
from .streaming import StreamingRegressor
from .training_range import Columns, TrainingRange

# Configurations summarised by one task. Summaries may be larger than features: several travel as
# one. The number is fixed so that the order of all sums is, whatever the number of workers.
_BATCH = 4


def fit_streaming(
    regressor: StreamingRegressor,
    features: Features,
    configurations: Sequence[Configuration],
    labels: Sequence[NDArray[np.float64]],
    species: Sequence[str],
    n_jobs: int | None,
) -> tuple[dict[str, Any], TrainingRange]:
    """Fit one clone of the regressor for each species."""
    folds = deal_folds(len(configurations), regressor.n_splits)
    batches = [
        (fold, members[start : start + _BATCH])
        for fold, members in enumerate(np.flatnonzero(folds == f) for f in range(folds.max() + 1))
        for start in range(0, len(members), _BATCH)
    ]
    results: Iterator[Any] = Parallel(n_jobs=n_jobs, return_as="generator")(
        delayed(_summarize)(
            features,
            regressor,
            [configurations[i] for i in batch],
            [labels[i] for i in batch],
            species,
        )
        for _, batch in batches
    )
    statistics: list[Columns] = []
    sums: dict[str, dict[int, Any]] = {name: {} for name in species}
    for (fold, _), (summaries, columns) in zip(batches, results, strict=True):
        statistics += columns
        for name, summary in summaries.items():
            _add(sums[name], fold, summary)
    regressors = {
        name: clone(regressor).fit_summaries(list(by_fold.values()))
        for name, by_fold in sums.items()
    }
    return regressors, TrainingRange.of(statistics)


def _summarize(
    features: Features,
    regressor: StreamingRegressor,
    configurations: Iterable[Configuration],
    labels: Iterable[NDArray[np.float64]],
    species: Sequence[str],
) -> tuple[dict[str, Any], list[Columns]]:
    """Summarise a batch for each species, and the columns of each configuration."""
    summaries: dict[str, Any] = {}
    statistics: list[Columns] = []
    for configuration, label in zip(configurations, labels, strict=True):
        block = features(configuration)
        statistics.append(columns_of(configuration, block, species))
        for name in statistics[-1]:
            rows = rows_of(configuration, name)
            _add(summaries, name, regressor.summarize(block[rows], label[rows]))
    return summaries, statistics


def _add(sums: dict[Any, Any], key: Any, summary: Any) -> None:
    sums[key] = sums[key] + summary if key in sums else summary
