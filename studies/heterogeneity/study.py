"""Dynamic heterogeneity learnt where liquids can be simulated and predicted where they cannot.

Swap Monte Carlo cools a liquid through temperatures at which molecular dynamics relaxes it and on
to temperatures at which molecular dynamics does not. One model learns the bond-breaking correlation
at all of the hotter temperatures and predicts it for structures of the colder ones, as Jung, Biroli
and Berthier did (Phys. Rev. B 109, 064205, 2024).
"""

from __future__ import annotations

import copy
from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from sklearn.pipeline import make_pipeline

from ...campaigns import Campaign, CampaignData
from ...descriptors import PhysicsInspiredDescriptor
from ...dynamics import (
    DynamicHeterogeneity,
    Estimate,
    measure_geometry,
    measure_heterogeneity,
    mobility_map,
)
from ...liquid import Configuration
from ...models import (
    GroupedRidge,
    StoredModel,
    TransferableRegressor,
    TransferMatrix,
    describe_all,
    save_model,
)
from ...simulate import InherentStructure
from ...storage.memory import cached
from ...workflows._labels import fingerprint
from ...workflows.catalogue import REGRESSORS
from ..base import Study
from ..learning import kept_transfer_matrix, learning_recipe
from . import conclusions, report
from .laws import fitted_laws, transitions_of
from .results import HeterogeneityResults, LargeBoxResults, Predicted
from .routes import Calibrated, Known, corrected
from .settings import HeterogeneitySettings
from .states import States
from .training import fit_and_predict, predict_each

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_Predictions = dict[str, dict[float, Predicted]]

# Few configurations make few steps in an epoch: learning rates are ten times the published ones.
# Labels of several levels make many: stages end after fewer epochs.
_PARAMETERS: dict[str, dict[str, Any]] = {
    "mlp": {
        "learning_rates": (5e-3, 2e-3),
        "second_learning_rates": (4e-4, 2e-4),
        "max_epochs": 40,
        "patience": 8,
    },
}

# Temperatures above one that a correction of it is extrapolated from: a line through two has no
# error that could be believed.
_FEWEST_HOTTER = 3


