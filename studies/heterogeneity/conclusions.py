"""What the numbers of a study of dynamic heterogeneity mean: an answer to each question."""

from __future__ import annotations

from typing import Any

import numpy as np

from ...storage.digits import two_digits, with_error
from .report import QUANTITIES, REGRESSOR_NAMES, route_name
from .settings import HeterogeneitySettings

_WORDS = {
    "strength": "strength χ4",
    "relative_strength": "χ4 by the variance of a particle",
    "length": "length ξ4",
    "decay_length": "distance at which G4 is 1/e",
    "chord_length": "mean chord",
    "fractal_dimension": "fractal dimension of mobile clusters",
}


def words(summary: dict[str, Any]) -> dict[str, Any]:
    """Say what the numbers mean, as the page asks for it."""
    from ...plots.heterogeneity import LAW_NAMES

    below = _below(summary, LAW_NAMES)
    return {
        "growth": {
            "answer": _answer(summary["growth"]),
            "table": [_row(name, entry) for name, entry in summary["growth"].items()],
            "large": [
                _row(name, entry) | {"small": _row(name, summary["growth"][name])["below"]}
                for name, entry in ((summary["large_box"] or {}).get("growth", {})).items()
            ],
            "below": below,
            "sources": list(dict.fromkeys(source for row in below for source in row["errors"])),
            "together": " and ".join(route_name(route) for route in summary["combined_routes"]),
        },
        "missing": _missing(summary),
        "checked": [_checked(summary, name) for name in summary["predicted"]],
        "lengths": _lengths(summary["simulated"]),
        "transition": _transition(summary["laws"], LAW_NAMES),
        "doubts": {s["temperature"]: s["doubts"] for s in summary["states"] if s["doubts"]},
        "regressor_names": REGRESSOR_NAMES,
        "law_names": LAW_NAMES,
    }


def exchanges(settings: HeterogeneitySettings) -> list[str]:
    """Say what share of the moves are exchanges, and how they are drawn."""
    moves = [settings.moves(t) for t in settings.liquid.temperatures]
    drawn = {"even": "", "by cost": ", drawn by cost"}
    sentences = [f"{m.swap_fraction:.0%} of the moves exchanges{drawn[m.draw]}" for m in moves]
    return list(dict.fromkeys(sentences))


def _answer(growth: dict[str, Any]) -> str:
    """Say which of the simulated quantities grow as the liquid slows down, beyond their errors."""
    known = {
        name: slopes["simulated"]
        for name, slopes in growth.items()
        if np.isfinite(slopes["simulated"]["slope"])
    }
    if not known:
        return "Whether it grows where the liquid is simulated is not known."
    grows = [
        _WORDS[name]
        for name, found in known.items()
        if found["slope"] > 2 * found["standard_error"]
    ]
    if not grows:
        return "No growth is seen beyond the errors where the liquid is simulated."
    return (
        f"Where the liquid is simulated, {len(grows)} of {len(known)} measures grow with the "
        f"relaxation time beyond their errors: {', '.join(grows)}."
    )


def _missing(summary: dict[str, Any]) -> list[str]:
    """Name the points that the figure of heterogeneity lacks."""
    groups = {"simulated": summary["simulated"]} | {
        REGRESSOR_NAMES[name]: rows for name, rows in summary["predicted"].items()
    }
    return [
        f"{_WORDS[quantity]}, {group}, T = {row['temperature']:g}"
        for group, rows in groups.items()
        for row in rows
        for quantity in QUANTITIES
        if not np.isfinite([row[quantity], row[f"{quantity}_standard_error"]]).all()
    ]


