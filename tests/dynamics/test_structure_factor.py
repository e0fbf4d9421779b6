"""S4(q) against its definition, and the length and amplitude of random fields that are known."""

import numpy as np
import pytest

from vitreous.dynamics import four_point_structure_factor
from vitreous.liquid import Box, Configuration


def liquid(box, n_particles, rng):
    positions = (rng.random((n_particles, box.dimensions)) - 0.5) @ box.matrix.T
    return Configuration(box.wrap(positions), rng.integers(0, 2, n_particles), box, ("A", "B"))


BOXES = [
    Box.cube(9.0, 2),
    Box((9.0, 6.0), (0.4,)),
    Box.cube(6.0, 3),
    Box((6.0, 5.0, 7.0), (0.2, -0.3, 0.4)),
]


@pytest.mark.parametrize("box", BOXES, ids=["square", "tilted", "cube", "triclinic"])
@pytest.mark.parametrize("species", [None, "B"])
def test_agrees_with_its_definition(box, species):
    rng = np.random.default_rng(0)
    liquids = [liquid(box, 40, rng) for _ in range(3)]
    fields, others = rng.random((2, 3, 40))
    found = four_point_structure_factor(
        liquids, fields, others=others, species=species, longest_wave_number=2.5
    )
    chosen = [np.ones(40, bool) if species is None else c.types == 1 for c in liquids]
    means = [np.concatenate([f[k] for f, k in zip(x, chosen, strict=True)]).mean()
             for x in (fields, others)]  # fmt: skip
    reciprocal = 2 * np.pi * np.linalg.inv(box.matrix)
    waves = []
    for index in np.ndindex(*(25,) * box.dimensions):
        wave = (np.array(index) - 12) @ reciprocal
        if 0 < np.linalg.norm(wave) <= 2.5:
            waves.append(wave)
    moduli = np.linalg.norm(waves, axis=1)
    shells = np.rint(2 * moduli / moduli.min())
    for number, (c, f, g, k) in enumerate(zip(liquids, fields, others, chosen, strict=True)):
        products = []
        for wave in waves:
            phase = np.exp(1j * c.positions[k] @ wave)
            a, b = ((f[k] - means[0]) * phase).sum(), ((g[k] - means[1]) * phase).sum()
            products.append((a * b.conj()).real / k.sum())
        expected = [np.mean(np.array(products)[shells == s]) for s in np.unique(shells)]
        np.testing.assert_allclose(found.of_configurations[number], expected, atol=1e-12)
    expected = [moduli[shells == s].mean() for s in np.unique(shells)]
    np.testing.assert_allclose(found.wave_numbers, expected)
    assert found.n_vectors.tolist() == [np.sum(shells == s) // 2 for s in np.unique(shells)]


@pytest.mark.parametrize(
    ("box", "length"), [(Box.cube(60.0, 2), 2.5), (Box.cube(24.0, 3), 1.5)], ids=["2D", "3D"]
)
def test_length_and_amplitude_of_a_random_field(gaussian_field, box, length):
    """A field of Ornstein-Zernike spectrum sampled at a lattice, which has no structure of its own.

    The lattice is finer than the field; density times spectrum is then S4.
    """
    rng = np.random.default_rng(1)
    n = 60 if box.dimensions == 2 else 16
    axes = np.meshgrid(*(np.arange(n) / n - 0.5 for _ in range(box.dimensions)), indexing="ij")
    positions = np.stack([axis.ravel() for axis in axes], axis=1) * box.lengths[0]
    lattice = Configuration(positions, np.zeros(len(positions), int), box, ("A",))
    fields = [
        gaussian_field(box, positions, lambda q: 5.0 / (1 + (q * length) ** 2), rng, longest=1.5)
        for _ in range(12)
    ]
    found = four_point_structure_factor([lattice] * 12, fields, longest_wave_number=1.3).fit(1.3)
    assert found.length.value == pytest.approx(length, abs=3 * found.length.standard_error)
    assert found.length.standard_error < 0.15 * length
    amplitude = found.amplitude
    assert amplitude.value == pytest.approx(lattice.density * 5.0, abs=3 * amplitude.standard_error)
    assert amplitude.standard_error < 0.3 * amplitude.value


def test_noise_of_replicas_drops_out(gaussian_field):
    rng = np.random.default_rng(2)
    box = Box.cube(40.0, 2)
    liquids = [liquid(box, 1500, rng) for _ in range(10)]
    fields = [
        gaussian_field(box, c.positions, lambda q: 1 / (1 + (3 * q) ** 2), rng, longest=1.0)
        for c in liquids
    ]
    halves = [[f + rng.normal(0, 1, len(f)) for f in fields] for _ in range(2)]
    exact = four_point_structure_factor(liquids, fields).mean.value
    noisy = four_point_structure_factor(liquids, halves[0]).mean.value
    clean = four_point_structure_factor(liquids, halves[0], others=halves[1]).mean
    assert np.all(np.abs(clean.value - exact)[3:] < 5 * clean.standard_error[3:])
    assert np.abs(np.mean(noisy[3:] - exact[3:]) - 1) < 0.1


def test_bad_input_is_refused():
    rng = np.random.default_rng(3)
    one, other = liquid(Box.cube(9.0, 2), 20, rng), liquid(Box.cube(8.0, 2), 20, rng)
    field = rng.random(20)
    with pytest.raises(ValueError, match="configuration 1 has the box"):
        four_point_structure_factor([one, other], [field, field])
    with pytest.raises(ValueError, match="1 fields for 2 configurations"):
        four_point_structure_factor([one, other], [field])
    with pytest.raises(ValueError, match=r"shape \(19,\); its 20 particles"):
        four_point_structure_factor([one], [field[1:]])
    with pytest.raises(ValueError, match="not finite at particle 4"):
        four_point_structure_factor([one], [np.where(np.arange(20) == 4, np.nan, field)])
    with pytest.raises(ValueError, match="unknown species 'C'"):
        four_point_structure_factor([one], [field], species="C")
    with pytest.raises(ValueError, match=r"no wave vector of the box is shorter than 0\.1"):
        four_point_structure_factor([one], [field], longest_wave_number=0.1)
    with pytest.raises(ValueError, match=r"0 shells below the wave number 0\.5"):
        four_point_structure_factor([one, one], [field, field]).fit(0.5)
    with pytest.raises(ValueError, match="there are no configurations"):
        four_point_structure_factor([], [])
