"""Columns of the cage: where a particle stands in it, and how it moves there."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.base import clone

from ..liquid import Configuration
from .base import Descriptor


class CageDescriptor(Descriptor):
    r"""Distances between thermal, inherent and cage position, and the motion in the cage.

    With the distances :math:`d_{tc}, d_{ti}, d_{ic}` between the thermal (t), inherent (i) and cage
    (c) position of a particle and the mean squared displacement q around the latter, there are
    eleven columns, lengths in units of :math:`\sqrt T`:

    .. math::

        d_{tc}, \; d_{ti}, \; d_{ic}, \qquad d_{tc}^2, \; d_{ti}^2, \; d_{ic}^2, \; q,

        \sqrt q, \; \sqrt{d_{tc}^2 + q}, \; \sqrt{d_{ti}^2 + q}, \qquad \langle |r - r_t| \rangle

    (squares in units of T). The last one, the mean distance from the thermal position along the
    confined motion, is what the displacement would be if the cage never broke.

    Parameters
    ----------
    state : transformer
        ``vitreous.simulate.CageFromRest``, or another with a method ``motions`` whose items have
        the attributes of ``vitreous.simulate.CageMotion``.
    n_jobs : int, optional
        Number of configurations described at the same time, by threads.
    dtype : {"float32", "float64"}
        Of the features.

    Attributes
    ----------
    state_ : transformer
        The fitted transformer.

    Raises
    ------
    ValueError
        In ``transform``, if a configuration does not tell its temperature, or the state refuses it.

    References
    ----------
    R. M. Alkemade, F. Smallenburg and L. Filion, J. Chem. Phys. 158, 134512 (2023), for cages.

    Examples
    --------
    >>> from vitreous.datasets import load_ka2d
    >>> from vitreous.descriptors import CageDescriptor
    >>> from vitreous.liquid import KobAndersen2D
    >>> from vitreous.simulate import CageFromRest
    >>> state = CageFromRest(KobAndersen2D(), releases=[0.7], duration=2.0)
    >>> descriptor = CageDescriptor(state)
    >>> descriptor.fit_transform(load_ka2d().configurations[-1:]).shape
    (1290, 11)
    >>> descriptor.get_feature_names_out()[:2].tolist()
    ['distance thermal-cage', 'distance thermal-inherent']
    """

    def __init__(self, state: Any, n_jobs: int | None = None, dtype: str = "float32") -> None:
        self.state = state
        self.n_jobs = n_jobs
        self.dtype = dtype

    def prepare(self, configurations: Sequence[Configuration]) -> None:
        """Check the parameters; see :meth:`fit`."""
        self.state_ = clone(self.state).fit(configurations)

    def describe(self, configuration: Configuration) -> NDArray[np.floating]:
        """Describe one configuration; see :meth:`transform`."""
        temperature = configuration.require_temperature()
        (motion,) = self.state_.motions([configuration])
        places = [
            state.positions for state in (motion.thermal, motion.configuration, motion.inherent)
        ]
        thermal_cage, thermal_inherent, inherent_cage = (
            (configuration.box.minimum_image(places[a] - places[b]) ** 2).sum(axis=1)
            for a, b in ((0, 1), (0, 2), (2, 1))
        )
        spread = motion.mean_square_displacement
        squares = np.column_stack([thermal_cage, thermal_inherent, inherent_cage, spread])
        return np.column_stack(
            [
                np.sqrt(squares[:, :3] / temperature),
                squares / temperature,
                np.sqrt(spread / temperature),
                np.sqrt((thermal_cage + spread) / temperature),
                np.sqrt((thermal_inherent + spread) / temperature),
                motion.mean_distance / np.sqrt(temperature),
            ]
        )

    def feature_names(self) -> list[str]:
        """Name the columns; see :meth:`get_feature_names_out`."""
        pairs = ["thermal-cage", "thermal-inherent", "inherent-cage"]
        return [
            *(f"distance {pair}" for pair in pairs),
            *(f"distance {pair} squared" for pair in pairs),
            "mean-square-displacement in the cage",
            "root-mean-square displacement in the cage",
            "distance thermal-cage and motion",
            "distance thermal-inherent and motion",
            "mean distance from thermal in the cage",
        ]
