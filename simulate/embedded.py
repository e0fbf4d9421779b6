"""The embedded molecular-dynamics engine."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..liquid import Configuration, System
from ._md_kernels import advance, compute_energies, refresh, twice_kinetic_energy
from ._packing import by_particle, pack, pack_liquid, require_simulable, unwrapped_positions

RandomState = int | np.random.Generator | None


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
    """

    time: float
    positions: NDArray[np.float64]
    velocities: NDArray[np.float64]
    potential_energy: float
    kinetic_energy: float


def maxwell_velocities(
    n_particles: int, dimensions: int, temperature: float, random_state: RandomState = None
) -> NDArray[np.float64]:
    """Draw velocities from the Maxwell distribution and bring the centre of mass to rest.

    With unit masses every component has variance T (1 - 1/N), and the mean kinetic energy is
    d (N - 1) T / 2: the momentum at rest leaves d (N - 1) degrees of freedom, which is what the
    thermostat and every estimate of the temperature here count.

    Parameters
    ----------
    n_particles : int
    dimensions : int
    temperature : float
        In units of eps_AA / k_B.
    random_state : int, numpy Generator or None

    Returns
    -------
    ndarray, shape (n_particles, dimensions), float64

    Raises
    ------
    ValueError
        If the temperature is negative or not finite.

    Examples
    --------
    >>> velocities = maxwell_velocities(1000, 3, 0.44, random_state=1)
    >>> bool(abs(velocities.sum(axis=0)).max() < 1e-10)
    True
    """
    if not 0 <= temperature < np.inf:
        raise ValueError(f"the temperature must be finite and not negative, not {temperature}")
    generator = np.random.default_rng(random_state)
    velocities = generator.standard_normal((n_particles, dimensions)) * np.sqrt(temperature)
    return velocities - velocities.mean(axis=0)


