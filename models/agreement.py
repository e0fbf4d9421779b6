"""Correlation and amplitude of predictions, with errors over configurations."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..dynamics import Estimate, pearson


def agreement(
    true: Sequence[ArrayLike],
    predicted: Sequence[ArrayLike],
    order_parameter: Callable[[Any], Any] | None = None,
) -> dict[str, Estimate]:
    """Compare predictions with labels, in correlation and in amplitude.

    A prediction may rank particles well and fluctuate far too little. With labels y and predictions
    p of the particles of one species:

    - ``pearson_mean``: the average over configurations of the correlation within each;
    - ``pearson_pooled``: the correlation over the particles of all configurations together;
    - ``variance_ratio``: ``Var p / Var y`` over the same particles. Var y contains the noise of
      labels from finitely many replicas: the exact propensity has a ratio of the square of the
      noise ceiling, below 1;
    - ``susceptibility_ratio``: chi4 of Q(p) over chi4 of Q(y) (`vitreous.dynamics.susceptibility`),
      the ratio of fluctuations of whole configurations. Its errors are wide for few configurations.

    Parameters
    ----------
    true, predicted : sequence of array_like, shape (N,) or (N, n_labels)
        Particles of one species, configuration by configuration.
    order_parameter : callable, optional
        Turns labels into the field Q, as `vitreous.dynamics.mobile_fraction` does with
        displacements; the label itself by default.

    Returns
    -------
    dict of str to Estimate

    Examples
    --------
    >>> y = [[1.0, 2.0, 3.0], [2.0, 3.0, 7.0], [0.0, 1.0, 1.0]]
    >>> p = [[0.5, 1.0, 1.5], [1.0, 1.5, 3.5], [0.0, 0.5, 0.5]]
    >>> round(float(agreement(y, p)["variance_ratio"].value), 6)
    0.25
    """
    n = len(true)
    y, p = ([np.asarray(v, dtype=np.float64) for v in values] for values in (true, predicted))
    single = np.array([pearson(a, b) for a, b in zip(y, p, strict=True)])
    order = (lambda values: values) if order_parameter is None else order_parameter
    q_y, q_p = (np.array([order(v).mean(axis=0) for v in values]) for values in (y, p))
    counts = np.array([len(v) for v in y], dtype=np.float64)
    # Sums about a common origin stand for the particles, which need not be gone through again.
    y0, p0 = (np.average([v.mean(axis=0) for v in x], axis=0, weights=counts) for x in (y, p))
    sums = []
    for a, b in zip(y, p, strict=True):
        dy, dp = a - y0, b - p0
        sums.append([term.sum(axis=0) for term in (dy, dp, dy**2, dp**2, dy * dp)])
    totals = np.array(sums)

    def moments(indices: NDArray[np.intp]) -> tuple[Any, Any, Any]:
        mean = totals[indices].sum(axis=0) / counts[indices].sum()
        return mean[2] - mean[0] ** 2, mean[3] - mean[1] ** 2, mean[4] - mean[0] * mean[1]

    def pooled(indices: NDArray[np.intp]) -> Any:
        var_y, var_p, covariance = moments(indices)
        return _ratio(covariance, np.sqrt(np.maximum(var_y * var_p, 0)))

    def variance_ratio(indices: NDArray[np.intp]) -> Any:
        var_y, var_p, _ = moments(indices)
        return _ratio(var_p, var_y)

    def susceptibility_ratio(indices: NDArray[np.intp]) -> Any:
        return _ratio(q_p[indices].var(axis=0), q_y[indices].var(axis=0))

    return {
        "pearson_mean": Estimate.mean(single),
        "pearson_pooled": Estimate.jackknife(pooled, n),
        "variance_ratio": Estimate.jackknife(variance_ratio, n),
        "susceptibility_ratio": Estimate.jackknife(susceptibility_ratio, n),
    }


def _ratio(numerator: Any, denominator: Any) -> Any:
    """Quotient; NaN where the denominator is zero."""
    positive = denominator > 0
    return np.where(positive, numerator / np.where(positive, denominator, 1.0), np.nan)[()]
