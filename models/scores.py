"""How well predicted propensities agree with measured ones."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..liquid import Configuration


def pearson(first: ArrayLike, second: ArrayLike) -> np.float64 | NDArray[np.float64]:
    """Pearson correlation over the first axis; NaN where either is constant.

    Parameters
    ----------
    first, second : array_like, shape (N, ...)

    Returns
    -------
    float or ndarray, shape (...)

    Raises
    ------
    ValueError
        If the shapes differ.

    Examples
    --------
    >>> float(pearson([1, 2, 3], [2, 4, 6]))
    1.0
    """
    a, b = np.asarray(first, dtype=np.float64), np.asarray(second, dtype=np.float64)
    if a.shape != b.shape:
        raise ValueError(f"values of shape {a.shape} cannot be correlated with those of {b.shape}")
    if not len(a):
        return np.full(a.shape[1:], np.nan)[()]
    a, b = a - a.mean(axis=0), b - b.mean(axis=0)
    norm = np.sqrt((a * a).sum(axis=0) * (b * b).sum(axis=0))
    varies = norm > 0
    correlation = (a * b).sum(axis=0) / np.where(varies, norm, 1.0)
    return np.where(varies, np.clip(correlation, -1, 1), np.nan)[()]


def standard_error(values: ArrayLike) -> np.float64 | NDArray[np.float64]:
    """Estimate the standard error of the mean over the first axis; NaN for fewer than two values.

    Examples
    --------
    >>> float(standard_error([1.0, 3.0]))
    1.0
    """
    values = np.asarray(values, dtype=np.float64)
    if len(values) < 2:
        return np.full(values.shape[1:], np.nan)[()]
    return values.std(axis=0, ddof=1) / np.sqrt(len(values))


@dataclass(frozen=True)
class PropensityScore:
    """Agreement of predictions with labels for the particles of one species.

    Attributes
    ----------
    pearson_pooled : float
        Pearson correlation over the particles of all configurations together, the published metric.
    pearson_mean : float
        Average over configurations of the correlation within each.
    pearson_standard_error : float
        Its standard error over configurations.
    n_configurations : int
    """

    pearson_pooled: float
    pearson_mean: float
    pearson_standard_error: float
    n_configurations: int


def propensity_scores(
    configurations: Sequence[Configuration],
    labels: Sequence[ArrayLike],
    predictions: Sequence[ArrayLike],
) -> dict[str, PropensityScore]:
    """Score predictions separately for each species.

    Parameters
    ----------
    configurations : sequence of Configuration
    labels, predictions : sequence of array_like, shape (N,)
        One array for each configuration.

    Returns
    -------
    dict of str to PropensityScore
        For each species that has particles.
    """
    scores = {}
    for species in configurations[0].species:
        true, predicted = (
            select_species(configurations, values, species) for values in (labels, predictions)
        )
        if not sum(map(len, true)):
            continue
        if any(values.ndim != 1 for values in true):
            raise ValueError("scores take one label per particle; score several one by one")
        single = [float(pearson(t, p)) for t, p in zip(true, predicted, strict=True)]
        scores[species] = PropensityScore(
            float(pearson(np.concatenate(true), np.concatenate(predicted))),
            float(np.mean(single)),
            float(standard_error(single)),
            len(configurations),
        )
    return scores


def select_species(
    configurations: Sequence[Configuration], values: Sequence[ArrayLike], species: str
) -> list[NDArray[np.float64]]:
    """Keep the values of the particles of one species, configuration by configuration."""
    if len(values) != len(configurations):
        raise ValueError(f"{len(values)} arrays of values for {len(configurations)} configurations")
    selected = []
    for number, (configuration, array) in enumerate(zip(configurations, values, strict=True)):
        array = np.asarray(array, dtype=np.float64)
        if array.shape[:1] != (configuration.n_particles,):
            raise ValueError(
                f"configuration {number} has {configuration.n_particles} particles, "
                f"its values have shape {array.shape}"
            )
        if species not in configuration.species:
            raise ValueError(f"unknown species {species!r}; there are {configuration.species}")
        selected.append(array[configuration.types == configuration.species.index(species)])
    return selected
