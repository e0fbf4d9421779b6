"""Lists that grow in the middle of a run, at any step or move, change no result."""

from unittest.mock import patch

import numpy as np
import pytest

from vitreous.liquid import get_system
from vitreous.simulate import (
    EmbeddedEngine,
    SwapMonteCarlo,
    _packing,
    maxwell_velocities,
    minimize,
)
from vitreous.simulate._list_kernels import GHOSTS, NEIGHBORS

MODULES = ("embedded", "minimize", "swap", "cage")


def lengthened(array, size):
    longer = np.zeros((size, *array.shape[1:]), array.dtype)
    longer[: len(array)] = array[:size]
    return longer


class Cramped:
    """Arrays with room for hardly more than is needed; counts how often they grew."""

    def __init__(self):
        self.n_ghosts_grew = self.n_neighbors_grew = 0

    def resized(self, slots, lists, n_ghosts, n_neighbors):
        slots = slots._replace(
            positions=lengthened(slots.positions, len(slots.identity) + 1 + n_ghosts)
        )
        lists = lists._replace(
            parents=lengthened(lists.parents, n_ghosts),
            shifts=lengthened(lists.shifts, n_ghosts),
            neighbors=lengthened(lists.neighbors, n_neighbors),
            scales=None if lists.scales is None else lengthened(lists.scales, n_neighbors),
        )
        return slots, lists

    def pack(self, *arguments):
        return self.resized(*original_pack(*arguments), 1, 8)

    def with_room(self, slots, lists):
        n_ghosts, n_neighbors = len(lists.parents), len(lists.neighbors)
        if lists.lacking[0] == GHOSTS:
            self.n_ghosts_grew += 1
            n_ghosts += 1
        if lists.lacking[0] == NEIGHBORS:
            self.n_neighbors_grew += 1
            n_neighbors += 8
        return self.resized(slots, lists, n_ghosts, n_neighbors)


original_pack = _packing.pack


def in_little_room(run):
    """Results with the usual room and with little, which must have grown after the start."""
    usual = run()
    cramped = Cramped()
    patches = [patch.object(_packing, "with_room", cramped.with_room)]
    for module in MODULES:
        patches.append(patch(f"vitreous.simulate.{module}.pack", cramped.pack))
        if module != "cage":
            patches.append(patch(f"vitreous.simulate.{module}.with_room", cramped.with_room))
    for each in patches:
        each.start()
    try:
        grown = run()
    finally:
        for each in patches:
            each.stop()
    assert cramped.n_ghosts_grew > 10
    assert cramped.n_neighbors_grew > 10
    assert len(usual) == len(grown)
    for one, other in zip(usual, grown, strict=True):
        assert np.asarray(one).tobytes() == np.asarray(other).tobytes()


@pytest.fixture(scope="module", params=["KA2D", "PSS2D"])
def liquid(request):
    system = get_system(request.param)
    start = system.random_configuration(120, 1)
    return system, minimize(system, start, force_tolerance=0.1).configuration


def test_dynamics(liquid):
    system, start = liquid
    velocities = maxwell_velocities(start.n_particles, 2, 1.5, 2)

    def run():
        snapshots = EmbeddedEngine(system).run(
            start, times=[2.0, 6.0], velocities=velocities, temperature=1.5, random_state=3
        )
        return [array for s in snapshots for array in (s.positions, s.velocities)]

    in_little_room(run)


def test_minimizer(liquid):
    system, _ = liquid
    start = system.random_configuration(120, 5)

    def run():
        result = minimize(system, start, force_tolerance=1e-3)
        return [result.configuration.positions, result.energy, result.steps]

    in_little_room(run)


def test_swap_monte_carlo(liquid):
    system, start = liquid

    def run():
        result = SwapMonteCarlo(system).run(start, 1.5, 60, random_state=4)
        return [result.configuration.positions, result.configuration.types, result.energies]

    in_little_room(run)
