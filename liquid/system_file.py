"""Systems described by a TOML file."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import numpy as np

from .no_potential import NoPotential
from .pair_table import read_pair_table
from .polydisperse import PolydisperseSystem
from .potentials import Potential
from .system import System
from .tabulated import TabulatedPotential

_CONTINUOUS = "continuous"

_NEEDED: dict[str, type] = {"name": str, "species": list, "dimensions": int, "diameters": list}
_KNOWN = {**_NEEDED, "fractions": list, "density": float, "time_step": float, "potential": dict}
_OF_CONTINUOUS = ("name", "species", "dimensions", "diameters", "density")
_TABLE: dict[str, type] = {"table": str, "sections": list}
_KNOWN_OF_TABLE = {**_TABLE, "tail": str, "length_unit": float}


def read_system(path: str | Path) -> System:
    """Read a system from a TOML file, which runs no code.

    ``name``, ``species``, ``dimensions`` and ``diameters`` (one for each species, or a matrix with
    one for each pair) are needed; ``fractions`` and ``density`` are compared with every
    configuration where they are given. A table ``[potential]`` names a file of
    `read_pair_table`, ``table``, beside this one; the matrix of its ``sections`` for the pairs of
    species; and, if wanted, ``tail``, ``"shifted"`` by default, and ``length_unit``, by which
    distances are multiplied. Without it the system has no potential (`NoPotential`).

    ``diameters = "continuous"`` stands for those of the particles themselves, all of one species,
    which each configuration must hold. Such a system has no potential (`PolydisperseSystem`).

    Parameters
    ----------
    path : str or Path

    Returns
    -------
    System

    Raises
    ------
    FileNotFoundError
        If there is no such file, or no table that it names.
    ValueError
        If it is not TOML, a key is missing, unknown or of another kind, or a value is impossible;
        names the file.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> text = '''
    ... name = "silica"
    ... species = ["Si", "O"]
    ... dimensions = 3
    ... diameters = [[1.0, 0.52], [0.52, 0.84]]
    ... fractions = [1, 2]
    ... '''
    >>> with TemporaryDirectory() as folder:
    ...     with open(f"{folder}/silica.toml", "w") as file:
    ...         print(text, file=file)
    ...     silica = read_system(f"{folder}/silica.toml")
    >>> silica.species, silica.fractions.round(3), silica.has_potential
    (('Si', 'O'), array([0.333, 0.667]), False)
    """
    path = Path(path)
    with path.open("rb") as file:
        try:
            settings = tomllib.load(file)
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            raise ValueError(f"{path}: {error}") from error
    try:
        if settings.get("diameters") == _CONTINUOUS:
            return _continuous(settings)
        _check(settings, _NEEDED, _KNOWN)
        return System(
            settings["name"],
            [str(name) for name in settings["species"]],
            settings.get("fractions"),
            settings.get("density"),
            settings["dimensions"],
            _potential(settings, path.parent),
            float(settings.get("time_step", 0.005)),
        )
    except FileNotFoundError:
        raise
    except (TypeError, ValueError) as error:
        raise ValueError(f"{path}: {error}") from error


def _continuous(settings: dict[str, Any]) -> PolydisperseSystem:
    """System whose particles bring their diameters along."""
    known = {name: _KNOWN[name] for name in _OF_CONTINUOUS} | {"diameters": str}
    needed = {name: known[name] for name in _NEEDED}
    _check(settings, needed, known, " beside continuous diameters")
    if len(settings["species"]) != 1:
        raise ValueError(
            f"particles of continuous diameters are of one species, not of {settings['species']}"
        )
    return PolydisperseSystem(
        settings["name"],
        None,
        settings.get("density"),
        settings["dimensions"],
        species=str(settings["species"][0]),
    )


def _potential(settings: dict[str, Any], folder: Path) -> Potential:
    diameters = NoPotential(settings["diameters"])
    if "potential" not in settings:
        return diameters
    chosen = settings["potential"]
    _check(chosen, _TABLE, _KNOWN_OF_TABLE, " in [potential]")
    file = folder / chosen["table"]
    tables = read_pair_table(file)
    names = np.array(chosen["sections"], dtype=object)
    if names.shape != diameters.sigma.shape or (names != names.T).any():
        raise ValueError(
            f"sections must be a symmetric matrix with a name for each of the "
            f"{len(diameters.sigma)} x {len(diameters.sigma)} pairs of species, not "
            f"{chosen['sections']}"
        )
    unit = float(chosen.get("length_unit", 1.0))
    if not unit > 0:
        raise ValueError(f"length_unit must be positive, not {unit}")
    samples = {}
    for (a, b), name in np.ndenumerate(names):
        if name not in tables:
            raise ValueError(f"{file} has no section {name!r}; it has {', '.join(tables)}")
        r, energies = tables[name]
        samples[a, b] = (unit * r, energies)
    return TabulatedPotential.from_samples(samples, diameters.sigma, chosen.get("tail", "shifted"))


def _check(
    settings: dict[str, Any], needed: dict[str, type], known: dict[str, type], where: str = ""
) -> None:
    for name in needed:
        if name not in settings:
            raise ValueError(f"{name} is missing{where}")
    for name, value in settings.items():
        if name not in known:
            raise ValueError(f"unknown key {name!r}{where}; known are {', '.join(known)}")
        kinds = (int, float) if known[name] is float else (known[name],)
        if not isinstance(value, kinds) or isinstance(value, bool):
            raise ValueError(f"{name}{where} must be a {known[name].__name__}, not {value!r}")
