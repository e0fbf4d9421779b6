"""A structure without labels, which every format can hold."""

from __future__ import annotations

from dataclasses import dataclass

from ..liquid import Configuration


@dataclass(frozen=True, eq=False)
class Structure:
    """A configuration and what its file says of it.

    Attributes
    ----------
    configuration : Configuration
    system : str
        Name of the system; empty where the file does not tell.
    temperature : float
        In units of eps_AA / k_B; NaN where the file does not tell.
    source : str
        Where it came from: the name of the file, and of many frames the number.
    """

    configuration: Configuration
    system: str
    temperature: float
    source: str
