"""Faces of Voronoi cells by their edges, against half-spaces, lattices and voro++."""

import numpy as np
import pytest
from support.half_spaces import cell_of, edges_of_faces

from vitreous.descriptors import (
    VoronoiSignatureDescriptor,
    radical_voronoi,
    signature_shares,
    voronoi_faces,
    voronoi_sides,
)
from vitreous.descriptors._voronoi_search import CellSearch
from vitreous.liquid import Box, Configuration

RADII = np.array([0.5, 0.3, 0.7])


def test_faces_are_those_of_half_spaces(configuration, bonds):
    some = range(0, configuration.n_particles, 4)
    cells = [cell_of(configuration, RADII, bonds, i) for i in some]
    if configuration.dimensions == 2:
        sides = [0 if cell is None else len(cell.dual_facets) for cell in cells]
        assert voronoi_sides(configuration, RADII, shortest_edge=0.0)[some].tolist() == sides
        return
    faces = voronoi_faces(configuration, RADII, shortest_edge=0.0)[some]
    for row, cell in zip(faces, cells, strict=True):
        found = np.repeat(np.arange(len(row)), row).tolist()
        assert found == ([] if cell is None else edges_of_faces(cell))


def random_mixture(dimensions, n_particles=300):
    generator = np.random.default_rng(5)
    box = Box.cube(n_particles ** (1 / dimensions), dimensions)
    positions = (generator.random((n_particles, dimensions)) - 0.5) @ box.matrix.T
    types = generator.integers(0, 3, n_particles)
    return Configuration(positions, types, box, "ABC")


@pytest.mark.parametrize("dimensions", [2, 3])
def test_random_radii_agree_with_voro(dimensions):
    """On a shaken lattice, where every particle has a cell, as voro++ asks."""
    pyvoro = pytest.importorskip("pyvoro")
    side = {2: 16, 3: 7}[dimensions]
    lattice = np.array(list(np.ndindex((side,) * dimensions))) + 0.5 - side / 2
    generator = np.random.default_rng(5)
    positions = lattice + generator.uniform(-0.25, 0.25, lattice.shape)
    types = generator.integers(0, 3, len(lattice))
    mixture = Configuration.wrapped(positions, types, Box.cube(float(side), dimensions), "ABC")
    radii = np.array([0.5, 0.4, 0.6])
    half = mixture.box.lengths[0] / 2
    compute = pyvoro.compute_2d_voronoi if dimensions == 2 else pyvoro.compute_voronoi
    cells = compute(
        mixture.positions.tolist(),
        [[-half, half]] * dimensions,
        2.0,
        radii[mixture.types].tolist(),
        [True] * dimensions,
    )
    volumes, _ = radical_voronoi(mixture, radii)
    np.testing.assert_allclose(volumes, [cell["volume"] for cell in cells], rtol=1e-6, atol=1e-6)
    edges = [[len(face["vertices"]) for face in cell["faces"]] for cell in cells]
    if dimensions == 2:
        assert voronoi_sides(mixture, radii).tolist() == [len(each) for each in edges]
    else:
        expected = [np.bincount(each, minlength=21) for each in edges]
        np.testing.assert_array_equal(voronoi_faces(mixture, radii), expected)


@pytest.mark.parametrize("dimensions", [2, 3])
def test_cells_obey_euler(dimensions):
    """Sides are six on average; three faces meet in every corner of a cell."""
    mixture = random_mixture(dimensions, 1000)
    if dimensions == 2:
        assert voronoi_sides(mixture, [0.0] * 3).mean() == 6
    else:
        faces = voronoi_faces(mixture, [0.0] * 3)
        n_faces, n_edges = faces.sum(axis=1), faces @ np.arange(21) // 2
        np.testing.assert_array_equal(n_edges, 3 * n_faces - 6)


CUBIC = {
    "simple": ([[0, 0, 0]], [0, 6, 0, 0]),
    "bcc": ([[0, 0, 0], [1, 1, 1]], [0, 6, 0, 8]),
    "fcc": ([[0, 0, 0], [0, 1, 1], [1, 0, 1], [1, 1, 0]], [0, 12, 0, 0]),
}


def crystal(kind, shake=0.0):
    basis, signature = CUBIC[kind]
    cell = np.array(np.meshgrid(*[[-4, -2, 0, 2]] * 3)).reshape(3, -1).T
    positions = (cell[:, None] + np.array(basis)).reshape(-1, 3).astype(float)
    positions += np.random.default_rng(2).normal(0, shake, positions.shape)
    types = np.zeros(len(positions), int)
    return Configuration.wrapped(positions, types, Box.cube(8.0, 3), "A"), signature


@pytest.mark.parametrize("kind", CUBIC)
@pytest.mark.parametrize("shake", [0.0, 1e-7])
def test_crystals_keep_their_signature_where_positions_are_rounded(kind, shake):
    lattice, signature = crystal(kind, shake)
    faces = voronoi_faces(lattice, [0.5])
    assert faces[:, 3:7].tolist() == [signature] * len(faces)
    assert (faces.sum(axis=1) == sum(signature)).all()


@pytest.mark.parametrize("kind", ["bcc", "fcc"])
def test_vibrating_crystals_take_thresholds(kind):
    lattice, signature = crystal(kind, 0.01)
    faces = voronoi_faces(lattice, [0.5], shortest_edge=0.3, smallest_face=0.01)
    assert faces[:, 3:7].tolist() == [signature] * len(faces)
    assert kind == "bcc" or voronoi_faces(lattice, [0.5])[:, 3:7].tolist() != faces[:, 3:7].tolist()


