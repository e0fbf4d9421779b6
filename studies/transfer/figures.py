"""Figures of the report of a study of transfer."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from matplotlib.figure import Figure

from ...dynamics import Estimate, pearson
from ...liquid import System
from ...models import TransferMatrix
from ...plots import (
    PAGE_WIDTH,
    equilibration_curves,
    figure,
    particle_map,
    relaxation_curves,
    scores_against_time,
    transfer_heatmap,
)
from ...plots.maps import clipping
from ...plots.transfer import spanned
from .report import LABEL_NAMES, bond_breaking, figure_name, has_trees, typical
from .results import TransferResults
from .settings import LABELS, TransferSettings

# What the maps show: bright is mobile, whichever the label.
MOBILITY_NAMES = {
    "displacement": r"displacement propensity ($\sigma_{AA}$)",
    "broken_bonds": "broken bonds, $1 - C_B$",
}


def draw(
    results: TransferResults, settings: TransferSettings, system: System
) -> Iterator[tuple[str, Figure]]:
    """Draw the figures of a report, one after the other, each with its name."""
    made, axes = figure(PAGE_WIDTH, 2.6, ncols=2)
    equilibration_curves(results.data.runs, axes[0, 0])
    relaxation_curves(results.data.relaxations, axes[0, 1])
    yield "equilibrium", made

    shown = settings.models.shown_times
    if system.dimensions == 2:
        for number in reversed(range(len(shown))):
            yield figure_name(shown[number]), _maps(results, settings, system, number)

    panels = [_panel(results, settings, number) for number in range(len(shown))]
    if has_trees(results.boosted.choices):
        panels.append((r"boosted trees, $t = \tau_B$", results.boosted, []))
    limits = spanned(
        [matrix.pearson for _, matrix, _ in panels]
        + [[estimate.value for estimate in together] for _, _, together in panels]
    )
    made, axes = figure(PAGE_WIDTH * min(1, len(panels) / 2), 3.1, ncols=len(panels))
    for ax, (title, matrix, together) in zip(axes[0], panels, strict=True):
        image = transfer_heatmap(matrix, ax, limits=limits, together=together)
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


def _panel(
    results: TransferResults, settings: TransferSettings, number: int
) -> tuple[str, TransferMatrix, list[Estimate]]:
    """Title and entries of the transfer matrix at one of the shown times."""
    time = settings.models.shown_times[number]
    at = settings.ensemble.relative_times.index(time)
    level = np.mean(bond_breaking(results, at))
    share = "" if time == 1.0 else rf"{time:g}\,"
    return (
        rf"$t = {share}\tau_B$, $C_B = {level:.2f}$",
        results.ridge[settings.models.label].of_label(at),
        results.together.pearson(number),
    )


def _maps(
    results: TransferResults, settings: TransferSettings, system: System, number: int
) -> Figure:
    """Draw the typical configuration of each temperature, predicted by the model of all."""
    at = settings.ensemble.relative_times.index(settings.models.shown_times[number])
    matrix = results.ridge[settings.models.label].of_label(at)
    items = [item for at_t in results.data.labelled.values() for item in at_t]
    n_columns = len(matrix.conditions)
    width = PAGE_WIDTH / n_columns
    made, axes = figure(PAGE_WIDTH, 2 * width + 0.5, nrows=2, ncols=n_columns)
    for column, temperature in enumerate(matrix.conditions):
        members = [i for i, item in enumerate(items) if item.temperature == temperature]
        index = members[typical(results.together.single_pearson[column][:, -1])]
        item = items[index]
        true = item.labels.matrix(settings.models.label)[:, at]
        predicted = results.together.predictions[index][:, number]
        low, high = np.percentile(true, [2, 98])
        limits = float(low), float(high)
        for row, values in enumerate((true, predicted)):
            disks = particle_map(
                system, item.configuration, values, axes[row, column], limits=limits
            )
        first_type = item.configuration.of_species(system.species[0])
        correlation = pearson(true[first_type], predicted[first_type])
        axes[0, column].set_title(f"$T={temperature:g}$")
        ceiling = matrix.noise_ceiling[column]
        possible = "" if np.isnan(ceiling) else f" of {ceiling:.2f}"
        axes[1, column].set_title(
            f"correlation {correlation:.2f}{possible} (type {system.species[0]})"
        )
        made.colorbar(
            disks,
            ax=axes[:, column],
            location="bottom",
            shrink=0.8,
            pad=0.02,
            label=MOBILITY_NAMES[settings.models.label],
            extend=clipping([true, predicted], limits),
        )
    axes[0, 0].set_ylabel("simulated")
    axes[1, 0].set_ylabel("predicted")
    return made
