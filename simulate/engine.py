"""What every molecular-dynamics engine does."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..liquid import Configuration, System

RandomState = int | np.random.Generator | None
Times = Sequence[float] | NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Snapshot:
    """State of a run at one time.

    Attributes
    ----------
    time : float
        Time since the start, a multiple of the time step.
    positions : ndarray, shape (N, d), float64
        Not wrapped into the box: displacements are differences of these.
    velocities : ndarray, shape (N, d), float64
    potential_energy, kinetic_energy : float
        Of the whole system, in units of eps_AA.

    Examples
    --------
    >>> import numpy as np
    >>> from vitreous.liquid import KobAndersen2D
    >>> from vitreous.simulate import EmbeddedEngine, minimize
    >>> system = KobAndersen2D()
    >>> start = minimize(system, system.random_configuration(43, random_state=1)).configuration
    >>> push = np.eye(43, 2)
    >>> first, last = EmbeddedEngine(system).run(start, times=[0.0, 0.5], velocities=push)
    >>> first.kinetic_energy, bool(last.kinetic_energy < 1.0)
    (1.0, True)
    >>> loss = first.potential_energy + 1.0 - last.potential_energy - last.kinetic_energy
    >>> bool(abs(loss) < 0.01)
    True
    """

    time: float
    positions: NDArray[np.float64]
    velocities: NDArray[np.float64]
    potential_energy: float
    kinetic_energy: float


@dataclass(frozen=True)
class EngineDescription:
    """What runs the dynamics, for the record of a result.

    Attributes
    ----------
    name : str
        Such as ``embedded`` or ``hoomd``.
    version : str
        Of the program that moves the particles.
    device : str
        ``cpu`` or ``gpu``.

    Examples
    --------
    >>> from vitreous.simulate import EngineDescription
    >>> print(EngineDescription(name="hoomd", version="4.9.1", device="gpu"))
    hoomd 4.9.1 on gpu
    """

    name: str
    version: str
    device: str

    def __str__(self) -> str:
        return f"{self.name} {self.version} on {self.device}"


@runtime_checkable
class Engine(Protocol):
    """Molecular dynamics of one system: settings that attach to a configuration when it runs.

    Whatever has these three attributes and three methods can be given as ``engine=`` to the
    functions that run dynamics. Engines hold settings only, so that they can be pickled.

    Attributes
    ----------
    system : System
    time_step : float
        In units of sigma_AA (m / eps_AA)^1/2.
    description : EngineDescription
        What runs the dynamics on this machine.

    Examples
    --------
    >>> from vitreous.liquid import KobAndersen2D
    >>> from vitreous.simulate import EmbeddedEngine, Engine
    >>> system = KobAndersen2D()
    >>> isinstance(EmbeddedEngine(system), Engine), isinstance(system, Engine)
    (True, False)
    """

    system: System
    time_step: float

    @property
    def description(self) -> EngineDescription:
        """What runs the dynamics on this machine."""

    def require(self, configuration: Configuration) -> None:
        """Raise a ValueError unless the engine can treat the particles and the box.

        Where the particles are does not matter.

        See Also
        --------
        check_engine : the same before there is a configuration.
        """

    def run(
        self,
        configuration: Configuration,
        *,
        times: Times,
        velocities: ArrayLike,
        temperature: float | None = None,
        thermostat_time: float | None = None,
        random_state: RandomState = None,
    ) -> Iterator[Snapshot]:
        """Run and yield a snapshot at each time; only one snapshot is in memory at once.

        Parameters
        ----------
        configuration : Configuration
            Positions at time zero.
        times : sequence of float
            Increasing times of the snapshots, each rounded to the nearest time step; zero is
            allowed.
        velocities : array_like, shape (N, d)
            Velocities at time zero.
        temperature : float, optional
            Temperature of the thermostat; constant energy if None.
        thermostat_time : float, optional
            Relaxation time of the kinetic energy under the thermostat; 100 time steps by default.
        random_state : int, numpy Generator or None
            Source of the thermostat's noise; not used at constant energy.

        Yields
        ------
        Snapshot

        Raises
        ------
        ValueError
            At the call, before anything runs, if a time is negative, or two fall on one step; if
            the shape of the velocities is wrong, or they carry a net momentum under a thermostat;
            if the engine cannot treat the box.
        FloatingPointError
            If the energy is no longer finite, because particles overlap or the step is too long.
        """

    def energies_and_forces(
        self, configuration: Configuration
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Evaluate the interactions once.

        Returns
        -------
        energies : ndarray, shape (N,)
            Half the sum of each particle's pair energies.
        forces : ndarray, shape (N, d)

        See Also
        --------
        vitreous.liquid.System.forces : the plain reference.
        """


