"""Bond-orientational order of the nearest neighbours."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..liquid import Configuration
from ._bonds import bonds_within, checked_cutoffs, checked_orders
from ._freud_order import bond_orientational_order
from .base import Descriptor


class SteinhardtDescriptor(Descriptor):
    r"""Bond-orientational order of the nearest neighbours, computed by freud.

    Over the :math:`n_i` particles j closer than the cutoff of their species, in three dimensions

    .. math::

        q_{lm}(i) = \frac{1}{n_i} \sum_j Y_{lm}(\mathbf{r}_{ij}), \qquad
        q_l(i) = \sqrt{\frac{4 \pi}{2 l + 1} \sum_{m=-l}^{l} |q_{lm}(i)|^2},

    and in two dimensions the modulus of :math:`\psi_l(i) = \sum_j e^{i l \theta_{ij}} / n_i`, which
    for l = 6 is the hexatic order. If ``averaged``, :math:`q_{lm}` (:math:`\psi_l`) is first
    averaged over i and its neighbours, which tells liquid from crystal more sharply. A particle
    without neighbours has 0. freud computes in single precision, to about 1e-5.

    Parameters
    ----------
    cutoffs : float or array_like of float, shape (n_species, n_species)
        Of the neighbours, in units of sigma_AA; usually the first minima of the partial g(r).
    orders : array_like of int, shape (n_orders,)
        The l, rising from 1 or more.
    averaged : bool
        Whether to average as Lechner and Dellago do.
    n_jobs : int, optional
        Number of configurations described at the same time, by threads.
    dtype : {"float32", "float64"}
        Of the features.

    Raises
    ------
    ValueError
        In ``fit``, if a parameter is out of range; in ``transform``, if a cutoff exceeds half the
        box.

    References
    ----------
    P. J. Steinhardt, D. R. Nelson, M. Ronchetti, Phys. Rev. B 28, 784 (1983);
    W. Lechner, C. Dellago, J. Chem. Phys. 129, 114707 (2008);
    D. R. Nelson, B. I. Halperin, Phys. Rev. B 19, 2457 (1979).

    Examples
    --------
    >>> import numpy as np
    >>> from vitreous.descriptors import SteinhardtDescriptor
    >>> from vitreous.liquid import Box, Configuration
    >>> x, y = np.meshgrid(np.arange(6.0), np.arange(6.0))
    >>> square = np.stack([x.ravel(), y.ravel()], axis=1) - 3
    >>> lattice = Configuration(square, np.zeros(36, int), Box.cube(6.0, dimensions=2), ("A",))
    >>> order = SteinhardtDescriptor(cutoffs=1.2, orders=[4, 6]).fit([lattice])
    >>> order.get_feature_names_out().tolist()
    ['psi l=4', 'psi l=6']
    >>> order.transform([lattice])[0].round(3)
    array([1., 0.], dtype=float32)
    """

    def __init__(
        self,
        cutoffs: ArrayLike,
        orders: ArrayLike = (4, 6),
        averaged: bool = False,
        n_jobs: int | None = None,
        dtype: str = "float32",
    ) -> None:
        self.cutoffs = cutoffs
        self.orders = orders
        self.averaged = averaged
        self.n_jobs = n_jobs
        self.dtype = dtype

    def prepare(self, configurations: Sequence[Configuration]) -> None:
        """Check the parameters; see :meth:`fit`."""
        self._cutoffs = checked_cutoffs(self.cutoffs, len(self.species_))
        self._orders = checked_orders(self.orders)

    def describe(self, configuration: Configuration) -> NDArray[np.float64]:
        """Describe one configuration; see :meth:`transform`."""
        bonds = bonds_within(configuration, self._cutoffs)
        return bond_orientational_order(configuration, bonds, None, self._orders, self.averaged)

    def feature_names(self) -> list[str]:
        """Name the columns; see :meth:`get_feature_names_out`."""
        symbol = "psi" if self.dimensions_ == 2 else "steinhardt"
        average = "averaged-" if self.averaged else ""
        return [f"{average}{symbol} l={order}" for order in self._orders]
