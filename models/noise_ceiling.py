"""The correlation that no predictor of noisy labels can exceed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..dynamics import pearson
from ..liquid import Configuration, select_species


def noise_ceiling(first: ArrayLike, second: ArrayLike) -> np.float64 | NDArray[np.float64]:
    """Largest Pearson correlation that any prediction can have with replica-averaged labels.

    With the correlation r_h between the averages over two halves of the replicas, the average over
    all of them has the reliability ``2 r_h / (1 + r_h)`` (Spearman and Brown), and even the exact
    propensity correlates with it by no more than the square root of that.

    Parameters
    ----------
    first, second : array_like, shape (N, ...)
        Averages over two disjoint halves of the replicas of equal size; NaN for particles that were
        lost from sight, which do not count.

    Returns
    -------
    float or ndarray, shape (...)
        Between 0 and 1; 0 where the halves do not correlate at all, NaN where they are unknown.

    Examples
    --------
    >>> float(noise_ceiling([1.0, 2.0, 3.0], [1.0, 2.0, 3.0]))
    1.0
    """
    half = np.maximum(_correlation(np.asarray(first), np.asarray(second)), 0.0)
    return np.sqrt(2 * half / (1 + half))


def _correlation(first: NDArray[Any], second: NDArray[Any]) -> Any:
    """Pearson correlation over the particles that are known in both, label by label."""
    unknown = np.isnan(first) | np.isnan(second)
    if not unknown.any() or first.ndim == 0:
        return pearson(first, second)
    if first.ndim == 1:
        return pearson(first[~unknown], second[~unknown])
    columns = zip(np.moveaxis(first, 1, 0), np.moveaxis(second, 1, 0), strict=True)
    return np.array([_correlation(*column) for column in columns])


def pooled_noise_ceiling(
    configurations: Sequence[Configuration], halves: Sequence[ArrayLike], species: str
) -> np.float64 | NDArray[np.float64]:
    """Noise ceiling over the particles of one species in all configurations together.

    Parameters
    ----------
    configurations : sequence of Configuration
    halves : sequence of array_like, shape (2, N) or (2, N, n_labels)
        Averages over two halves of the replicas of each configuration.
    species : str

    Returns
    -------
    float or ndarray, shape (n_labels,)

    Examples
    --------
    Halves that agree for species A, and are opposite for species B:

    >>> import numpy as np
    >>> from vitreous.liquid import KobAndersen2D
    >>> from vitreous.models import pooled_noise_ceiling
    >>> liquid = KobAndersen2D().random_configuration(43, 0)
    >>> first = liquid.positions[:, 0]
    >>> halves = [first, np.where(liquid.types == 0, first, -first)]
    >>> [round(float(pooled_noise_ceiling([liquid], [halves], name)), 6) for name in ("A", "B")]
    [1.0, 0.0]
    """
    first, second = _select_halves(configurations, halves, species)
    return noise_ceiling(np.concatenate(first), np.concatenate(second))


def single_noise_ceilings(
    configurations: Sequence[Configuration], halves: Sequence[ArrayLike], species: str
) -> NDArray[np.float64]:
    """Noise ceiling within each configuration, shape (n_configurations[, n_labels])."""
    pairs = zip(*_select_halves(configurations, halves, species), strict=True)
    return np.array([noise_ceiling(first, second) for first, second in pairs])


def _select_halves(
    configurations: Sequence[Configuration], halves: Sequence[ArrayLike], species: str
) -> list[list[NDArray[np.float64]]]:
    return [
        select_species(configurations, [np.asarray(half)[k] for half in halves], species)
        for k in (0, 1)
    ]
