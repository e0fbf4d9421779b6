"""Orientational order of the bonds of a particle, shell by shell."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..liquid import Configuration, cut_surroundings
from ..liquid.cells import cells
from ._bond_order_kernels import bond_order
from ._bonds import checked_orders
from ._columns import ColumnDescriptor
from ._harmonics import harmonics, indices
from ._shells import REACH, shells_and_widths
from ._slices import slices_of_cells

_DEFAULT_ORDERS = np.arange(1, 13)
_DEFAULT_SHELLS = (1.0 + 0.1 * np.arange(16)).round(1)


class BondOrderDescriptor(ColumnDescriptor):
    r"""Bond-orientational order parameters, resolved in distance by Gaussian shells.

    With :math:`w_{ij} = \exp[-(r_{ij} - r)^2 / 2 \delta^2]`, in three dimensions

    .. math::

        q_{lm}(i) = \frac{\sum_j w_{ij} Y_{lm}(\mathbf{r}_{ij})}{\sum_j w_{ij}}, \qquad
        q_l(i) = \sqrt{\frac{4 \pi}{2 l + 1} \sum_{m=-l}^{l} |q_{lm}(i)|^2},

    and in two dimensions, with the angle :math:`\theta_{ij}` of the bond to a fixed axis,

    .. math:: q_l(i) = \Big| \sum_j w_{ij} e^{i l \theta_{ij}} \Big| \Big/ \sum_j w_{ij}.

    The sums run over all neighbours, whatever their species, closer than the largest shell and
    5.5 widths; a particle without any has 0 in all columns. Columns run over orders, then shells.
    Harmonics and weights are computed in float64; their averages have the dtype of the features.

    With ``components``, the columns are the real and imaginary parts of :math:`q_{lm}`, m from 0 to
    l, in three dimensions (those with negative m follow by :math:`q_{l,-m} = (-1)^m q_{lm}^*`, and
    :math:`q_{l0}` is real), and of the average of :math:`e^{i l \theta}` in two. They turn with the
    axes, unlike :math:`q_l`: they are there to build other quantities from them. Columns then run
    over orders, m, parts and shells. :math:`Y_{lm}` has the sign :math:`(-1)^m`, as in SciPy.

    Parameters
    ----------
    orders : array_like of int, shape (n_orders,), optional
        The l, rising from 1 or more; by default 1 to 12.
    shells : array_like of float, shape (n_shells,), optional
        The r, rising, in units of sigma_AA; by default 1 to 2.5 in steps of 0.1.
    width : float, default 0.1
        The delta of all shells, in units of sigma_AA.
    components : bool, default False
        Give the parts of :math:`q_{lm}` in place of :math:`q_l`.
    n_jobs : int, optional
        Number of configurations described at the same time, by threads.
    dtype : {"float32", "float64"}
        Of the features.

    Raises
    ------
    ValueError
        In ``transform``, if the largest shell and 5.5 widths exceed half the box.

    References
    ----------
    P. J. Steinhardt, D. R. Nelson, M. Ronchetti, Phys. Rev. B 28, 784 (1983);
    E. Boattini, F. Smallenburg, L. Filion, Phys. Rev. Lett. 127, 088007 (2021).

    Examples
    --------
    >>> import numpy as np
    >>> from vitreous.descriptors import BondOrderDescriptor
    >>> from vitreous.liquid import Box, Configuration
    >>> x, y = np.meshgrid(np.arange(6.0), np.arange(6.0))
    >>> square = np.stack([x.ravel(), y.ravel()], axis=1) - 3
    >>> lattice = Configuration(square, np.zeros(36, int), Box.cube(6.0, dimensions=2), ("A",))
    >>> bond_order = BondOrderDescriptor(orders=[4, 6], shells=[1.0], width=0.05).fit([lattice])
    >>> bond_order.get_feature_names_out().tolist()
    ['bond-order l=4 r=1', 'bond-order l=6 r=1']
    >>> bond_order.transform([lattice])[0].round(3)
    array([1., 0.], dtype=float32)
    """

    open_boxes = True

    def __init__(
        self,
        orders: ArrayLike | None = None,
        shells: ArrayLike | None = None,
        width: float = 0.1,
        components: bool = False,
        n_jobs: int | None = None,
        dtype: str = "float32",
    ) -> None:
        self.orders = orders
        self.shells = shells
        self.width = width
        self.components = components
        self.n_jobs = n_jobs
        self.dtype = dtype

    def prepare(self, configurations: Sequence[Configuration]) -> None:
        """Check the parameters; see :meth:`fit`."""
        orders = checked_orders(_DEFAULT_ORDERS if self.orders is None else self.orders)
        self._orders = np.array(orders, dtype=np.int64)
        shells = _DEFAULT_SHELLS if self.shells is None else self.shells
        self._shells, _ = shells_and_widths(shells, self.width)
        self._cutoff = float(self._shells[-1] + REACH * self.width)

    def _n_features(self) -> int:
        return len(self._lines()) * len(self._shells)

    def _fill(
        self, configuration: Configuration, features: NDArray[np.floating], column: int
    ) -> None:
        components = bool(self.components)
        computed = harmonics(self._orders, configuration.dimensions, components)
        around = cells(configuration, self._cutoff)
        for first, stop in slices_of_cells(around):
            bond_order(
                around,
                first,
                stop,
                computed,
                self._shells,
                float(self.width),
                components,
                len(self._lines()),
                features,
                column,
            )
        cut = cut_surroundings(configuration, self._cutoff)
        features[cut, column : column + self._n_features()] = np.nan

    def feature_names(self) -> list[str]:
        """Name the columns; see :meth:`get_feature_names_out`."""
        return [
            f"bond-order {line} r={shell:.6g}" for line in self._lines() for shell in self._shells
        ]

    def _lines(self) -> list[str]:
        """Name what is averaged in every shell."""
        if not self.components:
            return [f"l={order}" for order in self._orders]
        return [
            f"{part} l={order}" if self.dimensions_ == 2 else f"{part} l={order} m={m}"
            for order, m in indices(self._orders, self.dimensions_)
            for part in (("Re", "Im") if m else ("Re",))
        ]
