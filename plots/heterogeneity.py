"""Pictures of dynamic heterogeneity: S4(q), its length and strength, chords, relaxation laws."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import LogLocator, NullFormatter, ScalarFormatter
from numpy.typing import ArrayLike

from ..dynamics import (
    DynamicHeterogeneity,
    Estimate,
    GlassTransition,
    RelaxationLaw,
    standard_error,
)
from ..simulate import Equilibration, Relaxation
from ..storage.digits import two_digits
from .style import legend_above

LAW_NAMES = {"arrhenius": "Arrhenius", "vft": "VFT", "parabolic": "parabolic"}

# Distinct without colour as well.
_LINES = {"arrhenius": ":", "vft": "--", "parabolic": "-"}


def structure_factor_curves(
    measured: Mapping[float, DynamicHeterogeneity], ax: Axes, *, colors: Mapping[float, Any]
) -> Axes:
    """S4(q) at each temperature, with its errors and the Ornstein-Zernike fit.

    Parameters
    ----------
    measured : mapping of float to DynamicHeterogeneity
        Of simulated or predicted fields, by temperature.
    ax : Axes
        Drawn upon. Shells whose mean is not positive, differences of noise, are left out.
    colors : mapping of float to Matplotlib colour
        Of each temperature; `temperature_colors` makes them.

    Returns
    -------
    Axes

    Examples
    --------
    >>> import numpy as np
    >>> from vitreous.dynamics import measure_heterogeneity
    >>> from vitreous.liquid import KobAndersen2D
    >>> from vitreous.plots import figure, structure_factor_curves
    >>> liquids = [KobAndersen2D().random_configuration(430, seed) for seed in range(3)]
    >>> fields = [np.sin(liquid.positions[:, 0]) for liquid in liquids]
    >>> found = measure_heterogeneity(liquids, fields, mobile_fraction=0.3)
    >>> _, axes = figure(3.4, 2.6)
    >>> ax = structure_factor_curves({0.4: found}, axes[0, 0], colors={0.4: "black"})
    >>> bool((ax.lines[0].get_xdata() == found.structure_factor.wave_numbers).all())
    True
    """
    lowest = np.inf
    for temperature in sorted(measured, reverse=True):
        item = measured[temperature]
        mean, q, fit = item.structure_factor.mean, item.structure_factor.wave_numbers, item.fit
        shown = mean.value > 0
        lowest = min(lowest, *mean.value[shown])
        ax.errorbar(
            q[shown],
            mean.value[shown],
            mean.standard_error[shown],
            fmt="o",
            ms=3,
            capsize=1.5,
            color=colors[temperature],
            label=f"$T={temperature:g}$",
        )
        if np.isfinite(fit.length.value):
            line = np.linspace(0.5 * q[0], fit.longest_wave_number, 100)
            ax.plot(line, fit(line), "-", lw=1, color=colors[temperature])
    ax.set(
        xscale="log",
        yscale="log",
        xlabel=r"wave number $q$ ($\sigma_{AA}^{-1}$)",
        ylabel="$S_4(q)$",
    )
    ax.set_ylim(bottom=lowest / 3)
    ax.xaxis.set_major_locator(LogLocator(subs=(1.0, 2.0, 5.0)))
    ax.xaxis.set_major_formatter(ScalarFormatter())
    ax.xaxis.set_minor_formatter(NullFormatter())
    legend_above(ax)
    return ax


def estimates_against(
    x: ArrayLike,
    estimates: Sequence[Estimate],
    ax: Axes,
    *,
    label: str,
    color: Any,
    marker: str = "o",
    known: Sequence[bool] | None = None,
) -> Axes:
    """Draw a quantity with its errors against temperature or relaxation time.

    Values whose error is not known are left out.

    Parameters
    ----------
    x : array_like, shape (n,)
    estimates : sequence of Estimate
    ax : Axes
        Drawn upon.
    label : str
    color : Matplotlib colour
    marker : str
    known : sequence of bool, optional
        False where the estimate cannot be checked; such points are drawn open.

    Returns
    -------
    Axes

    Examples
    --------
    >>> from vitreous.dynamics import Estimate
    >>> from vitreous.plots import estimates_against, figure
    >>> lengths = [Estimate(1.5, 0.1, 8), Estimate(2.5, 0.2, 8), Estimate(4.0, float("nan"), 1)]
    >>> _, axes = figure(3.4, 2.6)
    >>> ax = estimates_against([0.5, 0.4, 0.3], lengths, axes[0, 0], label="length", color="C0")
    >>> ax.lines[0].get_ydata()  # the last has no error
    array([1.5, 2.5])
    """
    values = np.array([float(e.value) for e in estimates])
    errors = np.array([float(e.standard_error) for e in estimates])
    kept = np.isfinite(values) & np.isfinite(errors)
    places, values, errors = np.asarray(x, dtype=np.float64)[kept], values[kept], errors[kept]
    filled = np.ones(len(places), bool) if known is None else np.asarray(known)[kept]
    ax.plot(places, values, "-", lw=0.8, color=color, alpha=0.6)
    for chosen, face in ((filled, color), (~filled, "white")):
        ax.errorbar(
            places[chosen],
            values[chosen],
            errors[chosen],
            fmt=marker,
            capsize=1.5,
            color=color,
            markerfacecolor=face,
            label=label if face is color else None,
        )
    return ax


def chord_distributions(
    measured: Mapping[float, DynamicHeterogeneity],
    ax: Axes,
    *,
    colors: Mapping[float, Any],
    width: float = 1.0,
) -> Axes:
    """Probability density of the chord lengths of mobile regions at each temperature.

    Parameters
    ----------
    measured : mapping of float to DynamicHeterogeneity
    ax : Axes
        Drawn upon.
    colors : mapping of float to Matplotlib colour
        Of each temperature; `temperature_colors` makes them.
    width : float
        Of the intervals, in units of sigma_AA.

    Returns
    -------
    Axes

    Examples
    --------
    >>> import numpy as np
    >>> from vitreous.dynamics import measure_heterogeneity
    >>> from vitreous.liquid import KobAndersen2D
    >>> from vitreous.plots import chord_distributions, figure
    >>> liquids = [KobAndersen2D().random_configuration(430, seed) for seed in range(3)]
    >>> fields = [np.sin(liquid.positions[:, 0]) for liquid in liquids]
    >>> found = measure_heterogeneity(liquids, fields, mobile_fraction=0.3)
    >>> _, axes = figure(3.4, 2.6)
    >>> ax = chord_distributions({0.4: found}, axes[0, 0], colors={0.4: "black"}, width=0.5)
    >>> round(float(ax.lines[0].get_ydata().sum() * 0.5), 6)  # a probability
    1.0
    """
    for temperature in sorted(measured, reverse=True):
        item = measured[temperature]
        edges = np.arange(0.0, item.chords.max() + width, width)
        counts, _ = np.histogram(item.chords, edges)
        seen = counts > 0
        ax.plot(
            ((edges[1:] + edges[:-1]) / 2)[seen],
            (counts / counts.sum() / width)[seen],
            "o-",
            ms=2.5,
            lw=1,
            color=colors[temperature],
            label=f"$T={temperature:g}$",
        )
    ax.set(
        yscale="log",
        xlabel=r"chord length $\ell$ ($\sigma_{AA}$)",
        ylabel=r"$p(\ell)$ ($\sigma_{AA}^{-1}$)",
    )
    legend_above(ax)
    return ax


def relaxation_laws(
    relaxations: Mapping[float, Relaxation],
    laws: Mapping[Any, RelaxationLaw],
    transitions: Mapping[Any, GlassTransition],
    ax: Axes,
) -> Axes:
    """Relaxation times against inverse temperature, with fitted laws and where they put T_g.

    Parameters
    ----------
    relaxations : mapping of float to Relaxation
    laws : mapping of str to RelaxationLaw
    transitions : mapping of str to GlassTransition
        Crosses mark them; lines left of the coldest measured time are fits, right of it
        extrapolations.
    ax : Axes
        Drawn upon.

    Returns
    -------
    Axes

    Examples
    --------
    >>> import numpy as np
    >>> from vitreous.dynamics import fit_relaxation_law, glass_transition
    >>> from vitreous.plots import figure, relaxation_laws
    >>> from vitreous.simulate import Relaxation
    >>> T = np.array([1.0, 0.8, 0.6, 0.5])
    >>> law = fit_relaxation_law(T, np.exp(3.0 / T), np.full(4, 0.05), "arrhenius")
    >>> found = glass_transition(law, onset_time=np.exp(3.0))
    >>> one = np.ones(1)
    >>> measured = {t: Relaxation(one, one, one, 1.0, np.exp(3.0 / t), 0.1) for t in T}
    >>> _, axes = figure(3.4, 2.6)
    >>> ax = relaxation_laws(measured, {"arrhenius": law}, {"arrhenius": found}, axes[0, 0])
    >>> ax.get_legend_handles_labels()[1]
    ['Arrhenius, $T_g=0.098$', 'measured']
    """
    temperatures = np.array(list(relaxations))
    times = np.array([r.bond_breaking_time for r in relaxations.values()])
    errors = np.array([r.bond_breaking_time_standard_error for r in relaxations.values()])
    coldest = min([0.9 * temperatures.min(), *(t.temperature for t in transitions.values())])
    line = np.linspace(1 / temperatures.max(), 1 / coldest, 300)
    highest = max([times.max() * 10, *(laws[name](t.temperature)
                                       for name, t in transitions.items())])  # fmt: skip
    for number, (name, law) in enumerate(laws.items()):
        with np.errstate(over="ignore"):
            values = law(1 / line)
        shown = values < 10 * highest
        color = f"C{number}"
        label = LAW_NAMES[name]
        if name in transitions:
            found = transitions[name]
            ax.plot(1 / found.temperature, law(found.temperature), "x", ms=5, color=color)
            label += rf", $T_g={two_digits(found.temperature)}$"
        ax.plot(line[shown], values[shown], _LINES[name], color=color, label=label)
    ax.errorbar(
        1 / temperatures, times, errors, fmt="o", capsize=1.5, color="black", zorder=5,
        label="measured",
    )  # fmt: skip
    ax.axvline(1 / temperatures.min(), color="0.7", lw=0.8, zorder=0)
    ax.set(
        yscale="log",
        xlabel=r"$1/T$ ($k_B/\epsilon_{AA}$)",
        ylabel=r"relaxation time $\tau_B$",
        ylim=(0.3 * times.min(), 30 * highest),
    )
    ax.legend(loc="lower right")
    return ax


def hysteresis(runs: Mapping[float, Sequence[Equilibration]], ax: Axes) -> Axes:
    """Energy of runs from above minus that of runs from below, at each temperature.

    Parameters
    ----------
    runs : mapping of float to sequence of Equilibration
    ax : Axes
        Drawn upon.

    Returns
    -------
    Axes

    Examples
    --------
    >>> import numpy as np
    >>> from vitreous.liquid import KobAndersen2D
    >>> from vitreous.plots import figure, hysteresis
    >>> from vitreous.simulate import Equilibration
    >>> liquid, sweeps = KobAndersen2D().random_configuration(43, 0), np.arange(1, 21)
    >>> def run(start, energy):
    ...     return Equilibration(liquid, start, sweeps, np.full(20, energy), 0.5, 0.1, 0.05)
    >>> runs = [run("above", -2.0), run("above", -2.2), run("below", -2.1), run("below", -2.3)]
    >>> _, axes = figure(3.4, 2.6)
    >>> ax = hysteresis({0.4: runs}, axes[0, 0])
    >>> round(float(ax.lines[0].get_ydata()[0]), 6)
    0.1
    """
    for temperature, at_temperature in runs.items():
        groups = [
            np.array([r.energies[len(r.energies) // 2 :].mean() for r in at_temperature
                      if r.start == start])
            for start in ("above", "below")
        ]  # fmt: skip
        difference = groups[0].mean() - groups[1].mean()
        error = np.hypot(standard_error(groups[0]), standard_error(groups[1]))
        ax.errorbar(temperature, difference, error, fmt="o", capsize=1.5, color="C0")
    ax.axhline(0.0, color="0.6", lw=0.8, zorder=0)
    ax.set(
        xlabel=r"temperature $T$ ($\epsilon_{AA}/k_B$)",
        ylabel="energy per particle,\n" r"cooled $-$ heated ($\epsilon_{AA}$)",
    )
    return ax


def memory_of_annealing(memory: Mapping[float, Estimate], ax: Axes) -> Axes:
    """How much of the mobility map of the temperature before a liquid keeps, at each temperature.

    Parameters
    ----------
    memory : mapping of float to Estimate
        Correlation of each map with the one before.
    ax : Axes
        Drawn upon.

    Returns
    -------
    Axes

    Examples
    --------
    >>> from vitreous.dynamics import Estimate
    >>> from vitreous.plots import figure, memory_of_annealing
    >>> _, axes = figure(3.4, 2.6)
    >>> memory = {0.4: Estimate(0.1, 0.02, 8), 0.3: Estimate(0.3, 0.02, 8)}
    >>> ax = memory_of_annealing(memory, axes[0, 0])
    >>> ax.lines[0].get_xdata(), ax.lines[0].get_ydata()
    (array([0.4, 0.3]), array([0.1, 0.3]))
    """
    estimates_against(list(memory), list(memory.values()), ax, label="memory", color="C0")
    ax.axhline(0.0, color="0.6", lw=0.8, zorder=0)
    ax.set(
        xlabel=r"temperature $T$ ($\epsilon_{AA}/k_B$)",
        ylabel="correlation with the map\nof the run before",
        ylim=(-0.3, 1.0),
    )
    return ax
