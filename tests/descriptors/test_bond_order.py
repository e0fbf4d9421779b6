"""BondOrderDescriptor against loops, freud, partycls and lattices."""

import freud
import numpy as np
import pytest
from scipy.special import eval_legendre, sph_harm_y

from vitreous.descriptors import BondOrderDescriptor
from vitreous.descriptors._bond_order_kernels import bond_order
from vitreous.descriptors._harmonics import harmonics
from vitreous.liquid import Box, Configuration, KobAndersen, neighbor_list
from vitreous.liquid.cells import cells

ORDERS = [1, 2, 3, 6, 12]
SHELLS = [1.0, 1.3, 2.0]
WIDTH = 0.25
CUTOFF = SHELLS[-1] + 5.5 * WIDTH


def brute_force(configuration, bonds):
    rows = []
    for i in range(configuration.n_particles):
        vectors, _ = bonds(configuration, i)
        r = np.linalg.norm(vectors, axis=1)
        vectors, r = vectors[r < CUTOFF], r[r < CUTOFF]
        row = []
        for order in ORDERS:
            for shell in SHELLS:
                w = np.exp(-((r - shell) ** 2) / (2 * WIDTH**2))
                if configuration.dimensions == 2:
                    angle = np.arctan2(vectors[:, 1], vectors[:, 0])
                    row.append(abs(np.sum(w * np.exp(1j * order * angle))) / w.sum())
                else:
                    polar = np.arccos(vectors[:, 2] / r)
                    azimuth = np.arctan2(vectors[:, 1], vectors[:, 0])
                    power = 0.0
                    for m in range(-order, order + 1):
                        average = np.sum(w * sph_harm_y(order, m, polar, azimuth)) / w.sum()
                        power += abs(average) ** 2
                    row.append(np.sqrt(4 * np.pi / (2 * order + 1) * power))
        rows.append(row)
    return np.array(rows)


@pytest.mark.parametrize(("dtype", "tolerance"), [("float64", 1e-12), ("float32", 5e-7)])
def test_agrees_with_brute_force(configuration, bonds, dtype, tolerance):
    descriptor = BondOrderDescriptor(ORDERS, SHELLS, WIDTH, dtype=dtype)
    features = descriptor.fit_transform([configuration])
    assert features.dtype == dtype
    np.testing.assert_allclose(features, brute_force(configuration, bonds), rtol=0, atol=tolerance)


def test_components_agree_with_brute_force(configuration, bonds):
    descriptor = BondOrderDescriptor(ORDERS, SHELLS, WIDTH, components=True, dtype="float64")
    features = descriptor.fit_transform([configuration])
    names = descriptor.get_feature_names_out()
    assert features.shape[1] == len(names) == len(set(names))
    for i in range(0, configuration.n_particles, 10):
        vectors, _ = bonds(configuration, i)
        r = np.linalg.norm(vectors, axis=1)
        vectors, r = vectors[r < CUTOFF], r[r < CUTOFF]
        azimuth = np.arctan2(vectors[:, 1], vectors[:, 0])
        for value, name in zip(features[i], names, strict=True):
            part = name.split()[1]
            numbers = dict(word.split("=") for word in name.split()[2:])
            order = int(numbers["l"])
            if configuration.dimensions == 2:
                harmonic = np.exp(1j * order * azimuth)
            else:
                polar = np.arccos(vectors[:, 2] / r)
                harmonic = sph_harm_y(order, int(numbers["m"]), polar, azimuth)
            w = np.exp(-((r - float(numbers["r"])) ** 2) / (2 * WIDTH**2))
            expected = np.average(harmonic, weights=w)
            expected = expected.real if part == "Re" else expected.imag
            assert value == pytest.approx(expected, abs=1e-12)


def test_names_of_components():
    flat, deep = (Configuration(np.zeros((1, d)), [0], Box.cube(9.0, d), ("A",)) for d in (2, 3))
    descriptor = BondOrderDescriptor([1, 2], [1.0, 1.5], components=True)
    assert descriptor.fit([flat]).get_feature_names_out().tolist() == [
        f"bond-order {part} l={order} r={shell}"
        for order in (1, 2)
        for part in ("Re", "Im")
        for shell in ("1", "1.5")
    ]
    assert descriptor.fit([deep]).get_feature_names_out()[::2].tolist() == [
        "bond-order Re l=1 m=0 r=1",
        "bond-order Re l=1 m=1 r=1",
        "bond-order Im l=1 m=1 r=1",
        "bond-order Re l=2 m=0 r=1",
        "bond-order Re l=2 m=1 r=1",
        "bond-order Im l=2 m=1 r=1",
        "bond-order Re l=2 m=2 r=1",
        "bond-order Im l=2 m=2 r=1",
    ]


def test_more_shells_than_a_vector_holds(configuration):
    shells = np.linspace(1.0, 2.0, 21)
    many = BondOrderDescriptor(ORDERS, shells, WIDTH).fit_transform([configuration])
    few = BondOrderDescriptor(ORDERS, shells[[0, 10, 20]], WIDTH).fit_transform([configuration])
    many = many.reshape(-1, len(ORDERS), 21)[:, :, [0, 10, 20]].reshape(few.shape)
    np.testing.assert_allclose(many, few, rtol=0, atol=5e-7)


def freud_neighbors(configuration, shell):
    neighbors = neighbor_list(configuration, CUTOFF)
    weights = np.exp(-((neighbors.distances - shell) ** 2) / (2 * WIDTH**2))
    vectors = np.zeros((len(weights), 3))
    vectors[:, : configuration.dimensions] = neighbors.vectors
    n = configuration.n_particles
    return freud.locality.NeighborList.from_arrays(
        n, n, neighbors.rows, neighbors.indices, vectors, weights
    )


