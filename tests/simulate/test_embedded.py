"""The embedded engine against the reference forces, a naive twin and statistical mechanics."""

import os
import pickle
import subprocess
import sys

import numpy as np
import pytest
from scipy import stats
from support.mechanics import naive_run

from vitreous.liquid import Box, Configuration, KobAndersen, KobAndersen2D, PairPotential, System
from vitreous.simulate import EmbeddedEngine, maxwell_velocities

SYSTEMS = [KobAndersen2D(), KobAndersen()]


def assert_matches_reference(system, configuration, skin):
    energies, forces = EmbeddedEngine(system, skin=skin).energies_and_forces(configuration)
    expected = system.forces(configuration)
    np.testing.assert_allclose(energies, system.particle_energies(configuration), 1e-10, 1e-11)
    np.testing.assert_allclose(forces, expected, 1e-10, 1e-11 * (1 + abs(expected).max()))


@pytest.mark.parametrize("system", SYSTEMS, ids=repr)
@pytest.mark.parametrize("skin", [0.01, 0.35, 4.0])
@pytest.mark.parametrize("n_particles", [1, 2, 3, 7, 8, 9, 33])
def test_small_box_matches_reference(system, n_particles, skin):
    rng = np.random.default_rng(n_particles)
    lengths = 2 * system.potential.max_cutoff * np.array([1.0, 1.03, 1.4])[: system.dimensions]
    positions = rng.uniform(-0.5, 0.5, (n_particles, system.dimensions)) * lengths
    types = rng.integers(0, len(system.species), n_particles)
    configuration = Configuration(positions, types, Box(tuple(lengths)), system.species)
    assert_matches_reference(system, configuration, skin)


@pytest.mark.parametrize("system", SYSTEMS, ids=repr)
def test_random_configuration_matches_reference(system):
    assert_matches_reference(system, system.random_configuration(1500, random_state=3), 0.35)


def test_crowded_cells_outgrow_the_first_guess_of_the_lists():
    spheres = PairPotential.harmonic([[1.0]], [[1.0]])
    system = System("cluster", "A", [1], 0.1, 3, spheres)
    rng = np.random.default_rng(4)
    positions = 0.2 * rng.standard_normal((900, 3))
    configuration = Configuration.wrapped(positions, np.zeros(900, int), Box.cube(31.0, 3), "A")
    assert_matches_reference(system, configuration, 0.35)
    positions += 15.5
    assert_matches_reference(system, configuration.with_positions(positions), 0.35)


def test_types_of_which_there_are_no_particles():
    system = KobAndersen2D()
    configuration = system.random_configuration(43, random_state=1).with_types(np.full(43, 2))
    assert_matches_reference(system, configuration, 0.35)


@pytest.mark.shared_data
@pytest.mark.parametrize("dimensions", [2, 3])
def test_published_configuration_matches_reference(shared_data, dimensions):
    system = KobAndersen2D() if dimensions == 2 else KobAndersen()
    name = {
        2: "glassbench/glassbench_ka2d_T0_30_N1290T0.30_3_tc01_positions.npz",
        3: "botan/isoconfig_N4096T0.44_1_tc07.npz",
    }[dimensions]
    with np.load(shared_data / name) as data:
        types = data["types"].astype(int) - data["types"].min()
        configuration = Configuration.wrapped(
            data["initial_positions"], types, system.box(len(types)), system.species
        )
    assert_matches_reference(system, configuration, 0.35)


@pytest.mark.parametrize("skin", [0.05, 0.5])
def test_trajectory_follows_naive_twin(liquid, skin):
    system, configuration = liquid
    velocities = maxwell_velocities(configuration.n_particles, system.dimensions, 1.0, 5)
    engine = EmbeddedEngine(system, time_step=0.004, skin=skin)
    (snapshot,) = engine.run(configuration, times=[0.8], velocities=velocities)
    positions, final = naive_run(system, configuration, velocities, 0.004, 200)
    # Rounding errors grow exponentially; they are 1e-14 at the start.
    np.testing.assert_allclose(snapshot.positions, positions, atol=1e-9)
    np.testing.assert_allclose(snapshot.velocities, final, atol=1e-8)


