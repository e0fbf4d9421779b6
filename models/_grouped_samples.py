"""Checks and splits shared by the regressors whose samples come in groups."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.base import BaseEstimator
from sklearn.utils.validation import check_consistent_length, check_is_fitted, validate_data


def grouped_samples(
    estimator: BaseEstimator,
    X: ArrayLike,
    y: ArrayLike,
    groups: ArrayLike | None,
    multi_output: bool = False,
) -> tuple[NDArray[np.floating], NDArray[np.float64], NDArray[np.int64]]:
    """Validate training samples and number their groups; without any, each sample is its own."""
    features, targets = validate_data(
        estimator,
        X,
        y,
        dtype=[np.float32, np.float64],
        y_numeric=True,
        multi_output=multi_output,
        ensure_min_samples=2,
    )
    members = np.arange(len(targets)) if groups is None else np.asarray(groups)
    check_consistent_length(targets, members)
    names, numbers = np.unique(members, return_inverse=True)
    if len(names) < 2:
        raise ValueError(ONE_GROUP)
    return features, targets.astype(np.float64), numbers


ONE_GROUP = (
    "settings are chosen on left-out groups: at least 2 are needed, not 1; add configurations that "
    "do not depend on these"
)


def deal_folds(n_groups: int, n_splits: int) -> NDArray[np.int64]:
    """Give each group one of at most `n_splits` folds, equally many and in a fixed random order.

    Random, because groups often come sorted by temperature, or in turn.
    """
    n_folds = min(n_splits, n_groups)
    return np.random.default_rng(0).permutation(n_groups) % n_folds


def group_numbers(groups: ArrayLike | None, n: int) -> NDArray[np.int64]:
    """Give the groups of n configurations numbers from 0; without any, each is its own."""
    if groups is None:
        return np.arange(n)
    members = np.asarray(groups)
    if members.shape != (n,):
        raise ValueError(f"{n} configurations need as many groups, not {members.shape}")
    return np.unique(members, return_inverse=True)[1]


def features_to_predict(estimator: BaseEstimator, X: ArrayLike) -> NDArray[np.floating]:
    """Validate the samples to predict."""
    check_is_fitted(estimator)
    return validate_data(estimator, X, dtype=[np.float32, np.float64], reset=False)
