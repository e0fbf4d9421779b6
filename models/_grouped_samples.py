"""Checks shared by the regressors that split their samples by groups."""

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
) -> tuple[NDArray[np.floating], NDArray[np.float64], NDArray]:
    """Validate training samples; without groups every sample is a group of its own."""
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
    if len(np.unique(members)) < 2:
        raise ValueError("settings are chosen on left-out groups: at least 2 are needed, not 1")
    return features, targets.astype(np.float64), members


def features_to_predict(estimator: BaseEstimator, X: ArrayLike) -> NDArray[np.floating]:
    """Validate the samples to predict."""
    check_is_fitted(estimator)
    return validate_data(estimator, X, dtype=[np.float32, np.float64], reset=False)
