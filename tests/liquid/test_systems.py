import numpy as np
import pytest

from vitreous.liquid import (
    Box,
    Configuration,
    KobAndersen,
    KobAndersen2D,
    PairPotential,
    System,
    get_system,
    register_system,
)


@pytest.mark.parametrize("system", [KobAndersen(), KobAndersen2D()], ids=lambda s: s.name)
def test_forces_are_the_gradient_of_the_energy(system):
    rng = np.random.default_rng(1)
    n_cells = 6
    grid = np.stack(np.meshgrid(*[np.arange(n_cells)] * system.dimensions), -1)
    positions = grid.reshape(-1, system.dimensions) * 1.05 + rng.normal(
        0, 0.05, (n_cells**system.dimensions, system.dimensions)
    )
    types = rng.integers(0, len(system.species), len(positions))
    configuration = Configuration.wrapped(
        positions, types, Box.cube(1.05 * n_cells, system.dimensions), system.species
    )
    forces = system.forces(configuration)
    steps, weights = (-2, -1, 1, 2), (1, -8, 8, -1)
    h = 1e-4
    for particle in (0, 7, 20):
        for axis in range(system.dimensions):
            slope = 0.0
            for step, weight in zip(steps, weights, strict=True):
                moved = configuration.positions.copy()
                moved[particle, axis] += step * h
                energy = system.potential_energy(configuration.with_positions(moved))
                slope += weight * energy / (12 * h)
            assert forces[particle, axis] == pytest.approx(-slope, rel=1e-8, abs=1e-8)
    np.testing.assert_allclose(forces.sum(axis=0), 0, atol=1e-9)


def test_energy_of_a_triclinic_image_is_the_same():
    system = KobAndersen2D()
    rng = np.random.default_rng(2)
    grid = np.stack(np.meshgrid(*[np.arange(8)] * 2), -1).reshape(-1, 2)
    positions = grid * 1.0 + rng.normal(0, 0.05, (64, 2))
    types = rng.integers(0, 3, 64)
    square = Configuration.wrapped(positions, types, Box.cube(8.0, 2), system.species)
    sheared = Configuration.wrapped(positions, types, Box((8.0, 8.0), (1.0,)), system.species)
    assert system.potential_energy(sheared) == pytest.approx(system.potential_energy(square))


@pytest.mark.shared_data
def test_published_configurations_have_the_published_energies(shared_data):
    system = KobAndersen2D()
    for name, thermal, inherent in [
        ("glassbench_ka2d_T0_30_N1290T0.30_3_tc01_positions.npz", -2.601, None),
        ("glassbench_ka2d_T0_23_first_npz_positions.npz", -2.68, -2.907),
    ]:
        with np.load(shared_data / "glassbench" / name) as data:
            box = Box.cube(float(data["box"]), 2)
            types = data["types"] - 1
            replicas = data["positions"]
            inherent_positions = data["initial_positions_inherent"]
        np.testing.assert_array_equal(np.bincount(types), system.counts(len(types)))
        energies = [
            system.potential_energy(Configuration.wrapped(positions, types, box, system.species))
            for positions in replicas
        ]
        # One structure differs from the ensemble by its own energy fluctuation.
        assert np.mean(energies) / 1290 == pytest.approx(thermal, abs=0.01)
        if inherent is not None:
            minimum = Configuration.wrapped(inherent_positions, types, box, system.species)
            assert system.potential_energy(minimum) / 1290 == pytest.approx(inherent, abs=0.01)
            assert 0.01 < np.sqrt(np.mean(system.forces(minimum) ** 2)) < 0.03


def test_composition_and_density_of_the_published_systems():
    np.testing.assert_array_equal(KobAndersen2D().counts(1290), [600, 330, 360])
    np.testing.assert_array_equal(KobAndersen2D().counts(82560), [38400, 21120, 23040])
    np.testing.assert_array_equal(KobAndersen().counts(4096), [3277, 819])
    assert KobAndersen2D().box(1290).lengths[0] == pytest.approx(32.8962)
    assert KobAndersen().box(4096).lengths[0] == pytest.approx(15.05658, abs=1e-5)


def test_random_configurations_repeat_from_their_seed():
    system = KobAndersen()
    first = system.random_configuration(100, random_state=5)
    second = system.random_configuration(100, random_state=5)
    np.testing.assert_array_equal(first.positions, second.positions)
    np.testing.assert_array_equal(np.bincount(first.types), [80, 20])


def test_a_system_of_ones_own_is_found_by_name():
    potential = PairPotential.harmonic([[1.0]], [[1.0]])
    register_system(System("own spheres", "A", [1], 0.9, 2, potential))
    assert get_system("own spheres").species == ("A",)
    with pytest.raises(ValueError, match="registered already"):
        register_system(System("own spheres", "A", [1], 0.9, 2, potential))
    with pytest.raises(ValueError, match="unknown system 'K'; known are KA, KA-shifted, KA2D"):
        get_system("K")


def test_a_configuration_of_another_system_is_refused():
    with pytest.raises(ValueError, match=r"KA is 3D .* the configuration is 2D"):
        KobAndersen().potential_energy(KobAndersen2D().random_configuration(50, 1))


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"fractions": [1, 1]}, "fractions"),
        ({"fractions": [-1]}, "fractions"),
        ({"density": 0.0}, "density"),
        ({"dimensions": 4}, "dimensions"),
        ({"time_step": -1.0}, "time step"),
        ({"swap_pairs": [(0, 1)]}, "swap pair"),
    ],
)
def test_impossible_systems_are_refused(changes, message):
    arguments = {
        "name": "spheres",
        "species": "A",
        "fractions": [1],
        "density": 0.9,
        "dimensions": 2,
        "potential": PairPotential.harmonic([[1.0]], [[1.0]]),
    }
    with pytest.raises(ValueError, match=message):
        System(**(arguments | changes))


@pytest.mark.parametrize("system", [KobAndersen(), KobAndersen2D()], ids=lambda s: s.name)
def test_pressure_is_the_derivative_of_the_free_energy(system):
    """At fixed fractional coordinates, -dU/dV adds to the ideal part."""
    rng = np.random.default_rng(5)
    n, d = 6**system.dimensions, system.dimensions
    grid = np.stack(np.meshgrid(*[np.arange(6) - 2.5] * d), -1).reshape(-1, d)
    positions = 1.05 * grid + rng.normal(0, 0.05, (n, d))
    types = rng.integers(0, len(system.species), n)

    def scaled(factor):
        box = Box.cube(6.3 * factor, d)
        return Configuration.wrapped(positions * factor, types, box, system.species)

    steps, weights = (-2, -1, 1, 2), (1, -8, 8, -1)
    h = 1e-4
    slope = sum(
        weight * system.potential_energy(scaled(1 + step * h))
        for step, weight in zip(steps, weights, strict=True)
    ) / (12 * h)
    volume = scaled(1).box.volume
    interaction = -slope / (d * volume)
    assert abs(interaction) > 0.1
    assert system.pressure(scaled(1), 0.0) == pytest.approx(interaction, rel=1e-8)
    ideal = system.pressure(scaled(1), 0.7) - system.pressure(scaled(1), 0.0)
    assert ideal == pytest.approx(0.7 * n / volume)
