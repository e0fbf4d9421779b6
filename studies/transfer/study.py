"""The study of transfer: models of one temperature each, and of all, tested at each."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from joblib import Parallel, delayed
from numpy.typing import NDArray
from sklearn.pipeline import FeatureUnion

from ...campaigns import CampaignData
from ...datasets import LabelledConfiguration
from ...liquid import Configuration
from ...models import GroupedBoosting, GroupedRidge, TransferMatrix, describe_all
from ..base import Study
from ..learning import kept_cross_predictions, kept_transfer_matrix
from . import conclusions, report
from .columns import three_regimes
from .results import TransferResults
from .settings import LABELS, TransferSettings
from .together import Together, regressor_of_all, scored

if TYPE_CHECKING:
    from matplotlib.figure import Figure


# Trees take longer than all ridges together, and the folds only choose their number.
_FOLDS_OF_TREES = 3

# The ridges of each temperature, boosted trees, and the ridge of all temperatures.
_TRAININGS = 3


class TransferStudy(Study[TransferSettings, TransferResults]):
    """A study of how far models carry from one temperature to another.

    Ridge regressions are trained on both labels at all times, boosted trees on one label at the
    bond-breaking time, at one temperature each, and tested at all temperatures. One more ridge is
    trained at all temperatures together. All models see ballistic motion, the path from rest, the
    cage, stretched bonds and the inherent structure of thermal configurations. Parameters are those
    of `Study`.

    See Also
    --------
    transfer_matrix : how models are trained and tested.

    Examples
    --------
    >>> from importlib.resources import files
    >>> from tempfile import TemporaryDirectory
    >>> from vitreous.studies import TransferStudy
    >>> with TemporaryDirectory() as folder:
    ...     study = TransferStudy(files("vitreous.studies") / "ka2d_transfer.toml", folder)
    >>> [name for name, _ in study.descriptor().transformer_list]
    ['short', 'cage', 'plateau', 'bonds', 'cage_bonds', 'relaxation', 'heated']
    """

    Settings = TransferSettings
    template = Path(__file__).with_name("page.html")

    def check(self) -> None:
        """Describe one random configuration."""
        trial = self._example
        try:
            self.descriptor().named_transformers["relaxation"].descriptor.fit_transform([trial])
        except ValueError as error:
            raise ValueError(
                f"in [models], descriptors {self.settings.models.descriptors}: {error}"
            ) from error

    def learn(self, data: CampaignData) -> TransferResults:
        """Train and test at all temperatures."""
        items = [item for at_t in data.labelled.values() for item in at_t]
        structures = [item.configuration.with_temperature(item.temperature) for item in items]
        self._describe(structures)
        return TransferResults(data, *self._train(items, structures))

    def summary(self, results: TransferResults) -> dict[str, Any]:
        """Collect the numbers that the report shows; the same go into ``results.json``."""
        return report.summarize(results, self.settings)

    def figures(self, results: TransferResults) -> Iterator[tuple[str, Figure]]:
        """Draw equilibration, maps, the matrices, and scores against time."""
        from .figures import draw

        return draw(results, self.settings, self.system)

    def words(self, summary: dict[str, Any]) -> dict[str, Any]:
        """Say what the transfer matrix shows and what the size of the sample allows."""
        return conclusions.words(summary)

    def descriptor(self) -> FeatureUnion:
        """Make the descriptor of the study, of thermal configurations."""
        models = self.settings.models
        return three_regimes(self.system, self._example, models.descriptors, models.heated)

    @cached_property
    def _example(self) -> Configuration:
        return self.system.random_configuration(self.settings.liquid.n_particles, 0)

    def _describe(self, structures: list[Configuration]) -> None:
        """Compute all features side by side; models find them in the cache."""
        descriptor = self.descriptor().fit(structures[:1])
        self.progress("describe", 0, len(structures))
        described: Iterator[Any] = Parallel(n_jobs=self.n_jobs, return_as="generator_unordered")(
            delayed(describe_all)(descriptor, [structure], self.memory) for structure in structures
        )
        for done, _ in enumerate(described, start=1):
            self.progress("describe", done, len(structures))

    def _train(
        self, items: list[LabelledConfiguration], structures: list[Configuration]
    ) -> tuple[dict[str, TransferMatrix], Together, TransferMatrix]:
        models, relative_times = self.settings.models, self.settings.ensemble.relative_times
        descriptor = self.descriptor()
        temperatures = [item.temperature for item in items]
        labels = {name: [item.labels.matrix(name) for item in items] for name in LABELS}
        halves = {name: [item.labels.halves(name) for item in items] for name in LABELS}

        def transfer(
            number: int, regressor: Any, labels: list[NDArray], halves: list[NDArray]
        ) -> TransferMatrix:
            self.progress("train and transfer", number, _TRAININGS)
            matrix = kept_transfer_matrix(
                self.memory,
                descriptor,
                regressor,
                structures,
                labels,
                temperatures,
                halves,
                models.n_splits,
                self.n_jobs,
            )
            self.progress("train and transfer", number + 1, _TRAININGS)
            return matrix

        # Labels of both kinds share what a ridge finds out about the columns.
        both = transfer(
            0,
            GroupedRidge(),
            [np.concatenate(found, axis=-1) for found in zip(*labels.values(), strict=True)],
            [np.concatenate(found, axis=-1) for found in zip(*halves.values(), strict=True)],
        )
        n_times = len(relative_times)
        ridge = {
            label: both.of_labels(slice(number * n_times, (number + 1) * n_times))
            for number, label in enumerate(LABELS)
        }
        at_breaking = relative_times.index(1.0)
        boosted = transfer(
            1,
            GroupedBoosting(n_splits=_FOLDS_OF_TREES),
            [label[..., at_breaking] for label in labels[models.label]],
            [half[..., at_breaking] for half in halves[models.label]],
        )
        shown = [relative_times.index(time) for time in models.shown_times]
        of_all = [label[..., shown] for label in labels[models.label]]
        columns = descriptor.fit(structures[:1]).get_feature_names_out().tolist()
        predictions = kept_cross_predictions(
            self.memory,
            descriptor,
            regressor_of_all(columns),
            structures,
            of_all,
            models.n_splits,
            self.n_jobs,
        )
        self.progress("train and transfer", _TRAININGS, _TRAININGS)
        return ridge, scored(structures, of_all, predictions, temperatures), boosted
