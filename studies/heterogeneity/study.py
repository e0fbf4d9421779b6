"""Dynamic heterogeneity learnt where liquids can be simulated and predicted where they cannot.

A liquid is cooled by swap Monte Carlo through temperatures at which molecular dynamics relaxes it
and on to those at which it does not. One model learns the bond-breaking correlation at all of the
former and predicts it for structures of the latter, as Jung, Biroli and Berthier did (Phys. Rev. B
109, 064205, 2024).
"""

from __future__ import annotations

import warnings
from collections.abc import Collection, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from joblib import Memory
from numpy.typing import NDArray

from ...campaigns import Campaign
from ...campaigns._toml import claim_folder
from ...descriptors import PhysicsInspiredDescriptor
from ...dynamics import (
    DynamicHeterogeneity,
    Estimate,
    GlassTransition,
    RelaxationLaw,
    fit_relaxation_law,
    glass_transition,
    labels_at_levels,
    measure_heterogeneity,
    mobility_map,
)
from ...dynamics.relaxation_laws import LawName
from ...liquid import Configuration, select_species
from ...models import (
    ExtrapolationWarning,
    GlassMLP,
    GroupedRidge,
    PropensityRegressor,
    TransferableRegressor,
    TransferMatrix,
    agreement,
    describe,
    pooled_noise_ceiling,
    transfer_matrix,
)
from ...simulate import Equilibration, EquilibriumTest, Relaxation
from ...storage.memory import cached
from ...storage.progress import Progress, silent
from .settings import HeterogeneitySettings

# Few configurations make few steps in an epoch: the published learning rates would take very long.
REGRESSORS: dict[str, Any] = {
    "ridge": GroupedRidge(),
    "mlp": GlassMLP(learning_rates=(5e-3, 1e-3), patience=8),
}


@dataclass(frozen=True, eq=False)
class Predicted:
    """What a model says of one temperature.

    Attributes
    ----------
    fields : list of ndarray, shape (N,)
        Share of broken bonds, 1 - C_B, of every particle of each configuration.
    heterogeneity : DynamicHeterogeneity
    agreement : dict of str to Estimate or None
        With the simulated labels, where there are any; see `vitreous.models.agreement`.
    """

    fields: list[NDArray[np.float64]]
    heterogeneity: DynamicHeterogeneity
    agreement: dict[str, Estimate] | None


@dataclass(frozen=True, eq=False)
class HeterogeneityResults:
    """Everything a report shows; temperatures are the keys of most of it.

    Attributes
    ----------
    runs : dict of float to list of Equilibration
    equilibrium : dict of float to EquilibriumTest
    relaxations : dict of float to Relaxation
        Where the liquid was simulated.
    laws : dict of str to RelaxationLaw
        Fitted to the bond-breaking times.
    transitions : dict of str to GlassTransition
        For the laws that reach it.
    fields : dict of float to list of ndarray
        Simulated share of broken bonds at the relaxation time.
    noise_ceilings : dict of float to float
    simulated : dict of float to DynamicHeterogeneity
    predicted : dict of str to dict of float to Predicted
        By each regressor: at simulated temperatures trained on all others of them, below them on
        all.
    extrapolated : dict of str to dict of float to Predicted
        At simulated temperatures, trained on hotter ones only, at least two.
    transfer : TransferMatrix
        Of ridge regressions trained at one temperature each.
    configurations : dict of float to list of Configuration
        Inherent structures.
    memory : dict of float to Estimate
        How much annealed liquids remember: correlation of the map that the first regressor
        predicts for a configuration with that for the configuration which its run went on from.
        Empty if every run started from random positions.
    """

    runs: dict[float, list[Equilibration]]
    equilibrium: dict[float, EquilibriumTest]
    relaxations: dict[float, Relaxation]
    laws: dict[str, RelaxationLaw]
    transitions: dict[str, GlassTransition]
    fields: dict[float, list[NDArray[np.float64]]]
    noise_ceilings: dict[float, float]
    simulated: dict[float, DynamicHeterogeneity]
    predicted: dict[str, dict[float, Predicted]]
    extrapolated: dict[str, dict[float, Predicted]]
    transfer: TransferMatrix
    configurations: dict[float, list[Configuration]]
    memory: dict[float, Estimate]


