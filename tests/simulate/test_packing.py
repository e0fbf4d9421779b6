"""What no engine, sampler or minimiser can treat."""

import numpy as np
import pytest

from vitreous.simulate import EmbeddedEngine, SwapMonteCarlo, cage_average, minimize

WAYS = {
    "minimiser": minimize,
    "cage": lambda system, start: cage_average(system, start, 0.5),
    "Monte Carlo": lambda system, start: SwapMonteCarlo(system).run(start, 0.5, 1),
    "dynamics": lambda system, start: EmbeddedEngine(system).run(
        start, times=[0.1], velocities=np.zeros_like(start.positions)
    ),
}


@pytest.mark.parametrize("way", WAYS)
def test_two_particles_at_one_point_are_refused(liquid, way):
    """Their energy is infinite, and their force has no direction."""
    system, configuration = liquid
    positions = configuration.positions.copy()
    positions[-1] = positions[3]
    twice = configuration.with_positions(positions)
    message = f"particles 3 and {configuration.n_particles - 1} lie at one point"
    with pytest.raises(ValueError, match=message):
        WAYS[way](system, twice)
    with pytest.raises(ValueError, match=message):
        system.potential_energy(twice)
