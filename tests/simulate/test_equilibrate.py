"""Preparation of configurations against its steps by hand, and the test of equilibrium."""

import numpy as np
import pytest
from scipy import stats

from vitreous.liquid import KobAndersen2D
from vitreous.simulate import (
    Equilibration,
    SwapMonteCarlo,
    equilibrate,
    equilibrium_test,
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


@pytest.mark.parametrize("start", ["above", "below"])
def test_run_agrees_with_its_steps_by_hand(start):
    run = equilibrate(SYSTEM, 60, 0.8, n_sweeps=50, start=start, random_state=3)

    rng = np.random.default_rng(3)
    configuration = SYSTEM.random_configuration(60, rng)
    configuration = minimize(SYSTEM, configuration, force_tolerance=0.1).configuration
    swap = SwapMonteCarlo(SYSTEM)
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
        runs.append(Equilibration(anywhere, start, 10 * np.arange(1, 81), energies, 0.5, 0.1))
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


def test_long_hot_runs_are_accepted():
    """Four runs of each kind; the seeds are fixed, others fail with a probability of 0.02."""
    runs = [
        equilibrate(SYSTEM, 43, 1.2, n_sweeps=800, start=start, random_state=seed)
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
    run = Equilibration(anywhere, "above", np.array([10, 20]), np.array([-2.0, -2.1]), 0.5, 0.1)
    with pytest.raises(ValueError, match=r"2 recorded energies .* raise n_sweeps"):
        equilibrium_test([run])
