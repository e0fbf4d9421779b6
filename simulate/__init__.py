"""Engines and moves that bring a liquid to equilibrium and follow it from there."""

from ..storage.public_names import name_after_room
from .autocorrelation import integrated_autocorrelation_time
from .cage import CageAverage, CageState, cage_average
from .cage_from_rest import CageFromRest, CageMotion, cage_from_rest, plateau_labels
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
from .heated import HeatedRuns
from .hoomd_blue import HoomdEngine
from .hybrid import HybridSwap
from .inherent import InherentStructure
from .isoconfigurational import isoconfigurational_ensemble, isoconfigurational_trajectories
from .minimize import Minimization, minimize
from .path_from_rest import PathFromRest, path_from_rest
from .relaxation import Relaxation, measure_relaxation
from .sampler import Sampler
from .swap import SwapMonteCarlo, SwapResult
from .times import logarithmic_times
from .velocities import maxwell_velocities

__all__ = [
    "CageAverage",
    "CageFromRest",
    "CageMotion",
    "CageState",
    "EmbeddedEngine",
    "Engine",
    "EngineDescription",
    "Equilibration",
    "EquilibriumTest",
    "HeatedRuns",
    "HoomdEngine",
    "HybridSwap",
    "InherentStructure",
    "Minimization",
    "PathFromRest",
    "Relaxation",
    "Sampler",
    "Snapshot",
    "SwapMonteCarlo",
    "SwapResult",
    "cage_average",
    "cage_from_rest",
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
    "path_from_rest",
    "plateau_labels",
]

name_after_room(__name__, __all__)
