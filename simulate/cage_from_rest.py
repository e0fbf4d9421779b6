"""Cages without random numbers: a few short confined runs that any larger box repeats."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np
from joblib import Memory
from numpy.typing import ArrayLike, NDArray

from ..compiled.slices import slices
from ..dynamics import ParticleLabels
from ..liquid import Configuration, System
from ._confined_kernels import advance_between_walls
from ._minima import minimum
from ._packing import by_particle, pack, pack_liquid, refreshed, require_simulable
from ._remembered import remembered
from ._state import State
from .embedded import EmbeddedEngine

# Particles are turned back at the end of a step, this many thermal lengths behind the wall at most.
_OVERSHOOT = 10.0

# What the minimum leaves open along its softest modes grows a thousandfold or more in a run.
_FORCE_TOLERANCE = 1e-11

# A liquid has about as much potential as kinetic energy above its inherent structure.
_LEAST_RELEASE = 1e-3

# More than a time step takes.
_SECONDS_PER_PARTICLE = 2e-6

# Labels are taken that often along a run: a particle swings through its cage in twice that time.
_LABEL_INTERVAL = 0.25

_Averages = TypeVar("_Averages")


@dataclass(frozen=True, eq=False)
class CageMotion:
    """Averages over the motion of particles in their cages, with the positions they came from.

    Attributes
    ----------
    thermal : Configuration
        The configuration that was given.
    inherent : Configuration
        Its inherent structure, the centres of the spheres.
    configuration : Configuration
        The cage state: particles at their mean positions.
    mean_square_displacement : ndarray, shape (N,), float64
        Mean squared distance of each particle from its mean position, in units of sigma_AA^2.
    mean_distance : ndarray, shape (N,), float64
        Mean distance of each particle from its thermal position: the displacement in the plateau
        of a liquid that does not relax.

    Examples
    --------
    >>> import numpy as np
    >>> from vitreous.datasets import load_ka2d
    >>> from vitreous.liquid import KobAndersen2D
    >>> from vitreous.simulate import cage_from_rest
    >>> liquid = load_ka2d().configurations[-1]
    >>> motion = cage_from_rest(KobAndersen2D(), liquid, releases=[0.7], duration=2.0)
    >>> shift = liquid.box.minimum_image(motion.configuration.positions - motion.thermal.positions)
    >>> bool((np.linalg.norm(shift, axis=1) <= motion.mean_distance).all())
    True
    """

    thermal: Configuration
    inherent: Configuration
    configuration: Configuration
    mean_square_displacement: NDArray[np.float64]
    mean_distance: NDArray[np.float64]


def cage_from_rest(
    system: System,
    configuration: Configuration,
    *,
    radius: float = 0.4,
    releases: ArrayLike = (0.7, 1.4, 2.0),
    duration: float = 6.0,
    settling: float = 1.0,
    time_step: float | None = None,
) -> CageMotion:
    r"""Average the positions of particles in their cages, without random numbers.

    Every run starts from the inherent structure with velocities that particles have some time after
    they were released at rest from the thermal positions (`path_from_rest`), less their mean and
    scaled to the kinetic energy

    .. math:: K = U_{th} - U_{inh} + d N T / 2,

    so that the total energy is that of the liquid at its temperature T. It goes on at constant
    energy; a particle that leaves the sphere around its place in the inherent structure is
    reflected as by a wall. Nothing depends on the number of particles, and nothing is drawn: the
    same surroundings in a larger box give the same averages. Rounding limits that: differences grow
    by e^2 to e^3 in a unit of time, so runs are short, and there are several. A repetition agrees
    to 2e-7 with the defaults in KA2D (T = 0.45) and in KA at T = 0.44. At T = 0.64 that takes runs
    of 4 (2e-7; runs of 6 differ by 3e-4). The minimum of a very small box, of 160 particles in 3D,
    can be a saddle of its repetition, whose cages then differ.

    Parameters
    ----------
    system : System
    configuration : Configuration
        Thermal positions, with the temperature of the liquid.
    radius : float
        Of the spheres, in units of sigma_AA: longer than a vibration, shorter than the step of a
        particle that changes places.
    releases : array_like, shape (R,)
        Rising times after the release at rest, in reduced units; the velocities at each of them
        start a run.
    duration, settling : float
        Length of a run, and of its first part that averages leave out, in reduced units.
    time_step : float, optional
        ``system.time_step`` by default. The Kob-Andersen mixture allows 0.01, twice that.

    Returns
    -------
    CageMotion

    Raises
    ------
    ValueError
        If a number is out of range, the configuration has no temperature or is at a
        minimum of the energy, or the box is not periodic or shorter than two cutoffs.
    FloatingPointError
        If particles overlap in the configuration, so that the dynamics is not stable.

    See Also
    --------
    CageFromRest : the same as a step of a pipeline.
    cage_average : the canonical average over one long run with random velocities.

    Notes
    -----
    The few short runs miss slow motion within the cages, over ten units of time and more; where it
    matters, take one long run of `cage_average`.

    References
    ----------
    Cages of this kind: R. M. Alkemade, F. Smallenburg and L. Filion, J. Chem. Phys. 158, 134512
    (2023). Runs without random numbers are our own choice.

    Examples
    --------
    >>> from vitreous.datasets import load_ka2d
    >>> from vitreous.liquid import KobAndersen2D
    >>> from vitreous.simulate import cage_from_rest
    >>> liquid = load_ka2d().configurations[-1]
    >>> motion = cage_from_rest(KobAndersen2D(), liquid, releases=[0.7], duration=2.0)
    >>> bool(0.1 < motion.mean_distance.mean() < 0.3)
    True
    """
    first_run, *_ = runs = _confined_runs(
        system, configuration, radius, releases, duration, settling, time_step
    )
    averages = [run.averages() for run in runs]
    first, second, distance = (np.mean(found, axis=0) for found in zip(*averages, strict=True))
    inherent = first_run.inherent
    return CageMotion(
        thermal=first_run.thermal,
        inherent=inherent,
        configuration=inherent.with_positions(inherent.positions + first),
        mean_square_displacement=np.maximum(second - (first**2).sum(axis=1), 0.0),
        mean_distance=distance,
    )


def _motion(
    system: System, configuration: Configuration, *, releases: ArrayLike, **settings: Any
) -> CageMotion:
    """Do as `cage_from_rest`, once for each configuration and choice of numbers."""
    found = remembered(configuration)
    times = tuple(np.ravel(np.asarray(releases, dtype=np.float64)).tolist())
    key = "cage", system.fingerprint(), times, *sorted(settings.items())
    if key not in found:
        motion = cage_from_rest(system, configuration, releases=releases, **settings)
        found[key] = (
            motion.inherent,
            motion.configuration,
            motion.mean_square_displacement,
            motion.mean_distance,
        )
    return CageMotion(configuration, *found[key])


def plateau_labels(
    system: System,
    configuration: Configuration,
    *,
    radius: float = 0.4,
    releases: ArrayLike = (0.7, 1.4, 2.0),
    duration: float = 6.0,
    settling: float = 1.0,
    time_step: float | None = None,
) -> dict[str, NDArray[np.float64]]:
    """Labels that particles would have if their cages lasted for ever.

    Those of `vitreous.dynamics.ParticleLabels`, averaged along the runs of `cage_from_rest`, four
    times in a unit of time after settling.

    Parameters
    ----------
    system, configuration, radius, releases, duration, settling, time_step
        As in `cage_from_rest`.

    Returns
    -------
    dict of str to ndarray, shape (N,), float64

    Raises
    ------
    ValueError, FloatingPointError
        As `cage_from_rest`.

    Examples
    --------
    >>> from vitreous.datasets import load_ka2d
    >>> from vitreous.liquid import KobAndersen2D
    >>> from vitreous.simulate import plateau_labels
    >>> liquid = load_ka2d().configurations[-1]
    >>> labels = plateau_labels(KobAndersen2D(), liquid, releases=[0.7], duration=2.0)
    >>> bool(0.8 < labels["overlap"].mean() < 1), bool(labels["bond_breaking"].mean() > 0.99)
    (True, True)
    """
    runs = _confined_runs(system, configuration, radius, releases, duration, settling, time_step)
    evaluate = ParticleLabels(system, runs[0].thermal)
    found = [evaluate(positions) for run in runs for positions in run.snapshots()]
    return {name: np.mean([labels[name] for labels in found], axis=0) for name in found[0]}


def _confined_runs(
    system: System,
    configuration: Configuration,
    radius: float,
    releases: ArrayLike,
    duration: float,
    settling: float,
    time_step: float | None,
) -> list[_ConfinedRun]:
    require_simulable(system, configuration)
    temperature = configuration.require_temperature()
    for name, value in (("radius", radius), ("duration", duration)):
        if not 0 < value < np.inf:
            raise ValueError(f"the {name} must be positive and finite, not {value}")
    if not 0 <= settling < duration:
        raise ValueError(f"settling must be shorter than the duration {duration:g}, not {settling}")
    if configuration.n_particles < 2:
        raise ValueError("a cage needs two particles or more")
    engine = EmbeddedEngine(system, time_step=time_step)
    inherent = minimum(system, configuration, _FORCE_TOLERANCE)
    released = system.potential_energy(configuration) - system.potential_energy(inherent)
    thermal = configuration.positions.size * temperature / 2
    if released < _LEAST_RELEASE * thermal:
        raise ValueError(
            "the configuration is at a minimum of the energy, from which no path leads away; give "
            "the thermal positions"
        )
    kinetic = released + thermal
    rest = np.zeros_like(configuration.positions)
    runs = []
    for snapshot in engine.run(configuration, times=np.ravel(releases), velocities=rest):
        velocities = snapshot.velocities - snapshot.velocities.mean(axis=0)
        velocities *= np.sqrt(2 * kinetic / (velocities**2).sum())
        runs.append(
            _ConfinedRun(
                system,
                configuration,
                inherent,
                velocities,
                radius,
                settling,
                duration,
                engine.time_step,
            )
        )
    return runs


@dataclass(frozen=True, eq=False)
class _ConfinedRun:
    """A run from the inherent structure, between walls."""

    system: System
    thermal: Configuration
    inherent: Configuration
    velocities: NDArray[np.float64]
    radius: float
    settling: float
    duration: float
    time_step: float

    def averages(self) -> tuple[NDArray[np.float64], ...]:
        """Average displacements from the centres, their squares, and distances from thermal."""
        advance, _ = self._started()
        n_settling, n_steps = self._steps()
        advance(n_settling)
        averages = tuple(total / n_steps for total in advance(n_steps))
        self._require_finite(averages[1])
        return averages

    def snapshots(self) -> list[NDArray[np.float64]]:
        """Positions along the run, in the images of the thermal ones."""
        advance, places = self._started()
        n_settling, n_steps = self._steps()
        between = max(1, min(n_steps, round(_LABEL_INTERVAL / self.time_step)))
        advance(n_settling)
        found = []
        for _ in range(n_steps // between):
            advance(between)
            shift = self.thermal.box.minimum_image(places() - self.thermal.positions)
            self._require_finite(shift)
            found.append(self.thermal.positions + shift)
        return found

    def _steps(self) -> tuple[int, int]:
        n_settling = round(self.settling / self.time_step)
        return n_settling, max(1, round(self.duration / self.time_step) - n_settling)

    def _require_finite(self, values: NDArray[np.float64]) -> None:
        if not np.isfinite(values).all():
            raise FloatingPointError(
                "the energy is no longer finite; use a shorter time step, or minimise a "
                "configuration with overlaps first"
            )

    def _started(
        self,
    ) -> tuple[Callable[[int], tuple[NDArray[np.float64], ...]], Callable[[], NDArray[np.float64]]]:
        """Functions that run on, with sums over these steps, and that tell where particles are."""
        inherent, time_step = self.inherent, self.time_step
        fastest = np.sqrt((self.velocities**2).mean())
        skin = 2 * (self.radius + _OVERSHOOT * fastest * time_step)
        liquid = pack_liquid(self.system, inherent, skin)
        slots, lists = pack(liquid, inherent, self.velocities)
        slots, lists = refreshed(slots, liquid, lists, skin)
        n_slots, dimensions = len(liquid.slot_types), inherent.dimensions
        shifts = np.zeros((n_slots, dimensions))
        occupied = slots.identity >= 0
        shift = inherent.box.minimum_image(self.thermal.positions - inherent.positions)
        shifts[occupied] = shift[slots.identity[occupied]]

        def advance(steps: int) -> tuple[NDArray[np.float64], ...]:
            total = np.zeros((n_slots, dimensions)), np.zeros(n_slots), np.zeros(n_slots)
            for start, stop in slices(steps, _SECONDS_PER_PARTICLE * inherent.n_particles):
                advance_between_walls(
                    slots, liquid, lists, self.radius, stop - start, time_step, shifts, total
                )
            return tuple(by_particle(slots, part) for part in total)

        return advance, lambda: by_particle(slots, slots.positions)


class CageFromRest(State):
    """Replace every configuration by its cage state, the same whatever the size of the box.

    Parameters
    ----------
    system : System
    radius, releases, duration, settling, time_step
        As in `cage_from_rest`.
    memory : str or joblib.Memory, optional
        Keeps the averages of every configuration on disk, as in `sklearn.pipeline.Pipeline`.
    n_jobs : int, optional
        Configurations treated at the same time, through joblib; the result does not depend on it.

    See Also
    --------
    vitreous.descriptors.CageDescriptor : all results of such runs, as columns.
    CageState : the canonical average, with random velocities.

    Examples
    --------
    >>> from vitreous.datasets import load_ka2d
    >>> from vitreous.liquid import KobAndersen2D
    >>> from vitreous.simulate import CageFromRest
    >>> state = CageFromRest(KobAndersen2D(), releases=[0.7], duration=2.0)
    >>> (cage,) = state.fit_transform(load_ka2d().configurations[-1:])
    >>> cage.temperature
    0.36
    """

    def __init__(
        self,
        system: System,
        *,
        radius: float = 0.4,
        releases: ArrayLike = (0.7, 1.4, 2.0),
        duration: float = 6.0,
        settling: float = 1.0,
        time_step: float | None = None,
        memory: str | Memory | None = None,
        n_jobs: int | None = None,
    ) -> None:
        self.system = system
        self.radius = radius
        self.releases = releases
        self.duration = duration
        self.settling = settling
        self.time_step = time_step
        self.memory = memory
        self.n_jobs = n_jobs

    def transform(self, configurations: Sequence[Configuration]) -> list[Configuration]:
        """Average the positions in each configuration.

        Parameters
        ----------
        configurations : sequence of Configuration
            Thermal ones, with their temperatures.

        Returns
        -------
        list of Configuration
            Same particles in the same order, at their mean positions.
        """
        return [motion.configuration for motion in self.motions(configurations)]

    def motions(self, configurations: Sequence[Configuration]) -> list[CageMotion]:
        """Do as `transform`, and return all averages.

        Parameters
        ----------
        configurations : sequence of Configuration

        Returns
        -------
        list of CageMotion
        """
        return self._averages(_motion, configurations)

    def labels(
        self, configurations: Sequence[Configuration]
    ) -> list[dict[str, NDArray[np.float64]]]:
        """Labels in the plateau, of each configuration (`plateau_labels`).

        Parameters
        ----------
        configurations : sequence of Configuration

        Returns
        -------
        list of dict of str to ndarray, shape (N,)
        """
        return self._averages(plateau_labels, configurations)

    def _averages(
        self, average: Callable[..., _Averages], configurations: Sequence[Configuration]
    ) -> list[_Averages]:
        return self._each(
            average,
            configurations,
            radius=self.radius,
            releases=self.releases,
            duration=self.duration,
            settling=self.settling,
            time_step=self.time_step,
        )
