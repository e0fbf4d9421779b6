"""Gaussian shells, as several descriptors take them."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

REACH = 5.5
"""Widths at which a Gaussian, 3e-7 there, is cut off: in a liquid of uniform density what lies
further out adds 4e-8 to a shell, below the resolution of float32."""


def shells_and_widths(
    shells: ArrayLike, widths: ArrayLike
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Check shells and widths and give every shell its width.

    Raises
    ------
    ValueError
        If the shells are not rising and non-negative, or a width is not positive, or their numbers
        disagree.
    """
    radii = np.asarray(shells, dtype=np.float64)
    if radii.ndim != 1 or radii.size == 0:
        raise ValueError(f"shells must be a non-empty sequence of distances, not {shells!r}")
    if not (np.all(np.isfinite(radii)) and radii[0] >= 0 and np.all(np.diff(radii) > 0)):
        raise ValueError(f"shells must be rising, non-negative and finite, not {shells!r}")
    spread = np.asarray(widths, dtype=np.float64)
    if spread.ndim > 1 or spread.size not in (1, radii.size):
        raise ValueError(
            f"widths must be one number or one per shell ({radii.size}), not {spread.size}"
        )
    if not (np.all(np.isfinite(spread)) and np.all(spread > 0)):
        raise ValueError(f"widths must be positive and finite, not {widths!r}")
    return radii, np.broadcast_to(spread, radii.shape).copy()
