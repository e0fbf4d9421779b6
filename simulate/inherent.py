"""Inherent structures as a step of a scikit-learn pipeline."""

from __future__ import annotations

from collections.abc import Sequence

from joblib import Memory

from ..liquid import Configuration, System
from ._minima import minimum
from ._state import State


class InherentStructure(State):
    """Replace every configuration by its inherent structure, the minimum of the energy it lies in.

    Parameters
    ----------
    system : System
    force_tolerance : float
        Root of the mean squared force on a particle at which a minimisation ends.
    memory : str or joblib.Memory, optional
        Keeps the minimum of every configuration on disk, as in `sklearn.pipeline.Pipeline`.
    n_jobs : int, optional
        Configurations minimised at the same time, through joblib; the result does not depend on it.

    See Also
    --------
    minimize : a single configuration, with the details of the minimisation.

    Examples
    --------
    >>> from vitreous.liquid import PairPotential, System
    >>> spheres = PairPotential.harmonic([[1.0]], [[1.0]])
    >>> system = System("spheres", "A", [1], 0.5, 2, spheres, time_step=0.1)
    >>> configurations = [system.random_configuration(64, random_state=k) for k in range(2)]
    >>> minima = InherentStructure(system).fit_transform(configurations)
    >>> [system.potential_energy(minimum) < 1e-6 for minimum in minima]
    [True, True]
    """

    def __init__(
        self,
        system: System,
        *,
        force_tolerance: float = 1e-6,
        memory: str | Memory | None = None,
        n_jobs: int | None = None,
    ) -> None:
        self.system = system
        self.force_tolerance = force_tolerance
        self.memory = memory
        self.n_jobs = n_jobs

    def transform(self, configurations: Sequence[Configuration]) -> list[Configuration]:
        """Minimise each configuration.

        Parameters
        ----------
        configurations : sequence of Configuration
            Or of anything of which `vitreous.liquid.as_configuration` makes one.

        Returns
        -------
        list of Configuration
            Same particles in the same order, at the minima.
        """
        return self._each(minimum, configurations, self.force_tolerance)
