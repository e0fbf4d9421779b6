"""One look for all pictures: fonts, colours that the colour-blind tell apart, column widths."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

# Widths of one and of two columns of a journal page, in inches.
COLUMN_WIDTH = 3.4
PAGE_WIDTH = 7.0

_STYLE: Any = {
    "font.size": 8,
    "axes.titlesize": 8,
    "axes.labelsize": 8,
    "legend.fontsize": 7,
    "xtick.labelsize": 7,
    "ytick.labelsize": 7,
    "axes.linewidth": 0.6,
    "lines.linewidth": 1.2,
    "lines.markersize": 3.5,
    "legend.frameon": False,
    "svg.fonttype": "none",
    "svg.hashsalt": "vitreous",
    "savefig.dpi": 220,
}


def style():
    """Context in which figures are made and saved.

    Examples
    --------
    >>> import matplotlib as mpl
    >>> from vitreous.plots import style
    >>> with style():
    ...     mpl.rcParams["font.size"]
    8.0
    """
    return mpl.rc_context(_STYLE)


def figure(width: float, height: float, **grid: Any) -> tuple[Figure, np.ndarray]:
    """Make a figure with a grid of axes, independent of any display.

    Parameters
    ----------
    width, height : float
        In inches.
    **grid
        Passed on to ``Figure.subplots``.

    Returns
    -------
    Figure, ndarray of Axes, two-dimensional

    Examples
    --------
    >>> from vitreous.plots import PAGE_WIDTH, figure
    >>> made, axes = figure(PAGE_WIDTH, 2.5, ncols=3, sharey=True)
    >>> made.get_size_inches(), axes.shape
    (array([7. , 2.5]), (1, 3))
    """
    made = Figure(figsize=(width, height), layout="constrained")
    return made, made.subplots(squeeze=False, **grid)


def legend_above(ax: Axes, title: str | None = None, longest_row: int = 5) -> None:
    """Put the legend above the axes, in rows below its title if it has one, clear of the data."""
    ax.legend(
        title=title,
        title_fontsize=7,
        loc="lower center",
        bbox_to_anchor=(0.5, 1.0),
        ncols=min(len(ax.get_legend_handles_labels()[0]), longest_row),
        columnspacing=1.2,
    )


def temperature_colors(temperatures: Sequence[float]) -> dict[float, Any]:
    """Colour of each temperature, from dark (cold) to light (hot).

    Examples
    --------
    >>> from vitreous.plots import temperature_colors
    >>> colors = temperature_colors([0.5, 0.3, 0.4])
    >>> sorted(colors, key=lambda temperature: sum(colors[temperature][:3]))
    [0.3, 0.4, 0.5]
    """
    ordered = sorted(set(temperatures))
    shades = np.linspace(0.1, 0.85, len(ordered))
    return {t: mpl.colormaps["cividis"](shade) for t, shade in zip(ordered, shades, strict=True)}
