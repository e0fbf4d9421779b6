"""Data sets of labelled configurations: made step by step, stopped and continued at any point."""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Literal, Self

import numpy as np
import signac
from joblib import Parallel, delayed
from numpy.typing import NDArray
from scipy import stats

from .._version import __version__
from ..datasets import LabelledConfiguration, read_gsd
from ..liquid import Configuration, System
from ..simulate.equilibrate import Equilibration, EquilibriumTest, Start, equilibrium_test
from ..simulate.relaxation import Relaxation
from ..storage.atomic import atomic_path
from ..storage.json_text import to_json
from ..storage.seals import is_intact
from ._toml import claim_folder
from .settings import CampaignSettings
from .steps import (
    load_inherent_structure,
    load_relaxation,
    make_annealing,
    make_equilibration,
    make_inherent_structure,
    make_labels,
    make_relaxation,
)

Progress = Callable[[str, int, int], None]
"""Called with the name of a step, how much of it is done and how much there is."""

_SETTINGS = ("campaign.toml", "study.toml")


@dataclass(frozen=True)
class CampaignState:
    """What a campaign found at one temperature.

    Attributes
    ----------
    temperature : float
    equilibrium : EquilibriumTest
    inherent_energy, inherent_energy_standard_error : float
        Energy per particle of the inherent structures, with its error over configurations.
    swap_acceptance : float
        Mean over configurations.
    bond_breaking_time, bond_breaking_time_standard_error : float or None
        tau_B, if the configurations were labelled.
    n_labelled : int
        Number of labelled configurations.
    """

    temperature: float
    equilibrium: EquilibriumTest
    inherent_energy: float
    inherent_energy_standard_error: float
    swap_acceptance: float
    bond_breaking_time: float | None
    bond_breaking_time_standard_error: float | None
    n_labelled: int


