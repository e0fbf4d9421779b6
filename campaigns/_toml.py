"""Settings from TOML files, checked against dataclasses."""

from __future__ import annotations

import shutil
import tomllib
from collections.abc import Collection
from dataclasses import MISSING, fields, is_dataclass
from pathlib import Path
from types import UnionType
from typing import Any, Literal, Protocol, Self, get_args, get_origin, get_type_hints

import numpy as np

from ..storage.atomic import atomic_path


class Settings(Protocol):
    """A dataclass whose fields are settings, and which knows what they must satisfy."""

    @classmethod
    def load(cls, path: str | Path) -> Self:
        """Read a TOML file."""

    @property
    def files(self) -> list[str]:
        """Names of the files beside the TOML file that belong to the settings."""

    def requirements(self, folder: Path) -> dict[str, bool]:
        """Sentences about the settings, read from a folder, and whether they hold."""


def load_settings(kind: type, path: str | Path, ignored: Collection[str] = ()) -> Any:
    """Read a settings dataclass, tables of settings within it, from a TOML file.

    Fields without a default must be there; those whose names are `ignored` may be.

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    ValueError
        If it is not TOML, or a setting is missing, unknown, or of a wrong type or size.
    """
    try:
        table = tomllib.loads(Path(path).read_text(encoding="utf-8"))
        table = {key: value for key, value in table.items() if key not in ignored}
        settings = _from_table(kind, table, "")
        for requirement, holds in settings.requirements(Path(path).parent).items():
            if not holds:
                raise ValueError(requirement)
    except (tomllib.TOMLDecodeError, ValueError) as error:
        raise ValueError(f"{path}: {error}") from error
    return settings


def claim_folder(folder: Path, name: str, settings_file: Path, kind: type[Settings]) -> None:
    """Keep a copy of the settings in a folder, and refuse a folder that holds other settings."""
    settings = kind.load(settings_file)
    claimed = folder / name
    files = {folder / file: settings_file.parent / file for file in settings.files}
    if claimed.exists() and (
        kind.load(claimed) != settings
        or any(kept.read_bytes() != file.read_bytes() for kept, file in files.items())
    ):
        raise ValueError(
            f"the folder {folder} holds a {claimed.stem} with other settings; choose another "
            f"folder, or delete {claimed} to reuse what the two have in common"
        )
    folder.mkdir(parents=True, exist_ok=True)
    for kept, file in (files | {claimed: settings_file}).items():
        with atomic_path(kept) as partial:
            shutil.copyfile(file, partial)


def _from_table(kind: type, table: Any, name: str) -> Any:
    """Make a settings object from a TOML table, checking names and types."""
    if not isinstance(table, dict):
        raise ValueError(f"{name.rstrip('.') or 'the file'} must be a table, not {table!r}")
    hints = get_type_hints(kind)
    unknown = sorted(set(table) - set(hints))
    missing = [f.name for f in fields(kind) if f.name not in table and f.default is MISSING]
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
    if get_origin(kind) is UnionType:
        usual, *others = get_args(kind)
        is_list = isinstance(value, list)
        chosen = next((k for k in others if is_list and get_origin(k) is list), usual)
        return _converted(chosen, value, name)
    if get_origin(kind) is list:
        if not isinstance(value, list) or not value:
            raise ValueError(f"{name} must be a list of numbers, not {value!r}")
        return [_converted(get_args(kind)[0], item, name) for item in value]
    if get_origin(kind) is Literal:
        if value not in get_args(kind):
            raise ValueError(f"{name} must be one of {', '.join(get_args(kind))}, not {value!r}")
        return value
    accepted = (int, float) if kind is float else kind
    if not isinstance(value, accepted) or (isinstance(value, bool) and kind is not bool):
        raise ValueError(f"{name} must be of type {kind.__name__}, not {value!r}")
    if kind is float and not np.isfinite(value):
        raise ValueError(f"{name} must be finite, not {value}")
    return kind(value)
