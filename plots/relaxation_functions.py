"""How a liquid relaxes, so that the time to learn can be chosen."""

from __future__ import annotations

from matplotlib.axes import Axes

from ..dynamics import RelaxationFunctions


def correlations(functions: RelaxationFunctions, ax: Axes) -> Axes:
    """Bond-breaking correlation, overlap and scattering function against time, with errors.

    Parameters
    ----------
    functions : RelaxationFunctions
    ax : Axes
        Drawn upon.

    Returns
    -------
    Axes

    Examples
    --------
    >>> from vitreous.dynamics import RelaxationFunctions
    >>> from vitreous.plots import correlations, figure
    >>> curves = {name: [[1.0, 0.5], [1.0, 0.3]] for name in
    ...           ("bond_breaking", "overlap", "scattering", "square_displacement")}
    >>> functions = RelaxationFunctions.of([1.0, 10.0], curves, groups=[0, 1], n_particles=100)
    >>> _, axes = figure(3.4, 2.6)
    >>> ax = correlations(functions, axes[0, 0])
    >>> ax.get_legend_handles_labels()[1], ax.lines[0].get_ydata()
    (['$C_B$', 'overlap', '$F_s$, $q=7$'], array([1. , 0.4]))
    """
    for estimate, label, line in (
        (functions.bond_breaking, "$C_B$", "o-"),
        (functions.overlap, "overlap", "s--"),
        (functions.scattering, "$F_s$, $q=7$", "^:"),
    ):
        ax.errorbar(
            functions.times, estimate.value, estimate.standard_error, fmt=line, ms=3, label=label
        )
    ax.set_xscale("log")
    ax.set(xlabel="time $t$", ylabel="correlation", ylim=(min(0.0, *ax.get_ylim()), 1.05))
    ax.legend()
    return ax


def mobility_and_susceptibility(functions: RelaxationFunctions, ax: Axes) -> Axes:
    r"""Mean square displacement and :math:`\chi_4` of the overlap against time.

    Parameters
    ----------
    functions : RelaxationFunctions
    ax : Axes
        Drawn upon.

    Returns
    -------
    Axes

    Examples
    --------
    >>> from vitreous.dynamics import RelaxationFunctions
    >>> from vitreous.plots import figure, mobility_and_susceptibility
    >>> curves = {name: [[0.9, 0.5], [0.7, 0.3]] for name in
    ...           ("bond_breaking", "overlap", "scattering", "square_displacement")}
    >>> functions = RelaxationFunctions.of([1.0, 10.0], curves, groups=[0, 1], n_particles=100)
    >>> _, axes = figure(3.4, 2.6)
    >>> ax = mobility_and_susceptibility(functions, axes[0, 0])
    >>> [line.get_ydata().round(6).tolist() for line in ax.lines if len(line.get_xdata()) == 2]
    [[0.8, 0.4], [2.0, 2.0]]
    """
    moved = functions.mean_square_displacement
    ax.errorbar(
        functions.times,
        moved.value,
        moved.standard_error,
        fmt="o-",
        ms=3,
        label=r"$\langle \Delta x^2 \rangle$",
    )
    ax.plot(functions.times, functions.susceptibility, "s--", ms=3, label=r"$\chi_4$, overlap")
    ax.set(xscale="log", yscale="log", xlabel="time $t$")
    ax.legend()
    return ax
