"""The packaged sample: KA2D at three temperatures, labelled."""

from __future__ import annotations

from dataclasses import dataclass, replace
from importlib.resources import files

import numpy as np
from numpy.typing import NDArray

from ..dynamics import IsoconfigurationalLabels
from ..liquid import Box, Configuration, KobAndersen2D
from .items import LabelledConfiguration

_LABELS = ("displacement", "bond_breaking")


@dataclass(frozen=True, eq=False, repr=False)
class Sample:
    """Labelled configurations of one system.

    Attributes
    ----------
    configurations : list of Configuration
        Thermal positions at t = 0, from which the replicas started.
    inherent : list of Configuration
        Their inherent structures.
    labels : list of IsoconfigurationalLabels
        At T times each.
    data : list of LabelledConfiguration
        Thermal configurations with their labels.
    temperatures : ndarray, shape (n,)
        In units of eps_AA / k_B.
    times : ndarray, shape (n, T)
        Of the labels, in units of sigma_AA (m / eps_AA)^1/2.
    system : str
        Name of the system.
    DESCR : str
        Description in Markdown.

    Examples
    --------
    >>> from vitreous.datasets import load_ka2d
    >>> load_ka2d()
    Sample(KA2D; 24 configurations at T = 0.5, 0.42, 0.36)
    """

    configurations: list[Configuration]
    inherent: list[Configuration]
    labels: list[IsoconfigurationalLabels]
    data: list[LabelledConfiguration]
    temperatures: NDArray[np.float64]
    times: NDArray[np.float64]
    system: str
    DESCR: str

    def at(self, temperature: float) -> Sample:
        """Return the configurations of one temperature.

        Raises
        ------
        ValueError
            If there are none; the message names the temperatures there are.

        Examples
        --------
        >>> from vitreous.datasets import load_ka2d
        >>> cold = load_ka2d().at(0.36)
        >>> len(cold.inherent), cold.temperatures
        (8, array([0.36, 0.36, 0.36, 0.36, 0.36, 0.36, 0.36, 0.36]))
        """
        chosen = np.flatnonzero(np.isclose(self.temperatures, temperature, rtol=1e-6))
        if not chosen.size:
            raise ValueError(f"no configurations at T = {temperature:g}; there is {self._known()}")
        return replace(
            self,
            configurations=[self.configurations[i] for i in chosen],
            inherent=[self.inherent[i] for i in chosen],
            labels=[self.labels[i] for i in chosen],
            data=[self.data[i] for i in chosen],
            temperatures=self.temperatures[chosen],
            times=self.times[chosen],
        )

    def __repr__(self) -> str:
        return f"Sample({self.system}; {len(self.data)} configurations at {self._known()})"

    def _known(self) -> str:
        known = sorted(set(self.temperatures.tolist()), reverse=True)
        return f"T = {', '.join(f'{temperature:g}' for temperature in known)}"


def load_ka2d() -> Sample:
    """Load the packaged sample of labelled configurations of the 2D Kob-Andersen mixture.

    There are 24 configurations of 1290 particles, eight at each of the temperatures 0.50, 0.42 and
    0.36, all of which passed the test of equilibrium. The labels are the displacement propensity
    and the bond-breaking correlation of ten replicas at 0.1, 0.3 and 1.0 times the bond-breaking
    time of each temperature. The sample was made with this package; ``DESCR`` describes how.

    Returns
    -------
    Sample
        Lists and arrays in the order of the configurations, labels in single precision.

    Examples
    --------
    >>> from vitreous.datasets import load_ka2d
    >>> sample = load_ka2d()
    >>> sample.inherent[0]
    Configuration(600 A, 330 B, 360 C; Box(lengths=(32.8962, 32.8962), tilts=(0.0,)))
    >>> sample.labels[0].matrix("bond_breaking").shape
    (1290, 3)
    >>> sample.at(0.36)
    Sample(KA2D; 8 configurations at T = 0.36)
    """
    folder = files(__package__) / "samples"
    with (folder / "ka2d.npz").open("rb") as file, np.load(file, allow_pickle=False) as archive:
        stored = {name: archive[name] for name in archive}
    system = KobAndersen2D()

    def configurations(positions: str) -> list[Configuration]:
        return [
            Configuration(
                single, types, Box(tuple(lengths)), system.species, temperature=float(temperature)
            )
            for single, types, lengths, temperature in zip(
                stored[positions],
                stored["types"],
                stored["box_lengths"],
                stored["temperatures"],
                strict=True,
            )
        ]

    thermal = configurations("positions")
    labels = [
        IsoconfigurationalLabels(
            times, {name: stored[name][number].swapaxes(1, 2) for name in _LABELS}, int(n_replicas)
        )
        for number, (times, n_replicas) in enumerate(
            zip(stored["times"], stored["n_replicas"], strict=True)
        )
    ]
    data = [
        LabelledConfiguration(
            configuration, label, system.name, float(temperature), f"ka2d[{number}]", bool(passed)
        )
        for number, (configuration, label, temperature, passed) in enumerate(
            zip(thermal, labels, stored["temperatures"], stored["in_equilibrium"], strict=True)
        )
    ]
    return Sample(
        configurations=thermal,
        inherent=configurations("inherent_positions"),
        labels=labels,
        data=data,
        temperatures=stored["temperatures"],
        times=stored["times"],
        system=system.name,
        DESCR=(folder / "ka2d.md").read_text(encoding="utf-8"),
    )
