"""Readers and writers of published formats, and a labelled sample of our own making."""

from ..storage.public_names import name_after_room
from .botan import read_botan
from .deepmind import read_deepmind
from .download import fetch_glassbench, unpack_glassbench
from .glassbench import read_glassbench, write_glassbench
from .gsd_files import read_gsd, read_gsd_structures, write_gsd
from .interchange import from_ase, from_mdanalysis, to_ase, to_mdanalysis
from .ka2d import load_ka2d
from .labelled import LabelledConfiguration
from .lammps import read_lammps
from .readers import read, read_ends, read_structures
from .structures import Structure
from .xyz import read_extxyz

__all__ = [
    "LabelledConfiguration",
    "Structure",
    "fetch_glassbench",
    "from_ase",
    "from_mdanalysis",
    "load_ka2d",
    "read",
    "read_botan",
    "read_deepmind",
    "read_ends",
    "read_extxyz",
    "read_glassbench",
    "read_gsd",
    "read_gsd_structures",
    "read_lammps",
    "read_structures",
    "to_ase",
    "to_mdanalysis",
    "unpack_glassbench",
    "write_glassbench",
    "write_gsd",
]

name_after_room(__name__, __all__)
