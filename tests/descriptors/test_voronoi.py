"""radical_voronoi against half-spaces, freud, and the volume that cells must fill."""

import time

import freud
import numpy as np
import pytest
from scipy.spatial import ConvexHull
from support.half_spaces import cell_of

from vitreous.descriptors import VoronoiDescriptor, radical_voronoi
from vitreous.descriptors._voronoi_search import CellSearch
from vitreous.liquid import Box, Configuration

RADII = np.array([0.5, 0.3, 0.7])


def brute_force(configuration, radii, bonds):
    """Volume and surface of every cell."""
    measures = []
    for i in range(configuration.n_particles):
        cell = cell_of(configuration, radii, bonds, i)
        hull = None if cell is None else ConvexHull(cell.intersections)
        measures.append((0.0, 0.0) if hull is None else (hull.volume, hull.area))
    return np.array(measures).T


def test_agrees_with_half_spaces(configuration, bonds):
    volumes, surfaces = radical_voronoi(configuration, RADII)
    expected_volumes, expected_surfaces = brute_force(configuration, RADII, bonds)
    np.testing.assert_allclose(volumes, expected_volumes, rtol=1e-9, atol=1e-9)
    np.testing.assert_allclose(surfaces, expected_surfaces, rtol=1e-9, atol=1e-9)


def test_equal_radii_agree_with_freud(configuration):
    """As well as single precision, in which freud has the positions, allows."""
    volumes, _ = radical_voronoi(configuration, [0.5, 0.5, 0.5])
    oracle = freud.locality.Voronoi().compute(configuration.to_freud())
    np.testing.assert_allclose(volumes, oracle.volumes, rtol=2e-5)


@pytest.mark.parametrize("radii", [[0.5] * 3, RADII, [0.0, 0.1, 1.5]])
def test_cells_fill_the_box(configuration, radii):
    volumes, _ = radical_voronoi(configuration, radii)
    assert volumes.sum() == pytest.approx(configuration.box.volume, rel=1e-12)


@pytest.mark.parametrize("n_particles", [1, 2, 5])
@pytest.mark.parametrize("dimensions", [2, 3])
def test_few_particles_meet_their_own_images(dimensions, n_particles):
    """Many planes then share their corners, which rounding must not take apart."""
    positions = np.random.default_rng(1).uniform(-1, 1, (n_particles, dimensions))
    box = Box.cube(2.0, dimensions)
    volumes, _ = radical_voronoi(Configuration(positions, [0] * n_particles, box, ("A",)), [0.5])
    assert volumes.sum() == pytest.approx(box.volume, rel=1e-12)


@pytest.mark.parametrize(
    ("basis", "volume", "surface"),
    [
        ([[0, 0, 0]], 8.0, 24.0),
        ([[0, 0, 0], [1, 1, 1]], 4.0, 0.75 * (1 + 2 * np.sqrt(3)) * 4),
        ([[0, 0, 0], [0, 1, 1], [1, 0, 1], [1, 1, 0]], 2.0, 6 * np.sqrt(2)),
    ],
    ids=["simple cubic", "body-centred", "face-centred"],
)
def test_lattices(basis, volume, surface):
    cell = np.array(np.meshgrid(*[[-2, 0]] * 3)).reshape(3, -1).T
    positions = (cell[:, None] + np.array(basis)).reshape(-1, 3)
    lattice = Configuration(positions, np.zeros(len(positions), int), Box.cube(4.0, 3), ("A",))
    volumes, surfaces = radical_voronoi(lattice, [0.5])
    np.testing.assert_allclose(volumes, volume, rtol=1e-12)
    np.testing.assert_allclose(surfaces, surface, rtol=1e-12)


def test_a_particle_can_be_swallowed():
    box = Box.cube(6.0, dimensions=3)
    pair = Configuration([[0, 0, 0], [0.1, 0, 0]], [0, 1], box, ("A", "B"))
    volumes, surfaces = radical_voronoi(pair, [2.0, 0.1])
    np.testing.assert_allclose(volumes, [box.volume, 0.0], rtol=1e-12)
    np.testing.assert_allclose(surfaces, [216.0, 0.0], rtol=1e-12)


@pytest.mark.parametrize("radii", [[0.5], [0.5, 0.5, -0.1], [0.5, 0.5, np.nan], 0.5])
def test_bad_radii(configuration, radii):
    with pytest.raises(ValueError, match="radii must hold one finite length"):
        VoronoiDescriptor(radii).fit([configuration]).transform([configuration])


def test_particles_may_have_their_own_diameters(configuration):
    diameters = 2 * RADII[configuration.types]
    by_species = radical_voronoi(configuration, RADII)
    own = radical_voronoi(configuration.with_diameters(diameters))
    np.testing.assert_array_equal(own, by_species)
    with pytest.raises(ValueError, match="no diameters of their own"):
        radical_voronoi(configuration)


