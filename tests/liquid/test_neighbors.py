import re

import freud
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vitreous.liquid import Box, Configuration, neighbor_list


def brute_force(configuration, cutoff):
    """Every pair, tested against every nearby image."""
    box = configuration.box
    shifts = np.stack(np.meshgrid(*[(-1, 0, 1)] * box.dimensions), -1).reshape(-1, box.dimensions)
    found = []
    for i in range(configuration.n_particles):
        for j in range(configuration.n_particles):
            if i == j:
                continue
            vector = configuration.positions[j] - configuration.positions[i]
            images = vector + shifts @ box.matrix.T
            nearest = images[np.argmin(np.linalg.norm(images, axis=1))]
            if np.linalg.norm(nearest) < cutoff:
                found.append((i, j, *nearest))
    return found


@st.composite
def configurations(draw):
    dimensions = draw(st.sampled_from([2, 3]))
    lengths = draw(
        st.one_of(
            st.tuples(*[st.floats(1.0, 12.0)] * dimensions),
            st.just((40.0, 2.0, 3.0)[:dimensions]),
            st.just((0.01, 0.01, 0.02)[:dimensions]),
        )
    )
    tilts = draw(st.tuples(*[st.floats(-0.6, 0.6)] * (1 if dimensions == 2 else 3)))
    box = Box(lengths, draw(st.sampled_from([(), tilts])))
    n_particles = draw(st.integers(0, 25))
    rng = np.random.default_rng(draw(st.integers(0, 1000)))
    fractional = rng.uniform(-0.5, 0.5, (n_particles, dimensions))
    return Configuration.wrapped(fractional @ box.matrix.T, [0] * n_particles, box, ("A",))


@settings(max_examples=150, deadline=None)
@given(configurations(), st.floats(0.05, 1.0))
def test_agrees_with_brute_force(configuration, fraction):
    cutoff = fraction * configuration.box.plane_distances.min() / 2
    neighbors = neighbor_list(configuration, cutoff)
    expected = brute_force(configuration, cutoff)
    pairs = list(zip(neighbors.rows.tolist(), neighbors.indices.tolist(), strict=True))
    assert pairs == [(i, j) for i, j, *_ in expected]
    if expected:
        np.testing.assert_allclose(neighbors.vectors, [row[2:] for row in expected], atol=1e-12)
    np.testing.assert_allclose(neighbors.distances, np.linalg.norm(neighbors.vectors, axis=1))


@pytest.mark.parametrize(
    ("box", "n_particles", "cutoff"),
    [
        (Box.cube(20.0, 2), 500, 2.5),
        (Box((9.0, 60.0)), 600, 4.4),
        (Box((12.0, 10.0), (0.4,)), 200, 3.0),
        (Box.cube(12.0, 3), 2000, 1.9),
        (Box.cube(12.0, 3), 400, 5.9),
        (Box((5.0, 6.0, 30.0)), 900, 2.4),
        (Box((12.0, 11.0, 10.0), (0.3, 0.2, -0.4)), 1500, 2.5),
    ],
)
def test_agrees_with_freud(box, n_particles, cutoff):
    rng = np.random.default_rng(7)
    fractional = rng.uniform(-0.5, 0.5, (n_particles, box.dimensions))
    configuration = Configuration.wrapped(fractional @ box.matrix.T, [0] * n_particles, box, ("A",))
    query = freud.locality.AABBQuery.from_system(configuration.to_freud())
    arguments = {"r_max": cutoff, "exclude_ii": True}
    reference = query.query(query.points, arguments).toNeighborList()
    neighbors = neighbor_list(configuration, cutoff)

    # freud works in single precision: pairs closer to the cutoff than that may differ.
    expected = set(map(tuple, reference[:].tolist()))
    found = set(zip(neighbors.rows.tolist(), neighbors.indices.tolist(), strict=True))
    lengths = dict(
        zip(
            zip(neighbors.rows.tolist(), neighbors.indices.tolist(), strict=True),
            neighbors.distances,
            strict=True,
        )
    )
    lengths |= dict(zip(map(tuple, reference[:].tolist()), reference.distances, strict=True))
    assert len(found) > n_particles
    assert all(abs(lengths[pair] - cutoff) < 1e-5 for pair in expected ^ found)


def test_crowded_spots_need_no_guess_of_the_number_of_pairs():
    rng = np.random.default_rng(0)
    configuration = Configuration(
        rng.uniform(-0.1, 0.1, (300, 3)), [0] * 300, Box.cube(100.0, 3), ("A",)
    )
    assert len(neighbor_list(configuration, 1.0).indices) == 300 * 299


@pytest.mark.parametrize(
    ("cutoff", "message"),
    [(2.6, "cutoff 2.6 exceeds half .* 2.5"), (0.0, "positive"), (float("nan"), "positive")],
)
def test_impossible_cutoffs_are_refused(cutoff, message):
    configuration = Configuration(np.zeros((1, 2)), [0], Box.cube(5.0, 2), ("A",))
    with pytest.raises(ValueError, match=message):
        neighbor_list(configuration, cutoff)


def test_two_particles_at_one_point_are_named():
    generator = np.random.default_rng(3)
    for dimensions in (2, 3):
        box = Box.cube(8.0, dimensions)
        positions = generator.uniform(-4, 4, (60, dimensions))
        positions[41] = positions[7]
        twice = Configuration(positions, [0] * 60, box, ("A",))
        place = re.escape(str(positions[7].tolist()))
        with pytest.raises(ValueError, match=f"particles 7 and 41 lie at one point, {place}; "):
            neighbor_list(twice, 2.0)


@pytest.mark.parametrize("tilt", [0.0, 0.3])
def test_a_point_and_its_image_are_one(tilt):
    """Positions on both faces of the box, which `Configuration` allows."""
    box = Box((4.0, 5.0), (tilt,))
    positions = [[0.0, 1.0], [-2.0, 0.0], [1.0, 0.0], [2.0, 0.0]]
    twice = Configuration(positions, [0] * 4, box, ("A",))
    with pytest.raises(ValueError, match=r"1 and 3 .*\[-2.0, 0.0\] and its periodic image \[2.0"):
        neighbor_list(twice, 1.0)
    neighbor_list(Configuration(positions[:3], [0] * 3, box, ("A",)), 1.0)
