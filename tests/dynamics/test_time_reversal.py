import numpy as np
import pytest

from vitreous.dynamics import displacement, reversed_replicas
from vitreous.liquid import KobAndersen2D


def test_the_way_back_is_as_long_as_the_way_there():
    rng = np.random.default_rng(0)
    start = KobAndersen2D().random_configuration(50, rng)
    steps = 0.3 * rng.normal(size=(3, 50, 2))
    ends = [start.with_positions(start.positions + step) for step in steps]
    replicas = reversed_replicas(start, ends, n_replicas=8)
    for replica, end, step in zip(replicas, ends, steps, strict=True):
        assert replica.configuration is end
        assert replica.weight == 1 / 8
        there = displacement(start.positions, start.positions + step)
        np.testing.assert_allclose(replica.labels, there, rtol=1e-12)


def test_steps_longer_than_half_the_box_go_to_the_nearest_image():
    start = KobAndersen2D().random_configuration(50, random_state=0)
    length = start.box.lengths[0]
    end = start.with_positions(start.positions + np.array([0.75 * length, 0.0]))
    (replica,) = reversed_replicas(start, [end], n_replicas=2)
    assert replica.labels == pytest.approx(np.full(50, 0.25 * length))
