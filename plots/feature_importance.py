"""Which features a model relies on, and at which distances."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import ArrayLike, NDArray

# Okabe and Ito: told apart with every common kind of colour blindness.
_COLORS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000")
_MARKERS = ("o", "s", "^", "D", "v", "P", "X")
_NAME = re.compile(r"(?:.*__)?(?P<family>[^\s\[]+)(?P<species>\[[^\]]*\])?(?P<rest>.*)")
_MOST_BARS = 14
_HATCH = "////"


def feature_importance(
    names: Sequence[str],
    importances: ArrayLike,
    axes: Sequence[Axes],
    inflation: ArrayLike | None = None,
    most_inflation: float = 10.0,
) -> Sequence[Axes]:
    """Draw the importance of features, summed by group, and how it depends on distance.

    Groups are read from the names that descriptors give: ``radial[A] r=1.05 L=2 generation=1`` is
    of the family ``radial``, concerns species A and is of the first generation; its distance is r.
    A feature without r takes L for its distance, or xi.

    Parameters
    ----------
    names : sequence of str, length n_features
        From ``get_feature_names_out``.
    importances : array_like, shape (n_features,)
        Coefficients on z-scored columns, permutation importances and the like; absolute values
        count.
    axes : two Axes
        Drawn upon. The first gets a bar for each group, the 14 largest, as shares of the whole; the
        second a curve for each family, the share at each of its distances; it is hidden if no
        feature has a distance. Colours stand for families in both.
    inflation : array_like, shape (n_features,), optional
        Variance inflation of the columns, from ``vitreous.models.variance_inflation``. Bars with a
        column above `most_inflation` are hatched, and a line below them says how many columns are
        and that such bars cannot be read one by one: what they share may stand in any of them.
        NaN, of columns that do not vary, is below every limit.
    most_inflation : float
        The limit.

    Returns
    -------
    the two Axes

    Raises
    ------
    ValueError
        If there is not one finite importance per name, or all are zero, or not one inflation per
        name.

    Examples
    --------
    >>> from vitreous.plots import feature_importance, figure
    >>> names = ["radial[A] r=1.0", "radial[A] r=2.0", "energy"]
    >>> _, axes = figure(7.0, 2.5, ncols=2)
    >>> bars, curves = feature_importance(names, [0.6, -0.3, 0.1], axes[0])
    >>> [label.get_text() for label in bars.get_yticklabels()]
    ['radial[A]', 'energy']
    >>> curves.lines[0].get_ydata().round(6)
    array([0.6, 0.3])
    """
    shares = abs(np.asarray(importances, dtype=np.float64))
    if shares.shape != (len(names),):
        raise ValueError(f"{len(names)} names, importances of {shares.shape}")
    if not (np.isfinite(shares).all() and shares.sum() > 0):
        raise ValueError("importances must be finite, and at least one of them not zero")
    shares = shares / shares.sum()
    inflated = np.zeros(len(names), dtype=bool)
    if inflation is not None:
        known = np.asarray(inflation, dtype=np.float64)
        if known.shape != shares.shape:
            raise ValueError(f"{len(names)} names, inflation of {known.shape}")
        inflated = known > most_inflation
    parts = [_parts(name) for name in names]
    families = np.array([family for family, _, _ in parts])
    groups = np.array([group for _, group, _ in parts])
    distances = np.array([distance for _, _, distance in parts])
    by_share = sorted(set(families), key=lambda family: -shares[families == family].sum())
    colors = {family: _COLORS[n % len(_COLORS)] for n, family in enumerate(by_share)}
    _draw_groups(groups, families, shares, colors, inflated, axes[0])
    if inflated.any():
        columns = f"{inflated.sum()} of {len(names)} columns"
        axes[0].set_xlabel(
            "share of importance\nhatched bars cannot be read one by one:\n"
            f"variance inflation above {most_inflation:g} in {columns}"
        )
    _draw_distances(distances, families, shares, by_share, colors, axes[1])
    return axes


def _parts(name: str) -> tuple[str, str, float]:
    """Split a name into family, group and distance."""
    match = _NAME.fullmatch(name)
    if match is None:
        return name, name, np.nan
    values = dict(word.split("=", 1) for word in match["rest"].split() if "=" in word)
    states = [word for word in match["rest"].split() if "=" not in word]
    group = " ".join([match["family"] + (match["species"] or ""), *states])
    if "generation" in values:
        group += f", generation {values['generation']}"
    # What stands before "L" in the name of an averaged feature is its own distance.
    distance = next((values[key] for key in ("r", "L", "xi") if key in values), "nan")
    return match["family"], group, float(distance)


def _draw_groups(
    groups: NDArray[np.str_],
    families: NDArray[np.str_],
    shares: NDArray[np.float64],
    colors: dict[str, str],
    inflated: NDArray[np.bool_],
    ax: Axes,
) -> None:
    totals = {group: shares[groups == group].sum() for group in dict.fromkeys(groups)}
    largest = sorted(totals, key=lambda group: -totals[group])[:_MOST_BARS]
    marked = set(groups[inflated])
    bars = [
        (group, totals[group], colors[families[groups == group][0]], group in marked)
        for group in largest
    ]
    if len(totals) > len(largest):
        rest = 1 - sum(totals[group] for group in largest)
        others = not marked.issubset(largest)
        bars.append((f"{len(totals) - len(largest)} others", rest, "0.7", others))
    labels, lengths, shades, hatched = zip(*bars, strict=True)
    hatches = [_HATCH if mark else "" for mark in hatched]
    ax.barh(
        range(len(bars)),
        lengths,
        color=shades,
        height=0.75,
        hatch=hatches,
        edgecolor="white",
        linewidth=0,
    )
    ax.set_yticks(range(len(bars)), labels)
    ax.invert_yaxis()
    ax.spines[["top", "right"]].set_visible(False)
    ax.set(xlabel="share of importance")


def _draw_distances(
    distances: NDArray[np.float64],
    families: NDArray[np.str_],
    shares: NDArray[np.float64],
    by_share: list[str],
    colors: dict[str, str],
    ax: Axes,
) -> None:
    known = np.isfinite(distances)
    ax.set_visible(bool(known.any()))
    if not known.any():
        return
    for number, family in enumerate(by_share):
        own = known & (families == family)
        if own.any():
            values, places = np.unique(distances[own], return_inverse=True)
            ax.plot(
                values,
                np.bincount(places, shares[own]),
                marker=_MARKERS[number % len(_MARKERS)],
                markersize=2.5,
                color=colors[family],
                label=family,
            )
    ax.legend()
    ax.spines[["top", "right"]].set_visible(False)
    ax.set(xlabel=r"distance $r$ or length $L$ ($\sigma_{AA}$)", ylabel="share of importance")
    ax.set_ylim(bottom=0)
