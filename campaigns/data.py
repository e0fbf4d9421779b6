"""What a campaign hands over, and how it is read."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from ..datasets import LabelledConfiguration, read_gsd
from ..dynamics import standard_error
from ..liquid import Configuration
from ..simulate import Equilibration, EquilibriumTest, Relaxation
from .steps import load_inherent_structure, load_relaxation
from .store import Store

Quenched = dict[float, list[tuple[Configuration, float]]]
"""Inherent structures and their energies per particle, at each temperature."""


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
    engine : str or None
        What ran their dynamics.

    Examples
    --------
    >>> from vitreous.campaigns import CampaignState
    >>> from vitreous.simulate import EquilibriumTest
    >>> test = EquilibriumTest(-3.9, 0.01, 0.002, 0.7, -0.001, 0.6, 20000, 150.0)
    >>> state = CampaignState(0.5, test, -4.2, 0.005, 0.2, None, None, n_labelled=0, engine=None)
    >>> state.equilibrium.passed, state.n_labelled
    (True, 0)
    """

    temperature: float
    equilibrium: EquilibriumTest
    inherent_energy: float
    inherent_energy_standard_error: float
    swap_acceptance: float
    bond_breaking_time: float | None
    bond_breaking_time_standard_error: float | None
    n_labelled: int
    engine: str | None


@dataclass(frozen=True, eq=False)
class CampaignData:
    """Everything that a campaign made, each file of it read once.

    The keys are temperatures. Lists have one entry for each configuration, in the same order
    everywhere.

    Attributes
    ----------
    runs : dict of float to list of Equilibration
        Thermal configurations, at the end of runs of swap Monte Carlo.
    equilibrium : dict of float to EquilibriumTest
    inherent_structures : dict of float to list of Configuration
    inherent_energies : dict of float to list of float
        Per particle.
    relaxations : dict of float to Relaxation
        Where the dynamics was simulated, the coldest first.
    labelled : dict of float to list of LabelledConfiguration
        Where the dynamics was simulated; labels come with the thermal configurations.

    Examples
    --------
    >>> from vitreous.campaigns import CampaignData
    >>> from vitreous.liquid import KobAndersen2D
    >>> from vitreous.simulate import EquilibriumTest, equilibrate
    >>> run = equilibrate(KobAndersen2D(), 129, temperature=0.5, n_sweeps=100)
    >>> test = EquilibriumTest(-3.9, 0.01, 0.002, 0.7, -0.001, 0.6, 20000, 150.0)
    >>> data = CampaignData({0.5: [run]}, {0.5: test}, {0.5: []}, {0.5: [-4.25, -4.15]}, {}, {})
    >>> [(state.temperature, round(state.inherent_energy, 6)) for state in data.states()]
    [(0.5, -4.2)]
    """

    runs: dict[float, list[Equilibration]]
    equilibrium: dict[float, EquilibriumTest]
    inherent_structures: dict[float, list[Configuration]]
    inherent_energies: dict[float, list[float]]
    relaxations: dict[float, Relaxation]
    labelled: dict[float, list[LabelledConfiguration]]

    def states(self) -> list[CampaignState]:
        """Sum up what was found at each temperature."""
        return [self._state(temperature) for temperature in self.runs]

    def _state(self, temperature: float) -> CampaignState:
        energies = self.inherent_energies[temperature]
        relaxation = self.relaxations.get(temperature)
        labelled = self.labelled.get(temperature, [])
        return CampaignState(
            temperature,
            self.equilibrium[temperature],
            float(np.mean(energies)),
            float(standard_error(energies)),
            float(np.mean([run.swap_acceptance for run in self.runs[temperature]])),
            float(relaxation.bond_breaking_time) if relaxation else None,
            float(relaxation.bond_breaking_time_standard_error) if relaxation else None,
            len(labelled),
            ", ".join(sorted({item.engine for item in labelled})) or None,
        )


def read_runs(store: Store, temperatures: Iterable[float]) -> dict[float, list[Equilibration]]:
    """Read the runs of swap Monte Carlo at some temperatures."""
    return {t: [Equilibration.load(run.path) for run in store.runs(t)] for t in temperatures}


def read_quenched(store: Store, temperatures: Iterable[float]) -> Quenched:
    """Read the inherent structures and their energies at some temperatures."""
    return {
        t: [load_inherent_structure(result.path) for result in store.inherent_structures(t)]
        for t in temperatures
    }


def read_relaxations(store: Store, temperatures: Iterable[float]) -> dict[float, Relaxation]:
    """Read relaxation times, the coldest first."""
    return {t: load_relaxation(store.relaxation(t).path) for t in sorted(temperatures)}


def read_data(
    store: Store,
    runs: dict[float, list[Equilibration]],
    quenched: Quenched,
    equilibrium: dict[float, EquilibriumTest],
    relaxations: dict[float, Relaxation],
) -> CampaignData:
    """Read what has not been read yet: labels where there is dynamics."""
    return CampaignData(
        runs,
        equilibrium,
        {t: [configuration for configuration, _ in at_t] for t, at_t in quenched.items()},
        {t: [energy for _, energy in at_t] for t, at_t in quenched.items()},
        relaxations,
        {
            t: [read_gsd(result.path) for result in store.labels(t)]
            for t in runs
            if t in relaxations
        },
    )