class Campaign:
    """A data set of labelled configurations in a folder.

    Each step leaves a file of its own, in a signac data space whose state points name everything
    that the result depends on, with its SHA-256 beside it. Files appear whole or not at all. What
    is there and intact is not computed again, so that a campaign may be stopped at any point, by
    whatever means, and goes on where it was.

    The steps are: swap Monte Carlo from above and from below; the test of equilibrium; inherent
    structures; relaxation times; isoconfigurational ensembles, whose replicas are labelled as they
    stream by. Configurations of a temperature that fails the test are not labelled unless the
    setting ``equilibration.label_unequilibrated`` says so, and then the data tell.

    Work goes through joblib: in ``with joblib.parallel_config(backend="dask")`` it runs on a
    cluster that shares the folder. Results do not depend on that.

    Parameters
    ----------
    folder : str or Path
        Of a campaign or a study that was started there.
    settings : CampaignSettings, optional
        Those kept in the folder by default.
    n_jobs : int, optional
        Number of worker processes, as in joblib.
    progress : callable, optional
        Called with the name of a step, how much of it is done and how much there is.

    Raises
    ------
    FileNotFoundError
        If the folder holds no campaign.
    """

    def __init__(
        self,
        folder: str | Path,
        settings: CampaignSettings | None = None,
        *,
        n_jobs: int | None = None,
        progress: Progress = lambda step, done, total: None,
    ) -> None:
        self.folder = Path(folder).absolute()
        self.settings = settings or CampaignSettings.load(self._settings_file())
        self.n_jobs = n_jobs
        self._progress = progress
        self.system: System = self.settings.system(self.folder)
        self._fingerprint = self.system.fingerprint()
        self._space = _data_space(self.folder)
        self._jobs: dict[Path, Any] = {}

    @classmethod
    def start(
        cls,
        settings_file: str | Path,
        folder: str | Path,
        *,
        n_jobs: int | None = None,
        progress: Progress = lambda step, done, total: None,
    ) -> Self:
        """Start a campaign in a folder, or go on with it.

        Parameters
        ----------
        settings_file : str or Path
            TOML file of a campaign, or of a study, whose descriptors and models are left out.
        folder : str or Path
            Made if it does not exist.
        n_jobs, progress
            As for the class.

        Raises
        ------
        ValueError
            If the settings are wrong, or the folder holds another campaign.
        """
        claim_folder(Path(folder), _SETTINGS[0], Path(settings_file), CampaignSettings)
        return cls(folder, n_jobs=n_jobs, progress=progress)

    def run(self, *, label_unequilibrated: bool = False) -> list[CampaignState]:
        """Do what has not been done yet; write ``summary.json`` and return what it holds.

        Parameters
        ----------
        label_unequilibrated : bool
            Label also what fails the test of equilibrium, as the setting of this name does.
        """
        labelled = [
            temperature
            for temperature, verdict in self.judge().items()
            if temperature in self.settings.simulated_temperatures
            and (
                verdict.passed
                or label_unequilibrated
                or self.settings.equilibration.label_unequilibrated
            )
        ]
        self.quench()
        self.label(labelled)
        summary = self.summary()
        with atomic_path(self.folder / "summary.json") as partial:
            document = to_json([_plain(state) for state in summary], indent=1)
            partial.write_text(document + "\n", encoding="utf-8")
        return summary

    def equilibrate(self) -> dict[float, list[Equilibration]]:
        """Prepare all configurations; every second one comes from below."""
        if self.settings.equilibration.protocol == "anneal":
            self._anneal()
        else:
            self._equilibrate_each()
        return {
            temperature: [Equilibration.load(path) for path in self._runs(temperature)]
            for temperature in self.settings.liquid.temperatures
        }

    def _equilibrate_each(self) -> None:
        """Start every run from random positions of its own."""
        self._compute(
            "equilibrate by swap Monte Carlo",
            {
                path: self._equilibration(path, temperature, number)
                for temperature in self.settings.liquid.temperatures
                for number, path in enumerate(self._runs(temperature))
            },
        )

    def _anneal(self) -> None:
        """Cool liquids through all temperatures and heat them back, a run at each on either way."""
        ladder = sorted(self.settings.liquid.temperatures, reverse=True)
        for way, temperatures in (("above", ladder), ("below", ladder[::-1])):
            for temperature in temperatures:
                self._compute(
                    f"anneal, T = {temperature:g} from {way}",
                    {
                        path: self._annealing(path, temperature, number)
                        for number, path in enumerate(self._runs(temperature))
                        if _start(number) == way
                    },
                )

    def _annealing(self, path: Path, temperature: float, number: int) -> Any:
        """Task of a run that goes on from another, or starts the annealing of a liquid."""
        source = self.preceding(temperature, number)
        if source is None:
            return self._equilibration(path, temperature, number)
        return delayed(make_annealing)(
            path,
            self.system,
            temperature,
            self.settings.n_sweeps(temperature),
            self.settings.equilibration,
            _start(number),
            self._seed("equilibration", temperature, number),
            self._runs(source[0])[source[1]],
            source[0] == temperature,
        )

    def _equilibration(self, path: Path, temperature: float, number: int) -> Any:
        """Task of a run from random positions; every second configuration comes from below."""
        return delayed(make_equilibration)(
            path,
            self.system,
            self.settings.liquid.n_particles,
            temperature,
            self.settings.n_sweeps(temperature),
            self.settings.equilibration,
            _start(number),
            self._seed("equilibration", temperature, number),
        )

    def preceding(self, temperature: float, number: int) -> tuple[float, int] | None:
        """Tell where the run of a configuration starts.

        Parameters
        ----------
        temperature : float
        number : int
            Of the configuration: even if its run comes from above, odd if from below.

        Returns
        -------
        tuple of float and int, or None
            Temperature and number of the configuration that an annealed liquid goes on from; None
            if the run starts from random positions.

        Raises
        ------
        ValueError
            If the campaign has no such temperature.
        """
        (temperature,) = self._chosen(temperature)
        if self.settings.equilibration.protocol != "anneal":
            return None
        ladder = sorted(self.settings.liquid.temperatures, reverse=True)
        step = ladder.index(temperature)
        if _start(number) == "above":
            return (ladder[step - 1], number) if step else None
        if step + 1 < len(ladder):
            return ladder[step + 1], number
        return temperature, number - 1

    def judge(self) -> dict[float, EquilibriumTest]:
        """Test whether the configurations of each temperature are in equilibrium."""
        return {
            temperature: equilibrium_test(runs) for temperature, runs in self.equilibrate().items()
        }

    def require_equilibrium(self) -> dict[float, EquilibriumTest]:
        """Judge as `judge` does, and refuse to go on with a simulated temperature that fails.

        Raises
        ------
        RuntimeError
            If one fails, unless the setting ``equilibration.label_unequilibrated`` says that it is
            to be labelled.
        """
        verdicts = self.judge()
        for temperature in self.settings.simulated_temperatures:
            verdict = verdicts[temperature]
            if not (verdict.passed or self.settings.equilibration.label_unequilibrated):
                raise RuntimeError(
                    f"the configurations at T = {temperature:g} are not in equilibrium: "
                    f"{'; '.join(verdict.reasons)}; raise equilibration.n_sweeps"
                )
        return verdicts

    def quench(self) -> None:
        """Find the inherent structures of all configurations."""
        self._compute(
            "quench to inherent structures",
            {
                path: delayed(make_inherent_structure)(path, self.system, run)
                for temperature in self.settings.liquid.temperatures
                for path, run in zip(
                    self._inherent(temperature), self._runs(temperature), strict=True
                )
            },
        )

    def measure_relaxation(
        self, temperatures: Collection[float] | None = None
    ) -> dict[float, Relaxation]:
        """Measure relaxation at all or some simulated temperatures, the slowest first."""
        chosen = sorted(
            self.settings.simulated_temperatures if temperatures is None else temperatures
        )
        tasks = {
            self._relaxation(temperature): delayed(make_relaxation)(
                self._relaxation(temperature),
                self.system,
                self._runs(temperature),
                temperature,
                self.settings.relaxation,
                self.settings.ensemble.engine,
                self._seed("relaxation", temperature),
            )
            for temperature in chosen
        }
        self._compute("measure relaxation times", tasks)
        return {t: load_relaxation(self._relaxation(t)) for t in chosen}

    def label(self, temperatures: Collection[float] | None = None) -> None:
        """Sample the ensembles at all or some simulated temperatures, the slowest first.

        No test is made here; `run` and `judge` do.
        """
        verdicts, relaxations = self.judge(), self.measure_relaxation(temperatures)
        self._compute(
            "sample isoconfigurational ensembles",
            {
                path: delayed(make_labels)(
                    path,
                    self.system,
                    run,
                    temperature,
                    self._times(relaxation),
                    self.settings.ensemble,
                    verdicts[temperature].passed,
                    self._seed("ensemble", temperature, number),
                )
                for temperature, relaxation in relaxations.items()
                for number, (path, run) in enumerate(
                    zip(self._labels(temperature), self._runs(temperature), strict=True)
                )
            },
        )

    def load(
        self,
        temperature: float | None = None,
        state: Literal["thermal", "inherent"] = "thermal",
    ) -> list[LabelledConfiguration]:
        """Read the labelled configurations that there are; nothing is computed.

        Parameters
        ----------
        temperature : float, optional
            All temperatures by default, in the order of the settings.
        state : {"thermal", "inherent"}
            Whether the labels come with the equilibrated configuration that the replicas started
            from, or with its inherent structure.

        Returns
        -------
        list of LabelledConfiguration

        Raises
        ------
        ValueError
            If the campaign has no such temperature or state, or a file is damaged.
        """
        if state not in ("thermal", "inherent"):
            raise ValueError(f"state must be 'thermal' or 'inherent', not {state!r}")
        data = []
        for known in self._chosen(temperature):
            for path, inherent in zip(self._labels(known), self._inherent(known), strict=True):
                if not path.exists():
                    continue
                item = read_gsd(_require_intact(path))
                if state == "inherent":
                    configuration, _ = load_inherent_structure(_require_intact(inherent))
                    item = replace(item, configuration=configuration)
                data.append(item)
        return data

    def inherent_structures(self, temperature: float) -> list[Configuration]:
        """Read the inherent structures that there are at a temperature; nothing is computed."""
        return [
            load_inherent_structure(_require_intact(path))[0]
            for known in self._chosen(temperature)
            for path in self._inherent(known)
            if path.exists()
        ]

    def summary(self) -> list[CampaignState]:
        """Collect what was found at each temperature of a campaign whose steps were all done."""
        states = []
        for temperature, runs in self.equilibrate().items():
            inherent = [load_inherent_structure(path)[1] for path in self._inherent(temperature)]
            n_labelled = sum(map(is_intact, self._labels(temperature)))
            relaxation = load_relaxation(self._relaxation(temperature)) if n_labelled else None
            states.append(
                CampaignState(
                    temperature,
                    equilibrium_test(runs),
                    float(np.mean(inherent)),
                    float(stats.sem(inherent)),
                    float(np.mean([run.swap_acceptance for run in runs])),
                    float(relaxation.bond_breaking_time) if relaxation else None,
                    float(relaxation.bond_breaking_time_standard_error) if relaxation else None,
                    n_labelled,
                )
            )
        return states

    def _settings_file(self) -> Path:
        for name in _SETTINGS:
            if (self.folder / name).exists():
                return self.folder / name
        raise FileNotFoundError(f"{self.folder} holds no campaign: it has no {_SETTINGS[0]}")

    def _chosen(self, temperature: float | None) -> list[float]:
        known = self.settings.liquid.temperatures
        if temperature is None:
            return known
        if temperature not in known:
            there = ", ".join(f"{t:g}" for t in known)
            raise ValueError(f"the campaign has no temperature {temperature:g}; it has {there}")
        return [temperature]

    def _times(self, relaxation: Relaxation) -> NDArray[np.float64]:
        """Round the times of the labels to the time step."""
        step = self.system.time_step
        times = np.array(self.settings.ensemble.relative_times) * relaxation.bond_breaking_time
        return np.maximum(np.rint(times / step), 1) * step

    def _runs(self, temperature: float) -> list[Path]:
        return self._of_each_configuration("run.gsd", temperature, {"step": "equilibration"})

    def _inherent(self, temperature: float) -> list[Path]:
        return self._of_each_configuration(
            "inherent.gsd", temperature, {"step": "inherent structure"}
        )

    def _relaxation(self, temperature: float) -> Path:
        return self._path(
            "relaxation.npz", temperature, {"step": "relaxation"} | self._relaxation_point()
        )

    def _labels(self, temperature: float) -> list[Path]:
        ensemble = self.settings.ensemble
        point = {
            "step": "ensemble",
            "n_replicas": ensemble.n_replicas,
            "relative_times": ensemble.relative_times,
        }
        return self._of_each_configuration(
            "labels.gsd", temperature, point | self._relaxation_point()
        )

    def _relaxation_point(self) -> dict[str, Any]:
        """Name what relaxation times depend on, and with them the times of the labels."""
        return {
            "n_configurations": self.settings.liquid.n_configurations,
            "bond_breaking": self.settings.relaxation.bond_breaking,
            "engine": self.settings.ensemble.engine,
        }

    def _of_each_configuration(
        self, name: str, temperature: float, point: dict[str, Any]
    ) -> list[Path]:
        return [
            self._path(name, temperature, point | {"configuration": number})
            for number in range(self.settings.liquid.n_configurations)
        ]

    def _path(self, name: str, temperature: float, point: dict[str, Any]) -> Path:
        """Path of a result whose state point says all that it depends on."""
        equilibration = self.settings.equilibration
        common = {
            "version": __version__,
            "system": self.system.name,
            "interactions": self._fingerprint,
            "n_particles": self.settings.liquid.n_particles,
            "temperature": temperature,
            "n_sweeps": self.settings.n_sweeps(temperature),
            "swap_fraction": equilibration.swap_fraction,
            "target_acceptance": equilibration.target_acceptance,
            "seed": self.settings.seed,
        }
        if equilibration.protocol == "anneal":
            common["annealed_through"] = [
                [t, self.settings.n_sweeps(t)] for t in sorted(self.settings.liquid.temperatures)
            ]
        job = self._space.open_job(common | point)
        path = Path(job.fn(name))
        self._jobs[path] = job
        return path

    def _seed(self, step: str, temperature: float, number: int = 0) -> int:
        """Seed that depends on what it is for, not on what else is in the campaign."""
        purpose = ("equilibration", "relaxation", "ensemble").index(step)
        entropy = [self.settings.seed, purpose, round(temperature * 1e6), number]
        return int(np.random.SeedSequence(entropy).generate_state(1, np.uint64)[0])

    def _compute(self, step: str, tasks: Mapping[Path, Any]) -> None:
        """Run the tasks whose results are missing or damaged."""
        for path in tasks:
            # Whatever interrupted the writing of a state point, this repairs it.
            self._jobs[path].init(force=True)
        missing = {path: task for path, task in tasks.items() if not is_intact(path)}
        done = len(tasks) - len(missing)
        self._progress(step, done, len(tasks))
        results: Iterator[Any] = Parallel(n_jobs=self.n_jobs, return_as="generator_unordered")(
            missing.values()
        )
        for finished, _ in enumerate(results, start=done + 1):
            self._progress(step, finished, len(tasks))
        for path in tasks:
            for left_behind in path.parent.glob(".*.partial*"):
                left_behind.unlink()


def _start(number: int) -> Start:
    """Tell which side the run of a configuration comes from: every second one from below."""
    return "above" if number % 2 == 0 else "below"


def _data_space(folder: Path) -> signac.Project:
    """Open the signac project of a folder; a new one appears whole or not at all."""
    if not (folder / ".signac").exists():
        with TemporaryDirectory(dir=folder) as draft:
            signac.init_project(path=draft)
            os.replace(Path(draft, ".signac"), folder / ".signac")
    return signac.get_project(path=str(folder), search=False)


def _require_intact(path: Path) -> Path:
    if not is_intact(path):
        raise ValueError(
            f"{path} is damaged: it is not the file whose checksum lies beside it; run the "
            "campaign again to make it anew"
        )
    return path


def _plain(state: CampaignState) -> dict[str, Any]:
    """Numbers of a state and of its test side by side."""
    numbers = vars(state) | vars(state.equilibrium) | {"in_equilibrium": state.equilibrium.passed}
    del numbers["equilibrium"]
    return numbers
