"""Measuring how long an equilibrated liquid remembers its structure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..dynamics import (
    BondBreaking,
    relaxation_time,
    self_intermediate_scattering,
    standard_error,
)
from ..liquid import Configuration, System
from .engine import Engine
from .engines import EngineName, get_engine
from .trajectory import thermal_trajectory

# Between successive times of the grid.
_RATIO = 1.25


@dataclass(frozen=True, eq=False)
class Relaxation:
    """Structural relaxation, averaged over configurations.

    Attributes
    ----------
    times : ndarray, shape (T,)
        Logarithmic grid, in reduced units.
    scattering : ndarray, shape (T,)
        Self-intermediate scattering function F_s(q = 7.0, t).
    bond_breaking : ndarray, shape (T,)
        Bond-breaking correlation C_B(t).
    alpha_relaxation_time : float
        tau_alpha, where F_s falls to 1/e; NaN if it stays above within these times.
    bond_breaking_time : float
        tau_B, where C_B falls to the level asked for.
    bond_breaking_time_standard_error : float
        The scatter of C_B over configurations there, divided by the slope.

    Examples
    --------
    >>> from vitreous.datasets import load_ka2d
    >>> from vitreous.liquid import KobAndersen2D
    >>> from vitreous.simulate import measure_relaxation
    >>> liquids = load_ka2d().configurations[:2]
    >>> found = measure_relaxation(KobAndersen2D(), liquids, 0.5, level=0.98, longest_time=50.0)
    >>> bool(found.bond_breaking[-1] <= 0.98 < found.bond_breaking[-2])
    True
    """

    times: NDArray[np.float64]
    scattering: NDArray[np.float64]
    bond_breaking: NDArray[np.float64]
    alpha_relaxation_time: float
    bond_breaking_time: float
    bond_breaking_time_standard_error: float


def measure_relaxation(
    system: System,
    configurations: Sequence[Configuration],
    temperature: float,
    *,
    level: float,
    longest_time: float,
    thermostat_time: float = 2.0,
    random_state: int = 0,
    engine: EngineName | Engine = "auto",
) -> Relaxation:
    """Run one trajectory from each configuration until the average C_B has fallen to a level.

    In two dimensions F_s falls early, because long sound waves displace whole neighbourhoods;
    bonds break only when the structure relaxes.

    Parameters
    ----------
    system : System
    configurations : sequence of Configuration
        Equilibrated at `temperature`, independent of each other; at least two.
    temperature : float
        In units of eps_AA / k_B.
    level : float
        Average C_B, between 0 and 1, that defines the bond-breaking time.
    longest_time : float
        When to give up.
    thermostat_time : float
        As in `isoconfigurational_ensemble`.
    random_state : int
        Seeds the velocities and the thermostats.
    engine : {"auto", "embedded", "hoomd"} or Engine
        What runs the trajectories, as in `get_engine`.

    Returns
    -------
    Relaxation

    Raises
    ------
    ValueError
        If C_B does not fall to the level within the longest time, or has fallen to it by the first
        time of the grid, ten time steps.

    Examples
    --------
    >>> from vitreous.datasets import load_ka2d
    >>> from vitreous.liquid import KobAndersen2D
    >>> from vitreous.simulate import measure_relaxation
    >>> liquids = load_ka2d().configurations[:2]
    >>> found = measure_relaxation(KobAndersen2D(), liquids, 0.5, level=0.98, longest_time=50.0)
    >>> bool(found.times[-2] < found.bond_breaking_time <= found.times[-1])
    True
    """
    if len(configurations) < 2:
        raise ValueError(f"an error needs at least 2 configurations, not {len(configurations)}")
    if not 0 < level < 1:
        raise ValueError(f"the level of C_B must lie between 0 and 1, not {level}")
    chosen = get_engine(system, engine, n_particles=configurations[0].n_particles)
    step = chosen.time_step
    if not 10 * step < longest_time < np.inf:
        raise ValueError(
            f"the longest time must be finite and above ten time steps, {10 * step:g}, "
            f"not {longest_time}"
        )
    n_times = int(np.log(longest_time / (10 * step)) / np.log(_RATIO)) + 1
    times = np.unique(np.rint(10 * _RATIO ** np.arange(n_times))) * step
    seeds = np.random.SeedSequence(random_state).spawn(len(configurations))
    trajectories = [
        thermal_trajectory(chosen, configuration, temperature, times, thermostat_time, seed)
        for configuration, seed in zip(configurations, seeds, strict=True)
    ]
    bonds = [BondBreaking(system, configuration) for configuration in configurations]
    scattering, breaking = [], []
    for frames in zip(*trajectories, strict=True):
        positions = [frame.positions for frame in frames]
        scattering.append(
            np.mean(
                [
                    self_intermediate_scattering(start.positions, moved)
                    for start, moved in zip(configurations, positions, strict=True)
                ]
            )
        )
        breaking.append([bond(moved).mean() for bond, moved in zip(bonds, positions, strict=True)])
        if np.mean(breaking[-1]) <= level:
            break
    if np.mean(breaking[0]) <= level:
        raise ValueError(
            f"C_B of {system.name} at T = {temperature:g} has fallen to {np.mean(breaking[0]):.3f} "
            f"by the first time, t = {times[0]:g}; choose a level below it"
        )
    times = times[: len(breaking)]
    mean = np.mean(breaking, axis=1)
    bond_breaking_time = relaxation_time(times, mean, level)
    if np.isnan(bond_breaking_time):
        raise ValueError(
            f"{system.name} at T = {temperature:g} does not relax within t = {longest_time:g}: "
            f"C_B is still {mean[-1]:.3f}; allow a longer time or choose a higher temperature"
        )
    slope = (mean[-1] - mean[-2]) / np.log(times[-1] / times[-2])
    error = standard_error(breaking[-1])
    return Relaxation(
        times,
        np.array(scattering),
        mean,
        relaxation_time(times, scattering),
        bond_breaking_time,
        float(bond_breaking_time * error / abs(slope)),
    )
