"""Swap Monte Carlo."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from ..compiled.generators import addresses_of
from ..compiled.slices import slices
from ..compiled.vectors import LANES
from ..liquid import Configuration, PolydispersePotential, System
from ._exchange_kernels import Costs, run_exchanges
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

# Exchanges by cost in one call, some tenths of a second: a number and not a time, since
# each call finds the costs anew, which rounds them differently.
_EXCHANGES_IN_A_CALL = 20_000

# Sweeps after which exchanges drawn by their costs are made, many at once: to find all costs takes
# about as long as a sweep.
_SWEEPS_BETWEEN = 20

# Share of the moves that are exchanges, where they are drawn evenly and where by their costs.
_SWAP_FRACTIONS = {"even": 0.2, "by cost": 0.05}

Draw = Literal["even", "by cost"]
"""How the particles of an exchange are drawn."""


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
    two types and exchanges their types. Both fulfil detailed balance for the canonical distribution
    at fixed numbers of particles of each type. Exchanges let mixtures equilibrate far below the
    temperatures that molecular dynamics can reach [1]_.

    Particles of an exchange are drawn evenly, or by what it costs. The former are accepted once in
    hundreds or thousands of times at low temperatures. For the latter each particle has the weight
    exp(-cost / 2T), with the cost of changing its type alone; the acceptance makes up for what
    changes in the weights [2]_. One in two to ten is accepted, so that few are needed.

    Parameters
    ----------
    system : System
    swap_pairs : sequence of (int, int), optional
        Pairs of types that are exchanged; those of the system by default. With no such pairs all
        moves are displacements.
    swap_fraction : float, optional
        Fraction of attempted moves that are exchanges; 0.2 by default where they are drawn evenly,
        0.05 where by cost.
    displacement : float
        Standard deviation of each component of a displacement, in units of sigma_AA. Steps longer
        than half the skin are drawn but not attempted.
    skin : float
        Width by which neighbour lists reach beyond the cutoff.
    draw : {"even", "by cost"}
        How the particles of an exchange are drawn. Those drawn by cost come every 20 sweeps, many
        at once. Continuous diameters are drawn evenly only.

    Raises
    ------
    ValueError
        If the fraction lies outside [0, 1], the displacement or the skin is not positive, or a pair
        does not name two types.

    References
    ----------
    .. [1] A. Ninarello, L. Berthier and D. Coslovich, Phys. Rev. X 7, 021039 (2017).
    .. [2] G. Zanella, J. Am. Stat. Assoc. 115, 852 (2020), for proposals of this kind.

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
        swap_fraction: float | None = None,
        displacement: float = 0.05,
        skin: float = 0.6,
        draw: Draw = "even",
    ) -> None:
        if draw not in _SWAP_FRACTIONS:
            raise ValueError(f"draw must be 'even' or 'by cost', not {draw!r}")
        if draw == "by cost" and best_draw(system) == "even":
            raise ValueError("exchanges of continuous diameters are drawn evenly only")
        self.system = system
        self.draw: Draw = draw
        self.swap_pairs = system.swap_pairs if swap_pairs is None else _valid(swap_pairs, system)
        self.swap_fraction = float(
            _SWAP_FRACTIONS[draw] if swap_fraction is None else swap_fraction
        )
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
            f"skin={self.skin:g}, draw={self.draw!r})"
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
        mixture = Mixture(table, mixing, has_root, pairs, self.system.swap_range, kinds)
        sweeps = np.append(np.arange(record_every, n_sweeps, record_every), n_sweeps)
        attempted, accepted = np.zeros((2, len(pairs) + 1), dtype=np.int64)
        records = Records(np.empty(len(sweeps)), attempted, accepted)
        evenly = self.draw == "even"
        settings = float(temperature), self.swap_fraction if evenly else 0.0, self.displacement
        generator = np.random.default_rng(random_state)
        random = addresses_of(generator)
        liquid = pack_one_type(self.system, configuration, self.skin)
        slots, lists = pack(liquid, configuration)
        course = start_of_run(configuration.n_particles, len(self.system.species))
        slots, lists, vicinity = surveyed(slots, liquid, lists, mixture, course)
        for begin, last, n_exchanges in self._stretches(n_sweeps, configuration.n_particles):
            for first, stop in slices(last - n_exchanges - begin, _SECONDS_PER_MOVE):
                move = begin + first
                while move < begin + stop:
                    move = run_moves(
                        slots,
                        liquid,
                        lists,
                        mixture,
                        vicinity,
                        course,
                        self.skin,
                        settings,
                        move,
                        begin + stop,
                        n_sweeps,
                        record_every,
                        random,
                        records,
                    )
                    if move < begin + stop:
                        slots, lists = with_room(slots, lists)
                        vicinity = _vicinity(kinds, slots, lists)
            if n_exchanges:
                costs = _costs(vicinity, len(self.system.species), len(pairs))
                for first in range(0, n_exchanges, _EXCHANGES_IN_A_CALL):
                    run_exchanges(
                        slots,
                        liquid,
                        lists,
                        mixture,
                        vicinity,
                        course,
                        costs,
                        float(temperature),
                        min(_EXCHANGES_IN_A_CALL, n_exchanges - first),
                        random,
                        records,
                    )
                moves = sweeps * configuration.n_particles
                records.energies[(moves > last - n_exchanges) & (moves <= last)] = course.energy[0]
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

    def _stretches(self, n_sweeps: int, n_particles: int) -> Iterator[tuple[int, int, int]]:
        """Begin and end of stretches of moves, and how many exchanges by cost are their last."""
        n_moves = n_sweeps * n_particles
        if self.draw == "even" or not self.swap_pairs:
            yield 0, n_moves, 0
            return
        length = _SWEEPS_BETWEEN * n_particles
        for begin in range(0, n_moves, length):
            end = min(begin + length, n_moves)
            yield begin, end, round(self.swap_fraction * (end - begin))

    def _with(self, displacement: float) -> SwapMonteCarlo:
        return SwapMonteCarlo(
            self.system,
            swap_pairs=self.swap_pairs,
            swap_fraction=self.swap_fraction,
            displacement=displacement,
            skin=self.skin,
            draw=self.draw,
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


def best_draw(system: System) -> Draw:
    """By cost, which equilibrates sooner, unless diameters are continuous."""
    return "even" if isinstance(system.potential, PolydispersePotential) else "by cost"


def _costs(vicinity: Vicinity, n_types: int, n_pairs: int) -> Costs:
    """Set aside room for what exchanges cost."""
    n_particles = len(vicinity.starts) - 1
    most_changed = 2 * int(np.diff(vicinity.starts).max())
    n_leaves = 1 << (n_particles - 1).bit_length()
    return Costs(
        energies=np.empty((n_particles, n_types)),
        before=np.empty((most_changed, n_types)),
        changed=np.empty(most_changed, np.int64),
        shifts=np.empty((n_pairs, 2)),
        trees=np.empty((n_pairs, 2, 2 * n_leaves)),
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
