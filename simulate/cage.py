"""Cage states: where particles are on average while no rearrangement is allowed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from joblib import Memory
from numpy.typing import NDArray

from ..compiled.generators import addresses_of
from ..compiled.slices import slices
from ..liquid import Configuration, System
from ._cage_kernels import advance_confined
from ._packing import by_particle, pack, pack_liquid, refreshed, require_simulable
from ._state import State
from .velocities import maxwell_velocities

# Time before averages are taken, and relaxation time of the kinetic energy, in time steps.
_SETTLING_STEPS = 400
_THERMOSTAT_STEPS = 100

# Particles are turned back at the end of a step, this many thermal lengths behind the wall at most.
_OVERSHOOT = 10.0

# More than a time step takes.
_SECONDS_PER_PARTICLE = 2e-6


@dataclass(frozen=True, eq=False)
class CageAverage:
    """Averages over the motion of particles in their cages.

    Attributes
    ----------
    configuration : Configuration
        The cage state: particles in their original order, at their mean positions.
    mean_square_displacement : ndarray, shape (N,), float64
        Mean squared distance of each particle from its mean position, in units of sigma_AA^2: the
        local Debye-Waller factor, anharmonic effects included.
    standard_error : float
        Estimate of the statistical error of a mean position, root mean square over the particles,
        from the difference between the two halves of the run.

    Examples
    --------
    >>> from vitreous.liquid import KobAndersen2D
    >>> from vitreous.simulate import cage_average, minimize
    >>> system = KobAndersen2D()
    >>> start = minimize(system, system.random_configuration(43, random_state=1)).configuration
    >>> cold, warm = (cage_average(system, start, t, random_state=1) for t in (0.01, 0.1))
    >>> bool(cold.mean_square_displacement.mean() < warm.mean_square_displacement.mean() < 0.4**2)
    True
    """

    configuration: Configuration
    mean_square_displacement: NDArray[np.float64]
    standard_error: float


def cage_average(
    system: System,
    configuration: Configuration,
    temperature: float,
    *,
    radius: float = 0.4,
    duration: float = 50.0,
    random_state: int | np.random.Generator | None = None,
) -> CageAverage:
    r"""Average the positions of particles that may not leave their cages.

    The average is that of the canonical ensemble confined to spheres [1]_,

    .. math::

        \langle r_i \rangle = \frac{1}{Z} \int r_i \, e^{-U / T}
        \prod_j \theta(R - |r_j - r_j^0|) \, dr^N,

    at fixed centre of mass, with :math:`r_j^0` the positions in the configuration and :math:`R` the
    `radius`. It is taken along molecular dynamics in which a particle that leaves its sphere is
    reflected.

    Parameters
    ----------
    system : System
    configuration : Configuration
        Centres of the spheres and start of the dynamics.
    temperature : float
        In units of eps_AA / k_B.
    radius : float
        Of the spheres, in units of sigma_AA: longer than a vibration, shorter than the step of a
        particle that changes places.
    duration : float
        Length of the run over which averages are taken, in reduced units. Statistical errors fall
        with its square root.
    random_state : int, numpy Generator or None
        Source of the velocities and of the thermostat's noise.

    Returns
    -------
    CageAverage

    Raises
    ------
    ValueError
        If a number is out of range, or the box is not periodic or shorter than two cutoffs.
    FloatingPointError
        If particles overlap in the configuration, so that the dynamics is not stable.

    See Also
    --------
    CageState : the same as a step of a pipeline.

    References
    ----------
    .. [1] R. M. Alkemade, F. Smallenburg and L. Filion, J. Chem. Phys. 158, 134512 (2023).

    Examples
    --------
    >>> from vitreous.liquid import KobAndersen2D
    >>> from vitreous.simulate import cage_average, minimize
    >>> system = KobAndersen2D()
    >>> start = minimize(system, system.random_configuration(43, random_state=1)).configuration
    >>> average = cage_average(system, start, 0.1, duration=20.0, random_state=1)
    >>> average.mean_square_displacement.shape
    (43,)
    """
    require_simulable(system, configuration)
    for name, value in (
        ("temperature", temperature),
        ("radius", radius),
        ("duration", duration),
    ):
        if not 0 < value < np.inf:
            raise ValueError(f"the {name} must be positive and finite, not {value}")
    n_particles, dimensions = configuration.positions.shape
    if n_particles < 2:
        raise ValueError("a cage needs two particles or more")
    generator = np.random.default_rng(random_state)
    time_step = system.time_step
    skin = 2 * (radius + _OVERSHOOT * np.sqrt(temperature) * time_step)
    liquid = pack_liquid(system, configuration, skin)
    velocities = maxwell_velocities(n_particles, dimensions, temperature, generator)
    slots, lists = pack(liquid, configuration, velocities)
    slots, lists = refreshed(slots, liquid, lists, skin)
    memory = float(np.exp(-1 / _THERMOSTAT_STEPS))
    thermostat = float(temperature), float(dimensions * (n_particles - 1)), memory
    random = addresses_of(generator)

    def averages(n_steps: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        moments = np.zeros((len(liquid.slot_types), dimensions)), np.zeros(len(liquid.slot_types))
        for start, stop in slices(n_steps, _SECONDS_PER_PARTICLE * n_particles):
            advance_confined(
                slots,
                liquid,
                lists,
                radius,
                stop - start,
                time_step,
                thermostat,
                random,
                moments,
            )
        first, second = (by_particle(slots, moment) / n_steps for moment in moments)
        if not np.isfinite(second).all():
            raise FloatingPointError(
                "the energy is no longer finite; minimise a configuration with overlaps first"
            )
        return first, second

    averages(_SETTLING_STEPS)
    n_steps = max(1, round(0.5 * duration / time_step))
    (first_half, first_square), (second_half, second_square) = averages(n_steps), averages(n_steps)
    mean = (first_half + second_half) / 2
    error = (first_half - second_half) / 2
    mean_square = (first_square + second_square) / 2
    return CageAverage(
        configuration=configuration.with_positions(configuration.positions + mean),
        mean_square_displacement=mean_square - (mean**2).sum(axis=1),
        standard_error=float(np.sqrt((error**2).sum(axis=1).mean())),
    )


class CageState(State):
    """Replace every configuration by its cage state, the mean positions without rearrangements.

    Parameters
    ----------
    system : System
    temperature : float
        In units of eps_AA / k_B.
    radius : float
        Of the sphere around its position in the configuration that no particle may leave.
    duration : float
        Length of the dynamics over which positions are averaged, in reduced units.
    random_state : int
        Seed of the dynamics of every configuration, whatever others stand beside it.
    memory : str or joblib.Memory, optional
        Keeps the averages of every configuration on disk, as in `sklearn.pipeline.Pipeline`.
    n_jobs : int, optional
        Configurations treated at the same time, through joblib; the result does not depend on it.

    See Also
    --------
    cage_average : a single configuration, with the fluctuations around the mean.

    Notes
    -----
    Spheres around thermal positions cut into the cage of a particle that stands off its centre;
    ``make_pipeline(InherentStructure(system), CageState(system, temperature))`` centres them on the
    inherent structure.

    References
    ----------
    R. M. Alkemade, F. Smallenburg and L. Filion, J. Chem. Phys. 158, 134512 (2023).

    Examples
    --------
    >>> from vitreous.liquid import KobAndersen2D
    >>> from vitreous.simulate import CageState, InherentStructure
    >>> system = KobAndersen2D()
    >>> minima = InherentStructure(system).transform([system.random_configuration(43, 1)])
    >>> cages = CageState(system, 0.1, duration=20.0).fit_transform(minima)
    >>> cages[0].n_particles
    43
    """

    def __init__(
        self,
        system: System,
        temperature: float,
        *,
        radius: float = 0.4,
        duration: float = 50.0,
        random_state: int = 0,
        memory: str | Memory | None = None,
        n_jobs: int | None = None,
    ) -> None:
        self.system = system
        self.temperature = temperature
        self.radius = radius
        self.duration = duration
        self.random_state = random_state
        self.memory = memory
        self.n_jobs = n_jobs

    def transform(self, configurations: Sequence[Configuration]) -> list[Configuration]:
        """Average the positions in each configuration.

        Parameters
        ----------
        configurations : sequence of Configuration

        Returns
        -------
        list of Configuration
            Same particles in the same order, at their mean positions.
        """
        return [average.configuration for average in self.averages(configurations)]

    def averages(self, configurations: Sequence[Configuration]) -> list[CageAverage]:
        """Do as `transform`, and return the fluctuations as well.

        Parameters
        ----------
        configurations : sequence of Configuration

        Returns
        -------
        list of CageAverage
        """
        return self._each(
            cage_average,
            configurations,
            self.temperature,
            radius=self.radius,
            duration=self.duration,
            random_state=self.random_state,
        )
