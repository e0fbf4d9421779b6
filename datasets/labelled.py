"""The common form in which every reader hands over a structure and its dynamics."""

from __future__ import annotations

from dataclasses import dataclass

from ..dynamics import IsoconfigurationalLabels
from ..liquid import Configuration
from ._temperature import told_once


@dataclass(frozen=True, eq=False)
class LabelledConfiguration:
    """A structure at t = 0 and the isoconfigurational labels of its particles.

    Attributes
    ----------
    configuration : Configuration
        Thermal positions at t = 0.
    labels : IsoconfigurationalLabels
        Replica averages at one or more times.
    system : str
        Name of the system, as `vitreous.liquid.get_system` knows it.
    temperature : float
        In units of eps_AA / k_B; NaN where the source does not tell. The configuration tells the
        same.
    source : str
        Where it came from, a file name as a rule.
    in_equilibrium : bool or None
        Whether configurations prepared like this one passed a test of equilibrium; None where the
        source does not tell.
    engine : str
        What ran the dynamics, such as ``"embedded 0.1.0 on cpu"``; empty where the source does not
        tell.

    Raises
    ------
    ValueError
        If the labels are not those of as many particles.
    """

    configuration: Configuration
    labels: IsoconfigurationalLabels
    system: str
    temperature: float
    source: str
    in_equilibrium: bool | None = None
    engine: str = ""

    def __post_init__(self) -> None:
        configuration, temperature = told_once(self.configuration, self.temperature)
        object.__setattr__(self, "configuration", configuration)
        object.__setattr__(self, "temperature", temperature)
        n_particles = self.configuration.n_particles
        for name, values in self.labels.averages.items():
            if values.shape[1] != n_particles:
                raise ValueError(
                    f"the label {name!r} is of {values.shape[1]} particles, the configuration has "
                    f"{n_particles}"
                )
