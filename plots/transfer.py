"""Transfer matrices and scores against time."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.image import AxesImage
from numpy.typing import ArrayLike

from ..models import TransferMatrix
from .style import legend_above, temperature_colors


def transfer_heatmap(matrix: TransferMatrix, ax: Axes) -> AxesImage:
    """Draw a transfer matrix with its errors, and the noise ceiling as a row of its own.

    Parameters
    ----------
    matrix : TransferMatrix
        Of a single label.
    ax : Axes
        Drawn upon.

    Returns
    -------
    AxesImage
        What ``Figure.colorbar`` takes.

    Examples
    --------
    >>> import numpy as np
    >>> from vitreous.dynamics import Estimate
    >>> from vitreous.models import TransferMatrix
    >>> from vitreous.plots import figure, transfer_heatmap
    >>> scores = Estimate(np.array([[0.7, 0.5], [0.4, 0.8]]), np.full((2, 2), 0.02), np.array(4))
    >>> matrix = TransferMatrix(np.array([0.5, 0.4]), {"pearson_mean": scores},
    ...                         np.array([0.9, 0.9]), [], np.array([4, 4]))
    >>> _, axes = figure(3.4, 2.6)
    >>> transfer_heatmap(matrix, axes[0, 0]).get_array().data.tolist()
    [[0.7, 0.5], [0.4, 0.8], [0.9, 0.9]]
    """
    names = [f"{condition:g}" for condition in matrix.conditions]
    rows = np.vstack([matrix.pearson, matrix.noise_ceiling])
    image = ax.imshow(rows, cmap="cividis", vmin=0, vmax=1, aspect="auto")
    for row, column in np.ndindex(rows.shape):
        text = f"{rows[row, column]:.2f}"
        if row < len(names):
            text += f"\n± {matrix.standard_error[row, column]:.2f}"
        shade = "black" if rows[row, column] > 0.5 else "white"
        ax.text(column, row, text, ha="center", va="center", color=shade, fontsize=7)
    ax.axhline(len(names) - 0.5, color="white", lw=2)
    ax.set_xticks(range(len(names)), names)
    ax.set_yticks(range(len(rows)), [*names, "noise\nceiling"])
    ax.set(xlabel="tested at $T$", ylabel="trained at $T$")
    return image


def scores_against_time(times: ArrayLike, matrix: TransferMatrix, ax: Axes, *, ylabel: str) -> Axes:
    """Cross-validated correlation at each temperature against time, below the noise ceiling.

    Parameters
    ----------
    times : array_like, shape (n_labels,)
        Times of the labels in units of the bond-breaking time.
    matrix : TransferMatrix
        Of one label at each of the times; only its diagonal is drawn.
    ax : Axes
        Drawn upon.
    ylabel : str

    Returns
    -------
    Axes

    Examples
    --------
    >>> import numpy as np
    >>> from vitreous.dynamics import Estimate
    >>> from vitreous.models import TransferMatrix
    >>> from vitreous.plots import figure, scores_against_time
    >>> scores = Estimate(np.array([[[0.7, 0.5]]]), np.full((1, 1, 2), 0.02), np.array(4))
    >>> matrix = TransferMatrix(np.array([0.4]), {"pearson_mean": scores},
    ...                         np.array([[0.9, 0.8]]), [], np.array([4]))
    >>> _, axes = figure(3.4, 2.6)
    >>> ax = scores_against_time([0.1, 1.0], matrix, axes[0, 0], ylabel="correlation")
    >>> [line.get_ydata().tolist() for line in ax.lines if line.get_linestyle() in ("-", "--")]
    [[0.7, 0.5], [0.9, 0.8]]
    """
    colors = temperature_colors(list(matrix.conditions))
    for number, condition in enumerate(matrix.conditions):
        color = colors[condition]
        ax.errorbar(
            times,
            matrix.pearson[number, number],
            matrix.standard_error[number, number],
            fmt="o-",
            capsize=1.5,
            color=color,
            label=f"$T={condition:g}$",
        )
        ax.plot(times, matrix.noise_ceiling[number], "--", lw=0.8, color=color)
    ax.set_xscale("log")
    ax.set(xlabel=r"time $t/\tau_B$", ylabel=ylabel, ylim=(-0.05, 1))
    legend_above(ax, "dashed: noise ceiling")
    return ax
