"""HOOMD-blue against the reference interactions, the embedded engine and statistical mechanics."""

import pickle
import signal
import sys
from importlib.util import find_spec

import numpy as np
import pytest
from scipy import stats

from vitreous.liquid import (
    Box,
    Configuration,
    KobAndersen2D,
    PairPotential,
    System,
    TabulatedPotential,
    neighbor_list,
)
from vitreous.simulate import (
    EmbeddedEngine,
    EngineDescription,
    HoomdEngine,
    check_engine,
    isoconfigurational_ensemble,
    isoconfigurational_trajectories,
    maxwell_velocities,
    measure_relaxation,
)

pytestmark = pytest.mark.hoomd
# Not imported here, because that would replace handlers, which the engine takes care to keep.
if find_spec("hoomd") is None:
    pytest.skip("HOOMD-blue is not installed; conda-forge has it", allow_module_level=True)


def test_handlers_are_not_those_of_hoomd():
    HoomdEngine(KobAndersen2D())
    assert "hoomd" in sys.modules
    for handler in (signal.getsignal(signal.SIGTERM), sys.excepthook):
        assert getattr(handler, "__module__", "") != "hoomd"


def assert_matches_reference(system, configuration, tolerance=1e-5, **settings):
    engine = HoomdEngine(system, device="cpu", **settings)
    energies, forces = engine.energies_and_forces(configuration)
    expected = system.particle_energies(configuration)
    np.testing.assert_allclose(energies, expected, rtol=0, atol=tolerance * abs(expected).max())
    expected = system.forces(configuration)
    np.testing.assert_allclose(forces, expected, rtol=0, atol=tolerance * abs(expected).max())


def test_liquids_match_reference(liquid):
    assert_matches_reference(*liquid)


def test_error_falls_with_the_square_of_the_table(liquid):
    system, configuration = liquid
    expected = system.forces(configuration)
    coarse, fine = (
        np.sqrt(np.mean((engine.energies_and_forces(configuration)[1] - expected) ** 2))
        for engine in (HoomdEngine(system, device="cpu", table_points=n) for n in (4000, 16_000))
    )
    # A factor of 16, up to where in their intervals the few closest pairs happen to lie.
    assert 8 < coarse / fine < 32


def test_tilted_box_matches_reference(liquid_2d):
    system, _ = liquid_2d
    rng = np.random.default_rng(1)
    grid = np.stack(np.meshgrid(*[np.arange(8)] * 2), -1).reshape(-1, 2)
    positions = grid + rng.normal(0, 0.03, (64, 2))
    for tilts in ((0.3,), (1.0,)):
        box = Box((8.0, 8.0), tilts)
        tilted = Configuration.wrapped(positions, rng.integers(0, 3, 64), box, system.species)
        assert_matches_reference(system, tilted)


def test_smallest_box_that_passes_the_check_matches_reference():
    length = 5.0201
    pair = KobAndersen2D()
    assert length == pytest.approx(2 * pair.potential.max_cutoff + 0.02, abs=2e-4)
    density = 25 / length**2
    system = System(pair.name, pair.species, pair.fractions, density, 2, pair.potential)
    check_engine(system, "hoomd", n_particles=25)
    rng = np.random.default_rng(1)
    grid = np.stack(np.meshgrid(*[np.arange(5)] * 2), -1).reshape(-1, 2) * length / 5
    positions = grid + rng.normal(0, 0.03, (25, 2))
    types = rng.integers(0, 3, 25)
    small = Configuration.wrapped(positions, types, Box.cube(length, 2), system.species)
    assert_matches_reference(system, small)


def test_deep_overlaps_of_soft_spheres_match_reference():
    spheres = PairPotential.harmonic([[1.0]], [[1.0]])
    system = System("spheres", "A", [1], 2.0, 2, spheres)
    configuration = system.random_configuration(60, random_state=1)
    assert neighbor_list(configuration, 0.2).counts.any()
    assert_matches_reference(system, configuration)


def test_own_formula_matches_reference(liquid_3d):
    _, configuration = liquid_3d
    repulsion = TabulatedPotential.from_function(
        lambda r, a, b: (1.0 + 0.1 * (a + b)) * np.exp(-2 * r) / r,
        sigma=[[1.0, 0.8], [0.8, 0.7]],
        cutoff=2.4,
        tail="smooth",
    )
    system = System("yukawa", "AB", [4, 1], 1.2, 3, repulsion)
    assert_matches_reference(system, configuration)


