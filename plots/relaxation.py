"""Equilibration and structural relaxation."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes

from ..dynamics import standard_error
from ..simulate import Equilibration, Relaxation
from ..storage.digits import two_digits
from .style import legend_above, temperature_colors


def equilibration_curves(runs: Mapping[float, Sequence[Equilibration]], ax: Axes) -> Axes:
    """Energy against sweeps, averaged over the runs from above and over those from below.

    Energies are averaged in logarithmic bins; bands are standard errors over runs.

    Parameters
    ----------
    runs : mapping of float to sequence of Equilibration
        The runs at each temperature, all of one length, at least two of either kind.
    ax : Axes
        Drawn upon.

    Returns
    -------
    Axes

    Examples
    --------
    >>> import numpy as np
    >>> from vitreous.liquid import KobAndersen2D
    >>> from vitreous.plots import equilibration_curves, figure
    >>> from vitreous.simulate import Equilibration
    >>> liquid, sweeps = KobAndersen2D().random_configuration(43, 0), np.arange(1, 21)
    >>> def run(start, energy):
    ...     return Equilibration(liquid, start, sweeps, np.full(20, energy), 0.5, 0.1, 0.05)
    >>> runs = [run("above", -2.0), run("above", -2.2), run("below", -2.4), run("below", -2.6)]
    >>> _, axes = figure(3.4, 2.6)
    >>> ax = equilibration_curves({0.4: runs}, axes[0, 0])
    >>> [round(float(line.get_ydata()[0]), 6) for line in ax.lines]
    [-2.1, -2.5]
    """
    colors = temperature_colors(list(runs))
    for temperature in sorted(runs, reverse=True):
        at_temperature = runs[temperature]
        for start, line in (("above", "-"), ("below", ":")):
            group = [run for run in at_temperature if run.start == start]
            n_records = len(group[0].energies)
            first = np.unique(np.geomspace(1, n_records, 30).astype(int)) - 1
            sizes = np.diff([*first, n_records])
            sweeps = np.add.reduceat(group[0].sweeps, first) / sizes
            energies = np.add.reduceat([run.energies for run in group], first, axis=1) / sizes
            mean, error = energies.mean(axis=0), standard_error(energies)
            color = colors[temperature]
            label = f"$T={temperature:g}$" if start == "above" else None
            ax.plot(sweeps, mean, line, color=color, label=label)
            ax.fill_between(sweeps, mean - error, mean + error, color=color, alpha=0.25, lw=0)
    ax.set_xscale("log")
    ax.set(xlabel="swap Monte Carlo sweeps", ylabel=r"energy per particle ($\epsilon_{AA}$)")
    legend_above(ax, "solid: from above, dotted: from below")
    return ax


def relaxation_curves(relaxations: Mapping[float, Relaxation], ax: Axes) -> Axes:
    """Self-intermediate scattering function and bond-breaking correlation against time.

    Parameters
    ----------
    relaxations : mapping of float to Relaxation
        At each temperature.
    ax : Axes
        Drawn upon.

    Returns
    -------
    Axes

    Examples
    --------
    >>> import numpy as np
    >>> from vitreous.plots import figure, relaxation_curves
    >>> from vitreous.simulate import Relaxation
    >>> t = np.geomspace(0.1, 100, 31)
    >>> found = Relaxation(t, np.exp(-t / 3), np.exp(-t / 10), 3.0, 10.0, 0.5)
    >>> _, axes = figure(3.4, 2.6)
    >>> ax = relaxation_curves({0.4: found}, axes[0, 0])
    >>> x, y = ax.lines[2].get_data()  # the point at the bond-breaking time
    >>> float(x[0]), round(float(y[0]), 3)
    (10.0, 0.368)
    """
    colors = temperature_colors(list(relaxations))
    for temperature in sorted(relaxations, reverse=True):
        relaxation, color = relaxations[temperature], colors[temperature]
        label = rf"$T={temperature:g}$: {two_digits(relaxation.bond_breaking_time)}"
        ax.plot(relaxation.times, relaxation.bond_breaking, "-", color=color, label=label)
        ax.plot(relaxation.times, relaxation.scattering, ":", color=color)
        level = np.interp(relaxation.bond_breaking_time, relaxation.times, relaxation.bond_breaking)
        ax.plot(relaxation.bond_breaking_time, level, "o", color=color)
    ax.axhline(np.exp(-1), color="0.6", lw=0.8, ls="--", zorder=0)
    ax.annotate(
        "$1/e$",
        (1, np.exp(-1)),
        (-2, 2),
        xycoords=("axes fraction", "data"),
        textcoords="offset points",
        ha="right",
        color="0.4",
        fontsize=7,
    )
    ax.set_xscale("log")
    ax.set(xlabel=r"time $t$", ylabel="correlation", ylim=(0, 1.05))
    legend_above(ax, r"solid: $C_B(t)$, dotted: $F_s(q=7, t)$; $\tau_B$ at", longest_row=3)
    return ax
