"""Tabulated potentials and continuous diameters in the engine, the minimiser and Monte Carlo."""

import pickle
from itertools import permutations

import numpy as np
import pytest
from scipy import stats
from support.mechanics import naive_run, near_a_minimum, scipy_minimum

from vitreous.liquid import (
    Box,
    Configuration,
    KobAndersen2D,
    PolydispersePotential,
    PolydisperseSoftSpheres,
    PolydisperseSystem,
    System,
    TabulatedPotential,
)
from vitreous.simulate import EmbeddedEngine, SwapMonteCarlo, maxwell_velocities, minimize

KA2D = KobAndersen2D()


def geometric_mean(s, t):
    return np.sqrt(s * t)


TABULATED = System(
    "tabulated",
    KA2D.species,
    KA2D.fractions,
    KA2D.density,
    2,
    TabulatedPotential.from_function(KA2D.potential.energy, KA2D.potential.sigma, 2.5),
    KA2D.time_step,
    KA2D.swap_pairs,
)
MIXED = PolydisperseSystem(
    "mixed",
    stats.uniform(0.7, 0.6).ppf,
    density=1.0,
    dimensions=2,
    potential=PolydispersePotential.from_function(
        lambda x: x**-12.0 - x**-6.0, cutoff=2.0, tail="smooth", mixing=geometric_mean
    ),
    time_step=0.005,
)
# Compilers take half a minute for each.
SYSTEMS = [
    pytest.param(TABULATED, marks=pytest.mark.slow),
    pytest.param(PolydisperseSoftSpheres(), marks=pytest.mark.slow),
    PolydisperseSoftSpheres(2),
    pytest.param(MIXED, marks=pytest.mark.slow),
]


@pytest.fixture(scope="module", params=SYSTEMS, ids=repr)
def liquid(request):
    """A warm liquid in a box of little more than two cutoffs."""
    system = request.param
    n_particles = 160 if system.dimensions == 3 else 60
    start = system.random_configuration(n_particles, random_state=1)
    start = minimize(system, start, force_tolerance=0.1).configuration
    velocities = maxwell_velocities(n_particles, system.dimensions, 0.6, 1)
    run = EmbeddedEngine(system, time_step=0.004).run(
        start, times=[4], velocities=velocities, temperature=0.6, random_state=1
    )
    return system, start.with_positions(next(run).positions)


def assert_matches_reference(system, configuration, skin):
    energies, forces = EmbeddedEngine(system, skin=skin).energies_and_forces(configuration)
    expected = system.forces(configuration)
    np.testing.assert_allclose(energies, system.particle_energies(configuration), 1e-10, 1e-11)
    np.testing.assert_allclose(forces, expected, 1e-9, 1e-11 * (1 + abs(expected).max()))


@pytest.mark.parametrize("skin", [0.01, 0.35, 3.0])
def test_liquid_matches_reference(liquid, skin):
    system, configuration = liquid
    assert_matches_reference(system, configuration, skin)


@pytest.mark.parametrize("system", SYSTEMS, ids=repr)
@pytest.mark.parametrize("n_particles", [1, 2, 7, 9, 33])
def test_small_box_matches_reference(system, n_particles):
    """Particles at random may overlap, closer than the table reaches."""
    rng = np.random.default_rng(n_particles)
    trial = system.random_configuration(n_particles, 1)
    lengths = 2.0001 * system.largest_cutoff(trial) * np.array([1, 1.03, 1.4])
    lengths = lengths[: system.dimensions]
    positions = rng.uniform(-0.5, 0.5, (n_particles, system.dimensions)) * lengths
    configuration = Configuration(
        positions, trial.types, Box(tuple(lengths)), system.species, trial.diameters
    )
    assert_matches_reference(system, configuration, 0.35)


def test_crowded_cells_outgrow_the_first_guess_of_the_lists():
    system = PolydisperseSoftSpheres()
    rng = np.random.default_rng(4)
    positions = 0.3 * rng.standard_normal((900, 3))
    diameters = system.random_configuration(900, 1).diameters
    configuration = Configuration.wrapped(
        positions, np.zeros(900, int), Box.cube(31.0, 3), "A", diameters
    )
    assert_matches_reference(system, configuration, 0.35)


