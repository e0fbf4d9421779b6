"""Readers and writers of published formats, and a labelled sample of our own making."""

from ..storage.public_names import name_after_room
from ._species import parse_species
from .averages import averaged_configuration, past_averages
from .botan import read_botan
from .deepmind import read_deepmind
from .displacements import displacement_vectors, unwrapped_structures, without_drift
from .download import fetch_glassbench, unpack_glassbench
from .glassbench import read_glassbench, write_glassbench
from .gsd_files import read_gsd, read_gsd_structures, write_gsd
from .interchange import from_ase, from_mdanalysis, to_ase, to_mdanalysis
from .items import LabelledConfiguration, Structure
from .ka2d import Sample, load_ka2d
from .lammps import read_lammps
from .readers import format_of, iterate_structures, read, read_ends, read_structures
from .tables import structures_of_table
from .xyz import read_extxyz

__all__ = [
    "LabelledConfiguration",
    "Sample",
    "Structure",
    "averaged_configuration",
    "displacement_vectors",
    "fetch_glassbench",
    "format_of",
    "from_ase",
    "from_mdanalysis",
    "iterate_structures",
    "load_ka2d",
    "parse_species",
    "past_averages",
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
    "structures_of_table",
    "to_ase",
    "to_mdanalysis",
    "unpack_glassbench",
    "unwrapped_structures",
    "without_drift",
    "write_glassbench",
    "write_gsd",
]

name_after_room(__name__, __all__)
