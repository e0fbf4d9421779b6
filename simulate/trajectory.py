"""Trajectories at constant volume and temperature from fresh Maxwell velocities."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from ..liquid import Configuration
from .engine import Engine, Snapshot
from .velocities import maxwell_velocities


def thermal_trajectory(
    engine: Engine,
    configuration: Configuration,
    temperature: float,
    times: NDArray[np.float64],
    thermostat_time: float,
    seed: np.random.SeedSequence,
) -> Iterator[Snapshot]:
    """Run from `configuration` with velocities and thermostat that follow from one seed.

    The velocities are the same whatever the engine.
    """
    rng = np.random.default_rng(seed)
    velocities = maxwell_velocities(
        configuration.n_particles, configuration.dimensions, temperature, rng
    )
    return engine.run(
        configuration,
        times=times,
        velocities=velocities,
        temperature=temperature,
        thermostat_time=thermostat_time,
        random_state=rng,
    )
