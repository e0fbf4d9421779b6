"""Maps against their definition; chords of disks, spheres, stripes and a random field."""

import numpy as np
import pytest
from scipy.stats import norm

from vitreous.dynamics import MobilityMap, mobility_map, threshold_of_fraction
from vitreous.liquid import Box, Configuration


def lattice(box, n):
    axes = np.meshgrid(*(np.arange(n) / n - 0.5 for _ in range(box.dimensions)), indexing="ij")
    positions = np.stack([axis.ravel() for axis in axes], axis=1) @ box.matrix.T
    return Configuration(positions, np.zeros(len(positions), int), box, ("A", "B"))


def by_hand(values, threshold):
    """Walk along every line of a 2D map and note the runs."""
    runs = []
    for lines in (values.T, values):
        for line in lines:
            inside = [value > threshold for value in line]
            if all(inside):
                runs.append(len(line))
                continue
            start = inside.index(False)
            run = 0
            for value in inside[start:] + inside[:start] + [False]:
                if value:
                    run += 1
                elif run:
                    runs.append(run)
                    run = 0
    return sorted(runs)


def test_chords_agree_with_walking_along_every_line():
    rng = np.random.default_rng(0)
    for density in (0.0, 0.3, 0.7, 1.0):
        values = (rng.random((13, 8)) < density).astype(float)
        found = MobilityMap(values, np.ones(2)).chord_lengths(0.5)
        assert sorted(found.tolist()) == by_hand(values, 0.5)


@pytest.mark.parametrize("box", [Box.cube(6.0, 2), Box((6.0, 5.0), (0.3,))])
def test_map_agrees_with_its_definition(box):
    """Particles on points of the grid, so that rounding to it moves none."""
    rng = np.random.default_rng(1)
    counts = np.ceil(np.linalg.norm(box.matrix, axis=0) / 0.25).astype(int)
    cells = rng.permutation(counts.prod())[:30]
    fractions = np.stack(np.unravel_index(cells, counts), axis=1) / counts
    types = rng.integers(0, 2, 30)
    liquid = Configuration(box.wrap(fractions @ box.matrix.T), types, box, ("A", "B"))
    field = rng.random(30)
    for species, chosen in ((None, np.ones(30, bool)), ("B", types == 1)):
        found = mobility_map(liquid, field, length=0.8, species=species).values
        for index in [(0, 0), (3, 7), (11, 2)]:
            point = (np.array(index) / counts) @ box.matrix.T
            weights = np.zeros(30)
            for image in np.ndindex(7, 7):
                shift = (np.array(image) - 3) @ box.matrix.T
                squared = ((liquid.positions + shift - point) ** 2).sum(axis=1)
                weights += np.exp(-squared / (2 * 0.8**2))
            expected = np.average(field[chosen], weights=weights[chosen])
            assert found[index] == pytest.approx(expected, rel=1e-6)


def test_chords_of_a_disk_and_of_a_sphere():
    plane, space = lattice(Box.cube(40.0, 2), 160), lattice(Box.cube(14.0, 3), 42)
    for liquid, radius, mean in ((plane, 12.0, np.pi / 2 * 12), (space, 5.0, 4 / 3 * 5)):
        inside = np.linalg.norm(liquid.positions, axis=1) < radius
        chords = mobility_map(liquid, inside, length=0.5).chord_lengths(0.5)
        assert chords.mean() == pytest.approx(mean, rel=0.03)
        assert chords.max() == pytest.approx(2 * radius, abs=0.5)


def test_chords_of_stripes_across_and_along():
    liquid = lattice(Box.cube(24.0, 2), 96)
    stripes = (liquid.positions[:, 0] % 6.0) < 2.5
    chords = mobility_map(liquid, stripes, length=0.3).chord_lengths(0.5)
    along = chords == pytest.approx(24.0)
    assert np.all(np.isclose(chords, 24.0) | np.isclose(chords, 2.5, atol=0.26))
    assert not along
    assert np.isclose(chords, 24.0).sum() == pytest.approx(96 * 2.5 / 6.0, abs=8)


@pytest.mark.parametrize("fraction", [0.5, 0.25])
def test_mean_chord_of_a_gaussian_field(gaussian_field, fraction):
    """Rice: a line crosses the level u upwards sqrt(-C''(0)) exp(-u^2 / 2) / (2 pi) times a length.

    The spectrum exp(-q^2 l^2 / 2) belongs to C(r) = exp(-r^2 / 2 l^2); a Gaussian average of width
    a makes of l the length sqrt(l^2 + 2 a^2).
    """
    rng = np.random.default_rng(2)
    box, length, average = Box.cube(60.0, 2), 3.0, 0.8
    liquid = lattice(box, 120)
    maps = []
    for _ in range(6):
        field = gaussian_field(
            box, liquid.positions, lambda q: np.exp(-((q * length) ** 2) / 2), rng, longest=1.6
        )
        maps.append(mobility_map(liquid, field, length=average))
    threshold = threshold_of_fraction(maps, fraction)
    chords = [m.chord_lengths(threshold) for m in maps]
    level = norm.isf(fraction)
    wide = np.sqrt(length**2 + 2 * average**2)
    expected = fraction * 2 * np.pi * wide * np.exp(level**2 / 2)
    means = [c.mean() for c in chords]
    error = np.std(means, ddof=1) / np.sqrt(len(means))
    assert np.concatenate(chords).mean() == pytest.approx(expected, abs=max(3 * error, 0.3))
    assert error < 0.1 * expected


def test_threshold_leaves_the_fraction_above_it():
    rng = np.random.default_rng(3)
    maps = [MobilityMap(rng.normal(size=(40, 40)), np.ones(2)) for _ in range(3)]
    threshold = threshold_of_fraction(maps, 0.2)
    assert np.mean([m.values > threshold for m in maps]) == pytest.approx(0.2, abs=1e-3)
    with pytest.raises(ValueError, match=r"between 0 and 1, not 1\.5"):
        threshold_of_fraction(maps, 1.5)


def test_bad_input_is_refused():
    liquid = lattice(Box.cube(4.0, 2), 8)
    with pytest.raises(ValueError, match=r"each of 64 particles, not an array of shape \(3,\)"):
        mobility_map(liquid, np.ones(3))
    with pytest.raises(ValueError, match="with 64 that are not"):
        mobility_map(liquid, np.full(64, np.nan))
    with pytest.raises(ValueError, match=r"between 0 and the length, 0\.5"):
        mobility_map(liquid, np.ones(64), length=0.5, spacing=0.6)
    with pytest.raises(ValueError, match="no particles of species 'B'"):
        mobility_map(liquid, np.ones(64), species="B")


def test_correlation_is_that_of_the_points():
    rng = np.random.default_rng(5)
    first, second = (MobilityMap(values, np.ones(2)) for values in rng.random((2, 9, 7)))
    expected = np.corrcoef(first.values.ravel(), second.values.ravel())[0, 1]
    assert first.correlation(second) == pytest.approx(expected)
    mirrored = MobilityMap(3 - 2 * first.values, first.steps)
    assert first.correlation(mirrored) == pytest.approx(-1)
    assert np.isnan(first.correlation(MobilityMap(np.ones((9, 7)), first.steps)))
    with pytest.raises(ValueError, match=r"maps of \(9, 7\) and of \(7, 9\) points"):
        first.correlation(MobilityMap(second.values.T, second.steps))
