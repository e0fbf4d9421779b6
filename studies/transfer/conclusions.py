"""What the numbers of a study of transfer mean: a sentence or two for each question."""

from __future__ import annotations

from typing import Any

import numpy as np

from ...storage.digits import two_digits, with_error
from .report import LABEL_NAMES, has_trees

# A prediction counts as fitting in amplitude if its variance is right within this factor.
_TOLERANCE = 1.25


def words(summary: dict[str, Any]) -> dict[str, Any]:
    """Say what the numbers mean, as the page asks for it."""
    levels = summary["transfer"]["levels"]
    table = levels[-1]["ridge"]
    return {
        "reading": {
            "seen": _seen(levels[-1]),
            "earlier": [_earlier(level) for level in levels[:-1]],
            "together": _together(levels),
            "transfer": _transfer(table),
            "coldest": _coldest(table),
            "amplitude": _amplitude(table),
            "trees": _trees(summary["transfer"]),
            "times": [_times(name, found) for name, found in summary["against_time"].items()],
            "missing": _missing(summary["against_time"]),
            "equilibrium": _equilibrium(summary["states"]),
            "limits": _limits(table),
            "penalties": _penalties(table),
        },
        "label_name": LABEL_NAMES[summary["transfer"]["label"]],
        "label_names": LABEL_NAMES,
        "has_trees": has_trees(summary["transfer"]["boosted"]["choices"]),
    }


def _seen(level: dict[str, Any]) -> str:
    table, together = level["ridge"], level["together"]
    share = np.array(together["value"]) / np.array(table["noise_ceiling"])
    if np.isnan(share).any():
        verdict, reached = "Part of it", ", with a noise ceiling that is not known at each of them"
    else:
        verdict = "Most of it" if share.min() >= 0.75 else "Part of it"
        verdict = verdict if share.min() >= 0.25 else "Little of it"
        reached = f": {_each_percent(share)} of what the noise of the labels allows"
    return (
        f"{verdict}: one ridge regression, trained at all temperatures on other configurations, "
        f"reaches a correlation of {_each(table, together)} at τ_B{reached}."
    )


def _earlier(level: dict[str, Any]) -> str:
    """Say what the same model reaches at an earlier time."""
    table, together = level["ridge"], level["together"]
    share = np.array(together["value"]) / np.array(table["noise_ceiling"])
    reached = "" if np.isnan(share).any() else f", {_percents(share)} of the noise ceiling"
    return (
        f"Earlier, at t = {level['relative_time']:g} τ_B, when "
        f"{1 - np.mean(level['bond_breaking']):.1%} of the bonds are broken, it reaches "
        f"{_each(table, together)}{reached}."
    )


def _each(table: dict[str, Any], found: dict[str, Any]) -> str:
    return _listed(
        f"{with_error(value, error)} at T = {t:g}"
        for t, value, error in zip(
            table["temperatures"], found["value"], found["standard_error"], strict=True
        )
    )


def _each_percent(share: Any) -> str:
    return _listed(f"{part:.0%}" for part in share)


def _together(levels: list[dict[str, Any]]) -> str:
    """Compare the model of all temperatures with those of one each."""
    gain = levels[-1]["together"]["gain"]
    lower, upper = np.array(gain["lower"]), np.array(gain["upper"])
    lost = upper < 0
    verdict = "No" if lost.all() else "Not everywhere" if lost.any() else "Yes"
    temperatures = levels[-1]["ridge"]["temperatures"]
    certain = [f"T = {t:g}" for t, low in zip(temperatures, lower, strict=True) if low > 0]
    more = f"more than chance explains at {_listed(certain)}" if certain else "all within chance"
    changes = _each(levels[-1]["ridge"], gain)
    return (
        f"{verdict}: against a model of the temperature itself, the one of all temperatures "
        f"changes the correlation at τ_B by {changes}; {more} (95 % intervals)."
    )


