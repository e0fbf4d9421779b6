"""Common neighbours and solid bonds on crystals, against loops, freud and OVITO."""

from itertools import combinations

import freud
import numpy as np
import pytest
from scipy.special import sph_harm_y

from vitreous.descriptors import (
    CommonNeighborDescriptor,
    CrystalStructureDescriptor,
    SolidBondsDescriptor,
    adaptive_common_neighbors,
    common_neighbors,
    crystalline_fraction,
)
from vitreous.liquid import Box, Configuration, neighbor_list

FCC = [[0, 0, 0], [0, 0.5, 0.5], [0.5, 0, 0.5], [0.5, 0.5, 0]]
BCC = [[0, 0, 0], [0.5, 0.5, 0.5]]
# Hexagonal close packing in an orthorhombic cell, nearest neighbours at distance 1.
HCP = [[0, 0, 0], [0.5, 0.5, 0], [0.5, 5 / 6, 0.5], [0, 1 / 3, 0.5]]


def crystal(kind, shake=0.0):
    """A crystal of 500 particles or so, its nearest neighbours at distance 1."""
    basis, cell, repeats = {
        "fcc": (FCC, np.sqrt(2) * np.ones(3), (5, 5, 5)),
        "hcp": (HCP, np.array([1.0, np.sqrt(3), np.sqrt(8 / 3)]), (7, 4, 4)),
        "bcc": (BCC, np.sqrt(4 / 3) * np.ones(3), (6, 6, 6)),
    }[kind]
    places = np.array(np.meshgrid(*map(np.arange, repeats))).reshape(3, -1).T
    positions = ((places[:, np.newaxis] + basis).reshape(-1, 3)) * cell
    positions += np.random.default_rng(1).normal(0, shake, positions.shape)
    types = np.zeros(len(positions), int)
    return Configuration.wrapped(positions, types, Box(cell * repeats), "A")


def icosahedron():
    golden = (1 + np.sqrt(5)) / 2
    corners = [
        np.roll([0, a, b * golden], turn) for turn in range(3) for a in (-1, 1) for b in (-1, 1)
    ]
    outer = 2.1 * np.array(corners) / np.linalg.norm(corners[0])
    positions = np.concatenate([[[0, 0, 0]], outer / 2.1, outer])
    return Configuration(positions, np.zeros(len(positions), int), Box.cube(12.0, 3), "A")


@pytest.mark.parametrize(("kind", "number"), [("fcc", 1), ("hcp", 2), ("bcc", 3)])
def test_crystals_are_what_they_are(kind, number):
    for shake in (0.0, 1e-6, 0.03):
        lattice = crystal(kind, shake)
        assert (adaptive_common_neighbors(lattice) == number).all()
        assert crystalline_fraction(lattice) == 1.0
    columns = CrystalStructureDescriptor().fit_transform([lattice])
    assert columns.sum(axis=0).tolist() == [
        len(columns) * (number == k) for k in range(1, 5)
    ]  # fmt: skip


def test_an_icosahedron_is_one_and_no_crystal():
    structures = adaptive_common_neighbors(icosahedron())
    assert structures[0] == 4
    assert crystalline_fraction(icosahedron()) == 0.0
    _, signatures = common_neighbors(icosahedron(), 1.3)
    assert (signatures == (5, 5, 5)).all(axis=1).sum() == 12


def longest(bonds):
    """Bonds in the largest set of bonds that hang together."""
    clusters = []
    for bond in bonds:
        touched = [cluster for cluster in clusters if any(set(bond) & set(b) for b in cluster)]
        clusters = [cluster for cluster in clusters if cluster not in touched]
        clusters.append([bond, *(b for cluster in touched for b in cluster)])
    return max(map(len, clusters), default=0)


@pytest.mark.parametrize("cutoff", [1.3, 1.9])
def test_signatures_are_those_of_loops(spaced, cutoff):
    if spaced.dimensions == 2:
        with pytest.raises(ValueError, match="SolidBondsDescriptor"):
            common_neighbors(spaced, cutoff)
        return
    cutoffs = cutoff * np.array([[1.0, 1.1, 0.9], [1.1, 1.2, 1.0], [0.9, 1.0, 1.3]])
    reach = neighbor_list(spaced, cutoffs.max())
    bonded = {
        (i, j)
        for i, j, r in zip(reach.rows, reach.indices, reach.distances, strict=True)
        if r < cutoffs[spaced.types[i], spaced.types[j]]
    }
    of = [{j for k, j in bonded if k == i} for i in range(spaced.n_particles)]
    pairs, signatures = common_neighbors(spaced, cutoffs)
    assert pairs.tolist() == sorted([i, j] for i, j in bonded if i < j)
    for (i, j), found in zip(pairs.tolist(), signatures.tolist(), strict=True):
        common = sorted(of[i] & of[j])
        bonds = [pair for pair in combinations(common, 2) if pair in bonded]
        assert found == [len(common), len(bonds), longest(bonds)]
    shapes = [tuple(s) for s in np.unique(signatures, axis=0)[:3]]
    shares = CommonNeighborDescriptor(cutoffs, shapes, dtype="float64").fit_transform([spaced])
    for i in range(spaced.n_particles):
        ends = signatures[(pairs == i).any(axis=1)].tolist()
        expected = [ends.count(list(s)) / max(len(ends), 1) for s in shapes]
        np.testing.assert_allclose(shares[i], expected)


