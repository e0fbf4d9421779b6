"""Models and sets of descriptors by their names, as commands and studies know them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

from numpy.typing import ArrayLike
from sklearn.base import RegressorMixin, clone
from sklearn.pipeline import FeatureUnion, make_pipeline, make_union

from ..descriptors import (
    BallisticDescriptor,
    BondOrderDescriptor,
    CageDescriptor,
    CoarseGrain,
    MeanPathDescriptor,
    RadialDescriptor,
    StateAndShift,
    presets,
)
from ..liquid import Configuration, System
from ..models import (
    GlassMLP,
    GroupedBoosting,
    GroupedRidge,
    PropensityRegressor,
    TimeScaleRegressor,
    TransferableRegressor,
    TwoLevelRidge,
)
from ..models.time_scales import Label
from ..simulate import CageFromRest, InherentStructure, PathFromRest

__all__ = [
    "DEFAULT_DESCRIPTORS",
    "DESCRIPTORS",
    "MODELS",
    "REGRESSORS",
    "check_names",
    "make_model",
]

REGRESSORS = {
    "ridge": GroupedRidge,
    "boosted": GroupedBoosting,
    "mlp": GlassMLP,
    "transferable": GroupedRidge,
}
"""Kinds of regressors by name; the transferable model has one for all temperatures and times."""

MODELS = (*REGRESSORS, "time-scales")
"""Kinds of models by name: one for each kind of regressors, and `TimeScaleRegressor`."""


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

# Longer than those of the systems, where confined runs were found to allow it.
_CAGE_TIME_STEPS = {"KA": 0.01}


def make_model(
    system: System,
    example: Configuration,
    model: str = "ridge",
    descriptors: str = DEFAULT_DESCRIPTORS,
    n_jobs: int | None = None,
    levels: ArrayLike | None = None,
    label: str = "displacement",
) -> Any:
    """Put together an unfitted model of a kind, on inherent structures of a system.

    It is a `TransferableRegressor` if there are levels, a `PropensityRegressor` otherwise; or the
    `TimeScaleRegressor` of a label, with the descriptors as columns of relaxation, those of the
    preset ``jung2023`` in place of the combined ones.

    The linear model is a `TwoLevelRidge` for the combined descriptors: energies predict the mean of
    a configuration, and the physics-inspired columns are favoured, as is how far each particle is
    from its inherent position, which is described as well. It is a `GroupedRidge` for all others.

    Examples
    --------
    >>> from vitreous.liquid import KobAndersen2D
    >>> from vitreous.workflows import make_model
    >>> system = KobAndersen2D()
    >>> example = system.random_configuration(43, 0)
    >>> make_model(system, example, "boosted", "cubuk2015").regressor
    GroupedBoosting()
    >>> make_model(system, example, levels=[0.9, 0.7]).levels
    [0.9, 0.7]
    """
    check_names(model, descriptors)
    if model == "time-scales":
        return _time_scales(system, descriptors, label, n_jobs)
    descriptor = DESCRIPTORS[descriptors](system)
    pipeline = make_pipeline(InherentStructure(system), descriptor)
    regressor: RegressorMixin = REGRESSORS[model]()
    if levels is not None:
        return TransferableRegressor(pipeline, regressor, levels, n_jobs=n_jobs)
    if model == "ridge" and descriptors == "combined":
        shifted = StateAndShift(InherentStructure(system), descriptor)
        names = clone(shifted).fit([example]).get_feature_names_out()
        favored = [k for k, name in enumerate(names) if name.startswith(("physics__", "shift"))]
        energies = [k for k in favored if names[k].startswith("physics__energy[")]
        regressor = TwoLevelRidge(mean_columns=energies, favored_columns=favored)
        return PropensityRegressor(shifted, regressor, n_jobs=n_jobs)
    return PropensityRegressor(pipeline, regressor, n_jobs=n_jobs)


def _time_scales(
    system: System, descriptors: str, label: str, n_jobs: int | None
) -> TimeScaleRegressor:
    name = "jung2023" if descriptors == DEFAULT_DESCRIPTORS else descriptors
    # In three dimensions neighbourhoods forget faster: short runs, and more of them.
    runs: dict[str, Any] = {} if system.dimensions == 2 else {"duration": 4.0}
    runs["time_step"] = _CAGE_TIME_STEPS.get(system.name)
    releases = ((0.7, 1.4, 2.0), (2.8, 3.5, 4.2))
    cage, plateau = (CageFromRest(system, releases=times, **runs) for times in releases)
    return TimeScaleRegressor(
        make_union(BallisticDescriptor(system), MeanPathDescriptor(PathFromRest(system))),
        CageDescriptor(cage),
        make_pipeline(InherentStructure(system), DESCRIPTORS[name](system)),
        plateau,
        cast(Label, label),
        n_jobs=n_jobs,
    )


def check_names(model: str, descriptors: str) -> None:
    """Refuse names that are not among `MODELS` and `DESCRIPTORS`."""
    if model not in MODELS:
        raise ValueError(f"unknown model {model!r}; choose one of {', '.join(MODELS)}")
    if descriptors not in DESCRIPTORS:
        known = ", ".join(DESCRIPTORS)
        raise ValueError(f"unknown descriptors {descriptors!r}; choose one of {known}")