def test_short_trajectories_are_those_of_the_embedded_engine(liquid):
    system, configuration = liquid
    velocities = maxwell_velocities(configuration.n_particles, system.dimensions, 1.0, 5)
    times = [0.0, 0.1, 0.4, 0.404]
    engines = (
        EmbeddedEngine(system, time_step=0.004),
        HoomdEngine(system, time_step=0.004, device="cpu", table_points=100_000),
    )
    embedded, hoomd = (
        list(engine.run(configuration, times=times, velocities=velocities)) for engine in engines
    )
    for one, other in zip(embedded, hoomd, strict=True):
        assert other.time == one.time
        assert other.positions.dtype == other.velocities.dtype == np.float64
        np.testing.assert_allclose(other.positions, one.positions, atol=1e-6)
        np.testing.assert_allclose(other.velocities, one.velocities, atol=1e-5)
        assert other.potential_energy == pytest.approx(one.potential_energy, abs=1e-3)
        assert other.kinetic_energy == pytest.approx(one.kinetic_energy, abs=1e-3)


def test_energy_is_conserved(liquid):
    system, configuration = liquid
    velocities = maxwell_velocities(configuration.n_particles, system.dimensions, 1.0, 6)
    times = 0.1 * np.arange(101)
    fluctuations = {}
    for engine in (
        EmbeddedEngine(system, time_step=0.004),
        HoomdEngine(system, time_step=0.004, device="cpu"),
    ):
        run = engine.run(configuration, times=times, velocities=velocities)
        energies = [snapshot.potential_energy + snapshot.kinetic_energy for snapshot in run]
        fluctuations[type(engine)] = np.std(energies)
    assert fluctuations[HoomdEngine] < 1.5 * fluctuations[EmbeddedEngine]


def test_unwrapped_positions_move_continuously(liquid):
    system, configuration = liquid
    velocities = maxwell_velocities(configuration.n_particles, system.dimensions, 1.0, 8) + 3.0
    run = HoomdEngine(system, time_step=0.004, device="cpu").run(
        configuration, times=0.04 * np.arange(200), velocities=velocities
    )
    first = previous = next(run).positions
    np.testing.assert_allclose(first, configuration.positions, atol=1e-12)
    for snapshot in run:
        assert abs(snapshot.positions - previous).max() < 0.5
        previous = snapshot.positions
    drift = (previous - first).mean(axis=0)
    np.testing.assert_allclose(drift, 3.0 * 0.04 * 199, rtol=1e-9)


def test_a_run_goes_on_from_its_snapshot(liquid_2d):
    system, configuration = liquid_2d
    velocities = maxwell_velocities(43, 2, 1.0, 5)
    engine = HoomdEngine(system, time_step=0.004, device="cpu")
    half, whole = engine.run(configuration, times=[0.4, 0.8], velocities=velocities)
    moved = configuration.with_positions(half.positions)
    (resumed,) = engine.run(moved, times=[0.4], velocities=half.velocities)
    shifts = resumed.positions - moved.positions
    np.testing.assert_allclose(shifts, whole.positions - half.positions, atol=1e-9)
    np.testing.assert_allclose(resumed.velocities, whole.velocities, atol=1e-8)


def test_thermostat_samples_the_canonical_ensemble(liquid_2d):
    """Kinetic energy follows the Gamma distribution with d (N - 1) degrees of freedom."""
    system, configuration = liquid_2d
    n, temperature = configuration.n_particles, 1.3
    run = HoomdEngine(system, time_step=0.002, device="cpu").run(
        configuration,
        times=2 + 0.2 * np.arange(1000),
        velocities=maxwell_velocities(n, 2, 0.2, 9),
        temperature=temperature,
        thermostat_time=0.05,
        random_state=9,
    )
    kinetic, momentum = [], []
    for snapshot in run:
        kinetic.append(snapshot.kinetic_energy)
        momentum.append(abs(snapshot.velocities.sum(axis=0)).max())
    expected = stats.gamma(n - 1, scale=temperature)
    assert stats.kstest(kinetic, expected.cdf).pvalue > 1e-3
    assert stats.kstest(1.04 * np.array(kinetic), expected.cdf).pvalue < 1e-3
    assert max(momentum) < 1e-10


