"""Order parameters of the nearest neighbours against loops, freud, partycls and lattices."""

from itertools import combinations

import freud
import numpy as np
import pytest
from scipy.special import sph_harm_y

from vitreous.descriptors import (
    BondAngleDescriptor,
    CompactnessDescriptor,
    CoordinationDescriptor,
    SmoothedBondOrderDescriptor,
    SteinhardtDescriptor,
    TetrahedralityDescriptor,
)
from vitreous.liquid import Box, Configuration, neighbor_list

CUTOFFS = np.array([[1.6, 1.4, 1.5], [1.4, 1.8, 1.3], [1.5, 1.3, 1.7]])
RADII = np.array([0.5, 0.44, 0.47])
ORDERS = [1, 4, 6, 12]

EPSILON = np.finfo(np.float32).eps
# Two angles in float32, as freud has them, multiplied by an order.
SINGLE = 2 * max(ORDERS) * np.pi * EPSILON


def single(configuration, reach=1.0):
    """In 3D freud takes one angle from its cosine, which multiplies errors near the poles."""
    if configuration.dimensions == 2:
        return SINGLE
    neighbors = neighbor_list(configuration, reach * CUTOFFS.max())
    cosine = neighbors.vectors[:, 2] / neighbors.distances
    return SINGLE + 2 * max(ORDERS) * EPSILON / np.sqrt(1 - cosine**2).min()


def bonded(configuration, bonds, i, reach=1.0):
    """Vectors to the neighbours of i, their numbers and cutoffs."""
    vectors, others = bonds(configuration, i)
    cutoffs = CUTOFFS[configuration.types[i], configuration.types[others]]
    near = np.linalg.norm(vectors, axis=1) < reach * cutoffs
    return vectors[near], others[near], cutoffs[near]


def complex_order(vectors, weights, order):
    """All q_lm, or psi_l, of the bonds of one particle."""
    azimuth = np.arctan2(vectors[:, 1], vectors[:, 0])
    if vectors.shape[1] == 2:
        return np.array([np.average(np.exp(1j * order * azimuth), weights=weights)])
    polar = np.arccos(vectors[:, 2] / np.linalg.norm(vectors, axis=1))
    return np.array(
        [
            np.average(sph_harm_y(order, m, polar, azimuth), weights=weights)
            for m in range(-order, order + 1)
        ]
    )


def modulus(q, order):
    power = np.sum(abs(q) ** 2)
    return np.sqrt(power if len(q) == 1 else 4 * np.pi / (2 * order + 1) * power)


@pytest.mark.parametrize("averaged", [False, True])
def test_steinhardt_agrees_with_brute_force(spaced, bonds, averaged):
    n = spaced.n_particles
    around = [bonded(spaced, bonds, i) for i in range(n)]
    expected = np.zeros((n, len(ORDERS)))
    for column, order in enumerate(ORDERS):
        n_m = 1 if spaced.dimensions == 2 else 2 * order + 1
        bare = np.array(
            [
                complex_order(vectors, np.ones(len(vectors)), order)
                if len(vectors)
                else np.zeros(n_m)
                for vectors, _, _ in around
            ]
        )
        for i, (_, others, _) in enumerate(around):
            q = bare[[i, *others]].mean(axis=0) if averaged else bare[i]
            expected[i, column] = modulus(q, order)
    features = SteinhardtDescriptor(CUTOFFS, ORDERS, averaged).fit_transform([spaced])
    np.testing.assert_allclose(features, expected, rtol=0, atol=single(spaced))


def test_smoothed_bond_order_agrees_with_brute_force(spaced, bonds):
    expected = np.zeros((spaced.n_particles, len(ORDERS)))
    for i in range(spaced.n_particles):
        vectors, _, cutoffs = bonded(spaced, bonds, i, reach=1.4)
        if len(vectors):
            weights = np.exp(-((np.linalg.norm(vectors, axis=1) / cutoffs) ** 6))
            expected[i] = [modulus(complex_order(vectors, weights, o), o) for o in ORDERS]
    descriptor = SmoothedBondOrderDescriptor(CUTOFFS, ORDERS, exponent=6, reach=1.4)
    features = descriptor.fit_transform([spaced])
    np.testing.assert_allclose(features, expected, rtol=0, atol=single(spaced, 1.4))


def angles(vectors):
    directions = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    return [np.arccos(np.clip(a @ b, -1, 1)) for a, b in combinations(directions, 2)]


def test_tetrahedrality_agrees_with_brute_force(configuration, bonds):
    expected = []
    for i in range(configuration.n_particles):
        deviations = abs(
            np.cos(angles(bonded(configuration, bonds, i)[0])) - np.cos(np.radians(109.5))
        )
        expected.append(deviations.mean() if len(deviations) else 0.0)
    descriptor = TetrahedralityDescriptor(CUTOFFS, dtype="float64")
    features = descriptor.fit_transform([configuration])
    np.testing.assert_allclose(features[:, 0], expected, rtol=1e-12)


