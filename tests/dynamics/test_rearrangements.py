"""Arrhenius lines of softness, where they cross, and toy models in which they mislead."""

import numpy as np
import pytest

from vitreous.dynamics import arrhenius_lines, explained_variance

TEMPERATURES = np.repeat([0.4, 0.45, 0.5, 0.6], 5)
ONSET = 0.8
EDGES = np.linspace(-2, 2, 7)


def activated(hidden, n=4000, seed=0):
    """Softness, propensities and temperatures; barriers 4 - S, and of a spread that S misses."""
    rng = np.random.default_rng(seed)
    softness = rng.normal(size=(len(TEMPERATURES), n))
    barriers = 4 - softness + hidden * rng.normal(size=softness.shape)
    excess = 1 / TEMPERATURES - 1 / ONSET
    return softness, np.exp(-0.5 - barriers * excess[:, None]).clip(max=1.0)


def replicas(propensity, n, seed=1):
    return np.random.default_rng(seed).binomial(n, propensity) / n


def test_lines_of_activated_particles_have_their_barriers_and_cross_at_the_onset():
    softness, propensity = activated(hidden=0.0)
    lines = arrhenius_lines(softness, replicas(propensity, 20), TEMPERATURES, EDGES)
    assert abs(lines.softness - (EDGES[1:] + EDGES[:-1]) / 2).max() < 0.15
    off = (lines.energy.value - (4 - lines.softness)) / lines.energy.standard_error
    assert abs(off).max() < 3
    off = (lines.crossing.value - ONSET) / lines.crossing.standard_error
    assert abs(float(off)) < 3
    assert float(lines.crossing.standard_error) < 0.1
    assert lines.temperatures.tolist() == [0.4, 0.45, 0.5, 0.6]


def test_probabilities_are_averages_over_particles():
    softness, propensity = activated(hidden=0.0, n=500)
    lines = arrhenius_lines(softness, propensity, TEMPERATURES, EDGES)
    chosen = TEMPERATURES == 0.45
    inside = (softness[chosen] >= EDGES[2]) & (softness[chosen] < EDGES[3])
    assert lines.probability.value[2, 1] == pytest.approx(propensity[chosen][inside].mean())
    logarithms = np.log(lines.probability.value[2])
    by_hand = np.polyfit(1 / lines.temperatures, logarithms, 1)
    assert lines.energy.value[2] == pytest.approx(-by_hand[0], rel=0.05)
    assert lines.intercept.value[2] == pytest.approx(by_hand[1], rel=0.1)


def test_errors_are_those_between_repetitions():
    found = []
    for seed in range(12):
        softness, propensity = activated(hidden=0.0, n=400, seed=seed)
        found.append(
            arrhenius_lines(softness, replicas(propensity, 1, seed), TEMPERATURES, EDGES[1:-1])
        )
    energies = np.array([lines.energy.value for lines in found])
    errors = np.array([lines.energy.standard_error for lines in found])
    ratio = np.sqrt((errors**2).mean(axis=0)) / energies.std(axis=0, ddof=1)
    assert 0.5 < ratio.mean() < 2.0


def test_classes_without_softness_do_not_cross_among_the_temperatures():
    """Slopes and intercepts of noise err together; the crossing is not read from those."""
    rng = np.random.default_rng(5)
    softness = rng.normal(size=(len(TEMPERATURES), 2000))
    rate = np.exp(-2 * (1 / TEMPERATURES - 1 / ONSET))[:, None].clip(max=1.0)
    same = replicas(np.broadcast_to(rate, softness.shape), 1)
    lines = arrhenius_lines(softness, same, TEMPERATURES)
    error = float(lines.crossing.standard_error)
    assert error > 0.2 or abs(float(lines.crossing.value) - ONSET) < 3 * error


def test_straight_lines_do_not_show_that_the_barrier_was_learnt():
    """Half of the spread of the barriers is hidden from softness, and the lines are straight."""
    softness, propensity = activated(hidden=1.0)
    halves = np.stack([replicas(propensity, 5, seed) for seed in (1, 2)], axis=1)
    lines = arrhenius_lines(softness, halves.mean(axis=1), TEMPERATURES, EDGES)
    straight = abs(lines.curvature.value) < 3 * lines.curvature.standard_error
    assert straight.mean() > 0.5
    assert (lines.hidden_spread() > 0.5).any()
    assert at_one_temperature(softness, halves) < 0.7
    known, propensity = activated(hidden=0.0)
    halves = np.stack([replicas(propensity, 5, seed) for seed in (1, 2)], axis=1)
    assert at_one_temperature(known, halves) == pytest.approx(1.0, abs=0.1)


def at_one_temperature(softness, halves):
    cold = TEMPERATURES == 0.45
    return float(explained_variance(softness[cold], halves[cold]).value)


def test_a_spread_that_shows_as_curvature_is_found():
    softness, propensity = activated(hidden=0.5, n=40000)
    lines = arrhenius_lines(softness, propensity, TEMPERATURES, EDGES)
    np.testing.assert_allclose(np.sqrt(lines.curvature.value[:3]), 0.5, rtol=0.2)
    assert (lines.hidden_spread() > np.sqrt(lines.curvature.value)).all()


def test_explained_variance_is_that_of_a_linear_law():
    """Propensities 0.5 + 0.1 S + 0.05 H: softness S explains 0.8 of their variance."""
    rng = np.random.default_rng(1)
    softness, hidden = rng.uniform(-1, 1, size=(2, 6, 3000))
    propensity = 0.5 + 0.1 * softness + 0.05 * hidden
    halves = np.stack([replicas(propensity, 10, seed) for seed in (104, 105)], axis=1)
    share = explained_variance(softness, halves)
    assert abs(float(share.value) - 0.8) < 3 * float(share.standard_error)
    assert float(share.standard_error) < 0.1
    nothing = explained_variance(hidden[::-1], halves)
    assert abs(float(nothing.value)) < 3 * float(nothing.standard_error)


S = np.zeros((4, 50)) + np.linspace(0, 1, 50)
P = np.full((4, 50), 0.5)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((S, P, [1.0, 1.0, 1.0, 1.0]), "two positive temperatures"),
        ((S, P, [1.0, 2.0, 2.0, 2.0]), "1 at 1, 3 at 2"),
        ((S, P, [1.0, 2.0]), "one for each configuration"),
        ((S, P + 1, [1.0, 1.0, 2.0, 2.0]), "between 0 and 1"),
        ((S, P[:, 1:], [1.0, 1.0, 2.0, 2.0]), "configuration 0"),
        ((S, P, [1.0, 1.0, 2.0, 2.0], [0.0, 1.0]), "two classes of softness"),
        ((S, 0 * P, [1.0, 1.0, 2.0, 2.0]), "rearranged at more than one temperature"),
    ],
)
def test_impossible_lines_are_refused(arguments, message):
    with pytest.raises(ValueError, match=message):
        arrhenius_lines(*arguments)


@pytest.mark.parametrize(
    ("halves", "n_together", "message"),
    [
        (np.full((4, 2, 50), np.nan), 5, "one replica does not show"),
        (np.zeros((4, 50)), 5, r"halves \(2, N\)"),
        (np.zeros((4, 2, 50)), 150, "200 particles make 1 classes of 150"),
    ],
)
def test_impossible_shares_are_refused(halves, n_together, message):
    with pytest.raises(ValueError, match=message):
        explained_variance(S, halves, n_together)
