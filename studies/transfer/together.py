"""One model for all temperatures of a study."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ...dynamics import Estimate, pearson
from ...liquid import Configuration
from ...models import TwoLevelRidge


@dataclass(frozen=True, eq=False)
class Together:
    """How well one model that is trained at all temperatures predicts each of them.

    Attributes
    ----------
    predictions : list of ndarray, shape (N, n_levels)
        For each configuration, by a model that was fitted to others.
    single_pearson : list of ndarray, shape (n_configurations, n_levels)
        For each temperature, falling: the correlation within each configuration, for the first
        species.

    Examples
    --------
    >>> import numpy as np
    >>> from vitreous.studies import Together
    >>> together = Together([], [np.array([[0.4, 0.6], [0.5, 0.7]])])
    >>> [str(estimate) for estimate in together.pearson(level=1)]
    ['0.650 ± 0.050']
    """

    predictions: list[NDArray[np.float64]]
    single_pearson: list[NDArray[np.float64]]

    def pearson(self, level: int) -> list[Estimate]:
        """Average correlation at each temperature, at one of the levels."""
        return [Estimate.mean(single[:, level]) for single in self.single_pearson]

    def gain(self, level: int, at_home: Sequence[NDArray[np.float64]]) -> list[Estimate]:
        """Differences to the correlations of other models, paired over configurations."""
        return [
            Estimate.mean(single[:, level] - home)
            for single, home in zip(self.single_pearson, at_home, strict=True)
        ]


def regressor_of_all(columns: Sequence[str]) -> TwoLevelRidge:
    """Make a regressor for configurations of several temperatures.

    Particles are compared within their configuration, so that what sets temperatures apart does not
    pass for what sets particles apart. The mean of a configuration follows its inherent energy,
    where there is a column of it.
    """
    energies = [k for k, name in enumerate(columns) if name == "relaxation__energy inherent"]
    return TwoLevelRidge(mean_columns=energies or None)


def scored(
    configurations: Sequence[Configuration],
    labels: Sequence[ArrayLike],
    predictions: list[NDArray[np.float64]],
    temperatures: ArrayLike,
) -> Together:
    """Correlate predictions with labels, configuration by configuration."""
    chosen: list[Any] = [c.of_species(c.species[0]) for c in configurations]
    single = np.array(
        [
            pearson(np.asarray(true)[rows], predicted[rows])
            for true, predicted, rows in zip(labels, predictions, chosen, strict=True)
        ]
    )
    known = np.asarray(temperatures)
    return Together(predictions, [single[known == t] for t in np.unique(known)[::-1]])