def test_thermostat_time_is_the_relaxation_time_of_the_kinetic_energy():
    """Free particles exchange heat with the thermostat only."""
    spheres = PairPotential.harmonic([[1e-9]], [[1.0]])
    system = System("gas", "A", [1], 0.1, 2, spheres, time_step=0.01)
    configuration = system.random_configuration(2000, random_state=1)
    times = np.array([0.5, 1.0, 2.0])
    run = HoomdEngine(system, device="cpu").run(
        configuration,
        times=times,
        velocities=maxwell_velocities(2000, 2, 4.0, 1),
        temperature=1.0,
        thermostat_time=1.0,
        random_state=1,
    )
    temperatures = np.array([snapshot.kinetic_energy / 1999 for snapshot in run])
    np.testing.assert_allclose(temperatures, 1 + 3 * np.exp(-times), rtol=0.1)


def equilibrium_averages(engine, configuration, temperature, seeds):
    """Energy, pressure and g(r) of independent runs, shape (n_runs, 2 + n_bins)."""
    system, n = engine.system, configuration.n_particles
    averages = []
    for seed in seeds:
        run = engine.run(
            configuration,
            times=6 + 0.5 * np.arange(25),
            velocities=maxwell_velocities(n, system.dimensions, temperature, seed),
            temperature=temperature,
            thermostat_time=0.5,
            random_state=seed,
        )
        samples = []
        for snapshot in run:
            moved = configuration.with_positions(snapshot.positions)
            distances = neighbor_list(moved, 2.4).distances
            samples.append(
                [
                    snapshot.potential_energy / n,
                    system.pressure(moved, temperature),
                    *np.histogram(distances, bins=np.arange(0.8, 2.41, 0.2))[0],
                ]
            )
        averages.append(np.mean(samples, axis=0))
    return np.array(averages)


def test_equilibrium_averages_are_those_of_the_embedded_engine(liquid_2d):
    """Over 20 runs of each, as independent samples; the bins of g(r) share one level."""
    system, configuration = liquid_2d
    settings = {"time_step": 0.004}
    embedded = EmbeddedEngine(system, **settings)
    hoomd = HoomdEngine(system, device="cpu", **settings)
    first = equilibrium_averages(embedded, configuration, 1.0, range(20))
    second = equilibrium_averages(hoomd, configuration, 1.0, range(20, 40))
    p_values = stats.ttest_ind(first, second, equal_var=False).pvalue
    assert p_values.min() > 0.01 / len(p_values)
    warmer = equilibrium_averages(hoomd, configuration, 1.2, range(20))
    assert stats.ttest_ind(first, warmer, equal_var=False).pvalue[:2].max() < 1e-4


def test_isoconfigurational_labels_are_those_of_the_embedded_engine(liquid_2d):
    """Differences of propensities are as large as their standard errors say."""
    system, configuration = liquid_2d
    n_replicas = 32
    propensities = {}
    for name in ("embedded", "hoomd"):
        replicas = isoconfigurational_trajectories(
            system,
            configuration,
            1.0,
            [0.05, 1.0],
            n_replicas=n_replicas,
            # Other velocities for each, so that the two are independent.
            random_state=len(name),
            engine=name,
        )
        shifts = np.linalg.norm(np.array(list(replicas)) - configuration.positions, axis=3)
        mean = shifts.mean(axis=0)
        propensities[name] = mean, shifts.var(axis=0, ddof=1) / n_replicas
    (one, error), (other, other_error) = propensities.values()
    deviations = (one - other) / np.sqrt(error + other_error)
    # 2 x 43 deviations, unit variance; particles that move together leave fewer independent ones.
    assert (deviations**2).mean() == pytest.approx(1, abs=0.6)
    shuffled = other[:, np.random.default_rng(1).permutation(43)]
    assert ((one - shuffled) ** 2 / (error + other_error)).mean() > 2


def test_velocities_are_those_of_the_embedded_engine(liquid_2d):
    """So at first the labels are the same, whatever the thermostat draws."""
    system, configuration = liquid_2d
    embedded, hoomd = (
        isoconfigurational_ensemble(
            system, configuration, 1.0, [0.02], n_replicas=3, random_state=3, engine=engine
        ).matrix("displacement")
        for engine in ("embedded", "hoomd")
    )
    np.testing.assert_allclose(hoomd, embedded, rtol=0.05)


