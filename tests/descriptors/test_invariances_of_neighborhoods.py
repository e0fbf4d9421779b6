"""What must not change order parameters, cells and averages: moving, turning, other images."""

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from scipy.spatial.transform import Rotation

from vitreous.descriptors import (
    AngularDescriptor,
    BondAngleDescriptor,
    CompactnessDescriptor,
    CoordinationDescriptor,
    ExcessEntropyDescriptor,
    PhysicsInspiredDescriptor,
    SmoothedBondOrderDescriptor,
    SteinhardtDescriptor,
    TetrahedralityDescriptor,
    VoronoiDescriptor,
)
from vitreous.liquid import Box, Configuration, PairPotential, System

RADII = [0.5, 0.4, 0.45]


def spheres(dimensions):
    potential = PairPotential.harmonic(np.ones((3, 3)), 1.3 * np.ones((3, 3)))
    return System("spheres", "ABC", [1, 1, 1], 0.5, dimensions, potential)


# With the tolerance: for freud that of an angle that it takes from its cosine in float32 within
# 0.06 degrees of the z axis, for the entropy that of the cut of Gaussians.
LOCAL = [
    (AngularDescriptor(cutoff=1.8), 1e-12),
    (BondAngleDescriptor(1.5), 0.0),
    (BondAngleDescriptor(1.5, smoothed=True), 1e-12),
    (CompactnessDescriptor(1.5, RADII), 1e-12),
    (CoordinationDescriptor(1.5), 0.0),
    (ExcessEntropyDescriptor(0.1, 1.8), 1e-5),
    (SmoothedBondOrderDescriptor(1.5), 1e-3),
    (SteinhardtDescriptor(1.5, [2, 6, 8]), 1e-3),
    (SteinhardtDescriptor(1.5, [2, 6, 8], averaged=True), 1e-3),
    (TetrahedralityDescriptor(1.5), 1e-12),
]
PERIODIC = [
    (VoronoiDescriptor(RADII), 1e-10),
    (PhysicsInspiredDescriptor(None, [0.0, 0.5, 3.0], 2.5, RADII), 1e-10),
]
quick = settings(
    max_examples=4,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
seeds = st.integers(0, 2**32 - 1)
local = pytest.mark.parametrize(("descriptor", "tolerance"), LOCAL, ids=range(len(LOCAL)))
every = pytest.mark.parametrize(
    ("descriptor", "tolerance"), LOCAL + PERIODIC, ids=range(len(LOCAL + PERIODIC))
)


def features(descriptor, configuration):
    descriptor.set_params(dtype="float64")
    if isinstance(descriptor, PhysicsInspiredDescriptor):
        descriptor.set_params(system=spheres(configuration.dimensions))
    return descriptor.fit_transform([configuration])


def same(first, second, tolerance):
    np.testing.assert_allclose(first, second, rtol=1e-9, atol=tolerance)


@every
@quick
@given(seed=seeds)
def test_translation_and_images(configuration, descriptor, tolerance, seed):
    generator = np.random.default_rng(seed)
    images = generator.integers(-3, 4, configuration.positions.shape)
    shift = generator.uniform(-20, 20, configuration.dimensions)
    moved = configuration.with_positions(
        configuration.positions + shift + images @ configuration.box.matrix.T
    )
    same(features(descriptor, moved), features(descriptor, configuration), tolerance)


@every
@quick
@given(seed=seeds)
def test_permutation(configuration, descriptor, tolerance, seed):
    order = np.random.default_rng(seed).permutation(configuration.n_particles)
    permuted = Configuration(
        configuration.positions[order],
        configuration.types[order],
        configuration.box,
        configuration.species,
    )
    same(features(descriptor, permuted), features(descriptor, configuration)[order], tolerance)


@every
def test_quarter_turns_and_mirrors(configuration, descriptor, tolerance):
    """Axes in another order, one of them reversed, turn the whole box; a tilted one only once."""
    box = configuration.box
    if box.is_orthorhombic:
        axes = np.roll(np.arange(box.dimensions), 1)
        turned_box = Box(np.array(box.lengths)[axes])
        positions = configuration.positions[:, axes] * ([-1] + [1] * (box.dimensions - 1))
    else:
        signs = np.array([-1.0] + [1.0] * (box.dimensions - 1))
        flipped = (
            [-box.tilts[0]] if box.dimensions == 2 else [-box.tilts[0], -box.tilts[1], box.tilts[2]]
        )
        turned_box = Box(box.lengths, flipped)
        positions = configuration.positions * signs
    turned = Configuration.wrapped(
        positions, configuration.types, turned_box, configuration.species
    )
    same(features(descriptor, turned), features(descriptor, configuration), tolerance)


@local
@quick
@given(seed=seeds, dimensions=st.sampled_from([2, 3]))
def test_rotation(descriptor, tolerance, seed, dimensions):
    generator = np.random.default_rng(seed)
    cluster = generator.normal(scale=1.2, size=(40, dimensions))
    turn = Rotation.random(random_state=generator).as_matrix()
    if dimensions == 2:
        turn = Rotation.from_euler("z", generator.uniform(0, 7)).as_matrix()[:2, :2]
    types = generator.integers(0, 3, 40)
    box = Box.cube(40.0, dimensions)
    turned = Configuration.wrapped(cluster @ turn.T, types, box, "ABC")
    still = Configuration.wrapped(cluster, types, box, "ABC")
    same(features(descriptor, turned), features(descriptor, still), tolerance)


@every
def test_periodic_copies(configuration, descriptor, tolerance):
    """A system doubled along x is the same liquid."""
    box = configuration.box
    doubled = Configuration.wrapped(
        np.concatenate([configuration.positions, configuration.positions + box.matrix[:, 0]]),
        np.tile(configuration.types, 2),
        Box(
            (2 * box.lengths[0], *box.lengths[1:]),
            box.tilts,
        ),
        configuration.species,
    )
    expected = features(descriptor, configuration)
    same(features(descriptor, doubled)[: configuration.n_particles], expected, tolerance)
