"""Weights of the spatial correlations that the loss of GlassMLP compares."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from ..liquid import Configuration

RADII = {2: (2.0, 5.0, 8.0), 3: (2.0, 4.0, 6.0)}
"""Radii of the shells by dimension, in units of sigma_AA."""


def shell_weights(
    configuration: Configuration, radii: Sequence[float], centers: NDArray[np.integer]
) -> NDArray[np.float32]:
    """Weights that average a field over shells around some of the particles.

    ``w_k(r_ij) = exp(-(r_ij - R_k)^2 / 2)``, j = i included, divided by its sum over j.

    Parameters
    ----------
    configuration : Configuration
    radii : sequence of float
        R_k, in units of sigma_AA.
    centers : ndarray of int, shape (C,)
        The particles i.

    Returns
    -------
    ndarray of float32, shape (K, C, N)
    """
    positions = configuration.positions
    vectors = configuration.box.minimum_image(
        positions[np.newaxis] - positions[centers, np.newaxis]
    )
    distances = np.linalg.norm(vectors, axis=-1)
    weights = np.exp(-((distances - np.reshape(radii, (-1, 1, 1))) ** 2) / 2)
    return (weights / weights.sum(axis=-1, keepdims=True)).astype(np.float32)