def _transfer(table: dict[str, Any]) -> list[str]:
    """Say whether models carry over, and where they do not."""
    temperatures, loss = table["temperatures"], np.array(table["loss"]["value"])
    error, lower = (np.array(table["loss"][name]) for name in ("standard_error", "lower"))
    away = ~np.eye(len(loss), dtype=bool)

    def case(row: int, column: int) -> str:
        return (
            f"{with_error(loss[row, column], error[row, column])}, trained at "
            f"T = {temperatures[row]:g} and tested at T = {temperatures[column]:g}"
        )

    row, column = map(int, np.unravel_index(np.argmax(np.where(away, loss, -np.inf)), loss.shape))
    lost = [tuple(place) for place in np.argwhere(away & (lower > 0))]
    if not loss[row, column] > 0:
        return ["Yes: no loss is seen on the way to another temperature."]
    largest = f"the largest loss on the way to another temperature is {case(row, column)}"
    if not lost:
        return [f"Yes, as far as this sample can tell: {largest}, and could be chance."]
    verdict = "No" if len(lost) == away.sum() else "Not everywhere"
    found = [
        f"{verdict}: {largest}. {len(lost)} of {away.sum()} ways between temperatures lose more "
        "than chance explains (95 % intervals)."
    ]
    others = sorted(set(lost) - {(row, column)}, key=lambda place: -loss[place])
    if others:
        which = "The other losses" if (row, column) in lost else "Such losses"
        found.append(f"{which}: {'; '.join(case(*place) for place in others)}.")
    return found


def _coldest(table: dict[str, Any]) -> str:
    """Say what is lost at the coldest temperature by models of hotter ones."""
    temperatures = table["temperatures"]
    column = int(np.argmin(temperatures))
    pearson, errors = np.array(table["pearson"]), np.array(table["standard_error"])
    loss = table["loss"]
    away = _listed(
        f"{two_digits(pearson[row, column])} trained at T = {temperatures[row]:g}, "
        f"a {'loss' if loss['value'][row][column] > 0 else 'gain'} of "
        f"{with_error(abs(loss['value'][row][column]), loss['standard_error'][row][column])}"
        for row in range(len(temperatures))
        if row != column
    )
    return (
        f"At the coldest temperature, T = {temperatures[column]:g}, a model trained there reaches "
        f"{with_error(pearson[column, column], errors[column, column])}; {away}."
    )


def _amplitude(table: dict[str, Any]) -> list[str]:
    """Compare the variance of predictions with the square of their correlation."""
    ratio, pooled = (np.array(table[n]["value"]) for n in ("variance_ratio", "pearson_pooled"))
    errors = np.array(table["variance_ratio"]["standard_error"])
    temperatures = table["temperatures"]
    right = pooled**2
    excess = ratio / right
    home = np.diagonal(excess)
    fits = (home > 1 / _TOLERANCE) & (home < _TOLERANCE)
    verdict = "Yes" if fits.all() else "Not everywhere" if fits.any() else "No"
    each = _listed(
        f"{with_error(ratio[k, k], errors[k, k])} at T = {t:g}, where {two_digits(right[k, k])} is "
        "right"
        for k, t in enumerate(temperatures)
    )
    sentences = [
        f"{verdict}, where models are tested at the temperature that they were trained at: the "
        f"variance of the predictions over that of the labels is {each}. Right is the square of "
        "the pooled correlation, as for a prediction that is the average of what is to come."
    ]
    away = np.where(np.eye(len(excess), dtype=bool), np.nan, np.abs(np.log(excess)))
    if np.isfinite(away).any():
        row, column = np.unravel_index(np.nanargmax(away), away.shape)
        sentences.append(
            "Elsewhere it is farthest from right "
            f"trained at T = {temperatures[row]:g} and tested at T = {temperatures[column]:g}: "
            f"{with_error(ratio[row, column], errors[row, column])}, where "
            f"{two_digits(right[row, column])} is right."
        )
    return sentences