def _checked(summary: dict[str, Any], regressor: str) -> str:
    """Say how well a model does at temperatures that it was not trained at."""
    rows = [row for row in summary["predicted"][regressor] if "pearson_pooled" in row]
    ceilings = {state["temperature"]: state["noise_ceiling"] for state in summary["states"]}
    pearson = np.array([row["pearson_pooled"]["value"] for row in rows])
    share = pearson / np.array([ceilings[row["temperature"]] for row in rows], dtype=float)
    ratio = [row["variance_ratio"]["value"] for row in rows]
    sentence = (
        f"By {REGRESSOR_NAMES[regressor]}, at temperatures that it was not trained at, to "
        f"correlations of {_span(pearson)}, {min(share):.0%} to {max(share):.0%} of the noise "
        f"ceiling. The variance of its predictions is {_span(ratio)} of that of the labels, where "
        f"the square of the correlation, {_span(pearson**2)}, is right."
    )
    if summary["extrapolated"][regressor]:
        coldest = summary["extrapolated"][regressor][-1]
        found = coldest["pearson_pooled"]
        sentence += (
            f" The hardest test is the coldest simulated temperature, T = "
            f"{coldest['temperature']:g}, by a model of hotter ones: "
            f"{with_error(found['value'], found['standard_error'])} under a ceiling of "
            f"{ceilings[coldest['temperature']]:.2f}."
        )
    return sentence


def _lengths(simulated: list[dict[str, Any]]) -> str:
    """Say between what values the fitted length of the simulated fields goes."""
    known = [row for row in simulated if np.isfinite(row["length"])]
    if not known:
        return (
            "The structure factor of the simulated fields shows no bend: no length can be fitted."
        )

    def between(rows: list[dict[str, Any]], name: str) -> str:
        first, last = (
            f"{with_error(row[name], row[f'{name}_standard_error'])} at T = {row['temperature']:g}"
            for row in (rows[0], rows[-1])
        )
        return f"from {first} to {last}"

    return (
        "The length fitted to the simulated structure factor goes "
        f"{between(known, 'length')}, the mean chord {between(simulated, 'chord_length')}."
    )


def _transition(laws: dict[str, Any], names: dict[str, str]) -> str:
    """Say where the laws put the glass transition."""
    reached = {
        names[name]: law["glass_transition"]["temperature"]
        for name, law in laws.items()
        if law["glass_transition"]
    }
    if not reached:
        return "None of the fitted laws reaches it."
    each = ", ".join(f"{two_digits(t)} ({name})" for name, t in reached.items())
    survivors = ", ".join(names[name] for name, law in laws.items() if law["survives"])
    return (
        f"By the laws fitted to the known relaxation times, T_g is {each}. Not excluded by them: "
        f"{survivors}."
    )


def _row(name: str, entry: dict[str, Any]) -> dict[str, Any]:
    """Growth of one quantity above and below, and how significantly it slows down."""
    found = entry["routes"]["together"]
    return {
        "name": _WORDS[name],
        "simulated": _percent(entry["simulated"]),
        "above": _percent(found["above"]),
        "below": {law: _percent(growth) for law, growth in found["below"].items()},
        "slower": {
            law: {than: _sigmas(number) for than, number in by.items()}
            for law, by in entry["slower"].items()
        },
    }


def _below(summary: dict[str, Any], names: dict[str, str]) -> list[dict[str, Any]]:
    """Growth of each quantity below by each law and route, and its errors by source."""
    return [
        {
            "name": _WORDS[name],
            "law": names[law],
            "routes": {route: _percent(found["below"][law]) for route, found in _routes(entry)},
            "errors": {
                source: _hundredths(error)
                for source, error in entry["routes"]["together"]["below"][law]["errors"].items()
            },
        }
        for name, entry in summary["growth"].items()
        for law in entry["slower"]
    ]


def _routes(entry: dict[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    return [
        (route_name(route), found)
        for route, found in entry["routes"].items()
        if route != "together"
    ]


def _sigmas(number: float) -> str:
    return f"{number:+.1f}" if np.isfinite(number) else "not known"


def _hundredths(error: float) -> str:
    return f"{100 * error:.1f}" if np.isfinite(error) else "not known"


def _percent(slope: dict[str, float]) -> str:
    if not np.isfinite(slope["slope"] + slope["standard_error"]):
        return "not known"
    return f"{100 * slope['slope']:+.0f} ± {100 * slope['standard_error']:.0f} %"


def _span(values: Any) -> str:
    low, high = two_digits(min(values)), two_digits(max(values))
    return low if low == high else f"{low} to {high}"
