"""Isoconfigurational ensembles: one structure, many sets of initial velocities."""

from __future__ import annotations

import numpy as np
from joblib import Parallel, delayed
from numpy.typing import ArrayLike, NDArray

from ..dynamics import (
    BondBreaking,
    IsoconfigurationalAverage,
    IsoconfigurationalLabels,
    displacement,
    self_intermediate_scattering,
)
from ..liquid import Configuration, System
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
        Rising positive times of the labels, rounded to the time step.
    n_replicas : int
        At least 2.
    thermostat_time : float
        Relaxation time of the stochastic velocity rescaling (Bussi, Donadio and Parrinello,
        J. Chem. Phys. 126, 014101, 2007).
    random_state : int
        Seeds the velocities and the thermostat of all replicas; the labels do not depend on
        `n_jobs`.
    n_jobs : int, optional
        Number of replicas to run at the same time, as in joblib.

    Returns
    -------
    IsoconfigurationalLabels
        ``displacement`` (the displacement propensity), ``bond_breaking`` (C_B) and ``scattering``
        (the self-intermediate scattering function at q = 7.0 of each particle).

    Examples
    --------
    >>> from vitreous.liquid import KobAndersen2D
    >>> from vitreous.simulate import isoconfigurational_ensemble, minimize
    >>> system = KobAndersen2D()
    >>> start = system.random_configuration(129, random_state=0)
    >>> start = minimize(system, start, force_tolerance=0.1).configuration
    >>> labels = isoconfigurational_ensemble(system, start, 0.4, [0.1, 1.0], n_replicas=4)
    >>> labels.mean("displacement").shape
    (2, 129)
    """
    if n_replicas < 2:
        raise ValueError(f"an isoconfigurational ensemble needs 2 replicas, not {n_replicas}")
    times = np.asarray(times, dtype=np.float64)
    replicas = Parallel(n_jobs=n_jobs, return_as="generator")(
        delayed(_replica_labels)(system, configuration, temperature, times, thermostat_time, seed)
        for seed in np.random.SeedSequence(random_state).spawn(n_replicas)
    )
    average = IsoconfigurationalAverage(times)
    for replica in replicas:
        average.add(replica)
    return average.labels()


def _replica_labels(
    system: System,
    configuration: Configuration,
    temperature: float,
    times: NDArray[np.float64],
    thermostat_time: float,
    seed: np.random.SeedSequence,
) -> dict[str, NDArray[np.float64]]:
    trajectory = thermal_trajectory(
        system, configuration, temperature, times, thermostat_time, seed
    )
    initial = configuration.positions
    bond_breaking = BondBreaking(system, configuration)
    labels = [
        (
            displacement(initial, snapshot.positions),
            bond_breaking(snapshot.positions),
            self_intermediate_scattering(initial, snapshot.positions),
        )
        for snapshot in trajectory
    ]
    names = ("displacement", "bond_breaking", "scattering")
    return dict(zip(names, np.stack(labels, axis=1), strict=True))
