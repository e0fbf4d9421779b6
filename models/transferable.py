"""One model for all temperatures and times."""

from __future__ import annotations

import copy
import warnings
from collections.abc import Sequence
from typing import Any

import numpy as np
from joblib import Memory
from numpy.typing import ArrayLike, NDArray
from sklearn.base import BaseEstimator, clone
from sklearn.utils.validation import check_is_fitted

from ..liquid import Configuration
from ..storage.progress import Progress, silent, tracked
from ._design import fit_rows
from ._grouped_samples import group_numbers
from ._label_statistics import LabelStatistics
from ._species_blocks import (
    all_cut,
    columns_of,
    fitted_to,
    known_rows,
    nothing_known,
    require_finite,
    rows_of,
)
from .propensity import describe_all
from .scores import mean_correlation
from .training_range import ExtrapolationWarning, TrainingRange, warn_outside

# The mean of few configurations may differ from the level by so much of it, by chance.
_FARTHEST = 0.5


class TransferableRegressor(BaseEstimator):
    r"""Predict the dynamics of every particle at any temperature and time with one model.

    Time enters through the average dynamics: labels are taken where their mean over the liquid has
    fixed values c, the levels (`vitreous.dynamics.times_at_levels`), so that the same c means the
    same progress of relaxation at every temperature. For each species

    .. math:: Q_i = \mu(c, T) + \sigma(c, T) \, f(z_i, c),

    where the mean and the standard deviation of the labels, :math:`\mu` and :math:`\sigma`, are
    smooth functions (quadratic in c, linear in T, the latter two for the logarithm of
    :math:`\sigma`) and f is learnt by one regressor for all temperatures and levels together. Its
    columns are the standardised features z of the particle, their products with the standardised
    level, and the level itself. Temperature thus enters only through the structure.

    Parameters
    ----------
    descriptor : transformer
        As in `PropensityRegressor`.
    regressor : estimator
        The engine f: `GroupedRidge`, `GroupedBoosting`, `GlassMLP` or any other. It receives
        ``groups`` and ``configurations`` if its ``fit`` takes them, with all levels of a
        configuration in one group and each level a configuration of its own.
    levels : array_like, shape (K,)
        Values of the mean label at which the training labels were taken, the average C_B for
        instance.
    per_type : bool
        Whether each species has a regressor of its own.
    tied : bool
        Whether predictions keep the mean that is known, where levels are the means of the labels
        themselves: 1 - C_B for broken bonds. All predictions of one temperature and level that are
        made together are then shifted by one number, so that their mean over all particles of
        these configurations is the level. Configurations fluctuate around it as predicted, which a
        single one cannot; without temperatures, all of one call count as one. In a colder liquid
        than those of training the mean of what is learnt drifts away; its pattern need not.
    memory : str or joblib.Memory, optional
        Keeps the features of every configuration on disk.
    n_jobs : int, optional
        Number of configurations to describe at the same time, as in joblib.

    Attributes
    ----------
    descriptor_ : transformer
        The fitted descriptor.
    training_range_ : TrainingRange
        Where the training configurations lay; it also holds the mean and the spread of each column.
    statistics_ : dict of str to LabelStatistics
        :math:`\mu` and :math:`\sigma` of each species.
    regressors_ : dict of str to estimator
        The fitted f of each species; of ``"all"`` unless `per_type`.

    Notes
    -----
    The matrix has n_configurations * N * K rows and 2 n_features + 1 columns for each species and
    must fit in memory.

    References
    ----------
    G. Jung, G. Biroli, L. Berthier, Phys. Rev. B 109, 064205 (2024), predict all temperatures and
    times with one network. How the levels enter here is our own choice.

    Examples
    --------
    >>> import numpy as np
    >>> from vitreous.descriptors import RadialDescriptor
    >>> from vitreous.liquid import KobAndersen2D
    >>> from vitreous.models import GroupedRidge, TransferableRegressor
    >>> system = KobAndersen2D()
    >>> configurations = [system.random_configuration(400, seed) for seed in range(4)]
    >>> levels = [0.9, 0.8]
    >>> labels = [np.random.default_rng(k).normal(levels, 0.1, (400, 2)) for k in range(4)]
    >>> model = TransferableRegressor(RadialDescriptor(), GroupedRidge(), levels)
    >>> prediction = model.fit(configurations, labels).predict(configurations, levels=[0.85])
    >>> prediction[0].shape
    (400, 1)
    """

    def __init__(
        self,
        descriptor: Any,
        regressor: Any,
        levels: ArrayLike,
        per_type: bool = True,
        tied: bool = False,
        memory: str | Memory | None = None,
        n_jobs: int | None = None,
    ) -> None:
        self.descriptor = descriptor
        self.regressor = regressor
        self.levels = levels
        self.per_type = per_type
        self.tied = tied
        self.memory = memory
        self.n_jobs = n_jobs

    def fit(
        self,
        configurations: Sequence[Configuration],
        labels: Sequence[ArrayLike],
        temperatures: ArrayLike | None = None,
        progress: Progress = silent,
        groups: ArrayLike | None = None,
    ) -> TransferableRegressor:
        """Fit the label statistics and the regressors.

        Parameters
        ----------
        configurations : sequence of Configuration
            Of all temperatures.
        labels : sequence of array_like, shape (N, K)
            Label of every particle of each configuration, at each of `levels`. In a field of view
            it may be NaN, for particles that were lost from sight; they are left out at this level,
            as are those whose surroundings are cut by the border.
        temperatures : array_like, shape (n_configurations,), optional
            Temperature of each configuration, for the mean and the spread of the labels only.
            Without it these are the same for all.
        progress : callable, optional
            Called with "describe" and "fit" as configurations and species are done.
        groups : array_like, shape (n_configurations,), optional
            As in `PropensityRegressor`.

        Raises
        ------
        ValueError
            If labels do not fit the configurations and the levels, or are not finite, or if
            predictions are to be tied to levels that are not the means of these labels.
        """
        configurations = list(configurations)
        if not configurations:
            raise ValueError("there are no configurations to learn from")
        members = group_numbers(groups, len(configurations))
        levels = np.asarray(self.levels, dtype=np.float64)
        checked = _checked(configurations, labels, levels)
        if self.tied:
            _require_means(checked, levels)
        self.level_center_ = float(levels.mean())
        self.level_scale_ = float(levels.std()) or 1.0
        self.level_range_ = float(levels.min()), float(levels.max())
        self.temperature_center_, self.temperature_scale_ = 0.0, 0.0
        if temperatures is not None:
            self.temperature_center_ = float(np.mean(np.asarray(temperatures)))
            self.temperature_scale_ = float(np.std(np.asarray(temperatures))) or 1.0
        x = self._standardized(levels)
        t = self._relative(temperatures, len(configurations))

        self.species_ = configurations[0].species if self.per_type else ("all",)
        for species in self.species_:
            if not any(rows_of(configuration, species).any() for configuration in configurations):
                raise ValueError(f"no configuration has particles of species {species!r}")
        self.descriptor_ = fitted_to(self.descriptor, configurations[0])
        blocks = describe_all(self.descriptor_, configurations, self.memory, self.n_jobs, progress)
        described = [
            columns_of(c, b, self.species_) for c, b in zip(configurations, blocks, strict=True)
        ]
        for species in self.species_:
            if not any(species in columns for columns in described):
                raise nothing_known(species)
        self.training_range_ = TrainingRange.of(described)
        self.statistics_, self.regressors_ = {}, {}
        for species in tracked("fit", self.species_, len(self.species_), progress):
            known = [
                (rows_of(c, species) & known_rows(c, block))[:, None] & ~np.isnan(values)
                for c, block, values in zip(configurations, blocks, checked, strict=True)
            ]
            used = [number for number, chosen in enumerate(known) if chosen.any()]
            if not used:
                raise nothing_known(species)
            statistics = LabelStatistics.of(
                [np.where(known[k], checked[k], np.nan) for k in used], x, t[used]
            )
            columns, targets, particles = [], [], []
            for k in used:
                mean, spread = statistics(x, t[k])
                # Level by level, each with the particles whose label is known there.
                rows = known[k].any(axis=1)
                chosen = known[k][rows].T.ravel()
                columns.append(self._columns(blocks[k][rows], species, x)[chosen])
                targets.append(((checked[k][rows] - mean) / spread).T.ravel()[chosen])
                particles += [configurations[k].selected(at) for at in known[k].T if at.any()]
            self.statistics_[species] = statistics
            self.regressors_[species] = fit_rows(
                clone(self.regressor),
                np.concatenate(columns),
                np.concatenate(targets),
                np.repeat(members[used], [len(target) for target in targets]),
                particles,
            )
        return self

    def predict(
        self,
        configurations: Sequence[Configuration],
        levels: ArrayLike | None = None,
        temperatures: ArrayLike | None = None,
        progress: Progress = silent,
    ) -> list[NDArray[np.float64]]:
        """Predict the label of every particle at each level.

        Parameters
        ----------
        configurations : sequence of Configuration
        levels : array_like, shape (L,), optional
            Values of the mean label; those of training by default.
        temperatures : array_like, shape (n_configurations,), optional
            Needed if the model was fitted with temperatures, and only then.
        progress : callable, optional
            Called with "describe" as configurations are done.

        Returns
        -------
        list of ndarray, shape (N, L), float64
            One array for each configuration. NaN for particles of a field of view whose
            surroundings are cut by its border.

        Warns
        -----
        ExtrapolationWarning
            If a level or a configuration lies outside what the model was trained on.
        """
        check_is_fitted(self)
        configurations = list(configurations)
        if (temperatures is None) != (self.temperature_scale_ == 0):
            way = "without" if temperatures is not None else "with"
            raise ValueError(f"the model was fitted {way} temperatures; predict {way} them")
        wanted = np.ravel(np.asarray(self.levels if levels is None else levels, dtype=np.float64))
        x = self._standardized(wanted)
        t = self._relative(temperatures, len(configurations))
        predictions, distances = [], []
        blocks = describe_all(self.descriptor_, configurations, self.memory, self.n_jobs, progress)
        for configuration, block, temperature in zip(configurations, blocks, t, strict=True):
            columns = columns_of(configuration, block, self.species_)
            if not columns:
                raise all_cut()
            distances.append(self.training_range_.relative_distance(columns))
            known = known_rows(configuration, block)
            prediction = np.full((configuration.n_particles, len(x)), np.nan)
            for species in columns:
                rows = rows_of(configuration, species) & known
                mean, spread = self.statistics_[species](x, temperature)
                fluctuation = self.regressors_[species].predict(
                    self._columns(block[rows], species, x)
                )
                prediction[rows] = mean + spread * fluctuation.reshape(len(x), -1).T
            predictions.append(prediction)
        if self.tied:
            predictions = _tied(predictions, wanted, t)
        self._warn(wanted, np.array(distances))
        return predictions

    def members(self) -> list[TransferableRegressor]:
        """Return one fitted model for each network of the regressors, or the model itself.

        Their mean prediction is that of this model.
        """
        if not all(hasattr(regressor, "members") for regressor in self.regressors_.values()):
            return [self]
        members = [regressor.members() for regressor in self.regressors_.values()]
        models = []
        for of_species in zip(*members, strict=True):
            model = copy.copy(self)
            model.regressors_ = dict(zip(self.regressors_, of_species, strict=True))
            models.append(model)
        return models

    def score(
        self,
        configurations: Sequence[Configuration],
        labels: Sequence[ArrayLike],
        temperatures: ArrayLike | None = None,
    ) -> float:
        """Average Pearson correlation within configurations, over levels and species."""
        configurations = list(configurations)
        predictions = self.predict(configurations, temperatures=temperatures)
        return mean_correlation(configurations, labels, predictions)

    def _columns(
        self, block: NDArray[np.floating], species: str, x: NDArray[np.float64]
    ) -> NDArray[np.floating]:
        """Features, their products with the level and the level, level by level."""
        spread = self.training_range_.spreads[species]
        standardized = (block - self.training_range_.means[species]) / np.where(
            spread > 0, spread, 1.0
        )
        standardized = standardized.astype(block.dtype)
        n, n_features = block.shape
        columns = np.empty((len(x), n, 2 * n_features + 1), block.dtype)
        columns[..., :n_features] = standardized
        columns[..., n_features:-1] = x[:, np.newaxis, np.newaxis] * standardized
        columns[..., -1] = x[:, np.newaxis]
        return columns.reshape(len(x) * n, -1)

    def _standardized(self, levels: NDArray[np.float64]) -> NDArray[np.float64]:
        return (levels - self.level_center_) / self.level_scale_

    def _relative(self, temperatures: ArrayLike | None, n: int) -> NDArray[np.float64]:
        """Standardised temperatures, zero where none are known."""
        if temperatures is None:
            return np.zeros(n)
        values = np.asarray(temperatures, dtype=np.float64)
        if values.shape != (n,):
            raise ValueError(f"{n} configurations need as many temperatures, not {values.shape}")
        if not np.isfinite(values).all():
            number = int(np.argmin(np.isfinite(values)))
            raise ValueError(f"the temperature of configuration {number} is {values[number]}")
        return (values - self.temperature_center_) / self.temperature_scale_

    def _warn(self, levels: NDArray[np.float64], distances: NDArray[np.float64]) -> None:
        lowest, highest = self.level_range_
        margin = 1e-9 * (highest - lowest)
        beyond = levels[(levels < lowest - margin) | (levels > highest + margin)]
        if beyond.size:
            warnings.warn(
                f"level {beyond[0]:g} lies outside those of training, {lowest:g} to {highest:g}",
                ExtrapolationWarning,
                stacklevel=3,
            )
        warn_outside(distances, stacklevel=4)


