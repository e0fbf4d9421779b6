"""Whole studies, each described by one TOML file: simulate, learn, report."""

from ..storage.public_names import name_after_room
from .base import Study
from .heterogeneity.results import Calibrated, HeterogeneityResults, Predicted
from .heterogeneity.settings import HeterogeneitySettings
from .heterogeneity.study import HeterogeneityStudy
from .kinds import open_study, reopen_study
from .transfer.results import TransferResults
from .transfer.settings import TransferSettings
from .transfer.study import TransferStudy
from .transfer.together import Together

__all__ = [
    "Calibrated",
    "HeterogeneityResults",
    "HeterogeneitySettings",
    "HeterogeneityStudy",
    "Predicted",
    "Study",
    "Together",
    "TransferResults",
    "TransferSettings",
    "TransferStudy",
    "open_study",
    "reopen_study",
]

name_after_room(__name__, __all__)
