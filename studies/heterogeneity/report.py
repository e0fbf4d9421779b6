"""Numbers and words of the report of a study of dynamic heterogeneity."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from ...dynamics import DynamicHeterogeneity, Estimate
from .laws import surviving_laws
from .results import HeterogeneityResults, Predicted
from .settings import HeterogeneitySettings

QUANTITIES = {
    "strength": r"strength $\chi_4$",
    "length": r"length $\xi_4$ ($\sigma_{AA}$)",
    "decay_length": r"$G_4 = 1/e$ at $r$ ($\sigma_{AA}$)",
    "chord_length": r"mean chord length ($\sigma_{AA}$)",
}

REGRESSOR_NAMES = {"ridge": "ridge regression", "mlp": "GlassMLP"}


def quantity(measured: DynamicHeterogeneity, name: str) -> Estimate:
    """One of `QUANTITIES` of a measured heterogeneity."""
    return measured.fit.length if name == "length" else getattr(measured, name)


def relaxation_times(
    results: HeterogeneityResults, law_name: str | None = None
) -> dict[float, float]:
    """Relaxation time at every temperature: measured, or by the most probable law or another."""
    data = results.data
    law = results.laws[law_name or surviving_laws(results.laws)[0]]
    return {
        t: float(data.relaxations[t].bond_breaking_time if t in data.relaxations else law(t))
        for t in data.runs
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


def summarize(results: HeterogeneityResults, settings: HeterogeneitySettings) -> dict[str, Any]:
    """Collect the numbers of a study in plain lists and dictionaries, ready for JSON.

    Parameters
    ----------
    results : HeterogeneityResults
    settings : HeterogeneitySettings

    Returns
    -------
    dict
        ``states``, ``laws``, ``simulated``, ``predicted``, ``extrapolated``, ``calibrated``,
        ``transfer`` and
        ``growth``: how much each quantity grows per decade of relaxation time, as simulated, as
        predicted at the simulated temperatures, and from the coldest of these downwards, there by
        every law of relaxation that survives.
    """
    data, times = results.data, relaxation_times(results)
    survivors = surviving_laws(results.laws)
    simulated = settings.simulated_temperatures
    beyond = [simulated[-1], *settings.predicted_temperatures]

    def growth(
        measured: dict[float, DynamicHeterogeneity],
        temperatures: list[float],
        name: str,
        law: str | None = None,
    ) -> dict[str, float]:
        places = relaxation_times(results, law)
        slope, error = growth_per_decade(
            [places[t] for t in temperatures], [quantity(measured[t], name) for t in temperatures]
        )
        return {"slope": slope, "standard_error": error}

    predictions = {
        regressor: {t: p.heterogeneity for t, p in predicted.items()}
        for regressor, predicted in results.predicted.items()
    }

    return {
        "box_length": float(min(next(iter(data.inherent_structures.values()))[0].box.lengths)),
        "states": [
            {
                "temperature": t,
                **vars(data.equilibrium[t]),
                "in_equilibrium": data.equilibrium[t].passed,
                "doubts": list(data.equilibrium[t].reasons),
                "relaxation_time": times[t],
                "relaxation_time_standard_error": (
                    data.relaxations[t].bond_breaking_time_standard_error
                    if t in data.relaxations
                    else None
                ),
                "noise_ceiling": results.noise_ceilings.get(t),
                "memory": float(results.memory[t].value) if t in results.memory else None,
                "memory_standard_error": (
                    float(results.memory[t].standard_error) if t in results.memory else None
                ),
            }
            for t in data.runs
        ],
        "laws": {
            name: {
                "parameters": law.parameters,
                "chi_squared": law.chi_squared,
                "degrees_of_freedom": law.degrees_of_freedom,
                "p_value": law.p_value,
                "at_bound": list(law.at_bound),
                "survives": name in survivors,
                "glass_transition": (
                    vars(results.transitions[name]) if name in results.transitions else None
                ),
            }
            for name, law in results.laws.items()
        },
        "simulated": [{"temperature": t, **_numbers(h)} for t, h in results.simulated.items()],
        "predicted": _table(results.predicted),
        "extrapolated": _table(results.extrapolated),
        "calibrated": {
            regressor: [
                {
                    "temperature": t,
                    **_values({"strength": c.strength, "length": c.length, "share": c.share}),
                }
                for t, c in by_temperature.items()
            ]
            for regressor, by_temperature in results.calibrated.items()
        },
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
                        "below_by_law": {
                            law: growth(measured, beyond, name, law) for law in survivors
                        },
                    }
                    for regressor, measured in predictions.items()
                },
            }
            for name in QUANTITIES
        },
    }


def _numbers(measured: DynamicHeterogeneity) -> dict[str, Any]:
    estimates = {name: quantity(measured, name) for name in QUANTITIES}
    estimates["relative_strength"] = measured.relative_strength
    if measured.total_strength is not None:
        estimates["total_strength"] = measured.total_strength
    return _values(estimates)


def _values(estimates: dict[str, Estimate]) -> dict[str, Any]:
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
