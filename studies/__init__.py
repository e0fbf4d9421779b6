"""Whole studies, each described by one TOML file: simulate, learn, report."""

from .base import Study
from .heterogeneity.settings import HeterogeneitySettings
from .heterogeneity.study import HeterogeneityResults, HeterogeneityStudy, Predicted
from .kinds import open_study, reopen_study
from .transfer.settings import TransferSettings
from .transfer.study import TransferResults, TransferStudy

__all__ = [
    "HeterogeneityResults",
    "HeterogeneitySettings",
    "HeterogeneityStudy",
    "Predicted",
    "Study",
    "TransferResults",
    "TransferSettings",
    "TransferStudy",
    "open_study",
    "reopen_study",
]
