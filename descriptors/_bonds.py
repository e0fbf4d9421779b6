"""Neighbours within cutoffs that depend on the pair of species."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..liquid import Configuration, neighbor_list

SMOOTH_REACH = 1.3
"""Cutoffs beyond which smooth weights, 3e-4 there, are left out."""


@dataclass(frozen=True, eq=False)
class Bonds:
    """Bonds i -> j in compressed sparse rows; every pair stands in it twice.

    Attributes
    ----------
    indptr : ndarray of int64, shape (N + 1,)
    indices : ndarray of int32, shape (M,)
    vectors : ndarray of float64, shape (M, d)
    distances : ndarray of float64, shape (M,)
    cutoffs : ndarray of float64, shape (M,)
        Of the pair of species of each bond.
    """

    indptr: NDArray[np.int64]
    indices: NDArray[np.int32]
    vectors: NDArray[np.float64]
    distances: NDArray[np.float64]
    cutoffs: NDArray[np.float64]

    @property
    def rows(self) -> NDArray[np.int64]:
        """The particle i of each bond, shape (M,)."""
        return np.repeat(np.arange(len(self.indptr) - 1), np.diff(self.indptr))

    @property
    def directions(self) -> NDArray[np.float64]:
        """Unit vectors along the bonds, padded to three components, shape (M, 3)."""
        padded = np.zeros((len(self.distances), 3))
        own = padded[:, : self.vectors.shape[1]]
        np.divide(self.vectors, self.distances[:, np.newaxis], out=own)
        return padded

    def smooth_weights(self, exponent: float = 8) -> NDArray[np.float64]:
        """Weights exp[-(r / cutoff)^exponent], shape (M,)."""
        return np.exp(-((self.distances / self.cutoffs) ** exponent))


def bonds_within(
    configuration: Configuration, cutoffs: NDArray[np.float64], reach: float = 1.0
) -> Bonds:
    """Find all pairs with r_ij below ``reach`` times the cutoff of their species."""
    longest = cutoffs.max()
    neighbors = neighbor_list(configuration, reach * longest)
    if (cutoffs == longest).all():
        everywhere = np.full(len(neighbors.indices), longest)
        return Bonds(
            neighbors.indptr, neighbors.indices, neighbors.vectors, neighbors.distances, everywhere
        )
    rows = neighbors.rows
    of_pair = cutoffs[configuration.types[rows], configuration.types[neighbors.indices]]
    near = neighbors.distances < reach * of_pair
    counts = np.bincount(rows[near], minlength=configuration.n_particles)
    return Bonds(
        np.concatenate([[0], np.cumsum(counts)]),
        neighbors.indices[near],
        neighbors.vectors[near],
        neighbors.distances[near],
        of_pair[near],
    )


def checked_cutoffs(cutoffs: ArrayLike, n_species: int) -> NDArray[np.float64]:
    """Check cutoffs, one for all or one for each pair of species; returns shape (S, S).

    Raises
    ------
    ValueError
        If they have another shape, are not positive and finite, or not symmetric.
    """
    values = np.asarray(cutoffs, dtype=np.float64)
    if values.shape not in ((), (n_species, n_species)):
        raise ValueError(
            f"cutoffs must be one length or a matrix of {n_species} x {n_species}, one length for "
            f"each pair of species, not of shape {values.shape}"
        )
    if not (np.isfinite(values).all() and (values > 0).all()):
        raise ValueError(f"cutoffs must be positive and finite, not {cutoffs!r}")
    if not np.array_equal(values, values.T):
        raise ValueError(f"cutoffs must be the same for (a, b) and (b, a), not {cutoffs!r}")
    return np.broadcast_to(values, (n_species, n_species)).copy()


def checked_orders(orders: ArrayLike) -> list[int]:
    """Check that orders are rising whole numbers from 1.

    Raises
    ------
    ValueError
        If they are not.
    """
    values = np.asarray(orders)
    if (
        values.ndim != 1
        or values.size == 0
        or not np.issubdtype(values.dtype, np.integer)
        or values[0] < 1
        or np.any(np.diff(values) <= 0)
    ):
        raise ValueError(f"orders must be rising whole numbers from 1, not {orders!r}")
    return [int(order) for order in values]
