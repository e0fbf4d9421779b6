"""Engines and moves that bring a liquid to equilibrium and follow it from there."""

from .embedded import EmbeddedEngine, Snapshot, maxwell_velocities
from .equilibrate import Equilibration, EquilibriumTest, equilibrate, equilibrium_test
from .inherent import InherentStructure
from .isoconfigurational import isoconfigurational_ensemble
from .minimize import Minimization, minimize
from .relaxation import Relaxation, measure_relaxation
from .swap import SwapMonteCarlo, SwapResult

__all__ = [
    "EmbeddedEngine",
    "Equilibration",
    "EquilibriumTest",
    "InherentStructure",
    "Minimization",
    "Relaxation",
    "Snapshot",
    "SwapMonteCarlo",
    "SwapResult",
    "equilibrate",
    "equilibrium_test",
    "isoconfigurational_ensemble",
    "maxwell_velocities",
    "measure_relaxation",
    "minimize",
]
