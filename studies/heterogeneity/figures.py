"""Figures of the report of a study of dynamic heterogeneity."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure
from matplotlib.ticker import NullFormatter

from ...dynamics import Estimate
from ...liquid import System
from ...plots import (
    PAGE_WIDTH,
    chord_distributions,
    estimates_against,
    figure,
    hysteresis,
    memory_of_annealing,
    particle_map,
    relaxation_curves,
    relaxation_laws,
    structure_factor_curves,
    temperature_colors,
    transfer_heatmap,
)
from ...plots.maps import clipping
from .report import CORRECTED, QUANTITIES, REGRESSOR_NAMES, Routes, relaxation_times, sourced
from .results import HeterogeneityResults
from .settings import HeterogeneitySettings

_SHORT_NAMES = {"ridge": "ridge", "mlp": "GlassMLP"}

_MARKERS = {"ridge": ("s", "C0"), "mlp": ("^", "C1")}


def draw(
    results: HeterogeneityResults, settings: HeterogeneitySettings, system: System
) -> Iterator[tuple[str, Figure]]:
    """Draw the figures of a report, one after the other, each with its name."""
    main = settings.heterogeneity.regressors[0]
    predicted = {t: p.heterogeneity for t, p in results.predicted[main].items()}

    made, axes = figure(PAGE_WIDTH, 2.6, ncols=2)
    relaxation_curves(results.data.relaxations, axes[0, 0])
    relaxation_laws(results.data.relaxations, results.laws, results.transitions, axes[0, 1])
    yield "relaxation", made

    yield "equilibrium", _equilibrium(results)

    if system.dimensions == 2:
        yield "maps", _maps(results, settings, system)

    colors = temperature_colors(list(results.data.runs))
    made, axes = figure(PAGE_WIDTH, 2.8, ncols=2, sharey=True)
    structure_factor_curves(results.simulated, axes[0, 0], colors=colors)
    structure_factor_curves(predicted, axes[0, 1], colors=colors)
    for ax, title in zip(axes[0], ("simulated", REGRESSOR_NAMES[main]), strict=True):
        ax.annotate(title, (0.04, 0.05), xycoords="axes fraction")
    axes[0, 1].set_ylabel("")
    yield "structure_factor", made

    made, axes = figure(PAGE_WIDTH, 4.2, nrows=2, ncols=3, sharex=True)
    times, routes = relaxation_times(results), sourced(results)
    for ax, (name, axis_label) in zip(axes.ravel(), QUANTITIES.items(), strict=True):
        _draw_quantity(routes, name, times, ax)
        ax.set_ylabel(axis_label)
    for ax in axes[1]:
        ax.set(xscale="log", xlabel=r"relaxation time $\tau_B$")
        ax.xaxis.set_minor_formatter(NullFormatter())
    handles, labels = axes[0, 0].get_legend_handles_labels()
    made.legend(handles, labels, loc="outside upper center", ncols=3)
    yield "heterogeneity", made

    made, axes = figure(PAGE_WIDTH, 2.6, ncols=2, sharey=True, sharex=True)
    chord_distributions(results.simulated, axes[0, 0], colors=colors)
    chord_distributions(predicted, axes[0, 1], colors=colors)
    for ax, title in zip(axes[0], ("simulated", REGRESSOR_NAMES[main]), strict=True):
        ax.annotate(title, (0.96, 0.9), xycoords="axes fraction", ha="right")
    axes[0, 1].set_ylabel("")
    yield "chords", made

    made, axes = figure(PAGE_WIDTH, 2.9, ncols=2)
    image = transfer_heatmap(results.transfer, axes[0, 0])
    made.colorbar(image, ax=axes[0, 0], label="Pearson correlation", aspect=30)
    _draw_agreement(results, axes[0, 1])
    yield "transfer", made


def _equilibrium(results: HeterogeneityResults) -> Figure:
    """Draw how energies on the way down and up differ, and what annealed liquids remember."""
    n_panels = 2 if results.memory else 1
    made, axes = figure(n_panels * PAGE_WIDTH / 2, 2.3, ncols=n_panels)
    hysteresis(results.data.runs, axes[0, 0])
    if results.memory:
        memory_of_annealing(results.memory, axes[0, 1])
    return made


def _draw_quantity(
    routes: Routes,
    name: str,
    times: dict[float, float],
    ax: Any,
) -> None:
    """Draw one quantity by simulation and by each route, with all its errors."""
    simulated = routes["simulated"]
    for route, found in routes.items():
        regressor, is_corrected = route.removesuffix(CORRECTED), route.endswith(CORRECTED)
        marker, color = _MARKERS.get(regressor, ("o", "black"))
        label = _SHORT_NAMES.get(regressor, "simulated") + CORRECTED * is_corrected
        numbers = [each[name] for each in found.values()]
        estimates_against(
            [times[t] * (1.25 if is_corrected else 1.0) for t in found],
            [Estimate(n.value, n.standard_error, n.estimate.n_configurations) for n in numbers],
            ax,
            label=label,
            color=_lighter(color) if is_corrected else color,
            marker=marker,
            known=[t in simulated for t in found],
        )
    ax.set_ylim(bottom=0)


def _lighter(color: str) -> tuple[float, float, float]:
    """Mix a colour with white."""
    red, green, blue = to_rgb(color)
    return (1 + red) / 2, (1 + green) / 2, (1 + blue) / 2


def _draw_agreement(results: HeterogeneityResults, ax: Any) -> None:
    ceilings = results.noise_ceilings
    ax.plot(list(ceilings), list(ceilings.values()), "--", color="0.4", label="noise ceiling")
    for regressor in results.predicted:
        marker, color = _MARKERS[regressor]
        for group, style_of_line, trained in (
            (results.predicted, "-", "all others"),
            (results.extrapolated, ":", "hotter only"),
        ):
            known = {t: p.agreement for t, p in group[regressor].items() if p.agreement}
            ax.errorbar(
                list(known),
                [float(a["pearson_pooled"].value) for a in known.values()],
                [float(a["pearson_pooled"].standard_error) for a in known.values()],
                fmt=marker + style_of_line,
                capsize=1.5,
                color=color,
                markerfacecolor=color if trained == "all others" else "white",
                label=f"{_SHORT_NAMES[regressor]}, {trained}",
            )
    ax.set(
        xlabel=r"tested at temperature $T$ ($\epsilon_{AA}/k_B$)",
        ylabel="Pearson correlation",
        ylim=(0, 1),
    )
    ax.legend(
        loc="lower center", ncols=2, title="model, trained at", title_fontsize=7,
        columnspacing=1.0, handlelength=1.5,
    )  # fmt: skip


def _maps(results: HeterogeneityResults, settings: HeterogeneitySettings, system: System) -> Figure:
    """Draw the first configuration of some temperatures, all on one colour scale."""
    simulated, cold = settings.simulated_temperatures, settings.predicted_temperatures
    chosen = list(dict.fromkeys([simulated[0], simulated[len(simulated) // 2], simulated[-1],
                                 *cold[len(cold) // 2 :][:1], *cold[-1:]]))  # fmt: skip
    regressors = settings.heterogeneity.regressors
    rows: list[tuple[str, Any]] = [("simulated", results.fields)]
    rows += [
        (REGRESSOR_NAMES[name], {t: p.fields for t, p in results.predicted[name].items()})
        for name in regressors
    ]
    width = PAGE_WIDTH / len(chosen)
    made, axes = figure(PAGE_WIDTH, len(rows) * width + 0.6, nrows=len(rows), ncols=len(chosen))
    measured = [results.fields[t][0] for t in chosen if t in results.fields]
    limits = 0.0, float(np.percentile(np.concatenate(measured), 98))
    shown: list[Any] = []
    for row, (title, fields) in enumerate(rows):
        axes[row, 0].set_ylabel(title)
        for column, temperature in enumerate(chosen):
            ax = axes[row, column]
            if temperature in fields:
                configuration = results.data.inherent_structures[temperature][0]
                values = fields[temperature][0]
                shown.append(values)
                image = particle_map(system, configuration, values, ax, limits=limits)
            else:
                ax.set_axis_off()
                ax.text(
                    0.5, 0.5, "out of reach\nof simulation", ha="center", transform=ax.transAxes
                )
    for ax, temperature in zip(axes[0], chosen, strict=True):
        ax.set_title(f"$T={temperature:g}$")
    made.colorbar(
        image, ax=axes, location="bottom", shrink=0.5, aspect=40, pad=0.02,
        label=r"broken bonds at $\tau_B$, $1 - C_B$", extend=clipping(shown, limits),
    )  # fmt: skip
    return made
