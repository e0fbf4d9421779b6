"""What is known of the liquids of a study at each temperature."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from ...campaigns import CampaignData
from ...dynamics import Estimate, labels_at_levels
from ...liquid import Configuration, select_species
from ...models import agreement, pooled_noise_ceiling
from .settings import HeterogeneitySettings


class States:
    """Inherent structures of all temperatures, and broken bonds at the levels where simulated.

    ``equally_noisy`` holds averages over the fewest replicas of any temperature, one or two for
    each configuration, shape (n_averages, N). ``large`` has the structures of a larger box, if
    there are any.
    """

    def __init__(
        self,
        data: CampaignData,
        settings: HeterogeneitySettings,
        large: Mapping[float, list[Configuration]] | None = None,
    ) -> None:
        self.species = settings.heterogeneity.species
        self.configurations = data.inherent_structures
        self.large = large or {}
        self.thermal = {
            t: [item.configuration for item in at_t] for t, at_t in data.labelled.items()
        }
        self.sources = {t: [item.source for item in at_t] for t, at_t in data.labelled.items()}
        self.labels: dict[float, list[NDArray[np.float64]]] = {}
        self.halves: dict[float, list[NDArray[np.float64]]] = {}
        for temperature, items in data.labelled.items():
            found = labels_at_levels(
                [item.labels for item in items], "bond_breaking", settings.heterogeneity.levels
            )
            self.labels[temperature] = [item.matrix("broken_bonds") for item in found]
            self.halves[temperature] = [item.halves("broken_bonds")[..., -1] for item in found]
        fewest = settings.replica_numbers[0]
        self.equally_noisy = {
            t: halves
            if settings.n_replicas(t) > fewest
            else [h.mean(axis=0)[np.newaxis] for h in halves]
            for t, halves in self.halves.items()
        }

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
