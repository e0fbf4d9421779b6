"""Every picture, each a function that draws on matplotlib axes."""

from ..storage.public_names import name_after_room
from .feature_importance import feature_importance
from .heterogeneity import (
    chord_distributions,
    estimates_against,
    hysteresis,
    memory_of_annealing,
    relaxation_laws,
    structure_factor_curves,
)
from .maps import particle_map
from .relaxation import equilibration_curves, relaxation_curves
from .relaxation_functions import correlations, mobility_and_susceptibility
from .style import COLUMN_WIDTH, PAGE_WIDTH, figure, style, temperature_colors
from .transfer import scores_against_time, transfer_heatmap

__all__ = [
    "COLUMN_WIDTH",
    "PAGE_WIDTH",
    "chord_distributions",
    "correlations",
    "equilibration_curves",
    "estimates_against",
    "feature_importance",
    "figure",
    "hysteresis",
    "memory_of_annealing",
    "mobility_and_susceptibility",
    "particle_map",
    "relaxation_curves",
    "relaxation_laws",
    "scores_against_time",
    "structure_factor_curves",
    "style",
    "temperature_colors",
    "transfer_heatmap",
]

name_after_room(__name__, __all__)
