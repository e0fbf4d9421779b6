"""What files hold: structures, and structures with labels of their dynamics."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..dynamics import IsoconfigurationalLabels
from ..liquid import Configuration
from ._temperature import told_once


@dataclass(frozen=True, eq=False, repr=False)
class Structure:
    """A configuration and what its file says about it.

    Attributes
    ----------
    configuration : Configuration
        Particles in the order of their ids, inside a box centred on the origin.
    system : str
        Name of the system; empty if the file does not name it.
    temperature : float
        In units of eps_AA / k_B; NaN if the file does not give it. The configuration has the same
        temperature.
    source : str
        Where it came from: the name of the file, with the number of the frame if there are several.
    ids : ndarray, shape (N,), int64, or None
        Ids of the particles in the file, in rising order; None if the file has none.
    unwrapped : ndarray, shape (N, d), float64, or None
        Positions of the same particles before they were brought into the box, from unwrapped
        coordinates or image flags; None if the file has neither.
    file : str
        Name of the file.
    frame : int
        Number of the frame in the file, from 0.
    step : int or None
        Time step of the simulation; None if the file does not give it.
    time : float
        Time of the frame in the trajectory; NaN if the file does not give it.
    average : ndarray, shape (N, d), float64, or None
        Positions averaged over the time before the frame, in the same images as those of the
        configuration; None but from `past_averages`.

    Examples
    --------
    >>> from vitreous.datasets import Structure
    >>> from vitreous.liquid import Box, Configuration
    >>> pair = Configuration([[0.0, 0.0], [1.0, 0.0]], [0, 0], Box.cube(10.0, 2), ("A",))
    >>> structure = Structure(pair, temperature=0.4, source="liquid.gsd, frame 3", frame=3)
    >>> structure.configuration.temperature
    0.4
    """

    configuration: Configuration
    system: str = ""
    temperature: float = float("nan")
    source: str = ""
    ids: NDArray[np.int64] | None = None
    unwrapped: NDArray[np.float64] | None = None
    file: str = ""
    frame: int = 0
    step: int | None = None
    time: float = float("nan")
    average: NDArray[np.float64] | None = None

    def __post_init__(self) -> None:
        configuration, temperature = told_once(self.configuration, self.temperature)
        object.__setattr__(self, "configuration", configuration)
        object.__setattr__(self, "temperature", temperature)

    def require_time(self) -> None:
        """Raise a ValueError that says how to give it, if the time is not known."""
        if np.isnan(self.time):
            raise ValueError(
                f"{self.source} has no time: give the time of a step (time_step=, --time-step)"
            )

    def __repr__(self) -> str:
        return f"Structure({_origin(self)}{self.configuration})"


@dataclass(frozen=True, eq=False, repr=False)
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
        In units of eps_AA / k_B; NaN if the source does not give it. The configuration has the same
        temperature.
    source : str
        Where it came from, a file name as a rule.
    in_equilibrium : bool or None
        Whether configurations prepared like this one passed a test of equilibrium; None if the
        source does not say.
    engine : str
        What ran the dynamics, such as ``"embedded 0.1.0 on cpu"``; empty if the source does not
        say.
    group : str
        Name shared by configurations that are not independent of each other, such as overlapping
        stretches of one trajectory; empty for a configuration that depends on no other.
    ids : ndarray, shape (N,), int64, or None
        Ids of the particles in the trajectory that they were labelled by; None if it has none.
    average : ndarray, shape (N, d), float64, or None
        Positions averaged over the time before t = 0, in the same images as those of the
        configuration; None if the source has none.
    averaged_over : float
        How long that was; NaN without an average.

    Raises
    ------
    ValueError
        If the labels, or the average positions, are for another number of particles.

    Examples
    --------
    >>> from vitreous.datasets import LabelledConfiguration
    >>> from vitreous.dynamics import IsoconfigurationalLabels
    >>> from vitreous.liquid import Box, Configuration
    >>> pair = Configuration([[0.0, 0.0], [1.0, 0.0]], [0, 0], Box.cube(10.0, 2), ("A",))
    >>> labels = IsoconfigurationalLabels([5.0], {"displacement": [[[0.1], [0.3]]]}, n_replicas=8)
    >>> data = LabelledConfiguration(pair, labels, "spheres", 0.4, "liquid.gsd")
    >>> data.labels.at("displacement"), data.structure.temperature
    (array([0.1, 0.3]), 0.4)
    """

    configuration: Configuration
    labels: IsoconfigurationalLabels
    system: str
    temperature: float
    source: str
    in_equilibrium: bool | None = None
    engine: str = ""
    group: str = ""
    ids: NDArray[np.int64] | None = None
    average: NDArray[np.float64] | None = None
    averaged_over: float = float("nan")

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
        if self.average is not None and self.average.shape != self.configuration.positions.shape:
            raise ValueError(
                f"average positions have the shape {self.average.shape}, those of the "
                f"configuration {self.configuration.positions.shape}"
            )

    def __repr__(self) -> str:
        return f"LabelledConfiguration({_origin(self)}{self.configuration}; {self.labels})"

    @property
    def structure(self) -> Structure:
        """The structure alone, as readers of files without labels return it."""
        return Structure(
            self.configuration,
            self.system,
            self.temperature,
            self.source,
            ids=self.ids,
            file=self.source,
        )


def _origin(item: Structure | LabelledConfiguration) -> str:
    """Source, system and temperature, as far as they are known."""
    told = f"T = {item.temperature:g}" if item.temperature == item.temperature else ""
    known = ", ".join(part for part in (item.source, item.system, told) if part)
    return f"{known}; " if known else ""
