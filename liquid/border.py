"""Particles whose surroundings are cut by the border of a field of view."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from .configuration import Configuration


def cut_surroundings(configuration: Configuration, distance: float) -> NDArray[np.bool_]:
    """Mark the particles that are closer to an open side of the box than a distance.

    What lies beyond an open side was not seen: a sum over all neighbours within the distance is
    complete for the other particles only. Descriptors give NaN for the marked ones, labels that
    depend on neighbours too, and models leave them out.

    Parameters
    ----------
    configuration : Configuration
    distance : float
        In units of sigma_AA.

    Returns
    -------
    ndarray, shape (N,), bool
        All false in a periodic box.

    Examples
    --------
    >>> from vitreous.liquid import Box, Configuration, cut_surroundings
    >>> view = Box((20.0, 20.0), periodic=(False, False))
    >>> pair = Configuration([[0.0, 0.0], [8.0, 0.0]], [0, 0], view, ("A",))
    >>> cut_surroundings(pair, 2.5)
    array([False,  True])
    """
    box = configuration.box
    is_open = ~np.array(box.periodic)
    if not is_open.any():
        return np.zeros(configuration.n_particles, dtype=bool)
    gaps = np.array(box.lengths) / 2 - np.abs(configuration.positions)
    return np.logical_or.reduce(gaps[:, is_open] < distance, axis=1)
