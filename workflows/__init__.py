"""What the commands do, as functions of files: one module for each verb."""

from ..storage.public_names import name_after_room
from .catalogue import make_model
from .describe import Described, describe
from .fit import fit
from .label import Labelled, label
from .predict import Prediction, predict, write_predictions
from .score import score
from .transfer import transfer

__all__ = [
    "Described",
    "Labelled",
    "Prediction",
    "describe",
    "fit",
    "label",
    "make_model",
    "predict",
    "score",
    "transfer",
    "write_predictions",
]

name_after_room(__name__, __all__)
