"""The settings of a study and how they are read from TOML."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Self

import numpy as np
from numpy.typing import NDArray

from ...campaigns._toml import load_settings
from ...campaigns.settings import CampaignSettings

LABELS = ("displacement", "broken_bonds")
"""Labels that models are trained on."""


@dataclass(frozen=True)
class Shells:
    """Equidistant Gaussian shells from `start` up to `stop`."""

    start: float
    stop: float
    step: float
    width: float

    @property
    def centers(self) -> NDArray[np.float64]:
        """Radii of the shells."""
        n_shells = int((self.stop - self.start) / self.step + 1e-9) + 1
        return self.start + self.step * np.arange(n_shells, dtype=np.float64)


@dataclass(frozen=True)
class DescriptorSettings:
    """What the models see of the inherent structures."""

    radial_shells: Shells
    bond_order_shells: Shells
    bond_orders: list[int]
    coarse_graining_length: float
    generations: int


@dataclass(frozen=True)
class ModelSettings:
    """How models are trained and tested."""

    label: str
    n_splits: int


@dataclass(frozen=True)
class StudySettings(CampaignSettings):
    """The contents of a study's TOML file: a campaign and what is learnt from it."""

    descriptors: DescriptorSettings
    models: ModelSettings

    @classmethod
    def load(cls, path: str | Path) -> Self:
        """Read a TOML file; errors are those of a campaign."""
        return load_settings(cls, path)

    def requirements(self, folder: Path) -> dict[str, bool]:
        """Sentences about the settings and whether they hold."""
        shells = (self.descriptors.radial_shells, self.descriptors.bond_order_shells)
        return super().requirements(folder) | {
            "liquid.temperatures must name at least two": len(self.liquid.temperatures) >= 2,
            "ensemble.coldest must not exclude a temperature: models are trained at all": (
                self.simulated_temperatures == self.liquid.temperatures
            ),
            "ensemble.relative_times must contain 1.0": 1.0 in self.ensemble.relative_times,
            "shells need 0 <= start <= stop, step > 0 and width > 0": all(
                0 <= s.start <= s.stop and s.step > 0 and s.width > 0 for s in shells
            ),
            f"models.label must be one of {', '.join(LABELS)}": self.models.label in LABELS,
            "models.n_splits must be at least 2": self.models.n_splits >= 2,
        }
