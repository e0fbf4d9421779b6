"""Preparation of configurations against its steps by hand, and the test of equilibrium."""

import re
from dataclasses import replace

import numpy as np
import pytest
from scipy import stats
from scipy.signal import lfilter

from vitreous.liquid import KobAndersen2D, PolydisperseSoftSpheres
from vitreous.simulate import (
    Equilibration,
    SwapMonteCarlo,
    SwapResult,
    equilibrate,
    equilibrium_test,
    integrated_autocorrelation_time,
    minimize,
)

SYSTEM = KobAndersen2D()


def assert_same_run(first, second):
    np.testing.assert_array_equal(first.configuration.positions, second.configuration.positions)
    np.testing.assert_array_equal(first.configuration.types, second.configuration.types)
    assert first.configuration.box == second.configuration.box
    assert first.configuration.species == second.configuration.species
    np.testing.assert_array_equal(first.sweeps, second.sweeps)
    np.testing.assert_array_equal(first.energies, second.energies)
    assert first.start == second.start
    assert first.displacement_acceptance == second.displacement_acceptance
    assert first.swap_acceptance == second.swap_acceptance
    assert first.displacement == second.displacement


@pytest.mark.parametrize("start", ["above", "below"])
def test_run_agrees_with_its_steps_by_hand(start):
    run = equilibrate(SYSTEM, 60, 0.8, n_sweeps=50, start=start, random_state=3)

    rng = np.random.default_rng(3)
    configuration = SYSTEM.random_configuration(60, rng)
    configuration = minimize(SYSTEM, configuration, force_tolerance=0.1).configuration
    swap = SwapMonteCarlo(SYSTEM, draw="by cost")
    if start == "below":
        configuration = swap.run(configuration, 0.85 * 0.8, 50, random_state=rng).configuration
    last = swap.run(configuration, 0.8, 50, random_state=rng)
    expected = Equilibration(
        last.configuration,
        start,
        np.array([10, 20, 30, 40, 50]),
        last.energies,
        last.displacement_acceptance,
        (last.swap_acceptance[0, 2] + last.swap_acceptance[1, 2]) / 2,
        0.05,
    )
    assert_same_run(run, expected)


def test_run_repeats_from_its_seed_only():
    first, again, other = (
        equilibrate(SYSTEM, 60, 0.8, n_sweeps=20, random_state=seed) for seed in (1, 1, 2)
    )
    assert_same_run(first, again)
    assert abs(first.configuration.positions - other.configuration.positions).min() > 1e-6


def test_last_energy_is_that_of_the_configuration():
    run = equilibrate(SYSTEM, 60, 0.8, n_sweeps=25, random_state=4)
    assert run.sweeps.tolist() == [10, 20, 25]
    energy = SYSTEM.potential_energy(run.configuration) / 60
    assert run.energies[-1] == pytest.approx(energy, rel=1e-10)


@pytest.mark.parametrize("start", ["above", "below"])
def test_saved_run_comes_back_exactly(tmp_path, start):
    run = equilibrate(SYSTEM, 60, 0.8, n_sweeps=25, start=start, random_state=5)
    path = tmp_path / "run.gsd"
    path.write_text("an older file")
    run.save(path)
    assert_same_run(Equilibration.load(path), run)
    assert list(tmp_path.iterdir()) == [path]


def test_moves_and_burn_in_are_chosen():
    """The step is tuned before anything else, from the quenched random positions."""
    sampler = SwapMonteCarlo(SYSTEM, swap_pairs=[(0, 1)], swap_fraction=0.1, displacement=0.2)
    run = equilibrate(
        SYSTEM, 60, 0.8, n_sweeps=300, sampler=sampler, target_acceptance=0.5, random_state=6
    )
    rng = np.random.default_rng(6)
    start = minimize(SYSTEM, SYSTEM.random_configuration(60, rng), force_tolerance=0.1)
    tuned, burnt_in = sampler.tune(
        start.configuration, 0.8, target_acceptance=0.5, n_sweeps=100, random_state=rng
    )
    last = tuned.run(burnt_in, 0.8, 300, random_state=rng)
    np.testing.assert_array_equal(run.energies, last.energies)
    assert run.displacement == tuned.displacement != 0.2
    assert run.displacement_acceptance == pytest.approx(0.5, abs=0.1)
    assert run.swap_acceptance == last.swap_acceptance[0, 1]


def test_without_exchanges_their_acceptance_is_unknown():
    sampler = SwapMonteCarlo(SYSTEM, swap_pairs=[])
    run = equilibrate(SYSTEM, 60, 0.8, n_sweeps=20, sampler=sampler, random_state=6)
    assert np.isnan(run.swap_acceptance)


