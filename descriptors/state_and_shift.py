"""A state of a configuration, and how far its particles are from there."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.base import clone

from ..liquid import Configuration
from .base import Descriptor


class StateAndShift(Descriptor):
    r"""Describe a state of each configuration, and the way of each particle to it.

    Columns are those of the descriptor in the state, then :math:`|r_i - r_i^s|` and its square,
    with the positions of a particle in the configuration and in the state, which is computed once.

    Parameters
    ----------
    state : transformer
        From configurations to configurations, such as ``vitreous.simulate.InherentStructure``.
    descriptor : transformer
        Of the state. It is fitted to the configurations themselves.
    n_jobs : int, optional
        Number of configurations described at the same time, by threads.
    dtype : {"float32", "float64"}
        Of the features.

    Attributes
    ----------
    state_, descriptor_ : transformer
        The fitted ones.

    See Also
    --------
    StateUnion : several states, all of them described.

    Examples
    --------
    >>> from vitreous.descriptors import RadialDescriptor, StateAndShift
    >>> from vitreous.liquid import KobAndersen2D
    >>> from vitreous.simulate import InherentStructure
    >>> system = KobAndersen2D()
    >>> descriptor = StateAndShift(InherentStructure(system), RadialDescriptor([1.1], 0.1))
    >>> descriptor.fit_transform([system.random_configuration(100, random_state=1)]).shape
    (100, 5)
    >>> descriptor.get_feature_names_out()[-2:].tolist()
    ['shift', 'shift squared']
    """

    def __init__(
        self, state: Any, descriptor: Any, n_jobs: int | None = None, dtype: str = "float32"
    ) -> None:
        self.state = state
        self.descriptor = descriptor
        self.n_jobs = n_jobs
        self.dtype = dtype

    def prepare(self, configurations: Sequence[Configuration]) -> None:
        """Fit the state and the descriptor; see :meth:`fit`."""
        self.state_ = clone(self.state).fit(configurations)
        self.descriptor_ = clone(self.descriptor).fit(configurations)

    def describe(self, configuration: Configuration) -> NDArray[np.floating]:
        """Describe one configuration; see :meth:`transform`."""
        (state,) = self.state_.transform([configuration])
        features = np.asarray(self.descriptor_.transform([state]))
        vectors = configuration.box.minimum_image(configuration.positions - state.positions)
        square = (vectors**2).sum(axis=1)
        columns = np.empty((len(features), features.shape[1] + 2), dtype=self.dtype)
        columns[:, :-2] = features
        columns[:, -2], columns[:, -1] = np.sqrt(square), square
        return columns

    def feature_names(self) -> list[str]:
        """Name the columns; see :meth:`get_feature_names_out`."""
        return [*self.descriptor_.get_feature_names_out(), "shift", "shift squared"]
