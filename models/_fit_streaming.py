"""Training on configurations that are described, summarised and forgotten in turn."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import numpy as np
from joblib import Parallel, delayed
from numpy.typing import NDArray
from sklearn.base import clone
from threadpoolctl import threadpool_limits

from ..dynamics import ReversedReplica
from ..liquid import Configuration
from ..storage.progress import Progress, tracked
from ._grouped_samples import deal_folds
from ._species_blocks import Features, columns_of, known_rows, nothing_known, rows_of
from .streaming import StreamingRegressor
from .training_range import Columns, TrainingRange

# Configurations summarised by one task. Summaries may be larger than features: several travel as
# one. The number is fixed so that the order of all sums is, whatever the number of workers.
_BATCH = 4

Sample = tuple[Configuration, NDArray[np.float64], float | None]
"""A configuration, its labels and, if it is the end of a reversed replica, their weight."""


def fit_streaming(
    regressor: StreamingRegressor,
    features: Features,
    configurations: Sequence[Configuration],
    labels: Sequence[NDArray[np.float64]],
    reversed_replicas: Sequence[Sequence[ReversedReplica]],
    species: Sequence[str],
    n_jobs: int | None,
    progress: Progress,
) -> tuple[dict[str, Any], TrainingRange]:
    """Fit one clone of the regressor for each species."""
    folds = deal_folds(len(configurations), regressor.n_splits)
    batches = []
    for fold in range(folds.max() + 1):
        samples: list[Sample] = []
        for i in np.flatnonzero(folds == fold).tolist():
            samples.append((configurations[i], labels[i], None))
            samples += [(r.configuration, r.labels, r.weight) for r in reversed_replicas[i]]
        starts = range(0, len(samples), _BATCH)
        batches += [(fold, samples[start : start + _BATCH]) for start in starts]
    results: Iterator[Any] = Parallel(n_jobs=n_jobs, return_as="generator")(
        delayed(_summarize)(features, regressor, batch, species) for _, batch in batches
    )
    statistics: list[Columns] = []
    sums: dict[str, dict[int, Any]] = {name: {} for name in species}
    done, total = 0, sum(len(samples) for _, samples in batches)
    progress("describe", done, total)
    for (fold, samples), (summaries, columns) in zip(batches, results, strict=True):
        statistics += columns
        for name, summary in summaries.items():
            _add(sums[name], fold, summary)
        done += len(samples)
        progress("describe", done, total)
    for name in species:
        if not sums[name]:
            raise nothing_known(name)
    regressors = {
        name: clone(regressor).fit_summaries(list(sums[name].values()))
        for name in tracked("fit", species, len(species), progress)
    }
    return regressors, TrainingRange.of(statistics)


def _summarize(
    features: Features, regressor: Any, samples: Iterable[Sample], species: Sequence[str]
) -> tuple[dict[str, Any], list[Columns]]:
    """Summarise a batch for each species, and the columns of each configuration.

    On one thread, so that sums do not depend on how many the linear algebra would use.
    """
    summaries: dict[str, Any] = {}
    statistics: list[Columns] = []
    for configuration, label, weight in samples:
        block = features(configuration)
        columns = columns_of(configuration, block, species)
        if weight is None:
            statistics.append(columns)
        known = known_rows(configuration, block) & known_rows(configuration, label)
        for name in columns:
            rows = rows_of(configuration, name) & known
            if not rows.any():
                continue
            with threadpool_limits(1, user_api="blas"):
                if weight is None:
                    summary = regressor.summarize(block[rows], label[rows])
                else:
                    summary = regressor.summarize_reversed(block[rows], label[rows], weight)
            _add(summaries, name, summary)
    return summaries, statistics


def _add(sums: dict[Any, Any], key: Any, summary: Any) -> None:
    sums[key] = sums[key] + summary if key in sums else summary
