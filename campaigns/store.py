"""Where the results of a campaign lie, what each of them depends on, and which are there."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from ..liquid import System
from ..storage import recipes
from ..storage.seals import is_intact
from .settings import CampaignSettings, Moves

if TYPE_CHECKING:
    import signac

Step = Literal["equilibration", "inherent structure", "relaxation", "ensemble"]

_FILES: dict[Step, str] = {
    "equilibration": "run.gsd",
    "inherent structure": "inherent.gsd",
    "relaxation": "relaxation.npz",
    "ensemble": "labels.gsd",
}

# The order in which the random numbers of a step are told from those of others: do not change it.
_PURPOSES: tuple[Step, ...] = ("equilibration", "relaxation", "ensemble")


@dataclass(frozen=True, eq=False)
class Result:
    """A result of a campaign, which may be there or not.

    Attributes
    ----------
    step : str
    path : Path
        Of its file, in a folder of its own.
    depends_on : dict of str to object
        Everything that decides what is in the file: its state point.
    """

    step: Step
    path: Path
    depends_on: dict[str, Any]


class Store:
    """The results of a campaign: a signac data space in its folder.

    Asking where a result lies neither makes nor changes anything.

    Parameters
    ----------
    folder : Path
        It exists.
    settings : CampaignSettings
    system : System
    """

    def __init__(self, folder: Path, settings: CampaignSettings, system: System) -> None:
        self._settings = settings
        self._system = {"system": system.name, "interactions": system.fingerprint()}
        self._space = _data_space(folder)

    def runs(self, temperature: float) -> list[Result]:
        """List the runs of swap Monte Carlo, one for each configuration."""
        return self._of_each_configuration("equilibration", temperature, {})

    def inherent_structures(self, temperature: float) -> list[Result]:
        """List the inherent structures, one for each configuration."""
        return self._of_each_configuration("inherent structure", temperature, {})

    def relaxation(self, temperature: float) -> Result:
        """Say where relaxation times lie, from all configurations together."""
        return self._result("relaxation", temperature, self._relaxation_point())

    def labels(self, temperature: float) -> list[Result]:
        """List the labelled configurations."""
        ensemble = self._settings.ensemble
        point = {
            "n_replicas": self._settings.n_replicas(temperature),
            "relative_times": ensemble.relative_times,
        }
        return self._of_each_configuration(
            "ensemble", temperature, point | self._relaxation_point()
        )

    def seed(self, step: Step, temperature: float, number: int = 0) -> int:
        """Seed that depends on what it is for, not on what else is in the campaign."""
        entropy = [
            self._settings.seed, _PURPOSES.index(step), round(temperature * 1e6), number
        ]  # fmt: skip
        return int(np.random.SeedSequence(entropy).generate_state(1, np.uint64)[0])

    def missing(self, results: Iterable[Result]) -> list[Result]:
        """List the results that are missing or damaged; every file is read for that."""
        return [result for result in results if not is_intact(result.path)]

    def make_room(self, results: Iterable[Result]) -> None:
        """Make the folders of results, each with its state point; one that is damaged is mended."""
        for result in results:
            self._space.open_job(result.depends_on).init(force=True)

    def clear_up(self, results: Iterable[Result]) -> None:
        """Delete what interrupted steps left beside results."""
        for result in results:
            for left_behind in result.path.parent.glob(".*.partial*"):
                left_behind.unlink()

    def _relaxation_point(self) -> dict[str, Any]:
        """Name what relaxation times depend on, and with them the times of the labels."""
        return {
            "n_configurations": self._settings.liquid.n_configurations,
            "bond_breaking": self._settings.relaxation.bond_breaking,
            "engine": self._settings.ensemble.engine,
        }

    def _of_each_configuration(
        self, step: Step, temperature: float, point: dict[str, Any]
    ) -> list[Result]:
        return [
            self._result(step, temperature, point | {"configuration": number})
            for number in range(self._settings.liquid.n_configurations)
        ]

    def _result(self, step: Step, temperature: float, point: dict[str, Any]) -> Result:
        settings, moves = self._settings, self._settings.moves(temperature)
        common: dict[str, Any] = {
            "step": step,
            "recipes": _recipes(step),
            **self._system,
            "n_particles": settings.liquid.n_particles,
            "temperature": temperature,
            "n_sweeps": moves.n_sweeps,
            "swap_fraction": moves.swap_fraction,
            "target_acceptance": moves.target_acceptance,
            "seed": settings.seed,
        }
        if moves.draw != "even":
            common["draw"] = moves.draw
        if settings.equilibration.protocol == "anneal":
            common["annealed_through"] = [
                [t, *_different(settings.moves(t), moves)]
                for t in settings.annealed_with(temperature)
            ]
        state_point = common | point
        job = self._space.open_job(state_point)
        return Result(step, Path(job.fn(_FILES[step])), state_point)


def _different(there: Moves, here: Moves) -> list[Any]:
    """Name the sweeps at another temperature, and its moves if they are of another kind."""
    if replace(there, n_sweeps=here.n_sweeps) == here:
        return [there.n_sweeps]
    return [there.n_sweeps, there.swap_fraction, there.draw]


def _recipes(step: Step) -> dict[str, int]:
    """Numbers of the recipes of a step and of those that it builds on."""
    first = {"equilibration": recipes.EQUILIBRATION}
    relaxation = first | {"relaxation": recipes.RELAXATION}
    return {
        "equilibration": first,
        "inherent structure": first | {"inherent_structure": recipes.INHERENT_STRUCTURE},
        "relaxation": relaxation,
        "ensemble": relaxation | {"ensemble": recipes.ENSEMBLE},
    }[step]


def _data_space(folder: Path) -> signac.Project:
    """Open the signac project of a folder; a new one appears whole or not at all."""
    import signac

    if not (folder / ".signac").exists():
        with TemporaryDirectory(dir=folder) as draft:
            signac.init_project(path=draft)
            os.replace(Path(draft, ".signac"), folder / ".signac")
    return signac.get_project(path=str(folder), search=False)
