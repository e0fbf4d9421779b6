"""What a regressor must offer to learn from more configurations than memory holds."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol, Self, runtime_checkable

from numpy.typing import ArrayLike


@runtime_checkable
class StreamingRegressor(Protocol):
    """A regressor that learns from summaries of its samples, without the samples.

    `PropensityRegressor` describes configurations in turn, or at the same time in several
    processes, summarises each and forgets its features. Summaries of the configurations of one fold
    are joined with ``+``. `GroupedRidge` is such a regressor.

    Attributes
    ----------
    n_splits : int
        Largest number of folds for the configurations.

    Examples
    --------
    >>> import numpy as np
    >>> from vitreous.models import GroupedRidge, StreamingRegressor
    >>> ridge = GroupedRidge()
    >>> isinstance(ridge, StreamingRegressor)
    True
    >>> X = np.random.default_rng(0).normal(size=(60, 3))
    >>> y = X @ [1.0, 2.0, 3.0]
    >>> summaries = [ridge.summarize(X[:30], y[:30]), ridge.summarize(X[30:], y[30:])]
    >>> ridge.fit_summaries(summaries).coef_.round(1)
    array([1., 2., 3.])
    """

    n_splits: int

    def summarize(self, X: ArrayLike, y: ArrayLike) -> Any:
        """Reduce samples to a summary, which must not depend on what was fitted before."""

    def fit_summaries(self, folds: Sequence[Any]) -> Self:
        """Fit to the summaries of the folds."""
