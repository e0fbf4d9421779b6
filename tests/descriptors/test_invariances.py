"""What must not change a feature: moving, turning, renumbering, other periodic images."""

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from scipy.spatial.transform import Rotation
from sklearn.pipeline import make_union

from vitreous.descriptors import BondOrderDescriptor, CoarseGrain, RadialDescriptor
from vitreous.liquid import Box, Configuration

DESCRIPTOR = CoarseGrain(
    make_union(
        RadialDescriptor(np.arange(0.8, 2.5, 0.1), 0.1, dtype="float64"),
        BondOrderDescriptor([1, 2, 5, 6], [1.0, 1.5, 2.0], 0.1, dtype="float64"),
    ),
    cutoff=3.0,
    dtype="float64",
)
quick = settings(
    max_examples=10,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
seeds = st.integers(0, 2**32 - 1)


def features(configuration):
    return DESCRIPTOR.fit_transform([configuration])


def assert_same(first, second):
    """To the size of the Gaussians that are cut off, which can fall on either side."""
    np.testing.assert_allclose(first, second, rtol=1e-9, atol=1e-6)


@quick
@given(seed=seeds)
def test_translation(configuration, seed):
    shift = np.random.default_rng(seed).uniform(-20, 20, configuration.dimensions)
    moved = configuration.with_positions(configuration.positions + shift)
    assert_same(features(moved), features(configuration))


@quick
@given(seed=seeds)
def test_permutation(configuration, seed):
    order = np.random.default_rng(seed).permutation(configuration.n_particles)
    permuted = Configuration(
        configuration.positions[order],
        configuration.types[order],
        configuration.box,
        configuration.species,
    )
    assert_same(features(permuted), features(configuration)[order])


@quick
@given(seed=seeds)
def test_other_images(configuration, seed):
    images = np.random.default_rng(seed).integers(-3, 4, configuration.positions.shape)
    moved = configuration.with_positions(
        configuration.positions + images @ configuration.box.matrix.T
    )
    assert_same(features(moved), features(configuration))


@quick
@given(seed=seeds, dimensions=st.sampled_from([2, 3]))
def test_rotation(seed, dimensions):
    generator = np.random.default_rng(seed)
    cluster = generator.normal(scale=1.2, size=(40, dimensions))
    turn = Rotation.random(random_state=generator).as_matrix()
    if dimensions == 2:
        turn = Rotation.from_euler("z", generator.uniform(0, 7)).as_matrix()[:2, :2]
    types = generator.integers(0, 2, 40)
    box = Box.cube(40.0, dimensions)
    turned = Configuration.wrapped(cluster @ turn.T, types, box, ("A", "B"))
    still = Configuration.wrapped(cluster, types, box, ("A", "B"))
    assert_same(features(turned), features(still))


@quick
@given(seed=seeds, dimensions=st.sampled_from([2, 3]))
def test_reflection(seed, dimensions):
    generator = np.random.default_rng(seed)
    cluster = generator.normal(scale=1.2, size=(40, dimensions))
    box = Box.cube(40.0, dimensions)
    types = np.zeros(40, int)
    mirrored = Configuration.wrapped(cluster * ([-1] + [1] * (dimensions - 1)), types, box, ("A",))
    assert_same(features(mirrored), features(Configuration.wrapped(cluster, types, box, ("A",))))


@pytest.mark.parametrize("turns", [-1, 1])
def test_another_cell_of_the_same_lattice(turns):
    """The second lattice vector may be exchanged for its sum with the first."""
    generator = np.random.default_rng(8)
    box = Box([14.0, 16.0, 15.0], [0.4, 0.0, 0.1])
    positions = (generator.random((300, 3)) - 0.5) @ box.matrix.T
    types = generator.integers(0, 2, 300)
    same = Box(box.lengths, [0.4 + turns * 14.0 / 16.0, 0.0, 0.1])
    assert_same(
        features(Configuration.wrapped(positions, types, same, ("A", "B"))),
        features(Configuration.wrapped(positions, types, box, ("A", "B"))),
    )


def test_periodic_copies(configuration):
    """A system doubled along x is the same liquid."""
    box = configuration.box
    along_x = box.matrix[:, 0]
    if box.is_orthorhombic:
        doubled_box = Box((2 * box.lengths[0], *box.lengths[1:]))
        doubled = Configuration.wrapped(
            np.concatenate([configuration.positions, configuration.positions + along_x]),
            np.tile(configuration.types, 2),
            doubled_box,
            configuration.species,
        )
        assert_same(features(doubled)[: configuration.n_particles], features(configuration))
