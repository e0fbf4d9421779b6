"""Whole studies, each described by one TOML file: simulate, learn, report."""

from ..storage.public_names import name_after_room
from .base import Study
from .heterogeneity.results import HeterogeneityResults, LargeBoxResults, Predicted
from .heterogeneity.routes import Calibrated
from .heterogeneity.settings import HeterogeneitySettings
from .heterogeneity.sources import Growth, Sourced
from .heterogeneity.study import HeterogeneityStudy
from .kinds import open_study, reopen_study
from .transfer.results import TransferResults
from .transfer.settings import TransferSettings
from .transfer.study import TransferStudy
from .transfer.together import Together

__all__ = [
    "Calibrated",
    "Growth",
    "HeterogeneityResults",
    "HeterogeneitySettings",
    "HeterogeneityStudy",
    "LargeBoxResults",
    "Predicted",
    "Sourced",
    "Study",
    "Together",
    "TransferResults",
    "TransferSettings",
    "TransferStudy",
    "open_study",
    "reopen_study",
]

name_after_room(__name__, __all__)
