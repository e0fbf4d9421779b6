"""What the particles do: mobility labels, isoconfigurational averages and relaxation times."""

from .heterogeneity import MOBILE_BEYOND, mobile_fraction, susceptibility
from .isoconfigurational import IsoconfigurationalAverage, IsoconfigurationalLabels
from .levels import labels_at_times, times_at_levels
from .mobility import BondBreaking, displacement
from .relaxation import relaxation_time, self_intermediate_scattering
from .time_reversal import ReversedReplica, reversed_replicas

__all__ = [
    "MOBILE_BEYOND",
    "BondBreaking",
    "IsoconfigurationalAverage",
    "IsoconfigurationalLabels",
    "ReversedReplica",
    "displacement",
    "labels_at_times",
    "mobile_fraction",
    "relaxation_time",
    "reversed_replicas",
    "self_intermediate_scattering",
    "susceptibility",
    "times_at_levels",
]
