import freud
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vitreous.liquid import Box

lengths = st.floats(0.5, 50.0)
tilts = st.floats(-0.9, 0.9)
coordinate = st.floats(-200.0, 200.0)


@st.composite
def boxes(draw):
    dimensions = draw(st.sampled_from([2, 3]))
    n_tilts = 1 if dimensions == 2 else 3
    return Box(
        tuple(draw(lengths) for _ in range(dimensions)),
        tuple(draw(tilts) for _ in range(n_tilts)),
    )


@given(boxes(), st.tuples(coordinate, coordinate, coordinate))
def test_wrap_moves_by_lattice_vectors_into_the_box(box, position):
    position = np.array(position[: box.dimensions])
    wrapped = box.wrap(position)
    assert (abs(box.fractional(wrapped)) <= 0.5 + 1e-12).all()
    images = box.fractional(position - wrapped)
    np.testing.assert_allclose(images, np.rint(images), atol=1e-9)


@given(boxes(), st.tuples(coordinate, coordinate, coordinate))
def test_minimum_image_is_the_shortest_where_promised(box, vector):
    vector = np.array(vector[: box.dimensions])
    image = box.minimum_image(vector)
    shifts = np.stack(np.meshgrid(*[range(-3, 4)] * box.dimensions), -1).reshape(-1, box.dimensions)
    shortest = np.linalg.norm(box.wrap(vector) + shifts @ box.matrix.T, axis=1).min()
    if shortest < box.plane_distances.min() / 2 - 1e-9 or box.is_orthorhombic:
        assert np.linalg.norm(image) == pytest.approx(shortest, abs=1e-9)
    offsets = box.fractional(vector - image)
    np.testing.assert_allclose(offsets, np.rint(offsets), atol=1e-9)


@given(boxes())
def test_geometry_agrees_with_freud(box):
    if box.dimensions == 2:
        reference = freud.box.Box(*box.lengths, 0, *box.tilts, 0, 0, is2D=True)
    else:
        reference = freud.box.Box(*box.lengths, *box.tilts)
    assert box.volume == pytest.approx(reference.volume, rel=1e-5)
    np.testing.assert_allclose(
        box.matrix, reference.to_matrix()[: box.dimensions, : box.dimensions], rtol=1e-5, atol=1e-5
    )


def test_plane_distance_of_a_sheared_square():
    box = Box((2.0, 2.0), (1.0,))
    np.testing.assert_allclose(box.plane_distances, [np.sqrt(2), 2.0])


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (((1.0,),), "2 or 3 lengths"),
        (((1.0, 0.0),), "positive"),
        (((1.0, np.nan),), "positive and finite"),
        (((1.0, 1.0), (0.1, 0.2, 0.3)), "tilt"),
        (((1.0, 1.0, 1.0), (0.1,)), "tilt"),
    ],
)
def test_impossible_boxes_are_refused(arguments, message):
    with pytest.raises(ValueError, match=message):
        Box(*arguments)