class Quenching:
    """A sampler of one's own: it only minimises, and cannot be tuned."""

    displacement = 0.25

    def run(self, configuration, temperature, n_sweeps, random_state=None):
        end = minimize(SYSTEM, configuration, force_tolerance=0.1).configuration
        energies = np.full(2, SYSTEM.potential_energy(end) / end.n_particles)
        return SwapResult(end, np.array([1, n_sweeps]), energies, np.nan, {})


def test_any_sampler_will_do():
    run = equilibrate(SYSTEM, 60, 0.8, n_sweeps=20, sampler=Quenching(), random_state=6)
    assert run.displacement == 0.25
    assert run.sweeps.tolist() == [1, 20]
    with pytest.raises(ValueError, match=r"Quenching.* has no displacements to tune"):
        equilibrate(SYSTEM, 60, 0.8, sampler=Quenching(), target_acceptance=0.4)


def test_continuous_diameters_are_exchanged_evenly():
    system = PolydisperseSoftSpheres()
    run = equilibrate(system, 400, 0.8, n_sweeps=20, random_state=2)
    even = equilibrate(
        system, 400, 0.8, n_sweeps=20, sampler=SwapMonteCarlo(system), random_state=2
    )
    assert_same_run(run, even)


def test_unknown_start_is_refused():
    with pytest.raises(ValueError, match="'above' or 'below', not 'hot'"):
        equilibrate(SYSTEM, 60, 0.8, start="hot")


@pytest.fixture(scope="module")
def anywhere():
    return SYSTEM.random_configuration(10, 0)


def series(anywhere, rng, n_above=3, n_below=3, difference=0.0, drift=0.0):
    """White noise around one mean; `difference` raises runs from above, `drift` second halves."""
    runs = []
    for start in ["above"] * n_above + ["below"] * n_below:
        energies = rng.normal(-2.0, 0.1, 80)
        energies[40:] += drift
        energies += difference * (start == "above")
        runs.append(Equilibration(anywhere, start, 10 * np.arange(1, 81), energies, 0.5, 0.1, 0.05))
    return runs


def test_equilibrated_runs_are_accepted_at_the_stated_level(anywhere):
    """Rejections in 500 samples stay below the 0.9999 quantile of two tests at the level 0.01."""
    rng = np.random.default_rng(1)
    verdicts = [equilibrium_test(series(anywhere, rng)) for _ in range(500)]
    assert sum(not v.passed for v in verdicts) <= stats.binom.ppf(0.9999, 500, 0.02)
    p_values = [v.drift_p_value for v in verdicts]
    assert stats.kstest(p_values, "uniform").pvalue > 1e-3


def test_difference_between_the_starts_is_rejected(anywhere):
    verdict = equilibrium_test(series(anywhere, np.random.default_rng(2), difference=0.2))
    assert not verdict.passed
    assert verdict.difference == pytest.approx(0.2, abs=5 * 0.1 * np.sqrt(2 / 120))
    assert verdict.difference_p_value < 0.01 < verdict.drift_p_value


def test_drift_common_to_all_runs_is_rejected(anywhere):
    verdict = equilibrium_test(series(anywhere, np.random.default_rng(3), drift=-0.2))
    assert not verdict.passed
    assert verdict.drift == pytest.approx(-0.2, abs=5 * 0.1 * np.sqrt(1 / 240 + 1 / 120))
    assert verdict.drift_p_value < 0.01 < verdict.difference_p_value


def test_verdict_agrees_with_textbook_formulas(anywhere):
    runs = series(anywhere, np.random.default_rng(4), n_above=4, n_below=3)
    verdict = equilibrium_test(runs)
    means = np.array([run.energies[40:].mean() for run in runs])
    above, below = means[:4], means[4:]
    drifts = np.array([run.energies[40:].mean() - run.energies[20:40].mean() for run in runs])
    assert verdict.energy == pytest.approx(means.mean())
    assert verdict.energy_standard_error == pytest.approx(means.std(ddof=1) / np.sqrt(7))
    assert verdict.difference == pytest.approx(above.mean() - below.mean())
    assert verdict.drift == pytest.approx(drifts.mean())
    variances = np.array([above.var(ddof=1) / 4, below.var(ddof=1) / 3])
    degrees = variances.sum() ** 2 / (variances**2 / [3, 2]).sum()
    t = abs(verdict.difference) / np.sqrt(variances.sum())
    assert verdict.difference_p_value == pytest.approx(2 * stats.t.sf(t, degrees))
    t = abs(drifts.mean()) / (drifts.std(ddof=1) / np.sqrt(7))
    assert verdict.drift_p_value == pytest.approx(2 * stats.t.sf(t, 6))
    samples = integrated_autocorrelation_time([run.energies[40:] for run in runs])
    assert verdict.autocorrelation_time == 10 * samples
    assert verdict.n_sweeps == 800


