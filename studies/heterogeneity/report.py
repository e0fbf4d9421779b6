"""Numbers and words of the report of a study of dynamic heterogeneity."""

from __future__ import annotations

from typing import Any

import numpy as np

from ...dynamics import Estimate, RelaxationLaw
from .laws import surviving_laws
from .results import HeterogeneityResults, LargeBoxResults, Predicted
from .routes import Calibrated, measured
from .settings import HeterogeneitySettings
from .sources import Growth, Sourced, growth, together

QUANTITIES = {
    "strength": r"strength $\chi_4$",
    "relative_strength": r"$\chi_4$ / variance",
    "length": r"length $\xi_4$ ($\sigma_{AA}$)",
    "decay_length": r"$G_4 = 1/e$ at $r$ ($\sigma_{AA}$)",
    "chord_length": r"mean chord ($\sigma_{AA}$)",
    "fractal_dimension": "fractal dimension",
}

REGRESSOR_NAMES = {"ridge": "ridge regression", "mlp": "GlassMLP"}

CORRECTED = ", corrected"

Routes = dict[str, dict[float, dict[str, Sourced]]]
"""Quantities by route, temperature and name."""


def routes_of(results: HeterogeneityResults) -> list[str]:
    """Routes to the heterogeneity of the liquid: predictions, and the same corrected."""
    return [*results.predicted, *(name + CORRECTED for name in results.predicted)]


def route_name(route: str) -> str:
    """Name a route in words."""
    regressor = route.removesuffix(CORRECTED)
    return REGRESSOR_NAMES[regressor] + route.removeprefix(regressor)


def combined_routes(results: HeterogeneityResults) -> list[str]:
    """Routes that are taken together: networks as they are, and the first model, corrected."""
    first = next(iter(results.predicted)) + CORRECTED
    return ["mlp", first] if "mlp" in results.predicted else [first]


def sourced(results: HeterogeneityResults) -> Routes:
    """Every quantity at every temperature, by simulation and by each route."""
    simulated = {"simulated": {t: measured(found) for t, found in results.simulated.items()}}
    return simulated | _sourced(results.predicted, results.calibrated)


def sourced_of_large(large: LargeBoxResults) -> Routes:
    """Every quantity of the larger box at every temperature, by each route."""
    return _sourced(large.predicted, large.calibrated)


def _sourced(
    predicted: dict[str, dict[float, Predicted]], calibrated: dict[str, dict[float, Calibrated]]
) -> Routes:
    return {
        **{
            name: {t: measured(p.heterogeneity, p.without_networks) for t, p in found.items()}
            for name, found in predicted.items()
        },
        **{
            name + CORRECTED: {t: c.quantities for t, c in found.items()}
            for name, found in calibrated.items()
        },
    }


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


def growth_table(
    results: HeterogeneityResults, settings: HeterogeneitySettings, by_route: Routes
) -> dict[str, dict[str, Any]]:
    """Growth of each quantity per decade of relaxation time.

    Parameters
    ----------
    results : HeterogeneityResults
    settings : HeterogeneitySettings
    by_route : dict
        As `sourced` has it.

    Returns
    -------
    dict
        For each of `QUANTITIES`: ``simulated``, a `Growth`; ``routes``, for each route and for all
        that are taken ``together``, ``above`` at the simulated temperatures and ``below`` by each
        law that is not excluded, from the coldest of these downwards; and ``slower``, by law, by
        how many standard errors growth below is slower than that simulated above and than that
        predicted above.
    """
    laws = {name: results.laws[name] for name in surviving_laws(results.laws)}
    simulated = settings.simulated_temperatures
    beyond = [simulated[-1], *settings.predicted_temperatures]
    best = next(iter(laws.values()))

    def grown(route: str, name: str, temperatures: list[float], law: RelaxationLaw) -> Growth:
        numbers = {t: by_route[route][t][name] for t in temperatures}
        return growth(numbers, results.data.relaxations, law)

    table = {}
    for name in QUANTITIES:
        above = grown("simulated", name, simulated, best)
        routes: dict[str, dict[str, Any]] = {
            route: {
                "above": grown(route, name, simulated, best),
                "below": {law: grown(route, name, beyond, laws[law]) for law in laws},
            }
            for route in routes_of(results)
        }
        chosen = [routes[route] for route in combined_routes(results)]
        routes["together"] = {
            "above": together([route["above"] for route in chosen]),
            "below": {law: together([route["below"][law] for route in chosen]) for law in laws},
        }
        found = routes["together"]
        table[name] = {
            "simulated": above,
            "routes": routes,
            "slower": {
                law: {
                    "than_simulated": above.faster_than(below),
                    "than_predicted": found["above"].faster_than(below),
                }
                for law, below in found["below"].items()
            },
        }
    return table


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
        ``calibrated_extrapolated``, ``transfer`` and
        ``growth``, that of `growth_table`; ``large_box`` has the like for a larger box, or is None.
    """
    data, times = results.data, relaxation_times(results)
    survivors = surviving_laws(results.laws)
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
        "simulated": [
            {
                "temperature": t,
                **_numbers(measured(h)),
                **_values({"total_strength": h.total_strength} if h.total_strength else {}),
                "relative_structure_factor": h.relative_structure_factor.value.tolist(),
            }
            for t, h in results.simulated.items()
        ],
        "predicted": _table(results.predicted),
        "extrapolated": _table(results.extrapolated),
        "calibrated": _corrections(results.calibrated),
        "calibrated_extrapolated": _corrections(results.calibrated_extrapolated),
        "combined_routes": combined_routes(results),
        "transfer": {
            "temperatures": results.transfer.conditions.tolist(),
            "pearson": results.transfer.pearson.tolist(),
            "standard_error": results.transfer.standard_error.tolist(),
            "noise_ceiling": results.transfer.noise_ceiling.tolist(),
        },
        "growth": _plain(growth_table(results, settings, sourced(results))),
        "large_box": results.large and _large_box(results, results.large, settings),
    }


def _corrections(calibrated: dict[str, dict[float, Calibrated]]) -> dict[str, list[dict[str, Any]]]:
    return {
        regressor: [
            {
                "temperature": t,
                **_numbers(c.quantities),
                **_values({"share": c.share}),
                "relative_structure_factor": c.relative_structure_factor.value.tolist(),
            }
            for t, c in by_temperature.items()
        ]
        for regressor, by_temperature in calibrated.items()
    }


def _large_box(
    results: HeterogeneityResults, large: LargeBoxResults, settings: HeterogeneitySettings
) -> dict[str, Any]:
    routes = {"simulated": sourced(results)["simulated"]} | sourced_of_large(large)
    return {
        "box_length": large.box_length,
        "predicted": _table(large.predicted),
        "calibrated": _corrections(large.calibrated),
        "growth": _plain(growth_table(results, settings, routes)),
    }


def _plain(table: Any) -> Any:
    """Turn what grows into dictionaries of numbers."""
    if isinstance(table, Growth):
        return vars(table) | {"standard_error": table.standard_error}
    if isinstance(table, dict):
        return {name: _plain(entry) for name, entry in table.items()}
    return table


def _numbers(quantities: dict[str, Sourced]) -> dict[str, Any]:
    result: dict[str, Any] = {}
    for name, number in quantities.items():
        result[name] = number.value
        result[f"{name}_standard_error"] = number.standard_error
        result[f"{name}_errors"] = number.errors
    return result


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
                **_numbers(measured(item.heterogeneity, item.without_networks)),
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
