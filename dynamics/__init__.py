"""What the particles do: mobility labels, isoconfigurational averages and relaxation times."""

from .heterogeneity import MOBILE_BEYOND, mobile_fraction, susceptibility
from .isoconfigurational import IsoconfigurationalAverage, IsoconfigurationalLabels
from .mobility import BondBreaking, displacement
from .relaxation import relaxation_time, self_intermediate_scattering

__all__ = [
    "MOBILE_BEYOND",
    "BondBreaking",
    "IsoconfigurationalAverage",
    "IsoconfigurationalLabels",
    "displacement",
    "mobile_fraction",
    "relaxation_time",
    "self_intermediate_scattering",
    "susceptibility",
]