def autoregressive(anywhere, rng, n_samples, memory=0.9):
    """Stationary runs with an autocorrelation time of 10 (1 + memory) / (1 - memory) sweeps."""
    runs = []
    for start in ["above", "below"] * 4:
        noise = rng.normal(0, 0.1, n_samples + 200)
        energies = -2 + lfilter([1], [1, -memory], noise)[200:]
        sweeps = 10 * np.arange(1, n_samples + 1)
        runs.append(Equilibration(anywhere, start, sweeps, energies, 0.5, 0.1, 0.05))
    return runs


def test_stationary_runs_of_few_autocorrelation_times_are_too_short(anywhere):
    """The exact time is 190 sweeps: 600 sweeps are 3 of them, 15,000 are 79."""
    rng = np.random.default_rng(7)
    short = [equilibrium_test(autoregressive(anywhere, rng, 60)) for _ in range(30)]
    assert sum(any("autocorrelation times" in r for r in v.reasons) for v in short) >= 25
    rejected = next(v for v in short if v.reasons)
    assert re.search(r"runs of 600 sweeps are \d\.\d auto.* 10 or \d+ sw", rejected.reasons[-1])
    long = equilibrium_test(autoregressive(anywhere, rng, 1500))
    assert long.passed
    assert long.reasons == ()


def test_runs_that_never_meet_are_too_short_as_well(anywhere):
    """Each run sits at an energy of its own; those from above are no higher than the others."""
    rng = np.random.default_rng(8)
    runs = series(anywhere, rng, 4, 4)
    for run, shift in zip(runs, [-1, 1, -1, 1, 1, -1, 1, -1], strict=True):
        run.energies[:] += shift
    verdict = equilibrium_test(runs)
    assert verdict.difference_p_value > 0.5
    assert verdict.n_autocorrelation_times < 2
    assert not verdict.passed


def test_text_tells_numbers_and_verdict(anywhere):
    rng = np.random.default_rng(9)
    good = equilibrium_test(series(anywhere, rng))
    bad = equilibrium_test(series(anywhere, rng, difference=0.2))
    for verdict in (good, bad):
        assert f"energy {verdict.energy:.4f} ± {verdict.energy_standard_error:.4f}" in str(verdict)
        assert f"time {verdict.autocorrelation_time:.0f} of 800 sweeps" in str(verdict)
    assert str(good).endswith(": in equilibrium")
    assert re.search("not in equilibrium: runs from above and below differ by 0.2", str(bad))


def test_long_hot_runs_are_accepted():
    """Four runs of each kind; the seeds are fixed, others fail with a probability of 0.02."""
    runs = [
        equilibrate(SYSTEM, 43, 1.2, n_sweeps=2000, start=start, random_state=seed)
        for seed, start in enumerate(["above", "below"] * 4)
    ]
    assert equilibrium_test(runs).passed


def test_runs_that_still_age_are_rejected():
    """Six large runs of a deeply supercooled liquid, much shorter than its relaxation."""
    runs = [
        equilibrate(SYSTEM, 1290, 0.2, n_sweeps=200, start=start, random_state=seed)
        for seed, start in enumerate(["above", "below"] * 3)
    ]
    assert not equilibrium_test(runs).passed


@pytest.mark.parametrize(("n_above", "n_below"), [(1, 4), (4, 1), (0, 0)])
def test_too_few_runs_are_refused(anywhere, n_above, n_below):
    runs = series(anywhere, np.random.default_rng(5), n_above, n_below)
    with pytest.raises(ValueError, match=f"not {n_above} and {n_below}"):
        equilibrium_test(runs)


def test_runs_too_short_for_quarters_are_refused(anywhere):
    runs = [
        Equilibration(anywhere, start, np.array([10, 20]), np.array([-2.0, -2.1]), 0.5, 0.1, 0.05)
        for start in ["above", "below"] * 2
    ]
    with pytest.raises(ValueError, match=r"2 recorded energies .* raise n_sweeps"):
        equilibrium_test(runs)


def test_runs_of_different_lengths_are_refused(anywhere):
    runs = series(anywhere, np.random.default_rng(6))
    runs[1] = replace(runs[1], sweeps=runs[1].sweeps[:60], energies=runs[1].energies[:60])
    with pytest.raises(ValueError, match="runs of 600 and 800 sweeps in 60 and 80 records"):
        equilibrium_test(runs)
