"""What the particles do: mobility labels, isoconfigurational averages and relaxation times."""

from .isoconfigurational import IsoconfigurationalAverage, IsoconfigurationalLabels
from .mobility import BondBreaking, displacement
from .relaxation import relaxation_time, self_intermediate_scattering

__all__ = [
    "BondBreaking",
    "IsoconfigurationalAverage",
    "IsoconfigurationalLabels",
    "displacement",
    "relaxation_time",
    "self_intermediate_scattering",
]
