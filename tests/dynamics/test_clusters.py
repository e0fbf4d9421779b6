"""Clusters against a search by hand, and their dimension where it is known."""

import numpy as np
import pytest

from vitreous.dynamics import MobileClusters, mobile_clusters
from vitreous.liquid import Box, Configuration


def sizes_by_hand(configuration, mobile, distance):
    """Grow each cluster from its first particle."""
    left = set(np.flatnonzero(mobile).tolist())
    sizes = []
    while left:
        frontier, size = [left.pop()], 0
        while frontier:
            i = frontier.pop()
            size += 1
            vectors = configuration.box.minimum_image(
                configuration.positions - configuration.positions[i]
            )
            close = np.flatnonzero(np.linalg.norm(vectors, axis=1) < distance)
            found = left.intersection(close.tolist())
            left -= found
            frontier += found
        sizes.append(size)
    return sorted(sizes, reverse=True)


@pytest.mark.parametrize("dimensions", [2, 3])
def test_clusters_agree_with_a_search_by_hand(dimensions):
    rng = np.random.default_rng(0)
    box = Box.cube(20.0 if dimensions == 2 else 9.0, dimensions)
    positions = (rng.random((400, dimensions)) - 0.5) * box.lengths[0]
    liquid = Configuration(positions, np.zeros(400, int), box, ("A",))
    mobile = rng.random(400) < 0.4
    found = mobile_clusters(liquid, mobile, distance=1.3)
    assert found.sizes.tolist() == sizes_by_hand(liquid, mobile, 1.3)
    assert found.mean_size == pytest.approx((found.sizes**2).sum() / mobile.sum())


def test_radius_of_a_cluster_across_the_border():
    box = Box.cube(20.0, 2)
    positions = box.wrap([[9.5, 0.0], [10.5, 0.0], [9.5, 1.0], [10.5, 1.0]])
    liquid = Configuration(positions, np.zeros(4, int), box, ("A",))
    found = mobile_clusters(liquid, np.ones(4, bool))
    assert found.sizes.tolist() == [4]
    assert found.gyration_radii[0] == pytest.approx(np.sqrt(0.5), rel=1e-5)


@pytest.mark.parametrize(("dimensions", "expected"), [(1, 1.0), (2, 2.0), (3, 3.0)])
def test_dimension_of_rods_squares_and_cubes(dimensions, expected):
    sizes, radii = [], []
    for edge in range(8, 18):
        grid = np.stack(np.meshgrid(*(np.arange(edge),) * dimensions), axis=-1).reshape(
            -1, dimensions
        )
        sizes.append(len(grid))
        radii.append(np.sqrt(((grid - grid.mean(axis=0)) ** 2).sum(axis=1).mean()))
    found, error = MobileClusters(np.array(sizes), np.array(radii)).fractal_dimension()
    assert found == pytest.approx(expected, abs=0.07)
    assert error < 0.05


def test_nothing_mobile_makes_no_clusters():
    liquid = Configuration([[0.0, 0.0]], [0], Box.cube(9.0, 2), ("A",))
    found = mobile_clusters(liquid, np.array([False]))
    assert len(found.sizes) == 0
    assert np.isnan(found.mean_size)
    with pytest.raises(ValueError, match="0 clusters of 5 or more particles"):
        found.fractal_dimension()
    with pytest.raises(ValueError, match="float64 of shape"):
        mobile_clusters(liquid, np.array([0.3]))


def test_together_keeps_all_clusters():
    part = MobileClusters(np.array([3, 1]), np.array([1.0, 0.0]))
    both = MobileClusters.together([part, part])
    assert both.sizes.tolist() == [3, 1, 3, 1]
    assert both.gyration_radii.tolist() == [1.0, 0.0, 1.0, 0.0]
