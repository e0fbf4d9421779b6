"""How far particles go when they are released at rest."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.base import clone

from ..liquid import Configuration, local_field
from .ballistic import responses
from .base import Descriptor

# Until then a particle spreads about its mean path as in the frozen field of its neighbours.
_LAST_SPREAD = 0.3


class MeanPathDescriptor(Descriptor):
    r"""Displacements along the path from rest, which is the mean path of the ensemble.

    With the displacement :math:`z_i(t)` of a particle after all were released at rest, and the
    variance :math:`b_k T` of its motion in the frozen field of its neighbours along each
    eigenvector of its own block of the Hessian (`BallisticDescriptor`), columns are, in units of
    :math:`\sqrt{T}`,

    .. math::

        |z_i(t)| / \sqrt{T}, \qquad \Big[ |z_i(t)|^2 / T + \sum_k b_k(t) \Big]^{1/2},

    the first at all times of the path, the second at those up to 0.3.

    Parameters
    ----------
    path : transformer
        ``vitreous.simulate.PathFromRest``, or another with ``system``, ``times`` and a method
        ``paths`` that gives displacements (n_times, N, d).
    n_jobs : int, optional
        Number of configurations described at the same time, by threads.
    dtype : {"float32", "float64"}
        Of the features.

    Attributes
    ----------
    path_ : transformer
        The fitted transformer.

    Raises
    ------
    ValueError
        In ``transform``, if a configuration does not tell its temperature, or the path refuses it.

    See Also
    --------
    vitreous.simulate.path_from_rest : where the mean path and the path from rest differ.

    Examples
    --------
    >>> from vitreous.datasets import load_ka2d
    >>> from vitreous.descriptors import MeanPathDescriptor
    >>> from vitreous.liquid import KobAndersen2D
    >>> from vitreous.simulate import PathFromRest
    >>> liquid = load_ka2d().configurations[0]
    >>> descriptor = MeanPathDescriptor(PathFromRest(KobAndersen2D(), [0.1, 1.0]))
    >>> descriptor.fit_transform([liquid]).shape
    (1290, 3)
    >>> descriptor.get_feature_names_out().tolist()
    ['path t=0.1', 'path t=1', 'path and spread t=0.1']
    """

    def __init__(self, path: Any, n_jobs: int | None = None, dtype: str = "float32") -> None:
        self.path = path
        self.n_jobs = n_jobs
        self.dtype = dtype

    def prepare(self, configurations: Sequence[Configuration]) -> None:
        """Check the parameters; see :meth:`fit`."""
        self.path_ = clone(self.path).fit(configurations)
        self._times = np.ravel(np.asarray(self.path.times, dtype=np.float64))

    def describe(self, configuration: Configuration) -> NDArray[np.floating]:
        """Describe one configuration; see :meth:`transform`."""
        temperature = configuration.require_temperature()
        (path,) = self.path_.paths([configuration])
        squares = (path**2).sum(axis=2).T / temperature
        early = self._times <= _LAST_SPREAD
        _, curvatures = local_field(self.path_.system, configuration)
        eigenvalues = np.asarray(np.linalg.eigvalsh(curvatures), dtype=np.float64)
        _, spread = responses(eigenvalues[:, None], self._times[None, early, None])
        return np.sqrt(np.column_stack([squares, squares[:, early] + spread.sum(axis=2)]))

    def feature_names(self) -> list[str]:
        """Name the columns; see :meth:`get_feature_names_out`."""
        return [
            *(f"path t={time:g}" for time in self._times),
            *(f"path and spread t={time:g}" for time in self._times if time <= _LAST_SPREAD),
        ]
