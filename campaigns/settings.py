"""The settings of a campaign and how they are read from TOML."""

from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Self, TypeVar

import numpy as np

from ..liquid import System, get_system
from ..simulate.engines import EngineName, check_engine
from ..simulate.swap import Draw, best_draw
from ._toml import load_settings

S = TypeVar("S", bound="CampaignSettings")
T = TypeVar("T")


@dataclass(frozen=True)
class Liquid:
    """What is simulated; see the packaged studies for the meaning of each setting."""

    system: str
    n_particles: int
    temperatures: list[float]
    n_configurations: int


@dataclass(frozen=True)
class EquilibrationSettings:
    """How configurations are made, and whether those out of equilibrium are labelled as well."""

    n_sweeps: int | list[int]
    protocol: Literal["quench", "anneal"] = "quench"
    swap_fraction: float | list[float] = 0.2
    draw: Draw | list[Draw] = "even"
    target_acceptance: float | None = None
    label_unequilibrated: bool = False


@dataclass(frozen=True)
class RelaxationSettings:
    """How far the liquid has relaxed at the bond-breaking time, and how long to wait for it."""

    bond_breaking: float
    longest_time: float


@dataclass(frozen=True)
class EnsembleSettings:
    """How their dynamics is sampled."""

    n_replicas: int | list[int]
    relative_times: list[float]
    engine: EngineName = "auto"
    coldest: float = 0.0


@dataclass(frozen=True)
class Moves:
    """Swap Monte Carlo at one temperature."""

    n_sweeps: int
    swap_fraction: float
    draw: Draw
    target_acceptance: float | None


