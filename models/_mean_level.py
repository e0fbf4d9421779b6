"""Means of configurations: of each species at a clock, and how configurations differ."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ._clock_ridge import covers

# Fewer configurations than this, beyond one for each mean and each slope, tell no slopes.
_LEAST_FREEDOM = 3


@dataclass(frozen=True, eq=False)
class LateMeans:
    """Mean labels of a species in configurations of one temperature, along the late clock.

    Attributes
    ----------
    clock : ndarray, shape (K,)
        Rising.
    offsets : ndarray, shape (K,)
        Mean label of the species less that of all particles.
    drivers : ndarray, shape (n, 2)
        Mean energy of each configuration, and its plateau, less the averages over all.
    deviations : ndarray, shape (n, K)
        Mean label of the species in each configuration less that in all.
    """

    clock: NDArray[np.float64]
    offsets: NDArray[np.float64]
    drivers: NDArray[np.float64]
    deviations: NDArray[np.float64]

    @classmethod
    def of(
        cls,
        clock: NDArray[np.float64],
        level: NDArray[np.float64],
        drivers: NDArray[np.float64],
        labels: Sequence[NDArray[np.float64]],
    ) -> LateMeans:
        """Take means of the labels (N, K) of a species; `level` (K,) is that of all particles."""
        order = np.argsort(clock, kind="stable")
        means = np.array([values.mean(axis=0) for values in labels])[:, order]
        mean = means.mean(axis=0)
        return cls(clock[order], mean - level[order], drivers - drivers.mean(axis=0), means - mean)

    def offset(self, clock: float) -> float:
        """Interpolate the offset; beyond the ends it is that of the end."""
        return float(np.interp(clock, self.clock, self.offsets))

    def deviation(self, clock: float) -> NDArray[np.float64]:
        """Interpolate the deviations, shape (n,)."""
        return np.array([np.interp(clock, self.clock, row) for row in self.deviations])


def slopes_at(temperatures: Sequence[LateMeans], clock: float) -> NDArray[np.float64]:
    """How the mean label follows the drivers, over configurations of equal temperature (2,)."""
    drivers = np.concatenate([means.drivers for means in temperatures])
    varying = np.ptp(drivers, axis=0) > 0
    slopes = np.zeros(drivers.shape[1])
    freedom = sum(len(means.drivers) - 1 for means in temperatures) - int(varying.sum())
    if freedom >= _LEAST_FREEDOM:
        deviations = np.concatenate([means.deviation(clock) for means in temperatures])
        slopes[varying] = np.linalg.lstsq(drivers[:, varying], deviations)[0]
    return slopes


@dataclass(frozen=True, eq=False)
class ShortMeans:
    """Mean labels of a species in configurations of one temperature, at short times.

    Attributes
    ----------
    clock : ndarray, shape (K,)
        Rising.
    plateaus : ndarray, shape (n,)
        Mean distance in the cage, in each configuration.
    means : ndarray, shape (n, K)
        Mean label of the species in each configuration.
    """

    clock: NDArray[np.float64]
    plateaus: NDArray[np.float64]
    means: NDArray[np.float64]

    def covers(self, clock: float) -> bool:
        """Whether a value of the clock lies between the first and the last."""
        return covers(self.clock, clock)

    def at(self, clock: float) -> NDArray[np.float64]:
        """Interpolate the means, shape (n,)."""
        return np.array([np.interp(clock, self.clock, row) for row in self.means])


def short_mean(temperatures: Sequence[ShortMeans], clock: float, plateau: float) -> float:
    """Mean label where the mean distance in the cage has a value, by a straight line."""
    x = np.concatenate([means.plateaus for means in temperatures])
    y = np.concatenate([means.at(clock) for means in temperatures])
    away = x - x.mean()
    if len(x) < 1 + _LEAST_FREEDOM or not away.any():
        return float(y.mean())
    return float(y.mean() + (away @ y) / (away @ away) * (plateau - x.mean()))
