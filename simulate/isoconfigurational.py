"""Isoconfigurational ensembles: one structure, many sets of initial velocities."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from joblib import Parallel, delayed
from numpy.typing import ArrayLike, NDArray

from ..dynamics import (
    IsoconfigurationalAverage,
    IsoconfigurationalLabels,
    ParticleLabels,
)
from ..liquid import Configuration, System
from .engine import Engine
from .engines import EngineName, get_engine
from .trajectory import thermal_trajectory


def isoconfigurational_ensemble(
    system: System,
    configuration: Configuration,
    temperature: float,
    times: ArrayLike,
    *,
    n_replicas: int = 16,
    thermostat_time: float = 2.0,
    random_state: int = 0,
    engine: EngineName | Engine = "auto",
    n_jobs: int | None = None,
) -> IsoconfigurationalLabels:
    """Run replicas from one configuration and average their labels as they stream by.

    Every replica starts from the same positions with fresh Maxwell velocities and runs at constant
    volume and temperature. Labels are taken at each of the times and averaged over replicas at
    once; no trajectory is kept.

    Parameters
    ----------
    system : System
    configuration : Configuration
        Equilibrated at `temperature`.
    temperature : float
        In units of eps_AA / k_B.
    times : array_like, shape (T,)
        Rising positive times of the labels, rounded to the time step; `logarithmic_times` makes
        them.
    n_replicas : int
        At least 2.
    thermostat_time : float
        Relaxation time of the stochastic velocity rescaling (Bussi, Donadio and Parrinello,
        J. Chem. Phys. 126, 014101, 2007).
    random_state : int
        Seeds the velocities and the thermostat of all replicas; the labels do not depend on
        `n_jobs`. The velocities do not depend on the engine.
    engine : {"auto", "embedded", "hoomd"} or Engine
        What runs the replicas, as in `get_engine`.
    n_jobs : int, optional
        Number of replicas to run at the same time, as in joblib.

    Returns
    -------
    IsoconfigurationalLabels
        ``displacement`` (the displacement propensity), ``cage_relative_displacement``,
        ``bond_breaking`` (C_B) and with it ``broken_bonds``, ``overlap`` (within 0.3) and
        ``scattering`` (the self-intermediate scattering function at q = 7.0 of each particle).

    See Also
    --------
    isoconfigurational_trajectories : positions instead of labels.

    Examples
    --------
    >>> from vitreous.liquid import KobAndersen2D
    >>> from vitreous.simulate import isoconfigurational_ensemble, minimize
    >>> system = KobAndersen2D()
    >>> start = system.random_configuration(129, random_state=0)
    >>> start = minimize(system, start, force_tolerance=0.1).configuration
    >>> labels = isoconfigurational_ensemble(system, start, 0.4, [0.1, 1.0], n_replicas=4)
    >>> labels.matrix("displacement").shape
    (129, 2)
    """
    if n_replicas < 2:
        raise ValueError(f"an isoconfigurational ensemble needs 2 replicas, not {n_replicas}")
    times = np.asarray(times, dtype=np.float64)
    chosen = get_engine(system, engine, n_particles=configuration.n_particles)
    labels = ParticleLabels(system, configuration)
    replicas = Parallel(n_jobs=n_jobs, return_as="generator")(
        delayed(_replica_labels)(
            chosen, configuration, labels, temperature, times, thermostat_time, seed
        )
        for seed in np.random.SeedSequence(random_state).spawn(n_replicas)
    )
    average = IsoconfigurationalAverage(times)
    for replica in replicas:
        average.add(replica)
    return average.labels()


def isoconfigurational_trajectories(
    system: System,
    configuration: Configuration,
    temperature: float,
    times: ArrayLike,
    *,
    n_replicas: int = 16,
    thermostat_time: float = 2.0,
    random_state: int = 0,
    engine: EngineName | Engine = "auto",
    n_jobs: int | None = None,
) -> Iterator[NDArray[np.float64]]:
    """Run the replicas of `isoconfigurational_ensemble` and yield the positions of each.

    Parameters
    ----------
    system : System
    configuration : Configuration
    temperature : float
    times : array_like, shape (T,)
    n_replicas, thermostat_time, random_state, engine, n_jobs
        As in `isoconfigurational_ensemble`.

    Yields
    ------
    ndarray, shape (T, N, d), float64
        Positions of one replica at each time, not wrapped into the box.

    Examples
    --------
    >>> from vitreous.liquid import KobAndersen2D
    >>> from vitreous.simulate import isoconfigurational_trajectories, minimize
    >>> system = KobAndersen2D()
    >>> start = system.random_configuration(129, random_state=0)
    >>> start = minimize(system, start, force_tolerance=0.1).configuration
    >>> replicas = isoconfigurational_trajectories(system, start, 0.4, [0.1, 1.0], n_replicas=2)
    >>> [positions.shape for positions in replicas]
    [(2, 129, 2), (2, 129, 2)]
    """
    times = np.asarray(times, dtype=np.float64)
    chosen = get_engine(system, engine, n_particles=configuration.n_particles)
    return Parallel(n_jobs=n_jobs, return_as="generator")(
        delayed(_replica_positions)(
            chosen, configuration, temperature, times, thermostat_time, seed
        )
        for seed in np.random.SeedSequence(random_state).spawn(n_replicas)
    )


def _replica_labels(
    engine: Engine,
    configuration: Configuration,
    labels: ParticleLabels,
    temperature: float,
    times: NDArray[np.float64],
    thermostat_time: float,
    seed: np.random.SeedSequence,
) -> dict[str, NDArray[np.float64]]:
    trajectory = thermal_trajectory(
        engine, configuration, temperature, times, thermostat_time, seed
    )
    found = [labels(snapshot.positions) for snapshot in trajectory]
    return {name: np.stack([at[name] for at in found], axis=-1) for name in found[0]}


def _replica_positions(
    engine: Engine,
    configuration: Configuration,
    temperature: float,
    times: NDArray[np.float64],
    thermostat_time: float,
    seed: np.random.SeedSequence,
) -> NDArray[np.float64]:
    trajectory = thermal_trajectory(
        engine, configuration, temperature, times, thermostat_time, seed
    )
    return np.array([snapshot.positions for snapshot in trajectory])
