"""A whole study, from an empty folder to a transfer matrix, described by one TOML file.

Every step keeps its result in a file of its own, in a signac data space whose state points name
everything the result depends on. A study that was stopped goes on where it was; one whose settings
changed computes again only what the change affects.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import signac
from joblib import Memory, Parallel, delayed
from numpy.typing import NDArray
from sklearn.pipeline import make_pipeline, make_union

from ._atomic import atomic_path
from ._study_settings import LABELS, StudySettings
from ._version import __version__
from .datasets import LabelledConfiguration, read_gsd, write_gsd
from .descriptors import BondOrderDescriptor, CoarseGrain, RadialDescriptor
from .liquid import get_system
from .models import (
    GroupedBoosting,
    GroupedRidge,
    PropensityRegressor,
    TransferMatrix,
    describe,
    transfer_matrix,
)
from .simulate import (
    Equilibration,
    EquilibriumTest,
    InherentStructure,
    Relaxation,
    equilibrate,
    equilibrium_test,
    isoconfigurational_ensemble,
    measure_relaxation,
)

DEFAULT_STUDY = Path(__file__).parent / "studies" / "ka2d_transfer.toml"

Progress = Callable[[str, int, int], None]
"""Called with the name of a step, how much of it is done and how much there is."""


@dataclass(frozen=True, eq=False)
class StudyResults:
    """Everything a report shows.

    Attributes
    ----------
    runs : dict of float to list of Equilibration
        At each temperature.
    equilibrium : dict of float to EquilibriumTest
    relaxations : dict of float to Relaxation
    data : list of LabelledConfiguration
        All temperatures together.
    ridge : dict of str to TransferMatrix
        For each label, at all relative times (the last axis).
    boosted : TransferMatrix
        For the chosen label at the bond-breaking time.
    """

    runs: dict[float, list[Equilibration]]
    equilibrium: dict[float, EquilibriumTest]
    relaxations: dict[float, Relaxation]
    data: list[LabelledConfiguration]
    ridge: dict[str, TransferMatrix]
    boosted: TransferMatrix


class Study:
    """A study in a folder.

    Parameters
    ----------
    settings_file : str or Path
        TOML file with the settings.
    folder : str or Path
        Where results are kept; made if it does not exist.
    n_jobs : int
        Number of worker processes, as in joblib.
    progress : callable, optional
        Called as steps advance.

    Raises
    ------
    ValueError
        If the settings are wrong, or the folder holds another study.
    """

    def __init__(
        self,
        settings_file: str | Path = DEFAULT_STUDY,
        folder: str | Path = "study",
        n_jobs: int = -1,
        progress: Progress = lambda step, done, total: None,
    ) -> None:
        self.settings = StudySettings.load(settings_file)
        self.folder = Path(folder)
        self.n_jobs = n_jobs
        self._progress = progress
        self._system = get_system(self.settings.liquid.system)
        self._try_descriptor(settings_file)
        self._claim_folder(Path(settings_file))
        self._space = signac.init_project(path=str(self.folder))
        self._memory = Memory(self.folder / "cache", verbose=0)

    def run(self) -> StudyResults:
        """Do what has not been done yet and return all results.

        Raises
        ------
        RuntimeError
            If the configurations of a temperature fail the test of equilibrium.
        """
        runs = self._equilibrate()
        equilibrium = {t: equilibrium_test(at_t) for t, at_t in runs.items()}
        for temperature, verdict in equilibrium.items():
            if not verdict.passed:
                raise RuntimeError(
                    f"the configurations at T = {temperature:g} are not in equilibrium: runs from "
                    f"above and below differ by {verdict.difference:.4f} "
                    f"(p = {verdict.difference_p_value:.2g}), their drift is {verdict.drift:.4f} "
                    f"(p = {verdict.drift_p_value:.2g}); raise equilibration.n_sweeps"
                )
        relaxations = self._measure_relaxation(runs)
        data = self._sample_ensembles(runs, relaxations)
        self._describe(data)
        return StudyResults(runs, equilibrium, relaxations, data, *self._train(data))

    def _try_descriptor(self, settings_file: str | Path) -> None:
        """Describe one random configuration: what cannot work must not wait for the simulations."""
        trial = self._system.random_configuration(self.settings.liquid.n_particles, 0)
        try:
            self.descriptor()[1:].fit_transform([trial])
        except ValueError as error:
            raise ValueError(f"{settings_file}: in [descriptors], {error}") from error

    def _claim_folder(self, settings_file: Path) -> None:
        """Keep a copy of the settings in the folder, and refuse the folder of another study."""
        self.folder.mkdir(parents=True, exist_ok=True)
        claimed = self.folder / "study.toml"
        if claimed.exists() and StudySettings.load(claimed) != self.settings:
            raise ValueError(
                f"the folder {self.folder} holds a study with other settings; choose another "
                f"folder, or delete {claimed} to reuse what the two have in common"
            )
        with atomic_path(claimed) as partial:
            shutil.copyfile(settings_file, partial)

    def _equilibrate(self) -> dict[float, list[Equilibration]]:
        tasks = {
            (temperature, number): self._result(
                {"step": "equilibration", "configuration": number}, temperature, "run.gsd"
            )
            for temperature in self.settings.liquid.temperatures
            for number in range(self.settings.liquid.n_configurations)
        }
        self._compute(
            "equilibrate by swap Monte Carlo",
            [
                delayed(_equilibrate)(
                    path,
                    self._system,
                    self.settings.liquid.n_particles,
                    temperature,
                    self.settings.equilibration.n_sweeps,
                    "above" if number % 2 == 0 else "below",
                    self._seed("equilibration", temperature, number),
                )
                for (temperature, number), path in tasks.items()
                if not path.exists()
            ],
            len(tasks),
        )
        runs: dict[float, list[Equilibration]] = {}
        for (temperature, _), path in tasks.items():
            runs.setdefault(temperature, []).append(Equilibration.load(path))
        return runs

    def _measure_relaxation(
        self, runs: dict[float, list[Equilibration]]
    ) -> dict[float, Relaxation]:
        settings = self.settings.relaxation
        point = {
            "step": "relaxation",
            "n_configurations": self.settings.liquid.n_configurations,
            "bond_breaking": settings.bond_breaking,
        }
        tasks = {t: self._result(point, t, "relaxation.npz") for t in runs}
        self._compute(
            "measure relaxation times",
            [
                delayed(_measure_relaxation)(
                    path,
                    self._system,
                    [run.configuration for run in runs[temperature]],
                    temperature,
                    settings,
                    self._seed("relaxation", temperature),
                )
                for temperature, path in sorted(tasks.items())
                if not path.exists()
            ],
            len(tasks),
        )
        return {temperature: _load_relaxation(path) for temperature, path in tasks.items()}

    def _sample_ensembles(
        self, runs: dict[float, list[Equilibration]], relaxations: dict[float, Relaxation]
    ) -> list[LabelledConfiguration]:
        ensemble = self.settings.ensemble
        step = self._system.time_step
        tasks = []
        for temperature in sorted(runs):
            times = np.array(ensemble.relative_times) * relaxations[temperature].bond_breaking_time
            times = np.maximum(np.rint(times / step), 1) * step
            for number, run in enumerate(runs[temperature]):
                point = {
                    "step": "ensemble",
                    "configuration": number,
                    "n_replicas": ensemble.n_replicas,
                    "times": times.tolist(),
                }
                path = self._result(point, temperature, "labels.gsd")
                seed = self._seed("ensemble", temperature, number)
                tasks.append((path, run.configuration, temperature, times, seed))
        self._compute(
            "sample isoconfigurational ensembles",
            [
                delayed(_sample_ensemble)(
                    path, self._system, configuration, temperature, times, ensemble.n_replicas, seed
                )
                for path, configuration, temperature, times, seed in tasks
                if not path.exists()
            ],
            len(tasks),
        )
        return [read_gsd(path) for path, *_ in tasks]

    def _describe(self, data: list[LabelledConfiguration]) -> None:
        configurations = [item.configuration for item in data]
        descriptor = self.descriptor().fit(configurations[:1])
        tasks = [
            delayed(describe)(descriptor, [configuration], self._memory)
            for configuration in configurations
        ]
        self._compute("quench and describe", tasks, len(tasks))

    def _train(
        self, data: list[LabelledConfiguration]
    ) -> tuple[dict[str, TransferMatrix], TransferMatrix]:
        models, relative_times = self.settings.models, self.settings.ensemble.relative_times
        configurations = [item.configuration for item in data]
        temperatures = [item.temperature for item in data]
        cached_transfer = self._memory.cache(transfer_matrix, ignore=["n_jobs"])
        n_matrices = len(LABELS) + 1

        def transfer(
            number: int, regressor: Any, labels: list[NDArray], halves: list[NDArray]
        ) -> TransferMatrix:
            self._progress("train and transfer", number, n_matrices)
            matrix = cached_transfer(
                PropensityRegressor(self.descriptor(), regressor, memory=self._memory),
                configurations,
                labels,
                temperatures,
                halves=halves,
                n_splits=models.n_splits,
                n_jobs=self.n_jobs,
            )
            self._progress("train and transfer", number + 1, n_matrices)
            return matrix

        labels = {name: [item.labels.mean(name).T for item in data] for name in LABELS}
        halves = {
            name: [np.swapaxes(item.labels.half(name), 1, 2) for item in data] for name in LABELS
        }
        ridge = {
            label: transfer(number, GroupedRidge(), labels[label], halves[label])
            for number, label in enumerate(LABELS)
        }
        at_breaking = relative_times.index(1.0)
        boosted = transfer(
            len(LABELS),
            GroupedBoosting(),
            [label[..., at_breaking] for label in labels[models.label]],
            [half[..., at_breaking] for half in halves[models.label]],
        )
        return ridge, boosted

    def descriptor(self) -> Any:
        """Make the descriptor of the study, on inherent structures."""
        settings = self.settings.descriptors
        radial, bond_order = settings.radial_shells, settings.bond_order_shells
        return make_pipeline(
            InherentStructure(self._system),
            CoarseGrain(
                make_union(
                    RadialDescriptor(radial.centres, radial.width),
                    BondOrderDescriptor(settings.bond_orders, bond_order.centres, bond_order.width),
                ),
                length=settings.coarse_graining_length,
                generations=settings.generations,
            ),
        )

    def _result(self, point: dict[str, Any], temperature: float, name: str) -> Path:
        """Path of a result whose state point says all that it depends on."""
        liquid = self.settings.liquid
        common = {
            "version": __version__,
            "system": liquid.system,
            "n_particles": liquid.n_particles,
            "temperature": temperature,
            "n_sweeps": self.settings.equilibration.n_sweeps,
            "seed": self.settings.seed,
        }
        job = self._space.open_job(common | point)
        job.init()
        return Path(job.fn(name))

    def _seed(self, step: str, temperature: float, number: int = 0) -> int:
        """Seed that depends on what it is for, not on what else is in the study."""
        purpose = ("equilibration", "relaxation", "ensemble").index(step)
        entropy = [self.settings.seed, purpose, round(temperature * 1e6), number]
        return int(np.random.SeedSequence(entropy).generate_state(1, np.uint64)[0])

    def _compute(self, step: str, tasks: Sequence[Any], total: int) -> None:
        done = total - len(tasks)
        self._progress(step, done, total)
        results: Iterator[Any] = Parallel(n_jobs=self.n_jobs, return_as="generator_unordered")(
            tasks
        )
        for finished, _ in enumerate(results, start=done + 1):
            self._progress(step, finished, total)


def _equilibrate(path, system, n_particles, temperature, n_sweeps, start, seed) -> None:
    equilibrate(
        system, n_particles, temperature, n_sweeps=n_sweeps, start=start, random_state=seed
    ).save(path)


def _measure_relaxation(path, system, configurations, temperature, settings, seed) -> None:
    relaxation = measure_relaxation(
        system,
        configurations,
        temperature,
        level=settings.bond_breaking,
        longest_time=settings.longest_time,
        random_state=seed,
    )
    with atomic_path(path) as partial:
        np.savez(partial, **vars(relaxation))


def _load_relaxation(path: Path) -> Relaxation:
    with np.load(path) as stored:
        return Relaxation(**{name: stored[name][()] for name in stored})


def _sample_ensemble(path, system, configuration, temperature, times, n_replicas, seed) -> None:
    labels = isoconfigurational_ensemble(
        system, configuration, temperature, times, n_replicas=n_replicas, random_state=seed
    )
    data = LabelledConfiguration(configuration, labels, system.name, temperature, str(path))
    write_gsd(data, path)
