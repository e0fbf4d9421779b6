"""Every picture, each a function that draws on matplotlib axes."""

from .feature_importance import feature_importance
from .maps import particle_map
from .relaxation import equilibration_curves, relaxation_curves
from .style import COLUMN_WIDTH, PAGE_WIDTH, figure, style
from .transfer import scores_against_time, transfer_heatmap

__all__ = [
    "COLUMN_WIDTH",
    "PAGE_WIDTH",
    "equilibration_curves",
    "feature_importance",
    "figure",
    "particle_map",
    "relaxation_curves",
    "scores_against_time",
    "style",
    "transfer_heatmap",
]
