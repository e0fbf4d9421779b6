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
        """Learn from the labels (n, K) of each configuration, at K standardised levels.

        Labels that are NaN are left out; each configuration has one that is not.
        """
        design, means, spreads = [], [], []
        for label, temperature in zip(labels, temperatures, strict=True):
            known = ~np.isnan(label).all(axis=0)
            design.append(_design(levels[known], temperature))
            means.append(np.nanmean(label[:, known], axis=0))
            spreads.append(np.nanstd(label[:, known], axis=0))
        spread = np.concatenate(spreads)
        # Where no label varies, there is nothing to learn but the mean.
        smallest = 1e-6 * max(float(spread.max()), 1e-300)
        logarithms = np.log(np.maximum(spread, smallest))
        wanted = np.stack([np.concatenate(means), logarithms], axis=1)
        return cls(np.linalg.lstsq(np.concatenate(design), wanted, rcond=None)[0])

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
