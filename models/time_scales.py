"""One model from the first collision to relaxation, and for all temperatures."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
from joblib import Memory
from numpy.typing import ArrayLike, NDArray
from sklearn.base import BaseEstimator, clone
from sklearn.utils.validation import check_is_fitted

from ..liquid import Configuration
from ..storage.progress import Progress, silent
from ._clock_ridge import ClockMoments, ridge_at
from ._labels_by_temperature import by_temperature, checked_labels
from ._left_out_temperatures import better_at_short_times, chosen_penalty
from ._mean_level import LateMeans, ShortMeans, short_mean, slopes_at
from ._progress import LabelProgress
from ._species_blocks import fitted_to, rows_of
from .propensity import describe_all
from .training_range import ExtrapolationWarning

# Until then all temperatures vibrate alike, from then on all relax alike; in between is chosen.
LAST_SHORT, _FIRST_LATE = 2.0, 4.0

# Until then particles move as in the frozen field of their neighbours.
_LAST_BALLISTIC = 0.1

_REGIMES = ("short", "late")

_DESCRIBED_FOR = {"short": "short times", "cage": "cages", "relaxation": "relaxation"}


class TimeScaleRegressor(BaseEstimator):
    r"""Predict the dynamics of every particle at any time and temperature with two linear models.

    Vibrations have the same times at every temperature, relaxation has not. So there are two
    regimes:

    - **Short times**, t <= 2: labels of all temperatures at the same *time*, read from ballistic,
      path and cage columns.
    - **Late times**, t >= 4: labels of all temperatures at the same value of a *clock*, read from
      cage and relaxation columns. The clock is the excess

      .. math:: e(T, t) = \langle y \rangle - p(T)

      of the mean label of the liquid over that of its plateau, p, which is the mean of the label
      along confined motion. Displacements, also those relative to the cage, are y = displacement
      :math:`/ \sqrt T`; labels that fall from 1, such as the overlap, are taken from 1. So p of
      :math:`1 - C_B` are the bonds that count as broken though no particle has left its cage,
      because they were caught apart or are now. At e = 0 the liquid is in its plateau, which is
      known without waiting for it: confined motion is a training sample there.

    Between 2 and 4 the regime is the one that predicts better at a temperature left out; if the
    labels cannot decide, it is the late one. Displacements at times up to 0.1 before the first
    labels are those of a particle in the frozen field of its neighbours, in closed form.

    Labels and columns are deviations from their mean over the particles of a species in a
    configuration; labels have unit variance at each temperature. Between the times of the labels
    they are interpolated, linearly in the clock, and in log t at short times. Standard deviations
    at a value of the clock are averages over training temperatures. Penalties, one for each regime
    and species, are chosen by leaving out temperatures; with a single temperature they are 0.01 for
    each sample and standardised column.

    **Means** are those of the liquid at the time asked for, the level, and for each species what it
    differed from that in training at the same value of the clock. Configurations differ: the mean
    labels of the training configurations, less those of their temperature, are regressed on the
    means of `mean_columns` and on the plateau. At short times without a level the mean follows a
    straight line in the mean distance along confined motion, over all training configurations.

    Parameters
    ----------
    short, cage, relaxation : transformer
        Descriptors of thermal configurations: ballistic motion and path from rest; the cage, the
        last column being the mean distance from the thermal position over :math:`\sqrt T`; what
        decides on relaxation, such as a pipeline of an inherent structure and physics-inspired
        columns.
    plateau : transformer
        Has a method ``labels``, like ``vitreous.simulate.CageFromRest`` with other releases than
        the cage has: the labels of the plateau.
    label : str
        ``"displacement"``, ``"cage_relative_displacement"``, ``"broken_bonds"``,
        ``"bond_breaking"``, ``"overlap"`` or ``"scattering"``.
    mean_columns : sequence of int, optional
        Columns of relaxation, as a rule energies, whose average tells, with the plateau, how the
        mean of a configuration differs from that of the liquid.
    ballistic : BallisticDescriptor, optional
        For displacements at times before the first labels.
    memory : str or joblib.Memory, optional
        Keeps the features of every configuration on disk.
    n_jobs : int, optional
        Number of configurations to describe at the same time, as in joblib.

    Attributes
    ----------
    species_ : tuple of str
    crossover_ : float
        Time from which on the late regime predicts.
    penalties_ : dict of str to dict of str to float
        Of the regimes "short" and "late", and each species.
    at_bound_ : dict of str to dict of str to str
        For each of the penalties "smallest" or "largest" if it ends what is offered, 0.001 to 0.1,
        and one beyond it may be better; otherwise "".
    clocks_ : dict of float to tuple of ndarray
        For each training temperature, the times of its labels and the late clock at them.
    plateaus_ : dict of float to float
        For each training temperature, the mean label of the plateau: a displacement over
        :math:`\sqrt T`, or 1 less a label that falls.

    See Also
    --------
    TransferableRegressor : one regressor of any kind, for levels given beforehand.

    Examples
    --------
    One configuration at each of three temperatures; ``vitreous.workflows.make_model`` makes such a
    model with longer confined motion and more columns, under the name ``"time-scales"``.

    >>> import numpy as np
    >>> from vitreous.datasets import load_ka2d
    >>> from vitreous.descriptors import BallisticDescriptor, CageDescriptor, RadialDescriptor
    >>> from vitreous.liquid import KobAndersen2D
    >>> from vitreous.models import TimeScaleRegressor
    >>> from vitreous.simulate import CageFromRest
    >>> system, sample = KobAndersen2D(), load_ka2d()
    >>> liquids = sample.configurations[::8]
    >>> labels = [single.matrix("displacement") for single in sample.labels[::8]]
    >>> cage = CageFromRest(system, releases=[0.7], duration=2.0)
    >>> model = TimeScaleRegressor(
    ...     BallisticDescriptor(system), CageDescriptor(cage), RadialDescriptor(), cage
    ... )
    >>> model = model.fit(liquids, labels, sample.times[::8])
    >>> (prediction,) = model.predict(liquids[:1], sample.times[0])
    >>> bool(np.corrcoef(prediction[:, 0], labels[0][:, 0])[0, 1] > 0.5)
    True
    """

    def __init__(
        self,
        short: Any,
        cage: Any,
        relaxation: Any,
        plateau: Any,
        label: str = "displacement",
        mean_columns: Sequence[int] | None = None,
        ballistic: Any = None,
        memory: str | Memory | None = None,
        n_jobs: int | None = None,
    ) -> None:
        self.short = short
        self.cage = cage
        self.relaxation = relaxation
        self.plateau = plateau
        self.label = label
        self.mean_columns = mean_columns
        self.ballistic = ballistic
        self.memory = memory
        self.n_jobs = n_jobs

    def fit(
        self,
        configurations: Sequence[Configuration],
        labels: Sequence[ArrayLike],
        times: Sequence[ArrayLike],
        progress: Progress = silent,
        groups: ArrayLike | None = None,
    ) -> TimeScaleRegressor:
        """Fit both regimes.

        Parameters
        ----------
        configurations : sequence of Configuration
            Thermal ones, with their temperatures.
        labels : sequence of array_like, shape (N, K)
            Label of every particle of each configuration, at each of its times.
        times : sequence of array_like, shape (K,)
            Rising times of the labels of each configuration, the same for all of one temperature.
        progress : callable, optional
            Called with "describe short times", "describe cages" and "describe relaxation" as
            configurations are done.
        groups : array_like, optional
            Not used: what is chosen is chosen on whole temperatures left out, and configurations
            that depend on each other have one temperature.

        Raises
        ------
        ValueError
            If a temperature is not known, labels or times do not fit, or are not finite.
        """
        progress_of = LabelProgress(self.label)
        configurations = list(configurations)
        temperatures = by_temperature(configurations)
        scaled, known = checked_labels(progress_of, configurations, labels, times)
        self.species_ = configurations[0].species
        self.descriptors_ = {
            name: fitted_to(getattr(self, name), configurations[0])
            for name in ("short", "cage", "relaxation")
        }
        self.plateau_ = clone(self.plateau).fit(configurations[:1])
        blocks = self._described(configurations, progress)
        at_plateau = [self._plateau_labels(configuration) for configuration in configurations]
        plateaus = self._plateaus(configurations, blocks, at_plateau)
        drivers = self._drivers(blocks, plateaus)
        self.clocks_, self.plateaus_, self.levels_, self.drivers_ = {}, {}, {}, {}
        self.moments_: dict[str, dict[str, list[ClockMoments]]] = {
            regime: {name: [] for name in self.species_} for regime in _REGIMES
        }
        short_means: dict[str, list[ShortMeans]] = {name: [] for name in self.species_}
        late_means: dict[str, list[LateMeans]] = {name: [] for name in self.species_}
        self.temperatures_ = tuple(temperatures)
        for temperature, members in temperatures.items():
            t = known[temperature]
            level = np.mean([scaled[k].mean(axis=0) for k in members], axis=0)
            plateau = float(plateaus[members].mean())
            clock = np.maximum(level - plateau, 0.0)
            self.clocks_[temperature] = t, clock
            self.levels_[temperature] = level
            self.plateaus_[temperature] = plateau
            self.drivers_[temperature] = drivers[members].mean(axis=0)
            early, late = t <= _FIRST_LATE, t >= LAST_SHORT
            with_plateau = {
                k: np.column_stack([at_plateau[k], scaled[k][:, late]]) for k in members
            }
            late_clock, late_level = np.append(0.0, clock[late]), np.append(plateau, level[late])
            for species in self.species_:
                rows = {k: rows_of(configurations[k], species) for k in members}
                own = [k for k in members if rows[k].any()]
                if not own:
                    raise ValueError(
                        f"no configuration at T = {temperature:g} has particles of {species!r}"
                    )
                if early.any():
                    early_labels = [scaled[k][rows[k]][:, early] for k in own]
                    self.moments_["short"][species].append(
                        ClockMoments.of(
                            np.log(t[early]),
                            [_columns(blocks[k], "short")[rows[k]] for k in own],
                            early_labels,
                        )
                    )
                    short_means[species].append(
                        ShortMeans(
                            np.log(t[early]),
                            np.array([_cage_distance(blocks[k]) for k in own]),
                            np.array([values.mean(axis=0) for values in early_labels]),
                        )
                    )
                late_labels = [with_plateau[k][rows[k]] for k in own]
                self.moments_["late"][species].append(
                    ClockMoments.of(
                        late_clock, [_columns(blocks[k], "late")[rows[k]] for k in own], late_labels
                    )
                )
                late_means[species].append(
                    LateMeans.of(late_clock, late_level, drivers[own], late_labels)
                )
        self.short_means_, self.late_means_ = short_means, late_means
        chosen = {
            regime: {species: chosen_penalty(found) for species, found in of_species.items()}
            for regime, of_species in self.moments_.items()
        }
        self.penalties_ = {
            regime: {species: penalty for species, (penalty, _) in of_species.items()}
            for regime, of_species in chosen.items()
        }
        self.at_bound_ = {
            regime: {species: end for species, (_, end) in of_species.items()}
            for regime, of_species in chosen.items()
        }
        self.crossover_ = self._chosen_crossover()
        return self

    def predict(
        self,
        configurations: Sequence[Configuration],
        times: ArrayLike,
        levels: ArrayLike | None = None,
        progress: Progress = silent,
    ) -> list[NDArray[np.float64]]:
        """Predict the label of every particle at each time.

        Parameters
        ----------
        configurations : sequence of Configuration
            Thermal ones, with their temperatures.
        times : array_like, shape (L,)
        levels : array_like, shape (L,) or (n_configurations, L), optional
            Mean label at these times, which shows the late regime how far the liquid has relaxed:
            of all configurations given of a temperature, or of each. Needed at late times at
            temperatures without training configurations; there it may come from a relaxation law
            or one short simulation.
        progress : callable, optional
            As in `fit`.

        Returns
        -------
        list of ndarray, shape (N, L), float64

        Raises
        ------
        ValueError
            If a level is needed and missing, or no temperature has labels around a short time.

        Warns
        -----
        ExtrapolationWarning
            If a liquid has relaxed further than any in training.
        """
        check_is_fitted(self)
        configurations = list(configurations)
        wanted = np.ravel(np.asarray(times, dtype=np.float64))
        if not ((wanted > 0) & np.isfinite(wanted)).all():
            raise ValueError(f"times must be positive and finite, not {times!r}")
        given = None if levels is None else np.asarray(levels, dtype=np.float64)
        if given is None:
            self._require_known(configurations, wanted)
        else:
            LabelProgress(self.label).require_levels(given)
        blocks = self._described(configurations, progress)
        targets = self._targets(configurations, blocks, wanted, given)
        predictions = []
        solved: _Solved = {}
        for configuration, block, wanted_ones in zip(configurations, blocks, targets, strict=True):
            fractions = {name: float(rows_of(configuration, name).mean()) for name in self.species_}
            columns = [
                self._at(configuration, block, fractions, target, solved) for target in wanted_ones
            ]
            predictions.append(
                LabelProgress(self.label).back(
                    np.column_stack(columns), configuration.require_temperature()
                )
            )
        return predictions

    def _targets(
        self,
        configurations: Sequence[Configuration],
        blocks: Sequence[dict[str, NDArray[np.floating]]],
        times: NDArray[np.float64],
        levels: NDArray[np.float64] | None,
    ) -> list[list[_Target]]:
        """For each configuration and time, how far the liquid has come."""
        own_levels = levels is not None and levels.ndim == 2
        if levels is not None:
            levels = np.broadcast_to(levels, (len(configurations), len(times)))
        plateaus = self._plateaus(configurations, blocks)
        drivers = self._drivers(blocks, plateaus)
        found: list[list[_Target]] = [[] for _ in configurations]
        for temperature, members in by_temperature(configurations).items():
            trained = self._trained_at(temperature)
            plateau = float(plateaus[members].mean())
            usual = drivers[members].mean(axis=0)
            if trained is not None and levels is None:
                plateau, usual = self.plateaus_[trained], self.drivers_[trained]
            for k in members:
                level: NDArray[np.float64] | None = None
                if levels is not None:
                    level = LabelProgress(self.label).of(levels[k], temperature)
                elif trained is not None:
                    t, _ = self.clocks_[trained]
                    level = np.interp(np.log(times), np.log(t), self.levels_[trained])
                for place, time in enumerate(times):
                    late = time >= self.crossover_
                    own = None if level is None else float(level[place])
                    found[k].append(
                        _Target(
                            float(time),
                            own if late or levels is not None else None,
                            max(own - plateau, 0.0) if late and own is not None else None,
                            np.zeros_like(usual) if own_levels else drivers[k] - usual,
                        )
                    )
            self._warn_of_further(temperature, [target for k in members for target in found[k]])
        return found

    def _trained_at(self, temperature: float) -> float | None:
        return next((t for t in self.clocks_ if np.isclose(t, temperature, rtol=1e-6)), None)

    def _require_known(
        self, configurations: Sequence[Configuration], times: NDArray[np.float64]
    ) -> None:
        """Refuse times at which only a level would tell how far the liquid has relaxed."""
        late = times[times >= self.crossover_]
        for temperature in by_temperature(configurations) if late.size else ():
            trained = self._trained_at(temperature)
            if trained is None:
                known = ", ".join(f"{t:g}" for t in self.clocks_)
                raise ValueError(
                    f"how far a liquid at T = {temperature:g} has relaxed at time {late[0]:g} is "
                    f"not known (trained at {known}); give its mean {self.label} then, the level "
                    "(--level)"
                )
            last = self.clocks_[trained][0][-1]
            if late.max() > last * (1 + 1e-6):
                raise ValueError(
                    f"labels at T = {temperature:g} end at time {last:g}; give the mean "
                    f"{self.label} at {late.max():g}, the level (--level)"
                )

    def _warn_of_further(self, temperature: float, targets: Sequence[_Target]) -> None:
        clocks = [target.clock for target in targets if target.clock is not None]
        furthest = max(float(clock[-1]) for _, clock in self.clocks_.values())
        if clocks and max(clocks) > furthest * (1 + 1e-6):
            warnings.warn(
                f"the liquid at T = {temperature:g} has relaxed to {max(clocks):.3g}, further "
                f"than any in training ({furthest:.3g}); who is mobile is predicted as for the "
                "latter",
                ExtrapolationWarning,
                stacklevel=4,
            )

    def _at(
        self,
        configuration: Configuration,
        block: dict[str, NDArray[np.floating]],
        fractions: dict[str, float],
        target: _Target,
        solved: _Solved,
    ) -> NDArray[np.float64]:
        """Predict for all particles of a configuration at one time, as progress (N,)."""
        if target.clock is None and self._before_labels(target.time):
            return self._ballistic(configuration, target.time)
        means = self._means(block, fractions, target)
        prediction = np.empty(configuration.n_particles)
        for species in self.species_:
            if not fractions[species]:
                continue
            rows = rows_of(configuration, species)
            regime = "short" if target.clock is None else "late"
            spread, coefficients = self._solved(solved, regime, species, target)
            columns = _columns(block, regime)[rows].astype(np.float64)
            away = columns - columns.mean(axis=0)
            prediction[rows] = means[species] + spread * (away @ coefficients)
        return prediction

    def _solved(
        self, solved: _Solved, regime: str, species: str, target: _Target
    ) -> tuple[float, NDArray[np.float64]]:
        """Spread of the labels and coefficients; configurations at the same clock share them."""
        clock = float(np.log(target.time)) if target.clock is None else target.clock
        key = regime, species, clock
        if key not in solved:
            moments = self.moments_["late"][species]
            if target.clock is None:
                moments = self._covering("short", species, target.time)
            penalties = np.full(len(moments[0].columns), self.penalties_[regime][species])
            _, spread, coefficients = ridge_at(moments, clock, penalties)
            solved[key] = spread, coefficients
        return solved[key]

    def _means(
        self,
        block: dict[str, NDArray[np.floating]],
        fractions: dict[str, float],
        target: _Target,
    ) -> dict[str, float]:
        """Mean progress of each species in a configuration."""
        if target.clock is None:
            clock, plateau = float(np.log(target.time)), _cage_distance(block)
            means = {}
            for species in self.species_:
                self._covering("short", species, target.time)
                covering = [m for m in self.short_means_[species] if m.covers(clock)]
                means[species] = short_mean(covering, clock, plateau)
            shift = 0.0
            if target.level is not None:
                shift = target.level - sum(fractions[name] * means[name] for name in means)
            return {species: mean + shift for species, mean in means.items()}
        assert target.level is not None
        means = {}
        for species, late in self.late_means_.items():
            offset = float(np.mean([found.offset(target.clock) for found in late]))
            own = float(slopes_at(late, target.clock) @ target.drivers)
            means[species] = target.level + offset + own
        return means

    def _covering(self, regime: str, species: str, time: float) -> list[ClockMoments]:
        """Moments of the temperatures that have labels around a short time."""
        clock = float(np.log(time))
        moments = [m for m in self.moments_[regime][species] if m.covers(clock)]
        if not moments:
            raise ValueError(
                f"no training temperature has labels around the time {time:g}; short times are "
                "matched by time and not extrapolated"
            )
        return moments

    def _before_labels(self, time: float) -> bool:
        """Whether a time is before all labels, so short that the closed form is good."""
        if self.ballistic is None or self.label != "displacement" or time > _LAST_BALLISTIC:
            return False
        return time < min(t[0] for t, _ in self.clocks_.values()) * (1 - 1e-6)

    def _ballistic(self, configuration: Configuration, time: float) -> NDArray[np.float64]:
        distances = self.ballistic.distances(configuration, [time])[:, 0]
        return LabelProgress(self.label).of(distances, configuration.require_temperature())

    def _chosen_crossover(self) -> float:
        """Compare both regimes at the labels between 2 and 4, each temperature being left out."""
        clocks = [self.clocks_[temperature] for temperature in self.temperatures_]
        found = np.array(
            [
                pair
                for species in self.species_
                for pair in better_at_short_times(
                    self.moments_["short"][species],
                    self.moments_["late"][species],
                    clocks,
                    {regime: self.penalties_[regime][species] for regime in _REGIMES},
                    (LAST_SHORT, _FIRST_LATE),
                )
            ]
        )
        short, late = np.nanmean(found, axis=0) if len(found) else (0.0, 0.0)
        return _FIRST_LATE if short > late else float(np.nextafter(LAST_SHORT, np.inf))

    def _described(
        self, configurations: Sequence[Configuration], progress: Progress
    ) -> list[dict[str, NDArray[np.floating]]]:
        for configuration in configurations:
            configuration.require_temperature()
        parts = {}
        for name, descriptor in self.descriptors_.items():
            told = partial(_described_for, progress, _DESCRIBED_FOR[name])
            parts[name] = list(
                describe_all(descriptor, configurations, self.memory, self.n_jobs, told)
            )
        return [
            dict(zip(parts, blocks, strict=True)) for blocks in zip(*parts.values(), strict=True)
        ]

    def _plateaus(
        self,
        configurations: Sequence[Configuration],
        blocks: Sequence[dict[str, NDArray[np.floating]]],
        at_plateau: Sequence[NDArray[np.float64]] | None = None,
    ) -> NDArray[np.float64]:
        """Mean progress in the plateau of each configuration."""
        progress = LabelProgress(self.label)
        if progress.in_columns:
            return np.array([_cage_distance(block) for block in blocks])
        if at_plateau is None:
            at_plateau = [self._plateau_labels(configuration) for configuration in configurations]
        return np.array([values.mean() for values in at_plateau])

    def _plateau_labels(self, configuration: Configuration) -> NDArray[np.float64]:
        """Progress of each particle along confined motion."""
        (labels,) = self.plateau_.labels([configuration])
        return LabelProgress(self.label).of_named(labels, configuration.require_temperature())

    def _drivers(
        self, blocks: Sequence[dict[str, NDArray[np.floating]]], plateaus: NDArray[np.float64]
    ) -> NDArray[np.float64]:
        """Collect what tells how means of configurations differ (n, 2): energies and plateaus."""
        energies = np.zeros(len(blocks))
        if self.mean_columns is not None:
            chosen = list(self.mean_columns)
            energies[:] = [
                block["relaxation"][:, chosen].mean(dtype=np.float64) for block in blocks
            ]
        return np.column_stack([energies, plateaus])


# By regime, species and clock.
_Solved = dict[tuple[str, str, float], tuple[float, NDArray[np.float64]]]


@dataclass(frozen=True)
class _Target:
    """What is asked of one configuration.

    Attributes
    ----------
    time : float
    level : float or None
        Mean progress of the liquid; None if the model shall know it.
    clock : float or None
        Of the late regime; None at short times.
    drivers : ndarray, shape (2,)
        Energy and plateau of the configuration, above the liquid that the level is of.
    """

    time: float
    level: float | None
    clock: float | None
    drivers: NDArray[np.float64]


def _cage_distance(block: dict[str, NDArray[np.floating]]) -> float:
    return float(block["cage"][:, -1].mean(dtype=np.float64))


def _described_for(progress: Progress, what: str, step: str, done: int, total: int) -> None:
    """Tell for what configurations are described, since it is done several times."""
    progress(f"{step} {what}", done, total)


def _columns(blocks: dict[str, NDArray[np.floating]], regime: str) -> NDArray[np.floating]:
    names = ("short", "cage") if regime == "short" else ("cage", "relaxation")
    return np.concatenate([blocks[name] for name in names], axis=1)
