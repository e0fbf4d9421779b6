"""The embedded molecular-dynamics engine."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .._version import __version__
from ..compiled.generators import addresses_of
from ..compiled.slices import slices
from ..liquid import Configuration, System
from ._md_kernels import advance, compute_energies
from ._packing import (
    by_particle,
    pack,
    pack_liquid,
    potential_energy,
    refreshed,
    require_simulable,
    unwrapped_positions,
    with_room,
)
from .engine import (
    EngineDescription,
    RandomState,
    Snapshot,
    Thermostat,
    Times,
    checked_steps,
    checked_thermostat,
    checked_time_step,
    checked_velocities,
    finite_snapshot,
)

# More than a time step takes.
_SECONDS_PER_PARTICLE = 1e-6


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
    >>> from vitreous.simulate import EmbeddedEngine, maxwell_velocities
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
        self.time_step = checked_time_step(system, time_step)
        self.skin = float(skin)
        if not 0 < self.skin < np.inf:
            raise ValueError(f"the skin must be positive and finite, not {skin}")

    def __repr__(self) -> str:
        return f"EmbeddedEngine({self.system!r}, time_step={self.time_step:g}, skin={self.skin:g})"

    @property
    def description(self) -> EngineDescription:
        """Name, version of vitreous, and ``cpu``."""
        return EngineDescription("embedded", __version__, "cpu")

    def require(self, configuration: Configuration) -> None:
        """Raise a ValueError unless the box is periodic and no length is below two cutoffs."""
        require_simulable(self.system, configuration)

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

        Parameters, snapshots and errors are those of `Engine.run`. The box, tilted or not, must be
        periodic, and none of its lengths shorter than two cutoffs.
        """
        require_simulable(self.system, configuration)
        steps = checked_steps(times, self.time_step)
        velocities = checked_velocities(configuration, velocities)
        thermostat = checked_thermostat(velocities, temperature, thermostat_time, self.time_step)
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
        slots, lists = refreshed(slots, liquid, lists, self.skin)
        energies = np.empty(len(liquid.slot_types))
        compute_energies(slots, liquid, lists, energies)
        return by_particle(slots, energies), by_particle(slots, slots.forces)

    def _snapshots(self, configuration, steps, velocities, thermostat, generator):
        liquid = pack_liquid(self.system, configuration, self.skin)
        slots, lists = pack(liquid, configuration, velocities)
        slots, lists = refreshed(slots, liquid, lists, self.skin)
        rescaling = _rescaling(thermostat, velocities, self.time_step)
        random = addresses_of(generator)
        seconds_per_step = _SECONDS_PER_PARTICLE * configuration.n_particles
        done = 0
        for step in steps:
            for first, stop in slices(step - done, seconds_per_step):
                left = stop - first
                while left:
                    left -= advance(
                        slots, liquid, lists, self.skin, left, self.time_step, rescaling, random
                    )
                    slots, lists = with_room(slots, lists)
            done = step
            yield finite_snapshot(
                float(step * self.time_step),
                unwrapped_positions(slots, liquid),
                by_particle(slots, slots.velocities),
                potential_energy(slots, liquid, lists),
                self.time_step,
            )


def _rescaling(
    thermostat: Thermostat | None, velocities: NDArray[np.float64], time_step: float
) -> tuple[float, float, float]:
    """Temperature, degrees of freedom and memory of one step; memory 1 is no thermostat."""
    if thermostat is None:
        return 0.0, 0.0, 1.0
    n_particles, dimensions = velocities.shape
    memory = float(np.exp(-time_step / thermostat.time))
    return thermostat.temperature, float(dimensions * (n_particles - 1)), memory
