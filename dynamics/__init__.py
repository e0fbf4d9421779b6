"""What the particles do: mobility labels, relaxation, and how heterogeneous both are in space."""

from ..storage.public_names import name_after_room
from .clusters import MobileClusters, mobile_clusters
from .correlation import pearson
from .dynamic_heterogeneity import DynamicHeterogeneity, measure_heterogeneity
from .estimate import Estimate, standard_error
from .geometry import MobileGeometry, measure_geometry
from .hops import HOP_ABOVE, QUIET_BELOW, hop_classes, hop_indicator, residence_times
from .isoconfigurational import IsoconfigurationalAverage, IsoconfigurationalLabels
from .levels import common_levels, labels_at_levels, labels_at_times, times_at_levels
from .mobility import BondBreaking, CageRelativeDisplacement, displacement, overlap
from .mobility_map import MobilityMap, mobility_map, threshold_of_fraction
from .ornstein_zernike import OrnsteinZernike, fit_ornstein_zernike
from .particle_labels import ParticleLabels
from .rearrangements import ArrheniusLines, arrhenius_lines, explained_variance
from .relaxation import relaxation_time, relaxation_time_estimate, self_intermediate_scattering
from .relaxation_functions import RelaxationFunctions
from .relaxation_laws import (
    GlassTransition,
    ParameterAtBoundWarning,
    RelaxationLaw,
    fit_relaxation_law,
    glass_transition,
)
from .residual_calibration import ResidualCalibration, calibrate_residual
from .residual_field import Residual, ResidualField, calibrate_residual_field
from .spatial_correlation import SpatialCorrelation, spatial_correlation
from .structure_factor import FourPointStructureFactor, four_point_structure_factor
from .susceptibility import (
    MOBILE_BEYOND,
    mobile_fraction,
    single_particle_variance,
    susceptibility,
    total_susceptibility,
)
from .time_reversal import ReversedReplica, reversed_replicas

__all__ = [
    "HOP_ABOVE",
    "MOBILE_BEYOND",
    "QUIET_BELOW",
    "ArrheniusLines",
    "BondBreaking",
    "CageRelativeDisplacement",
    "DynamicHeterogeneity",
    "Estimate",
    "FourPointStructureFactor",
    "GlassTransition",
    "IsoconfigurationalAverage",
    "IsoconfigurationalLabels",
    "MobileClusters",
    "MobileGeometry",
    "MobilityMap",
    "OrnsteinZernike",
    "ParameterAtBoundWarning",
    "ParticleLabels",
    "RelaxationFunctions",
    "RelaxationLaw",
    "Residual",
    "ResidualCalibration",
    "ResidualField",
    "ReversedReplica",
    "SpatialCorrelation",
    "arrhenius_lines",
    "calibrate_residual",
    "calibrate_residual_field",
    "common_levels",
    "displacement",
    "explained_variance",
    "fit_ornstein_zernike",
    "fit_relaxation_law",
    "four_point_structure_factor",
    "glass_transition",
    "hop_classes",
    "hop_indicator",
    "labels_at_levels",
    "labels_at_times",
    "measure_geometry",
    "measure_heterogeneity",
    "mobile_clusters",
    "mobile_fraction",
    "mobility_map",
    "overlap",
    "pearson",
    "relaxation_time",
    "relaxation_time_estimate",
    "residence_times",
    "reversed_replicas",
    "self_intermediate_scattering",
    "single_particle_variance",
    "spatial_correlation",
    "standard_error",
    "susceptibility",
    "threshold_of_fraction",
    "times_at_levels",
    "total_susceptibility",
]

name_after_room(__name__, __all__)
