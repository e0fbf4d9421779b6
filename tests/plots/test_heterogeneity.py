"""What the pictures of heterogeneity draw, read back from the axes."""

import numpy as np
import pytest

from vitreous.dynamics import (
    Estimate,
    fit_relaxation_law,
    glass_transition,
    measure_heterogeneity,
)
from vitreous.liquid import KobAndersen2D
from vitreous.plots import (
    chord_distributions,
    estimates_against,
    figure,
    hysteresis,
    memory_of_annealing,
    relaxation_laws,
    structure_factor_curves,
    temperature_colors,
)
from vitreous.simulate import Equilibration, Relaxation


@pytest.fixture
def ax():
    _, axes = figure(3.4, 2.6)
    return axes[0, 0]


@pytest.fixture(scope="module")
def measured():
    system = KobAndersen2D()
    result = {}
    for temperature in (0.5, 0.4):
        liquids = [system.random_configuration(400, seed) for seed in range(3)]
        fields = [np.sin(c.positions[:, 0] / (2 * temperature)) for c in liquids]
        result[temperature] = measure_heterogeneity(liquids, fields, mobile_fraction=0.3)
    return result


def points(ax):
    """Points of all error bars, in the order of drawing."""
    return [container.lines[0].get_data() for container in ax.containers]


def test_structure_factors_and_their_fits(ax, measured):
    structure_factor_curves(measured, ax, colors=temperature_colors(list(measured)))
    for (q, values), item in zip(points(ax), measured.values(), strict=True):
        np.testing.assert_array_equal(q, item.structure_factor.wave_numbers)
        np.testing.assert_array_equal(values, item.structure_factor.mean.value)
    curves = [line.get_data() for line in ax.lines if len(line.get_xdata()) == 100]
    finite = [item for item in measured.values() if np.isfinite(item.fit.length.value)]
    assert finite
    for (q, values), item in zip(curves, finite, strict=True):
        np.testing.assert_allclose(values, item.fit(q))
        assert q.max() == item.fit.longest_wave_number


def test_open_symbols_are_what_nothing_can_check(ax):
    estimates = [Estimate(v, 0.1, 5) for v in (1.0, 2.0, 3.0)]
    estimates_against(
        [0.5, 0.4, 0.3], estimates, ax, label="predicted", color="C0", known=[True, True, False]
    )
    full, hollow = ax.containers
    np.testing.assert_array_equal(full.lines[0].get_xdata(), [0.5, 0.4])
    np.testing.assert_array_equal(hollow.lines[0].get_data(), [[0.3], [3.0]])
    assert hollow.lines[0].get_markerfacecolor() == "white"
    assert ax.get_legend_handles_labels()[1] == ["predicted"]


def test_what_has_no_error_is_not_drawn(ax):
    estimates = [Estimate(1.0, 0.1, 5), Estimate(9.0, np.nan, 5), Estimate(np.inf, np.nan, 5)]
    estimates_against([1.0, 2.0, 3.0], estimates, ax, label="length", color="C0")
    np.testing.assert_array_equal(points(ax)[0], [[1.0], [1.0]])


def test_chord_distributions_are_normalized(ax, measured):
    chord_distributions(measured, ax, colors=temperature_colors(list(measured)), width=0.5)
    for line in ax.lines:
        assert line.get_ydata().sum() * 0.5 == pytest.approx(1)
    assert len(ax.lines) == 2


def test_relaxation_laws_are_drawn_to_the_glass_transition(ax):
    temperatures = np.array([0.5, 0.45, 0.4, 0.36])
    times = np.exp(1 + 3 / temperatures)
    relaxations = {
        t: Relaxation(np.ones(1), np.ones(1), np.ones(1), 1.0, tau, 0.05 * tau)
        for t, tau in zip(temperatures.tolist(), times.tolist(), strict=True)
    }
    law = fit_relaxation_law(temperatures, times, np.full(4, 0.05), "arrhenius")
    found = glass_transition(law, float(times[0]))
    relaxation_laws(relaxations, {"arrhenius": law}, {"arrhenius": found}, ax)
    x, y = points(ax)[0]
    np.testing.assert_allclose(x, 1 / temperatures)
    np.testing.assert_allclose(y, times)
    cross = next(line for line in ax.lines if line.get_marker() == "x")
    assert cross.get_xdata()[0] == pytest.approx(1 / found.temperature)
    assert cross.get_ydata()[0] == pytest.approx(1e12 * times[0], rel=1e-6)
    assert f"$T_g={found.temperature:.2g}$" in ax.get_legend_handles_labels()[1][0]


def test_memory_is_drawn_with_its_errors(ax):
    memory_of_annealing({0.4: Estimate(0.1, 0.02, 4), 0.3: Estimate(0.2, 0.03, 4)}, ax)
    (drawn,) = (xy for xy in points(ax) if len(xy[0]))
    np.testing.assert_array_equal(drawn, [[0.4, 0.3], [0.1, 0.2]])


def test_hysteresis_is_cooled_less_heated(ax):
    def run(start, energy):
        energies = np.r_[np.zeros(10), np.full(10, energy)]
        return Equilibration(None, start, np.arange(20), energies, 0.5, 0.1, 0.05)

    energies = [("above", -2.0), ("below", -2.1), ("above", -2.2), ("below", -2.3)]
    hysteresis({0.4: [run(*e) for e in energies]}, ax)
    x, y = points(ax)[0]
    assert x[0] == 0.4
    assert y[0] == pytest.approx(0.1)
