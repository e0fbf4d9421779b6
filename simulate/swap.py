"""Swap Monte Carlo."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..compiled.generators import addresses_of
from ..compiled.slices import slices
from ..compiled.vectors import LANES
from ..liquid import Configuration, System
from ._list_kernels import Liquid, Lists, Slots
from ._packing import (
    pack,
    pack_one_type,
    pack_potential,
    require_simulable,
    unwrapped_positions,
    with_room,
)
from ._swap_kernels import Course, Mixture, Records, Vicinity, run_moves, survey

# Sweeps of a burn-in between two changes of the step.
_ROUND = 10

# More than an attempted move takes.
_SECONDS_PER_MOVE = 2e-6


@dataclass(frozen=True, eq=False)
class SwapResult:
    """Outcome of a run of swap Monte Carlo.

    Attributes
    ----------
    configuration : Configuration
        At the end of the run, particles in their original order; the types of the particles have
        changed, but not the number of particles of each type.
    sweeps : ndarray, shape (R,), int64
        Sweeps after which the energy was recorded.
    energies : ndarray, shape (R,), float64
        Potential energy per particle, in units of eps_AA.
    displacement_acceptance : float
        Accepted fraction of the displacements; NaN if none was attempted.
    swap_acceptance : dict of (int, int) to float
        Accepted fraction of the exchanges of each pair of types; NaN if none was attempted.

    Examples
    --------
    >>> from vitreous.liquid import KobAndersen2D
    >>> from vitreous.simulate import SwapMonteCarlo, minimize
    >>> system = KobAndersen2D()
    >>> start = minimize(system, system.random_configuration(43, random_state=1)).configuration
    >>> result = SwapMonteCarlo(system).run(start, 0.5, n_sweeps=20, random_state=1)
    >>> energy = system.potential_energy(result.configuration) / 43
    >>> bool(np.isclose(result.energies[-1], energy)), sorted(result.swap_acceptance)
    (True, [(0, 2), (1, 2)])
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
    swap_pairs : sequence of (int, int), optional
        Pairs of types that are exchanged; those of the system by default. With no such pairs all
        moves are displacements.
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
        If the fraction lies outside [0, 1], the displacement or the skin is not positive, or a pair
        does not name two types.

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
        swap_pairs: Sequence[tuple[int, int]] | None = None,
        swap_fraction: float = 0.2,
        displacement: float = 0.05,
        skin: float = 0.6,
    ) -> None:
        self.system = system
        self.swap_pairs = system.swap_pairs if swap_pairs is None else _valid(swap_pairs, system)
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
            f"SwapMonteCarlo({self.system!r}, swap_pairs={self.swap_pairs}, "
            f"swap_fraction={self.swap_fraction:g}, displacement={self.displacement:g}, "
            f"skin={self.skin:g})"
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
            If a number is out of range, or the box is not periodic or shorter than two cutoffs.
        """
        require_simulable(self.system, configuration)
        if not 0 < temperature < np.inf:
            raise ValueError(f"the temperature must be positive and finite, not {temperature}")
        require_positive(n_sweeps=n_sweeps, record_every=record_every)
        pairs = np.array(self.swap_pairs, dtype=np.int64).reshape(-1, 2)
        table, mixing = pack_potential(self.system.potential)
        kinds = np.array(self.system.kinds(configuration))
        if mixing is not None:
            self._require_exchangeable(kinds)
        has_root = int(mixing is None and isinstance(table, np.ndarray) and table[..., 4].any())
        mixture = Mixture(table, mixing, has_root, pairs, self.system.swap_range, kinds, self.system.largest_cutoff(configuration) ** 2)
        sweeps = np.append(np.arange(record_every, n_sweeps, record_every), n_sweeps)
        attempted, accepted = np.zeros((2, len(pairs) + 1), dtype=np.int64)
        records = Records(np.empty(len(sweeps)), attempted, accepted)
        settings = float(temperature), self.swap_fraction, self.displacement
        generator = np.random.default_rng(random_state)
        random = addresses_of(generator)
        liquid = pack_one_type(self.system, configuration, self.skin)
        slots, lists = pack(liquid, configuration)
        course = start_of_run(configuration.n_particles, len(self.system.species))
        slots, lists, vicinity = surveyed(slots, liquid, lists, mixture, course)
        for first, stop in slices(n_sweeps * configuration.n_particles, _SECONDS_PER_MOVE):
            while first < stop:
                first = run_moves(
                    slots,
                    liquid,
                    lists,
                    mixture,
                    vicinity,
                    course,
                    self.skin,
                    settings,
                    first,
                    stop,
                    n_sweeps,
                    record_every,
                    random,
                    records,
                )
                if first < stop:
                    slots, lists = with_room(slots, lists)
                    vicinity = _vicinity(kinds, slots, lists)
        exchanged = configuration.with_types if mixing is None else configuration.with_diameters
        end = exchanged(kinds)
        fractions = accepted / np.where(attempted > 0, attempted, np.nan)
        return SwapResult(
            configuration=end.with_positions(unwrapped_positions(slots, liquid)).with_temperature(
                temperature
            ),
            sweeps=sweeps,
            energies=records.energies / configuration.n_particles,
            displacement_acceptance=float(fractions[-1]),
            swap_acceptance={
                pair: float(fraction)
                for pair, fraction in zip(self.swap_pairs, fractions[:-1], strict=True)
            },
        )

    def tune(
        self,
        configuration: Configuration,
        temperature: float,
        *,
        target_acceptance: float = 0.4,
        n_sweeps: int = 500,
        random_state: int | np.random.Generator | None = None,
    ) -> tuple[SwapMonteCarlo, Configuration]:
        """Find the displacement at which a fraction of the displacements is accepted.

        A step that follows the acceptance breaks detailed balance, and so it changes in this
        burn-in only: every ten sweeps its logarithm changes by c (a - a_target), where a is the
        acceptance of these ten sweeps and c falls as 1 / sqrt(k) after k such changes. The sampler
        that is returned keeps the average step of the second half, and does not change it again.

        Parameters
        ----------
        configuration : Configuration
            Start of the burn-in.
        temperature : float
            In units of eps_AA / k_B.
        target_acceptance : float
        n_sweeps : int
            Length of the burn-in, at least 20.
        random_state : int, numpy Generator or None

        Returns
        -------
        sampler : SwapMonteCarlo
            Like this one, with the displacement that was found.
        configuration : Configuration
            At the end of the burn-in.

        Raises
        ------
        ValueError
            If the target lies outside (0, 1), the burn-in is too short or there are no
            displacements.
        """
        if not 0 < target_acceptance < 1:
            raise ValueError(
                f"the target acceptance must lie between 0 and 1, not {target_acceptance}"
            )
        if n_sweeps < 2 * _ROUND:
            raise ValueError(f"a burn-in takes at least {2 * _ROUND} sweeps, not {n_sweeps}")
        if self.swap_fraction == 1 and self.swap_pairs:
            raise ValueError("with swap_fraction = 1 there are no displacements to tune")
        rng = np.random.default_rng(random_state)
        n_rounds = n_sweeps // _ROUND
        # A step of half the skin is longer than any that is attempted with it.
        longest = np.log(self.skin / 2)
        width, found = np.log(self.displacement), []
        for number in range(1, n_rounds + 1):
            result = self._with(np.exp(width)).run(configuration, temperature, _ROUND, rng, _ROUND)
            configuration = result.configuration
            excess = result.displacement_acceptance - target_acceptance
            width = min(width + 3 * excess / np.sqrt(number), longest)
            found.append(width)
        return self._with(np.exp(np.mean(found[n_rounds // 2 :]))), configuration

    def _with(self, displacement: float) -> SwapMonteCarlo:
        return SwapMonteCarlo(
            self.system,
            swap_pairs=self.swap_pairs,
            swap_fraction=self.swap_fraction,
            displacement=displacement,
            skin=self.skin,
        )

    def _require_exchangeable(self, diameters: NDArray[np.float64]) -> None:
        """Raise a ValueError unless there are two diameters to exchange."""
        gaps = np.diff(np.sort(diameters))
        if self.swap_fraction > 0 and not (gaps <= self.system.swap_range).any():
            raise ValueError(
                f"no two of the {len(diameters)} diameters differ by {self.system.swap_range:g} or "
                "less, the swap range; widen it or set swap_fraction to 0"
            )


def surveyed(
    slots: Slots, liquid: Liquid, lists: Lists, mixture: Mixture, course: Course
) -> tuple[Slots, Lists, Vicinity]:
    """Find the vicinity of each particle, in longer arrays where they are too short."""
    vicinity = _vicinity(mixture.kinds, slots, lists)
    while not survey(slots, liquid, lists, mixture, vicinity, course):
        slots, lists = with_room(slots, lists)
        vicinity = _vicinity(mixture.kinds, slots, lists)
    return slots, lists, vicinity


def _vicinity(kinds: NDArray, slots: Slots, lists: Lists) -> Vicinity:
    """Set aside room for what a survey finds; fillers have a kind that is one."""
    n_particles = len(kinds)
    return Vicinity(
        kinds=np.full(len(slots.positions), kinds[0]),
        neighbors=np.empty(len(lists.neighbors) + LANES * n_particles, np.uint32),
        starts=np.empty(n_particles + 1, np.int64),
        ghosts=np.empty(len(lists.parents), np.int64),
        ghost_starts=np.empty(n_particles + 1, np.int64),
    )


def start_of_run(n_particles: int, n_types: int) -> Course:
    """Set aside room for the course of a run, which a survey fills."""
    return Course(
        members=np.empty(n_particles, np.int64),
        first_member=np.empty(n_types + 1, np.int64),
        energy=np.empty(1),
        step=np.zeros(3),
        moving=np.full(1, -1),
    )


def require_positive(**numbers: int) -> None:
    """Raise a ValueError unless each of the named numbers is 1 or more."""
    for name, number in numbers.items():
        if number < 1:
            raise ValueError(f"{name} must be 1 or more, not {number}")


def _valid(pairs: Sequence[tuple[int, int]], system: System) -> tuple[tuple[int, int], ...]:
    """Check pairs of types; systems of one type exchange diameters, and have none to choose."""
    chosen = tuple((int(a), int(b)) for a, b in pairs)
    for pair in chosen:
        if pair not in system.swap_pairs and not (
            pair[0] != pair[1] and set(pair) <= set(range(len(system.species)))
        ):
            raise ValueError(
                f"swap pair {pair} must name two of the {len(system.species)} types of "
                f"{system.name}"
            )
    return chosen