def test_agrees_with_freud(liquid):
    """As well as two angles in float32, as freud has them, can be multiplied by an order."""
    tolerance = 2 * max(ORDERS) * np.pi * np.finfo(np.float32).eps
    features = BondOrderDescriptor(ORDERS, SHELLS, WIDTH).fit_transform([liquid])
    features = features.reshape(-1, len(ORDERS), len(SHELLS))
    for o, order in enumerate(ORDERS):
        for s, shell in enumerate(SHELLS):
            if liquid.dimensions == 2:
                oracle = freud.order.Hexatic(k=order, weighted=True)
            else:
                oracle = freud.order.Steinhardt(l=order, weighted=True)
            oracle.compute(liquid.to_freud(), neighbors=freud_neighbors(liquid, shell))
            is_2d = liquid.dimensions == 2
            expected = abs(oracle.particle_order) if is_2d else oracle.particle_order
            np.testing.assert_allclose(features[:, o, s], expected, rtol=0, atol=tolerance)


@pytest.mark.shared_data
def test_agrees_with_partycls(botan, shared_data):
    """The cutoff of partycls lies 2.5 widths beyond its last shell."""
    with np.load(shared_data / "oracle" / "partycls_botan_1.npz") as data:
        expected = data["rbo"].reshape(256, 12, 4)
    values = np.empty((botan.n_particles, 48))
    shells = np.array([1.0, 1.5, 2.0, 2.5])
    kernel_input = harmonics(np.arange(1, 13), dimensions=3, components=False)
    around = cells(botan, 2.75)
    bond_order(around, 0, len(around.start) - 1, kernel_input, shells, 0.1, False, 12, values, 0)
    np.testing.assert_allclose(values[:256].reshape(256, 12, 4), expected, rtol=0, atol=1e-12)


def test_icosahedron():
    golden = (1 + np.sqrt(5)) / 2
    corners = np.array([[0, a, b * golden] for a in (-1, 1) for b in (-1, 1)])
    corners = np.concatenate([np.roll(corners, turn, axis=1) for turn in range(3)])
    corners /= np.linalg.norm(corners[0])
    positions = np.concatenate([np.zeros((1, 3)), corners])
    box = Box.cube(10.0, dimensions=3)
    cluster = Configuration(positions, np.zeros(13, int), box, ("A",))
    descriptor = BondOrderDescriptor(shells=[1.0], width=0.02, dtype="float64")
    center = descriptor.fit_transform([cluster])[0]
    np.testing.assert_allclose(center[[0, 1, 2, 3, 4, 6, 7, 8, 10]], 0, atol=1e-12)
    for order in (6, 10, 12):
        legendre = eval_legendre(order, [1, 5**-0.5, -(5**-0.5), -1])
        expected = np.sqrt(np.average(legendre, weights=[1, 5, 5, 1]))
        assert center[order - 1] == pytest.approx(expected, abs=1e-12)


def test_far_neighbors_do_not_underflow():
    """Weights of exp(-1250) each, but their ratio is one."""
    box = Box.cube(12.0, dimensions=3)
    triple = Configuration([[0, 0, 0], [3, 0, 0], [-3, 0, 0]], [0, 0, 0], box, ("A",))
    descriptor = BondOrderDescriptor([1, 2], [0.5, 3.0], 0.05, dtype="float64")
    np.testing.assert_allclose(descriptor.fit_transform([triple])[0], [0, 0, 1, 1], atol=1e-14)


@pytest.mark.parametrize("dimensions", [2, 3])
def test_isolated_particles_have_zeros(dimensions):
    positions = np.zeros((2, dimensions))
    positions[1, 0] = 3.5
    box = Box.cube(8.0, dimensions)
    pair = Configuration(positions, [0, 0], box, ("A",))
    assert not BondOrderDescriptor().fit_transform([pair]).any()


@pytest.mark.parametrize("dimensions", [2, 3])
def test_two_particles_at_one_point_have_no_bond_and_are_refused(dimensions):
    positions = np.ones((3, dimensions))
    positions[2, 0] = 2.0
    triple = Configuration(positions, [0, 0, 0], Box.cube(8.0, dimensions), ("A",))
    with pytest.raises(ValueError, match="particles 0 and 1 lie at one point"):
        BondOrderDescriptor(shells=[1.0]).fit_transform([triple])


def test_default_set():
    configuration = KobAndersen().random_configuration(500, random_state=1)
    descriptor = BondOrderDescriptor().fit([configuration])
    names = descriptor.get_feature_names_out()
    assert len(names) == len(set(names)) == 192
    assert names[0] == "bond-order l=1 r=1"
    assert names[17] == "bond-order l=2 r=1.1"
    assert names[-1] == "bond-order l=12 r=2.5"
    features = descriptor.transform([configuration])
    assert features.shape == (500, 192)
    assert np.all((features >= 0) & (features < 1 + 1e-6))


@pytest.mark.parametrize("orders", [[], [0, 1], [2, 1], [1.5], [[1]]])
def test_bad_orders(liquid, orders):
    with pytest.raises(ValueError, match="rising whole numbers from 1"):
        BondOrderDescriptor(orders=orders).fit([liquid])


@pytest.mark.parametrize("width", [0.0, -1.0, np.nan])
def test_bad_width(liquid, width):
    with pytest.raises(ValueError, match="positive"):
        BondOrderDescriptor(width=width).fit([liquid])
