"""Averages of any descriptor over growing neighbourhoods."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.base import clone

from ..liquid import Configuration
from ..liquid._cell_kernels import Cells
from ..liquid._cells import cells
from ._coarse_grain_kernels import averages, to_panels
from ._vector_kernels import PANEL_VECTORS, VECTOR_BYTES
from .base import Descriptor

_PANEL_BYTES = PANEL_VECTORS * VECTOR_BYTES
_BLOCK_BYTES = 2**28  # of the columns averaged together, so that a large system fits the memory


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

    def _prepare(self, configurations: Sequence[Configuration]) -> None:
        if not 0 < self.length < np.inf:
            raise ValueError(f"length must be positive and finite, not {self.length!r}")
        if not isinstance(self.generations, int | np.integer) or self.generations < 0:
            raise ValueError(
                f"generations must be a whole number of at least 0, not {self.generations!r}"
            )
        self.descriptor_ = clone(self.descriptor).fit(configurations)

    def describe(self, configuration: Configuration) -> NDArray[np.floating]:
        """Describe one configuration; see :meth:`transform`."""
        bare = np.asarray(self.descriptor_.transform([configuration]), dtype=self.dtype)
        n_particles, n_features = bare.shape
        if n_particles != configuration.n_particles:
            raise ValueError(
                f"the wrapped descriptor gave {n_particles} rows for a configuration of "
                f"{configuration.n_particles} particles; it must give one per particle"
            )
        features = np.empty((n_particles, self.generations + 1, n_features), self.dtype)
        features[:, 0] = bare
        if self.generations:
            neighborhood = cells(configuration, self.cutoff)
            width = _PANEL_BYTES // features.itemsize
            block = width * max(1, _BLOCK_BYTES // (_PANEL_BYTES * n_particles))
            for begin in range(0, n_features, block):
                self._fill_generations(neighborhood, features[:, :, begin : begin + block])
        return features.reshape(n_particles, -1)

    def _fill_generations(self, neighborhood: Cells, features: NDArray[np.floating]) -> None:
        """Average some columns, (n_particles, generations + 1, n_columns), from the first on."""
        width = _PANEL_BYTES // features.itemsize
        n_panels = -(-features.shape[2] // width)
        source, target = aligned_empty((2, n_panels, len(features), width), self.dtype)
        to_panels(features[:, 0], neighborhood.order, source)
        for generation in range(1, self.generations + 1):
            averages(neighborhood, float(self.length), source, target, features[:, generation])
            source, target = target, source

    def _feature_names(self) -> list[str]:
        bare = list(self.descriptor_.get_feature_names_out())
        return bare + [
            f"{name} L={self.length:g} generation={generation}"
            for generation in range(1, self.generations + 1)
            for name in bare
        ]


def aligned_empty(shape: tuple[int, ...], dtype: str) -> NDArray[np.floating]:
    """Return an array that begins where a vector of the processor may."""
    n_bytes = int(np.prod(shape)) * np.dtype(dtype).itemsize
    buffer = np.empty(n_bytes + VECTOR_BYTES, dtype=np.uint8)
    skipped = -buffer.ctypes.data % VECTOR_BYTES
    return buffer[skipped : skipped + n_bytes].view(dtype).reshape(shape)
