"""Features written beside each other: the same as those of the parts, whatever the parts are."""

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.pipeline import FeatureUnion, make_pipeline, make_union
from sklearn.preprocessing import FunctionTransformer

from vitreous.descriptors import (
    BondOrderDescriptor,
    CoarseGrain,
    CoordinationDescriptor,
    RadialDescriptor,
    _columns,
)

RADIAL = RadialDescriptor([0.9, 1.0, 1.1, 1.5], 0.1)
BOND_ORDER = BondOrderDescriptor([4, 6], [1.0, 1.2, 1.4])
COORDINATION = CoordinationDescriptor(1.4)
TYPES = FunctionTransformer(
    lambda configurations: np.concatenate([c.types for c in configurations])[:, None]
)

UNIONS = {
    "alone": RADIAL,
    "union": make_union(RADIAL, BOND_ORDER),
    "components": make_union(BondOrderDescriptor([3], [1.0, 1.4], components=True), RADIAL),
    "another descriptor": make_union(RADIAL, COORDINATION, BOND_ORDER),
    "foreign": make_union(TYPES, RADIAL, TYPES, BOND_ORDER),
    "nested": make_union(make_union(TYPES, BOND_ORDER), make_pipeline(RADIAL)),
    "dropped": FeatureUnion([("a", RADIAL), ("b", "drop"), ("c", BOND_ORDER)]),
    "weighted": FeatureUnion([("a", RADIAL), ("b", BOND_ORDER)], transformer_weights={"a": 3.0}),
    "threads": make_union(RADIAL, BOND_ORDER, n_jobs=2),
    "other dtypes": make_union(
        RadialDescriptor([1.0], 0.1, dtype="float64"),
        BondOrderDescriptor([4, 6], [1.0, 1.4], dtype="float64"),
        BOND_ORDER,
    ),
}


@pytest.mark.parametrize("name", UNIONS)
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_columns_are_those_of_the_wrapped_transformer(name, dtype, liquid):
    union = UNIONS[name]
    expected = np.asarray(union.fit([liquid]).transform([liquid]), dtype=dtype)
    bare = CoarseGrain(union, generations=0, dtype=dtype).fit([liquid])
    np.testing.assert_array_equal(bare.transform([liquid]), expected)
    averaged = CoarseGrain(union, cutoff=3.0, generations=2, dtype=dtype).fit([liquid])
    features = averaged.transform([liquid])
    n = expected.shape[1]
    assert features.shape == (liquid.n_particles, 3 * n)
    np.testing.assert_array_equal(features[:, :n], expected)


def test_averages_do_not_depend_on_what_stands_beside(liquid):
    n_radial = RADIAL.fit([liquid]).transform([liquid]).shape[1]
    alone = CoarseGrain(RADIAL, cutoff=3.0).fit_transform([liquid])
    beside = CoarseGrain(make_union(TYPES, RADIAL, BOND_ORDER), cutoff=3.0).fit_transform([liquid])
    width = beside.shape[1] // 3
    for generation in range(3):
        np.testing.assert_array_equal(
            beside[:, generation * width + 1 :][:, :n_radial],
            alone[:, generation * n_radial :][:, :n_radial],
        )


def test_kernels_write_in_place(liquid, monkeypatch):
    """Neither the union nor its members of the right dtype transform anything."""

    def forbidden(*arguments):
        raise AssertionError("a copy was made")

    descriptor = CoarseGrain(make_union(RADIAL, BOND_ORDER), cutoff=3.0).fit([liquid])
    expected = descriptor.transform([liquid])
    monkeypatch.setattr(FeatureUnion, "transform", forbidden)
    monkeypatch.setattr(_columns.ColumnDescriptor, "describe", forbidden)
    np.testing.assert_array_equal(descriptor.transform([liquid]), expected)


class Doubled(RadialDescriptor):
    def describe(self, configuration):
        return 2 * super().describe(configuration)


class Halved(RadialDescriptor):
    def transform(self, configurations):
        return super().transform(configurations) / 2


@pytest.mark.parametrize(("changed", "factor"), [(Doubled, 2.0), (Halved, 0.5)])
def test_subclasses_that_change_features(liquid, changed, factor):
    union = make_union(changed([1.0, 1.4], 0.1), BOND_ORDER)
    features = CoarseGrain(union, cutoff=3.0).fit_transform([liquid])
    radial = RadialDescriptor([1.0, 1.4], 0.1).fit_transform([liquid])
    np.testing.assert_array_equal(features[:, : radial.shape[1]], factor * radial)


@pytest.mark.parametrize("library", ["pandas", "polars"])
def test_frames_within_a_union(liquid, library):
    pytest.importorskip(library)
    expected = CoarseGrain(make_union(RADIAL, BOND_ORDER), cutoff=3.0).fit_transform([liquid])
    union = clone(make_union(RADIAL, BOND_ORDER)).set_output(transform=library)
    np.testing.assert_array_equal(CoarseGrain(union, cutoff=3.0).fit_transform([liquid]), expected)


def test_a_member_must_give_one_row_per_particle(liquid):
    means = make_pipeline(RADIAL, FunctionTransformer(lambda rows: rows.mean(axis=0)[None]))
    with pytest.raises(ValueError, match="gave 1 rows"):
        CoarseGrain(make_union(BOND_ORDER, means), cutoff=3.0).fit_transform([liquid])
