"""Pictures, tables and one HTML page of a study of dynamic heterogeneity."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import NullFormatter
from numpy.typing import ArrayLike

from ..._version import __version__
from ...dynamics import DynamicHeterogeneity, Estimate
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
    style,
    temperature_colors,
    transfer_heatmap,
)
from ...plots.heterogeneity import LAW_NAMES
from ..page import write_figures, write_page
from .settings import HeterogeneitySettings
from .study import HeterogeneityResults, Predicted

QUANTITIES = {
    "strength": r"strength $\chi_4$",
    "length": r"length $\xi_4$ ($\sigma_{AA}$)",
    "decay_length": r"$G_4 = 1/e$ at $r$ ($\sigma_{AA}$)",
    "chord_length": r"mean chord length ($\sigma_{AA}$)",
}

REGRESSOR_NAMES = {"ridge": "ridge regression", "mlp": "GlassMLP"}

_SHORT_NAMES = {"ridge": "ridge", "mlp": "GlassMLP"}

_WORDS = {
    "strength": "strength χ4",
    "length": "length ξ4",
    "decay_length": "distance at which G4 is 1/e",
    "chord_length": "mean chord",
}

_MARKERS = {"ridge": ("s", "C0"), "mlp": ("^", "C1")}


def write_heterogeneity_report(
    results: HeterogeneityResults,
    settings: HeterogeneitySettings,
    system: System,
    folder: str | Path,
) -> Path:
    """Write ``report.html``, ``results.json`` and the figures (PNG and SVG) of a study.

    Parameters
    ----------
    results : HeterogeneityResults
    settings : HeterogeneitySettings
    system : System
    folder : str or Path
        Files of an earlier report are replaced, each whole or not at all.

    Returns
    -------
    Path
        Of the HTML page, which needs no other file.
    """
    folder = Path(folder)
    with style():
        images = write_figures(_figures(results, settings, system), folder)
    summary = summarise(results, settings)
    return write_page(
        "heterogeneity.html",
        folder,
        summary=summary,
        settings=settings,
        images=images,
        growth=_growth_in_words(summary),
        doubts={t: v.reasons for t, v in results.equilibrium.items() if not v.passed},
        regressor_names=REGRESSOR_NAMES,
        law_names=LAW_NAMES,
    )


def quantity(measured: DynamicHeterogeneity, name: str) -> Estimate:
    """One of `QUANTITIES` of a measured heterogeneity."""
    return measured.fit.length if name == "length" else getattr(measured, name)


def relaxation_times(results: HeterogeneityResults) -> dict[float, float]:
    """Relaxation time at every temperature: measured, or extrapolated by the parabolic law."""
    law = results.laws.get("parabolic", results.laws["arrhenius"])
    return {
        t: float(results.relaxations[t].bond_breaking_time if t in results.relaxations else law(t))
        for t in results.runs
    }


def growth_per_decade(times: ArrayLike, estimates: Sequence[Estimate]) -> tuple[float, float]:
    """Slope of ln y against log10 tau and its standard error, by weighted least squares.

    Parameters
    ----------
    times : array_like, shape (n,)
        Relaxation times.
    estimates : sequence of Estimate
        y, positive, with its errors.

    Returns
    -------
    float, float
        NaN where a value is not positive and finite or has no error, or there are fewer than two.
    """
    y = np.array([float(e.value) for e in estimates])
    error = np.array([float(e.standard_error) for e in estimates])
    if len(y) < 2 or not ((y > 0) & (error > 0) & np.isfinite(y)).all():
        return np.nan, np.nan
    weights = (y / error) ** 2
    x = np.log10(np.asarray(times, dtype=np.float64))
    centred = x - np.average(x, weights=weights)
    spread = float(weights @ centred**2)
    return float(weights @ (centred * np.log(y))) / spread, spread**-0.5


def summarise(results: HeterogeneityResults, settings: HeterogeneitySettings) -> dict[str, Any]:
    """Collect the numbers of a study in plain lists and dictionaries, ready for JSON.

    Parameters
    ----------
    results : HeterogeneityResults
    settings : HeterogeneitySettings

    Returns
    -------
    dict
        ``states``, ``laws``, ``simulated``, ``predicted``, ``extrapolated``, ``transfer`` and
        ``growth``: how much each quantity grows per decade of relaxation time, as simulated, as
        predicted at the simulated temperatures, and from the coldest of these downwards.
    """
    times = relaxation_times(results)
    simulated = settings.simulated_temperatures
    beyond = [simulated[-1], *settings.predicted_temperatures]

    def growth(
        measured: dict[float, DynamicHeterogeneity], temperatures: list[float], name: str
    ) -> dict[str, float]:
        slope, error = growth_per_decade(
            [times[t] for t in temperatures], [quantity(measured[t], name) for t in temperatures]
        )
        return {"slope": slope, "standard_error": error}

    predictions = {
        regressor: {t: p.heterogeneity for t, p in predicted.items()}
        for regressor, predicted in results.predicted.items()
    }

    return {
        "title": settings.title,
        "version": __version__,
        "box_length": float(min(next(iter(results.configurations.values()))[0].box.lengths)),
        "states": [
            {
                "temperature": t,
                **vars(results.equilibrium[t]),
                "in_equilibrium": results.equilibrium[t].passed,
                "relaxation_time": times[t],
                "relaxation_time_standard_error": (
                    results.relaxations[t].bond_breaking_time_standard_error
                    if t in results.relaxations
                    else None
                ),
                "noise_ceiling": results.noise_ceilings.get(t),
                "memory": float(results.memory[t].value) if t in results.memory else None,
                "memory_standard_error": (
                    float(results.memory[t].standard_error) if t in results.memory else None
                ),
            }
            for t in results.runs
        ],
        "laws": {
            name: {
                "parameters": law.parameters,
                "chi_squared": law.chi_squared,
                "degrees_of_freedom": law.degrees_of_freedom,
                "glass_transition": (
                    vars(results.transitions[name]) if name in results.transitions else None
                ),
            }
            for name, law in results.laws.items()
        },
        "simulated": [{"temperature": t, **_numbers(h)} for t, h in results.simulated.items()],
        "predicted": _table(results.predicted),
        "extrapolated": _table(results.extrapolated),
        "transfer": {
            "temperatures": results.transfer.conditions.tolist(),
            "pearson": results.transfer.pearson.tolist(),
            "standard_error": results.transfer.standard_error.tolist(),
            "noise_ceiling": results.transfer.noise_ceiling.tolist(),
        },
        "growth": {
            name: {
                "simulated": growth(results.simulated, simulated, name),
                **{
                    regressor: {
                        "simulated_range": growth(measured, simulated, name),
                        "below": growth(measured, beyond, name),
                    }
                    for regressor, measured in predictions.items()
                },
            }
            for name in QUANTITIES
        },
    }


def _numbers(measured: DynamicHeterogeneity) -> dict[str, Any]:
    estimates = {name: quantity(measured, name) for name in QUANTITIES}
    if measured.total_strength is not None:
        estimates["total_strength"] = measured.total_strength
    result: dict[str, Any] = {}
    for name, estimate in estimates.items():
        result[name] = float(estimate.value)
        result[f"{name}_standard_error"] = float(estimate.standard_error)
    return result


def _table(predicted: dict[str, dict[float, Predicted]]) -> dict[str, list[dict[str, Any]]]:
    return {
        regressor: [
            {
                "temperature": t,
                "mean": float(np.mean(item.fields)),
                **_numbers(item.heterogeneity),
                **{
                    name: {
                        "value": float(estimate.value),
                        "standard_error": float(estimate.standard_error),
                    }
                    for name, estimate in (item.agreement or {}).items()
                },
            }
            for t, item in by_temperature.items()
        ]
        for regressor, by_temperature in predicted.items()
    }


def _growth_in_words(summary: dict[str, Any]) -> list[str]:
    """Say of each quantity how it grows, and whether growth slows down significantly below."""
    sentences = []
    for name, slopes in summary["growth"].items():
        sentences.append(f"{_WORDS[name]}, simulated: {_percent(slopes['simulated'])}.")
        for regressor, title in REGRESSOR_NAMES.items():
            if regressor in slopes:
                above, below = slopes[regressor]["simulated_range"], slopes[regressor]["below"]
                sentences.append(
                    f"{_WORDS[name]}, {title}: {_percent(above)}, and {_percent(below)} below: "
                    f"{_verdict(above, below)}."
                )
    return sentences


def _verdict(above: dict[str, float], below: dict[str, float]) -> str:
    difference = above["slope"] - below["slope"]
    error = np.hypot(above["standard_error"], below["standard_error"])
    if not np.isfinite(difference + error):
        return "cannot be compared"
    if abs(difference) < 2 * error:
        return "no significant difference"
    return "slower below" if difference > 0 else "faster below"


def _percent(slope: dict[str, float]) -> str:
    if not np.isfinite(slope["slope"]):
        return "not known"
    return f"{100 * slope['slope']:+.0f} ± {100 * slope['standard_error']:.0f} %"


def _figures(
    results: HeterogeneityResults, settings: HeterogeneitySettings, system: System
) -> Iterator[tuple[str, Figure]]:
    main = settings.heterogeneity.regressors[0]
    predicted = {t: p.heterogeneity for t, p in results.predicted[main].items()}

    made, axes = figure(PAGE_WIDTH, 2.6, ncols=2)
    relaxation_curves(results.relaxations, axes[0, 0])
    relaxation_laws(results.relaxations, results.laws, results.transitions, axes[0, 1])
    yield "relaxation", made

    yield "equilibrium", _equilibrium(results)

    if system.dimensions == 2:
        yield "maps", _maps(results, settings, system)

    colors = temperature_colors(list(results.runs))
    made, axes = figure(PAGE_WIDTH, 2.8, ncols=2, sharey=True)
    structure_factor_curves(results.simulated, axes[0, 0], colors=colors)
    structure_factor_curves(predicted, axes[0, 1], colors=colors)
    for ax, title in zip(axes[0], ("simulated", REGRESSOR_NAMES[main]), strict=True):
        ax.annotate(title, (0.04, 0.05), xycoords="axes fraction")
    axes[0, 1].set_ylabel("")
    yield "structure_factor", made

    made, axes = figure(PAGE_WIDTH, 3.9, nrows=2, ncols=len(QUANTITIES))
    times = relaxation_times(results)
    for row, positions in enumerate(({t: t for t in times}, times)):
        for column, (name, axis_label) in enumerate(QUANTITIES.items()):
            _draw_quantity(results, name, positions, axes[row, column])
            axes[row, column].set_ylabel(axis_label)
    for ax in axes[0]:
        ax.set_xlabel(r"temperature $T$ ($\epsilon_{AA}/k_B$)")
    for ax in axes[1]:
        ax.set(xscale="log", xlabel=r"relaxation time $\tau_B$")
        ax.xaxis.set_minor_formatter(NullFormatter())
    handles, labels = axes[0, 0].get_legend_handles_labels()
    made.legend(handles, labels, loc="outside upper center", ncols=len(labels))
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
    hysteresis(results.runs, axes[0, 0])
    if results.memory:
        memory_of_annealing(results.memory, axes[0, 1])
    return made


def _draw_quantity(
    results: HeterogeneityResults, name: str, positions: dict[float, float], ax: Any
) -> None:
    simulated = results.simulated
    estimates_against(
        [positions[t] for t in simulated],
        [quantity(h, name) for h in simulated.values()],
        ax,
        label="simulated",
        color="black",
    )
    for regressor, predicted in results.predicted.items():
        marker, color = _MARKERS[regressor]
        estimates_against(
            [positions[t] for t in predicted],
            [quantity(p.heterogeneity, name) for p in predicted.values()],
            ax,
            label=REGRESSOR_NAMES[regressor],
            color=color,
            marker=marker,
            known=[t in simulated for t in predicted],
        )
    ax.set_ylim(bottom=0)


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
    chosen = list(dict.fromkeys([simulated[0], simulated[-1], *cold[len(cold) // 2 :][:1],
                                 *cold[-1:]]))  # fmt: skip
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
    for row, (title, fields) in enumerate(rows):
        axes[row, 0].set_ylabel(title)
        for column, temperature in enumerate(chosen):
            ax = axes[row, column]
            if temperature in fields:
                configuration = results.configurations[temperature][0]
                values = fields[temperature][0]
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
        label=r"broken bonds at $\tau_B$, $1 - C_B$", extend="both",
    )  # fmt: skip
    return made
