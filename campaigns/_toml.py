"""Settings from TOML files, checked against dataclasses."""

from __future__ import annotations

import tomllib
from collections.abc import Collection
from dataclasses import MISSING, fields, is_dataclass
from pathlib import Path
from types import UnionType
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

import numpy as np

_ITEMS = {float: "numbers", int: "whole numbers"}


def read_toml(path: str | Path) -> dict[str, Any]:
    """Read a TOML file, which is UTF-8 whatever the locale.

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    ValueError
        If it is not TOML.
    """
    with Path(path).open("rb") as file:
        try:
            return tomllib.load(file)
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            raise ValueError(f"{path}: {error}") from error


def load_settings(kind: type, path: str | Path, ignored: Collection[str] = ()) -> Any:
    """Read a settings dataclass, tables of settings within it, from a TOML file.

    Its annotations are types and not text (no ``from __future__ import annotations``): the names in
    a text would be looked up in the module that the class says it is from, which for public classes
    is their room.

    Fields without a default must be there; those whose names are `ignored` may be.

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    ValueError
        If it is not TOML, or a setting is missing, unknown or of a wrong type.
    """
    table = {key: value for key, value in read_toml(path).items() if key not in ignored}
    try:
        return _from_table(kind, table, "")
    except ValueError as error:
        raise ValueError(f"{path}: {error}") from error


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
    if get_origin(kind) in (Union, UnionType):
        usual, *others = get_args(kind)
        is_list = isinstance(value, list)
        chosen = next((k for k in others if is_list and get_origin(k) is list), usual)
        return _converted(chosen, value, name)
    if get_origin(kind) is list:
        (of,) = get_args(kind)
        if not isinstance(value, list) or not value:
            raise ValueError(f"{name} must be a list of {_ITEMS.get(of, 'names')}, not {value!r}")
        return [_converted(of, item, name) for item in value]
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
