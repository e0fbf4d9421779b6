"""The path from rest against its time reversal, and in larger boxes."""

import numpy as np
import pytest

from vitreous.simulate import EmbeddedEngine, PathFromRest, minimize, path_from_rest


def test_is_a_run_without_velocities_and_does_not_depend_on_the_box(liquid, repeated):
    system, configuration = liquid
    times = [0.1, 0.5]
    path = path_from_rest(system, configuration, times)
    run = EmbeddedEngine(system).run(configuration, times=times, velocities=0 * path[0])
    expected = [snapshot.positions - configuration.positions for snapshot in run]
    np.testing.assert_array_equal(path, expected)
    copies = 2**system.dimensions
    again = path_from_rest(system, repeated(configuration), times)
    np.testing.assert_allclose(again, np.tile(path, (1, copies, 1)), rtol=0, atol=1e-10)


def test_energy_becomes_kinetic_and_the_way_back_leads_home(liquid):
    system, configuration = liquid
    (end,) = EmbeddedEngine(system).run(
        configuration, times=[0.5], velocities=np.zeros_like(configuration.positions)
    )
    start = system.potential_energy(configuration)
    assert end.kinetic_energy > 0.05 * configuration.n_particles
    assert end.kinetic_energy + end.potential_energy == pytest.approx(
        start, abs=0.02 * len(end.positions)
    )
    (home,) = EmbeddedEngine(system).run(
        configuration.with_positions(end.positions), times=[0.5], velocities=-end.velocities
    )
    distance = configuration.box.minimum_image(home.positions - configuration.positions)
    np.testing.assert_allclose(distance, 0, atol=1e-8)


def test_the_state_is_the_end_of_the_path(liquid, tmp_path):
    system, configuration = liquid
    state = PathFromRest(system, [0.1, 0.5], memory=str(tmp_path))
    (path,) = state.paths([configuration])
    (end,) = state.fit_transform([configuration])
    moved = configuration.with_positions(configuration.positions + path[-1])
    np.testing.assert_array_equal(end.positions, moved.positions)
    rest = minimize(system, configuration).configuration
    assert abs(path_from_rest(system, rest, [0.5])).max() < 1e-4
    with pytest.raises(ValueError, match="must increase"):
        path_from_rest(system, configuration, [0.5, 0.5])
