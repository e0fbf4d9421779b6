"""Learning propensities from descriptors, and judging what was learnt."""

from .boosting import GroupedBoosting
from .mlp import GlassMLP
from .noise_ceiling import noise_ceiling
from .persistence import StoredModel, load_model, save_model
from .propensity import PropensityRegressor, describe
from .ridge import GroupedRidge
from .scores import PropensityScore, pearson, propensity_scores, standard_error
from .streaming import StreamingRegressor
from .training_range import ExtrapolationWarning, TrainingRange
from .transfer import TransferMatrix, transfer_matrix

__all__ = [
    "ExtrapolationWarning",
    "GlassMLP",
    "GroupedBoosting",
    "GroupedRidge",
    "PropensityRegressor",
    "PropensityScore",
    "StoredModel",
    "StreamingRegressor",
    "TrainingRange",
    "TransferMatrix",
    "describe",
    "load_model",
    "noise_ceiling",
    "pearson",
    "propensity_scores",
    "save_model",
    "standard_error",
    "transfer_matrix",
]
