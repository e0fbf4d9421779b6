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
