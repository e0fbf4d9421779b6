"""Bond-orientational order without a sharp cutoff."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..liquid import Configuration
from ._bonds import SMOOTH_REACH, bonds_within, checked_cutoffs, checked_orders
from ._freud_order import bond_orientational_order
from .base import Descriptor


class SmoothedBondOrderDescriptor(Descriptor):
    r"""Bond-orientational order with weights that fall off smoothly, computed by freud.

    That of :class:`SteinhardtDescriptor`, with the averages over neighbours weighted by

    .. math:: w_{ij} = \exp[-(r_{ij} / r_c)^\gamma],

    where :math:`r_c` belongs to the pair of species; weights are cut off at :math:`\xi r_c`. So no
    neighbour appears or vanishes at once. A particle without neighbours has 0. freud computes in
    single precision, to about 1e-5.

    Parameters
    ----------
    cutoffs : float or array_like of float, shape (n_species, n_species)
        The r_c, in units of sigma_AA; usually the first minima of the partial g(r).
    orders : array_like of int, shape (n_orders,), optional
        The l, rising from 1 or more; by default 1 to 12.
    exponent : float, default 8
        The gamma.
    reach : float, default 1.3
        The xi.
    n_jobs : int, optional
        Number of configurations described at the same time, by threads.
    dtype : {"float32", "float64"}
        Of the features.

    Raises
    ------
    ValueError
        In ``fit``, if a parameter is out of range; in ``transform``, if ``reach`` times the largest
        cutoff exceeds half the box.

    References
    ----------
    D. Coslovich, R. L. Jack, J. Paret, arXiv:2211.01904 (2022).

    Examples
    --------
    >>> from vitreous.descriptors import SmoothedBondOrderDescriptor
    >>> from vitreous.liquid import KobAndersen
    >>> system = KobAndersen()
    >>> configuration = system.random_configuration(300, random_state=1)
    >>> descriptor = SmoothedBondOrderDescriptor(1.45 * system.potential.sigma, orders=[6])
    >>> descriptor.fit([configuration]).get_feature_names_out().tolist()
    ['smoothed-steinhardt l=6']
    """

    def __init__(
        self,
        cutoffs: ArrayLike,
        orders: ArrayLike | None = None,
        exponent: float = 8,
        reach: float = SMOOTH_REACH,
        n_jobs: int | None = None,
        dtype: str = "float32",
    ) -> None:
        self.cutoffs = cutoffs
        self.orders = orders
        self.exponent = exponent
        self.reach = reach
        self.n_jobs = n_jobs
        self.dtype = dtype

    def prepare(self, configurations: Sequence[Configuration]) -> None:
        """Check the parameters; see :meth:`fit`."""
        self._cutoffs = checked_cutoffs(self.cutoffs, len(self.species_))
        self._orders = checked_orders(np.arange(1, 13) if self.orders is None else self.orders)
        if not 0 < self.exponent < np.inf:
            raise ValueError(f"exponent must be positive and finite, not {self.exponent!r}")
        if not 0 < self.reach < np.inf:
            raise ValueError(f"reach must be positive and finite, not {self.reach!r}")

    def describe(self, configuration: Configuration) -> NDArray[np.float64]:
        """Describe one configuration; see :meth:`transform`."""
        bonds = bonds_within(configuration, self._cutoffs, self.reach)
        weights = bonds.smooth_weights(self.exponent)
        return bond_orientational_order(configuration, bonds, weights, self._orders, False)

    def feature_names(self) -> list[str]:
        """Name the columns; see :meth:`get_feature_names_out`."""
        symbol = "psi" if self.dimensions_ == 2 else "steinhardt"
        return [f"smoothed-{symbol} l={order}" for order in self._orders]
