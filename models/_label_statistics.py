"""Mean and spread of labels as functions of the mean dynamics and of temperature."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, eq=False)
class LabelStatistics:
    """Smooth mean and standard deviation of the labels of one species.

    ``mean = a_0 + a_1 x + a_2 x^2 + a_3 T`` and ``log std = b_0 + b_1 x + b_2 x^2 + b_3 T``, with x
    the level of the mean dynamics and T the temperature, both standardised, fitted by least squares
    to the means and standard deviations within configurations.

    Attributes
    ----------
    coefficients : ndarray, shape (4, 2)
    """

    coefficients: NDArray[np.float64]

    @classmethod
    def of(
        cls,
        labels: Sequence[NDArray[np.float64]],
        levels: NDArray[np.float64],
        temperatures: NDArray[np.float64],
    ) -> LabelStatistics:
        """Learn from the labels (n, K) of each configuration, at K standardised levels."""
        means = np.array([label.mean(axis=0) for label in labels])
        spreads = np.array([label.std(axis=0) for label in labels])
        # Where no label varies, there is nothing to learn but the mean.
        smallest = 1e-6 * max(float(spreads.max()), 1e-300)
        logarithms = np.log(np.maximum(spreads, smallest))
        design = np.concatenate([_design(levels, temperature) for temperature in temperatures])
        wanted = np.stack([means.ravel(), logarithms.ravel()], axis=1)
        return cls(np.linalg.lstsq(design, wanted, rcond=None)[0])

    def __call__(
        self, levels: NDArray[np.float64], temperature: float
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Mean and standard deviation at each level, shape (K,) each."""
        mean, logarithm = (_design(levels, temperature) @ self.coefficients).T
        return mean, np.exp(logarithm)


def _design(levels: NDArray[np.float64], temperature: float) -> NDArray[np.float64]:
    return np.stack(
        [np.ones_like(levels), levels, levels**2, np.full_like(levels, temperature)], axis=1
    )