@dataclass(frozen=True)
class CampaignSettings:
    """The contents of a campaign's TOML file, without the further tables of a study.

    Examples
    --------
    >>> from importlib.resources import files
    >>> from vitreous.campaigns import CampaignSettings
    >>> settings = CampaignSettings.load(files("vitreous.datasets") / "samples" / "ka2d.toml")
    >>> settings.liquid.temperatures, settings.n_sweeps(0.42)
    ([0.5, 0.42, 0.36], 20000)
    """

    title: str
    seed: int
    liquid: Liquid
    equilibration: EquilibrationSettings
    relaxation: RelaxationSettings
    ensemble: EnsembleSettings

    @classmethod
    def load(cls, path: str | Path, ignored: Collection[str] = ()) -> Self:
        """Read a TOML file; `open_settings` also makes the system and checks the two together.

        Parameters
        ----------
        path : str or Path
        ignored : collection of str
            Names of tables that do not belong to a campaign, such as those of a study.

        Raises
        ------
        FileNotFoundError
            If there is no such file.
        ValueError
            If it is not TOML, or a setting is missing, unknown or of a wrong type.
        """
        return load_settings(cls, path, ignored)

    @property
    def files(self) -> list[str]:
        """Names of the files beside the TOML file that belong to the settings."""
        module = self.liquid.system.rpartition(":")[0]
        return [module] if module.endswith(".py") else []

    def n_sweeps(self, temperature: float) -> int:
        """Sweeps of swap Monte Carlo at a temperature."""
        return self._at(temperature, self.equilibration.n_sweeps)

    def moves(self, temperature: float) -> Moves:
        """Kind and number of the moves of swap Monte Carlo at a temperature."""
        equilibration = self.equilibration
        return Moves(
            self.n_sweeps(temperature),
            self._at(temperature, equilibration.swap_fraction),
            self._at(temperature, equilibration.draw),
            equilibration.target_acceptance,
        )

    def n_replicas(self, temperature: float) -> int:
        """Replicas of each configuration at a temperature."""
        return self._at(temperature, self.ensemble.n_replicas)

    @property
    def replica_numbers(self) -> list[int]:
        """Different numbers of replicas at the temperatures where the dynamics is simulated."""
        return sorted({self.n_replicas(t) for t in self.simulated_temperatures})

    @property
    def simulated_temperatures(self) -> list[float]:
        """Temperatures at which the dynamics is simulated; colder ones have structures only."""
        return [t for t in self.liquid.temperatures if t >= self.ensemble.coldest]

    def annealed_with(self, temperature: float) -> list[float]:
        """List the temperatures of a liquid that is annealed through one of them, as they rise.

        Those at which dynamics is simulated are gone through among themselves: nothing below
        changes their labels.
        """
        simulated = self.simulated_temperatures
        return sorted(simulated if temperature in simulated else self.liquid.temperatures)

    def _at(self, temperature: float, setting: T | list[T]) -> T:
        """Value at one temperature of a setting that has one value or a list of them."""
        if isinstance(setting, list):
            return setting[self.liquid.temperatures.index(temperature)]
        return setting

    def make_system(self, folder: Path) -> System:
        """Look up the system, or make it from its file, which lies in `folder` and is executed.

        Raises
        ------
        FileNotFoundError
            If there is no such file.
        ValueError
            If the system is unknown, or its file lies elsewhere or makes none.
        """
        if any(Path(file).name != file for file in self.files):
            raise ValueError("liquid.system must name a file that lies beside this one")
        name = self.liquid.system
        if name.endswith(".toml"):
            raise ValueError(
                f"liquid.system is {name}: a campaign keeps a copy of the file of its system, and "
                "not of the tables that a TOML file names; define it in a Python file"
            )
        return get_system(str(folder / name) if self.files else name)

    def require(self, system: System) -> None:
        """Raise a ValueError that names the first of the `requirements` that does not hold."""
        for requirement, holds in self.requirements(system).items():
            if not holds:
                raise ValueError(requirement)

    def require_engine(self, system: System) -> None:
        """Raise a ValueError if the engine of the ensembles cannot run the system here."""
        name = self.ensemble.engine
        try:
            check_engine(system, name, n_particles=self.liquid.n_particles)
        except (ImportError, ValueError) as error:
            raise ValueError(
                f"the engine {name!r} (ensemble.engine) cannot run {self.liquid.n_particles} "
                f"particles of {system.name}: {error}"
            ) from error

    def requirements(self, system: System) -> dict[str, bool]:
        """Sentences about the settings of a campaign of the system, and whether they hold."""
        liquid, equilibration, ensemble = self.liquid, self.equilibration, self.ensemble
        acceptance = equilibration.target_acceptance
        first_time = 10 * system.time_step
        return {
            "seed must not be negative": self.seed >= 0,
            "liquid.n_particles must be at least 100": liquid.n_particles >= 100,
            "liquid.temperatures must be different and positive": len(set(liquid.temperatures))
            == len(liquid.temperatures)
            and min(liquid.temperatures) > 0,
            "liquid.n_configurations must be at least 4": liquid.n_configurations >= 4,
            **{
                f"{name} must be one value, or one for each temperature": (
                    not isinstance(setting, list) or len(setting) == len(liquid.temperatures)
                )
                for name, setting in {
                    "equilibration.n_sweeps": equilibration.n_sweeps,
                    "equilibration.swap_fraction": equilibration.swap_fraction,
                    "equilibration.draw": equilibration.draw,
                    "ensemble.n_replicas": ensemble.n_replicas,
                }.items()
            },
            "equilibration.n_sweeps must be at least 100": bool(
                np.min(equilibration.n_sweeps) >= 100
            ),
            "equilibration.protocol 'anneal' makes configurations in pairs: "
            "liquid.n_configurations must be even": (
                equilibration.protocol == "quench" or liquid.n_configurations % 2 == 0
            ),
            "equilibration.target_acceptance is for the protocol 'quench' only": (
                equilibration.protocol == "quench" or acceptance is None
            ),
            "equilibration.swap_fraction must lie between 0 and 1": bool(
                0 <= np.min(equilibration.swap_fraction) <= np.max(equilibration.swap_fraction) <= 1
            ),
            "equilibration.draw must be 'even' for continuous diameters": (
                "by cost" not in np.ravel(equilibration.draw) or best_draw(system) == "by cost"
            ),
            "equilibration.target_acceptance must lie between 0 and 1": (
                acceptance is None or 0 < acceptance < 1
            ),
            "relaxation.bond_breaking must lie between 0 and 1": (
                0 < self.relaxation.bond_breaking < 1
            ),
            f"relaxation.longest_time must be above {first_time:g}, ten time steps": (
                self.relaxation.longest_time > first_time
            ),
            "ensemble.n_replicas must be at least 2": bool(np.min(ensemble.n_replicas) >= 2),
            "ensemble.coldest must leave a temperature to label": (
                ensemble.coldest <= max(liquid.temperatures)
            ),
            "ensemble.relative_times must rise from above 0": bool(
                np.all(np.diff([0.0, *ensemble.relative_times]) > 0)
            ),
        }


def open_settings(
    kind: type[S], path: str | Path, ignored: Collection[str] = ()
) -> tuple[S, System]:
    """Read settings from a TOML file, make their system and check that the two go together.

    The file of a system of one's own, beside the TOML file, is executed once.

    Parameters
    ----------
    kind : type
        `CampaignSettings`, or those of a kind of study.
    path : str or Path
    ignored : collection of str
        Names of tables that are not of this kind.

    Returns
    -------
    settings : CampaignSettings
        Of this kind.
    system : System

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    ValueError
        If it is not TOML, or a setting is missing, unknown, or of a wrong type or size.

    Examples
    --------
    >>> from importlib.resources import files
    >>> from vitreous.campaigns import CampaignSettings, open_settings
    >>> packaged = files("vitreous.datasets") / "samples" / "ka2d.toml"
    >>> settings, system = open_settings(CampaignSettings, packaged)
    >>> settings.liquid.n_particles, system
    (1290, KobAndersen2D('KA2D'))
    """
    settings = kind.load(path, ignored)
    try:
        system = settings.make_system(Path(path).parent)
        settings.require(system)
    except ValueError as error:
        raise ValueError(f"{path}: {error}") from error
    return settings, system
