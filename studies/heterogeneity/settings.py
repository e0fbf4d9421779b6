"""The settings of a study of dynamic heterogeneity."""

from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from ...campaigns import CampaignSettings
from ...liquid import System

RegressorName = Literal["ridge", "mlp"]


@dataclass(frozen=True)
class HeterogeneityTable:
    """What is learnt, and how its heterogeneity is measured."""

    species: str
    levels: list[float]
    regressors: list[RegressorName]
    mobile_fraction: float
    longest_wave_number: float
    published_times: list[list[float]] | None = None
    n_networks: int = 8


@dataclass(frozen=True)
class LargeBox:
    """Larger liquids: structures alone, predicted by models of the smaller ones."""

    n_particles: int
    n_configurations: int


@dataclass(frozen=True)
class HeterogeneitySettings(CampaignSettings):
    """The contents of the TOML file: a campaign and what is predicted below it.

    Examples
    --------
    >>> from importlib.resources import files
    >>> from vitreous.studies import HeterogeneitySettings
    >>> settings = HeterogeneitySettings.load(files("vitreous.studies") / "ka2d_to_tg.toml")
    >>> settings.predicted_temperatures, settings.heterogeneity.species
    ([0.22, 0.18, 0.15], 'A')
    """

    heterogeneity: HeterogeneityTable
    large_box: LargeBox | None = None

    @property
    def predicted_temperatures(self) -> list[float]:
        """Temperatures at which nothing is simulated but the structure."""
        return [t for t in self.liquid.temperatures if t < self.ensemble.coldest]

    def of_large_box(self) -> CampaignSettings | None:
        """Return the settings of the campaign of the larger liquids, if there are any."""
        if self.large_box is None:
            return None
        liquid = replace(self.liquid, **vars(self.large_box))
        return replace(self, liquid=liquid, large_box=None)

    def _replicas_agree(self) -> bool:
        """Tell whether labels of equal noise can be had; lists of another length are refused."""
        numbers = self.ensemble.n_replicas
        if isinstance(numbers, list) and len(numbers) != len(self.liquid.temperatures):
            return True
        fewest, most = self.replica_numbers[0], self.replica_numbers[-1]
        return fewest == most or set(self.replica_numbers) == {most / 2, most}

    def requirements(self, system: System) -> dict[str, bool]:
        """Sentences about the settings and whether they hold."""
        table = self.heterogeneity
        levels = np.array(table.levels)
        return super().requirements(system) | {
            "three temperatures at least must be simulated, not below ensemble.coldest": (
                len(self.simulated_temperatures) >= 3
            ),
            "ensemble.n_replicas must be the same where dynamics is simulated, or half as many": (
                self._replicas_agree()
            ),
            "large_box.n_particles must exceed liquid.n_particles": (
                self.large_box is None or self.large_box.n_particles > self.liquid.n_particles
            ),
            "large_box.n_configurations must be even, and at least 4": (
                self.large_box is None or self.large_box.n_configurations in range(4, 10**6, 2)
            ),
            "liquid.temperatures must fall": bool(np.all(np.diff(self.liquid.temperatures) < 0)),
            f"heterogeneity.species must be one of {', '.join(system.species)}": (
                table.species in system.species
            ),
            "heterogeneity.levels must fall and end at relaxation.bond_breaking": bool(
                np.all(np.diff(levels) < 0) and levels[-1] == self.relaxation.bond_breaking
            ),
            "heterogeneity.regressors must differ": (
                len(set(table.regressors)) == len(table.regressors)
            ),
            "heterogeneity.n_networks must be at least 2": table.n_networks >= 2,
            "heterogeneity.mobile_fraction must lie between 0 and 1": 0 < table.mobile_fraction < 1,
            "heterogeneity.longest_wave_number must be positive": table.longest_wave_number > 0,
            "heterogeneity.published_times must hold temperatures, relaxation times and errors of "
            "their logarithms, all positive": all(
                len(point) == 3 and min(point) > 0 for point in table.published_times or []
            ),
        }
