"""Replicas run backwards: structures with labels that cost no further simulation."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..liquid import Configuration


@dataclass(frozen=True, eq=False)
class ReversedReplica:
    """The last configuration of a replica and what happens when its velocities are reversed.

    Attributes
    ----------
    configuration : Configuration
        Where the replica ended.
    labels : ndarray, shape (N,)
        Label of the single trajectory that leads back from there.
    weight : float
        Weight of these labels; those of the ensemble that the replica belongs to have weight 1.

    Examples
    --------
    >>> from vitreous.dynamics import reversed_replicas
    >>> from vitreous.liquid import KobAndersen2D
    >>> start = KobAndersen2D().random_configuration(43, random_state=0)
    >>> end = start.with_positions(start.positions + [0.3, 0.4])
    >>> (replica,) = reversed_replicas(start, [end], n_replicas=10)
    >>> replica.weight, replica.configuration is end
    (0.1, True)
    """

    configuration: Configuration
    labels: NDArray[np.float64]
    weight: float


def reversed_replicas(
    configuration: Configuration, ends: Sequence[Configuration], n_replicas: int
) -> list[ReversedReplica]:
    r"""Label the ends of replicas by the displacement of their particles, run backwards.

    The dynamics is reversible, and the replicas start from equilibrium: a trajectory from x(0) to
    x(t) is as probable as the reversed one. The end of a replica is therefore one more equilibrium
    structure, and :math:`|r_i(0) - r_i(t)|` is the displacement in one replica that starts there.
    This label is as noisy as a single replica and gets the weight :math:`1 / R` beside a mean over
    R replicas. All ends of one ensemble lead back to the same configuration: they are related and
    must never be on both sides of a split between training and test.

    Parameters
    ----------
    configuration : Configuration
        At the start of all replicas.
    ends : sequence of Configuration
        At the same later time.
    n_replicas : int
        Number R of replicas that the labels of `configuration` average over.

    Returns
    -------
    list of ReversedReplica

    Notes
    -----
    Displacements are taken to the nearest periodic image: a particle that moved by more than half
    the box looks less mobile than it was. The velocities at the end are thermal ones of their own,
    as the Maxwell velocities of a replica are, if the dynamics conserves the canonical
    distribution.

    Examples
    --------
    >>> from vitreous.liquid import KobAndersen2D
    >>> start = KobAndersen2D().random_configuration(43, random_state=0)
    >>> end = start.with_positions(start.positions + [0.3, 0.4])
    >>> reversed_replicas(start, [end], n_replicas=10)[0].labels[:2].round(12)
    array([0.5, 0.5])
    """
    return [
        ReversedReplica(
            end,
            np.linalg.norm(
                configuration.box.minimum_image(configuration.positions - end.positions), axis=1
            ),
            1 / n_replicas,
        )
        for end in ends
    ]
