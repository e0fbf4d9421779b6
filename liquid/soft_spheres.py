"""Soft spheres with continuous diameters."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from .polydisperse import PolydispersePotential, PolydisperseSystem


class PolydisperseSoftSpheres(PolydisperseSystem):
    """Polydisperse soft spheres with non-additive diameters, for which swap moves work best.

    ``v(x) = x^-12 + c0 + c2 x^2 + c4 x^4`` for ``x = r / sigma_ij < 1.25``, with v, v' and v''
    zero at the cutoff; ``sigma_ij = (sigma_i + sigma_j) / 2 (1 - 0.2 |sigma_i - sigma_j|)``. The
    diameters follow ``P(s) ~ s^-3`` between s_min and s_max = 2.219 s_min with mean 1, which is
    the unit of length; their standard deviation is 0.23. The number density is 1.

    This is the continuously polydisperse model with the exponent 12 of Ninarello, Berthier and
    Coslovich, Phys. Rev. X 7, 021039 (2017).

    Parameters
    ----------
    dimensions : {3, 2}
        The same potential, diameters and number density serve in two dimensions.

    Examples
    --------
    >>> from vitreous.liquid import PolydisperseSoftSpheres
    >>> liquid = PolydisperseSoftSpheres(dimensions=2).random_configuration(1000, random_state=0)
    >>> diameters = liquid.diameters
    >>> round(float(diameters.mean()), 2), round(float(diameters.std()), 2)
    (1.0, 0.23)
    >>> round(float(diameters.max() / diameters.min()), 1)
    2.2
    """

    def __init__(self, dimensions: int = 3) -> None:
        super().__init__(
            name=f"PSS{dimensions}D",
            diameters=_inverse_cube_quantiles,
            density=1.0,
            dimensions=dimensions,
            potential=PolydispersePotential.from_function(
                lambda x: x**-12.0, cutoff=1.25, tail="smooth", mixing=0.2
            ),
            time_step=0.01,
            swap_range=0.2,
        )


def _inverse_cube_quantiles(levels: NDArray[np.float64]) -> NDArray[np.float64]:
    """Quantiles of P(s) ~ s^-3 with s_max / s_min = 2.219 and mean 1."""
    ratio = 2.219
    smallest = (1 + ratio) / (2 * ratio)
    return smallest / np.sqrt(1 - levels * (1 - ratio**-2))
