"""Columns of short runs at a higher temperature."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.base import clone

from ..liquid import Configuration
from .base import Descriptor


class HeatedDescriptor(Descriptor):
    r"""Displacement and broken bonds of each particle after short runs at a higher temperature.

    At each time t of the runs, which are at a temperature :math:`T_h`, there are two columns, the
    averages over replicas

    .. math::

        \langle |\mathbf r_i(t) - \mathbf r_i(0)| \rangle / \sqrt{T_h}, \qquad
        1 - \langle C_{B,i}(t) \rangle,

    the displacement and the share of bonds that are broken. `CoarseGrain` averages them over
    neighbourhoods, which lowers the noise of a few replicas.

    Parameters
    ----------
    runs : vitreous.simulate.HeatedRuns
        Or another estimator with ``temperature``, ``times`` and a method ``labels``.
    n_jobs : int, optional
        Number of configurations described at the same time, by threads.
    dtype : {"float32", "float64"}
        Of the features.

    Attributes
    ----------
    runs_ : estimator
        The fitted runs.

    Raises
    ------
    ValueError
        In ``fit`` and ``transform``, if the runs refuse a configuration.

    Notes
    -----
    Columns of our own. They cost a simulation, n_replicas times the last time, whatever the
    temperature of the configuration: little beside the relaxation time of a cold liquid.

    Examples
    --------
    >>> from vitreous.datasets import load_ka2d
    >>> from vitreous.descriptors import HeatedDescriptor
    >>> from vitreous.liquid import KobAndersen2D
    >>> from vitreous.simulate import HeatedRuns
    >>> runs = HeatedRuns(KobAndersen2D(), 0.7, times=[0.5, 1.0], n_replicas=2)
    >>> descriptor = HeatedDescriptor(runs)
    >>> descriptor.fit_transform(load_ka2d().configurations[:1]).shape
    (1290, 4)
    >>> descriptor.get_feature_names_out()[2:].tolist()
    ['heated broken bonds t=0.5', 'heated broken bonds t=1']
    """

    def __init__(self, runs: Any, n_jobs: int | None = None, dtype: str = "float32") -> None:
        self.runs = runs
        self.n_jobs = n_jobs
        self.dtype = dtype

    def prepare(self, configurations: Sequence[Configuration]) -> None:
        """Check the parameters; see :meth:`fit`."""
        self.runs_ = clone(self.runs).fit(configurations)
        self._times = np.ravel(np.asarray(self.runs.times, dtype=np.float64))

    def describe(self, configuration: Configuration) -> NDArray[np.float64]:
        """Describe one configuration; see :meth:`transform`."""
        (labels,) = self.runs_.labels([configuration])
        displacement = labels.matrix("displacement") / np.sqrt(self.runs_.temperature)
        return np.hstack([displacement, labels.matrix("broken_bonds")])

    def feature_names(self) -> list[str]:
        """Name the columns; see :meth:`get_feature_names_out`."""
        return [
            f"heated {label} t={time:g}"
            for label in ("displacement", "broken bonds")
            for time in self._times
        ]
