"""Short runs at a higher temperature, which tell early where a liquid will move."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from ..dynamics import IsoconfigurationalLabels
from ..liquid import Configuration, System
from ._state import OfOneSystem
from .embedded import EmbeddedEngine
from .isoconfigurational import isoconfigurational_ensemble

_DEFAULT_TIMES = (0.5, 1.0, 2.0, 4.0, 8.0, 12.0)

# Half of the heat goes into the potential energy within a vibration; it is replaced as fast.
_THERMOSTAT_TIME = 0.5

# Seeds of these runs, whatever seeds labels have: velocities in common would let the columns tell
# the noise of the labels.
_STREAM = 0x48454154


class HeatedRuns(OfOneSystem):
    """Isoconfigurational ensembles of given structures at one temperature above theirs.

    Replicas start from the positions of a configuration with velocities of the higher temperature
    and run there for a few units of time, within which the liquid of that temperature forgets only
    where its bonds break first. These are in part the places where the colder liquid will break its
    own, after a time that may be out of reach. One temperature serves for liquids of all others, so
    that what differs between the ensembles is the structures alone.

    Parameters
    ----------
    system : System
    temperature : float
        Of the runs, in units of eps_AA / k_B.
    times : array_like of float, shape (T,)
        Rising positive times of the labels.
    n_replicas : int
        At least 2.
    time_step : float, optional
        That of the system by default.
    random_state : int
        Seeds velocities and thermostat: the same for all configurations, and not those of labels
        that `isoconfigurational_ensemble` makes with the same number.

    See Also
    --------
    vitreous.descriptors.HeatedDescriptor : the labels as columns.

    Notes
    -----
    Runs are those of `isoconfigurational_ensemble` by the embedded engine, with a thermostat of
    relaxation time 0.5. They are random: a configuration and its repetition in a larger box have
    equal averages only in the limit of many replicas.

    Examples
    --------
    >>> from vitreous.datasets import load_ka2d
    >>> from vitreous.liquid import KobAndersen2D
    >>> from vitreous.simulate import HeatedRuns
    >>> runs = HeatedRuns(KobAndersen2D(), 0.7, times=[0.5, 1.0], n_replicas=2)
    >>> (labels,) = runs.labels(load_ka2d().configurations[:1])
    >>> labels.matrix("broken_bonds").shape
    (1290, 2)
    """

    def __init__(
        self,
        system: System,
        temperature: float,
        times: ArrayLike = _DEFAULT_TIMES,
        *,
        n_replicas: int = 16,
        time_step: float | None = None,
        random_state: int = 0,
    ) -> None:
        self.system = system
        self.temperature = temperature
        self.times = times
        self.n_replicas = n_replicas
        self.time_step = time_step
        self.random_state = random_state

    def labels(self, configurations: Sequence[Configuration]) -> list[IsoconfigurationalLabels]:
        """Run the replicas of each configuration and average their labels.

        Parameters
        ----------
        configurations : sequence of Configuration

        Returns
        -------
        list of IsoconfigurationalLabels

        Raises
        ------
        ValueError
            If a configuration has other species or another dimension than the system, or tells a
            temperature that is not below that of the runs; so does `fit`.
        """
        engine = EmbeddedEngine(self.system, time_step=self.time_step)
        seed = seed_of_runs(self.random_state)
        return [
            isoconfigurational_ensemble(
                self.system,
                configuration,
                self.temperature,
                self.times,
                n_replicas=self.n_replicas,
                thermostat_time=_THERMOSTAT_TIME,
                random_state=seed,
                engine=engine,
            )
            for configuration in self._of_system(configurations)
        ]

    def _of_system(self, configurations: Sequence[Configuration]) -> list[Configuration]:
        """Check as well that the configurations are colder than the runs."""
        if not (np.isfinite(self.temperature) and self.temperature > 0):
            raise ValueError(f"temperature must be positive and finite, not {self.temperature}")
        made = super()._of_system(configurations)
        for configuration in made:
            own = configuration.temperature
            if own is not None and not own < self.temperature:
                raise ValueError(
                    f"runs at T = {self.temperature:g} do not heat a configuration of T = {own:g}; "
                    "choose a higher temperature"
                )
        return made


def seed_of_runs(random_state: int) -> int:
    """Seed that `isoconfigurational_ensemble` gets, from a stream that nothing else draws from."""
    return int(np.random.SeedSequence([_STREAM, random_state]).generate_state(1, np.uint64)[0])
