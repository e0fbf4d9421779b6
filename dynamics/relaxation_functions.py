"""How a liquid relaxes: averages over its particles, against time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .estimate import Estimate


@dataclass(frozen=True, eq=False)
class RelaxationFunctions:
    """Averages over particles and trajectories at several times.

    Attributes
    ----------
    times : ndarray, shape (T,)
        In units of sigma_AA (m / eps_AA)^1/2.
    bond_breaking : Estimate, shape (T,)
        C_B(t), the share of neighbours that stayed.
    overlap : Estimate, shape (T,)
        Q(t), the share of particles within 0.3 of where they started.
    scattering : Estimate, shape (T,)
        F_s(q, t) at q = 7.0.
    mean_square_displacement : Estimate, shape (T,)
        In units of sigma_AA^2.
    susceptibility : ndarray, shape (T,)
        ``chi4 = N (<Q^2> - <Q>^2)`` of the overlap, over all trajectories; NaN for one.
    n_trajectories : int

    Examples
    --------
    >>> from vitreous.dynamics import RelaxationFunctions
    >>> names = "bond_breaking", "overlap", "scattering", "square_displacement"
    >>> curves = dict.fromkeys(names, [[1.0, 0.8], [1.0, 0.6]])
    >>> found = RelaxationFunctions.of([1.0, 10.0], curves, groups=[0, 1], n_particles=100)
    >>> found.bond_breaking.value, found.n_trajectories
    (array([1. , 0.7]), 2)
    """

    times: NDArray[np.float64]
    bond_breaking: Estimate
    overlap: Estimate
    scattering: Estimate
    mean_square_displacement: Estimate
    susceptibility: NDArray[np.float64]
    n_trajectories: int

    @classmethod
    def of(
        cls,
        times: ArrayLike,
        trajectories: Mapping[str, ArrayLike],
        groups: ArrayLike,
        n_particles: float,
    ) -> RelaxationFunctions:
        """Average trajectories; errors are over groups of them that are independent.

        Parameters
        ----------
        times : array_like, shape (T,)
        trajectories : mapping of str to array_like, shape (n_trajectories, T)
            ``bond_breaking``, ``overlap``, ``scattering`` and ``square_displacement`` averaged over
            the particles of each trajectory.
        groups : array_like, shape (n_trajectories,)
            Which belong together: the replicas of a configuration, or overlapping stretches.
        n_particles : float
            Mean number of particles.

        Examples
        --------
        >>> curves = {name: [[1.0, 0.5], [1.0, 0.3]] for name in
        ...           ("bond_breaking", "overlap", "scattering", "square_displacement")}
        >>> found = RelaxationFunctions.of([1.0, 10.0], curves, [0, 1], 100)
        >>> found.overlap.value, found.overlap.standard_error.round(6)
        (array([1. , 0.4]), array([0. , 0.1]))
        >>> found.susceptibility.round(6)
        array([0., 2.])
        """
        members = np.unique(np.asarray(groups), return_inverse=True)[1]

        def average(name: str) -> Estimate:
            values = np.asarray(trajectories[name], dtype=np.float64)
            single = [values[members == group].mean(axis=0) for group in range(members.max() + 1)]
            return Estimate.mean(single)

        kept = np.asarray(trajectories["overlap"], dtype=np.float64)
        alone = len(kept) < 2
        spread = np.full(kept.shape[1], np.nan) if alone else kept.var(axis=0, ddof=1)
        return cls(
            np.asarray(times, dtype=np.float64),
            average("bond_breaking"),
            average("overlap"),
            average("scattering"),
            average("square_displacement"),
            n_particles * spread,
            len(kept),
        )
