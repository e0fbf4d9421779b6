"""Angular structure functions of Behler and Parrinello."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations_with_replacement, product

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..liquid import Configuration, cut_surroundings
from ..liquid.cells import cells
from ._angular_kernels import angular_sums
from ._slices import slices_of_cells
from .base import Descriptor

_DEFAULT_TERMS = list(product([0.7, 1.0, 1.5, 2.5], [-1, 1], [1, 2, 4, 16]))


class AngularDescriptor(Descriptor):
    r"""Angles between pairs of neighbours, weighted by the size of their triangle.

    .. math::

        \Psi_i(\xi, \lambda, \zeta; b, c) = \sum_{j \in b, k \in c}
        e^{-(r_{ij}^2 + r_{ik}^2 + r_{jk}^2) / \xi^2} (1 + \lambda \cos \theta_{jik})^\zeta

    over all pairs of neighbours j, k within the cutoff, each pair once. With
    :math:`\lambda = 1` small angles count, with -1 large ones, in both cases the more sharply the
    larger :math:`\zeta`. Together with :class:`RadialDescriptor` these are the structure functions
    from which softness is learnt. Columns run over pairs of species, then terms. Without a pair
    the sum is 0. Everything is computed in float64.

    Parameters
    ----------
    terms : array_like of float, shape (n_terms, 3), optional
        Rows (xi, lambda, zeta): xi in units of sigma_AA, lambda -1 or 1, zeta a whole number of at
        least 1. By default all 32 combinations of xi 0.7, 1, 1.5, 2.5, both lambda, and zeta 1, 2,
        4, 16, which are our choice.
    cutoff : float, default 2.5
        In units of sigma_AA; at most half the box. The time grows with its sixth power in 3D.
    n_jobs : int, optional
        Number of configurations described at the same time, by threads.
    dtype : {"float32", "float64"}
        Of the features.

    Raises
    ------
    ValueError
        In ``fit``, if a term is out of range; in ``transform``, if the cutoff exceeds half the box.

    References
    ----------
    J. Behler, M. Parrinello, Phys. Rev. Lett. 98, 146401 (2007);
    E. D. Cubuk et al., Phys. Rev. Lett. 114, 108001 (2015).

    Examples
    --------
    >>> from vitreous.descriptors import AngularDescriptor
    >>> from vitreous.liquid import Box, Configuration
    >>> corner = Configuration([[0, 0], [1, 0], [0, 1]], [0, 0, 1], Box.cube(6.0, 2), ("A", "B"))
    >>> angular = AngularDescriptor(terms=[(2.0, 1, 1)]).fit([corner])
    >>> angular.get_feature_names_out()[1]
    'angular[A,B] xi=2 lambda=1 zeta=1'
    >>> angular.transform([corner])[0].round(4)  # exp(-4 / 2^2)
    array([0.    , 0.3679, 0.    ], dtype=float32)
    """

    open_boxes = True

    def __init__(
        self,
        terms: ArrayLike | None = None,
        cutoff: float = 2.5,
        n_jobs: int | None = None,
        dtype: str = "float32",
    ) -> None:
        self.terms = terms
        self.cutoff = cutoff
        self.n_jobs = n_jobs
        self.dtype = dtype

    def prepare(self, configurations: Sequence[Configuration]) -> None:
        """Check the parameters; see :meth:`fit`."""
        self._terms = _checked_terms(_DEFAULT_TERMS if self.terms is None else self.terms)
        self._lengths, groups = np.unique(self._terms[:, 0], return_inverse=True)
        # Terms of one length must follow each other: their exponentials are computed once.
        self._sorted = np.argsort(groups, kind="stable")
        self._groups = groups[self._sorted].astype(np.int64)

    def describe(self, configuration: Configuration) -> NDArray[np.float64]:
        """Describe one configuration; see :meth:`transform`."""
        n_species = len(configuration.species)
        n_pairs = n_species * (n_species + 1) // 2
        sums = np.empty((configuration.n_particles, n_pairs, len(self._terms)))
        around = cells(configuration, self.cutoff)
        for first, stop in slices_of_cells(around):
            angular_sums(
                around,
                first,
                stop,
                self._lengths,
                self._groups,
                self._terms[self._sorted, 1],
                self._terms[self._sorted, 2].astype(np.int64),
                sums,
            )
        columns = np.empty_like(sums)
        columns[:, :, self._sorted] = sums
        columns[cut_surroundings(configuration, self.cutoff)] = np.nan
        return columns.reshape(configuration.n_particles, -1)

    def feature_names(self) -> list[str]:
        """Name the columns; see :meth:`get_feature_names_out`."""
        return [
            f"angular[{first},{second}] xi={xi:.6g} lambda={sign:g} zeta={power:g}"
            for first, second in combinations_with_replacement(self.species_, 2)
            for xi, sign, power in self._terms
        ]


def _checked_terms(terms: ArrayLike) -> NDArray[np.float64]:
    values = np.asarray(terms, dtype=np.float64)
    if values.ndim != 2 or values.shape[1] != 3 or len(values) == 0:
        raise ValueError(f"terms must be rows (xi, lambda, zeta), not of shape {values.shape}")
    for xi, sign, power in values:
        if not (0 < xi < np.inf and abs(sign) == 1 and power >= 1 and power % 1 == 0):
            raise ValueError(
                f"a term (xi, lambda, zeta) needs a positive xi, a lambda of -1 or 1 and a whole "
                f"zeta of at least 1, not ({xi:g}, {sign:g}, {power:g})"
            )
    return values
