"""Sets of descriptors for those who want no model: by name, or from a file."""

from __future__ import annotations

from typing import Any, cast

from ..liquid import System
from ..liquid.registry import load_object
from .catalogue import DESCRIPTORS

_OF_A_SYSTEM = ("combined", "jung2023", "tong2018")


def needs_system(name: str) -> bool:
    """Whether a set of descriptors takes energies or diameters of a system."""
    return name in _OF_A_SYSTEM


def require_set(name: str) -> None:
    """Refuse a name of no set of descriptors."""
    if name not in DESCRIPTORS:
        known = ", ".join(DESCRIPTORS)
        raise ValueError(f"unknown descriptors {name!r}; choose one of {known}, or FILE.py:OBJECT")


def make_descriptor(name: str, system: System | None = None) -> Any:
    """Put together an unfitted set of descriptors, of a system where it needs one."""
    require_set(name)
    if system is None and needs_system(name):
        raise ValueError(
            f"the descriptors {name!r} take energies or diameters of a system, and none is named; "
            "name it (system=, --system)"
        )
    return DESCRIPTORS[name](cast(System, system))


def load_descriptor(name: str) -> Any:
    """Load a transformer from ``path/to/file.py:object`` or ``package.module:object``."""
    module, _, attribute = name.rpartition(":")
    found = load_object(module, attribute, "descriptor")
    if not (hasattr(found, "fit") and hasattr(found, "transform")):
        raise ValueError(
            f"{name} is of type {type(found).__name__}; it must be a descriptor, with fit and "
            "transform, or make one when called without arguments"
        )
    return found