def test_polydisperse_cells_fill_the_box(configuration):
    diameters = np.random.default_rng(1).uniform(0.7, 1.4, configuration.n_particles)
    volumes, _ = radical_voronoi(configuration.with_diameters(diameters))
    assert volumes.sum() == pytest.approx(configuration.box.volume, rel=1e-12)
    other, _ = radical_voronoi(configuration, [0.5] * 3)
    assert np.corrcoef(diameters, volumes - other)[0, 1] > 0.5


def clusters(dimensions):
    """What fills only part of its box: a droplet, a slab, and one in a tilted box."""
    generator = np.random.default_rng(4)
    types = generator.integers(0, 3, 40)
    droplet = generator.normal(0, 1.2, (40, dimensions))
    tilted = Box((14.0,) * dimensions, (0.4,) if dimensions == 2 else (0.4, -0.3, 0.2))
    long = Box((5.0,) * (dimensions - 1) + (25.0,))
    slab = generator.uniform(-2.5, 2.5, (40, dimensions))
    return {
        "droplet": Configuration.wrapped(droplet, types, Box.cube(14.0, dimensions), "ABC"),
        "slab": Configuration.wrapped(slab, types, long, "ABC"),
        "tilted": Configuration.wrapped(droplet, types, tilted, "ABC"),
    }


@pytest.mark.parametrize("dimensions", [2, 3])
@pytest.mark.parametrize("kind", ["droplet", "slab", "tilted"])
@pytest.mark.parametrize("radii", [RADII, [0.4] * 3], ids=["unequal", "equal"])
def test_what_fills_part_of_its_box_agrees_with_half_spaces(dimensions, kind, radii, bonds):
    cluster = clusters(dimensions)[kind]
    radii = np.array(radii)
    volumes, surfaces = radical_voronoi(cluster, radii)
    assert volumes.sum() == pytest.approx(cluster.box.volume, rel=1e-12)
    expected_volumes, expected_surfaces = brute_force(cluster, radii, bonds)
    np.testing.assert_allclose(volumes, expected_volumes, rtol=1e-8, atol=1e-8)
    np.testing.assert_allclose(surfaces, expected_surfaces, rtol=1e-8, atol=1e-8)


@pytest.mark.parametrize("dimensions", [2, 3])
def test_droplets_agree_with_freud(dimensions):
    generator = np.random.default_rng(6)
    positions = generator.normal(0, 2.0, (200, dimensions))
    droplet = Configuration.wrapped(positions, [0] * 200, Box.cube(20.0, dimensions), ("A",))
    volumes, _ = radical_voronoi(droplet, [0.5])
    oracle = freud.locality.Voronoi().compute(droplet.to_freud())
    np.testing.assert_allclose(volumes, oracle.volumes, rtol=1e-4)


def test_cells_of_the_search_are_those_of_the_cutoff(configuration):
    """Particles which a cutoff serves, searched for one by one all the same."""
    for radii in (RADII, np.full(3, 0.5)):
        each = radii[configuration.types]
        search = CellSearch(configuration, each, np.zeros(2))
        found, _ = search.measure(np.arange(configuration.n_particles), 0)
        expected = radical_voronoi(configuration, radii)
        np.testing.assert_allclose(found, expected, rtol=1e-9, atol=1e-9)


def test_empty_space_costs_little():
    """It took minutes when one cutoff for all grew until it reached across the box."""
    positions = np.random.default_rng(1).normal(0, 1.7, (300, 3))
    small, large = (
        Configuration.wrapped(positions, [0] * 300, Box.cube(length, 3), ("A",))
        for length in (20.0, 40.0)
    )
    radical_voronoi(small, [0.5])
    began = time.process_time()
    volumes, _ = radical_voronoi(large, [0.5])
    assert time.process_time() - began < 1.0
    assert volumes.sum() == pytest.approx(40.0**3, rel=1e-12)


def test_radii_are_optional(configuration):
    own = configuration.with_diameters(2 * RADII[configuration.types])
    by_species = VoronoiDescriptor(RADII).fit_transform([configuration])
    np.testing.assert_array_equal(VoronoiDescriptor().fit_transform([own]), by_species)
    with pytest.raises(ValueError, match="no diameters of their own; give radii"):
        VoronoiDescriptor().fit_transform([configuration])


def test_two_particles_at_one_point_have_no_cells():
    for length in (2.0, 20.0):
        twice = Configuration([[0, 0], [0.5, 0], [0, 0]], [0] * 3, Box.cube(length, 2), ("A",))
        with pytest.raises(ValueError, match="particles 0 and 2 lie at one point"):
            radical_voronoi(twice, [0.5])