class HeterogeneityStudy:
    """A study of dynamic heterogeneity in a folder.

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
        settings_file: str | Path,
        folder: str | Path = "study",
        n_jobs: int = -1,
        progress: Progress = silent,
    ) -> None:
        self.settings = HeterogeneitySettings.load(settings_file)
        self.folder = Path(folder)
        self.n_jobs = n_jobs
        self._progress = progress
        claim_folder(self.folder, "study.toml", Path(settings_file), HeterogeneitySettings)
        self.campaign = Campaign(self.folder, self.settings, n_jobs=n_jobs, progress=progress)
        self._memory = Memory(self.folder / "cache", verbose=0)

    def run(self) -> HeterogeneityResults:
        """Do what has not been done yet and return all results.

        Raises
        ------
        RuntimeError
            If the configurations of a simulated temperature fail the test of equilibrium, unless
            the setting ``equilibration.label_unequilibrated`` says that they are to be labelled.
            Those of other temperatures are predicted all the same, and the results tell.
        """
        equilibrium = self.campaign.require_equilibrium()
        self.campaign.quench()
        relaxations = self.campaign.measure_relaxation()
        self.campaign.label()
        laws = self._laws(relaxations)
        states = _States(self.campaign, self.settings)
        self._describe([c for group in states.configurations.values() for c in group])
        predicted, extrapolated = self._predict(states)
        return HeterogeneityResults(
            self.campaign.equilibrate(),
            equilibrium,
            relaxations,
            laws,
            _transitions(laws, relaxations),
            {t: [field[:, -1] for field in states.labels[t]] for t in states.labels},
            {t: states.noise_ceiling(t) for t in states.labels},
            {t: self._measure_simulated(states, t) for t in states.labels},
            predicted,
            extrapolated,
            self._transfer(states),
            states.configurations,
            self._remembered(states, predicted[self.settings.heterogeneity.regressors[0]]),
        )

    def _describe(self, configurations: list[Configuration]) -> None:
        """Compute all features side by side; models find them in the cache."""
        self._progress("describe", 0, 1)
        descriptor = PhysicsInspiredDescriptor(self.campaign.system).fit(configurations[:1])
        describe(descriptor, configurations, self._memory, self.n_jobs)
        self._progress("describe", 1, 1)

    def _laws(self, relaxations: dict[float, Relaxation]) -> dict[str, RelaxationLaw]:
        """Fit the laws; those of three parameters where there are times enough and they fit."""
        temperatures = list(relaxations)
        times = np.array([r.bond_breaking_time for r in relaxations.values()])
        errors = np.array([r.bond_breaking_time_standard_error for r in relaxations.values()])
        laws = {"arrhenius": fit_relaxation_law(temperatures, times, errors / times, "arrhenius")}
        others: tuple[LawName, ...] = ("vft", "parabolic") if len(times) > 3 else ()
        for name in others:
            with suppress(ValueError):
                laws[name] = fit_relaxation_law(temperatures, times, errors / times, name)
        return laws

    def _predict(
        self, states: _States
    ) -> tuple[dict[str, dict[float, Predicted]], dict[str, dict[float, Predicted]]]:
        simulated = self.settings.simulated_temperatures
        cold = self.settings.predicted_temperatures
        held_out = [([t for t in simulated if t != test], [test]) for test in simulated]
        below = [(simulated, cold)] if cold else []
        hotter = [(simulated[:k], [simulated[k]]) for k in range(2, len(simulated))]
        names: list[str] = list(self.settings.heterogeneity.regressors)
        done, total = 0, len(names) * len(held_out + below + hotter)

        def learnt(
            name: str, tasks: list[tuple[list[float], list[float]]]
        ) -> dict[float, Predicted]:
            nonlocal done
            found: dict[float, Predicted] = {}
            for training, tests in tasks:
                self._progress("train and predict", done, total)
                found |= self._trained_and_tested(states, name, training, tests)
                done += 1
            return found

        predicted = {name: learnt(name, held_out + below) for name in names}
        extrapolated = {name: learnt(name, hotter) for name in names}
        self._progress("train and predict", total, total)
        return predicted, extrapolated

    def _trained_and_tested(
        self, states: _States, name: str, training: Collection[float], tests: Collection[float]
    ) -> dict[float, Predicted]:
        """Train one model at some temperatures and let it predict others."""
        table = self.settings.heterogeneity
        model = TransferableRegressor(
            PhysicsInspiredDescriptor(self.campaign.system),
            REGRESSORS[name],
            [1 - level for level in table.levels],
            memory=self._memory,
        )
        predictions = cached(self._memory, fit_and_predict)(
            model,
            [c for t in training for c in states.configurations[t]],
            [label for t in training for label in states.labels[t]],
            [t for t in training for _ in states.configurations[t]],
            [c for t in tests for c in states.configurations[t]],
            [t for t in tests for _ in states.configurations[t]],
        )
        result = {}
        for temperature in tests:
            configurations = states.configurations[temperature]
            fields = [predictions.pop(0) for _ in configurations]
            result[temperature] = Predicted(
                fields,
                measure_heterogeneity(
                    configurations,
                    fields,
                    species=table.species,
                    longest_wave_number=table.longest_wave_number,
                    mobile_fraction=table.mobile_fraction,
                ),
                states.agreement(temperature, fields) if temperature in states.labels else None,
            )
        return result

    def _measure_simulated(self, states: _States, temperature: float) -> DynamicHeterogeneity:
        table = self.settings.heterogeneity
        even, odd = ([half[k] for half in states.halves[temperature]] for k in (0, 1))
        return measure_heterogeneity(
            states.configurations[temperature],
            even,
            others=odd,
            n_replicas=self.settings.ensemble.n_replicas,
            species=table.species,
            longest_wave_number=table.longest_wave_number,
            mobile_fraction=table.mobile_fraction,
        )

    def _remembered(
        self, states: _States, predicted: dict[float, Predicted]
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

    def _transfer(self, states: _States) -> TransferMatrix:
        self._progress("transfer matrix", 0, 1)
        simulated = self.settings.simulated_temperatures
        matrix = cached(self._memory, transfer_matrix, ignore=["n_jobs"])(
            PropensityRegressor(
                PhysicsInspiredDescriptor(self.campaign.system),
                GroupedRidge(),
                memory=self._memory,
            ),
            [c for t in simulated for c in states.configurations[t]],
            [label[:, -1] for t in simulated for label in states.labels[t]],
            [t for t in simulated for _ in states.configurations[t]],
            halves=[half for t in simulated for half in states.halves[t]],
            n_splits=4,
            n_jobs=self.n_jobs,
        )
        self._progress("transfer matrix", 1, 1)
        return matrix


class _States:
    """Inherent structures of all temperatures, and broken bonds at the levels where simulated."""

    def __init__(self, campaign: Campaign, settings: HeterogeneitySettings) -> None:
        self.species = settings.heterogeneity.species
        self.configurations = {
            t: campaign.inherent_structures(t) for t in settings.liquid.temperatures
        }
        self.labels: dict[float, list[NDArray[np.float64]]] = {}
        self.halves: dict[float, list[NDArray[np.float64]]] = {}
        for temperature in settings.simulated_temperatures:
            found = labels_at_levels(
                [item.labels for item in campaign.load(temperature)],
                "bond_breaking",
                settings.heterogeneity.levels,
            )
            self.labels[temperature] = [item.matrix("broken_bonds") for item in found]
            self.halves[temperature] = [item.halves("broken_bonds")[..., -1] for item in found]

    def agreement(
        self, temperature: float, fields: Sequence[NDArray[np.float64]]
    ) -> dict[str, Estimate]:
        """Compare predicted with simulated shares of broken bonds."""
        labels = [label[:, -1] for label in self.labels[temperature]]
        configurations = self.configurations[temperature]
        true, predicted = (
            select_species(configurations, values, self.species) for values in (labels, fields)
        )
        return agreement(true, predicted)

    def noise_ceiling(self, temperature: float) -> float:
        """Largest correlation that the number of replicas allows, over all particles together."""
        configurations = self.configurations[temperature]
        halves = self.halves[temperature]
        return float(pooled_noise_ceiling(configurations, halves, self.species))


def fit_and_predict(
    model: TransferableRegressor,
    training: Sequence[Configuration],
    labels: Sequence[NDArray[np.float64]],
    training_temperatures: Sequence[float],
    tests: Sequence[Configuration],
    test_temperatures: Sequence[float],
) -> list[NDArray[np.float64]]:
    """Train a model and let it predict other configurations at the last of its levels."""
    model.fit(training, labels, training_temperatures)
    with warnings.catch_warnings():
        # Other temperatures are what the model is asked about.
        warnings.simplefilter("ignore", ExtrapolationWarning)
        predictions = model.predict(tests, np.ravel(model.levels)[-1:], test_temperatures)
    return [prediction[:, 0] for prediction in predictions]


def _transitions(
    laws: dict[str, RelaxationLaw], relaxations: dict[float, Relaxation]
) -> dict[str, GlassTransition]:
    """Extrapolate the laws to the glass transition, where they reach it.

    The onset is that of the parabolic law, or the hottest simulated temperature if that is colder.
    """
    hottest = max(relaxations)
    onset_time = float(relaxations[hottest].bond_breaking_time)
    if "parabolic" in laws and laws["parabolic"].parameters["onset"] <= hottest:
        onset_time = float(laws["parabolic"](laws["parabolic"].parameters["onset"]))
    found = {}
    for name, law in laws.items():
        with suppress(ValueError):
            found[name] = glass_transition(law, onset_time)
    return found
