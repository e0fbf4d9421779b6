"""Second derivatives of the potential energy."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from .configuration import Configuration
from .system import System

if TYPE_CHECKING:
    from scipy import sparse


def hessian(system: System, configuration: Configuration) -> sparse.bsr_array:
    r"""Return the matrix of the second derivatives of the energy with respect to all coordinates.

    Its d x d blocks are, with :math:`\hat r` the direction from i to j,

    .. math::

        H_{ij} = -\Big[ V''(r_{ij}) - \frac{V'(r_{ij})}{r_{ij}} \Big] \hat r \hat r^T
        - \frac{V'(r_{ij})}{r_{ij}}, \qquad H_{ii} = -\sum_{j \ne i} H_{ij}.

    With all masses 1 it is the dynamical matrix: its eigenvalues are squared frequencies. The d
    translations have eigenvalue 0.

    Parameters
    ----------
    system : System
    configuration : Configuration

    Returns
    -------
    scipy.sparse.bsr_array, shape (N d, N d), float64
        Symmetric, in units of eps_AA / sigma_AA^2; coordinate k of particle i has the index
        ``d i + k``. Pairs beyond their cutoff are not stored.

    Raises
    ------
    ValueError
        If the configuration is not one of the system, or its box is shorter than two cutoffs.

    Examples
    --------
    >>> from vitreous.liquid import Box, Configuration, PairPotential, System, hessian
    >>> spheres = PairPotential.harmonic([[1.0]], [[1.0]])
    >>> system = System("spheres", "A", [1], 0.5, 2, spheres)
    >>> pair = Configuration([[0, 0], [1, 0]], [0, 0], Box.cube(4.0, dimensions=2), "A")
    >>> touching = pair.with_positions([[0, 0], [0.999999, 0]])
    >>> hessian(system, touching).toarray().round(3) + 0.0
    array([[ 1.,  0., -1.,  0.],
           [ 0.,  0.,  0.,  0.],
           [-1.,  0.,  1.,  0.],
           [ 0.,  0.,  0.,  0.]])
    """
    from scipy import sparse

    neighbors, kinds = system.interacting_pairs(configuration)
    n_particles, dimensions = configuration.positions.shape
    r, rows = neighbors.distances, neighbors.rows
    along = system.potential.curvature(r, *kinds)
    across = -system.potential.force(r, *kinds) / r
    kept = (along != 0) | (across != 0)
    along, across = along[kept, None, None], across[kept, None, None]
    directions = neighbors.vectors[kept] / r[kept, None]
    projections = directions[:, :, None] * directions[:, None, :]
    blocks = (across - along) * projections - across * np.eye(dimensions)
    starts = np.append(0, np.cumsum(np.bincount(rows[kept], minlength=n_particles)))
    shape = (n_particles * dimensions,) * 2
    pairs = sparse.bsr_array((blocks, neighbors.indices[kept], starts), shape=shape)
    sums = pairs @ np.tile(np.eye(dimensions), (n_particles, 1))
    own = -sums.reshape(n_particles, dimensions, dimensions)
    particles = np.arange(n_particles + 1)
    return pairs + sparse.bsr_array((own, particles[:-1], particles), shape=shape)