@pytest.mark.parametrize("smoothed", [False, True])
def test_bond_angles_agree_with_brute_force(configuration, bonds, smoothed):
    expected = []
    for i in range(configuration.n_particles):
        vectors, _, cutoffs = bonded(configuration, bonds, i, reach=1.3 if smoothed else 1.0)
        weights = np.exp(-((np.linalg.norm(vectors, axis=1) / cutoffs) ** 8))
        of_pairs = [a * b if smoothed else 1.0 for a, b in combinations(weights, 2)]
        expected.append(np.histogram(angles(vectors), 20, (0, np.pi), weights=of_pairs)[0])
    descriptor = BondAngleDescriptor(CUTOFFS, 20, smoothed, dtype="float64")
    features = descriptor.fit_transform([configuration])
    np.testing.assert_allclose(features, expected, rtol=1e-12, atol=1e-15)


def test_coordination_agrees_with_brute_force(configuration, bonds):
    expected = []
    for i in range(configuration.n_particles):
        counts = np.bincount(configuration.types[bonded(configuration, bonds, i)[1]], minlength=3)
        expected.append([*counts, counts.sum()])
    features = CoordinationDescriptor(CUTOFFS).fit_transform([configuration])
    np.testing.assert_array_equal(features, expected)


def angle_opposite(c, a, b):
    return np.arccos(np.clip((a * a + b * b - c * c) / (2 * a * b), -1, 1))


def test_compactness_agrees_with_brute_force(configuration, bonds):
    near = [
        dict(zip(others, np.linalg.norm(vectors, axis=1), strict=True))
        for vectors, others, _ in (
            bonded(configuration, bonds, i) for i in range(configuration.n_particles)
        )
    ]
    radius = RADII[configuration.types]
    expected = []
    for i, neighbors in enumerate(near):
        values = [0.0]
        for group in combinations(neighbors, configuration.dimensions):
            edges = list(combinations((i, *group), 2))
            if all(b in near[a] for a, b in edges):
                r = np.array([near[a][b] for a, b in edges])
                sigma = np.array([radius[a] + radius[b] for a, b in edges])
                if configuration.dimensions == 2:
                    deviation = angle_opposite(*r[[2, 0, 1]]) - angle_opposite(*sigma[[2, 0, 1]])
                    values.append(abs(deviation))
                else:
                    values.append(abs(r - sigma).sum() / sigma.sum())
        expected.append(np.mean(values[1:] or values))
    descriptor = CompactnessDescriptor(CUTOFFS, RADII, dtype="float64")
    features = descriptor.fit_transform([configuration])
    assert np.count_nonzero(expected) > 10
    np.testing.assert_allclose(features[:, 0], expected, rtol=1e-11, atol=1e-15)


@pytest.mark.parametrize("averaged", [False, True])
def test_steinhardt_agrees_with_freud_by_cutoff(averaged):
    """freud finds the neighbours itself."""
    generator = np.random.default_rng(4)
    box = Box.cube(9.0, dimensions=3)
    liquid = Configuration(generator.uniform(-4.5, 4.5, (700, 3)), [0] * 700, box, ("A",))
    oracle = freud.order.Steinhardt(6, average=averaged)
    oracle.compute(liquid.to_freud(), neighbors={"r_max": 1.5, "exclude_ii": True})
    features = SteinhardtDescriptor(1.5, [6], averaged).fit_transform([liquid])
    np.testing.assert_allclose(
        features[:, 0], np.nan_to_num(oracle.particle_order), rtol=0, atol=SINGLE
    )


@pytest.mark.shared_data
@pytest.mark.parametrize(
    ("key", "tolerance", "make"),
    [
        ("bo", SINGLE, lambda rc: SteinhardtDescriptor(rc, np.arange(1, 13))),
        ("sbo", SINGLE, lambda rc: SmoothedBondOrderDescriptor(rc)),
        ("tetrahedral", 1e-8, lambda rc: TetrahedralityDescriptor(rc, dtype="float64")),
        ("compactness", 1e-14, lambda rc: CompactnessDescriptor(rc, RADII[:2], dtype="float64")),
    ],
)
def test_agrees_with_partycls(botan, shared_data, key, tolerance, make):
    with np.load(shared_data / "oracle" / "partycls_botan_1.npz") as data:
        features = make(data["cutoffs"]).fit_transform([botan])
        np.testing.assert_allclose(features[:256], data[key], rtol=0, atol=tolerance)


