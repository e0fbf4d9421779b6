"""A whole study, from an empty folder to a transfer matrix, described by one TOML file.

Every step keeps its result in a file of its own, in a signac data space whose state points name
everything the result depends on. A study that was stopped goes on where it was; one whose settings
changed computes again only what the change affects.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from joblib import Memory, Parallel, delayed
from numpy.typing import NDArray
from sklearn.pipeline import make_pipeline, make_union

from ...campaigns import Campaign
from ...campaigns._toml import claim_folder
from ...datasets import LabelledConfiguration
from ...descriptors import BondOrderDescriptor, CoarseGrain, RadialDescriptor
from ...models import (
    GroupedBoosting,
    GroupedRidge,
    PropensityRegressor,
    TransferMatrix,
    describe,
    transfer_matrix,
)
from ...simulate import Equilibration, EquilibriumTest, InherentStructure, Relaxation
from ...storage.memory import cached
from ...storage.progress import Progress, silent
from .settings import LABELS, StudySettings

DEFAULT_STUDY = Path(__file__).parents[1] / "ka2d_transfer.toml"


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
        progress: Progress = silent,
    ) -> None:
        self.settings = StudySettings.load(settings_file)
        self.folder = Path(folder)
        self.n_jobs = n_jobs
        self._progress = progress
        self._system = self.settings.system(Path(settings_file).parent)
        self._try_descriptor(settings_file)
        claim_folder(self.folder, "study.toml", Path(settings_file), StudySettings)
        self.campaign = Campaign(self.folder, self.settings, n_jobs=n_jobs, progress=progress)
        self._memory = Memory(self.folder / "cache", verbose=0)

    def run(self) -> StudyResults:
        """Do what has not been done yet and return all results.

        Raises
        ------
        RuntimeError
            If the configurations of a temperature fail the test of equilibrium, unless the setting
            ``equilibration.label_unequilibrated`` says that they are to be labelled.
        """
        equilibrium = self.campaign.require_equilibrium()
        relaxations = self.campaign.measure_relaxation()
        self.campaign.label()
        data = self.campaign.load()
        self._describe(data)
        runs = self.campaign.equilibrate()
        return StudyResults(runs, equilibrium, relaxations, data, *self._train(data))

    def _try_descriptor(self, settings_file: str | Path) -> None:
        """Describe one random configuration: what cannot work must not wait for the simulations."""
        trial = self._system.random_configuration(self.settings.liquid.n_particles, 0)
        try:
            self.descriptor()[1:].fit_transform([trial])
        except ValueError as error:
            raise ValueError(f"{settings_file}: in [descriptors], {error}") from error

    def _describe(self, data: list[LabelledConfiguration]) -> None:
        configurations = [item.configuration for item in data]
        descriptor = self.descriptor().fit(configurations[:1])
        step, total = "quench and describe", len(configurations)
        self._progress(step, 0, total)
        described: Iterator[Any] = Parallel(n_jobs=self.n_jobs, return_as="generator_unordered")(
            delayed(describe)(descriptor, [configuration], self._memory)
            for configuration in configurations
        )
        for done, _ in enumerate(described, start=1):
            self._progress(step, done, total)

    def _train(
        self, data: list[LabelledConfiguration]
    ) -> tuple[dict[str, TransferMatrix], TransferMatrix]:
        models, relative_times = self.settings.models, self.settings.ensemble.relative_times
        configurations = [item.configuration for item in data]
        temperatures = [item.temperature for item in data]
        cached_transfer = cached(self._memory, transfer_matrix, ignore=["n_jobs"])
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

        labels = {name: [item.labels.matrix(name) for item in data] for name in LABELS}
        halves = {name: [item.labels.halves(name) for item in data] for name in LABELS}
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
                    RadialDescriptor(radial.centers, radial.width),
                    BondOrderDescriptor(settings.bond_orders, bond_order.centers, bond_order.width),
                ),
                length=settings.coarse_graining_length,
                generations=settings.generations,
            ),
        )
