"""Predict the dynamics of glass-forming liquids from their structure alone.

The rooms of the package, from the ground up: :mod:`~vitreous.liquid`, :mod:`~vitreous.dynamics`,
:mod:`~vitreous.simulate`, :mod:`~vitreous.descriptors`, :mod:`~vitreous.datasets`,
:mod:`~vitreous.models`, :mod:`~vitreous.plots`, :mod:`~vitreous.campaigns`,
:mod:`~vitreous.workflows`, :mod:`~vitreous.studies`. Each is imported when it is first asked for.
All quantities are in reduced Lennard-Jones units.

Examples
--------
>>> import vitreous
>>> vitreous.liquid.get_system("KA2D").species
('A', 'B', 'C')
"""

import importlib
from types import ModuleType

from ._version import __version__

_ROOMS = (
    "campaigns",
    "datasets",
    "descriptors",
    "dynamics",
    "liquid",
    "models",
    "plots",
    "simulate",
    "studies",
    "workflows",
)

__all__ = ["__version__", *_ROOMS]


def __getattr__(name: str) -> ModuleType:
    if name in _ROOMS:
        return importlib.import_module(f".{name}", __name__)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *_ROOMS})
