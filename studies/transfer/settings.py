"""The settings of a study of transfer."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ...campaigns import CampaignSettings
from ...liquid import System

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
class TransferSettings(CampaignSettings):
    """The contents of the TOML file: a campaign and the models that are trained on it.

    Examples
    --------
    >>> from importlib.resources import files
    >>> from vitreous.studies import TransferSettings
    >>> settings = TransferSettings.load(files("vitreous.studies") / "ka2d_transfer.toml")
    >>> settings.models.label, settings.descriptors.radial_shells.centers[:3]
    ('broken_bonds', array([0.85, 0.91, 0.97]))
    """

    descriptors: DescriptorSettings
    models: ModelSettings

    def requirements(self, system: System) -> dict[str, bool]:
        """Sentences about the settings and whether they hold."""
        shells = (self.descriptors.radial_shells, self.descriptors.bond_order_shells)
        return super().requirements(system) | {
            "liquid.temperatures must name at least two": len(self.liquid.temperatures) >= 2,
            "ensemble.coldest must not exclude a temperature: models are trained at all of them": (
                self.simulated_temperatures == self.liquid.temperatures
            ),
            "ensemble.relative_times must contain 1.0": 1.0 in self.ensemble.relative_times,
            "shells need 0 <= start <= stop, step > 0 and width > 0": all(
                0 <= s.start <= s.stop and s.step > 0 and s.width > 0 for s in shells
            ),
            f"models.label must be one of {', '.join(LABELS)}": self.models.label in LABELS,
            "models.n_splits must be at least 2": self.models.n_splits >= 2,
        }
