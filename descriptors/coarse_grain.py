"""Averages of any descriptor over growing neighbourhoods."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.base import clone

from ..liquid import Configuration, cut_surroundings, neighbor_list
from ..liquid.cells import cells
from ._averages import fill_generations
from ._columns import describe_with_room
from .base import Descriptor


class CoarseGrain(Descriptor):
    r"""Features of a particle beside their averages over its neighbourhood, again and again.

    Generation 0 is what the wrapped descriptor gives; each further one averages the one before,

    .. math::

        X^{(k)}_i = \frac{\sum_j e^{-r_{ij} / L} X^{(k-1)}_j}{\sum_j e^{-r_{ij} / L}},

    over all particles j within the cutoff, i itself (r = 0) included, so that an isolated particle
    keeps its own features. Columns run over generations, then over the features of the descriptor.

    Parameters
    ----------
    descriptor : transformer
        A descriptor, or a ``FeatureUnion`` or ``Pipeline`` that turns configurations into one row
        per particle. It is asked for one configuration at a time.
    length : float, default 2.0
        The L, in units of sigma_AA.
    cutoff : float, default 5.0
        In units of sigma_AA; at most half the box.
    generations : int, default 2
        Number of times that features are averaged.
    n_jobs : int, optional
        Number of configurations described at the same time, by threads.
    dtype : {"float32", "float64"}
        Of the features, and of the sums over neighbours.

    Attributes
    ----------
    descriptor_ : transformer
        The fitted descriptor.

    Raises
    ------
    ValueError
        In ``transform``, if the cutoff exceeds half the box.

    References
    ----------
    E. Boattini, F. Smallenburg, L. Filion, Phys. Rev. Lett. 127, 088007 (2021).

    Examples
    --------
    >>> from sklearn.pipeline import make_union
    >>> from vitreous.descriptors import BondOrderDescriptor, CoarseGrain, RadialDescriptor
    >>> from vitreous.liquid import KobAndersen2D
    >>> configuration = KobAndersen2D().random_configuration(200, random_state=1)
    >>> union = make_union(RadialDescriptor(), BondOrderDescriptor())
    >>> descriptor = CoarseGrain(union, generations=2)
    >>> descriptor.fit_transform([configuration]).shape
    (200, 1476)
    >>> descriptor.get_feature_names_out()[-1]
    'bondorderdescriptor__bond-order l=12 r=2.5 L=2 generation=2'
    """

    open_boxes = True

    def __init__(
        self,
        descriptor: Any,
        length: float = 2.0,
        cutoff: float = 5.0,
        generations: int = 2,
        n_jobs: int | None = None,
        dtype: str = "float32",
    ) -> None:
        self.descriptor = descriptor
        self.length = length
        self.cutoff = cutoff
        self.generations = generations
        self.n_jobs = n_jobs
        self.dtype = dtype

    def prepare(self, configurations: Sequence[Configuration]) -> None:
        """Check the parameters; see :meth:`fit`."""
        if not 0 < self.length < np.inf:
            raise ValueError(f"length must be positive and finite, not {self.length!r}")
        if not isinstance(self.generations, int | np.integer) or self.generations < 0:
            raise ValueError(
                f"generations must be a whole number of at least 0, not {self.generations!r}"
            )
        self.descriptor_ = clone(self.descriptor).fit(configurations)

    def describe(self, configuration: Configuration) -> NDArray[np.floating]:
        """Describe one configuration; see :meth:`transform`."""
        n_repeats = self.generations + 1
        features = describe_with_room(self.descriptor_, configuration, n_repeats, self.dtype)
        if self.generations and features.size:
            neighborhood = cells(configuration, self.cutoff)
            n_features = features.shape[1] // n_repeats
            unknown = self._unknown(configuration, features[:, :n_features])
            features[unknown[0], :n_features] = 0.0
            fill_generations(neighborhood, float(self.length), features, n_features)
            for generation, particles in enumerate(unknown):
                first = generation * n_features
                features[particles, first : first + n_features] = np.nan
        return features

    def _unknown(
        self, configuration: Configuration, features: NDArray[np.floating]
    ) -> NDArray[np.bool_]:
        """Which particles of an open box have no average, shape (generations + 1, N).

        Those whose neighbourhood is cut by the border, or holds a particle without a value.
        """
        unknown = np.zeros((self.generations + 1, configuration.n_particles), dtype=bool)
        if configuration.box.is_periodic:
            return unknown
        unknown[0] = np.isnan(features).any(axis=1)
        cut = cut_surroundings(configuration, self.cutoff)
        neighbors = neighbor_list(configuration, self.cutoff)
        rows = neighbors.rows
        for before, after in pairwise(unknown):
            after[:] = before | cut
            after[rows[before[neighbors.indices]]] = True
        return unknown

    def feature_names(self) -> list[str]:
        """Name the columns; see :meth:`get_feature_names_out`."""
        bare = list(self.descriptor_.get_feature_names_out())
        return bare + [
            f"{name} L={self.length:g} generation={generation}"
            for generation in range(1, self.generations + 1)
            for name in bare
        ]
