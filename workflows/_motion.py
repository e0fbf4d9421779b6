"""Displacements that no liquid has of itself: files that stand still, and drift."""

from __future__ import annotations

import warnings

import numpy as np
from numpy.typing import NDArray

from ..datasets import Structure

# Share of the mean square displacement above which common motion is told of. Independent particles
# have 1 / N of it in common, and a liquid whose centre of mass is at rest nothing.
_SHARE = 0.1
_MULTIPLE_OF_CHANCE = 20


def require_motion(moved: NDArray[np.float64], frame: Structure, since: str, time: float) -> None:
    """Refuse a later frame of a simulation that repeats an earlier one to the last digit.

    Parameters
    ----------
    moved : ndarray, shape (N, d)
    frame : Structure
        The later one.
    since : str
        What to call the earlier one.
    time : float
        Between them.

    Raises
    ------
    ValueError
        If nothing moved.
    """
    if frame.configuration.box.is_periodic and not moved.any():
        raise ValueError(
            f"{frame.source} shows each particle where {since} had it, {time:g} earlier: a copy, "
            "or a run that stood still; leave it out"
        )


def common_share(moved: NDArray[np.float64]) -> float:
    """Share of the mean square displacement that all particles have in common, from 0 to 1.

    Particles that were lost, NaN, do not count. It is 0 where chance can make as much of it.

    Parameters
    ----------
    moved : ndarray, shape (N, d)
    """
    known = moved[~np.isnan(moved).any(axis=1)]
    square = float((known**2).sum(axis=1).mean()) if len(known) else 0.0
    if not square:
        return 0.0
    share = float((known.mean(axis=0) ** 2).sum()) / square
    return share if share > max(_SHARE, _MULTIPLE_OF_CHANCE / len(known)) else 0.0


def warn_of_drift(share: float, where: str) -> None:
    """Warn of displacements that are largely those of all particles together."""
    warnings.warn(
        f"{where}: {share:.0%} of the mean square displacement is a motion that all particles "
        "share, as if the centre of mass drifted or coordinates counted from elsewhere; take it "
        "out of the labels (remove_drift=True, --remove-drift)",
        UserWarning,
        stacklevel=2,
    )
