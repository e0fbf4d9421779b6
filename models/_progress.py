"""Labels as progress: rising with time, in units in which temperatures can be compared."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

_LENGTHS = ("displacement", "cage_relative_displacement")
_FALLING = ("bond_breaking", "overlap", "scattering")

LABELS = (*_LENGTHS, "broken_bonds", *_FALLING)
"""Labels that have a clock."""


@dataclass(frozen=True)
class LabelProgress:
    """How far particles have come, told by one label.

    Lengths are divided by the root of the temperature; labels that fall from 1 are taken from 1.

    Attributes
    ----------
    label : str

    Raises
    ------
    ValueError
        If the label is none of those that simulations give.
    """

    label: str

    def __post_init__(self) -> None:
        if self.label not in LABELS:
            raise ValueError(
                f"no clock is known for the label {self.label!r}; one of {', '.join(LABELS)} has"
            )

    @property
    def in_columns(self) -> bool:
        """Whether the last column of the cage is the plateau of this label."""
        return self.label == "displacement"

    def require_levels(self, levels: NDArray[np.float64]) -> None:
        """Refuse mean labels that no liquid can have."""
        lowest = -1.0 if self.label == "scattering" else 0.0
        highest = np.inf if self.label in _LENGTHS else 1.0
        for level in np.ravel(levels):
            if not (lowest <= level <= highest and np.isfinite(level)):
                possible = f"from {lowest:g}" + (f" to {highest:g}" if highest < np.inf else " up")
                raise ValueError(
                    f"a level is the mean {self.label} of the liquid, {possible}, not {level:g}"
                )

    def of(self, labels: NDArray[np.float64], temperature: float) -> NDArray[np.float64]:
        """Progress that labels stand for."""
        if self.label in _LENGTHS:
            return labels / np.sqrt(temperature)
        return 1 - labels if self.label in _FALLING else labels

    def of_named(
        self, labels: Mapping[str, NDArray[np.float64]], temperature: float
    ) -> NDArray[np.float64]:
        """Progress that the one among labels by name stands for."""
        if self.label == "broken_bonds":
            return 1 - labels["bond_breaking"]
        return self.of(labels[self.label], temperature)

    def back(self, progress: NDArray[np.float64], temperature: float) -> NDArray[np.float64]:
        """Labels that stand for some progress."""
        if self.label in _LENGTHS:
            return progress * np.sqrt(temperature)
        return 1 - progress if self.label in _FALLING else progress
