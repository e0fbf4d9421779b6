"""Models and sets of descriptors by their names, as commands and studies know them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from numpy.typing import ArrayLike
from sklearn.base import RegressorMixin, clone
from sklearn.pipeline import FeatureUnion, make_pipeline, make_union

from ..descriptors import BondOrderDescriptor, CoarseGrain, RadialDescriptor, presets
from ..liquid import Configuration, System
from ..models import (
    GlassMLP,
    GroupedBoosting,
    GroupedRidge,
    PropensityRegressor,
    TransferableRegressor,
    TwoLevelRidge,
)
from ..simulate import InherentStructure

__all__ = ["DEFAULT_DESCRIPTORS", "DESCRIPTORS", "REGRESSORS", "check_names", "make_model"]

REGRESSORS = {
    "ridge": GroupedRidge,
    "boosted": GroupedBoosting,
    "mlp": GlassMLP,
    "transferable": GroupedRidge,
}
"""Kinds of regressors by name; the transferable model has one for all temperatures and times."""


def _shells(system: System) -> Any:
    return CoarseGrain(make_union(RadialDescriptor(), BondOrderDescriptor()))


def _combined(system: System) -> Any:
    return FeatureUnion([("shells", _shells(system)), ("physics", presets.jung2023(system))])


DESCRIPTORS: dict[str, Callable[[System], Any]] = {
    "combined": _combined,
    "shells": _shells,
    "boattini2021": lambda system: presets.boattini2021(),
    "jung2023": presets.jung2023,
    "cubuk2015": lambda system: presets.cubuk2015(),
    "tong2018": presets.tong2018,
}
"""Sets of descriptors by name; each is made for a system."""

DEFAULT_DESCRIPTORS = "combined"


def make_model(
    system: System,
    example: Configuration,
    model: str = "ridge",
    descriptors: str = DEFAULT_DESCRIPTORS,
    n_jobs: int | None = None,
    levels: ArrayLike | None = None,
) -> Any:
    """Put together an unfitted model of a kind, on inherent structures of a system.

    It is a `TransferableRegressor` if there are levels, a `PropensityRegressor` otherwise.

    The linear model is a `TwoLevelRidge` for the combined descriptors: energies predict the mean of
    a configuration, and the physics-inspired columns are favoured. It is a `GroupedRidge` for all
    others.
    """
    check_names(model, descriptors)
    descriptor = DESCRIPTORS[descriptors](system)
    pipeline = make_pipeline(InherentStructure(system), descriptor)
    regressor: RegressorMixin = REGRESSORS[model]()
    if levels is not None:
        return TransferableRegressor(pipeline, regressor, levels, n_jobs=n_jobs)
    if model == "ridge" and descriptors == "combined":
        names = clone(descriptor).fit([example]).get_feature_names_out()
        physics = [k for k, name in enumerate(names) if name.startswith("physics__")]
        energies = [k for k in physics if names[k].startswith("physics__energy[")]
        regressor = TwoLevelRidge(mean_columns=energies, favored_columns=physics)
    return PropensityRegressor(pipeline, regressor, n_jobs=n_jobs)


def check_names(model: str, descriptors: str) -> None:
    """Refuse names that are not among `REGRESSORS` and `DESCRIPTORS`."""
    if model not in REGRESSORS:
        raise ValueError(f"unknown model {model!r}; choose one of {', '.join(REGRESSORS)}")
    if descriptors not in DESCRIPTORS:
        known = ", ".join(DESCRIPTORS)
        raise ValueError(f"unknown descriptors {descriptors!r}; choose one of {known}")
