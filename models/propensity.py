"""Regression of per-particle dynamics on the structure of whole configurations."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from joblib import Memory, Parallel, delayed
from numpy.typing import ArrayLike, NDArray
from sklearn.base import BaseEstimator, clone
from sklearn.utils.validation import check_is_fitted, check_memory, has_fit_parameter

from ..liquid import Configuration
from .scores import propensity_scores, select_species


class PropensityRegressor(BaseEstimator):
    """Predict a propensity of every particle from the structure of its configuration.

    A sample, for scikit-learn, is a whole configuration and its label an array with one value per
    particle. Cross-validation therefore splits configurations, never the particles of one, which
    are not independent of each other.

    Parameters
    ----------
    descriptor : transformer
        Maps a list of configurations to a feature matrix with one row per particle. It is fitted to
        the first configuration only: what it learns must be the same for all, such as the species.
    regressor : estimator
        Fitted to the rows; receives ``groups`` (the configuration of each row) if its ``fit`` takes
        them.
    per_type : bool
        Whether each species has a regressor of its own.
    memory : str or joblib.Memory, optional
        Keeps the features of every configuration on disk, as in `sklearn.pipeline.Pipeline`.
    n_jobs : int, optional
        Number of configurations to describe at the same time, as in joblib.

    Attributes
    ----------
    descriptor_ : transformer
        The fitted descriptor.
    regressors_ : dict of str to estimator
        The fitted regressor of each species; of ``"all"`` unless `per_type`.

    Examples
    --------
    >>> from vitreous.descriptors import RadialDescriptor
    >>> from vitreous.liquid import KobAndersen2D
    >>> from vitreous.models import GroupedRidge, PropensityRegressor
    >>> system = KobAndersen2D()
    >>> configurations = [system.random_configuration(400, seed) for seed in range(3)]
    >>> labels = [abs(configuration.positions[:, 0]) for configuration in configurations]
    >>> model = PropensityRegressor(RadialDescriptor(), GroupedRidge())
    >>> prediction = model.fit(configurations[:2], labels[:2]).predict(configurations[2:])
    >>> prediction[0].shape
    (400,)
    """

    def __init__(
        self,
        descriptor: Any,
        regressor: Any,
        per_type: bool = True,
        memory: str | Memory | None = None,
        n_jobs: int | None = None,
    ) -> None:
        self.descriptor = descriptor
        self.regressor = regressor
        self.per_type = per_type
        self.memory = memory
        self.n_jobs = n_jobs

    def fit(
        self, configurations: Sequence[Configuration], labels: Sequence[ArrayLike]
    ) -> PropensityRegressor:
        """Fit the descriptor and the regressors.

        Parameters
        ----------
        configurations : sequence of Configuration
        labels : sequence of array_like, shape (N,) or (N, n_labels)
            The label, or several, of every particle of each configuration.

        Raises
        ------
        ValueError
            If a label is missing or not finite, or a species has no particles.
        """
        configurations, labels = list(configurations), list(labels)
        if not configurations:
            raise ValueError("there are no configurations to learn from")
        self.descriptor_ = clone(self.descriptor).fit(configurations[:1])
        features = self._describe(configurations)
        self.label_shape_ = np.shape(labels[0])[1:]
        self.species_ = configurations[0].species if self.per_type else ("all",)
        self.regressors_ = {
            species: self._fit_species(configurations, labels, features, species)
            for species in self.species_
        }
        return self

    def predict(self, configurations: Sequence[Configuration]) -> list[NDArray[np.float64]]:
        """Predict the label of every particle.

        Parameters
        ----------
        configurations : sequence of Configuration

        Returns
        -------
        list of ndarray, shape (N,) or (N, n_labels), float64
            One array for each configuration.
        """
        check_is_fitted(self)
        configurations = list(configurations)
        predictions = []
        for configuration, features in zip(
            configurations, self._describe(configurations), strict=True
        ):
            prediction = np.empty((configuration.n_particles, *self.label_shape_))
            for species in self.species_:
                rows = _rows(configuration, species)
                if rows.any():
                    prediction[rows] = self.regressors_[species].predict(features[rows])
            predictions.append(prediction)
        return predictions

    def score(self, configurations: Sequence[Configuration], labels: Sequence[ArrayLike]) -> float:
        """Average Pearson correlation within configurations, over the species by their numbers."""
        configurations = list(configurations)
        scores = propensity_scores(configurations, labels, self.predict(configurations))
        counts = {
            name: sum(map(len, select_species(configurations, labels, name))) for name in scores
        }
        return float(
            np.average([s.pearson_mean for s in scores.values()], weights=list(counts.values()))
        )

    def _describe(self, configurations: list[Configuration]) -> list[NDArray[np.floating]]:
        return describe(self.descriptor_, configurations, self.memory, self.n_jobs)

    def _fit_species(
        self,
        configurations: list[Configuration],
        labels: list[ArrayLike],
        features: list[NDArray[np.floating]],
        species: str,
    ) -> Any:
        chosen = [_rows(configuration, species) for configuration in configurations]
        if not any(rows.any() for rows in chosen):
            raise ValueError(f"no configuration has particles of species {species!r}")
        X = np.concatenate([block[rows] for block, rows in zip(features, chosen, strict=True)])
        y = np.concatenate(
            [
                _checked(label, rows, number)[rows]
                for number, (label, rows) in enumerate(zip(labels, chosen, strict=True))
            ]
        )
        regressor = clone(self.regressor)
        if has_fit_parameter(regressor, "groups"):
            groups = np.repeat(np.arange(len(chosen)), [rows.sum() for rows in chosen])
            return regressor.fit(X, y, groups=groups)
        return regressor.fit(X, y)


def describe(
    descriptor: Any,
    configurations: Sequence[Configuration],
    memory: str | Memory | None = None,
    n_jobs: int | None = None,
) -> list[NDArray[np.floating]]:
    """Compute the features of each configuration.

    Parameters
    ----------
    descriptor : fitted transformer
    configurations : sequence of Configuration
    memory, n_jobs
        As in `PropensityRegressor`, which finds the features there again.

    Returns
    -------
    list of ndarray, shape (N, n_features)
    """
    cached = check_memory(memory).cache(_features)
    return Parallel(n_jobs=n_jobs)(
        delayed(cached)(descriptor, configuration) for configuration in configurations
    )


def _features(descriptor: Any, configuration: Configuration) -> NDArray[np.floating]:
    return np.asarray(descriptor.transform([configuration]))


def _rows(configuration: Configuration, species: str) -> NDArray[np.bool_]:
    if species == "all":
        return np.ones(configuration.n_particles, dtype=bool)
    return configuration.types == configuration.species.index(species)


def _checked(label: ArrayLike, rows: NDArray[np.bool_], number: int) -> NDArray[np.float64]:
    values = np.asarray(label, dtype=np.float64)
    if values.shape[:1] != rows.shape:
        raise ValueError(
            f"configuration {number} has {len(rows)} particles, its labels shape {values.shape}"
        )
    if not np.isfinite(values).all():
        particle = int(np.argwhere(~np.isfinite(values))[0, 0])
        raise ValueError(
            f"the label of particle {particle} in configuration {number} is {values[particle]}"
        )
    return values
