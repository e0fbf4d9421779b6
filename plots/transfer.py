"""Transfer matrices and scores against time."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.image import AxesImage
from numpy.typing import ArrayLike

from ..dynamics import Estimate
from ..models import TransferMatrix
from ..storage.digits import with_error
from .style import legend_above, temperature_colors


def transfer_heatmap(
    matrix: TransferMatrix,
    ax: Axes,
    *,
    limits: tuple[float, float] | None = None,
    together: Sequence[Estimate] = (),
) -> AxesImage:
    """Draw a transfer matrix with its errors, and the noise ceiling as a row below.

    Parameters
    ----------
    matrix : TransferMatrix
        Of a single label.
    ax : Axes
        Drawn upon.
    limits : (float, float), optional
        Ends of the colour scale; by default it spans the entries, from one multiple of 0.05 to
        another.
    together : sequence of Estimate, optional
        Correlations at each condition of a model that was trained at all of them: a further row.

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
    >>> image = transfer_heatmap(matrix, axes[0, 0])
    >>> image.get_array().data.tolist(), image.get_clim()
    ([[0.7, 0.5], [0.4, 0.8]], (0.4, 0.8))
    """
    columns = [f"{condition:g}" for condition in matrix.conditions]
    names, entries, errors = columns, matrix.pearson, matrix.standard_error
    if together:
        names = [*columns, "all"]
        entries = np.vstack([entries, [float(estimate.value) for estimate in together]])
        errors = np.vstack([errors, [float(estimate.standard_error) for estimate in together]])
    low, high = spanned([entries]) if limits is None else limits
    image = ax.imshow(entries, cmap="cividis", vmin=low, vmax=high, aspect="auto")
    for (row, column), value in np.ndenumerate(entries):
        error = float(errors[row, column])
        text = with_error(float(value), error).replace(" ± ", "\n± ")
        shade = "black" if value > (low + high) / 2 else "white"
        ax.text(column, row, text, ha="center", va="center", color=shade, fontsize=7)
    for column, value in enumerate(matrix.noise_ceiling):
        ax.text(column, len(names), f"{value:.2f}", ha="center", va="center", fontsize=7)
    ax.set_ylim(len(names) + 0.5, -0.5)
    ax.set_xticks(range(len(columns)), columns)
    ax.set_yticks(range(len(names) + 1), [*names, "noise\nceiling"])
    ax.set(xlabel="tested at $T$", ylabel="trained at $T$")
    return image


def spanned(matrices: Sequence[ArrayLike]) -> tuple[float, float]:
    """Multiples of 0.05 that enclose the entries of some matrices."""
    entries = np.concatenate([np.ravel(matrix) for matrix in matrices])
    entries = entries[np.isfinite(entries)]
    if not entries.size:
        return 0.0, 1.0
    low = np.floor(20 * entries.min() + 1e-9)
    return float(low) / 20, float(max(np.ceil(20 * entries.max() - 1e-9), low + 1)) / 20


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
