"""Radii of the particles, from those of the species or from the configuration."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..liquid import Configuration


def particle_radii(configuration: Configuration, radii: ArrayLike | None) -> NDArray[np.float64]:
    """Give every particle its radius, shape (N,): half its own diameter if ``radii`` is None.

    Raises
    ------
    ValueError
        If there is not one finite, non-negative radius per species, or ``radii`` is None and the
        particles have no diameters of their own.
    """
    if radii is None:
        if configuration.diameters is None:
            raise ValueError(
                f"the particles have no diameters of their own; give radii, one for each of the "
                f"species {configuration.species}"
            )
        return configuration.diameters / 2
    values = np.asarray(radii, dtype=np.float64)
    if values.shape != (len(configuration.species),) or not (
        np.isfinite(values).all() and (values >= 0).all()
    ):
        raise ValueError(
            f"radii must hold one finite length of at least 0 for each of the species "
            f"{configuration.species}, not {radii!r}"
        )
    return values[configuration.types]
