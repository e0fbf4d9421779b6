"""Swap Monte Carlo against exact enumeration, quadrature and molecular dynamics."""

from itertools import permutations

import numpy as np
import pytest
from scipy import stats
from scipy.special import logsumexp

from vitreous.liquid import (
    Box,
    Configuration,
    KobAndersen,
    KobAndersen2D,
    PolydisperseSoftSpheres,
)
from vitreous.simulate import EmbeddedEngine, SwapMonteCarlo, maxwell_velocities
from vitreous.simulate._list_kernels import rebuild
from vitreous.simulate._packing import pack, pack_one_type, with_room


def cluster(system, types, seed):
    """Particles near the corners of a lattice, across the corner of a small periodic box."""
    rng = np.random.default_rng(seed)
    sites = 1.05 * np.indices((3, 3, 3)[: system.dimensions]).reshape(system.dimensions, -1).T
    positions = sites[: len(types)] + rng.uniform(-0.08, 0.08, (len(types), system.dimensions))
    box = Box.cube(2 * system.potential.max_cutoff + 0.01, system.dimensions)
    return Configuration.wrapped(positions + box.lengths[0] / 2 - 1, types, box, system.species)


FLAT = KobAndersen2D(), [0, 0, 1, 1, 2, 2], 1.5
SOLID = KobAndersen(), [0, 0, 0, 0, 1, 1], 1.0


@pytest.mark.parametrize(
    ("case", "draw", "n_records"),
    [
        pytest.param(FLAT, "even", 40_000, id="KA2D, even"),
        pytest.param(SOLID, "by cost", 12_000, id="KA, by cost"),
        pytest.param(FLAT, "by cost", 12_000, id="KA2D, by cost", marks=pytest.mark.slow),
        pytest.param(SOLID, "even", 40_000, id="KA, even", marks=pytest.mark.slow),
    ],
)
def test_exchanges_sample_boltzmann_weights(case, draw, n_records):
    """Chi-square over all assignments of types to fixed positions, level 0.001."""
    system, types, temperature = case
    start = cluster(system, types, seed=3)
    assignments = sorted(set(permutations(types)))
    exact = np.array([system.potential_energy(start.with_types(list(a))) for a in assignments])
    order = np.argsort(exact)
    exact = exact[order]
    assert np.diff(exact).min() > 1e-7
    # 120 attempted exchanges lie between two records: enough to forget the last one.
    result = SwapMonteCarlo(system, swap_fraction=1.0, draw=draw).run(
        start, temperature, 20 * n_records, random_state=11, record_every=20
    )
    states = np.abs(6 * result.energies[:, None] - exact).argmin(axis=1)
    np.testing.assert_allclose(6 * result.energies, exact[states], atol=1e-9)
    counts = np.bincount(states, minlength=len(exact))

    def p_value(t):
        weights = np.exp(-(exact - exact.min()) / t)
        return grouped_chi_square(counts, weights / weights.sum())

    assert p_value(temperature) > 1e-3
    assert p_value(2 * temperature) < 1e-3
    assert np.isnan(result.displacement_acceptance)
    np.testing.assert_allclose(result.configuration.positions, start.positions, atol=1e-12)
    assert sorted(result.configuration.types) == sorted(types)


def grouped_chi_square(counts, probabilities):
    """P value with the states expected less than ten times lumped together."""
    expected = probabilities * counts.sum()
    rare = expected < 10
    observed, expected = (
        np.append(values[~rare], values[rare].sum()) for values in (counts, expected)
    )
    keep = expected > 0
    return stats.chisquare(observed[keep], expected[keep]).pvalue


@pytest.mark.parametrize("system", [KobAndersen2D(), KobAndersen()], ids=repr)
def test_two_particles_follow_the_pair_distribution(system):
    """Mean energy of two particles against the integral over their separation."""
    temperature, length = 0.8, 2 * system.potential.max_cutoff + 0.2
    types = [0, len(system.species) - 1]
    start = Configuration(
        np.outer([0.5, -0.5], np.ones(system.dimensions)),
        types,
        Box.cube(length, system.dimensions),
        system.species,
    )
    n_grid = 600 if system.dimensions == 2 else 160
    axis = (np.arange(n_grid) + 0.5) / n_grid * length / 2
    square = sum(x**2 for x in np.meshgrid(*[axis] * system.dimensions, sparse=True))
    energies = system.potential.energy(np.sqrt(square).ravel(), *types)
    weights = np.exp(-energies / temperature)
    exact = (energies * weights).sum() / weights.sum()
    result = SwapMonteCarlo(system, displacement=0.25, skin=2.5).run(
        start, temperature, 1_000_000, random_state=5, record_every=2
    )
    blocks = 2 * result.energies.reshape(100, -1).mean(axis=1)
    error = blocks.std(ddof=1) / 10
    assert abs(blocks.mean() - exact) < 4 * error
    assert error < 0.05 * abs(exact)