@pytest.mark.parametrize("skin", [0.05, 0.5])
def test_trajectory_follows_naive_twin(liquid, skin):
    """Velocity Verlet with the reference forces; lists are rebuilt on the way."""
    system, configuration = liquid
    velocities = maxwell_velocities(configuration.n_particles, system.dimensions, 0.6, 5)
    engine = EmbeddedEngine(system, time_step=0.004, skin=skin)
    (snapshot,) = engine.run(configuration, times=[0.4], velocities=velocities)
    positions, velocities = naive_run(system, configuration, velocities, 0.004, 100)
    np.testing.assert_allclose(snapshot.positions, positions, atol=1e-9)
    np.testing.assert_allclose(snapshot.velocities, velocities, atol=1e-8)


def test_energy_is_conserved_to_second_order(liquid):
    system, configuration = liquid
    velocities = maxwell_velocities(configuration.n_particles, system.dimensions, 0.6, 6)
    spreads = []
    for time_step in (0.004, 0.002):
        engine = EmbeddedEngine(system, time_step=time_step)
        run = engine.run(configuration, times=0.08 * np.arange(501), velocities=velocities)
        energies = np.array([s.potential_energy + s.kinetic_energy for s in run])
        spreads.append(energies.std() / configuration.n_particles)
    assert spreads[0] < 1e-3
    assert spreads[0] / spreads[1] == pytest.approx(4, rel=0.4)
    slope = stats.linregress(np.arange(energies.size), energies)
    assert abs(slope.slope) * energies.size < energies.std()


def test_minimum_agrees_with_an_independent_minimizer(liquid):
    system, configuration = liquid
    start = near_a_minimum(system, configuration)
    energy, _ = scipy_minimum(system, start)
    result = minimize(system, start, force_tolerance=1e-7)
    assert result.converged
    assert result.energy * start.n_particles == pytest.approx(energy, abs=1e-8)
    if start.diameters is not None:
        np.testing.assert_array_equal(result.configuration.diameters, start.diameters)


@pytest.mark.parametrize("skin", [0.3, 2.5])
def test_recorded_energies_are_those_of_the_configuration(liquid, skin):
    """With the wide skin no list is ever rebuilt, and differences alone carry the energy."""
    system, configuration = liquid
    result = SwapMonteCarlo(system, skin=skin).run(configuration, 0.6, 200, random_state=3)
    exact = system.potential_energy(result.configuration) / configuration.n_particles
    assert result.energies[-1] == pytest.approx(exact, abs=1e-10)
    assert 0 < result.displacement_acceptance < 1
    assert all(0 < fraction < 1 for fraction in result.swap_acceptance.values())
    before, after = system.kinds(configuration), system.kinds(result.configuration)
    assert (before != after).any()
    np.testing.assert_array_equal(np.sort(before), np.sort(after))


@pytest.mark.parametrize(
    ("mixing", "swap_range"),
    [
        pytest.param(0.2, np.inf, id="number, all pairs", marks=pytest.mark.slow),
        pytest.param(geometric_mean, 0.25, id="function, near pairs"),
        pytest.param(0.2, 0.25, id="number, near pairs", marks=pytest.mark.slow),
        pytest.param(geometric_mean, np.inf, id="function, all pairs", marks=pytest.mark.slow),
    ],
)
def test_exchanges_of_diameters_sample_boltzmann_weights(mixing, swap_range):
    """Chi-square over all assignments of diameters to fixed positions, level 0.001."""
    potential = PolydispersePotential.from_function(
        lambda x: x**-12.0, cutoff=1.25, tail="smooth", mixing=mixing
    )
    system = PolydisperseSystem(
        "cluster", stats.uniform(0.7, 0.9).ppf, 1.0, 2, potential, swap_range=swap_range
    )
    diameters, temperature = [0.8, 0.95, 1.1, 1.25, 1.4], 0.7
    rng = np.random.default_rng(2)
    sites = np.array([[0, 0], [1.0, 0], [0, 1.0], [1.0, 1.0], [0.5, 1.8]])
    positions = sites + rng.uniform(-0.1, 0.1, (5, 2)) + 1.7
    start = Configuration.wrapped(positions, np.zeros(5, int), Box.cube(4.0, 2), "A", diameters)
    exact = np.array(
        [system.potential_energy(start.with_diameters(list(a))) for a in permutations(diameters)]
    )
    exact.sort()
    assert np.diff(exact).min() > 1e-7
    result = SwapMonteCarlo(system, swap_fraction=1.0).run(
        start, temperature, 30 * 30_000, random_state=11, record_every=30
    )
    states = np.abs(5 * result.energies[:, None] - exact).argmin(axis=1)
    np.testing.assert_allclose(5 * result.energies, exact[states], atol=1e-8)
    counts = np.bincount(states, minlength=len(exact))

    def p_value(t):
        weights = np.exp(-(exact - exact.min()) / t)
        expected = counts.sum() * weights / weights.sum()
        rare = expected < 10
        observed = np.append(counts[~rare], counts[rare].sum())
        expected = np.append(expected[~rare], expected[rare].sum())
        return stats.chisquare(observed[expected > 0], expected[expected > 0]).pvalue

    assert p_value(temperature) > 1e-3
    assert p_value(1.1 * temperature) < 1e-3


