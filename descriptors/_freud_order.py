"""Bond-orientational order by freud."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..liquid import Configuration
from ._bonds import Bonds


def bond_orientational_order(
    configuration: Configuration,
    bonds: Bonds,
    weights: NDArray[np.float64] | None,
    orders: list[int],
    averaged: bool,
) -> NDArray[np.float64]:
    """Steinhardt's q_l (3D) or the modulus of psi_l (2D), shape (N, n_orders); 0 without bonds.

    ``averaged`` takes the mean of the complex order over a particle and those bonded to it.
    """
    import freud

    system = configuration.to_freud()
    n = configuration.n_particles
    neighbors = _neighbors(configuration, bonds, weights)
    weighted = weights is not None
    order = np.zeros((n, len(orders)))
    if configuration.dimensions == 3:
        steinhardt = freud.order.Steinhardt(l=orders, average=averaged, weighted=weighted)
        steinhardt.compute(system, neighbors=neighbors)
        order[:] = steinhardt.particle_order.reshape(n, -1)
    else:
        for column, symmetry in enumerate(orders):
            hexatic = freud.order.Hexatic(k=symmetry, weighted=weighted)
            psi = np.nan_to_num(hexatic.compute(system, neighbors=neighbors).particle_order)
            if averaged:
                total = psi.copy()
                np.add.at(total, bonds.rows, psi[bonds.indices])
                psi = total / (1 + np.diff(bonds.indptr))
            order[:, column] = abs(psi)
    order[np.diff(bonds.indptr) == 0] = 0.0
    return order


def complex_order(configuration: Configuration, bonds: Bonds, order: int) -> NDArray[np.complex128]:
    """q_lm (3D), shape (N, 2 l + 1), or psi_l (2D), shape (N, 1); 0 without bonds."""
    import freud

    system, neighbors = configuration.to_freud(), _neighbors(configuration, bonds, None)
    if configuration.dimensions == 3:
        steinhardt = freud.order.Steinhardt(l=order).compute(system, neighbors=neighbors)
        found = np.asarray(steinhardt.particle_harmonics, dtype=np.complex128)
    else:
        hexatic = freud.order.Hexatic(k=order).compute(system, neighbors=neighbors)
        found = np.asarray(hexatic.particle_order, dtype=np.complex128)[:, np.newaxis]
    found[np.diff(bonds.indptr) == 0] = 0.0
    return found


def _neighbors(
    configuration: Configuration, bonds: Bonds, weights: NDArray[np.float64] | None
) -> Any:
    import freud

    vectors = np.zeros((len(bonds.distances), 3))
    vectors[:, : configuration.dimensions] = bonds.vectors
    n = configuration.n_particles
    return freud.locality.NeighborList.from_arrays(
        n, n, bonds.rows, bonds.indices, vectors, weights
    )
