"""Numbers and words of the report of a study of transfer."""

from __future__ import annotations

from typing import Any

import numpy as np

from ...models import TransferMatrix
from .results import TransferResults
from .settings import LABELS, TransferSettings

LABEL_NAMES = {
    "displacement": "displacement propensity",
    "broken_bonds": "share of broken bonds",
}


def summarize(results: TransferResults, settings: TransferSettings) -> dict[str, Any]:
    """Collect the numbers of a study in plain lists and dictionaries, ready for JSON.

    Parameters
    ----------
    results : TransferResults
    settings : TransferSettings

    Returns
    -------
    dict
        ``states`` (energy, equilibrium test and relaxation times of each temperature), ``transfer``
        (the matrices at the bond-breaking time) and ``against_time`` (their diagonals).
    """
    at_breaking = settings.ensemble.relative_times.index(1.0)
    label, data = settings.models.label, results.data
    return {
        "states": [
            {
                "temperature": temperature,
                **vars(data.equilibrium[temperature]),
                "in_equilibrium": data.equilibrium[temperature].passed,
                "swap_acceptance": float(np.mean([run.swap_acceptance for run in runs])),
                **{
                    name: getattr(data.relaxations[temperature], name)
                    for name in (
                        "alpha_relaxation_time",
                        "bond_breaking_time",
                        "bond_breaking_time_standard_error",
                    )
                },
            }
            for temperature, runs in data.runs.items()
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


def words(summary: dict[str, Any]) -> dict[str, Any]:
    """Say what the numbers mean, as the page asks for it."""
    return {
        "reading": {"transfer": _transfer_in_words(summary), "limits": _limits_in_words(summary)},
        "label_name": LABEL_NAMES[summary["transfer"]["label"]],
    }


def _transfer_in_words(summary: dict[str, Any]) -> str:
    """Say what the transfer matrix of ridge regression shows."""
    table = summary["transfer"]["ridge"]
    temperatures = table["temperatures"]
    pearson, error = np.array(table["pearson"]), np.array(table["standard_error"])
    home = np.diagonal(pearson)
    loss = home - pearson
    np.fill_diagonal(loss, -np.inf)
    row, column = np.unravel_index(np.argmax(loss), loss.shape)
    combined = np.hypot(error[row, column], error[column, column])
    elsewhere = (
        f"The largest loss on the way to another temperature is {loss[row, column]:.2f} ± "
        f"{combined:.2f}, trained at T = {temperatures[row]:g} and tested at "
        f"T = {temperatures[column]:g}."
        if loss[row, column] > 0
        else "No loss is seen on the way to another temperature."
    )
    return (
        f"Trained and tested at the same temperature, ridge regression reaches {home.min():.2f} to "
        f"{home.max():.2f}, below noise ceilings of {min(table['noise_ceiling']):.2f} to "
        f"{max(table['noise_ceiling']):.2f}. {elsewhere}"
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
