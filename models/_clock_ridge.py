"""Ridge regression of labels at any value of a clock, from sums over particles of temperatures."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray


def covers(clock: NDArray[np.float64], value: float) -> bool:
    """Whether a value lies between the first and the last of a rising clock."""
    slack = 1e-6 * (1 + abs(value))
    return bool(clock[0] - slack <= value <= clock[-1] + slack)


@dataclass(frozen=True, eq=False)
class ClockMoments:
    """What a ridge needs of one species at one temperature, whose labels follow a clock.

    Columns x (p of them) and labels y (at K values of the clock) are deviations from their means
    within configurations. Between two values of the clock labels are interpolated linearly, and so
    are all sums that they enter: nothing of the particles has to be kept.

    Attributes
    ----------
    n : int
        Number of particles.
    clock : ndarray, shape (K,)
        Rising.
    means : ndarray, shape (K,)
        Mean label.
    columns : ndarray, shape (p, p)
        <x x>.
    products : ndarray, shape (K, p)
        <y x>.
    labels : ndarray, shape (K, K)
        <y y>.
    """

    n: int
    clock: NDArray[np.float64]
    means: NDArray[np.float64]
    columns: NDArray[np.float64]
    products: NDArray[np.float64]
    labels: NDArray[np.float64]

    @classmethod
    def of(
        cls,
        clock: ArrayLike,
        blocks: Sequence[NDArray[np.floating]],
        labels: Sequence[NDArray[np.float64]],
    ) -> ClockMoments:
        """Sum over configurations; columns (n, p) and labels (n, K) of each."""
        values = np.asarray(clock, dtype=np.float64)
        order = np.argsort(values, kind="stable")
        x = np.concatenate([block - block.mean(axis=0, dtype=np.float64) for block in blocks])
        y = np.concatenate([label - label.mean(axis=0) for label in labels])[:, order]
        means = np.concatenate(labels).mean(axis=0)[order]
        n = len(x)
        return cls(n, values[order], means, x.T @ x / n, y.T @ x / n, y.T @ y / n)

    def covers(self, clock: float) -> bool:
        """Whether a value of the clock lies between the first and the last."""
        return covers(self.clock, clock)

    def weights(self, clock: float) -> NDArray[np.float64]:
        """Weights (K,) of the labels in the interpolated one; beyond the ends that of the end."""
        weights = np.zeros(len(self.clock))
        after = int(np.searchsorted(self.clock, clock))
        if after in (0, len(self.clock)):
            weights[min(after, len(self.clock) - 1)] = 1.0
            return weights
        before, value = self.clock[after - 1], self.clock[after]
        weights[after] = (clock - before) / (value - before)
        weights[after - 1] = 1 - weights[after]
        return weights

    def at(self, clock: float) -> tuple[float, float, NDArray[np.float64]]:
        """Mean and standard deviation of the labels, and their products (p,) with the columns."""
        weights = self.weights(clock)
        variance = float(weights @ self.labels @ weights)
        return float(weights @ self.means), np.sqrt(max(variance, 0.0)), weights @ self.products


def ridge_at(
    temperatures: Sequence[ClockMoments], clock: float, penalties: NDArray[np.float64]
) -> tuple[float, float, NDArray[np.float64]]:
    """Fit labels of unit variance at a value of the clock.

    Minimises the mean of ``(y - z w)^2`` plus the penalties times ``w^2``, z being the columns at
    unit variance, over the particles of all temperatures.

    Parameters
    ----------
    temperatures : sequence of ClockMoments
    clock : float
    penalties : ndarray, shape (p,)

    Returns
    -------
    mean, spread : float
        Averages over temperatures of the mean and the standard deviation of the labels.
    coefficients : ndarray, shape (p,)
        Of the columns as they are; they predict labels of unit variance.
    """
    found = [moments.at(clock) for moments in temperatures]
    counts = np.array([float(moments.n) for moments in temperatures])
    shares = counts / counts.sum()
    matrix = np.einsum("t,tij->ij", shares, [moments.columns for moments in temperatures])
    target = sum(
        share * products / spread
        for share, (_, spread, products) in zip(shares, found, strict=True)
        if spread > 0
    )
    mean, spread = (float(np.mean([item[k] for item in found])) for k in (0, 1))
    scale = np.sqrt(np.diag(matrix))
    varies = scale > 1e-9 * max(scale.max(), 1e-300)
    scale = scale[varies]
    coefficients = np.zeros(len(penalties))
    if spread > 0:
        system = matrix[np.ix_(varies, varies)] / np.outer(scale, scale)
        system += np.diag(penalties[varies])
        coefficients[varies] = np.linalg.solve(system, np.asarray(target)[varies] / scale) / scale
    return mean, spread, coefficients


def left_out_correlation(
    others: Sequence[ClockMoments],
    left_out: ClockMoments,
    place: int,
    clock: float,
    penalties: NDArray[np.float64],
) -> float:
    """Correlation within configurations that others reach at one label of a temperature left out.

    It follows from sums alone; ``nan`` where a prediction or the label does not vary.
    """
    _, _, coefficients = ridge_at(others, clock, penalties)
    variance = float(coefficients @ left_out.columns @ coefficients)
    true = float(left_out.labels[place, place])
    if variance <= 0 or true <= 0:
        return float("nan")
    return float(coefficients @ left_out.products[place]) / np.sqrt(variance * true)
