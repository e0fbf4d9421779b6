"""The settings of a study of transfer."""

from dataclasses import dataclass

from ...campaigns import CampaignSettings
from ...liquid import System
from ...workflows.catalogue import DESCRIPTORS

LABELS = ("displacement", "broken_bonds")
"""Labels that models are trained on."""


@dataclass(frozen=True)
class ModelSettings:
    """What models see of the inherent structures, and how they are trained and tested."""

    descriptors: str
    label: str
    shown_times: list[float]
    n_splits: int
    heated: float | None = None


@dataclass(frozen=True)
class TransferSettings(CampaignSettings):
    """The contents of the TOML file: a campaign and the models that are trained on it.

    Examples
    --------
    >>> from importlib.resources import files
    >>> from vitreous.studies import TransferSettings
    >>> settings = TransferSettings.load(files("vitreous.studies") / "ka2d_transfer.toml")
    >>> settings.models.descriptors, settings.models.label
    ('jung2023', 'broken_bonds')
    """

    models: ModelSettings

    def requirements(self, system: System) -> dict[str, bool]:
        """Sentences about the settings and whether they hold."""
        return super().requirements(system) | {
            "liquid.temperatures must name at least two": len(self.liquid.temperatures) >= 2,
            "ensemble.coldest must not exclude a temperature: models are trained at all of them": (
                self.simulated_temperatures == self.liquid.temperatures
            ),
            "ensemble.relative_times must contain 1.0": 1.0 in self.ensemble.relative_times,
            f"models.descriptors must be one of {', '.join(DESCRIPTORS)}": (
                self.models.descriptors in DESCRIPTORS
            ),
            f"models.label must be one of {', '.join(LABELS)}": self.models.label in LABELS,
            "models.shown_times must rise to 1.0 and be among ensemble.relative_times": (
                self.models.shown_times[-1:] == [1.0]
                and self.models.shown_times
                == [t for t in self.ensemble.relative_times if t in self.models.shown_times]
            ),
            "models.heated, a temperature of short runs, must be above all others": (
                self.models.heated is None or self.models.heated > max(self.liquid.temperatures)
            ),
            "models.n_splits must be at least 2": self.models.n_splits >= 2,
        }
