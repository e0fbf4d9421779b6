"""The settings of a study and how they are read from TOML."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, fields, is_dataclass
from pathlib import Path
from typing import Any, get_type_hints

import numpy as np
from numpy.typing import NDArray

from .liquid import get_system

LABELS = ("displacement", "bond_breaking")
"""Labels that models are trained on."""


@dataclass(frozen=True)
class Liquid:
    """What is studied; see the packaged studies for the meaning of each setting."""

    system: str
    n_particles: int
    temperatures: list[float]
    n_configurations: int


@dataclass(frozen=True)
class EquilibrationSettings:
    """How configurations are made."""

    n_sweeps: int


@dataclass(frozen=True)
class RelaxationSettings:
    """How far the liquid has relaxed at the bond-breaking time, and how long to wait for it."""

    bond_breaking: float
    longest_time: float


@dataclass(frozen=True)
class EnsembleSettings:
    """How their dynamics is sampled."""

    n_replicas: int
    relative_times: list[float]


@dataclass(frozen=True)
class Shells:
    """Equidistant Gaussian shells from `start` up to `stop`."""

    start: float
    stop: float
    step: float
    width: float

    @property
    def centres(self) -> NDArray[np.float64]:
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
class StudySettings:
    """The contents of a study's TOML file."""

    title: str
    seed: int
    liquid: Liquid
    equilibration: EquilibrationSettings
    relaxation: RelaxationSettings
    ensemble: EnsembleSettings
    descriptors: DescriptorSettings
    models: ModelSettings

    @classmethod
    def load(cls, path: str | Path) -> StudySettings:
        """Read a TOML file.

        Raises
        ------
        FileNotFoundError
            If there is no such file.
        ValueError
            If it is not TOML, or a setting is missing, unknown, or of a wrong type or size.
        """
        try:
            settings = _from_table(cls, tomllib.loads(Path(path).read_text()), "")
            settings._check()
        except (tomllib.TOMLDecodeError, ValueError) as error:
            raise ValueError(f"{path}: {error}") from error
        return settings

    def _check(self) -> None:
        system = get_system(self.liquid.system)
        first_time = 10 * system.time_step
        shells = (self.descriptors.radial_shells, self.descriptors.bond_order_shells)
        requirements = {
            "seed must not be negative": self.seed >= 0,
            "liquid.n_particles must be at least 100": self.liquid.n_particles >= 100,
            "liquid.temperatures must name at least two different positive temperatures": len(
                set(self.liquid.temperatures)
            )
            == len(self.liquid.temperatures)
            >= 2
            and min(self.liquid.temperatures) > 0,
            "liquid.n_configurations must be at least 4": self.liquid.n_configurations >= 4,
            "equilibration.n_sweeps must be at least 100": self.equilibration.n_sweeps >= 100,
            "relaxation.bond_breaking must lie between 0 and 1": (
                0 < self.relaxation.bond_breaking < 1
            ),
            f"relaxation.longest_time must be above {first_time:g}, ten time steps": (
                self.relaxation.longest_time > first_time
            ),
            "ensemble.n_replicas must be at least 2": self.ensemble.n_replicas >= 2,
            "ensemble.relative_times must rise from above 0 and contain 1.0": (
                np.all(np.diff([0.0, *self.ensemble.relative_times]) > 0)
                and 1.0 in self.ensemble.relative_times
            ),
            "shells need 0 <= start <= stop, step > 0 and width > 0": all(
                0 <= s.start <= s.stop and s.step > 0 and s.width > 0 for s in shells
            ),
            f"models.label must be one of {', '.join(LABELS)}": self.models.label in LABELS,
            "models.n_splits must be at least 2": self.models.n_splits >= 2,
            f"{system.name} has no pairs of types to swap": bool(system.swap_pairs),
        }
        for requirement, holds in requirements.items():
            if not holds:
                raise ValueError(requirement)


def _from_table(kind: type, table: Any, name: str) -> Any:
    """Make a settings object from a TOML table, checking names and types."""
    if not isinstance(table, dict):
        raise ValueError(f"{name.rstrip('.') or 'the file'} must be a table, not {table!r}")
    hints = get_type_hints(kind)
    unknown = sorted(set(table) - set(hints))
    missing = [field.name for field in fields(kind) if field.name not in table]
    if unknown:
        raise ValueError(f"unknown setting {name}{unknown[0]}; known are {', '.join(hints)}")
    if missing:
        raise ValueError(f"the setting {name}{missing[0]} is missing")
    return kind(
        **{key: _converted(hints[key], value, f"{name}{key}") for key, value in table.items()}
    )


def _converted(kind: Any, value: Any, name: str) -> Any:
    if is_dataclass(kind):
        return _from_table(kind, value, f"{name}.")  # type: ignore[arg-type]
    if kind in (list[float], list[int]):
        if not isinstance(value, list) or not value:
            raise ValueError(f"{name} must be a list of numbers, not {value!r}")
        return [_converted(kind.__args__[0], item, name) for item in value]
    accepted = (int, float) if kind is float else kind
    if not isinstance(value, accepted) or isinstance(value, bool):
        raise ValueError(f"{name} must be of type {kind.__name__}, not {value!r}")
    if kind is float and not np.isfinite(value):
        raise ValueError(f"{name} must be finite, not {value}")
    return kind(value)