@pytest.mark.shared_data
def test_counts_agree_with_partycls(botan, shared_data):
    """partycls counts every bond angle twice."""
    with np.load(shared_data / "oracle" / "partycls_botan_1.npz") as data:
        rc = data["cutoffs"]
        coordination = CoordinationDescriptor(rc).fit_transform([botan])[:256]
        np.testing.assert_array_equal(coordination[:, -1:], data["coordination"])
        counts = BondAngleDescriptor(rc, 60).fit_transform([botan])[:256]
        np.testing.assert_array_equal(2 * counts, data["bond_angle"])
        smoothed = BondAngleDescriptor(rc, 60, smoothed=True, dtype="float64")
        values = smoothed.fit_transform([botan])[:256]
        np.testing.assert_allclose(2 * values, data["smoothed_bond_angle"], rtol=1e-11, atol=1e-13)


def test_face_centered_cubic():
    basis = np.array([[0, 0, 0], [0, 1, 1], [1, 0, 1], [1, 1, 0]]) / np.sqrt(2)
    cell = np.array(np.meshgrid(*[np.arange(3)] * 3)).reshape(3, -1).T * np.sqrt(2)
    positions = (cell[:, None] + basis).reshape(-1, 3)
    box = Box.cube(3 * np.sqrt(2), dimensions=3)
    lattice = Configuration.wrapped(positions, [0] * len(positions), box, ("A",))
    order = SteinhardtDescriptor(1.2, [4, 6]).fit_transform([lattice])
    np.testing.assert_allclose(order, [[0.190941, 0.574524]] * len(order), atol=3e-6)
    assert (CoordinationDescriptor(1.2).fit_transform([lattice]) == 12).all()
    tight = CompactnessDescriptor(1.2, [0.5], dtype="float64").fit_transform([lattice])
    np.testing.assert_allclose(tight, 0.0, atol=1e-14)


@pytest.mark.parametrize("dimensions", [2, 3])
@pytest.mark.parametrize(
    "descriptor",
    [
        SteinhardtDescriptor(1.5, ORDERS),
        SteinhardtDescriptor(1.5, ORDERS, averaged=True),
        SmoothedBondOrderDescriptor(1.5, ORDERS),
        TetrahedralityDescriptor(1.5),
        BondAngleDescriptor(1.5),
        BondAngleDescriptor(1.5, smoothed=True),
        CoordinationDescriptor(1.5),
        CompactnessDescriptor(1.5, [0.5]),
    ],
)
def test_isolated_particles_have_zeros(descriptor, dimensions):
    positions = np.zeros((3, dimensions))
    positions[1, 0] = 3.5
    positions[2, 1] = 3.5
    alone = Configuration(positions, [0] * 3, Box.cube(8.0, dimensions), ("A",))
    assert not descriptor.fit_transform([alone]).any()


@pytest.mark.parametrize(
    ("cutoffs", "message"),
    [
        ([1.0, 1.0], "matrix of 2 x 2"),
        (0.0, "positive and finite"),
        ([[1.0, np.nan], [np.nan, 1.0]], "positive and finite"),
        ([[1.0, 1.2], [1.1, 1.0]], "the same for"),
    ],
)
def test_bad_cutoffs(liquid, cutoffs, message):
    with pytest.raises(ValueError, match=message):
        CoordinationDescriptor(cutoffs).fit([liquid])


@pytest.mark.parametrize(
    ("descriptor", "message"),
    [
        (SteinhardtDescriptor(1.5, [0, 2]), "rising whole numbers from 1"),
        (SmoothedBondOrderDescriptor(1.5, exponent=0), "exponent must be positive"),
        (SmoothedBondOrderDescriptor(1.5, reach=np.inf), "reach must be positive"),
        (BondAngleDescriptor(1.5, bins=0), "whole number of at least 1, not 0"),
        (CompactnessDescriptor(1.5, [0.5]), "one finite length"),
        (CompactnessDescriptor(1.5, [0.5, -0.1]), "one finite length"),
        (CompactnessDescriptor(1.5, [0.5, 0.0]), "need positive radii"),
        (CompactnessDescriptor(1.5), "no diameters of their own"),
    ],
)
def test_bad_parameters(liquid, descriptor, message):
    with pytest.raises(ValueError, match=message):
        descriptor.fit_transform([liquid])


def test_compactness_takes_the_diameters_of_the_particles(spaced):
    diameters = 2 * RADII[spaced.types]
    by_species = CompactnessDescriptor(CUTOFFS, RADII).fit_transform([spaced])
    own = CompactnessDescriptor(CUTOFFS).fit_transform([spaced.with_diameters(diameters)])
    np.testing.assert_array_equal(own, by_species)


def test_cutoff_beyond_half_the_box(liquid):
    with pytest.raises(ValueError, match="half the smallest distance"):
        CoordinationDescriptor(10.0).fit_transform([liquid])
