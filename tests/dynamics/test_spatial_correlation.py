"""G4(r) against every pair by hand, and against fields whose correlation is known."""

import numpy as np
import pytest

from vitreous.dynamics import spatial_correlation
from vitreous.liquid import Box, Configuration


def liquid(box, n_particles, rng):
    positions = (rng.random((n_particles, box.dimensions)) - 0.5) @ box.matrix.T
    return Configuration(box.wrap(positions), rng.integers(0, 2, n_particles), box, ("A", "B"))


@pytest.mark.parametrize("box", [Box.cube(8.0, 2), Box((7.0, 7.5, 8.0), (0.1, 0.2, -0.1))])
@pytest.mark.parametrize("species", [None, "A"])
def test_agrees_with_every_pair_by_hand(box, species):
    rng = np.random.default_rng(0)
    liquids = [liquid(box, 60, rng) for _ in range(2)]
    fields, others = rng.random((2, 2, 60))
    chosen = [np.ones(60, bool) if species is None else c.types == 0 for c in liquids]
    means = [np.concatenate([f[k] for f, k in zip(x, chosen, strict=True)]).mean()
             for x in (fields, others)]  # fmt: skip
    found = spatial_correlation(
        liquids, fields, others=others, species=species, longest_distance=3.0, width=0.5
    )
    sums, counts, squares = np.zeros(6), np.zeros(6), []
    for c, f, g, k in zip(liquids, fields, others, chosen, strict=True):
        particles = np.flatnonzero(k)
        squares.append(np.mean((f[k] - means[0]) * (g[k] - means[1])))
        for i in particles:
            for j in particles:
                r = np.linalg.norm(box.minimum_image(c.positions[j] - c.positions[i]))
                if i != j and r < 3.0:
                    sums[int(r / 0.5)] += (f[i] - means[0]) * (g[j] - means[1])
                    counts[int(r / 0.5)] += 1
    np.testing.assert_allclose(found.mean.value, sums / counts / np.mean(squares))
    np.testing.assert_array_equal(found.n_pairs.sum(axis=0), counts)
    np.testing.assert_allclose(found.distances, np.arange(0.25, 3.0, 0.5))


def test_a_gaussian_field_keeps_its_correlation(gaussian_field):
    """Spectrum exp(-q^2 l^2 / 2) in 2D belongs to the correlation exp(-r^2 / 2 l^2)."""
    rng = np.random.default_rng(1)
    box, length = Box.cube(40.0, 2), 2.0
    liquids = [liquid(box, 1500, rng) for _ in range(12)]
    fields = [
        gaussian_field(box, c.positions, lambda q: np.exp(-((q * length) ** 2) / 2), rng)
        for c in liquids
    ]
    found = spatial_correlation(liquids, fields, longest_distance=6.0, width=0.25)
    expected = np.exp(-(found.distances**2) / (2 * length**2))
    length_found = found.decay_length()
    assert length_found.value == pytest.approx(
        np.sqrt(2) * length, abs=4 * length_found.standard_error
    )
    assert length_found.standard_error < 0.3
    errors = found.mean.standard_error
    assert np.all(np.abs(found.mean.value - expected) < 4 * errors + 0.005)
    assert errors.max() < 0.1


def test_independent_values_are_not_correlated():
    rng = np.random.default_rng(2)
    liquids = [liquid(Box.cube(30.0, 2), 1000, rng) for _ in range(5)]
    found = spatial_correlation(liquids, rng.normal(size=(5, 1000)), width=1.0).mean
    assert np.all(np.abs(found.value) < 5 * found.standard_error + 1e-3)


def test_widths_that_do_not_fit_are_refused():
    rng = np.random.default_rng(3)
    one = liquid(Box.cube(8.0, 2), 30, rng)
    with pytest.raises(ValueError, match="between 0 and 4, not 5"):
        spatial_correlation([one], [rng.random(30)], width=5.0)
    with pytest.raises(ValueError, match="half"):
        spatial_correlation([one], [rng.random(30)], longest_distance=6.0)
