"""A structure without labels, which every format can hold."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from ..liquid import Configuration
from ._temperature import told_once


@dataclass(frozen=True, eq=False)
class Structure:
    """A configuration and what its file says of it.

    Attributes
    ----------
    configuration : Configuration
    system : str
        Name of the system; empty where the file does not tell.
    temperature : float
        In units of eps_AA / k_B; NaN where the file does not tell. The configuration tells the
        same.
    source : str
        Where it came from: the name of the file, and of many frames the number.
    """

    configuration: Configuration
    system: str
    temperature: float
    source: str

    def __post_init__(self) -> None:
        configuration, temperature = told_once(self.configuration, self.temperature)
        object.__setattr__(self, "configuration", configuration)
        object.__setattr__(self, "temperature", temperature)


def structures_of_frames(
    path: str | Path, frames: Sequence[tuple[Configuration, str]]
) -> list[Structure]:
    """Make structures of the frames of a file, with their names, that tells nothing of them.

    The only frame of a file is called like the file.
    """
    return [
        Structure(
            configuration, "", float("nan"), str(path) if len(frames) == 1 else f"{path}, {name}"
        )
        for configuration, name in frames
    ]
