from itertools import pairwise

import numpy as np
import pytest

from vitreous.liquid import KobAndersen2D
from vitreous.plots import equilibration_curves, figure, relaxation_curves
from vitreous.simulate import Equilibration, Relaxation


@pytest.fixture
def ax():
    return figure(3, 3)[1][0, 0]


@pytest.fixture
def runs():
    """Two runs of each kind at two temperatures; the mean energy says which."""
    somewhere = KobAndersen2D().random_configuration(10, 0)
    rng = np.random.default_rng(1)
    sweeps = 10 * np.arange(1, 201)
    return {
        temperature: [
            Equilibration(somewhere, start, sweeps, mean + rng.normal(0, 0.01, 200), 0.5, 0.1, 0.05)
            for start in ("above", "below", "above", "below")
            for mean in [-2 + temperature + 0.1 * (start == "above")]
        ]
        for temperature in (0.8, 0.4)
    }


def curves_of(ax, linestyle):
    return [line for line in ax.lines if line.get_linestyle() == linestyle]


def test_equilibration_averages_over_runs_of_one_kind(ax, runs):
    equilibration_curves(runs, ax)
    for start, linestyle in (("above", "-"), ("below", ":")):
        lines = curves_of(ax, linestyle)
        assert len(lines) == 2
        for (_, at_temperature), line in zip(runs.items(), lines, strict=True):
            energies = np.mean([r.energies for r in at_temperature if r.start == start], axis=0)
            sweeps = np.asarray(line.get_xdata())
            assert sweeps[0] == 10
            assert 10 < len(sweeps) <= 200
            assert (np.diff(sweeps) > 0).all()
            assert line.get_ydata()[0] == pytest.approx(energies[0])
            # Every record counts once: the bins, weighted by what they hold, have the mean energy.
            edges = [0]
            for centre in sweeps / 10:
                edges.append(round(2 * centre - 1 - edges[-1]))
            assert edges[-1] == 200
            expected = [energies[a:b].mean() for a, b in pairwise(edges)]
            np.testing.assert_allclose(line.get_ydata(), expected)


def test_equilibration_bands_are_standard_errors(ax, runs):
    equilibration_curves(runs, ax)
    assert len(ax.collections) == 4
    first = np.array([run.energies[0] for run in runs[0.8] if run.start == "above"])
    band = ax.collections[0].get_paths()[0].vertices
    at_start = band[band[:, 0] == 10][:, 1]
    error = first.std(ddof=1) / np.sqrt(2)
    assert at_start.min() == pytest.approx(first.mean() - error)
    assert at_start.max() == pytest.approx(first.mean() + error)


def test_equilibration_names_its_axes_and_temperatures(ax, runs):
    equilibration_curves(runs, ax)
    assert "sweeps" in ax.get_xlabel()
    assert "energy" in ax.get_ylabel()
    assert ax.get_xscale() == "log"
    shown = [text.get_text() for text in ax.get_legend().get_texts()]
    assert len(shown) == 2
    assert all(value in text for value, text in zip(("0.8", "0.4"), shown, strict=True))
    solid, dotted = curves_of(ax, "-"), curves_of(ax, ":")
    assert [a.get_color() for a in solid] == [b.get_color() for b in dotted]
    assert solid[0].get_color() != solid[1].get_color()


def test_relaxation_draws_both_correlations_and_the_bond_breaking_time(ax):
    times = np.geomspace(0.1, 100, 40)
    relaxations = {
        t: Relaxation(times, np.exp(-times / (3 / t)), np.exp(-times / (900 / t)), 3 / t, 50 / t, 1)
        for t in (0.8, 0.6)
    }
    relaxation_curves(relaxations, ax)
    for relaxation, solid in zip(relaxations.values(), curves_of(ax, "-"), strict=True):
        np.testing.assert_array_equal(solid.get_xdata(), times)
        np.testing.assert_array_equal(solid.get_ydata(), relaxation.bond_breaking)
    for relaxation, dotted in zip(relaxations.values(), curves_of(ax, ":"), strict=True):
        np.testing.assert_array_equal(dotted.get_ydata(), relaxation.scattering)
    marked = [line for line in ax.lines if line.get_marker() == "o"]
    for temperature, line in zip(relaxations, marked, strict=True):
        assert np.ravel(line.get_xdata()) == pytest.approx([50 / temperature])
        assert np.ravel(line.get_ydata()) == pytest.approx([np.exp(-50 / 900)], abs=1e-3)
    assert ax.get_xscale() == "log"
    assert "time" in ax.get_xlabel()
    assert "correlation" in ax.get_ylabel()
    shown = [text.get_text() for text in ax.get_legend().get_texts()]
    assert shown == ["$T=0.8$: 62", "$T=0.6$: 83"]


def test_every_legend_goes_from_hot_to_cold(ax, runs):
    equilibration_curves(dict(reversed(runs.items())), ax)
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["$T=0.8$", "$T=0.4$"]
