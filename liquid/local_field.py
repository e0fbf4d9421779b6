"""Force and curvature that a particle feels while all others stand still."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from .configuration import Configuration
from .system import System


def local_field(
    system: System, configuration: Configuration
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    r"""Return the force on each particle and its own block of the Hessian.

    With :math:`\hat r` the direction from i to j,

    .. math::

        F_i = \sum_j V'(r_{ij}) \, \hat r, \qquad
        H_{ii} = \sum_j \Big[ V''(r_{ij}) - \frac{V'(r_{ij})}{r_{ij}} \Big] \hat r \hat r^T
        + \frac{V'(r_{ij})}{r_{ij}}.

    Parameters
    ----------
    system : System
    configuration : Configuration

    Returns
    -------
    forces : ndarray, shape (N, d), float64
        In units of eps_AA / sigma_AA.
    curvatures : ndarray, shape (N, d, d), float64
        Symmetric, in units of eps_AA / sigma_AA^2.

    Raises
    ------
    ValueError
        If the configuration is not one of the system, or its box is shorter than two cutoffs.

    See Also
    --------
    hessian : the whole matrix, of which these blocks are the diagonal.

    Examples
    --------
    >>> from vitreous.liquid import Box, Configuration, PairPotential, System
    >>> spheres = PairPotential.harmonic([[1.0]], [[1.0]])
    >>> system = System("spheres", "A", [1], 0.5, 2, spheres)
    >>> pair = Configuration([[0, 0], [0.9, 0]], [0, 0], Box.cube(4.0, dimensions=2), "A")
    >>> forces, curvatures = local_field(system, pair)
    >>> forces.round(3) + 0.0
    array([[-0.1,  0. ],
           [ 0.1,  0. ]])
    >>> curvatures[0].round(3) + 0.0
    array([[ 1.   ,  0.   ],
           [ 0.   , -0.111]])
    """
    neighbors, kinds = system.interacting_pairs(configuration)
    rows = neighbors.rows
    n_particles, dimensions = configuration.positions.shape
    r = neighbors.distances
    push = system.potential.force(r, *kinds)
    along, across = system.potential.curvature(r, *kinds), -push / r
    directions = neighbors.vectors / r[:, None]
    forces = np.empty((n_particles, dimensions))
    curvatures = np.empty((n_particles, dimensions, dimensions))
    for k in range(dimensions):
        forces[:, k] = -np.bincount(rows, push * directions[:, k], n_particles)
        for m in range(k, dimensions):
            terms = (along - across) * directions[:, k] * directions[:, m] + (k == m) * across
            curvatures[:, k, m] = curvatures[:, m, k] = np.bincount(rows, terms, n_particles)
    return forces, curvatures
