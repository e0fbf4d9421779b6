"""What a liquid is: configurations in periodic boxes, neighbours, potentials and systems."""

from .. import _compilation_notice  # noqa: F401  (listens from now on)
from .box import Box
from .configuration import Configuration
from .hessian import hessian
from .neighbors import NeighborList, neighbor_list
from .polydisperse import PolydispersePotential, PolydisperseSoftSpheres, PolydisperseSystem
from .potentials import PairPotential
from .systems import KobAndersen, KobAndersen2D, System, get_system, register_system
from .tabulated import TabulatedPotential

__all__ = [
    "Box",
    "Configuration",
    "KobAndersen",
    "KobAndersen2D",
    "NeighborList",
    "PairPotential",
    "PolydispersePotential",
    "PolydisperseSoftSpheres",
    "PolydisperseSystem",
    "System",
    "TabulatedPotential",
    "get_system",
    "hessian",
    "neighbor_list",
    "register_system",
]
