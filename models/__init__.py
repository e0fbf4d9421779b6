"""Learning propensities from descriptors, and judging what was learnt."""

from ..storage.public_names import name_after_room
from .agreement import agreement
from .boosting import GroupedBoosting
from .collinearity import variance_inflation
from .communities import CommunityInference
from .conformal import ConformalIntervals, conformal_intervals, cross_predict
from .ensembles import GroupedAverage, GroupedStacking
from .mean_and_fluctuation import TwoLevelRidge
from .mlp import GlassMLP
from .noise_ceiling import noise_ceiling, pooled_noise_ceiling
from .persistence import StoredModel, load_model, save_model
from .propensity import PropensityRegressor, describe_all
from .ridge import GroupedRidge
from .scores import propensity_scores
from .softness import SoftnessClassifier, SoftnessRegressor
from .streaming import StreamingRegressor
from .time_scales import TimeScaleRegressor
from .training_range import ExtrapolationWarning, TrainingRange
from .transfer import TransferMatrix, transfer_between_times, transfer_matrix
from .transferable import TransferableRegressor

__all__ = [
    "CommunityInference",
    "ConformalIntervals",
    "ExtrapolationWarning",
    "GlassMLP",
    "GroupedAverage",
    "GroupedBoosting",
    "GroupedRidge",
    "GroupedStacking",
    "PropensityRegressor",
    "SoftnessClassifier",
    "SoftnessRegressor",
    "StoredModel",
    "StreamingRegressor",
    "TimeScaleRegressor",
    "TrainingRange",
    "TransferMatrix",
    "TransferableRegressor",
    "TwoLevelRidge",
    "agreement",
    "conformal_intervals",
    "cross_predict",
    "describe_all",
    "load_model",
    "noise_ceiling",
    "pooled_noise_ceiling",
    "propensity_scores",
    "save_model",
    "transfer_between_times",
    "transfer_matrix",
    "variance_inflation",
]

name_after_room(__name__, __all__)
