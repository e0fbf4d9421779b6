"""All labels of the particles in one snapshot."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..liquid import Configuration, System
from .mobility import BondBreaking, CageRelativeDisplacement, displacement, overlap
from .relaxation import self_intermediate_scattering


class ParticleLabels:
    """What the particles of a configuration have done by a later time, label by label.

    ``displacement``, ``cage_relative_displacement``, ``bond_breaking`` (C_B), ``overlap`` (within
    0.3) and ``scattering`` (the self-intermediate scattering function at q = 7.0).

    Parameters
    ----------
    system : System
        Gives the diameters sigma_ij, which decide who is a neighbour.
    configuration : Configuration
        Positions at t = 0.

    Examples
    --------
    >>> from vitreous.liquid import Box, Configuration, KobAndersen2D
    >>> system = KobAndersen2D()
    >>> start = Configuration([[0, 0], [1, 0]], [0, 0], Box.cube(9, 2), system.species)
    >>> labels = ParticleLabels(system, start)([[0.0, 0.5], [1.0, 0.0]])
    >>> labels["displacement"], labels["overlap"]
    (array([0.5, 0. ]), array([0., 1.]))
    """

    def __init__(self, system: System, configuration: Configuration) -> None:
        self._initial = configuration.positions
        self._bonds = BondBreaking(system, configuration)
        self._cage_relative = CageRelativeDisplacement(system, configuration)

    def __call__(self, positions: ArrayLike) -> dict[str, NDArray[np.float64]]:
        """Evaluate the labels.

        Parameters
        ----------
        positions : array_like, shape (N, d)
            Unwrapped positions at time t, in the same images as those at t = 0.

        Returns
        -------
        dict of str to ndarray, shape (N,), float64
        """
        return {
            "displacement": displacement(self._initial, positions),
            "cage_relative_displacement": self._cage_relative(positions),
            "bond_breaking": self._bonds(positions),
            "overlap": overlap(self._initial, positions),
            "scattering": self_intermediate_scattering(self._initial, positions),
        }