def _require_means(labels: Sequence[NDArray[np.float64]], levels: NDArray[np.float64]) -> None:
    """Refuse levels that are something else than the means of the labels, 1 - mean for instance."""
    means = np.concatenate(labels).mean(axis=0)
    for level, mean in zip(levels, means, strict=True):
        if abs(mean - level) > _FARTHEST * abs(level):
            raise ValueError(
                f"predictions can be tied only to levels that are the means of the labels, and at "
                f"the level {level:g} the mean of the labels is {mean:.3g}"
            )


def _tied(
    predictions: Sequence[NDArray[np.float64]],
    levels: NDArray[np.float64],
    temperatures: NDArray[np.float64],
) -> list[NDArray[np.float64]]:
    """Shift the predictions of each temperature so that their mean is the level."""
    shifts = np.empty((len(predictions), len(levels)))
    for temperature in np.unique(temperatures):
        chosen = np.flatnonzero(temperatures == temperature).tolist()
        shifts[chosen] = levels - np.concatenate([predictions[k] for k in chosen]).mean(axis=0)
    return [prediction + shift for prediction, shift in zip(predictions, shifts, strict=True)]


def _checked(
    configurations: Sequence[Configuration], labels: Sequence[ArrayLike], levels: NDArray
) -> list[NDArray[np.float64]]:
    if len(labels) != len(configurations):
        raise ValueError(f"{len(labels)} labels for {len(configurations)} configurations")
    checked = []
    for number, (configuration, label) in enumerate(zip(configurations, labels, strict=True)):
        values = np.asarray(label, dtype=np.float64)
        expected = configuration.n_particles, len(levels)
        if values.shape != expected:
            raise ValueError(
                f"the labels of configuration {number} have shape {values.shape}; its particles "
                f"and the levels ask for {expected}"
            )
        checked.append(require_finite(values, configuration, number))
    return checked
