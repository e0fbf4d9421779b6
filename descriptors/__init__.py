"""Structural descriptors: from configurations to one row of features per particle.

Every descriptor is a scikit-learn transformer. It takes a list of
:class:`~vitreous.liquid.Configuration` and gives an array of shape (n_particles_total, n_features),
rows in the order of the configurations, then of their particles; it can be cloned, joined to others
in a ``FeatureUnion``, and put into a ``Pipeline``. To add one, subclass :class:`Descriptor`.

Features depend on the structure alone. They do not change under translations, rotations or
permutations of particles of one species, nor with the choice of periodic images.
"""

from ..storage.public_names import name_after_room
from .angular import AngularDescriptor
from .ballistic import BallisticDescriptor
from .base import Descriptor
from .bond_angles import BondAngleDescriptor
from .bond_order import BondOrderDescriptor
from .cage import CageDescriptor
from .coarse_grain import CoarseGrain
from .common_neighbors import (
    CommonNeighborDescriptor,
    CrystalStructureDescriptor,
    adaptive_common_neighbors,
    common_neighbors,
    crystalline_fraction,
)
from .compactness import CompactnessDescriptor
from .coordination import CoordinationDescriptor
from .debye_waller import DebyeWallerFactor
from .excess_entropy import ExcessEntropyDescriptor
from .heated import HeatedDescriptor
from .mean_path import MeanPathDescriptor
from .physics_inspired import PhysicsInspiredDescriptor
from .radial import RadialDescriptor
from .smoothed_bond_order import SmoothedBondOrderDescriptor
from .solid_bonds import SolidBondsDescriptor
from .state_and_shift import StateAndShift
from .states import CageFluctuation, StateUnion
from .steinhardt import SteinhardtDescriptor
from .streaming import save_features, stream_features
from .stretched_bonds import StretchedBonds
from .tetrahedrality import TetrahedralityDescriptor
from .voronoi import VoronoiDescriptor, radical_voronoi
from .voronoi_faces import (
    VoronoiSignatureDescriptor,
    signature_shares,
    voronoi_faces,
    voronoi_sides,
)

__all__ = [
    "AngularDescriptor",
    "BallisticDescriptor",
    "BondAngleDescriptor",
    "BondOrderDescriptor",
    "CageDescriptor",
    "CageFluctuation",
    "CoarseGrain",
    "CommonNeighborDescriptor",
    "CompactnessDescriptor",
    "CoordinationDescriptor",
    "CrystalStructureDescriptor",
    "DebyeWallerFactor",
    "Descriptor",
    "ExcessEntropyDescriptor",
    "HeatedDescriptor",
    "MeanPathDescriptor",
    "PhysicsInspiredDescriptor",
    "RadialDescriptor",
    "SmoothedBondOrderDescriptor",
    "SolidBondsDescriptor",
    "StateAndShift",
    "StateUnion",
    "SteinhardtDescriptor",
    "StretchedBonds",
    "TetrahedralityDescriptor",
    "VoronoiDescriptor",
    "VoronoiSignatureDescriptor",
    "adaptive_common_neighbors",
    "common_neighbors",
    "crystalline_fraction",
    "radical_voronoi",
    "save_features",
    "signature_shares",
    "stream_features",
    "voronoi_faces",
    "voronoi_sides",
]

name_after_room(__name__, __all__)
