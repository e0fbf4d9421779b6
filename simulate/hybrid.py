"""Swap moves between trajectories of molecular dynamics."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ..liquid import Configuration, System
from .embedded import EmbeddedEngine
from .swap import Draw, SwapMonteCarlo, SwapResult, best_draw, require_positive
from .velocities import maxwell_velocities

# Exchanges in a cycle, in sweeps.
_SWAP_SWEEPS: dict[Draw, int] = {"even": 5, "by cost": 1}


class HybridSwap:
    """Alternate molecular dynamics and exchanges of particle types.

    A cycle draws Maxwell velocities, runs molecular dynamics at constant energy, and then attempts
    exchanges by Metropolis Monte Carlo [1]_. The end of a trajectory is accepted by the Metropolis
    criterion for the error of its total energy, and otherwise the particles go back to where it
    began (hybrid Monte Carlo [2]_): the canonical distribution is sampled whatever the time step.
    Dynamics moves all particles together and takes less time per particle than a trial
    displacement.

    Parameters
    ----------
    system : System
    md_steps : int
        Time steps of molecular dynamics in a cycle.
    swap_sweeps : int, optional
        Exchanges attempted in a cycle, in sweeps of N; 1 by default where they are drawn by cost,
        5 where evenly.
    swap_pairs : sequence of (int, int), optional
        As in `SwapMonteCarlo`.
    draw : {"by cost", "even"}, optional
        How the particles of an exchange are drawn, as in `SwapMonteCarlo`; by cost unless diameters
        are continuous.
    time_step : float, optional
        Of the dynamics; that of the system by default.

    Raises
    ------
    ValueError
        If a number is below 1, there are no pairs to exchange, or no time step.

    See Also
    --------
    SwapMonteCarlo : exchanges and displacements.

    Notes
    -----
    The error of the energy grows as the square root of N: of a thousand particles nine trajectories
    in ten are accepted with the usual time steps, of a hundred thousand every second.

    References
    ----------
    .. [1] L. Berthier, E. Flenner, C. J. Fullerton, C. Scalliet and M. Singh, J. Stat. Mech. 2019,
       064004 (2019).
    .. [2] S. Duane, A. D. Kennedy, B. J. Pendleton and D. Roweth, Phys. Lett. B 195, 216 (1987).

    Examples
    --------
    >>> from vitreous.liquid import KobAndersen2D
    >>> from vitreous.simulate import HybridSwap, minimize
    >>> system = KobAndersen2D()
    >>> start = minimize(system, system.random_configuration(43, random_state=1)).configuration
    >>> HybridSwap(system, md_steps=20).run(start, 0.5, n_sweeps=60, random_state=1).sweeps
    array([20, 40, 60])
    """

    def __init__(
        self,
        system: System,
        *,
        md_steps: int = 100,
        swap_sweeps: int | None = None,
        swap_pairs: Sequence[tuple[int, int]] | None = None,
        draw: Draw | None = None,
        time_step: float | None = None,
    ) -> None:
        draw = best_draw(system) if draw is None else draw
        self.md_steps = md_steps
        self.swap_sweeps = _SWAP_SWEEPS[draw] if swap_sweeps is None else swap_sweeps
        require_positive(md_steps=md_steps, swap_sweeps=self.swap_sweeps)
        self._exchange = SwapMonteCarlo(system, swap_pairs=swap_pairs, swap_fraction=1.0, draw=draw)
        if not self._exchange.swap_pairs:
            raise ValueError(f"{system.name} has no pairs of types to swap; name some")
        self._dynamics = EmbeddedEngine(system, time_step=time_step)

    def __repr__(self) -> str:
        return (
            f"HybridSwap({self._exchange.system!r}, md_steps={self.md_steps}, "
            f"swap_sweeps={self.swap_sweeps}, swap_pairs={self._exchange.swap_pairs}, "
            f"draw={self._exchange.draw!r}, time_step={self._dynamics.time_step:g})"
        )

    @property
    def displacement(self) -> float:
        """NaN: particles move by dynamics, not by trial displacements."""
        return float("nan")

    def run(
        self,
        configuration: Configuration,
        temperature: float,
        n_sweeps: int,
        random_state: int | np.random.Generator | None = None,
        record_every: int = 10,
    ) -> SwapResult:
        """Run at one temperature.

        Parameters
        ----------
        configuration : Configuration
            Start of the run, without overlaps.
        temperature : float
            In units of eps_AA / k_B.
        n_sweeps : int
            Length of the run in time steps: as a sweep of displacements, each of them moves every
            particle. The last trajectory is shorter if that is no multiple of `md_steps`.
        random_state : int, numpy Generator or None
            Source of all random numbers.
        record_every : int
            Sweeps between records of the energy, which come at the ends of cycles only; the last
            is always recorded.

        Returns
        -------
        SwapResult
            Its acceptance of displacements is that of the trajectories.
        """
        require_positive(n_sweeps=n_sweeps, record_every=record_every)
        rng = np.random.default_rng(random_state)
        energies, sweeps = [], []
        accepted = dict.fromkeys(self._exchange.swap_pairs, 0.0)
        n_cycles = -(-n_sweeps // self.md_steps)
        n_accepted, last = 0, 0
        for cycle in range(1, n_cycles + 1):
            done = min(cycle * self.md_steps, n_sweeps)
            n_steps = done - (cycle - 1) * self.md_steps
            moved = self._moved(configuration, temperature, n_steps, rng)
            if moved is not None:
                configuration = moved
                n_accepted += 1
            result = self._exchange.run(
                configuration, temperature, self.swap_sweeps, rng, self.swap_sweeps
            )
            configuration = result.configuration
            for pair, fraction in result.swap_acceptance.items():
                accepted[pair] += fraction / n_cycles
            if done // record_every > last // record_every or done == n_sweeps:
                last = done
                sweeps.append(done)
                energies.append(result.energies[-1])
        return SwapResult(
            configuration, np.array(sweeps), np.array(energies), n_accepted / n_cycles, accepted
        )

    def _moved(
        self,
        configuration: Configuration,
        temperature: float,
        n_steps: int,
        rng: np.random.Generator,
    ) -> Configuration | None:
        """End of a trajectory with fresh velocities, None if it is rejected."""
        n_particles, dimensions = configuration.n_particles, configuration.dimensions
        velocities = maxwell_velocities(n_particles, dimensions, temperature, rng)
        first, last = self._dynamics.run(
            configuration,
            times=[0.0, n_steps * self._dynamics.time_step],
            velocities=velocities,
        )
        error = last.potential_energy + last.kinetic_energy
        error -= first.potential_energy + first.kinetic_energy
        if rng.random() >= np.exp(-max(error, 0.0) / temperature):
            return None
        return configuration.with_positions(last.positions)
