"""Statistics of several configurations with errors that assume nothing about single particles."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import stats


def standard_error(values: ArrayLike) -> np.float64 | NDArray[np.float64]:
    """Estimate the standard error of the mean over the first axis; NaN for fewer than two values.

    Parameters
    ----------
    values : array_like, shape (n, ...)

    Returns
    -------
    float or ndarray, shape (...)

    Examples
    --------
    >>> float(standard_error([1.0, 3.0]))
    1.0
    """
    values = np.asarray(values, dtype=np.float64)
    if len(values) < 2:
        return np.full(values.shape[1:], np.nan)[()]
    return values.std(axis=0, ddof=1) / np.sqrt(len(values))


@dataclass(frozen=True, eq=False)
class Estimate:
    """A statistic of several configurations and its jackknife error.

    The jackknife leaves out one configuration at a time (Efron and Stein, Ann. Stat. 9, 586, 1981):
    particles of one configuration may depend on each other in any way. For an average over
    configurations it is the usual standard error.

    Attributes
    ----------
    value, standard_error : ndarray, shape (...)
        NaN where there are too few configurations.
    n_configurations : int or ndarray

    Examples
    --------
    >>> print(Estimate.mean([0.7, 0.8, 0.9]))
    0.800 ± 0.058
    """

    value: Any
    standard_error: Any
    n_configurations: Any

    def __str__(self) -> str:
        if np.ndim(self.value):
            return repr(self)
        return f"{float(self.value):.3f} ± {float(self.standard_error):.3f}"

    def interval(self, level: float = 0.95) -> tuple[Any, Any]:
        """Confidence interval by Student's t, as (lower, upper)."""
        freedom = np.maximum(np.asarray(self.n_configurations) - 1, 1)
        width = stats.t.ppf((1 + level) / 2, freedom) * self.standard_error
        return self.value - width, self.value + width

    @classmethod
    def mean(cls, of_configurations: ArrayLike) -> Estimate:
        """Average over configurations, the first axis, with its standard error."""
        values = np.asarray(of_configurations)
        return cls.jackknife(lambda chosen: values[chosen].mean(axis=0), len(values))

    @classmethod
    def jackknife(
        cls, statistic: Callable[[NDArray[np.intp]], ArrayLike], n_configurations: int
    ) -> Estimate:
        """Estimate a function of the indices of the configurations that take part."""
        everyone = np.arange(n_configurations)
        value = np.asarray(statistic(everyone))
        if n_configurations < 2:
            return cls(value, np.full(value.shape, np.nan), n_configurations)
        without = np.array([statistic(np.delete(everyone, i)) for i in everyone])
        return cls.from_left_out(value, without)

    @classmethod
    def from_left_out(cls, value: ArrayLike, without: ArrayLike) -> Estimate:
        """Give a statistic the error of its values (n, ...) with each configuration left out.

        It is not known, NaN, of fewer than two, and where one of the values is not finite.
        """
        value, values = np.asarray(value), np.asarray(without)
        n = len(values)
        if n < 2:
            return cls(value, np.full(value.shape, np.nan), n)
        finite = np.isfinite(values).all(axis=0)
        spread = np.where(finite, values, 0.0).var(axis=0)
        error = np.where(finite, np.sqrt((n - 1) * spread), np.nan)[()]
        return cls(value, error, n)
