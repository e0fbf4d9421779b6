"""Pictures, tables and one HTML page of a study."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.figure import Figure

from ..._version import __version__
from ...dynamics import pearson
from ...liquid import get_system
from ...models import TransferMatrix
from ...plots import (
    PAGE_WIDTH,
    equilibration_curves,
    figure,
    particle_map,
    relaxation_curves,
    scores_against_time,
    style,
    transfer_heatmap,
)
from ..page import write_figures, write_page
from .settings import LABELS, StudySettings
from .study import StudyResults

LABEL_NAMES = {
    "displacement": "displacement propensity",
    "broken_bonds": "broken bonds, $1 - C_B$",
}

# What the maps show: bright is mobile, whichever the label.
MOBILITY_NAMES = {
    "displacement": r"displacement propensity ($\sigma_{AA}$)",
    "broken_bonds": "broken bonds, $1 - C_B$",
}


def write_report(results: StudyResults, settings: StudySettings, folder: str | Path) -> Path:
    """Write ``report.html``, ``results.json`` and the figures (PNG and SVG) of a study.

    Parameters
    ----------
    results : StudyResults
    settings : StudySettings
    folder : str or Path
        Files of an earlier report are replaced, each whole or not at all.

    Returns
    -------
    Path
        Of the HTML page, which needs no other file.
    """
    folder = Path(folder)
    with style():
        images = write_figures(_figures(results, settings), folder)
    summary = summarise(results, settings)
    return write_page(
        "report.html",
        folder,
        summary=summary,
        settings=settings,
        reading={"transfer": _transfer_in_words(summary), "limits": _limits_in_words(summary)},
        images=images,
        label_name=LABEL_NAMES[settings.models.label],
    )


def summarise(results: StudyResults, settings: StudySettings) -> dict[str, Any]:
    """Collect the numbers of a study in plain lists and dictionaries, ready for JSON.

    Parameters
    ----------
    results : StudyResults
    settings : StudySettings

    Returns
    -------
    dict
        ``states`` (energy, equilibrium test and relaxation times of each temperature), ``transfer``
        (the matrices at the bond-breaking time) and ``against_time`` (their diagonals).
    """
    at_breaking = settings.ensemble.relative_times.index(1.0)
    label = settings.models.label
    return {
        "title": settings.title,
        "version": __version__,
        "states": [
            {
                "temperature": temperature,
                **vars(results.equilibrium[temperature]),
                "in_equilibrium": results.equilibrium[temperature].passed,
                "swap_acceptance": float(np.mean([run.swap_acceptance for run in runs])),
                **{
                    name: getattr(results.relaxations[temperature], name)
                    for name in (
                        "alpha_relaxation_time",
                        "bond_breaking_time",
                        "bond_breaking_time_standard_error",
                    )
                },
            }
            for temperature, runs in results.runs.items()
        ],
        "transfer": {
            "label": label,
            "ridge": _table(results.ridge[label].of_label(at_breaking)),
            "boosted": _table(results.boosted),
        },
        "against_time": {
            name: {
                "relative_times": settings.ensemble.relative_times,
                "temperatures": results.ridge[name].conditions.tolist(),
                "pearson": np.diagonal(results.ridge[name].pearson).T.tolist(),
                "standard_error": np.diagonal(results.ridge[name].standard_error).T.tolist(),
                "noise_ceiling": results.ridge[name].noise_ceiling.tolist(),
            }
            for name in LABELS
        },
    }


def _transfer_in_words(summary: dict[str, Any]) -> str:
    """Say what the transfer matrix of ridge regression shows."""
    table = summary["transfer"]["ridge"]
    temperatures = table["temperatures"]
    pearson, error = np.array(table["pearson"]), np.array(table["standard_error"])
    home = np.diagonal(pearson)
    loss = home - pearson
    row, column = np.unravel_index(np.argmax(loss), loss.shape)
    combined = np.hypot(error[row, column], error[column, column])
    return (
        f"Trained and tested at the same temperature, ridge regression reaches {home.min():.2f} to "
        f"{home.max():.2f}, below noise ceilings of {min(table['noise_ceiling']):.2f} to "
        f"{max(table['noise_ceiling']):.2f}. The largest loss on the way to another temperature "
        f"is {loss[row, column]:.2f} ± {combined:.2f}, trained at T = {temperatures[row]:g} and "
        f"tested at T = {temperatures[column]:g}."
    )


def _limits_in_words(summary: dict[str, Any]) -> list[str]:
    """Say what the size of the sample allows to conclude."""
    table = summary["transfer"]["ridge"]
    error = float(np.mean(table["standard_error"]))
    return [
        f"Each entry of the transfer matrix averages over {min(table['n_configurations'])} "
        f"configurations; its standard error is {error:.3f} on average. Entries that differ by "
        f"less than about {2 * np.sqrt(2) * error:.2f} cannot be told apart.",
        "The errors are the scatter over test configurations. Training on other configurations "
        "would move a whole row; with so few of them this is not measured.",
        "All scores are averages of the correlation within each configuration; how well a model "
        "ranks whole configurations against each other would take many more of them.",
    ]


def _table(matrix: TransferMatrix) -> dict[str, Any]:
    return {
        "temperatures": matrix.conditions.tolist(),
        "pearson": matrix.pearson.tolist(),
        "standard_error": matrix.standard_error.tolist(),
        "noise_ceiling": matrix.noise_ceiling.tolist(),
        "n_configurations": matrix.n_configurations.tolist(),
    }


def _figures(results: StudyResults, settings: StudySettings) -> Iterator[tuple[str, Figure]]:
    label = settings.models.label
    at_breaking = settings.ensemble.relative_times.index(1.0)
    chosen = results.ridge[label].of_label(at_breaking)

    made, axes = figure(PAGE_WIDTH, 2.6, ncols=2)
    equilibration_curves(results.runs, axes[0, 0])
    relaxation_curves(results.relaxations, axes[0, 1])
    yield "equilibrium", made

    if get_system(settings.liquid.system).dimensions == 2:
        yield "maps", _maps(results, settings, chosen)

    made, axes = figure(PAGE_WIDTH, 2.9, ncols=2)
    for ax, matrix, title in zip(
        axes[0], (chosen, results.boosted), ("ridge regression", "boosted trees"), strict=True
    ):
        image = transfer_heatmap(matrix, ax)
        ax.set_title(title)
    made.colorbar(image, ax=axes, label="Pearson correlation", aspect=30)
    yield "transfer", made

    made, axes = figure(PAGE_WIDTH, 2.6, ncols=2)
    for ax, name in zip(axes[0], LABELS, strict=True):
        scores_against_time(
            settings.ensemble.relative_times,
            results.ridge[name],
            ax,
            ylabel=f"Pearson correlation,\n{LABEL_NAMES[name]}",
        )
    yield "time", made


def _maps(results: StudyResults, settings: StudySettings, chosen: TransferMatrix) -> Figure:
    """Draw the first configuration of each temperature, predicted by a model that never saw it."""
    system = get_system(settings.liquid.system)
    at_breaking = settings.ensemble.relative_times.index(1.0)
    n_columns = len(chosen.conditions)
    width = PAGE_WIDTH / n_columns
    made, axes = figure(PAGE_WIDTH, 2 * width + 0.5, nrows=2, ncols=n_columns)
    for column, temperature in enumerate(chosen.conditions):
        index = next(i for i, item in enumerate(results.data) if item.temperature == temperature)
        item = results.data[index]
        true = item.labels.matrix(settings.models.label)[:, at_breaking]
        predicted = chosen.predictions[column][index]
        limits = tuple(np.percentile(true, [2, 98]))
        for row, values in enumerate((true, predicted)):
            disks = particle_map(
                system, item.configuration, values, axes[row, column], limits=limits
            )
        first_type = item.configuration.of_species(system.species[0])
        correlation = pearson(true[first_type], predicted[first_type])
        axes[0, column].set_title(f"$T={temperature:g}$")
        axes[1, column].set_title(f"correlation {correlation:.2f} (type {system.species[0]})")
        made.colorbar(
            disks,
            ax=axes[:, column],
            location="bottom",
            shrink=0.8,
            pad=0.02,
            label=MOBILITY_NAMES[settings.models.label],
        )
    axes[0, 0].set_ylabel("simulated")
    axes[1, 0].set_ylabel("predicted")
    return made
