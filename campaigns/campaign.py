"""Data sets of labelled configurations: made step by step, stopped and continued at any point."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from dataclasses import fields, replace
from pathlib import Path
from typing import Any, Literal, Self

from joblib import Parallel

from ..datasets import LabelledConfiguration, read_gsd
from ..descriptors import crystalline_fraction
from ..liquid import Configuration, System
from ..simulate.equilibrate import Equilibration, EquilibriumTest, Start, equilibrium_test
from ..storage.atomic import atomic_path
from ..storage.json_text import to_json
from ..storage.progress import Progress, silent
from ._toml import read_toml
from .claim import claim_folder
from .data import (
    CampaignData,
    CampaignState,
    Quenched,
    read_data,
    read_quenched,
    read_relaxations,
    read_runs,
)
from .settings import CampaignSettings, open_settings
from .steps import load_inherent_structure
from .store import Result, Store
from .tasks import Task, Tasks, preceding

_SETTINGS = ("campaign.toml", "study.toml")


class Campaign:
    """A data set of labelled configurations in a folder.

    Each step leaves a file of its own, in a signac data space whose state points name everything
    that the result depends on, with its SHA-256 beside it. Files appear whole or not at all.
    Results that are there and intact are not computed again, so that a campaign may be stopped at
    any point, by whatever means, and goes on where it was.

    The steps are: swap Monte Carlo from above and from below; inherent structures; the test of
    equilibrium, in 3D also of crystals; relaxation times; isoconfigurational ensembles, whose
    replicas are labelled as they stream by. Configurations of a temperature that fails the test are
    not labelled unless the setting ``equilibration.label_unequilibrated`` says so; the data are
    then marked.

    Work goes through joblib: in ``with joblib.parallel_config(backend="dask")`` it runs on a
    cluster that shares the folder. Results do not depend on that.

    Parameters
    ----------
    folder : str or Path
        Where a campaign or a study was started.
    settings : CampaignSettings, optional
        Those kept in the folder by default.
    system : System, optional
        The one that the settings name, if it has been made already.
    n_jobs : int, optional
        Number of worker processes, as in joblib.
    progress : callable, optional
        Called with the name of a step, how much of it is done and how much there is.

    Attributes
    ----------
    store : Store
        Where results lie and what they depend on.

    Raises
    ------
    FileNotFoundError
        If the folder holds no campaign.
    ValueError
        If the settings cannot be those of a campaign of the system.

    Examples
    --------
    >>> from importlib.resources import files
    >>> from tempfile import TemporaryDirectory
    >>> from vitreous.campaigns import Campaign
    >>> packaged = files("vitreous.datasets") / "samples" / "ka2d.toml"
    >>> with TemporaryDirectory() as folder:
    ...     campaign = Campaign.start(packaged, folder)
    ...     Campaign(folder).settings == campaign.settings, campaign.load()  # nothing was run yet
    (True, [])
    """

    def __init__(
        self,
        folder: str | Path,
        settings: CampaignSettings | None = None,
        *,
        system: System | None = None,
        n_jobs: int | None = None,
        progress: Progress = silent,
    ) -> None:
        self.folder = Path(folder).absolute()
        self.settings = settings or _kept_settings(self.folder)
        self.system = system or self.settings.make_system(self.folder)
        self.settings.require(self.system)
        self.n_jobs = n_jobs
        self._progress = progress
        self.store = Store(self.folder, self.settings, self.system)
        self._tasks = Tasks(self.settings, self.system, self.store)

    @classmethod
    def start(
        cls,
        settings_file: str | Path,
        folder: str | Path,
        *,
        ignored: Collection[str] = (),
        n_jobs: int | None = None,
        progress: Progress = silent,
    ) -> Self:
        """Start a campaign in a folder, or go on with it.

        Parameters
        ----------
        settings_file : str or Path
            TOML file of a campaign.
        folder : str or Path
            Made if it does not exist.
        ignored : collection of str
            Names of tables in the file that are left out; so a study can be run as a campaign.
        n_jobs, progress
            As for the class.

        Returns
        -------
        Campaign

        Raises
        ------
        ValueError
            If the settings are wrong, the engine cannot run the system here, or the folder holds
            another campaign.
        """
        settings, system = open_settings(CampaignSettings, settings_file, ignored)
        if not (Path(folder) / _SETTINGS[0]).exists():
            settings.require_engine(system)
        claim_folder(Path(folder), _SETTINGS[0], Path(settings_file), settings, ignored)
        return cls(folder, settings, system=system, n_jobs=n_jobs, progress=progress)

    def run(self, *, label_unequilibrated: bool = False) -> list[CampaignState]:
        """Do what has not been done yet, and write ``summary.json``.

        Parameters
        ----------
        label_unequilibrated : bool
            Label configurations that fail the test of equilibrium too, as the setting of this name
            does. What was labelled once stays labelled.

        Returns
        -------
        list of CampaignState
            What the summary holds, for each temperature.

        Raises
        ------
        ValueError
            If dynamics is to be simulated and the engine cannot do it here.
        """
        self._require_engine()
        runs = self.equilibrate()
        quenched = self._quench()
        verdicts = self._judged(runs, quenched)
        all_of_them = label_unequilibrated or self.settings.equilibration.label_unequilibrated
        chosen = [
            temperature
            for temperature in self.settings.simulated_temperatures
            if verdicts[temperature].passed
            or all_of_them
            or all(result.path.exists() for result in self.store.labels(temperature))
        ]
        states = self._carried_on(runs, quenched, verdicts, chosen).states()
        with atomic_path(self.folder / "summary.json") as partial:
            text = to_json([_plain(state) for state in states], indent=1) + "\n"
            partial.write_text(text, encoding="utf-8")
        return states

    def prepare(self) -> CampaignData:
        """Do what has not been done yet, and hand over all there is.

        Every simulated temperature is labelled.

        Returns
        -------
        CampaignData

        Raises
        ------
        RuntimeError
            If a simulated temperature fails the test of equilibrium, unless the setting
            ``equilibration.label_unequilibrated`` says that it is to be labelled.
        ValueError
            If dynamics is to be simulated and the engine cannot do it here.
        """
        self._require_engine()
        runs = self.equilibrate()
        quenched = self._quench()
        verdicts = self._judged(runs, quenched)
        for temperature in self.settings.simulated_temperatures:
            verdict = verdicts[temperature]
            if not (verdict.passed or self.settings.equilibration.label_unequilibrated):
                raise RuntimeError(
                    f"the configurations at T = {temperature:g} are not in equilibrium: "
                    f"{'; '.join(verdict.reasons)}; raise equilibration.n_sweeps"
                )
        return self._carried_on(runs, quenched, verdicts, self.settings.simulated_temperatures)

    def collect(self) -> CampaignData:
        """Hand over what `prepare` made before; nothing is computed.

        Returns
        -------
        CampaignData

        Raises
        ------
        RuntimeError
            If results are missing or damaged; it says how many of which.
        """
        known, simulated = self.settings.liquid.temperatures, self.settings.simulated_temperatures
        wanted = [
            *(result for t in known for result in self.store.runs(t)),
            *(result for t in known for result in self.store.inherent_structures(t)),
            *map(self.store.relaxation, simulated),
            *(result for t in simulated for result in self.store.labels(t)),
        ]
        self._require(wanted)
        runs = read_runs(self.store, known)
        quenched = read_quenched(self.store, known)
        relaxations = read_relaxations(self.store, simulated)
        return read_data(self.store, runs, quenched, self._judged(runs, quenched), relaxations)

    def prepare_structures(self) -> dict[float, list[Configuration]]:
        """Do what leads to inherent structures at all temperatures, and hand these over.

        Returns
        -------
        dict of float to list of Configuration
        """
        self.equilibrate()
        return _structures(self._quench())

    def collect_structures(self) -> dict[float, list[Configuration]]:
        """Hand over what `prepare_structures` made before; nothing is computed.

        Raises
        ------
        RuntimeError
            If results are missing or damaged; it says how many of which.
        """
        known = self.settings.liquid.temperatures
        self._require([result for t in known for result in self.store.inherent_structures(t)])
        return _structures(read_quenched(self.store, known))

    def equilibrate(self) -> dict[float, list[Equilibration]]:
        """Prepare all configurations; every second one comes from below.

        Returns
        -------
        dict of float to list of Equilibration
            At each temperature.
        """
        if self.settings.equilibration.protocol == "anneal":
            self._anneal()
        else:
            self._compute("equilibrate by swap Monte Carlo", self._tasks.equilibrations())
        return read_runs(self.store, self.settings.liquid.temperatures)

    def preceding(self, temperature: float, number: int) -> tuple[float, int] | None:
        """Find where the run of a configuration starts.

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
        return preceding(self.settings, temperature, number)

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
            for labels, inherent in zip(
                self.store.labels(known), self.store.inherent_structures(known), strict=True
            ):
                if not labels.path.exists():
                    continue
                item = read_gsd(self._intact(labels))
                if state == "inherent":
                    configuration, _ = load_inherent_structure(self._intact(inherent))
                    item = replace(item, configuration=configuration)
                data.append(item)
        return data

    def inherent_structures(self, temperature: float) -> list[Configuration]:
        """Read the inherent structures that there are at a temperature; nothing is computed."""
        return [
            load_inherent_structure(self._intact(result))[0]
            for known in self._chosen(temperature)
            for result in self.store.inherent_structures(known)
            if result.path.exists()
        ]

    def _require_engine(self) -> None:
        """Refuse an engine that cannot run the dynamics before anything else, if any is to run."""
        simulated = self.settings.simulated_temperatures
        dynamics = [
            *map(self.store.relaxation, simulated),
            *(result for t in simulated for result in self.store.labels(t)),
        ]
        if not all(result.path.exists() for result in dynamics):
            self.settings.require_engine(self.system)

    def _anneal(self) -> None:
        """Cool liquids through all temperatures and heat them back, a run at each on either way.

        Simulated temperatures are heated back through from the coldest of them.
        """
        ladder = sorted(self.settings.liquid.temperatures, reverse=True)
        ways: dict[Start, list[float]] = {"above": ladder, "below": ladder[::-1]}
        for way, temperatures in ways.items():
            for temperature in temperatures:
                self._compute(
                    f"anneal, T = {temperature:g} from {way}",
                    self._tasks.annealings(temperature, way),
                )

    def _quench(self) -> Quenched:
        self._compute("quench to inherent structures", self._tasks.inherent_structures())
        return read_quenched(self.store, self.settings.liquid.temperatures)

    def _judged(
        self, runs: Mapping[float, list[Equilibration]], quenched: Quenched
    ) -> dict[float, EquilibriumTest]:
        """Test each temperature for equilibrium, and in 3D inherent structures for crystals."""
        verdicts = {temperature: equilibrium_test(at_t) for temperature, at_t in runs.items()}
        if self.system.dimensions != 3:
            return verdicts
        return {
            temperature: replace(
                verdict,
                crystalline_fraction=max(
                    crystalline_fraction(configuration)
                    for configuration, _ in quenched[temperature]
                ),
            )
            for temperature, verdict in verdicts.items()
        }

    def _carried_on(
        self,
        runs: dict[float, list[Equilibration]],
        quenched: Quenched,
        verdicts: dict[float, EquilibriumTest],
        labelled: Collection[float],
    ) -> CampaignData:
        """Do what follows the test of equilibrium; the slowest temperatures come first."""
        self._compute("measure relaxation times", self._tasks.relaxations(sorted(labelled)))
        relaxations = read_relaxations(self.store, labelled)
        self._compute(
            "sample isoconfigurational ensembles", self._tasks.labels(relaxations, verdicts)
        )
        return read_data(self.store, runs, quenched, verdicts, relaxations)

    def _compute(self, title: str, tasks: list[Task]) -> None:
        """Run the tasks whose results are missing or damaged."""
        results = [result for result, _ in tasks]
        self.store.make_room(results)
        missing = set(self.store.missing(results))
        done = len(tasks) - len(missing)
        self._progress(title, done, len(tasks))
        finished: Iterator[Any] = Parallel(n_jobs=self.n_jobs, return_as="generator_unordered")(
            task for result, task in tasks if result in missing
        )
        for number, _ in enumerate(finished, start=done + 1):
            self._progress(title, number, len(tasks))
        self.store.clear_up(results)

    def _require(self, wanted: Collection[Result]) -> None:
        """Raise a RuntimeError that counts which of these results are missing or damaged."""
        lacking, there = _counted(self.store.missing(wanted)), _counted(wanted)
        if lacking:
            counts = (f"{number} of {there[name]} {name}" for name, number in lacking.items())
            raise RuntimeError(f"missing or damaged are {', '.join(counts)}")

    def _chosen(self, temperature: float | None) -> list[float]:
        known = self.settings.liquid.temperatures
        if temperature is None:
            return known
        if temperature not in known:
            there = ", ".join(f"{t:g}" for t in known)
            raise ValueError(f"the campaign has no temperature {temperature:g}; it has {there}")
        return [temperature]

    def _intact(self, result: Result) -> Path:
        if self.store.missing([result]):
            raise ValueError(
                f"{result.path} is damaged: it is not the file whose checksum lies beside it; run "
                "the campaign again to make it anew"
            )
        return result.path


def _kept_settings(folder: Path) -> CampaignSettings:
    """Read the settings that a folder keeps; they were checked before they came there."""
    for name in _SETTINGS:
        path = folder / name
        if path.exists():
            of_others = set(read_toml(path)) - {f.name for f in fields(CampaignSettings)}
            return CampaignSettings.load(path, of_others)
    raise FileNotFoundError(
        f"{folder} holds no campaign or study: it has neither {_SETTINGS[0]} nor {_SETTINGS[1]}; "
        f"name the files in it by a pattern, '{folder / '*.gsd'}', if it holds files of yours"
    )


def _structures(quenched: Quenched) -> dict[float, list[Configuration]]:
    return {t: [configuration for configuration, _ in at_t] for t, at_t in quenched.items()}


def _counted(results: Collection[Result]) -> Counter[str]:
    """How many files there are of each name."""
    return Counter(result.path.name for result in results)


def _plain(state: CampaignState) -> dict[str, Any]:
    """Numbers of a state and of its test side by side."""
    numbers = vars(state) | vars(state.equilibrium) | {"in_equilibrium": state.equilibrium.passed}
    del numbers["equilibrium"]
    return numbers
