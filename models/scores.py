"""How well predicted propensities agree with measured ones, species by species."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from ..dynamics import Estimate
from ..liquid import Configuration, select_species
from ._known_values import known_of_species
from .agreement import agreement


def propensity_scores(
    configurations: Sequence[Configuration],
    labels: Sequence[ArrayLike],
    predictions: Sequence[ArrayLike],
    order_parameter: Callable[[Any], Any] | None = None,
) -> dict[str, dict[str, Estimate]]:
    """Score predictions separately for each species.

    Parameters
    ----------
    configurations : sequence of Configuration
    labels, predictions : sequence of array_like, shape (N,) or (N, n_labels)
        One array for each configuration.
    order_parameter : callable, optional
        As in `agreement`.

    Returns
    -------
    dict of str to dict of str to Estimate
        The `agreement` of each species that has particles.

    Raises
    ------
    ValueError
        If the arrays do not fit the configurations.

    Examples
    --------
    >>> from vitreous.liquid import KobAndersen2D
    >>> liquids = [KobAndersen2D().random_configuration(129, seed) for seed in range(3)]
    >>> labels = [liquid.positions[:, 0] for liquid in liquids]
    >>> scores = propensity_scores(liquids, labels, [label / 2 for label in labels])
    >>> print(scores["A"]["pearson_mean"])
    1.000 ± 0.000
    """
    scores = {}
    for species in configurations[0].species:
        pairs = zip(*known_of_species(configurations, species, labels, predictions), strict=True)
        seen = [
            pair
            for pair, configuration in zip(pairs, configurations, strict=True)
            if len(pair[0]) or configuration.box.is_periodic
        ]
        if any(len(true) for true, _ in seen):
            true, predicted = zip(*seen, strict=True)
            scores[species] = agreement(true, predicted, order_parameter)
    return scores


def mean_correlation(
    configurations: Sequence[Configuration],
    labels: Sequence[ArrayLike],
    predictions: Sequence[ArrayLike],
) -> float:
    """Average ``pearson_mean`` over the labels, and over the species by their numbers."""
    scores = propensity_scores(configurations, labels, predictions)
    counts = [sum(map(len, select_species(configurations, labels, name))) for name in scores]
    means = [float(np.mean(score["pearson_mean"].value)) for score in scores.values()]
    return float(np.average(means, weights=counts))
