"""Chords and clusters of several fields together."""

import numpy as np
import pytest

from vitreous.dynamics import (
    measure_geometry,
    measure_heterogeneity,
    mobile_clusters,
    mobility_map,
    threshold_of_fraction,
)
from vitreous.liquid import KobAndersen2D

LIQUIDS = [KobAndersen2D().random_configuration(430, seed) for seed in range(4)]


def fields(seed):
    rng = np.random.default_rng(seed)
    return [np.cos(c.positions[:, 0] / 2) + 0.5 * rng.normal(size=430) for c in LIQUIDS]


def test_chords_and_clusters_are_those_of_the_single_fields():
    """By hand: two fields on each liquid, one threshold for all, errors over liquids."""
    draws = [np.array(pair) for pair in zip(fields(0), fields(1), strict=True)]
    found = measure_geometry(LIQUIDS, draws, species="A", mobile_fraction=0.3)
    maps = [
        mobility_map(c, f, species="A")
        for c, pair in zip(LIQUIDS, draws, strict=True)
        for f in pair
    ]
    level = threshold_of_fraction(maps, 0.3)
    chords = [m.chord_lengths(level) for m in maps]
    np.testing.assert_array_equal(found.chords, np.concatenate(chords))
    assert found.chord_length.value == pytest.approx(np.concatenate(chords).mean())
    without = [
        np.concatenate([c for k, c in enumerate(chords) if k // 2 != left]).mean()
        for left in range(4)
    ]
    assert found.chord_length.standard_error == pytest.approx(np.std(without) * np.sqrt(3))
    limit = np.quantile([f[c.types == 0] for c, pair in zip(LIQUIDS, draws, strict=True)
                         for f in pair], 0.7)  # fmt: skip
    clusters = [
        mobile_clusters(c, (c.types == 0) & (f > limit))
        for c, pair in zip(LIQUIDS, draws, strict=True)
        for f in pair
    ]
    sizes = np.concatenate([c.sizes for c in clusters])
    radii = np.concatenate([c.gyration_radii for c in clusters])
    slope = np.polyfit(np.log(sizes[sizes >= 5]), np.log(radii[sizes >= 5]), 1)[0]
    assert found.fractal_dimension.value == pytest.approx(1 / slope)


def test_heterogeneity_holds_the_geometry_of_its_field():
    values = fields(0)
    whole = measure_heterogeneity(LIQUIDS, values, species="A", mobile_fraction=0.3)
    alone = measure_geometry(LIQUIDS, values, species="A", mobile_fraction=0.3)
    assert whole.fractal_dimension.value == alone.fractal_dimension.value
    assert whole.chord_length.value == alone.chord_length.value


def test_fields_without_clusters_have_no_dimension():
    sparse = [np.arange(430.0) for _ in LIQUIDS]
    assert np.isnan(
        measure_geometry(LIQUIDS, sparse, mobile_fraction=0.005).fractal_dimension.value
    )