def test_runs_repeat_from_their_seed_in_any_process(liquid_2d):
    system, configuration = liquid_2d
    engine = HoomdEngine(system, device="cpu")
    assert repr(pickle.loads(pickle.dumps(engine))) == repr(engine)
    alone, together, other = (
        isoconfigurational_ensemble(
            system,
            configuration,
            1.0,
            [0.5],
            n_replicas=2,
            random_state=seed,
            engine=engine,
            n_jobs=n_jobs,
        ).matrix("displacement")
        for seed, n_jobs in ((1, 1), (1, 2), (2, 1))
    )
    np.testing.assert_array_equal(alone, together)
    assert abs(alone - other).min() > 0


def test_constant_energy_repeats_without_a_seed(liquid):
    """Through several sorts of the particles, which HOOMD-blue does every 200 steps."""
    system, configuration = liquid
    velocities = maxwell_velocities(configuration.n_particles, system.dimensions, 1.0, 4)
    engine = HoomdEngine(system, time_step=0.004, device="cpu")
    first, *others = (
        list(
            engine.run(
                configuration, times=[1.0, 4.0], velocities=velocities, random_state=random_state
            )
        )
        for random_state in (None, None, 1)
    )
    for other in others:
        for one, another in zip(first, other, strict=True):
            np.testing.assert_array_equal(another.positions, one.positions)
            np.testing.assert_array_equal(another.velocities, one.velocities)
            assert another.potential_energy == one.potential_energy


def test_description_is_that_of_the_installed_hoomd():
    import hoomd

    description = HoomdEngine(KobAndersen2D(), device="cpu").description
    assert description == EngineDescription("hoomd", hoomd.version.version, "cpu")


def test_relaxation_is_measured_by_hoomd(liquid_2d):
    system, configuration = liquid_2d
    measured = measure_relaxation(
        system, [configuration] * 2, 1.0, level=0.95, longest_time=50.0, engine="hoomd"
    )
    assert 0.1 < measured.bond_breaking_time < 50


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"times": [1.0, 1.001]}, "1.001"),
        ({"velocities": np.zeros((42, 2))}, "shape"),
        ({"velocities": np.ones((43, 2)), "temperature": 1.0}, "centre of mass"),
        ({"temperature": 1.0}, "at rest"),
    ],
)
def test_bad_arguments_are_refused_at_once(liquid_2d, arguments, message):
    system, configuration = liquid_2d
    defaults = {"times": [1.0], "velocities": np.zeros((43, 2))}
    with pytest.raises(ValueError, match=message):
        HoomdEngine(system, time_step=0.01).run(configuration, **(defaults | arguments))


def test_unsuitable_configurations_are_refused(liquid_2d, liquid_3d):
    system, _ = liquid_2d
    engine = HoomdEngine(system)
    with pytest.raises(ValueError, match="half the shortest distance"):
        engine.energies_and_forces(system.random_configuration(20, random_state=1))
    with pytest.raises(ValueError, match="overlap"):
        engine.energies_and_forces(system.random_configuration(200, random_state=1))
    with pytest.raises(ValueError, match="2D"):
        engine.energies_and_forces(liquid_3d[1])


def test_explosion_is_reported(liquid_2d):
    system, configuration = liquid_2d
    velocities = maxwell_velocities(43, 2, 1.0, 1)
    run = HoomdEngine(system, time_step=0.5).run(
        configuration, times=[500.0], velocities=velocities
    )
    with pytest.raises(FloatingPointError, match="no longer finite"):
        list(run)


def test_two_dimensional_runs_stay_in_the_plane():
    system = KobAndersen2D()
    engine = HoomdEngine(system, device="cpu")
    edge = 1.05 * np.arange(8)
    grid = np.stack(np.meshgrid(edge, edge), -1).reshape(-1, 2)
    configuration = Configuration.wrapped(grid, np.arange(64) % 3, Box.cube(8.4, 2), system.species)
    (snapshot,) = engine.run(
        configuration, times=[0.5], velocities=maxwell_velocities(64, 2, 0.3, 1)
    )
    assert snapshot.positions.shape == snapshot.velocities.shape == (64, 2)
