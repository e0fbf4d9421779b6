"""Molecular dynamics by HOOMD-blue, which this package finds when it is installed."""

from __future__ import annotations

import signal
import sys
from collections.abc import Iterator
from itertools import combinations_with_replacement
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..liquid import Configuration, PolydisperseSystem, System
from .engine import (
    EngineDescription,
    RandomState,
    Snapshot,
    Thermostat,
    Times,
    blown_up,
    checked_steps,
    checked_thermostat,
    checked_time_step,
    checked_velocities,
    finite_snapshot,
)

Device = Literal["auto", "cpu", "gpu"]

_OLDEST_VERSION = (4, 3)
_FIRST_MAJOR_NOT_TRIED = 8

# No two particles of a liquid come so close that their energy is higher; tables end there.
_HIGHEST_ENERGY = 1e4

# HOOMD-blue draws noise from a seed of 16 bits and the 40 lower bits of the step.
_SEEDS = 2**16
_FIRST_STEPS = 2**39

_SMALLEST_BUFFER = 0.01

_DO_WITHOUT = "engine='embedded' (in TOML `ensemble.engine = \"embedded\"`)"


def import_hoomd() -> Any:
    """Import HOOMD-blue, leaving the handlers of signals and exceptions as they were.

    Raises
    ------
    ImportError
        If it is absent, of a version that was never tried, or not in double precision.
    """
    excepthook, on_termination = sys.excepthook, signal.getsignal(signal.SIGTERM)
    try:
        import hoomd
    except ImportError as error:
        raise ImportError(
            "HOOMD-blue is not installed; `conda install -c conda-forge hoomd` installs it, and "
            f"{_DO_WITHOUT} does without"
        ) from error
    sys.excepthook = excepthook
    if signal.getsignal(signal.SIGTERM) is not on_termination:
        signal.signal(signal.SIGTERM, on_termination)
    version = str(hoomd.version.version)
    major, minor = (int(number) for number in version.split(".")[:2])
    if (major, minor) < _OLDEST_VERSION or major >= _FIRST_MAJOR_NOT_TRIED:
        raise ImportError(
            f"HOOMD-blue {version} is installed; versions from 4.3 up to, but not including, 8 "
            "are supported: `conda install -c conda-forge 'hoomd>=4.3,<8'` installs one, and "
            f"{_DO_WITHOUT} does without"
        )
    bits = hoomd.version.floating_point_precision[0]
    if bits != 64:
        raise ImportError(
            f"HOOMD-blue was built with HOOMD_LONGREAL_SIZE={bits}; double precision needs 64, "
            f"which conda-forge's builds have, and {_DO_WITHOUT} does without"
        )
    return hoomd


def gpu_is_available() -> bool:
    """Whether HOOMD-blue is installed and finds a GPU."""
    try:
        hoomd = import_hoomd()
    except ImportError:
        return False
    return _has_gpu(hoomd)


