"""Small liquids, equilibrated once."""

import pytest

from vitreous.liquid import Configuration, KobAndersen, KobAndersen2D, System
from vitreous.simulate import EmbeddedEngine, maxwell_velocities, minimize


def hot_liquid(system: System, n_particles: int, temperature: float, seed: int) -> Configuration:
    start = system.random_configuration(n_particles, random_state=seed)
    start = minimize(system, start, force_tolerance=0.1).configuration
    velocities = maxwell_velocities(n_particles, system.dimensions, temperature, seed)
    (snapshot,) = EmbeddedEngine(system, time_step=0.004).run(
        start, times=[8], velocities=velocities, temperature=temperature, random_state=seed
    )
    return start.with_positions(snapshot.positions)


@pytest.fixture(scope="session")
def liquid_2d() -> tuple[System, Configuration]:
    """KA2D at T = 1 in a box of little more than two cutoffs."""
    system = KobAndersen2D()
    return system, hot_liquid(system, 43, 1.0, seed=1)


@pytest.fixture(scope="session")
def liquid_3d() -> tuple[System, Configuration]:
    """KA at T = 1 in a box of little more than two cutoffs."""
    system = KobAndersen()
    return system, hot_liquid(system, 160, 1.0, seed=2)


@pytest.fixture(params=["2D", "3D"])
def liquid(request) -> tuple[System, Configuration]:
    return request.getfixturevalue("liquid_2d" if request.param == "2D" else "liquid_3d")
