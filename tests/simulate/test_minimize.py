"""The minimiser against L-BFGS on the reference forces and published inherent structures."""

import numpy as np
import pytest
from support.mechanics import near_a_minimum, scipy_minimum

from vitreous.liquid import Configuration, KobAndersen, KobAndersen2D, PairPotential, System
from vitreous.simulate import minimize


def rms_force(system, configuration):
    return np.sqrt((system.forces(configuration) ** 2).sum(axis=1).mean())


def test_agrees_with_an_independent_minimizer(liquid):
    """Both start from the same point near a minimum, so that both must find the same one."""
    system, configuration = liquid
    start = near_a_minimum(system, configuration)
    energy, found = scipy_minimum(system, start)
    result = minimize(system, start, force_tolerance=1e-7)
    assert result.energy * start.n_particles == pytest.approx(energy, abs=1e-8)
    difference = result.configuration.positions - found.positions
    difference -= difference.mean(axis=0)
    assert abs(start.box.minimum_image(difference)).max() < 1e-4


def test_result_describes_the_minimum(liquid):
    system, configuration = liquid
    result = minimize(system, configuration, force_tolerance=1e-5)
    assert result.converged
    assert result.rms_force <= 1e-5
    assert result.rms_force == pytest.approx(rms_force(system, result.configuration), rel=1e-5)
    energy = system.potential_energy(result.configuration) / configuration.n_particles
    assert result.energy == pytest.approx(energy, abs=1e-12)
    assert energy < system.potential_energy(configuration) / configuration.n_particles
    np.testing.assert_array_equal(result.configuration.types, configuration.types)
    again = minimize(system, result.configuration, force_tolerance=1e-4)
    assert again.steps == 0
    np.testing.assert_allclose(again.configuration.positions, result.configuration.positions)


@pytest.mark.parametrize("system", [KobAndersen2D(), KobAndersen()], ids=repr)
def test_overlapping_particles_are_pushed_apart(system):
    start = system.random_configuration(400, random_state=2)
    result = minimize(system, start)
    assert result.converged
    assert result.energy < -2
    assert rms_force(system, result.configuration) < 1.01e-6


def test_unjammed_spheres_reach_zero_energy():
    spheres = PairPotential.harmonic([[1.0]], [[1.0]])
    system = System("spheres", "A", [1], 0.4, 3, spheres, time_step=0.05)
    result = minimize(system, system.random_configuration(200, random_state=3))
    assert result.converged
    assert result.energy < 1e-10


def test_giving_up_warns_with_numbers(liquid_2d):
    system, configuration = liquid_2d
    with pytest.warns(RuntimeWarning, match=r"after 7 steps .* tolerance 1e-06"):
        result = minimize(system, configuration, max_steps=7)
    assert not result.converged
    assert result.rms_force > 1e-6


def test_bad_arguments_are_refused(liquid_2d):
    system, configuration = liquid_2d
    with pytest.raises(ValueError, match="force_tolerance"):
        minimize(system, configuration, force_tolerance=0.0)
    with pytest.raises(ValueError, match="max_steps"):
        minimize(system, configuration, max_steps=0)
    with pytest.raises(ValueError, match="half the shortest box length"):
        minimize(system, system.random_configuration(10))


@pytest.mark.shared_data
@pytest.mark.parametrize("number", [1, 4])
def test_published_3d_configurations(shared_data, number):
    system = KobAndersen()
    with np.load(shared_data / f"botan/isoconfig_N4096T0.44_{number}_tc07.npz") as data:
        configuration = Configuration.wrapped(
            data["initial_positions"], data["types"], system.box(4096), system.species
        )
    result = minimize(system, configuration, force_tolerance=1e-3)
    assert -6.861 < result.energy < -6.837


@pytest.mark.shared_data
def test_published_2d_inherent_structure(shared_data):
    """Thermal positions lead to the published minimum, which is given in single precision."""
    system = KobAndersen2D()
    name = "glassbench/glassbench_ka2d_T0_23_first_npz_positions.npz"
    with np.load(shared_data / name) as data:
        thermal, published = (
            Configuration.wrapped(data[key], data["types"] - 1, system.box(1290), system.species)
            for key in ("initial_positions", "initial_positions_inherent")
        )
    result = minimize(system, thermal)
    assert result.energy == pytest.approx(minimize(system, published).energy, abs=1e-9)
    assert result.energy < system.potential_energy(published) / 1290 < result.energy + 1e-3
