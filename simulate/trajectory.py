"""Trajectories at constant volume and temperature from fresh Maxwell velocities."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from ..liquid import Configuration, System
from .embedded import EmbeddedEngine
from .engine import Snapshot
from .velocities import maxwell_velocities


def thermal_trajectory(
    system: System,
    configuration: Configuration,
    temperature: float,
    times: NDArray[np.float64],
    thermostat_time: float,
    seed: np.random.SeedSequence,
) -> Iterator[Snapshot]:
    """Run from `configuration` with velocities and thermostat that follow from one seed."""
    rng = np.random.default_rng(seed)
    velocities = maxwell_velocities(
        configuration.n_particles, configuration.dimensions, temperature, rng
    )
    return EmbeddedEngine(system).run(
        configuration,
        times=times,
        velocities=velocities,
        temperature=temperature,
        thermostat_time=thermostat_time,
        random_state=rng,
    )
