"""Engines and moves that bring a liquid to equilibrium and follow it from there."""

from .embedded import EmbeddedEngine, Snapshot, maxwell_velocities
from .inherent import InherentStructure
from .minimize import Minimization, minimize
from .swap import SwapMonteCarlo, SwapResult

__all__ = [
    "EmbeddedEngine",
    "InherentStructure",
    "Minimization",
    "Snapshot",
    "SwapMonteCarlo",
    "SwapResult",
    "maxwell_velocities",
    "minimize",
]
