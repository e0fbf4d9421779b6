"""What the commands do, as functions of files: one module for each verb."""

from .fit import fit_files, score_files
from .predict import Prediction, predict_files, write_predictions
from .transfer import transfer_files

__all__ = [
    "Prediction",
    "fit_files",
    "predict_files",
    "score_files",
    "transfer_files",
    "write_predictions",
]
