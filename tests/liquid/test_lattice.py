"""Reduced lattices: the same lattice, the shortest vectors, orthorhombic wherever it can be."""

from itertools import product

import numpy as np
import pytest

from vitreous.liquid import Box, Configuration, neighbor_list
from vitreous.liquid.lattice import reduced_lattice

SHEARS = [[[1, 0], [3, 1]], [[2, 1], [1, 1]], [[1, -1], [0, 1]]]


def random_unimodular(rng, dimensions):
    matrix = np.eye(dimensions)
    for _ in range(6):
        i, j = rng.permutation(dimensions)[:2]
        matrix[i] += rng.integers(-2, 3) * matrix[j]
    return matrix[rng.permutation(dimensions)] * rng.choice([-1, 1], dimensions)[:, None]


def random_rotation(rng, dimensions):
    q, r = np.linalg.qr(rng.normal(size=(dimensions, dimensions)))
    q *= np.sign(np.diag(r))
    return q if np.linalg.det(q) > 0 else q[:, ::-1]


@pytest.mark.parametrize("seed", range(20))
@pytest.mark.parametrize("dimensions", [2, 3])
def test_same_lattice_of_shortest_vectors(dimensions, seed):
    rng = np.random.default_rng(seed)
    given = rng.normal(size=(dimensions, dimensions)) + 4 * np.eye(dimensions)
    given = random_unimodular(rng, dimensions) @ given @ random_rotation(rng, dimensions)
    reduced, rotation = reduced_lattice(given)
    np.testing.assert_allclose(rotation @ rotation.T, np.eye(dimensions), atol=1e-12)
    assert np.linalg.det(rotation) > 0
    assert (np.triu(reduced, 1) == 0).all()
    assert (np.diag(reduced) > 0).all()
    # Whole multiples of the given vectors, with a determinant of 1 or -1: the same lattice.
    multiples = reduced @ np.linalg.inv(given @ rotation)
    np.testing.assert_allclose(multiples, np.rint(multiples), atol=1e-9)
    assert abs(np.linalg.det(multiples)) == pytest.approx(1)
    # By hand: no short vector of the lattice is shorter than those that were found.
    numbers = np.array(list(product(range(-3, 4), repeat=dimensions)))
    every = numbers[(numbers != 0).any(axis=1)] @ reduced
    lengths = np.sort(np.linalg.norm(reduced, axis=1))
    assert lengths[0] == pytest.approx(np.linalg.norm(every, axis=1).min())
    for k in range(dimensions):
        beyond = numbers[numbers[:, k] != 0] @ reduced
        assert np.linalg.norm(reduced[k]) <= np.linalg.norm(beyond, axis=1).min() * (1 + 1e-9)


@pytest.mark.parametrize("shear", SHEARS)
@pytest.mark.parametrize("angle", [0.0, 0.4, np.pi / 4])
def test_orthorhombic_lattices_in_any_cell(shear, angle):
    turn = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
    lattice = np.array(shear, dtype=float) @ np.diag([32.8962, 30.0]) @ turn
    box, rotation = Box.from_vectors(lattice)
    assert box.is_orthorhombic
    np.testing.assert_allclose(np.sort(box.lengths), [30.0, 32.8962], rtol=1e-12)
    if angle == 0:
        np.testing.assert_array_equal(rotation, np.eye(2))


def test_reduced_boxes_stay_as_they_are():
    for box in (Box((5.0, 6.0, 7.0), (0.3, -0.2, 0.4)), Box((5.0, 6.0), (1 / 6,)), Box((3, 1, 2))):
        known, rotation = Box.from_vectors(box.matrix.T)
        np.testing.assert_array_equal(rotation, np.eye(box.dimensions))
        np.testing.assert_allclose(known.matrix, box.matrix, rtol=1e-15)


def test_single_precision_counts_as_right_angles():
    length = np.float32(32.8962)
    given = np.array([[length, 0], [np.float32(1.0) * length * (1 + 3e-8), length]])
    assert Box.from_vectors(given)[0].is_orthorhombic


def test_a_liquid_in_a_tilted_cell_is_the_same_liquid():
    rng = np.random.default_rng(0)
    for box in (Box((10.0, 9.0), (10 / 9,)), Box((8.0, 9.0, 10.0), (8 / 9, -0.8, 0.9))):
        d = box.dimensions
        points = rng.uniform(0, 8, (50, d))
        tilted = Configuration.wrapped(points, [0] * 50, box, "A")
        reduced = tilted.reduced()
        assert reduced.box.is_orthorhombic
        straight = Configuration.wrapped(points, [0] * 50, Box(box.lengths), "A")
        np.testing.assert_allclose(reduced.box.matrix, straight.box.matrix, atol=1e-12)
        moved = straight.box.minimum_image(reduced.positions - straight.positions)
        np.testing.assert_allclose(moved, 0, atol=1e-12)
        ours, theirs = (np.sort(neighbor_list(c, 4.0).distances) for c in (reduced, straight))
        np.testing.assert_allclose(ours, theirs, atol=1e-12)
        assert reduced.reduced() is reduced


def test_positions_turn_with_a_lattice_that_has_to_be_turned():
    half = np.sqrt(0.5)
    box = Box((10.0, 10.0 * half**2), (1.0,))
    configuration = Configuration.wrapped([[0.3, 0.1], [4.0, 2.0]], [0, 0], box, "A")
    reduced = configuration.reduced()
    assert reduced.box.is_orthorhombic
    np.testing.assert_allclose(reduced.box.lengths, 10 * half)
    rotation = Box.from_vectors(box.matrix.T)[1]
    moved = reduced.positions - configuration.positions @ rotation
    np.testing.assert_allclose(reduced.box.minimum_image(moved), 0, atol=1e-12)


@pytest.mark.parametrize(
    "vectors",
    [
        [[1.0, 0.0], [2.0, 0.0]],
        [[0.0, 0.0], [0.0, 1.0]],
        [[np.nan, 0.0], [0.0, 1.0]],
        [[np.inf, 0.0], [0.0, 1.0]],
        [[1e200, 0.0], [0.0, 1e-200]],
    ],
)
def test_vectors_that_span_no_box(vectors):
    with pytest.raises(ValueError, match="span no box"):
        Box.from_vectors(vectors)
