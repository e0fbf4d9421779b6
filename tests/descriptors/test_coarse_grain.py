"""CoarseGrain against loops, and its limits."""

import numpy as np
import pytest
from sklearn.pipeline import make_pipeline, make_union
from sklearn.preprocessing import FunctionTransformer

from vitreous.descriptors import BondOrderDescriptor, CoarseGrain, RadialDescriptor
from vitreous.liquid import Box, Configuration

BARE = RadialDescriptor([1.0, 1.5, 2.0], 0.2, dtype="float64")


def brute_force(configuration, features, length, cutoff, generations, bonds):
    blocks = [features]
    for _ in range(generations):
        averaged = np.empty_like(features)
        for i in range(configuration.n_particles):
            vectors, others = bonds(configuration, i)
            r = np.linalg.norm(vectors, axis=1)
            weights = np.exp(-r[r < cutoff] / length)
            total = blocks[-1][i] + weights @ blocks[-1][others[r < cutoff]]
            averaged[i] = total / (1.0 + weights.sum())
        blocks.append(averaged)
    return np.hstack(blocks)


@pytest.mark.parametrize(("dtype", "rtol"), [("float64", 1e-12), ("float32", 1e-6)])
def test_agrees_with_brute_force(configuration, bonds, dtype, rtol):
    descriptor = CoarseGrain(BARE, length=1.5, cutoff=2.8, generations=3, dtype=dtype)
    features = descriptor.fit_transform([configuration])
    bare = BARE.fit_transform([configuration])
    expected = brute_force(configuration, bare, 1.5, 2.8, 3, bonds)
    assert features.dtype == dtype
    np.testing.assert_allclose(features, expected, rtol=rtol, atol=1e-7 * bare.max())


def test_a_constant_stays_constant(liquid):
    ones = FunctionTransformer(lambda configurations: np.ones((configurations[0].n_particles, 1)))
    ones.set_params(feature_names_out=lambda transformer, names: ["one"])
    features = CoarseGrain(ones, cutoff=3.0, generations=2).fit_transform([liquid])
    np.testing.assert_allclose(features, 1.0, rtol=1e-6)


def test_isolated_particles_keep_their_features():
    box = Box.cube(20.0, dimensions=2)
    positions = [[0, 0], [1, 0], [9, 9]]
    configuration = Configuration(positions, [0, 0, 0], box, ("A",))
    features = CoarseGrain(RadialDescriptor([7.5], 0.4)).fit_transform([configuration])
    np.testing.assert_array_equal(features[2], features[2, 0])


def test_no_generations_leave_features_alone(liquid):
    features = CoarseGrain(BARE, cutoff=3.0, generations=0, dtype="float64").fit_transform([liquid])
    np.testing.assert_array_equal(features, BARE.fit_transform([liquid]))


def test_union_goes_configuration_by_configuration(liquid):
    """What one configuration gives does not depend on which others are described with it."""
    other = liquid.with_positions(liquid.positions[::-1])
    union = make_union(BARE, BondOrderDescriptor([4, 6], [1.0, 1.4]))
    descriptor = CoarseGrain(union, cutoff=3.0).fit([liquid])
    together = descriptor.transform([liquid, other])
    apart = [descriptor.transform([liquid]), descriptor.transform([other])]
    np.testing.assert_array_equal(together, np.concatenate(apart))


def test_names(liquid):
    union = make_union(RadialDescriptor([1.05], 0.1), BondOrderDescriptor([6], [1.4]))
    union.set_params(verbose_feature_names_out=False)
    descriptor = CoarseGrain(union, length=1.5, generations=2).fit([liquid])
    assert descriptor.get_feature_names_out().tolist() == [
        "radial[A] r=1.05",
        "radial[B] r=1.05",
        "bond-order l=6 r=1.4",
        "radial[A] r=1.05 L=1.5 generation=1",
        "radial[B] r=1.05 L=1.5 generation=1",
        "bond-order l=6 r=1.4 L=1.5 generation=1",
        "radial[A] r=1.05 L=1.5 generation=2",
        "radial[B] r=1.05 L=1.5 generation=2",
        "bond-order l=6 r=1.4 L=1.5 generation=2",
    ]


def test_wraps_a_pipeline(liquid):
    squared = FunctionTransformer(np.square, feature_names_out="one-to-one")
    descriptor = CoarseGrain(make_pipeline(BARE, squared), cutoff=3.0, dtype="float64")
    features = descriptor.fit_transform([liquid])
    np.testing.assert_array_equal(features[:, :6], BARE.fit_transform([liquid]) ** 2)


def test_no_columns(liquid):
    nothing = FunctionTransformer(lambda configurations: np.ones((len(liquid.types), 0)))
    assert CoarseGrain(nothing, cutoff=3.0).fit_transform([liquid]).shape == (len(liquid.types), 0)


def test_wrapped_transformer_must_give_one_row_per_particle(liquid):
    means = make_pipeline(BARE, FunctionTransformer(lambda rows: rows.mean(axis=0, keepdims=True)))
    with pytest.raises(ValueError, match="gave 1 rows"):
        CoarseGrain(means, cutoff=3.0).fit_transform([liquid])


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"length": 0.0}, "length must be positive and finite, not 0.0"),
        ({"length": np.inf}, "finite"),
        ({"generations": -1}, "at least 0, not -1"),
        ({"generations": 1.5}, "at least 0, not 1.5"),
    ],
)
def test_bad_parameters(liquid, parameters, message):
    with pytest.raises(ValueError, match=message):
        CoarseGrain(BARE, **parameters).fit([liquid])


@pytest.mark.parametrize("cutoff", [0.0, -1.0, 30.0, np.nan])
def test_bad_cutoff(liquid, cutoff):
    descriptor = CoarseGrain(BARE, cutoff=cutoff).fit([liquid])
    with pytest.raises(
        ValueError, match=f"the cutoff ({cutoff:g} exceeds|must be positive, not {cutoff})"
    ):
        descriptor.transform([liquid])
