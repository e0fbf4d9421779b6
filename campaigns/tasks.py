"""What is to be done in a campaign: functions of `steps`, each with what it takes."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

import numpy as np
from joblib import delayed
from numpy.typing import NDArray

from ..liquid import System
from ..simulate.equilibrate import EquilibriumTest, Start
from ..simulate.relaxation import Relaxation
from .settings import CampaignSettings
from .steps import (
    make_annealing,
    make_equilibration,
    make_inherent_structure,
    make_labels,
    make_relaxation,
)
from .store import Result, Store

Task = tuple[Result, Any]
"""A result and the delayed call, as joblib takes it, that makes it."""


class Tasks:
    """The tasks of one campaign.

    Parameters
    ----------
    settings : CampaignSettings
    system : System
    store : Store
    """

    def __init__(self, settings: CampaignSettings, system: System, store: Store) -> None:
        self._settings = settings
        self._system = system
        self._store = store

    def equilibrations(self) -> list[Task]:
        """List runs from random positions, at all temperatures."""
        return [
            (result, self._equilibration(result, temperature, number))
            for temperature in self._settings.liquid.temperatures
            for number, result in enumerate(self._store.runs(temperature))
        ]

    def annealings(self, temperature: float, way: Start) -> list[Task]:
        """List the runs of annealed liquids that come to a temperature from above, or below."""
        return [
            (result, self._annealing(result, temperature, number))
            for number, result in enumerate(self._store.runs(temperature))
            if start(number) == way
        ]

    def inherent_structures(self) -> list[Task]:
        """List the minimisations, at all temperatures."""
        return [
            (result, delayed(make_inherent_structure)(result.path, self._system, run.path))
            for temperature in self._settings.liquid.temperatures
            for result, run in zip(
                self._store.inherent_structures(temperature),
                self._store.runs(temperature),
                strict=True,
            )
        ]

    def relaxations(self, temperatures: Collection[float]) -> list[Task]:
        """List the measurements of relaxation, one for each temperature."""
        return [
            (
                result,
                delayed(make_relaxation)(
                    result.path,
                    self._system,
                    [run.path for run in self._store.runs(temperature)],
                    temperature,
                    self._settings.relaxation,
                    self._settings.ensemble.engine,
                    self._store.seed("relaxation", temperature),
                ),
            )
            for temperature in temperatures
            for result in [self._store.relaxation(temperature)]
        ]

    def labels(
        self, relaxations: Mapping[float, Relaxation], verdicts: Mapping[float, EquilibriumTest]
    ) -> list[Task]:
        """List the ensembles, at the temperatures whose relaxation is known."""
        return [
            (
                result,
                delayed(make_labels)(
                    result.path,
                    self._system,
                    run.path,
                    temperature,
                    self._times(relaxation),
                    self._settings.n_replicas(temperature),
                    self._settings.ensemble.engine,
                    verdicts[temperature].passed,
                    self._store.seed("ensemble", temperature, number),
                ),
            )
            for temperature, relaxation in relaxations.items()
            for number, (result, run) in enumerate(
                zip(self._store.labels(temperature), self._store.runs(temperature), strict=True)
            )
        ]

    def _equilibration(self, result: Result, temperature: float, number: int) -> Any:
        return delayed(make_equilibration)(
            result.path,
            self._system,
            self._settings.liquid.n_particles,
            temperature,
            self._settings.moves(temperature),
            start(number),
            self._store.seed("equilibration", temperature, number),
        )

    def _annealing(self, result: Result, temperature: float, number: int) -> Any:
        """Go on from another run, or start the annealing of a liquid."""
        source = preceding(self._settings, temperature, number)
        if source is None:
            return self._equilibration(result, temperature, number)
        return delayed(make_annealing)(
            result.path,
            self._system,
            temperature,
            self._settings.moves(temperature),
            start(number),
            self._store.seed("equilibration", temperature, number),
            self._store.runs(source[0])[source[1]].path,
            source[0] == temperature,
        )

    def _times(self, relaxation: Relaxation) -> NDArray[np.float64]:
        """Round the times of the labels to the time step."""
        step = self._system.time_step
        times = np.array(self._settings.ensemble.relative_times) * relaxation.bond_breaking_time
        return np.maximum(np.rint(times / step), 1) * step


def start(number: int) -> Start:
    """Side that the run of a configuration comes from: every second one from below."""
    return "above" if number % 2 == 0 else "below"


def preceding(
    settings: CampaignSettings, temperature: float, number: int
) -> tuple[float, int] | None:
    """Temperature and number of the configuration that the run of another one goes on from."""
    if settings.equilibration.protocol != "anneal":
        return None
    ladder = settings.annealed_with(temperature)[::-1]
    step = ladder.index(temperature)
    if start(number) == "above":
        return (ladder[step - 1], number) if step else None
    if step + 1 < len(ladder):
        return ladder[step + 1], number
    return temperature, number - 1