def test_too_many_common_neighbors_are_refused():
    positions = np.random.default_rng(3).uniform(-1, 1, (80, 3))
    crowd = Configuration(positions, np.zeros(80, int), Box.cube(12.0, 3), "A")
    with pytest.raises(ValueError, match="have 78 common neighbours, more than 62"):
        common_neighbors(crowd, 5.0)


@pytest.mark.parametrize("kind", ["fcc", "hcp", "bcc"])
def test_shaken_crystals_agree_with_ovito(kind):
    pytest.importorskip("ovito")
    from ovito.data import DataCollection
    from ovito.modifiers import CommonNeighborAnalysisModifier

    lattice = crystal(kind, 0.09)
    data = DataCollection()
    box = np.column_stack([lattice.box.matrix, lattice.box.matrix.sum(axis=1) / -2])
    data.create_cell(box, pbc=(True, True, True))
    data.create_particles(count=lattice.n_particles).create_property(
        "Position", data=lattice.positions
    )
    mode = CommonNeighborAnalysisModifier.Mode.AdaptiveCutoff
    data.apply(CommonNeighborAnalysisModifier(mode=mode))
    expected = np.asarray(data.particles.structure_types)
    assert 0.1 < (expected > 0).mean() < 1.0
    np.testing.assert_array_equal(adaptive_common_neighbors(lattice), expected)


def test_few_particles_have_no_structure():
    few = Configuration(np.eye(3), np.zeros(3, int), Box.cube(6.0, 3), "A")
    assert adaptive_common_neighbors(few).tolist() == [0, 0, 0]
    gas = Configuration.wrapped(
        np.random.default_rng(1).uniform(-9, 9, (40, 3)), np.zeros(40, int), Box([3.0, 18, 18]), "A"
    )
    assert not adaptive_common_neighbors(gas).any()


def test_solid_bonds_are_those_of_loops(spaced):
    """And those of freud, in 3D."""
    solid = SolidBondsDescriptor(1.7, threshold=0.4, dtype="float64")
    columns = solid.fit_transform([spaced])
    found = neighbor_list(spaced, 1.7)
    order = []
    for i in range(spaced.n_particles):
        vectors = found.vectors[found.rows == i]
        angle = np.arctan2(vectors[:, 1], vectors[:, 0])
        if spaced.dimensions == 2:
            order.append([np.exp(6j * angle).mean()])
        else:
            polar = np.arccos(vectors[:, 2] / np.linalg.norm(vectors, axis=1))
            order.append([sph_harm_y(6, m, polar, angle).mean() for m in range(-6, 7)])
    order = np.array(order)
    order /= np.linalg.norm(order, axis=1, keepdims=True)
    for i in range(spaced.n_particles):
        near = found.indices[found.rows == i]
        correlation = (order[near].conj() @ order[i]).real
        certain = np.abs(correlation - 0.4).min() > 1e-4
        assert not certain or columns[i, 0] == (correlation > 0.4).sum()
        assert columns[i, 1] == pytest.approx(columns[i, 0] / len(near))
        assert columns[i, 2] == pytest.approx(correlation.mean(), abs=1e-4)
    if spaced.dimensions == 3:
        oracle = freud.order.SolidLiquid(l=6, q_threshold=0.4, solid_threshold=6)
        oracle.compute(spaced.to_freud(), neighbors={"r_max": 1.7, "exclude_ii": True})
        assert (columns[:, 0] == oracle.num_connections).mean() > 0.99


def test_solid_bonds_tell_crystals_from_disorder():
    solid = SolidBondsDescriptor(1.35)
    lattice = solid.fit_transform([crystal("fcc", 0.05)])
    places = np.random.default_rng(2).uniform(-4, 4, (512, 3))
    gas = solid.transform([Configuration(places, np.zeros(512, int), Box.cube(8.0, 3), "A")])
    assert lattice[:, 1].min() > 0.9
    assert gas[:, 1].mean() < 0.3


@pytest.mark.parametrize(
    ("descriptor", "message"),
    [
        (CommonNeighborDescriptor(1.4, [(5, 5)]), "triples of whole numbers"),
        (CommonNeighborDescriptor(-1.0), "cutoffs must be positive"),
        (SolidBondsDescriptor(1.4, order=0), "whole numbers from 1"),
        (SolidBondsDescriptor(1.4, threshold=1.0), "between -1 and 1"),
    ],
)
def test_parameters_out_of_range(descriptor, message):
    with pytest.raises(ValueError, match=message):
        descriptor.fit([icosahedron()])


def test_two_dimensions_are_refused():
    flat = Configuration([[0, 0], [1, 0]], [0, 0], Box.cube(6.0, 2), "A")
    for descriptor in (CommonNeighborDescriptor(1.4), CrystalStructureDescriptor()):
        with pytest.raises(ValueError, match="three dimensions"):
            descriptor.fit([flat])


def test_open_boxes_are_refused():
    view = Box([6.0, 6.0, 6.0], periodic=(True, True, False))
    pair = Configuration(np.eye(3), [0] * 3, view, "A")
    for analyze in (adaptive_common_neighbors, crystalline_fraction):
        with pytest.raises(ValueError, match="needs a periodic box; this one is open along z"):
            analyze(pair)
