"""Numbers of the report of a study of transfer."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...dynamics import Estimate
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
        (``levels``: for each shown time the average C_B, the matrix and the model of all
        temperatures; and what trees gain), ``against_time`` (diagonals of the matrices) and
        ``maps`` (which configurations are drawn).
    """
    label, data = settings.models.label, results.data
    levels = [
        _level(number, results, settings) for number in range(len(settings.models.shown_times))
    ]
    at_breaking = settings.ensemble.relative_times.index(1.0)
    ridge = results.ridge[label].of_label(at_breaking)
    singles = [single[:, -1] for single in results.together.single_pearson]
    return {
        "states": [
            {
                "temperature": temperature,
                **vars(data.equilibrium[temperature]),
                "in_equilibrium": data.equilibrium[temperature].passed,
                "doubts": list(data.equilibrium[temperature].reasons),
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
            "levels": levels,
            "boosted": _table(results.boosted),
            "gain_of_trees": _numbers(gain(results.boosted, ridge)),
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
        "maps": [
            {
                "temperature": float(temperature),
                "configuration": typical(single),
                "n_configurations": len(single),
                "pearson": float(single[typical(single)]),
            }
            for temperature, single in zip(ridge.conditions, singles, strict=True)
        ],
    }


def typical(single: NDArray[np.float64]) -> int:
    """Find the configuration whose correlation is the median."""
    return int(np.argsort(single)[(len(single) - 1) // 2])


def gain(matrix: TransferMatrix, other: TransferMatrix) -> list[Estimate]:
    """Differences of the diagonals of two matrices, paired over test configurations."""
    return [
        Estimate.mean(matrix.single_pearson[k][k] - other.single_pearson[k][k])
        for k in range(len(matrix.conditions))
    ]


def has_trees(choices: dict[str, Any]) -> bool:
    """Whether any of the boosted models has trees beside its ridge."""
    return bool(np.any(choices["n_trees_"]))


def _level(number: int, results: TransferResults, settings: TransferSettings) -> dict[str, Any]:
    """Collect what is shown at one time: how far the liquid is, the matrix, the model of all."""
    time = settings.models.shown_times[number]
    at = settings.ensemble.relative_times.index(time)
    matrix = results.ridge[settings.models.label].of_label(at)
    at_home = [row[place] for place, row in enumerate(matrix.single_pearson)]
    return {
        "relative_time": time,
        "figure": figure_name(time),
        "bond_breaking": bond_breaking(results, at),
        "ridge": _table(matrix),
        "together": {
            **_numbers(results.together.pearson(number)),
            "gain": _numbers(results.together.gain(number, at_home)),
        },
    }


def figure_name(time: float) -> str:
    """Name of the figure with the maps at a time."""
    return "maps" if time == 1.0 else f"maps_{time:g}"


def bond_breaking(results: TransferResults, at: int) -> list[float]:
    """Average C_B of the labels at one of their times, for each temperature, falling."""
    labelled = results.data.labelled
    return [
        float(np.mean([item.labels.matrix("bond_breaking")[:, at] for item in labelled[t]]))
        for t in sorted(labelled, reverse=True)
    ]


def _table(matrix: TransferMatrix) -> dict[str, Any]:
    ratio, pooled = (matrix.agreement[name] for name in ("variance_ratio", "pearson_pooled"))
    return {
        "temperatures": matrix.conditions.tolist(),
        "pearson": matrix.pearson.tolist(),
        "standard_error": matrix.standard_error.tolist(),
        "loss": _numbers(matrix.loss),
        "variance_ratio": _numbers(ratio),
        "pearson_pooled": _numbers(pooled),
        "noise_ceiling": matrix.noise_ceiling.tolist(),
        "n_configurations": matrix.n_configurations.tolist(),
        "choices": {name: values.tolist() for name, values in matrix.choices.items()},
    }


def _numbers(estimates: Estimate | list[Estimate]) -> dict[str, Any]:
    """Values, errors and the lower ends of the 95 % intervals."""
    joined = estimates if isinstance(estimates, list) else [estimates]
    columns: list[NDArray[np.float64]] = [
        np.array([np.asarray(part) for part in parts])
        for parts in zip(*((e.value, e.standard_error, *e.interval()) for e in joined), strict=True)
    ]
    if not isinstance(estimates, list):
        columns = [column[0] for column in columns]
    names = ("value", "standard_error", "lower", "upper")
    return {name: column.tolist() for name, column in zip(names, columns, strict=True)}