@dataclass(frozen=True)
class Thermostat:
    """Stochastic velocity rescaling [1]_ at a temperature.

    The mean kinetic energy relaxes to d (N - 1) T / 2 as exp(-t / `time`).

    References
    ----------
    .. [1] G. Bussi, D. Donadio and M. Parrinello, J. Chem. Phys. 126, 014101 (2007).
    """

    temperature: float
    time: float


def checked_time_step(system: System, time_step: float | None) -> float:
    """Return the time step asked for, or that of the system."""
    value = system.time_step if time_step is None else float(time_step)
    if not 0 < value < np.inf:
        raise ValueError(f"the time step must be positive and finite, not {value}")
    return value


def checked_steps(times: Times, time_step: float) -> list[int]:
    """Round times to steps, of which no two may be the same."""
    values = np.asarray(times, dtype=np.float64)
    if values.ndim != 1 or not np.isfinite(values).all():
        raise ValueError(f"times must be a sequence of finite numbers, not {times!r}")
    if (values < 0).any():
        raise ValueError(f"times must not be negative, but {values.min()} is")
    steps = np.rint(values / time_step).astype(np.int64)
    wrong = np.flatnonzero(np.diff(steps) <= 0)
    if wrong.size:
        first, second = values[wrong[0]], values[wrong[0] + 1]
        raise ValueError(
            f"times must increase by at least one time step of {time_step:g}; "
            f"{second:g} follows {first:g}"
        )
    return [int(step) for step in steps]


def checked_velocities(configuration: Configuration, velocities: ArrayLike) -> NDArray[np.float64]:
    """Return velocities as an array with the shape of the positions."""
    velocities = np.asarray(velocities, dtype=np.float64)
    if velocities.shape != configuration.positions.shape:
        raise ValueError(
            f"velocities must have the shape {configuration.positions.shape} of the "
            f"positions, not {velocities.shape}"
        )
    if not np.isfinite(velocities).all():
        raise ValueError("velocities must be finite")
    return velocities


def checked_thermostat(
    velocities: NDArray[np.float64],
    temperature: float | None,
    thermostat_time: float | None,
    time_step: float,
) -> Thermostat | None:
    """Return the thermostat asked for; None is constant energy."""
    if temperature is None:
        if thermostat_time is not None:
            raise ValueError("thermostat_time has no meaning without a temperature")
        return None
    if not 0 < temperature < np.inf:
        raise ValueError(f"the temperature must be positive and finite, not {temperature}")
    if thermostat_time is None:
        thermostat_time = 100 * time_step
    if not 0 < thermostat_time < np.inf:
        raise ValueError(f"thermostat_time must be positive and finite, not {thermostat_time}")
    if len(velocities) < 2:
        raise ValueError("a thermostat needs two particles or more; one has no free momentum")
    drift = float(abs(velocities.mean(axis=0)).max())
    if drift > 1e-8 * (1 + abs(velocities).max()):
        raise ValueError(
            f"the centre of mass moves with velocity {drift:g}; subtract the mean velocity, "
            "which the thermostat does not count as heat"
        )
    return Thermostat(float(temperature), float(thermostat_time))


def finite_snapshot(
    time: float,
    positions: NDArray[np.float64],
    velocities: NDArray[np.float64],
    potential_energy: float,
    time_step: float,
) -> Snapshot:
    """Make a snapshot, unless the run has blown up."""
    kinetic_energy = 0.5 * float((velocities**2).sum())
    if not np.isfinite(potential_energy + kinetic_energy):
        raise FloatingPointError(blown_up(time, time_step))
    return Snapshot(time, positions, velocities, potential_energy, kinetic_energy)


def blown_up(time: float, time_step: float) -> str:
    """Say that a run has blown up."""
    return (
        f"the energy is no longer finite at time {time:g}; use a time step below {time_step:g}, "
        "or minimise a configuration with overlaps first"
    )
