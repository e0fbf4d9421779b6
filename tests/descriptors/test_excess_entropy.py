"""ExcessEntropyDescriptor against an integral on a fine grid, and at its limits."""

import numpy as np
import pytest

from vitreous.descriptors import ExcessEntropyDescriptor
from vitreous.liquid import Box, Configuration

WIDTH, CUTOFF = 0.12, 2.4


def brute_force(configuration, bonds):
    """The trapezoidal rule on a grid 16 times finer, Gaussians wider than their rounding."""
    r = np.linspace(0, CUTOFF, 2561)[1:]
    sphere = 2 * np.pi * r if configuration.dimensions == 2 else 4 * np.pi * r**2
    rows = []
    for i in range(configuration.n_particles):
        vectors, others = bonds(configuration, i)
        distances = np.linalg.norm(vectors, axis=1)
        row = []
        for species in range(3):
            density = np.sum(configuration.types == species) / configuration.box.volume
            g = np.zeros_like(r)
            near = (configuration.types[others] == species) & (distances < CUTOFF + 10 * WIDTH)
            for distance in distances[near]:
                g += np.exp(-((r - distance) ** 2) / (2 * WIDTH**2))
            g /= np.sqrt(2 * np.pi) * WIDTH * density * sphere
            with np.errstate(divide="ignore", invalid="ignore"):
                integrand = np.where(g > 0, g * np.log(g), 0.0) - g + 1
            integral = np.trapezoid(np.append(0, integrand * sphere), np.append(0, r))
            row.append(-density / 2 * integral)
        rows.append([*row, sum(row)])
    return np.array(rows)


def test_agrees_with_brute_force(spaced, bonds):
    descriptor = ExcessEntropyDescriptor(WIDTH, CUTOFF, dtype="float64")
    features = descriptor.fit_transform([spaced])
    np.testing.assert_allclose(features, brute_force(spaced, bonds), rtol=0, atol=2e-5)


def test_lonely_particle():
    """Nothing around: g = 0, and the integral is that of one over the sphere."""
    box = Box.cube(10.0, dimensions=3)
    lonely = Configuration([[0, 0, 0], [4.9, 4.9, 4.9]], [0, 0], box, ("A", "B"))
    features = ExcessEntropyDescriptor(dtype="float64").fit_transform([lonely])
    expected = -0.5 * 2 / 1000 * 4 / 3 * np.pi * 3.0**3
    np.testing.assert_allclose(features, [[expected, 0.0, expected]] * 2, rtol=1e-9)


def test_crystals_have_less_entropy_than_their_melt(liquid):
    side = round(liquid.n_particles ** (1 / liquid.dimensions))
    axes = np.meshgrid(*[np.arange(side)] * liquid.dimensions, indexing="ij")
    lattice = np.stack(axes, axis=-1).reshape(-1, liquid.dimensions) + 0.5 - side / 2
    crystal = liquid.with_positions(lattice)
    descriptor = ExcessEntropyDescriptor().fit([liquid])
    entropies = [descriptor.transform([c])[:, -1].mean() for c in (crystal, liquid)]
    assert entropies[0] < entropies[1] - 1


@pytest.mark.parametrize("parameters", [{"width": 0.0}, {"cutoff": -1.0}, {"width": np.nan}])
def test_bad_parameters(liquid, parameters):
    with pytest.raises(ValueError, match="must be positive and finite"):
        ExcessEntropyDescriptor(**parameters).fit([liquid])


def test_cutoff_beyond_half_the_box(liquid):
    with pytest.raises(ValueError, match="half the smallest distance"):
        ExcessEntropyDescriptor(cutoff=7.0).fit_transform([liquid])