def test_diameters_are_exchanged_within_the_swap_range_only():
    """One exchange at most, which no energy forbids: the particles are far apart."""
    potential = PolydispersePotential.from_function(lambda x: (1 - x) ** 2, 1.0)
    system = PolydisperseSystem(
        "dilute", stats.uniform(1, 1).ppf, 0.01, 2, potential, swap_range=0.3
    )
    sites = np.stack(np.meshgrid(*[np.arange(8.0)] * 2), -1).reshape(-1, 2)
    start = system.random_configuration(64, 1).with_positions(10 * sites)
    moved = 0
    for seed in range(100):
        one = Configuration(start.positions[:4], [0] * 4, start.box, "A", [1.0, 1.2, 1.4, 2.0])
        result = SwapMonteCarlo(system, swap_fraction=1.0).run(one, 1.0, 1, random_state=seed)
        assert result.swap_acceptance == {(0, 0): 1.0}
        assert result.configuration.diameters[3] == 2.0
        moved += (result.configuration.diameters[:3] != [1.0, 1.2, 1.4]).any()
    assert moved > 50
    lonely = Configuration(start.positions[:4], [0] * 4, start.box, "A", [1.0, 2.0, 3.0, 4.0])
    with pytest.raises(ValueError, match=r"no two of the 4 diameters differ by 0\.3 or less"):
        SwapMonteCarlo(system).run(lonely, 1.0, 1)
    single = Configuration(start.positions[:1], [0], start.box, "A", [1.0])
    with pytest.raises(ValueError, match="no two of the 1 diameters"):
        SwapMonteCarlo(system).run(single, 1.0, 1)


def test_mean_energy_agrees_with_molecular_dynamics():
    """At T = 0.6, four standard errors of the block averages."""
    system = PolydisperseSoftSpheres()
    start = minimize(system, system.random_configuration(120, 3), force_tolerance=1.0)
    configuration = start.configuration
    carlo = SwapMonteCarlo(system, swap_fraction=0.2, displacement=0.1)
    energies = carlo.run(configuration, 0.6, 3000, random_state=1, record_every=1).energies
    run = EmbeddedEngine(system, time_step=0.005).run(
        configuration,
        times=np.arange(1, 1001) * 0.2,
        velocities=maxwell_velocities(120, 3, 0.6, 2),
        temperature=0.6,
        random_state=2,
    )
    dynamics = np.array([snapshot.potential_energy / 120 for snapshot in run])
    means, errors = [], []
    for values in (energies, dynamics):
        blocks = values[len(values) // 10 :].reshape(18, -1).mean(axis=1)
        means.append(blocks.mean())
        errors.append(blocks.std(ddof=1) / np.sqrt(18))
    assert max(errors) < 0.02
    assert abs(means[0] - means[1]) < 4 * np.hypot(*errors)


def test_mixing_that_cannot_be_compiled_is_refused():
    settings = {"share": 0.5}
    potential = PolydispersePotential.from_function(
        lambda x: (1 - x) ** 2, 1.0, mixing=lambda s, t: (s + t) * settings["share"]
    )
    system = PolydisperseSystem("odd", stats.uniform(1, 0.5).ppf, 1.0, 2, potential)
    configuration = system.random_configuration(60, 1)
    assert system.potential_energy(configuration) > 0
    with pytest.raises(ValueError, match="mixing of diameters cannot be compiled"):
        EmbeddedEngine(system).energies_and_forces(configuration)


def test_systems_with_tables_are_picklable():
    for system in (TABULATED, PolydisperseSoftSpheres(), MIXED):
        copy = pickle.loads(pickle.dumps(system))
        configuration = system.random_configuration(80, 1)
        assert copy.potential_energy(configuration) == system.potential_energy(configuration)
