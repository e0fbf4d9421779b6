"""RadialDescriptor against loops, against counting, and at its limits."""

import numpy as np
import pytest

from vitreous.descriptors import RadialDescriptor
from vitreous.liquid import Box, Configuration, KobAndersen, KobAndersen2D, neighbor_list

CUT = np.exp(-(5.5**2) / 2)  # a Gaussian where it is cut off


def brute_force(configuration, shells, widths, bonds):
    shells, widths = np.asarray(shells), np.asarray(widths)
    rows = []
    for i in range(configuration.n_particles):
        vectors, others = bonds(configuration, i)
        distances = np.linalg.norm(vectors, axis=1)
        row = []
        for species in range(len(configuration.species)):
            r = distances[configuration.types[others] == species, None]
            row.append(np.exp(-((r - shells) ** 2) / (2 * widths**2)).sum(axis=0))
        rows.append(np.concatenate(row))
    return np.array(rows)


SHELLS = {
    "one": ([1.3], [0.2]),
    "equidistant": (np.arange(0.8, 2.9, 0.1), np.full(21, 0.1)),
    "dense": (np.arange(0.5, 2.5, 0.02), np.full(100, 0.15)),
    "far apart": ([0.5, 1.5, 2.5], [0.05] * 3),
    "very far apart": ([0.5, 1.5, 2.5], [0.001] * 3),
    "two ramps": ([1.0, 1.1, 1.2, 1.3, 1.6, 1.9, 2.2], [0.05] * 4 + [0.1] * 3),
    "irregular": ([0.0, 0.7, 0.9, 1.5, 1.55, 2.9], [0.1, 0.05, 0.07, 0.1, 0.01, 0.12]),
}


@pytest.mark.parametrize("name", SHELLS)
def test_agrees_with_brute_force(configuration, bonds, name):
    shells, widths = SHELLS[name]
    descriptor = RadialDescriptor(shells, widths, dtype="float64")
    features = descriptor.fit_transform([configuration])
    expected = brute_force(configuration, shells, widths, bonds)
    np.testing.assert_allclose(features, expected, rtol=1e-11, atol=5 * CUT)


def test_default_set_agrees_with_brute_force_to_float32(bonds):
    configuration = KobAndersen2D().random_configuration(300, random_state=2)
    descriptor = RadialDescriptor().fit([configuration])
    shells = [float(name.split("r=")[1]) for name in descriptor.get_feature_names_out()[:100]]
    widths = [0.025 if shell < 2 else 0.05 for shell in shells]
    features = descriptor.transform([configuration])
    assert features.dtype == np.float32
    expected = brute_force(configuration, shells, widths, bonds)
    np.testing.assert_allclose(features, expected, rtol=2e-7, atol=5 * CUT)


def test_wide_shells_count_neighbors(liquid):
    descriptor = RadialDescriptor([1.2], [0.3], dtype="float64").fit([liquid])
    neighbors = neighbor_list(liquid, 1.2 + 5.5 * 0.3)
    weights = np.exp(-((neighbors.distances - 1.2) ** 2) / (2 * 0.3**2))
    totals = np.bincount(neighbors.rows, weights, minlength=liquid.n_particles)
    np.testing.assert_allclose(descriptor.transform([liquid]).sum(axis=1), totals, rtol=1e-12)


@pytest.mark.parametrize(("system", "n_features"), [(KobAndersen(), 200), (KobAndersen2D(), 300)])
def test_default_set_has_100_shells_per_species(system, n_features):
    configuration = system.random_configuration(1500, random_state=1)
    descriptor = RadialDescriptor().fit([configuration])
    names = descriptor.get_feature_names_out()
    assert len(names) == len(set(names)) == n_features
    assert names[0] == "radial[A] r=0.85"
    assert names[101] == "radial[B] r=0.88"
    assert descriptor.transform([configuration]).shape == (1500, n_features)


def test_isolated_particles_have_zeros():
    box = Box.cube(10.0, dimensions=3)
    lonely = Configuration([[0, 0, 0], [4.9, 0, 0]], [0, 0], box, ("A",))
    assert not RadialDescriptor([1.0], [0.1]).fit_transform([lonely]).any()


def test_single_particle_has_zeros():
    single = Configuration([[0.0, 0.0]], [0], Box.cube(4.0, dimensions=2), ("A",))
    assert not RadialDescriptor([1.0], [0.1]).fit_transform([single]).any()


def test_two_particles_at_one_point_are_refused():
    box = Box.cube(10.0, dimensions=2)
    pair = Configuration([[1.0, 1.0], [1.0, 1.0]], [0, 0], box, ("A",))
    with pytest.raises(ValueError, match="particles 0 and 1 lie at one point"):
        RadialDescriptor([0.0, 0.2], 0.2).fit_transform([pair])


@pytest.mark.parametrize(
    ("shells", "widths", "message"),
    [
        ([], 0.1, "non-empty"),
        ([[1.0]], 0.1, "non-empty"),
        ([2.0, 1.0], 0.1, "rising"),
        ([-1.0], 0.1, "non-negative"),
        ([np.nan], 0.1, "finite"),
        ([1.0, 2.0], [0.1, 0.1, 0.1], r"one per shell \(2\), not 3"),
        ([1.0], 0.0, "positive"),
    ],
)
def test_bad_shells(liquid, shells, widths, message):
    with pytest.raises(ValueError, match=message):
        RadialDescriptor(shells, widths).fit([liquid])


def test_shell_beyond_half_the_box(liquid):
    descriptor = RadialDescriptor([1.0, 20.0], 0.1).fit([liquid])
    with pytest.raises(ValueError, match=r"cutoff 20\.55 .* half the smallest distance"):
        descriptor.transform([liquid])
