"""One model from the first collision to relaxation, and for all temperatures."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import Any, Literal

import numpy as np
from joblib import Memory
from numpy.typing import ArrayLike, NDArray
from sklearn.base import BaseEstimator, clone
from sklearn.utils.validation import check_is_fitted

from ..liquid import Configuration
from ..storage.progress import Progress, silent
from ._clock_ridge import ClockMoments, left_out_correlation, ridge_at
from ._species_blocks import rows_of
from .propensity import describe_all
from .training_range import ExtrapolationWarning

# Until then all temperatures vibrate alike, from then on all relax alike; in between is chosen.
_LAST_SHORT, _FIRST_LATE = 2.0, 4.0

# Of one sample and one standardised column; chosen by leaving out temperatures.
_PENALTIES = (1e-3, 1e-2, 1e-1)
_USUAL_PENALTY = 1e-2

Label = Literal["displacement", "broken_bonds", "bond_breaking"]


class TimeScaleRegressor(BaseEstimator):
    r"""Predict the dynamics of every particle at any time and temperature with two linear models.

    Vibrations have the same times at every temperature, relaxation has not. So there are two
    regimes:

    - **Short times**, t <= 2: labels of all temperatures at the same *time*, read from ballistic,
      path and cage columns.
    - **Late times**, t >= 4: labels of all temperatures at the same value of a *clock*, read from
      cage and relaxation columns. For displacements the clock is the excess

      .. math:: e(T, t) = \langle \Delta r \rangle / \sqrt{T} - p(T)

      of the mean displacement of the liquid over that of its plateau, p, the mean distance from the
      thermal position along confined motion; where bonds break, it is the mean fraction of broken
      bonds, :math:`1 - C_B`. At 0 the liquid is in its plateau, which is known without waiting for
      it: confined motion is a training sample there.

    Between 2 and 4 the regime is the one that predicts better at a temperature left out; if the
    labels cannot decide, it is the late one. Displacements are in units of :math:`\sqrt T`
    throughout. Labels and columns are deviations from their mean over the particles of a species in
    a configuration; labels have unit variance at each temperature. Between the times of the labels
    they are interpolated, linearly in the clock, and in log t at short times. Mean and standard
    deviation at a value of the clock are the averages over training temperatures. Penalties, one
    for each regime and species, are chosen by leaving out temperatures; with a single temperature
    they are 0.01 for each sample and standardised column.

    Parameters
    ----------
    short, cage, relaxation : transformer
        Descriptors of thermal configurations: ballistic motion and path from rest; the cage, the
        last column being the mean distance from the thermal position over :math:`\sqrt T`; what
        decides on relaxation, such as a pipeline of an inherent structure and physics-inspired
        columns.
    plateau : transformer
        Has a method ``motions``, like ``vitreous.simulate.CageFromRest`` with other releases than
        the cage has: its mean distances are the labels of the plateau.
    label : {"displacement", "broken_bonds", "bond_breaking"}
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
    clocks_ : dict of float to tuple of ndarray
        For each training temperature, the times of its labels and the late clock at them.

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
        label: Label = "displacement",
        memory: str | Memory | None = None,
        n_jobs: int | None = None,
    ) -> None:
        self.short = short
        self.cage = cage
        self.relaxation = relaxation
        self.plateau = plateau
        self.label = label
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
            Called with "describe" as configurations are done.
        groups : array_like, optional
            Not used: what is chosen is chosen on whole temperatures left out, and configurations
            that depend on each other have one temperature.

        Raises
        ------
        ValueError
            If a temperature is not known, labels or times do not fit, or are not finite.
        """
        if self.label not in ("displacement", "broken_bonds", "bond_breaking"):
            raise ValueError(f"no clock is known for the label {self.label!r}")
        configurations = list(configurations)
        temperatures = _by_temperature(configurations)
        scaled, known = self._checked(configurations, labels, times, temperatures)
        self.species_ = configurations[0].species
        self.descriptors_ = {
            name: clone(getattr(self, name)).fit(configurations[:1])
            for name in ("short", "cage", "relaxation")
        }
        plateau = clone(self.plateau).fit(configurations[:1])
        blocks = self._described(configurations, progress)
        at_plateau = [self._plateau_label(plateau, c) for c in configurations]
        self.clocks_ = {}
        moments: dict[str, dict[str, list[ClockMoments]]] = {
            regime: {species: [] for species in self.species_} for regime in ("short", "late")
        }
        self.temperatures_ = tuple(temperatures)
        for temperature, members in temperatures.items():
            t = known[temperature]
            cage = np.mean([blocks[k]["cage"][:, -1].mean() for k in members])
            level = np.mean([scaled[k].mean(axis=0) for k in members], axis=0)
            clock = self._clock(level, float(cage))
            self.clocks_[temperature] = t, clock
            early, late = t <= _FIRST_LATE, t >= _LAST_SHORT
            for species in self.species_:
                rows = [rows_of(configurations[k], species) for k in members]
                own = [(k, chosen) for k, chosen in zip(members, rows, strict=True) if chosen.any()]
                if not own:
                    raise ValueError(
                        f"no configuration at T = {temperature:g} has particles of {species!r}"
                    )
                if early.any():
                    moments["short"][species].append(
                        ClockMoments.of(
                            np.log(t[early]),
                            [_columns(blocks[k], "short")[chosen] for k, chosen in own],
                            [scaled[k][chosen][:, early] for k, chosen in own],
                        )
                    )
                moments["late"][species].append(
                    ClockMoments.of(
                        np.append(0.0, clock[late]),
                        [_columns(blocks[k], "late")[chosen] for k, chosen in own],
                        [
                            np.column_stack([at_plateau[k], scaled[k][:, late]])[chosen]
                            for k, chosen in own
                        ],
                    )
                )
        self.moments_ = moments
        self.penalties_ = {
            regime: {species: _chosen_penalty(found) for species, found in of_species.items()}
            for regime, of_species in moments.items()
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
            Mean label of the liquid at these times, which shows the late regime how far the liquid
            has relaxed. Needed at temperatures without training configurations; there it may come
            from a relaxation law or one short simulation. Not used at short times.
        progress : callable, optional
            Called with "describe" as configurations are done.

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
        given = None
        if levels is not None:
            shape = len(configurations), len(wanted)
            given = np.broadcast_to(np.asarray(levels, dtype=np.float64), shape)
        blocks = self._described(configurations, progress)
        plateaus = self._plateaus(configurations, blocks)
        predictions = []
        for number, configuration in enumerate(configurations):
            temperature = configuration.require_temperature()
            late = self._late_clocks(
                temperature, wanted, None if given is None else given[number], plateaus[temperature]
            )
            scale = np.sqrt(temperature) if self.label == "displacement" else 1.0
            prediction = np.empty((configuration.n_particles, len(wanted)))
            for species in self.species_:
                rows = rows_of(configuration, species)
                if not rows.any():
                    continue
                for place, time in enumerate(wanted):
                    prediction[rows, place] = scale * self._one(
                        blocks[number], rows, species, float(time), late.get(place)
                    )
            predictions.append(1 - prediction if self.label == "bond_breaking" else prediction)
        return predictions

    def _one(
        self,
        blocks: dict[str, NDArray[np.floating]],
        rows: NDArray[np.bool_],
        species: str,
        time: float,
        late_clock: float | None,
    ) -> NDArray[np.float64]:
        """Predict for the particles of a species, in scaled units."""
        if late_clock is None:
            clock, regime = float(np.log(time)), "short"
            moments = [m for m in self.moments_["short"][species] if m.covers(clock)]
            if not moments:
                raise ValueError(
                    f"no training temperature has labels around the time {time:g}; short times are "
                    "matched by time and not extrapolated"
                )
        else:
            clock, regime = late_clock, "late"
            moments = self.moments_["late"][species]
        columns = _columns(blocks, regime)[rows].astype(np.float64)
        penalties = np.full(columns.shape[1], self.penalties_[regime][species])
        mean, spread, coefficients = ridge_at(moments, clock, penalties)
        return mean + spread * ((columns - columns.mean(axis=0)) @ coefficients)

    def _late_clocks(
        self,
        temperature: float,
        times: NDArray[np.float64],
        levels: NDArray[np.float64] | None,
        plateau: float,
    ) -> dict[int, float]:
        """Clock at the places of the late times."""
        places = np.flatnonzero(times >= self.crossover_)
        if not len(places):
            return {}
        if levels is not None:
            scaled = self._scaled(levels[places], temperature)
            clocks = self._clock(scaled, plateau)
        else:
            known = [t for t in self.clocks_ if np.isclose(t, temperature, rtol=1e-6)]
            if not known:
                trained = ", ".join(f"{t:g}" for t in self.clocks_)
                raise ValueError(
                    f"how far a liquid at T = {temperature:g} has relaxed at time "
                    f"{times[places[0]]:g} is not known (trained at {trained}); give its mean "
                    "label as levels="
                )
            t, clock = self.clocks_[known[0]]
            clocks = np.interp(np.log(times[places]), np.log(t), clock)
            if times[places].max() > t[-1] * (1 + 1e-6):
                raise ValueError(
                    f"labels at T = {temperature:g} end at time {t[-1]:g}; give the mean label at "
                    f"{times[places].max():g} as levels="
                )
        furthest = max(float(clock[-1]) for _, clock in self.clocks_.values())
        if clocks.max() > furthest * (1 + 1e-6):
            warnings.warn(
                f"the liquid at T = {temperature:g} has relaxed to {clocks.max():.3g}, further "
                f"than any in training ({furthest:.3g}); predictions are those for the latter",
                ExtrapolationWarning,
                stacklevel=3,
            )
        return dict(zip(places.tolist(), clocks.tolist(), strict=True))

    def _chosen_crossover(self) -> float:
        """Compare both regimes at the labels between 2 and 4, each temperature being left out."""
        short: list[float] = []
        late: list[float] = []
        for species in self.species_:
            of_short, of_late = self.moments_["short"][species], self.moments_["late"][species]
            if len(of_short) != len(of_late) or len(of_late) < 2:
                continue
            for k, (own_short, own_late) in enumerate(zip(of_short, of_late, strict=True)):
                t, clock = self.clocks_[self.temperatures_[k]]
                for time, value in zip(t, clock, strict=True):
                    if not _LAST_SHORT < time < _FIRST_LATE:
                        continue
                    others = [m for m in of_short if m is not own_short and m.covers(np.log(time))]
                    if not others:
                        continue
                    for regime, own, trained, at, found in (
                        ("short", own_short, others, float(np.log(time)), short),
                        ("late", own_late, [m for m in of_late if m is not own_late], value, late),
                    ):
                        penalty = np.full(len(own.columns), self.penalties_[regime][species])
                        place = int(np.argmin(abs(own.clock - at)))
                        found.append(left_out_correlation(trained, own, place, at, penalty))
        better = bool(short) and np.nanmean(short) > np.nanmean(late)
        return _FIRST_LATE if better else float(np.nextafter(_LAST_SHORT, np.inf))

    def _described(
        self, configurations: Sequence[Configuration], progress: Progress
    ) -> list[dict[str, NDArray[np.floating]]]:
        for configuration in configurations:
            configuration.require_temperature()
        parts = {
            name: list(describe_all(descriptor, configurations, self.memory, self.n_jobs, progress))
            for name, descriptor in self.descriptors_.items()
        }
        return [
            dict(zip(parts, blocks, strict=True)) for blocks in zip(*parts.values(), strict=True)
        ]

    def _plateaus(
        self,
        configurations: Sequence[Configuration],
        blocks: Sequence[dict[str, NDArray[np.floating]]],
    ) -> dict[float, float]:
        """Level of the plateau at each temperature, over all configurations of it."""
        found: dict[float, list[float]] = {}
        for configuration, block in zip(configurations, blocks, strict=True):
            mean = float(block["cage"][:, -1].mean(dtype=np.float64))
            found.setdefault(configuration.require_temperature(), []).append(mean)
        return {temperature: float(np.mean(values)) for temperature, values in found.items()}

    def _plateau_label(self, plateau: Any, configuration: Configuration) -> NDArray[np.float64]:
        if self.label != "displacement":
            return np.zeros(configuration.n_particles)
        (motion,) = plateau.motions([configuration])
        return motion.mean_distance / np.sqrt(configuration.require_temperature())

    def _clock(self, level: NDArray[np.float64], plateau: float) -> NDArray[np.float64]:
        if self.label == "displacement":
            level = level - plateau
        return np.maximum(level, 0.0)

    def _scaled(self, labels: NDArray[np.float64], temperature: float) -> NDArray[np.float64]:
        if self.label == "displacement":
            return labels / np.sqrt(temperature)
        return 1 - labels if self.label == "bond_breaking" else labels

    def _checked(
        self,
        configurations: Sequence[Configuration],
        labels: Sequence[ArrayLike],
        times: Sequence[ArrayLike],
        groups: dict[float, list[int]],
    ) -> tuple[list[NDArray[np.float64]], dict[float, NDArray[np.float64]]]:
        """Labels in scaled units, and the times of each temperature."""
        if not len(labels) == len(times) == len(configurations):
            raise ValueError(
                f"{len(configurations)} configurations need as many labels and times, not "
                f"{len(labels)} and {len(times)}"
            )
        known, scaled = {}, {}
        for temperature, members in groups.items():
            t = np.ravel(np.asarray(times[members[0]], dtype=np.float64))
            if not len(t) or t[0] <= 0 or (np.diff(t) <= 0).any() or not np.isfinite(t).all():
                raise ValueError(f"times must be positive and rise, not {times[members[0]]!r}")
            for k in members:
                if not np.array_equal(t, np.ravel(np.asarray(times[k], dtype=np.float64))):
                    raise ValueError(
                        f"configurations {members[0]} and {k} are both at T = {temperature:g} but "
                        "their labels at different times"
                    )
                values = np.asarray(labels[k], dtype=np.float64)
                if values.shape != (configurations[k].n_particles, len(t)):
                    raise ValueError(
                        f"the labels of configuration {k} have shape {values.shape}; its particles "
                        f"and times ask for {(configurations[k].n_particles, len(t))}"
                    )
                if not np.isfinite(values).all():
                    raise ValueError(f"a label of configuration {k} is not finite")
                scaled[k] = self._scaled(values, temperature)
            known[temperature] = t
        return [scaled[k] for k in range(len(configurations))], known


def _by_temperature(configurations: Sequence[Configuration]) -> dict[float, list[int]]:
    """Numbers of the configurations of each temperature."""
    if not configurations:
        raise ValueError("there are no configurations to learn from")
    groups: dict[float, list[int]] = {}
    for number, configuration in enumerate(configurations):
        groups.setdefault(configuration.require_temperature(), []).append(number)
    return groups


def _columns(blocks: dict[str, NDArray[np.floating]], regime: str) -> NDArray[np.floating]:
    names = ("short", "cage") if regime == "short" else ("cage", "relaxation")
    return np.concatenate([blocks[name] for name in names], axis=1)


def _chosen_penalty(temperatures: Sequence[ClockMoments]) -> float:
    """Choose what predicts best at a temperature left out."""
    if len(temperatures) < 2:
        return _USUAL_PENALTY
    scores: list[float] = []
    for penalty in _PENALTIES:
        found = []
        for k, own in enumerate(temperatures):
            others = [m for number, m in enumerate(temperatures) if number != k]
            for place, clock in enumerate(own.clock):
                covering = [m for m in others if m.covers(clock)]
                if covering:
                    penalties = np.full(len(own.columns), penalty)
                    found.append(left_out_correlation(covering, own, place, clock, penalties))
        scores.append(float(np.nanmean(found)) if np.isfinite(found).any() else -np.inf)
    return _PENALTIES[int(np.argmax(scores))] if np.isfinite(scores).any() else _USUAL_PENALTY
