"""Swap Monte Carlo."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..liquid import Configuration, System
from ._packing import (
    pack,
    pack_one_type,
    pack_potential,
    require_simulable,
    unwrapped_positions,
)
from ._swap_kernels import Mixture, run_moves


@dataclass(frozen=True, eq=False)
class SwapResult:
    """Outcome of a run of swap Monte Carlo.

    Attributes
    ----------
    configuration : Configuration
        At the end of the run, particles in their original order; the types of the particles have
        changed, the number of particles of each type has not.
    sweeps : ndarray, shape (R,), int64
        Sweeps after which the energy was recorded.
    energies : ndarray, shape (R,), float64
        Potential energy per particle, in units of eps_AA.
    displacement_acceptance : float
        Accepted fraction of the displacements; NaN if none was attempted.
    swap_acceptance : dict of (int, int) to float
        Accepted fraction of the exchanges of each pair of types; NaN if none was attempted.
    """

    configuration: Configuration
    sweeps: NDArray[np.int64]
    energies: NDArray[np.float64]
    displacement_acceptance: float
    swap_acceptance: dict[tuple[int, int], float]


class SwapMonteCarlo:
    """Metropolis Monte Carlo of displacements and exchanges of particle types.

    A displacement moves one particle by a Gaussian step; an exchange takes one particle of each of
    two types and exchanges their types. Both choose particles uniformly, so that detailed balance
    holds for the canonical distribution at fixed numbers of particles of each type. Exchanges let
    mixtures equilibrate far below the temperatures that molecular dynamics can reach [1]_.

    Parameters
    ----------
    system : System
        Supplies the interactions and the pairs of types that are exchanged, `system.swap_pairs`;
        with no such pairs all moves are displacements.
    swap_fraction : float
        Fraction of attempted moves that are exchanges.
    displacement : float
        Standard deviation of each component of a displacement, in units of sigma_AA. Steps longer
        than half the skin are drawn but not attempted.
    skin : float
        Width by which neighbour lists reach beyond the cutoff.

    Raises
    ------
    ValueError
        If the fraction lies outside [0, 1], or the displacement or the skin is not positive.

    References
    ----------
    .. [1] A. Ninarello, L. Berthier and D. Coslovich, Phys. Rev. X 7, 021039 (2017).

    Examples
    --------
    >>> from vitreous.liquid import KobAndersen2D
    >>> from vitreous.simulate import SwapMonteCarlo, minimize
    >>> system = KobAndersen2D()
    >>> start = minimize(system, system.random_configuration(43, random_state=1)).configuration
    >>> result = SwapMonteCarlo(system).run(start, 0.5, n_sweeps=20, random_state=1)
    >>> result.sweeps
    array([10, 20])
    """

    def __init__(
        self,
        system: System,
        *,
        swap_fraction: float = 0.2,
        displacement: float = 0.05,
        skin: float = 0.6,
    ) -> None:
        self.system = system
        self.swap_fraction = float(swap_fraction)
        self.displacement = float(displacement)
        self.skin = float(skin)
        if not 0 <= self.swap_fraction <= 1:
            raise ValueError(f"swap_fraction must lie between 0 and 1, not {swap_fraction}")
        for name, value in (("displacement", self.displacement), ("skin", self.skin)):
            if not 0 < value < np.inf:
                raise ValueError(f"the {name} must be positive and finite, not {value}")

    def __repr__(self) -> str:
        return (
            f"SwapMonteCarlo({self.system!r}, swap_fraction={self.swap_fraction:g}, "
            f"displacement={self.displacement:g}, skin={self.skin:g})"
        )

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
            Start of the run.
        temperature : float
            In units of eps_AA / k_B.
        n_sweeps : int
            Length of the run; a sweep is N attempted moves.
        random_state : int, numpy Generator or None
            Source of all random numbers; the same seed gives the same run, bit by bit.
        record_every : int
            Sweeps between records of the energy; the last sweep is always recorded.

        Returns
        -------
        SwapResult

        Raises
        ------
        ValueError
            If a number is out of range, or the box is tilted or shorter than two cutoffs.
        """
        require_simulable(self.system, configuration)
        if not 0 < temperature < np.inf:
            raise ValueError(f"the temperature must be positive and finite, not {temperature}")
        for name, number in (("n_sweeps", n_sweeps), ("record_every", record_every)):
            if number < 1:
                raise ValueError(f"{name} must be 1 or more, not {number}")
        pairs = np.array(self.system.swap_pairs, dtype=np.int64).reshape(-1, 2)
        table, mixing = pack_potential(self.system.potential)
        kinds = np.array(self.system.kinds(configuration))
        if mixing is not None:
            self._require_exchangeable(kinds)
        has_root = int(mixing is None and isinstance(table, np.ndarray) and table[..., 4].any())
        mixture = Mixture(
            table,
            mixing,
            has_root,
            len(self.system.species),
            pairs,
            self.system.swap_range,
            kinds,
        )
        liquid = pack_one_type(self.system, configuration, self.skin)
        slots, lists = pack(liquid, configuration)
        slots, energies, attempted, accepted = run_moves(
            slots,
            liquid,
            lists,
            mixture,
            self.skin,
            (float(temperature), self.swap_fraction, self.displacement),
            n_sweeps,
            record_every,
            np.random.default_rng(random_state),
        )
        sweeps = np.append(np.arange(record_every, n_sweeps, record_every), n_sweeps)
        exchanged = configuration.with_types if mixing is None else configuration.with_diameters
        end = exchanged(kinds)
        fractions = accepted / np.where(attempted > 0, attempted, np.nan)
        return SwapResult(
            configuration=end.with_positions(unwrapped_positions(slots, liquid)),
            sweeps=sweeps,
            energies=energies / configuration.n_particles,
            displacement_acceptance=float(fractions[-1]),
            swap_acceptance={
                pair: float(fraction)
                for pair, fraction in zip(self.system.swap_pairs, fractions[:-1], strict=True)
            },
        )

    def _require_exchangeable(self, diameters: NDArray[np.float64]) -> None:
        """Raise a ValueError unless there are two diameters to exchange."""
        gaps = np.diff(np.sort(diameters))
        if self.swap_fraction > 0 and not (gaps <= self.system.swap_range).any():
            raise ValueError(
                f"no two of the {len(diameters)} diameters differ by {self.system.swap_range:g} or "
                "less, the swap range; widen it or set swap_fraction to 0"
            )