@pytest.mark.parametrize(
    "liquid", ["2D", pytest.param("3D", marks=pytest.mark.slow)], indirect=True
)
def test_mean_energy_agrees_with_molecular_dynamics(liquid):
    """At T = 1, four standard errors of the block averages."""
    system, configuration = liquid
    n = configuration.n_particles
    n_sweeps = 38_000 if system.dimensions == 2 else 3_800
    result = SwapMonteCarlo(system, swap_fraction=0.3, displacement=0.08).run(
        configuration, 1.0, n_sweeps, random_state=1, record_every=1
    )
    time = 1000 if system.dimensions == 2 else 120
    run = EmbeddedEngine(system, time_step=0.0025).run(
        configuration,
        times=np.linspace(0, time, 1901)[1:],
        velocities=maxwell_velocities(n, system.dimensions, 1.0, 2),
        temperature=1.0,
        random_state=2,
    )
    dynamics = np.array([snapshot.potential_energy / n for snapshot in run])
    means, errors = [], []
    for energies in (result.energies, dynamics):
        blocks = energies[len(energies) // 19 :].reshape(18, -1).mean(axis=1)
        means.append(blocks.mean())
        errors.append(blocks.std(ddof=1) / np.sqrt(18))
    assert abs(means[0] - means[1]) < 4 * np.hypot(*errors)
    assert max(errors) < 0.02


@pytest.mark.parametrize(
    ("skin", "moves"), [(0.3, {}), (2.5, {}), (0.6, {"draw": "by cost", "swap_fraction": 0.3})]
)
def test_recorded_energies_are_those_of_the_configuration(liquid, skin, moves):
    """With the wide skin no list is ever rebuilt, and differences alone carry the energy."""
    system, configuration = liquid
    result = SwapMonteCarlo(system, skin=skin, **moves).run(configuration, 0.8, 300, random_state=3)
    exact = system.potential_energy(result.configuration) / configuration.n_particles
    assert result.energies[-1] == pytest.approx(exact, abs=1e-11)
    np.testing.assert_array_equal(
        np.bincount(result.configuration.types), np.bincount(configuration.types)
    )
    assert 0 < result.displacement_acceptance < 1
    assert set(result.swap_acceptance) == set(system.swap_pairs)
    assert all(0 <= fraction < 1 for fraction in result.swap_acceptance.values())


@pytest.mark.parametrize("temperature", [1.5, 0.01])
@pytest.mark.parametrize(
    ("system", "types"),
    [(KobAndersen2D(), [0, 0, 1, 1, 2, 2]), (KobAndersen(), [0, 0, 0, 0, 1, 1])],
    ids=["KA2D", "KA"],
)
def test_exchanges_by_cost_agree_with_their_definition(system, types, temperature):
    """Move by move, with weights from energies of whole configurations, from the worst of all.

    At the lower temperature weights differ by hundreds of decades.
    """
    start = cluster(system, types, seed=3)
    assignments = [start.with_types(list(a)) for a in sorted(set(permutations(types)))]
    start = max(assignments, key=system.potential_energy)
    swap = SwapMonteCarlo(system, swap_fraction=1.0, draw="by cost")
    found = swap.run(start, temperature, 8, random_state=np.random.default_rng(4))
    rng = np.random.default_rng(4)
    by_hand, order = start, slots_of(system, start)
    for _ in range(8 * 6):
        by_hand = exchanged_by_hand(system, by_hand, temperature, order, rng)
    np.testing.assert_array_equal(found.configuration.types, by_hand.types)
    assert 6 * found.energies[-1] == pytest.approx(system.potential_energy(by_hand), abs=1e-9)
    assert (found.configuration.types != start.types).any()


def log_weights(system, configuration, temperature, own, other):
    """-cost / 2T of every particle of a type, and minus infinity for the others."""
    energy, types = system.potential_energy(configuration), configuration.types
    logarithms = np.full(len(types), -np.inf)
    for particle in np.flatnonzero(types == own):
        changed = types.copy()
        changed[particle] = other
        cost = system.potential_energy(configuration.with_types(changed)) - energy
        logarithms[particle] = -cost / (2 * temperature)
    return logarithms


def exchanged_by_hand(system, configuration, temperature, order, rng):
    """One exchange drawn by its cost, from the definition, or none if it is rejected."""
    a, b = system.swap_pairs[int(rng.random() * len(system.swap_pairs))]
    there = [log_weights(system, configuration, temperature, *p) for p in ((a, b), (b, a))]
    i, j = (
        order[np.searchsorted(np.cumsum(w[order]), rng.random() * w.sum(), side="right")]
        for w in (np.exp(logarithms - logarithms.max()) for logarithms in there)
    )
    types = configuration.types.copy()
    types[i], types[j] = b, a
    after = configuration.with_types(types)
    back = [log_weights(system, after, temperature, *p) for p in ((a, b), (b, a))]
    change = system.potential_energy(after) - system.potential_energy(configuration)
    log_ratio = back[0][j] + back[1][i] - there[0][i] - there[1][j] - change / temperature
    log_ratio += sum(map(logsumexp, there)) - sum(map(logsumexp, back))
    return after if np.log(rng.random()) < log_ratio else configuration


def slots_of(system, configuration):
    """Particles in the order of the kernels, along a path through the box."""
    liquid = pack_one_type(system, configuration, 0.6)
    slots, lists = pack(liquid, configuration)
    while not rebuild(slots, liquid, lists):
        slots, lists = with_room(slots, lists)
    return slots.identity[: configuration.n_particles]


def test_by_cost_the_fraction_of_exchanges_is_kept(liquid_2d):
    """Two stretches of twenty sweeps and one of seven, all recorded."""
    system, configuration = liquid_2d
    swap = SwapMonteCarlo(system, draw="by cost", swap_fraction=0.1)
    assert [n for *_, n in swap._stretches(47, 43)] == [86, 86, 30]
    result = swap.run(configuration, 1.0, 47, random_state=1, record_every=5)
    assert np.isfinite(result.energies).all()
    assert result.sweeps[-1] == 47
    even = SwapMonteCarlo(system, swap_fraction=0.1).run(configuration, 1.0, 470, random_state=1)
    assert min(result.swap_acceptance.values()) > 3 * max(even.swap_acceptance.values())
    assert SwapMonteCarlo(system, draw="by cost").swap_fraction == 0.05


def test_types_change_and_positions_keep_their_particles(liquid_2d):
    system, configuration = liquid_2d
    result = SwapMonteCarlo(system, displacement=0.01).run(configuration, 1.0, 5, random_state=4)
    moves = configuration.box.minimum_image(
        result.configuration.positions - configuration.positions
    )
    assert 0 < abs(moves).max() < 0.2
    assert (result.configuration.types != configuration.types).any()


def test_seed_decides_the_run(liquid_2d):
    system, configuration = liquid_2d
    runs = [
        SwapMonteCarlo(system).run(configuration, 0.5, 25, random_state=seed) for seed in (1, 1, 2)
    ]
    np.testing.assert_array_equal(runs[0].energies, runs[1].energies)
    np.testing.assert_array_equal(runs[0].configuration.positions, runs[1].configuration.positions)
    assert runs[0].energies[-1] != runs[2].energies[-1]
    np.testing.assert_array_equal(runs[0].sweeps, [10, 20, 25])


def test_without_swaps_types_stay(liquid_2d):
    system, configuration = liquid_2d
    result = SwapMonteCarlo(system, swap_fraction=0).run(configuration, 1.0, 20, random_state=1)
    np.testing.assert_array_equal(result.configuration.types, configuration.types)
    assert np.isnan(list(result.swap_acceptance.values())).all()


def test_bad_arguments_are_refused(liquid_2d):
    system, configuration = liquid_2d
    for setting in (
        {"swap_fraction": 1.2},
        {"displacement": 0},
        {"skin": -1},
        {"draw": "by chance"},
    ):
        with pytest.raises(ValueError, match=str(next(iter(setting.values())))):
            SwapMonteCarlo(system, **setting)
    with pytest.raises(ValueError, match="continuous diameters are drawn evenly only"):
        SwapMonteCarlo(PolydisperseSoftSpheres(), draw="by cost")
    swap = SwapMonteCarlo(system)
    with pytest.raises(ValueError, match="temperature must be positive"):
        swap.run(configuration, 0.0, 10)
    with pytest.raises(ValueError, match="n_sweeps must be 1 or more, not 0"):
        swap.run(configuration, 1.0, 0)
    with pytest.raises(ValueError, match="record_every"):
        swap.run(configuration, 1.0, 10, record_every=0)


def test_chosen_pairs_replace_those_of_the_system(liquid_2d):
    system, configuration = liquid_2d
    swap = SwapMonteCarlo(system, swap_pairs=[(0, 1)], swap_fraction=1.0)
    result = swap.run(configuration, 5.0, 200, random_state=1)
    assert set(result.swap_acceptance) == {(0, 1)}
    assert result.swap_acceptance[0, 1] > 0
    stayed = configuration.types == 2
    assert (result.configuration.types[stayed] == 2).all()
    assert (result.configuration.types != configuration.types).any()
    without = SwapMonteCarlo(system, swap_pairs=[]).run(configuration, 5.0, 10, random_state=1)
    assert without.swap_acceptance == {}
    np.testing.assert_array_equal(without.configuration.types, configuration.types)


@pytest.mark.parametrize("pairs", [[(0, 3)], [(1, 1)], [(-1, 0)]])
def test_pairs_that_name_no_two_types_are_refused(pairs):
    with pytest.raises(ValueError, match=r"must name two of the 3 types of KA2D"):
        SwapMonteCarlo(KobAndersen2D(), swap_pairs=pairs)


@pytest.mark.parametrize(("target", "displacement"), [(0.3, 0.01), (0.6, 0.25)])
def test_burn_in_finds_the_step_and_freezes_it(liquid, target, displacement):
    """From far too short and far too long steps; acceptances fluctuate by some 0.01."""
    system, configuration = liquid
    first = SwapMonteCarlo(system, displacement=displacement, swap_fraction=0.3)
    tuned, burnt_in = first.tune(configuration, 1.0, target_acceptance=target, random_state=5)
    assert first.displacement == displacement
    assert (tuned.swap_pairs, tuned.swap_fraction, tuned.skin) == (system.swap_pairs, 0.3, 0.6)
    result = tuned.run(burnt_in, 1.0, 300, random_state=6)
    assert result.displacement_acceptance == pytest.approx(target, abs=0.03)
    by_hand = SwapMonteCarlo(system, displacement=tuned.displacement, swap_fraction=0.3)
    again = by_hand.run(burnt_in, 1.0, 300, random_state=6)
    np.testing.assert_array_equal(again.energies, result.energies)


def test_a_target_beyond_reach_leaves_the_longest_step():
    """Two particles in a wide box accept almost everything."""
    system = KobAndersen2D()
    box = Box.cube(40.0, 2)
    lonely = Configuration([[-9.0, 0.0], [9.0, 0.0]], [0, 1], box, system.species)
    tuned, _ = SwapMonteCarlo(system, swap_fraction=0).tune(lonely, 1.0, target_acceptance=0.1)
    assert tuned.displacement == pytest.approx(0.3)


def test_burn_in_repeats_from_its_seed(liquid_2d):
    system, configuration = liquid_2d
    first, again, other = (
        SwapMonteCarlo(system).tune(configuration, 1.0, n_sweeps=40, random_state=seed)[0]
        for seed in (1, 1, 2)
    )
    assert first.displacement == again.displacement != other.displacement


@pytest.mark.parametrize(
    ("sampler", "arguments", "message"),
    [
        ({}, {"target_acceptance": 1.0}, "between 0 and 1, not 1.0"),
        ({}, {"n_sweeps": 19}, "at least 20 sweeps, not 19"),
        ({"swap_fraction": 1.0}, {}, "no displacements to tune"),
    ],
)
def test_burn_ins_that_cannot_work_are_refused(liquid_2d, sampler, arguments, message):
    system, configuration = liquid_2d
    with pytest.raises(ValueError, match=message):
        SwapMonteCarlo(system, **sampler).tune(configuration, 1.0, **arguments)
