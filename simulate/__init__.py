"""Engines and moves that bring a liquid to equilibrium and follow it from there."""

from ..storage.public_names import name_after_room
from .autocorrelation import integrated_autocorrelation_time
from .cage import CageAverage, CageState, cage_average
from .embedded import EmbeddedEngine
from .engine import Engine, EngineDescription, Snapshot
from .engines import check_engine, get_engine
from .equilibrate import (
    Equilibration,
    EquilibriumTest,
    equilibrate,
    equilibrate_from,
    equilibrium_test,
)
from .hoomd_blue import HoomdEngine
from .hybrid import HybridSwap
from .inherent import InherentStructure
from .isoconfigurational import isoconfigurational_ensemble, isoconfigurational_trajectories
from .minimize import Minimization, minimize
from .relaxation import Relaxation, measure_relaxation
from .sampler import Sampler
from .swap import SwapMonteCarlo, SwapResult
from .times import logarithmic_times
from .velocities import maxwell_velocities

__all__ = [
    "CageAverage",
    "CageState",
    "EmbeddedEngine",
    "Engine",
    "EngineDescription",
    "Equilibration",
    "EquilibriumTest",
    "HoomdEngine",
    "HybridSwap",
    "InherentStructure",
    "Minimization",
    "Relaxation",
    "Sampler",
    "Snapshot",
    "SwapMonteCarlo",
    "SwapResult",
    "cage_average",
    "check_engine",
    "equilibrate",
    "equilibrate_from",
    "equilibrium_test",
    "get_engine",
    "integrated_autocorrelation_time",
    "isoconfigurational_ensemble",
    "isoconfigurational_trajectories",
    "logarithmic_times",
    "maxwell_velocities",
    "measure_relaxation",
    "minimize",
]

name_after_room(__name__, __all__)
