import numpy as np
import pytest

from vitreous.dynamics import BondBreaking, CageRelativeDisplacement, displacement, overlap
from vitreous.liquid import Box, Configuration, KobAndersen, KobAndersen2D


def bond_breaking_by_hand(system, configuration, positions):
    """Every particle against every other, by the words of the definition."""
    start, box = configuration.positions, configuration.box
    result = []
    for i, kind in enumerate(configuration.types):
        diameters = system.potential.sigma[kind, configuration.types]
        before = np.linalg.norm(box.minimum_image(start - start[i]), axis=1)
        after = np.linalg.norm(box.minimum_image(positions - positions[i]), axis=1)
        initial = before < 1.4 * diameters
        initial[i] = False
        kept = initial & (after < 1.8 * diameters)
        result.append(kept.sum() / initial.sum() if initial.any() else 1.0)
    return result


@pytest.mark.parametrize("system", [KobAndersen(), KobAndersen2D()], ids=lambda s: s.name)
def test_bond_breaking_agrees_with_its_definition(system):
    rng = np.random.default_rng(4)
    configuration = system.random_configuration(150, rng)
    bonds = BondBreaking(system, configuration)
    for width in (0.0, 0.3, 2.0):
        positions = configuration.positions + rng.normal(0, width, configuration.positions.shape)
        expected = bond_breaking_by_hand(system, configuration, positions)
        np.testing.assert_allclose(bonds(positions), expected)
        shifted = positions + 3 * configuration.box.lengths[0]
        np.testing.assert_allclose(bonds(shifted), expected)


def test_a_lonely_particle_keeps_its_bonds():
    system = KobAndersen2D()
    start = Configuration([[0.0, 0.0], [4.0, 4.0]], [0, 1], Box.cube(20.0, 2), system.species)
    np.testing.assert_array_equal(BondBreaking(system, start)(start.positions), [1.0, 1.0])


@pytest.mark.parametrize("system", [KobAndersen(), KobAndersen2D()], ids=lambda s: s.name)
def test_cage_relative_displacement_agrees_with_its_definition(system):
    rng = np.random.default_rng(5)
    start = system.random_configuration(150, rng)
    positions = start.positions + rng.normal(0, 0.3, start.positions.shape)
    moved = positions - start.positions
    expected, accompanied = [], []
    for i in range(150):
        vectors = start.box.minimum_image(start.positions - start.positions[i])
        diameters = system.potential.sigma[start.types[i], start.types]
        near = np.linalg.norm(vectors, axis=1) < 1.4 * diameters
        near[i] = False
        accompanied.append(near.any())
        cage = moved[near].mean(axis=0) if near.any() else np.zeros(start.dimensions)
        expected.append(np.linalg.norm(moved[i] - cage))
    found = CageRelativeDisplacement(system, start)
    np.testing.assert_allclose(found(positions), expected)
    # What moves all particles alike drops out of it, except for those without neighbours.
    np.testing.assert_allclose(found(positions + 7.0)[accompanied], np.array(expected)[accompanied])


def test_overlap_is_a_step():
    initial = np.zeros((3, 2))
    moved = np.array([[0.29, 0.0], [0.0, 0.31], [0.25, 0.25]])
    np.testing.assert_array_equal(overlap(initial, moved), [1.0, 0.0, 0.0])
    np.testing.assert_array_equal(overlap(initial, moved, length=0.4), [1.0, 1.0, 1.0])


def test_displacement_of_each_frame():
    initial = np.zeros((2, 3))
    frames = np.array([[[1.0, 2.0, 2.0], [0.0, 0.0, 0.0]], [[0.0, 3.0, 4.0], [0.0, 0.0, 30.0]]])
    np.testing.assert_allclose(displacement(initial, frames), [[3.0, 0.0], [5.0, 30.0]])


@pytest.mark.shared_data
def test_displacement_agrees_with_freud_on_published_trajectories(shared_data):
    import freud

    with np.load(shared_data / "botan" / "isoconfig_N4096T0.44_1_tc07.npz") as data:
        initial, replicas = data["initial_positions"], data["positions"]
    squared = displacement(initial, replicas[:4]) ** 2
    for replica, expected in zip(replicas[:4], squared, strict=True):
        msd = freud.msd.MSD(mode="direct").compute(np.stack([initial, replica])).particle_msd
        np.testing.assert_allclose(msd[1], expected, rtol=1e-5, atol=1e-6)
