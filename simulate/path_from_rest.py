"""Where particles go when they are released at rest."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from joblib import Memory
from numpy.typing import ArrayLike, NDArray

from ..liquid import Configuration, System
from ._state import State
from .embedded import EmbeddedEngine

_DEFAULT_TIMES = (0.05, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.7, 1.0, 1.4, 2.0)


def path_from_rest(
    system: System,
    configuration: Configuration,
    times: ArrayLike = _DEFAULT_TIMES,
    *,
    time_step: float | None = None,
) -> NDArray[np.float64]:
    """Release all particles at rest and follow them at constant energy.

    Initial velocities are as likely as their opposites, so that only their even orders contribute
    to the mean path of the isoconfigurational ensemble. The path from rest is this mean path at
    order zero, without the thermal contributions of second and higher order. Motion of the
    neighbours and anharmonic forces are exact. No random number is drawn, so that the same
    surroundings in a larger box move alike, as long as rounding has not grown.

    Parameters
    ----------
    system : System
    configuration : Configuration
        Thermal positions; at a minimum of the energy nothing moves.
    times : array_like, shape (T,)
        Rising, in reduced units, each rounded to the nearest time step.
    time_step : float, optional
        ``system.time_step`` by default.

    Returns
    -------
    ndarray, shape (T, N, d), float64
        Displacements of the particles, in units of sigma_AA.

    Raises
    ------
    ValueError
        If a time is negative, or two fall on one step; if the box is not periodic or shorter than
        two cutoffs.
    FloatingPointError
        If particles overlap in the configuration, so that the dynamics is not stable.

    See Also
    --------
    PathFromRest : the same as a step of a pipeline.

    Examples
    --------
    >>> import numpy as np
    >>> from vitreous.datasets import load_ka2d
    >>> from vitreous.liquid import KobAndersen2D
    >>> from vitreous.simulate import path_from_rest
    >>> liquid = load_ka2d().configurations[0]
    >>> displacements = path_from_rest(KobAndersen2D(), liquid, [0.01, 1.0])
    >>> displacements.shape
    (2, 1290, 2)
    >>> fall = KobAndersen2D().forces(liquid) * 0.01**2 / 2
    >>> bool(np.allclose(displacements[0], fall, atol=1e-12))
    True
    """
    engine = EmbeddedEngine(system, time_step=time_step)
    rest = np.zeros_like(configuration.positions)
    snapshots = engine.run(configuration, times=np.ravel(times), velocities=rest)
    return np.array([snapshot.positions - configuration.positions for snapshot in snapshots])


class PathFromRest(State):
    """Replace every configuration by where its particles are some time after release at rest.

    Parameters
    ----------
    system : System
    times : array_like, shape (T,)
        Of `paths`, rising; `transform` returns the configurations at the last one.
    time_step : float, optional
        ``system.time_step`` by default.
    memory : str or joblib.Memory, optional
        Keeps the path of every configuration on disk, as in `sklearn.pipeline.Pipeline`.
    n_jobs : int, optional
        Configurations treated at the same time, through joblib; the result does not depend on it.

    See Also
    --------
    path_from_rest : a single configuration, with the reasons.
    vitreous.descriptors.MeanPathDescriptor : its lengths as columns.

    Examples
    --------
    >>> from vitreous.liquid import KobAndersen2D
    >>> from vitreous.simulate import InherentStructure, PathFromRest
    >>> system = KobAndersen2D()
    >>> minima = InherentStructure(system).transform([system.random_configuration(43, 1)])
    >>> (path,) = PathFromRest(system, [0.1, 1.0]).paths(minima)
    >>> bool(abs(path).max() < 1e-5)  # at a minimum nothing moves
    True
    """

    def __init__(
        self,
        system: System,
        times: ArrayLike = _DEFAULT_TIMES,
        *,
        time_step: float | None = None,
        memory: str | Memory | None = None,
        n_jobs: int | None = None,
    ) -> None:
        self.system = system
        self.times = times
        self.time_step = time_step
        self.memory = memory
        self.n_jobs = n_jobs

    def transform(self, configurations: Sequence[Configuration]) -> list[Configuration]:
        """Follow each configuration to the last time.

        Parameters
        ----------
        configurations : sequence of Configuration

        Returns
        -------
        list of Configuration
            Same particles in the same order.
        """
        configurations = self._of_system(configurations)
        paths = self.paths(configurations)
        return [
            configuration.with_positions(configuration.positions + path[-1])
            for configuration, path in zip(configurations, paths, strict=True)
        ]

    def paths(self, configurations: Sequence[Configuration]) -> list[NDArray[np.float64]]:
        """Return the displacements at all times.

        Parameters
        ----------
        configurations : sequence of Configuration

        Returns
        -------
        list of ndarray, shape (T, N, d), float64
        """
        return self._each(path_from_rest, configurations, self.times, time_step=self.time_step)
