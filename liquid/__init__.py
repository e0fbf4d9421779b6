"""What a liquid is: configurations in periodic boxes, neighbours, potentials and systems."""

from .. import compiled  # noqa: F401  (reports long compilations from now on)
from ..storage.public_names import name_after_room
from .border import cut_surroundings
from .box import Box
from .configuration import Configuration
from .conversion import as_configuration
from .hessian import hessian
from .kob_andersen import KobAndersen, KobAndersen2D
from .local_field import local_field
from .neighbors import NeighborList, neighbor_list
from .no_potential import NoPotential
from .pair_table import read_pair_table
from .polydisperse import PolydispersePotential, PolydisperseSystem
from .potentials import PairPotential
from .registry import get_system, register_system
from .selection import select_species
from .soft_spheres import PolydisperseSoftSpheres
from .system import System
from .system_file import read_system
from .tabulated import TabulatedPotential

__all__ = [
    "Box",
    "Configuration",
    "KobAndersen",
    "KobAndersen2D",
    "NeighborList",
    "NoPotential",
    "PairPotential",
    "PolydispersePotential",
    "PolydisperseSoftSpheres",
    "PolydisperseSystem",
    "System",
    "TabulatedPotential",
    "as_configuration",
    "cut_surroundings",
    "get_system",
    "hessian",
    "local_field",
    "neighbor_list",
    "read_pair_table",
    "read_system",
    "register_system",
    "select_species",
]

name_after_room(__name__, __all__)
