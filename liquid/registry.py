"""Systems by their names."""

from __future__ import annotations

import importlib
import runpy
from collections.abc import Callable
from functools import cache, partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from .kob_andersen import KobAndersen, KobAndersen2D
from .soft_spheres import PolydisperseSoftSpheres
from .system import System
from .system_file import read_system

_PACKAGED: dict[str, Callable[[], System]] = {
    "KA": cache(KobAndersen),
    "KA-shifted": cache(partial(KobAndersen, "shifted")),
    "KA2D": cache(KobAndersen2D),
    "PSS2D": cache(partial(PolydisperseSoftSpheres, 2)),
    "PSS3D": cache(PolydisperseSoftSpheres),
}
_REGISTERED: dict[str, System] = {}


def register_system(system: System) -> None:
    """Make a system known by its name to studies and to the command line.

    Parameters
    ----------
    system : System

    Raises
    ------
    ValueError
        If another system already has the name.

    Examples
    --------
    >>> from vitreous.liquid import PairPotential, System
    >>> spheres = PairPotential.harmonic([[1, 1], [1, 1]], [[1.0, 1.2], [1.2, 1.4]])
    >>> register_system(System("jammed", "AB", [1, 1], density=0.65, dimensions=3,
    ...                        potential=spheres))
    >>> get_system("jammed").density
    0.65
    """
    if system.name in _PACKAGED or system.name in _REGISTERED:
        raise ValueError(f"a system named {system.name!r} is registered already")
    _REGISTERED[system.name] = system


def get_system(name: str) -> System:
    """Look a registered system up by name, or load one from a file.

    Parameters
    ----------
    name : str
        Name of a registered system; a file ``path/to/file.toml`` as `read_system` reads it; or
        ``path/to/file.py:object`` or ``package.module:object``, where the object is a `System`, or
        a class or function without arguments that makes one. A Python file is run, so it must be
        one that you trust.

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    ValueError
        If no system has the name, the module does not load, or the object is no system.

    Examples
    --------
    >>> get_system("KA2D").species
    ('A', 'B', 'C')
    >>> get_system("vitreous.liquid:KobAndersen").name
    'KA'
    """
    if name.endswith(".toml"):
        return read_system(name)
    module, separator, attribute = name.rpartition(":")
    if separator:
        return _from_module(module, attribute)
    if name in _PACKAGED:
        return _PACKAGED[name]()
    if name not in _REGISTERED:
        known = ", ".join(sorted(_PACKAGED | _REGISTERED))
        raise ValueError(
            f"unknown system {name!r}; known are {known}; name one of your own as file.toml or "
            "file.py:object"
        )
    return _REGISTERED[name]


def _from_module(module: str, attribute: str) -> System:
    system = load_object(module, attribute, "system")
    if not isinstance(system, System):
        raise ValueError(
            f"{module}:{attribute} is of type {type(system).__name__}; it must be a System, or "
            "make one when called without arguments"
        )
    return system


def load_object(module: str, attribute: str, what: str) -> Any:
    """Load an object of a file or module; a class or function is called without arguments.

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    ValueError
        If the module does not load, or has no such object.
    """
    found = getattr(_load(module, what), attribute, None)
    if found is None:
        raise ValueError(f"{module} has no object {attribute!r}")
    return found() if callable(found) else found


def _load(module: str, what: str) -> Any:
    if module.endswith(".py") and not Path(module).is_file():
        raise FileNotFoundError(f"there is no file {module} that could hold a {what}")
    try:
        if module.endswith(".py"):
            # Not entered into sys.modules, so that workers get its functions by value.
            return SimpleNamespace(**runpy.run_path(module))
        return importlib.import_module(module)
    except Exception as error:
        raise ValueError(f"{module} does not load: {type(error).__name__}: {error}") from error