class EmbeddedEngine:
    """Molecular dynamics on one core, for systems of some hundred to some ten thousand particles.

    Velocity Verlet in double precision, with unit masses. A run depends on its seed only, not on
    the processor's vector width nor on other runs beside it. Splitting one run in two gives the
    same physics but not the same bits, because the order of summation starts afresh.

    Parameters
    ----------
    system : System
        Supplies the interactions and the default time step.
    time_step : float, optional
        In units of sigma_AA (m / eps_AA)^1/2; `system.time_step` by default.
    skin : float
        Width by which neighbour lists reach beyond the cutoff. Changes the speed only.

    Raises
    ------
    ValueError
        If the time step or the skin is not positive.

    Notes
    -----
    The thermostat is stochastic velocity rescaling [1]_, integrated exactly over each step: it
    samples the canonical ensemble and conserves the momentum.

    References
    ----------
    .. [1] G. Bussi, D. Donadio and M. Parrinello, J. Chem. Phys. 126, 014101 (2007).

    Examples
    --------
    >>> from vitreous.liquid import PairPotential, System
    >>> spheres = PairPotential.harmonic([[1.0]], [[1.0]])
    >>> system = System("spheres", "A", [1], 0.5, 2, spheres, time_step=0.01)
    >>> configuration = system.random_configuration(64, random_state=1)
    >>> velocities = maxwell_velocities(64, 2, 0.1, random_state=2)
    >>> run = EmbeddedEngine(system).run(configuration, times=[0, 1, 2], velocities=velocities)
    >>> [round(snapshot.time, 2) for snapshot in run]
    [0.0, 1.0, 2.0]
    """

    def __init__(
        self, system: System, *, time_step: float | None = None, skin: float = 0.35
    ) -> None:
        self.system = system
        self.time_step = system.time_step if time_step is None else float(time_step)
        self.skin = float(skin)
        for name, value in (("time step", self.time_step), ("skin", self.skin)):
            if not 0 < value < np.inf:
                raise ValueError(f"the {name} must be positive and finite, not {value}")

    def __repr__(self) -> str:
        return f"EmbeddedEngine({self.system!r}, time_step={self.time_step:g}, skin={self.skin:g})"

    def run(
        self,
        configuration: Configuration,
        *,
        times: Sequence[float] | NDArray[np.float64],
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
            if the box is tilted or shorter than two cutoffs.
        FloatingPointError
            If the energy is no longer finite, because particles overlap or the step is too long.
        """
        require_simulable(self.system, configuration)
        steps = self._steps(times)
        velocities = np.asarray(velocities, dtype=np.float64)
        if velocities.shape != configuration.positions.shape:
            raise ValueError(
                f"velocities must have the shape {configuration.positions.shape} of the "
                f"positions, not {velocities.shape}"
            )
        if not np.isfinite(velocities).all():
            raise ValueError("velocities must be finite")
        thermostat = self._thermostat(velocities, temperature, thermostat_time)
        generator = np.random.default_rng(random_state)
        return self._snapshots(configuration, steps, velocities, thermostat, generator)

    def energies_and_forces(
        self, configuration: Configuration
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Evaluate the compiled kernels once.

        Returns
        -------
        energies : ndarray, shape (N,)
            Half the sum of each particle's pair energies.
        forces : ndarray, shape (N, d)

        See Also
        --------
        vitreous.liquid.System.forces : the plain reference.
        """
        require_simulable(self.system, configuration)
        liquid = pack_liquid(self.system, configuration, self.skin)
        slots, lists = pack(liquid, configuration)
        slots, lists = refresh(slots, liquid, lists, self.skin)
        energies = compute_energies(slots, liquid, lists)
        return by_particle(slots, energies), by_particle(slots, slots.forces)

    def _snapshots(self, configuration, steps, velocities, thermostat, generator):
        liquid = pack_liquid(self.system, configuration, self.skin)
        slots, lists = pack(liquid, configuration, velocities)
        slots, lists = refresh(slots, liquid, lists, self.skin)
        done = 0
        for step in steps:
            slots, lists = advance(
                slots,
                liquid,
                lists,
                self.skin,
                step - done,
                self.time_step,
                thermostat,
                generator,
            )
            done = step
            time = float(step * self.time_step)
            potential_energy = float(compute_energies(slots, liquid, lists).sum())
            kinetic_energy = 0.5 * float(twice_kinetic_energy(slots.velocities))
            if not np.isfinite(potential_energy + kinetic_energy):
                raise FloatingPointError(
                    f"the energy is no longer finite at time {time:g}; use a time step below "
                    f"{self.time_step:g}, or minimise a configuration with overlaps first"
                )
            yield Snapshot(
                time=time,
                positions=unwrapped_positions(slots, liquid),
                velocities=by_particle(slots, slots.velocities),
                potential_energy=potential_energy,
                kinetic_energy=kinetic_energy,
            )

    def _steps(self, times: Sequence[float] | NDArray[np.float64]) -> list[int]:
        values = np.asarray(times, dtype=np.float64)
        if values.ndim != 1 or not np.isfinite(values).all():
            raise ValueError(f"times must be a sequence of finite numbers, not {times!r}")
        if (values < 0).any():
            raise ValueError(f"times must not be negative, but {values.min()} is")
        steps = np.rint(values / self.time_step).astype(np.int64)
        wrong = np.flatnonzero(np.diff(steps) <= 0)
        if wrong.size:
            first, second = values[wrong[0]], values[wrong[0] + 1]
            raise ValueError(
                f"times must increase by at least one time step of {self.time_step:g}; "
                f"{second:g} follows {first:g}"
            )
        return [int(step) for step in steps]

    def _thermostat(
        self,
        velocities: NDArray[np.float64],
        temperature: float | None,
        thermostat_time: float | None,
    ) -> tuple[float, float, float]:
        """Temperature, degrees of freedom and memory of one step; memory 1 is no thermostat."""
        if temperature is None:
            if thermostat_time is not None:
                raise ValueError("thermostat_time has no meaning without a temperature")
            return 0.0, 0.0, 1.0
        if not 0 < temperature < np.inf:
            raise ValueError(f"the temperature must be positive and finite, not {temperature}")
        if thermostat_time is None:
            thermostat_time = 100 * self.time_step
        if not 0 < thermostat_time < np.inf:
            raise ValueError(f"thermostat_time must be positive and finite, not {thermostat_time}")
        n_particles, dimensions = velocities.shape
        if n_particles < 2:
            raise ValueError("a thermostat needs two particles or more; one has no free momentum")
        drift = float(abs(velocities.mean(axis=0)).max())
        if drift > 1e-8 * (1 + abs(velocities).max()):
            raise ValueError(
                f"the centre of mass moves with velocity {drift:g}; subtract the mean velocity, "
                "which the thermostat does not count as heat"
            )
        memory = float(np.exp(-self.time_step / thermostat_time))
        return float(temperature), float(dimensions * (n_particles - 1)), memory