def _trees(transfer: dict[str, Any]) -> list[str]:
    boosted, gain = transfer["boosted"], transfer["gain_of_trees"]
    trees = np.array(boosted["choices"]["n_trees_"])
    if not trees.any():
        return [
            f"No: none of the {trees.size} models predicts left-out configurations better with "
            "trees than without, so that boosted trees are the ridge regression and have no matrix "
            "of their own."
        ]
    better = np.array(gain["lower"]) > 0
    verdict = "Yes" if better.all() else "Not everywhere" if better.any() else "No"
    changes = _listed(
        f"{with_error(value, error)} at T = {t:g}"
        for t, value, error in zip(
            boosted["temperatures"], gain["value"], gain["standard_error"], strict=True
        )
    )
    chosen = "; ".join(
        f"{_span(np.sort(row))} at T = {t:g}"
        for t, row in zip(boosted["temperatures"], trees, strict=True)
    )
    return [
        f"{verdict}: within one temperature, boosted trees change the correlation by {changes}.",
        f"Numbers of trees that predict left-out configurations best: {chosen}.",
    ]


def _times(label: str, table: dict[str, Any]) -> str:
    """Say at which times predictions are closest to the ceiling, and farthest from it."""
    share = (np.array(table["pearson"]) / np.array(table["noise_ceiling"])).mean(axis=0)
    times = table["relative_times"]
    name = LABEL_NAMES[label].capitalize()
    if not np.isfinite(share).any():
        return f"{name}: the noise ceiling is not known."
    near, far = int(np.nanargmax(share)), int(np.nanargmin(share))
    end = times.index(1.0)
    at_end = "" if end in (near, far) else f"; {share[end]:.0%} at τ_B"
    return (
        f"{name}: closest to the noise ceiling at t = {times[near]:g} τ_B, {share[near]:.0%} of it "
        f"on average over temperatures; farthest at t = {times[far]:g} τ_B, {share[far]:.0%}"
        f"{at_end}."
    )


def _missing(against_time: dict[str, Any]) -> list[str]:
    """Name the points that a figure against time lacks."""
    return [
        f"{LABEL_NAMES[label]} at T = {t:g}, t = {time:g} τ_B"
        for label, table in against_time.items()
        for t, row in zip(table["temperatures"], table["pearson"], strict=True)
        for time, value in zip(table["relative_times"], row, strict=True)
        if value != value
    ]


def _equilibrium(states: list[dict[str, Any]]) -> str:
    doubtful = [state for state in states if not state["in_equilibrium"]]
    if not doubtful:
        return f"Yes, by the test at each of the {len(states)} temperatures."
    reasons = ". ".join(f"T = {s['temperature']:g}: {'; '.join(s['doubts'])}" for s in doubtful)
    return f"Not by the test at {len(doubtful)} of {len(states)} temperatures. {reasons}."


def _limits(table: dict[str, Any]) -> list[str]:
    """Say what the size of the sample allows to conclude."""
    error = float(np.mean(table["standard_error"]))
    paired = np.array(table["loss"]["standard_error"])
    paired_error = float(np.mean(paired[~np.eye(len(paired), dtype=bool)]))
    return [
        f"Each entry of the transfer matrix averages over {min(table['n_configurations'])} "
        f"configurations, with a standard error of {two_digits(error)} on average. Entries of one "
        "column are averages over the same configurations: their differences have a standard "
        f"error of {two_digits(paired_error)} on average. Entries of different columns differ by "
        f"chance by up to about {two_digits(2 * np.sqrt(2) * error)}.",
        "The errors are the scatter over test configurations. Training on other configurations "
        "would move a whole row; with so few of them this is not measured.",
        "All scores are averages of the correlation within each configuration; how well a model "
        "ranks whole configurations against each other would take many more of them.",
    ]


def _penalties(table: dict[str, Any]) -> str:
    """Name the penalties that the ridges chose at the bond-breaking time."""
    return "; ".join(
        f"{_span(np.sort(row))} at T = {t:g}"
        for t, row in zip(table["temperatures"], table["choices"]["alpha_"], strict=True)
    )


def _span(ordered: Any) -> str:
    low, high = two_digits(ordered[0]), two_digits(ordered[-1])
    return low if low == high else f"{low} to {high}"


def _percents(values: Any) -> str:
    low, high = f"{min(values):.0%}", f"{max(values):.0%}"
    return low if low == high else f"{low} to {high}"


def _listed(parts: Any) -> str:
    *first, last = parts
    return f"{', '.join(first)} and {last}" if first else last