class HoomdEngine:
    """Molecular dynamics by HOOMD-blue [1]_, for large systems and for GPUs.

    Velocity Verlet in double precision, with unit masses. Works with HOOMD-blue from 4.3 up to
    7.x, which is on conda-forge (``conda install -c conda-forge hoomd``). Boxes may be tilted.

    Parameters
    ----------
    system : System
        Supplies the interactions and the default time step.
    time_step : float, optional
        In units of sigma_AA (m / eps_AA)^1/2; `system.time_step` by default.
    device : {"auto", "cpu", "gpu"}
        Where to run; ``auto`` is the GPU if there is one.
    table_points : int
        Number of points at which the interaction of each pair of types is tabulated.
    buffer : float
        Width by which neighbour lists reach beyond the cutoff, less in a small box. Changes the
        speed only.

    Raises
    ------
    ImportError
        If HOOMD-blue is absent, of an unsupported version, or not in double precision.
    ValueError
        If the system is polydisperse, a setting is out of range, or there is no such device.

    Notes
    -----
    Energies and forces are interpolated linearly in tables on a grid of distances, from where the
    energy is 10^4 eps_AA up to the cutoff; the error falls with the square of `table_points`.

    The thermostat is stochastic velocity rescaling [2]_, as in `EmbeddedEngine`. HOOMD-blue applies
    the factor half a step away from where it measures the kinetic energy, so that the temperature
    deviates by a term of second order in the time step, as it does between the steps of any Verlet
    scheme.

    Only what `random_state` gives decides the noise: a seed of 16 bits and the number of the first
    step, which HOOMD-blue combines. At constant energy there is no noise, and runs repeat to the
    last bit without a seed.

    References
    ----------
    .. [1] J. A. Anderson, J. Glaser and S. C. Glotzer, Comput. Mater. Sci. 173, 109363 (2020).
    .. [2] G. Bussi, D. Donadio and M. Parrinello, J. Chem. Phys. 126, 014101 (2007).

    Examples
    --------
    Where HOOMD-blue is installed, the engine takes the place of the embedded one:

    >>> from vitreous.liquid import KobAndersen
    >>> from vitreous.simulate import HoomdEngine, isoconfigurational_ensemble
    >>> engine = HoomdEngine(KobAndersen(), device="gpu")  # doctest: +SKIP
    >>> labels = isoconfigurational_ensemble(
    ...     engine.system, configuration, 0.44, times=[4120.0], engine=engine
    ... )  # doctest: +SKIP
    """

    def __init__(
        self,
        system: System,
        *,
        time_step: float | None = None,
        device: Device = "auto",
        table_points: int = 10_000,
        buffer: float = 0.4,
    ) -> None:
        hoomd = import_hoomd()
        if isinstance(system, PolydisperseSystem):
            raise ValueError(
                f"{system.name} has continuous diameters, which HOOMD-blue has no interactions "
                f"for; use {_DO_WITHOUT}"
            )
        self.system = system
        self.time_step = checked_time_step(system, time_step)
        if device not in ("auto", "cpu", "gpu"):
            raise ValueError(f"device must be 'auto', 'cpu' or 'gpu', not {device!r}")
        if device == "gpu" and not _has_gpu(hoomd):
            raise ValueError("HOOMD-blue finds no GPU, or was built without; use device='cpu'")
        self.device = device
        if table_points < 100:
            raise ValueError(f"table_points must be 100 or more, not {table_points}")
        self.table_points = int(table_points)
        if not _SMALLEST_BUFFER <= buffer < np.inf:
            raise ValueError(f"the buffer must be {_SMALLEST_BUFFER} or more, not {buffer}")
        self.buffer = float(buffer)

    def __repr__(self) -> str:
        return (
            f"HoomdEngine({self.system!r}, time_step={self.time_step:g}, device={self.device!r}, "
            f"table_points={self.table_points}, buffer={self.buffer:g})"
        )

    @property
    def description(self) -> EngineDescription:
        """Name, version of HOOMD-blue, and the device that ``auto`` stands for on this machine."""
        hoomd = import_hoomd()
        device = "gpu" if self._runs_on_gpu(hoomd) else "cpu"
        return EngineDescription("hoomd", str(hoomd.version.version), device)

    def require(self, configuration: Configuration) -> None:
        """Raise a ValueError unless the box has room for two cutoffs and the smallest buffer."""
        self._room(configuration)

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

        Parameters, snapshots and errors are those of `Engine.run`. The faces of the box must be
        more than two cutoffs apart; under a thermostat not all particles may be at rest.
        """
        buffer = self._buffer(configuration)
        steps = checked_steps(times, self.time_step)
        velocities = checked_velocities(configuration, velocities)
        thermostat = checked_thermostat(velocities, temperature, thermostat_time, self.time_step)
        if thermostat is not None and not velocities.any():
            raise ValueError("all particles are at rest, and rescaling velocities leaves them so")
        # Particles are sorted every so many steps, and the order of summation with them: without
        # noise, the first step must be the same in every run.
        noise = (0, 0) if thermostat is None else _drawn_noise(random_state)
        return self._snapshots(configuration, buffer, steps, velocities, thermostat, noise)

    def energies_and_forces(
        self, configuration: Configuration
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Evaluate HOOMD-blue's pair forces once.

        Returns
        -------
        energies : ndarray, shape (N,)
            Half the sum of each particle's pair energies.
        forces : ndarray, shape (N, d)

        See Also
        --------
        vitreous.liquid.System.forces : the plain reference.
        """
        at_rest = np.zeros_like(configuration.positions)
        simulation, pairs = self._simulation(
            configuration, self._buffer(configuration), at_rest, None, (0, 0)
        )
        simulation.run(0)
        return pairs.energies, pairs.forces[:, : configuration.dimensions]

    def _runs_on_gpu(self, hoomd) -> bool:
        return self.device == "gpu" or (self.device == "auto" and _has_gpu(hoomd))

    def _room(self, configuration: Configuration) -> float:
        """Return what half the box leaves beyond the cutoff; refuse a box that has too little."""
        self.system.require(configuration)
        if configuration.n_particles == 0:
            raise ValueError("the configuration holds no particle")
        configuration.box.require_periodic("a simulation")
        distance = float(configuration.box.plane_distances.min())
        cutoff = self.system.potential.max_cutoff
        room = distance / 2 - cutoff
        if room <= _SMALLEST_BUFFER:
            raise ValueError(
                f"the cutoff {cutoff:g} exceeds half the shortest distance {distance:g} between "
                f"faces of the box, less {_SMALLEST_BUFFER}; use more particles"
            )
        return room

    def _buffer(self, configuration: Configuration) -> float:
        """Refuse what HOOMD-blue cannot run; return the width of the buffer that fits the box."""
        room = self._room(configuration)
        highest = float(2 * self.system.particle_energies(configuration).max())
        if highest > 0.9 * _HIGHEST_ENERGY:
            raise ValueError(
                f"particles overlap, with an energy of {highest:g}; minimise the configuration"
            )
        return min(self.buffer, 0.99 * room)

    def _snapshots(self, configuration, buffer, steps, velocities, thermostat, noise):
        simulation, pairs = self._simulation(configuration, buffer, velocities, thermostat, noise)
        first = simulation.timestep
        d = configuration.dimensions
        for step in steps:
            time = float(step * self.time_step)
            try:
                simulation.run(first + step - simulation.timestep)
            except RuntimeError as error:
                raise FloatingPointError(blown_up(time, self.time_step)) from error
            particles = simulation.state.get_snapshot().particles
            shifts = particles.image[:, :d] @ configuration.box.matrix.T
            yield finite_snapshot(
                time,
                particles.position[:, :d] + shifts,
                particles.velocity[:, :d].copy(),
                float(pairs.energy),
                self.time_step,
            )

    def _simulation(
        self,
        configuration: Configuration,
        buffer: float,
        velocities: NDArray[np.float64],
        thermostat: Thermostat | None,
        noise: tuple[int, int],
    ) -> tuple[Any, Any]:
        """Make HOOMD-blue's simulation and its pair force."""
        hoomd = import_hoomd()
        seed, first_step = noise
        make_device = hoomd.device.GPU if self._runs_on_gpu(hoomd) else hoomd.device.CPU
        device = make_device(notice_level=1)
        simulation = hoomd.Simulation(device, seed=seed)
        simulation.timestep = first_step
        simulation.create_state_from_snapshot(_state(hoomd, device, configuration, velocities))
        pairs = self._pair_force(hoomd, buffer)
        method = hoomd.md.methods.ConstantVolume(
            hoomd.filter.All(),
            thermostat=thermostat
            and hoomd.md.methods.thermostats.Bussi(thermostat.temperature, thermostat.time),
        )
        simulation.operations.integrator = hoomd.md.Integrator(
            self.time_step, methods=[method], forces=[pairs]
        )
        return simulation, pairs

    def _pair_force(self, hoomd, buffer: float):
        potential, species = self.system.potential, self.system.species
        pairs = hoomd.md.pair.Table(hoomd.md.nlist.Cell(buffer=buffer))
        for a, b in combinations_with_replacement(range(len(species)), 2):
            cutoff = float(potential.cutoffs[a, b])
            nearest = _nearest_distance(potential, a, b)
            r = np.linspace(nearest, cutoff, self.table_points, endpoint=False)
            pair = species[a], species[b]
            pairs.r_cut[pair] = cutoff
            pairs.params[pair] = {
                "r_min": nearest,
                "U": potential.energy(r, a, b),
                "F": potential.force(r, a, b),
            }
        return pairs


