"""Swap moves between stretches of molecular dynamics."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ..liquid import Configuration, System
from .embedded import EmbeddedEngine
from .swap import SwapMonteCarlo, SwapResult, require_positive
from .velocities import maxwell_velocities


class HybridSwap:
    """Alternate molecular dynamics and exchanges of particle types.

    A cycle draws Maxwell velocities, runs molecular dynamics at constant temperature and then
    attempts exchanges by Metropolis Monte Carlo [1]_. Both leave the canonical distribution as it
    is, the dynamics up to the error of its time step, which Monte Carlo does not have. Dynamics
    moves all particles together and takes less time per particle than a trial displacement.

    Parameters
    ----------
    system : System
    md_steps : int
        Time steps of molecular dynamics in a cycle.
    swap_sweeps : int
        Exchanges attempted in a cycle, in sweeps of N.
    swap_pairs : sequence of (int, int), optional
        As in `SwapMonteCarlo`.

    Raises
    ------
    ValueError
        If a number is below 1, or there are no pairs to exchange.

    See Also
    --------
    SwapMonteCarlo : exchanges and displacements; free of the error of a time step.

    References
    ----------
    .. [1] L. Berthier, E. Flenner, C. J. Fullerton, C. Scalliet and M. Singh, J. Stat. Mech. 2019,
       064004 (2019).

    Examples
    --------
    >>> from vitreous.liquid import KobAndersen2D
    >>> from vitreous.simulate import HybridSwap, minimize
    >>> system = KobAndersen2D()
    >>> start = minimize(system, system.random_configuration(43, random_state=1)).configuration
    >>> HybridSwap(system, md_steps=20).run(start, 0.5, 3, random_state=1, record_every=1).sweeps
    array([1, 2, 3])
    """

    def __init__(
        self,
        system: System,
        *,
        md_steps: int = 100,
        swap_sweeps: int = 5,
        swap_pairs: Sequence[tuple[int, int]] | None = None,
    ) -> None:
        self.md_steps = md_steps
        self.swap_sweeps = swap_sweeps
        require_positive(md_steps=md_steps, swap_sweeps=swap_sweeps)
        self._exchange = SwapMonteCarlo(system, swap_pairs=swap_pairs, swap_fraction=1.0)
        if not self._exchange.swap_pairs:
            raise ValueError(f"{system.name} has no pairs of types to swap; name some")
        self._dynamics = EmbeddedEngine(system)

    def __repr__(self) -> str:
        return (
            f"HybridSwap({self._exchange.system!r}, md_steps={self.md_steps}, "
            f"swap_sweeps={self.swap_sweeps}, swap_pairs={self._exchange.swap_pairs})"
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
            Number of cycles.
        random_state : int, numpy Generator or None
            Source of all random numbers.
        record_every : int
            Cycles between records of the energy; the last cycle is always recorded.

        Returns
        -------
        SwapResult
            Its sweeps are cycles; its acceptance of displacements is NaN.
        """
        require_positive(n_sweeps=n_sweeps, record_every=record_every)
        rng = np.random.default_rng(random_state)
        duration = self.md_steps * self._dynamics.time_step
        energies, sweeps = [], []
        accepted = dict.fromkeys(self._exchange.swap_pairs, 0.0)
        for cycle in range(1, n_sweeps + 1):
            velocities = maxwell_velocities(
                configuration.n_particles, configuration.dimensions, temperature, rng
            )
            (snapshot,) = self._dynamics.run(
                configuration,
                times=[duration],
                velocities=velocities,
                temperature=temperature,
                random_state=rng,
            )
            moved = configuration.with_positions(snapshot.positions)
            result = self._exchange.run(moved, temperature, self.swap_sweeps, rng, self.swap_sweeps)
            configuration = result.configuration
            for pair, fraction in result.swap_acceptance.items():
                accepted[pair] += fraction / n_sweeps
            if cycle % record_every == 0 or cycle == n_sweeps:
                sweeps.append(cycle)
                energies.append(result.energies[-1])
        return SwapResult(
            configuration, np.array(sweeps), np.array(energies), float("nan"), accepted
        )