def energy_fluctuation(system, configuration, time_step):
    velocities = maxwell_velocities(configuration.n_particles, system.dimensions, 1.0, 6)
    engine = EmbeddedEngine(system, time_step=time_step)
    run = engine.run(configuration, times=0.08 * np.arange(501), velocities=velocities)
    energies = [snapshot.potential_energy + snapshot.kinetic_energy for snapshot in run]
    return np.array(energies) / configuration.n_particles


def test_energy_is_conserved_to_second_order(liquid):
    system, configuration = liquid
    coarse, fine = (energy_fluctuation(system, configuration, dt) for dt in (0.004, 0.002))
    assert coarse.std() < 4e-4
    assert coarse.std() / fine.std() == pytest.approx(4, rel=0.3)
    slope = stats.linregress(np.arange(fine.size), fine)
    assert abs(slope.slope) * fine.size < fine.std()


def test_momentum_is_conserved(liquid):
    system, configuration = liquid
    velocities = maxwell_velocities(configuration.n_particles, system.dimensions, 1.0, 7)
    run = EmbeddedEngine(system, time_step=0.004).run(
        configuration, times=[20], velocities=velocities, temperature=1.0, random_state=7
    )
    assert abs(next(run).velocities.sum(axis=0)).max() < 1e-10


def test_unwrapped_positions_move_continuously(liquid):
    system, configuration = liquid
    velocities = maxwell_velocities(configuration.n_particles, system.dimensions, 1.0, 8) + 3.0
    run = EmbeddedEngine(system, time_step=0.004).run(
        configuration, times=0.04 * np.arange(200), velocities=velocities
    )
    first = previous = next(run).positions
    np.testing.assert_array_equal(first, configuration.positions)
    for snapshot in run:
        assert abs(snapshot.positions - previous).max() < 0.5
        previous = snapshot.positions
    drift = (previous - first).mean(axis=0)
    np.testing.assert_allclose(drift, 3.0 * 0.04 * 199, rtol=1e-9)


def test_thermostat_samples_the_canonical_ensemble(liquid_2d):
    """Kinetic energy follows the Gamma distribution, single velocities the normal one."""
    system, configuration = liquid_2d
    n, temperature = configuration.n_particles, 1.3
    engine = EmbeddedEngine(system, time_step=0.002)
    run = engine.run(
        configuration,
        times=2 + 0.2 * np.arange(3000),
        velocities=maxwell_velocities(n, 2, 0.2, 9),
        temperature=temperature,
        thermostat_time=0.02,
        random_state=9,
    )
    kinetic, single = [], []
    for snapshot in run:
        kinetic.append(snapshot.kinetic_energy)
        single.append(snapshot.velocities[0, 0])
    expected = stats.gamma(n - 1, scale=temperature)
    assert stats.kstest(kinetic, expected.cdf).pvalue > 1e-3
    assert stats.kstest(1.02 * np.array(kinetic), expected.cdf).pvalue < 1e-3
    width = np.sqrt(temperature * (1 - 1 / n))
    assert stats.kstest(single[::5], stats.norm(0, width).cdf).pvalue > 1e-3


def test_maxwell_velocities():
    velocities = maxwell_velocities(2000, 3, 0.7, random_state=1)
    np.testing.assert_allclose(velocities.sum(axis=0), 0, atol=1e-11)
    assert stats.kstest(velocities.ravel(), stats.norm(0, np.sqrt(0.7)).cdf).pvalue > 1e-3
    np.testing.assert_array_equal(velocities, maxwell_velocities(2000, 3, 0.7, random_state=1))
    # Two particles have opposite velocities, each with half the variance.
    pairs = np.array([maxwell_velocities(2, 1, 1.0, seed)[0, 0] for seed in range(2000)])
    assert stats.kstest(pairs, stats.norm(0, np.sqrt(0.5)).cdf).pvalue > 1e-3
    with pytest.raises(ValueError, match="-1"):
        maxwell_velocities(10, 3, -1.0)


