"""Regression of per-particle dynamics on the structure of whole configurations."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from joblib import Memory, Parallel, delayed
from numpy.typing import ArrayLike, NDArray
from sklearn.base import BaseEstimator
from sklearn.utils.validation import check_is_fitted

from ..dynamics import ReversedReplica
from ..liquid import Configuration
from ..storage.progress import Progress, silent, tracked
from ._design import fit_matrices
from ._fit_streaming import fit_streaming
from ._grouped_samples import group_numbers
from ._predictions import Predictions
from ._species_blocks import (
    Features,
    NotDescribed,
    all_cut,
    columns_of,
    fingerprint,
    fitted_to,
    known_rows,
    require_finite,
    rows_of,
)
from .scores import mean_correlation
from .streaming import StreamingRegressor
from .training_range import Columns, warn_outside


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
        Fitted to the rows; receives ``groups`` (the configuration of each row) and
        ``configurations`` (those of the rows, other species left out) if its ``fit`` takes them.
    per_type : bool
        Whether each species has a regressor of its own.
    memory : str or joblib.Memory, optional
        Keeps the features of every configuration on disk, as in `sklearn.pipeline.Pipeline`.
    n_jobs : int, optional
        Number of configurations to describe at the same time, as in joblib.
    matrix_folder : str, optional
        Folder for the matrix of a regressor that is not streaming; it is mapped into memory and
        deleted after training. In memory by default.

    Attributes
    ----------
    descriptor_ : transformer
        The fitted descriptor.
    training_range_ : TrainingRange
        Where the training configurations lay.
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
        matrix_folder: str | None = None,
    ) -> None:
        self.descriptor = descriptor
        self.regressor = regressor
        self.per_type = per_type
        self.memory = memory
        self.n_jobs = n_jobs
        self.matrix_folder = matrix_folder

    def fit(
        self,
        configurations: Sequence[Configuration],
        labels: Sequence[ArrayLike],
        reversed_replicas: Sequence[Sequence[ReversedReplica]] | None = None,
        progress: Progress = silent,
        groups: ArrayLike | None = None,
    ) -> PropensityRegressor:
        """Fit the descriptor and the regressors.

        Parameters
        ----------
        configurations : sequence of Configuration
        labels : sequence of array_like, shape (N,) or (N, n_labels)
            The label, or several, of every particle of each configuration. In a field of view it
            may be NaN, for particles that were lost from sight; they are left out, as are those
            whose surroundings are cut by the border.
        reversed_replicas : sequence of sequence of ReversedReplica, optional
            For each configuration, the ends of replicas that started there, as further samples. For
            regressors that can summarise them, such as `TwoLevelRidge`.
        progress : callable, optional
            Called with "describe" and "fit" as configurations and species are done.
        groups : array_like, shape (n_configurations,), optional
            Configurations that are not independent of each other, such as overlapping stretches of
            a trajectory, have the same group: the regressor makes its choices on left-out groups in
            place of left-out configurations. Each is its own group by default.

        Raises
        ------
        ValueError
            If a label is missing or not finite, a species has no particles, or reversed replicas
            come with groups or with a regressor that cannot learn from them.
        """
        configurations = list(configurations)
        if not configurations:
            raise ValueError("there are no configurations to learn from")
        if len(labels) != len(configurations):
            raise ValueError(f"{len(labels)} labels for {len(configurations)} configurations")
        checked = [
            _checked(label, configuration, number)
            for number, (configuration, label) in enumerate(
                zip(configurations, labels, strict=True)
            )
        ]
        self.label_shape_ = checked[0].shape[1:]
        self.species_ = configurations[0].species if self.per_type else ("all",)
        for species in self.species_:
            if not any(rows_of(configuration, species).any() for configuration in configurations):
                raise ValueError(f"no configuration has particles of species {species!r}")
        self.descriptor_ = fitted_to(self.descriptor, configurations[0])
        features = Features(self.descriptor_, self.memory)
        if reversed_replicas is None:
            reversed_replicas = [()] * len(configurations)
        elif len(reversed_replicas) != len(configurations):
            raise ValueError(
                f"reversed replicas of {len(reversed_replicas)} configurations for "
                f"{len(configurations)}"
            )
        elif not hasattr(self.regressor, "summarize_reversed"):
            raise ValueError(
                f"{type(self.regressor).__name__} cannot learn from reversed replicas; "
                "TwoLevelRidge can"
            )
        members = group_numbers(groups, len(configurations))
        grouped = members.max() + 1 < len(configurations)
        if grouped and any(reversed_replicas):
            raise ValueError("reversed replicas are of independent configurations, not of groups")
        # Summaries are of single configurations; those of a group count as one, rows by rows.
        if isinstance(self.regressor, StreamingRegressor) and not grouped:
            fitted = fit_streaming(
                self.regressor,
                features,
                configurations,
                checked,
                reversed_replicas,
                self.species_,
                self.n_jobs,
                progress,
            )
        else:
            fitted = fit_matrices(
                self.regressor,
                features,
                configurations,
                checked,
                self.species_,
                self.n_jobs,
                self.matrix_folder,
                progress,
                members,
            )
        self.regressors_, self.training_range_ = fitted
        return self

    def predict(
        self, configurations: Sequence[Configuration], progress: Progress = silent
    ) -> list[NDArray[np.float64]]:
        """Predict the label of every particle.

        Parameters
        ----------
        configurations : sequence of Configuration
        progress : callable, optional
            Called with "predict" as configurations are done.

        Returns
        -------
        list of ndarray, shape (N,) or (N, n_labels), float64
            One array for each configuration. NaN for particles of a field of view whose
            surroundings are cut by its border.

        Warns
        -----
        ExtrapolationWarning
            If configurations lie outside the `TrainingRange`.
        """
        predictions, distances = self.predict_with_distances(configurations, progress)
        warn_outside(distances, stacklevel=3)
        return predictions

    def predict_with_distances(
        self, configurations: Sequence[Configuration], progress: Progress = silent
    ) -> tuple[list[NDArray[np.float64]], NDArray[np.float64]]:
        """Predict, and say how far from the training configurations each configuration lies.

        Parameters
        ----------
        configurations : sequence of Configuration
        progress : callable, optional
            As in `predict`.

        Returns
        -------
        predictions : list of ndarray, shape (N,) or (N, n_labels)
        distances : ndarray, shape (n_configurations,)
            In units of the limit of the `TrainingRange`: outside above 1.
        """
        check_is_fitted(self)
        features = Features(self.descriptor_, self.memory)
        predicted: Iterator[Any] = Parallel(n_jobs=self.n_jobs, return_as="generator")(
            delayed(_predict)(features, self.regressors_, configuration)
            for configuration in configurations
        )
        results = list(tracked("predict", predicted, len(configurations), progress))
        distances = [self.training_range_.relative_distance(columns) for _, columns in results]
        predictions = Predictions(
            prediction.reshape(-1, *self.label_shape_) for prediction, _ in results
        )
        return predictions, np.array(distances)

    def score(self, configurations: Sequence[Configuration], labels: Sequence[ArrayLike]) -> float:
        """Average Pearson correlation within configurations, over the species by their numbers."""
        configurations = list(configurations)
        return mean_correlation(configurations, labels, self.predict(configurations))


def describe_all(
    descriptor: Any,
    configurations: Sequence[Configuration],
    memory: str | Memory | None = None,
    n_jobs: int | None = None,
    progress: Progress = silent,
) -> list[NDArray[np.floating]]:
    """Compute the features of each configuration.

    Parameters
    ----------
    descriptor : fitted transformer
    configurations : sequence of Configuration
    memory, n_jobs
        As in `PropensityRegressor`, which reuses the features kept in `memory`.
    progress : callable, optional
        Called with "describe" as configurations are done.

    Returns
    -------
    list of ndarray, shape (N, n_features)

    Examples
    --------
    >>> import numpy as np
    >>> from vitreous.descriptors import RadialDescriptor
    >>> from vitreous.liquid import KobAndersen2D
    >>> from vitreous.models import describe_all
    >>> liquids = [KobAndersen2D().random_configuration(172, seed) for seed in range(2)]
    >>> descriptor = RadialDescriptor().fit(liquids)
    >>> first, second = describe_all(descriptor, liquids)
    >>> np.array_equal(second, descriptor.transform(liquids[1:]))
    True
    """
    features = Features(descriptor, memory)
    described: Iterator[NDArray[np.floating]] = Parallel(n_jobs=n_jobs, return_as="generator")(
        delayed(features)(configuration) for configuration in configurations
    )
    return list(tracked("describe", described, len(configurations), progress))


def _predict(
    features: Features, regressors: dict[str, Any], configuration: Configuration
) -> tuple[NDArray[np.float64], Columns]:
    """Predict for one configuration, and say how its columns are distributed."""
    block = features(configuration)
    columns = columns_of(configuration, block, regressors)
    known = known_rows(configuration, block)
    rows = {name: rows_of(configuration, name) & known for name in columns}
    if not rows:
        raise NotDescribed(str(all_cut()), fingerprint(configuration))
    predicted = {name: regressors[name].predict(block[rows[name]]) for name in columns}
    prediction = np.full((len(block), *next(iter(predicted.values())).shape[1:]), np.nan)
    for name, values in predicted.items():
        prediction[rows[name]] = values
    return prediction, columns


def _checked(label: ArrayLike, configuration: Configuration, number: int) -> NDArray[np.float64]:
    values = np.asarray(label, dtype=np.float64)
    if values.shape[:1] != (configuration.n_particles,):
        raise ValueError(
            f"configuration {number} has {configuration.n_particles} particles, its labels shape "
            f"{values.shape}"
        )
    return require_finite(values, configuration, number)
