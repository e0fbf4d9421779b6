"""Debye-Waller factors against the eigenvectors of the dense Hessian."""

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.pipeline import make_pipeline

from vitreous.descriptors import DebyeWallerFactor
from vitreous.descriptors._phonon_kernels import conditional_variances
from vitreous.descriptors._phonons import thermal_displacements
from vitreous.liquid import (
    Box,
    Configuration,
    KobAndersen,
    KobAndersen2D,
    PairPotential,
    System,
    hessian,
)
from vitreous.simulate import InherentStructure

SIZES = {"KA2D": (KobAndersen2D(), 240), "KA": (KobAndersen(), 216)}


@pytest.fixture(scope="module", params=SIZES)
def minimum(request):
    system, n_particles = SIZES[request.param]
    start = system.random_configuration(n_particles, random_state=1)
    (configuration,) = InherentStructure(system).transform([start])
    return system, configuration


@pytest.fixture(scope="module")
def pseudo_inverse(minimum):
    """Outside oracle: the sum over modes, from the dense matrix."""
    system, configuration = minimum
    dimensions = configuration.dimensions
    values, vectors = np.linalg.eigh(hessian(system, configuration).toarray())
    assert abs(values[:dimensions]).max() < 1e-9
    assert values[dimensions] > 1e-3
    return (vectors[:, dimensions:] / values[dimensions:]) @ vectors[:, dimensions:].T


@pytest.fixture
def expected_factors(minimum, pseudo_inverse):
    _, configuration = minimum
    return np.diag(pseudo_inverse).reshape(configuration.positions.shape).sum(axis=1)


def test_exact_factors_are_sums_over_modes(minimum, expected_factors):
    system, configuration = minimum
    descriptor = DebyeWallerFactor(system, dtype="float64")
    factors = descriptor.fit_transform([configuration])
    assert factors.shape == (configuration.n_particles, 1)
    np.testing.assert_allclose(factors[:, 0], expected_factors, rtol=1e-9)
    assert descriptor.get_feature_names_out().tolist() == ["debye-waller"]


def test_sampled_factors_converge_to_the_exact_ones(minimum, expected_factors):
    system, configuration = minimum
    errors = []
    for n_samples in (20, 200):
        descriptor = DebyeWallerFactor(system, n_samples=n_samples, random_state=2)
        factors = descriptor.fit_transform([configuration])[:, 0]
        errors.append(np.sqrt((np.log(factors / expected_factors) ** 2).mean()))
    assert errors[0] < 0.1
    assert errors[1] < 0.5 * errors[0]


def test_samples_have_the_inverse_hessian_as_covariance(minimum, pseudo_inverse):
    system, configuration = minimum
    generator = np.random.default_rng(3)
    n_samples = 500
    samples = thermal_displacements(hessian(system, configuration), n_samples, generator)
    estimate = samples @ samples.T / n_samples
    variances = np.diag(pseudo_inverse)
    deviation = np.sqrt(np.outer(variances, variances) + pseudo_inverse**2)
    errors = (estimate - pseudo_inverse) / deviation
    assert errors.std() == pytest.approx(n_samples**-0.5, rel=0.1)
    assert abs(samples.reshape(*configuration.positions.shape, -1).mean(axis=0)).max() < 1e-12


def test_conditional_variances_from_their_definition(minimum):
    """Each region is inverted as it stands, and its mean follows from what is outside."""
    system, configuration = minimum
    n_particles, dimensions = configuration.positions.shape
    stiffness = hessian(system, configuration)
    dense = stiffness.toarray()
    generator = np.random.default_rng(4)
    samples = generator.normal(size=(len(dense), 3))
    regions = [
        np.setdiff1d(generator.choice(n_particles, 15, replace=False), [i])
        for i in range(n_particles)
    ]
    starts = np.append(0, np.cumsum([len(region) for region in regions]))
    variances = np.empty(n_particles)
    conditional_variances(
        0,
        n_particles,
        (starts, np.concatenate(regions).astype(np.int32)),
        (stiffness.indptr, stiffness.indices, stiffness.data),
        samples,
        dense @ samples,
        variances,
    )
    for i in range(0, n_particles, 20):
        inside = np.append(i, regions[i])
        rows = (dimensions * inside[:, None] + np.arange(dimensions)).ravel()
        others = np.setdiff1d(np.arange(len(dense)), rows)
        inverse = np.linalg.inv(dense[np.ix_(rows, rows)])[:dimensions]
        mean = -inverse @ dense[np.ix_(rows, others)] @ samples[others]
        shift = inverse.reshape(dimensions, -1, dimensions).sum(axis=1)
        expected = np.trace(inverse[:, :dimensions]) - 2 * np.trace(shift) / n_particles
        expected += (mean**2).mean(axis=1).sum()
        assert variances[i] == pytest.approx(expected, rel=1e-9)


def test_repeats_from_its_seed(minimum):
    system, configuration = minimum
    descriptor = DebyeWallerFactor(system, n_samples=5)
    once, again = (clone(descriptor).fit_transform([configuration] * 2) for _ in range(2))
    np.testing.assert_array_equal(once, again)
    np.testing.assert_array_equal(once[: configuration.n_particles], once[-len(once) // 2 :])
    other = clone(descriptor).set_params(random_state=1).fit_transform([configuration])
    assert not np.array_equal(other, once[: configuration.n_particles])


def test_is_a_step_of_a_pipeline(minimum):
    system, _ = minimum
    start = system.random_configuration(200, random_state=5)
    pipeline = make_pipeline(InherentStructure(system), DebyeWallerFactor(system, n_jobs=2))
    assert (pipeline.fit_transform([start, start]) > 0).all()


@pytest.mark.parametrize("n_samples", [None, 3])
def test_only_stable_minima_vibrate(n_samples):
    system = KobAndersen2D()
    descriptor = DebyeWallerFactor(system, n_samples=n_samples)
    thermal = system.random_configuration(100, random_state=1)
    with pytest.raises(ValueError, match="not a stable minimum"):
        descriptor.fit_transform([thermal])
    spheres = PairPotential.harmonic([[1.0]], [[1.0]])
    dilute = System("spheres", "A", [1], 0.1, 2, spheres)
    configuration = Configuration(
        [[0.0, 0.0], [2.0, 2.0], [2.6, 2.0]], [0, 0, 0], Box.cube(6.0, dimensions=2), "A"
    )
    with pytest.raises(ValueError, match="1 particles, the first of them 0, interact with no"):
        DebyeWallerFactor(dilute, n_samples=n_samples).fit_transform([configuration])


def test_bad_arguments_are_refused(minimum):
    system, configuration = minimum
    with pytest.raises(ValueError, match="n_samples must be 1 or more, not 0"):
        DebyeWallerFactor(system, n_samples=0).fit([configuration])
    other = KobAndersen() if system.dimensions == 2 else KobAndersen2D()
    with pytest.raises(ValueError, match=other.name):
        DebyeWallerFactor(other).fit([configuration])
    large = KobAndersen2D()
    axes = np.meshgrid(np.arange(130.0), np.arange(130.0), indexing="ij")
    positions = np.stack(axes, axis=-1).reshape(-1, 2) - 65
    lattice = Configuration(positions, np.zeros(130**2, int), Box.cube(130.0, 2), large.species)
    with pytest.raises(ValueError, match="33800 coordinates would need 9 GB"):
        DebyeWallerFactor(large).fit_transform([lattice])