def test_particles_searched_for_one_by_one_have_the_same_faces(configuration):
    thresholds = np.array([0.05, 0.01])
    n_counts = 1 if configuration.dimensions == 2 else 21
    search = CellSearch(configuration, RADII[configuration.types], thresholds)
    _, found = search.measure(np.arange(configuration.n_particles), n_counts)
    if configuration.dimensions == 2:
        expected = voronoi_sides(configuration, RADII, shortest_edge=0.05)[:, np.newaxis]
    else:
        expected = voronoi_faces(configuration, RADII, shortest_edge=0.05, smallest_face=0.01)
    np.testing.assert_array_equal(found, expected)


def test_thresholds_leave_out_what_is_small():
    mixture = random_mixture(3)
    all_faces = voronoi_faces(mixture, RADII).sum(axis=1)
    large = voronoi_faces(mixture, RADII, smallest_face=0.02).sum(axis=1)
    assert (large <= all_faces).all()
    assert large.sum() < all_faces.sum()
    assert voronoi_faces(mixture, RADII, shortest_edge=100.0).sum() == 0


def test_the_descriptor_tells_what_the_functions_do(configuration):
    signatures = [(0, 0, 12, 0), (1, 3)]
    flat = configuration.dimensions == 2
    descriptor = VoronoiSignatureDescriptor(RADII, signatures=() if flat else signatures)
    columns = descriptor.set_params(dtype="float64").fit_transform([configuration])
    names = descriptor.get_feature_names_out().tolist()
    volumes, surfaces = radical_voronoi(configuration, RADII)
    with np.errstate(invalid="ignore"):
        quotient = surfaces**2 / (4 * np.pi * volumes) if flat else (
            surfaces**3 / (36 * np.pi * volumes**2)
        )  # fmt: skip
    asphericity = columns[:, names.index("voronoi-asphericity")]
    np.testing.assert_allclose(asphericity, np.where(volumes > 0, quotient, 0))
    if flat:
        assert names == ["voronoi-sides", "voronoi-asphericity"]
        np.testing.assert_array_equal(columns[:, 0], voronoi_sides(configuration, RADII))
        with pytest.raises(ValueError, match="no signatures"):
            VoronoiSignatureDescriptor(RADII, signatures=signatures).fit([configuration])
        return
    faces = voronoi_faces(configuration, RADII)
    np.testing.assert_array_equal(columns[:, :4], faces[:, 3:7])
    np.testing.assert_array_equal(columns[:, 4], faces.sum(axis=1))
    np.testing.assert_allclose(columns[:, 5] * faces.sum(axis=1), faces[:, 5])
    shares = signature_shares(faces[:, 3:5])
    assert columns[:, -1].mean() == pytest.approx(shares.get((1, 3), 0.0))
    assert list(shares.values()) == sorted(shares.values(), reverse=True)
    assert sum(shares.values()) == pytest.approx(1.0)


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"edges": (2, 3)}, "from 3 to 19"),
        ({"edges": (4, 4)}, "different numbers"),
        ({"signatures": [()]}, "must hold n_3"),
        ({"shortest_edge": -1.0}, "shortest_edge must be"),
        ({"smallest_face": 1.0}, "smallest_face must be a share"),
    ],
)
def test_parameters_out_of_range(parameters, message):
    with pytest.raises(ValueError, match=message):
        VoronoiSignatureDescriptor(RADII, **parameters).fit([random_mixture(3, 60)])


def test_dimensions_are_not_mixed_up():
    with pytest.raises(ValueError, match="voronoi_sides"):
        voronoi_faces(random_mixture(2), RADII)
    with pytest.raises(ValueError, match="voronoi_faces"):
        voronoi_sides(random_mixture(3), RADII)
    with pytest.raises(ValueError, match="whole numbers of shape"):
        signature_shares([0.5, 1.0])


@pytest.mark.parametrize("dimensions", [2, 3])
def test_what_an_open_border_may_cut_is_unknown_and_the_rest_as_in_the_whole(dimensions):
    """A window into a larger, periodic liquid."""
    whole = random_mixture(dimensions, {2: 900, 3: 2200}[dimensions])
    half = 0.4 * np.array(whole.box.lengths)
    seen = (abs(whole.positions) < half).all(axis=1)
    window = Box(tuple(2 * half), periodic=(False,) * dimensions)
    view = Configuration(whole.positions[seen], whole.types[seen], window, "ABC")
    count = voronoi_sides if dimensions == 2 else voronoi_faces
    found = count(view, RADII).reshape(view.n_particles, -1)
    known = found[:, 0] >= 0
    assert 0.02 < known.mean() < 0.9
    np.testing.assert_array_equal(
        found[known], count(whole, RADII).reshape(len(seen), -1)[seen][known]
    )
    assert (found[~known] == -1).all()
    columns = VoronoiSignatureDescriptor(RADII).fit_transform([view])
    np.testing.assert_array_equal(np.isnan(columns).all(axis=1), ~known)
    np.testing.assert_array_equal(np.isnan(columns).any(axis=1), ~known)
    np.testing.assert_array_equal(np.isnan(radical_voronoi(view, RADII)[0]), ~known)
    if dimensions == 3:
        with pytest.raises(ValueError, match="cut by the border"):
            signature_shares(found[:, 3:7])