def _has_gpu(hoomd) -> bool:
    """Whether there is a GPU; HOOMD-blue's `is_available` only says how it was built."""
    return bool(hoomd.device.GPU.get_available_devices())


def _drawn_noise(random_state: RandomState) -> tuple[int, int]:
    """Draw a seed and a first step, which HOOMD-blue makes the thermostat's noise of."""
    generator = np.random.default_rng(random_state)
    return int(generator.integers(_SEEDS)), int(generator.integers(_FIRST_STEPS))


def _nearest_distance(potential, a: int, b: int) -> float:
    """Where the energy passes the highest; next to zero where it never does."""
    r = potential.cutoffs[a, b] * np.arange(1, 10_001) / 10_000
    too_high = np.flatnonzero(potential.energy(r, a, b) > _HIGHEST_ENERGY)
    return float(r[too_high[-1]] if too_high.size else 1e-6 * r[0])


def _state(hoomd, device, configuration: Configuration, velocities: NDArray[np.float64]):
    """Bring positions and velocities into the form HOOMD-blue begins with."""
    box, padding = configuration.box, ((0, 0), (0, 3 - configuration.dimensions))
    state = hoomd.Snapshot(device.communicator)
    # A third length of zero is what makes the simulation two-dimensional.
    state.configuration.box = [
        *np.pad(box.lengths, (0, 3 - box.dimensions)),
        *np.pad(box.tilts, (0, 3 - len(box.tilts))),
    ]
    state.particles.N = configuration.n_particles
    state.particles.types = list(configuration.species)
    state.particles.typeid[:] = configuration.types
    state.particles.position[:] = np.pad(configuration.positions, padding)
    state.particles.velocity[:] = np.pad(velocities, padding)
    return state