class HeterogeneityStudy(Study[HeterogeneitySettings, HeterogeneityResults]):
    """A study of dynamic heterogeneity, predicted down to where nothing can be simulated.

    Structures are the inherent ones. Parameters are those of `Study`.

    See Also
    --------
    TransferableRegressor : the model.
    measure_heterogeneity : what is measured of the simulated and the predicted fields.

    Examples
    --------
    >>> from importlib.resources import files
    >>> from tempfile import TemporaryDirectory
    >>> from vitreous.studies import HeterogeneityStudy
    >>> with TemporaryDirectory() as folder:
    ...     study = HeterogeneityStudy(files("vitreous.studies") / "ka2d_to_tg.toml", folder)
    >>> study.system, study.campaign.preceding(0.42, 0)
    (KobAndersen2D('KA2D'), (0.5, 0))
    """

    Settings = HeterogeneitySettings
    template = Path(__file__).with_name("page.html")

    def prepare(self) -> CampaignData:
        """Simulate what has not been simulated yet, and make structures of a larger box."""
        data = super().prepare()
        large = self._large_campaign()
        if large:
            large.prepare_structures()
        return data

    def collect(self) -> CampaignData:
        """Read what `prepare` made before, or raise a RuntimeError that says what is missing."""
        large = self._large_campaign()
        if large:
            large.collect_structures()
        return super().collect()

    def _large_campaign(self) -> Campaign | None:
        """Campaign of the larger liquids, in the same folder, if the settings ask for it."""
        settings = self.settings.of_large_box()
        if settings is None:
            return None
        return Campaign(
            self.folder, settings, system=self.system, n_jobs=self.n_jobs, progress=self.progress
        )

    def learn(self, data: CampaignData) -> HeterogeneityResults:
        """Train models, let them predict, and measure the heterogeneity of what they predict."""
        laws = fitted_laws(data.relaxations, self.settings.heterogeneity.published_times or [])
        large = self._large_campaign()
        states = States(data, self.settings, large.collect_structures() if large else None)
        self._describe(
            [
                c
                for of_box in (states.configurations, states.large)
                for at_t in of_box.values()
                for c in at_t
            ]
        )
        predicted, extrapolated, of_large = self._predict(states)
        both = {
            name: self._corrected(states, predicted[name], extrapolated[name]) for name in predicted
        }
        return HeterogeneityResults(
            data,
            laws,
            transitions_of(laws, data.relaxations),
            {t: [field[:, -1] for field in states.labels[t]] for t in states.labels},
            {t: states.noise_ceiling(t) for t in states.labels},
            {t: self._measure_simulated(states, t) for t in states.labels},
            predicted,
            extrapolated,
            {name: calibrated for name, (calibrated, _) in both.items()},
            {name: from_hotter for name, (_, from_hotter) in both.items()},
            self._transfer(states),
            self._remembered(states, predicted[self.settings.heterogeneity.regressors[0]]),
            self._large(states, predicted, of_large) if states.large else None,
        )

    def summary(self, results: HeterogeneityResults) -> dict[str, Any]:
        """Collect the numbers that the report shows; the same go into ``results.json``."""
        return report.summarize(results, self.settings)

    def figures(self, results: HeterogeneityResults) -> Iterator[tuple[str, Figure]]:
        """Draw relaxation, equilibrium, maps, structure factors, chords and scores."""
        from .figures import draw

        return draw(results, self.settings, self.system)

    def words(self, summary: dict[str, Any]) -> dict[str, Any]:
        """Say how heterogeneity grows, and what is not in equilibrium."""
        return conclusions.words(summary) | {"exchanges": conclusions.exchanges(self.settings)}

    def _describe(self, configurations: list[Configuration]) -> None:
        """Compute all features side by side; models find them in the cache."""
        self.progress("describe", 0, 1)
        descriptor = PhysicsInspiredDescriptor(self.system).fit(configurations[:1])
        describe_all(descriptor, configurations, self.memory, self.n_jobs)
        self.progress("describe", 1, 1)

    def _predict(self, states: States) -> tuple[_Predictions, _Predictions, _Predictions]:
        """Predict small liquids, the same from hotter ones alone, and large ones."""
        simulated = self.settings.simulated_temperatures
        cold = self.settings.predicted_temperatures
        held_out = [([t for t in simulated if t != test], [test]) for test in simulated]
        below = [(simulated, cold)]
        hotter = [(simulated[:k], [simulated[k]]) for k in range(2, len(simulated))]
        names: list[str] = list(self.settings.heterogeneity.regressors)
        done, total = 0, len(names) * len(held_out + below + hotter)

        def learnt(
            name: str, tasks: list[tuple[list[float], list[float]]], large: bool
        ) -> tuple[dict[float, Predicted], dict[float, Predicted]]:
            nonlocal done
            found: dict[float, Predicted] = {}
            found_large: dict[float, Predicted] = {}
            for training, tests in tasks:
                self.progress("train and predict", done, total)
                found_here, model = self._trained_and_tested(states, name, training, tests)
                found |= found_here
                if large and states.large:
                    found_large |= {t: self._predicted_large(states, model, t) for t in tests}
                done += 1
            return found, found_large

        both = {name: learnt(name, held_out + below, large=True) for name in names}
        extrapolated = {name: learnt(name, hotter, large=False)[0] for name in names}
        self.progress("train and predict", total, total)
        return (
            {name: small for name, (small, _) in both.items()},
            extrapolated,
            {name: large for name, (_, large) in both.items()},
        )

    def _trained_and_tested(
        self, states: States, name: str, training: Collection[float], tests: Collection[float]
    ) -> tuple[dict[float, Predicted], TransferableRegressor]:
        """Train one model at some temperatures and let it predict others."""
        table = self.settings.heterogeneity
        parameters = dict(_PARAMETERS.get(name, {}))
        if name == "mlp":
            parameters["n_networks"] = table.n_networks
        predictions, model = cached(self.memory, fit_and_predict, ignore=["memory"])(
            learning_recipe(),
            self.memory,
            PhysicsInspiredDescriptor(self.system),
            REGRESSORS[name](**parameters),
            [1 - level for level in table.levels],
            [c for t in training for c in states.configurations[t]],
            [label for t in training for label in states.labels[t]],
            [t for t in training for _ in states.configurations[t]],
            [c for t in tests for c in states.configurations[t]],
            [t for t in tests for _ in states.configurations[t]],
        )
        if list(training) == self.settings.simulated_temperatures:
            self._keep(name, model, states)
        found = {}
        for temperature in tests:
            configurations = states.configurations[temperature]
            each = [predictions.pop(0) for _ in configurations]
            found[temperature] = self._predicted(configurations, each)
            if temperature in states.labels:
                of_labels = states.agreement(temperature, found[temperature].fields)
                found[temperature] = replace(found[temperature], agreement=of_labels)
        return found, model

    def _predicted_large(
        self, states: States, model: TransferableRegressor, temperature: float
    ) -> Predicted:
        """Let a model of small liquids predict large ones."""
        configurations = states.large[temperature]
        each = cached(self.memory, predict_each, ignore=["memory"])(
            learning_recipe(),
            self.memory,
            model,
            1 - self.settings.heterogeneity.levels[-1],
            configurations,
            [temperature] * len(configurations),
        )
        return self._predicted(configurations, each)

    def _predicted(
        self, configurations: Sequence[Configuration], of_networks: list[NDArray[np.float64]]
    ) -> Predicted:
        """Measure the mean field of all networks, and of all but each."""
        fields = [each.mean(axis=0) for each in of_networks]
        n_networks = len(of_networks[0])
        left_out = range(n_networks if n_networks > 1 else 0)
        return Predicted(
            fields,
            self._measure(configurations, fields),
            None,
            [
                self._measure(
                    configurations,
                    [np.delete(each, k, axis=0).mean(axis=0) for each in of_networks],
                )
                for k in left_out
            ],
        )

    def _measure(
        self, configurations: Sequence[Configuration], fields: Sequence[NDArray[np.float64]]
    ) -> DynamicHeterogeneity:
        table = self.settings.heterogeneity
        return measure_heterogeneity(
            configurations,
            fields,
            species=table.species,
            longest_wave_number=table.longest_wave_number,
            mobile_fraction=table.mobile_fraction,
        )

    def _keep(self, name: str, model: TransferableRegressor, states: States) -> None:
        """Write the model of all simulated temperatures, for predictions anywhere else."""
        simulated = self.settings.simulated_temperatures
        configurations = [c for t in simulated for c in states.thermal[t]]
        # Here it was given inherent structures; files hold thermal ones.
        minimum = InherentStructure(self.system)
        of_files = copy.copy(model)
        of_files.descriptor = make_pipeline(minimum, model.descriptor)
        of_files.descriptor_ = make_pipeline(minimum, model.descriptor_)
        stored = StoredModel(
            of_files,
            self.system.name,
            "broken_bonds",
            float("nan"),
            tuple(sorted(simulated)),
            tuple(source for t in simulated for source in states.sources[t]),
            fingerprints=tuple(fingerprint(c) for c in configurations),
            descriptors="jung2023",
            state="inherent",
        )
        folder = self.folder / "models"
        folder.mkdir(exist_ok=True)
        save_model(stored, folder / f"{name}.skops")

    def _measure_simulated(self, states: States, temperature: float) -> DynamicHeterogeneity:
        table = self.settings.heterogeneity
        even, odd = ([half[k] for half in states.halves[temperature]] for k in (0, 1))
        configurations = states.configurations[temperature]
        found = measure_heterogeneity(
            configurations,
            even,
            others=odd,
            n_replicas=self.settings.n_replicas(temperature),
            species=table.species,
            longest_wave_number=table.longest_wave_number,
            mobile_fraction=table.mobile_fraction,
        )
        # Noise does not drop out of geometry: it must be the same at all temperatures.
        geometry = measure_geometry(
            configurations,
            states.equally_noisy[temperature],
            species=table.species,
            mobile_fraction=table.mobile_fraction,
        )
        return replace(found, **vars(geometry))

    def _corrected(
        self,
        states: States,
        predicted: dict[float, Predicted],
        extrapolated: dict[float, Predicted],
    ) -> tuple[dict[float, Calibrated], dict[float, Calibrated]]:
        """Correct predictions by what they leave out elsewhere.

        Those of models that did not see the temperature by all other simulated temperatures; those
        of models of hotter temperatures alone by these, from three of them on.
        """
        simulated = self.settings.simulated_temperatures
        known = self._known(states, predicted)
        tasks = [(known, t, item) for t, item in predicted.items()] + [
            (known.at(simulated[:k]), simulated[k], extrapolated[simulated[k]])
            for k in range(_FEWEST_HOTTER, len(simulated))
        ]
        found = []
        for done, (reference, temperature, item) in enumerate(tasks):
            self.progress("correct", done, len(tasks))
            configurations = states.configurations[temperature]
            found.append(self._corrected_at(configurations, reference, temperature, item))
        self.progress("correct", len(tasks), len(tasks))
        temperatures = [temperature for _, temperature, _ in tasks]
        n = len(predicted)
        return (
            dict(zip(temperatures[:n], found[:n], strict=True)),
            dict(zip(temperatures[n:], found[n:], strict=True)),
        )

    def _known(self, states: States, predicted: dict[float, Predicted]) -> Known:
        """Collect what is simulated, and predicted by models that did not see its temperature."""
        simulated = self.settings.simulated_temperatures
        return Known(
            [c for t in simulated for c in states.configurations[t]],
            [field for t in simulated for field in predicted[t].fields],
            [half for t in simulated for half in states.halves[t]],
            [noisy[0] for t in simulated for noisy in states.equally_noisy[t]],
            [t for t in simulated for _ in states.configurations[t]],
        )

    def _large(
        self, states: States, predicted: _Predictions, of_large: _Predictions
    ) -> LargeBoxResults:
        """Correct predictions for large liquids by what is known of small ones."""
        return LargeBoxResults(
            dict(states.large),
            of_large,
            {
                name: {
                    t: self._corrected_at(
                        states.large[t], self._known(states, predicted[name]), t, item
                    )
                    for t, item in found.items()
                }
                for name, found in of_large.items()
            },
        )

    def _corrected_at(
        self,
        configurations: Sequence[Configuration],
        known: Known,
        temperature: float,
        item: Predicted,
    ) -> Calibrated:
        table = self.settings.heterogeneity
        return cached(self.memory, corrected)(
            learning_recipe(),
            known,
            temperature,
            configurations,
            item.fields,
            item.heterogeneity,
            species=table.species,
            mobile_fraction=table.mobile_fraction,
            longest_wave_number=table.longest_wave_number,
        )

    def _remembered(
        self, states: States, predicted: dict[float, Predicted]
    ) -> dict[float, Estimate]:
        maps = {
            (t, number): mobility_map(configuration, field, species=states.species)
            for t, item in predicted.items()
            for number, (configuration, field) in enumerate(
                zip(states.configurations[t], item.fields, strict=True)
            )
        }
        correlations: dict[float, list[float]] = {}
        for (temperature, number), found in maps.items():
            source = self.campaign.preceding(temperature, number)
            if source is not None:
                correlations.setdefault(temperature, []).append(found.correlation(maps[source]))
        return {t: Estimate.mean(values) for t, values in correlations.items()}

    def _transfer(self, states: States) -> TransferMatrix:
        self.progress("transfer matrix", 0, 1)
        simulated = self.settings.simulated_temperatures
        matrix = kept_transfer_matrix(
            self.memory,
            PhysicsInspiredDescriptor(self.system),
            GroupedRidge(),
            [c for t in simulated for c in states.configurations[t]],
            [label[:, -1] for t in simulated for label in states.labels[t]],
            [t for t in simulated for _ in states.configurations[t]],
            [half for t in simulated for half in states.halves[t]],
            4,
            self.n_jobs,
        )
        self.progress("transfer matrix", 1, 1)
        return matrix