RUN = """
from vitreous.liquid import KobAndersen2D
from vitreous.simulate import EmbeddedEngine, maxwell_velocities
from vitreous.simulate._md_kernels import advance
system = KobAndersen2D()
n = 64
start = system.random_configuration(n, random_state=1)
edge = start.box.lengths[0] / 8
start = start.with_positions([[k % 8 * edge, k // 8 * edge] for k in range(n)])
(last,) = EmbeddedEngine(system).run(
    start, times=[5], velocities=maxwell_velocities(n, 2, 0.5, 3), temperature=0.5, random_state=4
)
result = last.positions.tobytes().hex()
"""


def test_runs_repeat_bit_by_bit_in_other_processes_from_the_cache():
    here: dict = {}
    exec(RUN, here)
    again: dict = {}
    exec(RUN, again)
    assert here["result"] == again["result"]
    script = RUN + "print(sum(advance.stats.cache_misses.values()), result)"
    environment = os.environ | {"PYTHONWARNINGS": "ignore"}
    output = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, env=environment
    ).stdout.split()
    assert output == ["0", here["result"]]


def test_engine_is_picklable_settings():
    engine = EmbeddedEngine(KobAndersen(), time_step=0.003, skin=0.2)
    assert repr(pickle.loads(pickle.dumps(engine))) == repr(engine)


def test_times_are_rounded_to_steps(liquid_2d):
    system, configuration = liquid_2d
    velocities = np.zeros_like(configuration.positions)
    run = EmbeddedEngine(system, time_step=0.01).run(
        configuration, times=[0, 0.1249, 0.13], velocities=velocities
    )
    times = [snapshot.time for snapshot in run]
    np.testing.assert_allclose(times, [0, 0.12, 0.13])


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"times": [-1.0]}, "-1"),
        ({"times": [1.0, 1.001]}, "1.001"),
        ({"times": [2.0, 1.0]}, "1 follows 2"),
        ({"times": [np.nan]}, "finite"),
        ({"velocities": np.zeros((42, 2))}, "shape"),
        ({"velocities": np.full((43, 2), np.nan)}, "finite"),
        ({"velocities": np.ones((43, 2)), "temperature": 1.0}, "centre of mass"),
        ({"temperature": 0.0}, "temperature must be positive"),
        ({"temperature": 1.0, "thermostat_time": -2.0}, "-2"),
        ({"thermostat_time": 1.0}, "without a temperature"),
    ],
)
def test_bad_arguments_are_refused_at_once(liquid_2d, arguments, message):
    system, configuration = liquid_2d
    defaults = {"times": [1.0], "velocities": np.zeros((43, 2))}
    with pytest.raises(ValueError, match=message):
        EmbeddedEngine(system, time_step=0.01).run(configuration, **(defaults | arguments))


def test_unsuitable_boxes_are_refused(liquid_2d):
    system, configuration = liquid_2d
    engine = EmbeddedEngine(system)
    small = system.random_configuration(20, random_state=1)
    with pytest.raises(ValueError, match="half the shortest box length"):
        engine.energies_and_forces(small)
    with pytest.raises(ValueError, match="2D"):
        EmbeddedEngine(KobAndersen()).energies_and_forces(configuration)
    for setting in ({"skin": 0.0}, {"time_step": -0.1}):
        with pytest.raises(ValueError, match="must be positive"):
            EmbeddedEngine(system, **setting)


def test_explosion_is_reported():
    system = KobAndersen2D()
    configuration = system.random_configuration(200, random_state=1)
    run = EmbeddedEngine(system).run(configuration, times=[1.0], velocities=np.zeros((200, 2)))
    with pytest.raises(FloatingPointError, match="no longer finite"):
        list(run)
