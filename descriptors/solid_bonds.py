"""Bonds between particles whose surroundings are oriented alike, of which crystals are made."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..liquid import Configuration
from ._bonds import bonds_within, checked_cutoffs, checked_orders
from ._freud_order import complex_order
from .base import Descriptor


class SolidBondsDescriptor(Descriptor):
    r"""Number of solid bonds of each particle, and how well its neighbours are oriented like it.

    With :math:`q_{lm}` as in :class:`SteinhardtDescriptor`, the correlation of two neighbours is

    .. math::

        s_{ij} = \frac{\mathrm{Re} \sum_m q_{lm}(i)\, q^*_{lm}(j)}
        {\bigl[\sum_m |q_{lm}(i)|^2\bigr]^{1/2} \bigl[\sum_m |q_{lm}(j)|^2\bigr]^{1/2}},

    and in 2D :math:`\mathrm{Re}\, \psi_l(i)\, \psi_l^*(j) / |\psi_l(i)| |\psi_l(j)|`. A bond is
    solid if :math:`s_{ij}` exceeds the threshold. The columns are the number of solid bonds, their
    share of all bonds of the particle, and the mean of :math:`s_{ij}` over them; 0 without
    neighbours. In a crystal nearly all bonds are solid, in a liquid few. freud computes
    :math:`q_{lm}` in single precision.

    Parameters
    ----------
    cutoffs : float or array_like of float, shape (n_species, n_species)
        Of the neighbours, in units of sigma_AA; usually the first minima of the partial g(r).
    order : int
        The l.
    threshold : float
        Above which a bond is solid, between -1 and 1.
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
    P. R. ten Wolde, M. J. Ruiz-Montero, D. Frenkel, J. Chem. Phys. 104, 9932 (1996).

    Examples
    --------
    >>> import numpy as np
    >>> from vitreous.descriptors import SolidBondsDescriptor
    >>> from vitreous.liquid import Box, Configuration
    >>> cell = np.array(np.meshgrid(*[[-2, -1, 0, 1]] * 3)).reshape(3, -1).T
    >>> places = cell[cell.sum(axis=1) % 2 == 0]
    >>> fcc = Configuration(places, np.zeros(32, int), Box.cube(4.0, dimensions=3), "A")
    >>> solid = SolidBondsDescriptor(cutoffs=1.7).fit([fcc])
    >>> solid.get_feature_names_out().tolist()
    ['solid-bonds l=6', 'solid-bonds-share l=6', 'bond-order-correlation l=6']
    >>> solid.transform([fcc])[0].round(3)
    array([12.,  1.,  1.], dtype=float32)
    """

    def __init__(
        self,
        cutoffs: ArrayLike,
        order: int = 6,
        threshold: float = 0.7,
        n_jobs: int | None = None,
        dtype: str = "float32",
    ) -> None:
        self.cutoffs = cutoffs
        self.order = order
        self.threshold = threshold
        self.n_jobs = n_jobs
        self.dtype = dtype

    def prepare(self, configurations: Sequence[Configuration]) -> None:
        """Check the parameters; see :meth:`fit`."""
        self._cutoffs = checked_cutoffs(self.cutoffs, len(self.species_))
        (self._order,) = checked_orders([self.order])
        if not -1 < self.threshold < 1:
            raise ValueError(f"threshold must lie between -1 and 1, not {self.threshold}")

    def describe(self, configuration: Configuration) -> NDArray[np.float64]:
        """Describe one configuration; see :meth:`transform`."""
        bonds = bonds_within(configuration, self._cutoffs)
        order = complex_order(configuration, bonds, self._order)
        order /= np.maximum(np.linalg.norm(order, axis=1, keepdims=True), 1e-30)
        rows = bonds.rows
        correlation = (order[rows] * order[bonds.indices].conj()).sum(axis=1).real
        n = configuration.n_particles
        n_bonds = np.maximum(np.diff(bonds.indptr), 1)
        n_solid = np.bincount(rows[correlation > self.threshold], minlength=n)
        mean = np.bincount(rows, correlation, minlength=n) / n_bonds
        return np.stack([n_solid, n_solid / n_bonds, mean], axis=1)

    def feature_names(self) -> list[str]:
        """Name the columns; see :meth:`get_feature_names_out`."""
        kinds = ("solid-bonds", "solid-bonds-share", "bond-order-correlation")
        return [f"{kind} l={self._order}" for kind in kinds]
