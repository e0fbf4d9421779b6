"""Models and sets of descriptors by their names, as commands and studies know them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from numpy.typing import ArrayLike
from sklearn.base import RegressorMixin
from sklearn.pipeline import FeatureUnion, make_pipeline, make_union

from ..descriptors import (
    BallisticDescriptor,
    BondOrderDescriptor,
    CageDescriptor,
    CoarseGrain,
    HeatedDescriptor,
    MeanPathDescriptor,
    RadialDescriptor,
    StateAndShift,
    StretchedBonds,
    presets,
)
from ..dynamics import HOP_ABOVE, QUIET_BELOW
from ..liquid import Configuration, System
from ..models import (
    GlassMLP,
    GroupedBoosting,
    GroupedRidge,
    PropensityRegressor,
    SoftnessRegressor,
    TimeScaleRegressor,
    TransferableRegressor,
    TwoLevelRidge,
)
from ..models._species_blocks import fitted_to
from ..simulate import CageFromRest, HeatedRuns, InherentStructure, PathFromRest

__all__ = [
    "DEFAULT_DESCRIPTORS",
    "DEFAULT_MODEL",
    "DESCRIPTORS",
    "MODELS",
    "REGRESSORS",
    "STATES",
    "check_names",
    "make_model",
    "settled_names",
]

REGRESSORS = {
    "ridge": GroupedRidge,
    "boosted": GroupedBoosting,
    "mlp": GlassMLP,
    "transferable": GroupedRidge,
    "softness": SoftnessRegressor,
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

DEFAULT_MODEL = "ridge"
"""For labels of one time; for those of several `fit` takes the model of all time scales."""

DEFAULT_DESCRIPTORS = "combined"

STATES = ("inherent", "thermal", "average")
"""Positions that can be described: minima of the energy, those at t = 0, averages before that."""

_OF_ENERGIES = ("combined", "jung2023")

# Longer than those of the systems, where short runs were found to allow it.
_LONG_TIME_STEPS = {"KA": 0.01}

_HEATED_IN_3D = {"times": (0.5, 1.0, 2.0, 4.0, 8.0), "n_replicas": 8}


def make_model(
    system: System,
    example: Configuration,
    model: str = "ridge",
    descriptors: str | None = None,
    n_jobs: int | None = None,
    levels: ArrayLike | None = None,
    label: str = "displacement",
    state: str | None = None,
    quantile: float | None = None,
    heated: float | None = None,
) -> Any:
    """Put together an unfitted model of a kind.

    It describes inherent structures of the system, or configurations as they are, if `state` is
    thermal or average; `settled_names` tells which by default.

    It is a `TransferableRegressor` if there are levels, a `PropensityRegressor` otherwise; or the
    `TimeScaleRegressor` of a label, with the descriptors as columns of relaxation, those of the
    preset ``jung2023`` in place of the combined ones.

    The linear model is a `TwoLevelRidge` for the combined descriptors: energies predict the mean of
    a configuration, and the physics-inspired columns are favoured, as is how far each particle is
    from its inherent position, which is described as well where that is the state. It is a
    `GroupedRidge` for all others. The model of softness cuts labels that are no classes at a
    quantile, 0.9 by default, and ``hop`` at the two thresholds of `vitreous.dynamics.hop_classes`.

    With a temperature `heated` every model sees what short runs at that temperature do as well
    (`HeatedDescriptor`), beside the columns of relaxation; the linear one favours them as well.

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
    descriptors, state = settled_names(system, model, descriptors, state)
    if heated is not None:
        _require_heatable(system, state)
    if model == "time-scales":
        return _time_scales(system, example, descriptors, label, n_jobs, heated)
    descriptor = DESCRIPTORS[descriptors](system)
    if model != "softness" and quantile is not None:
        raise ValueError(f"only softness cuts labels at a quantile, and not the {model} model")
    regressor: RegressorMixin = REGRESSORS[model]()
    if quantile is not None:
        regressor = SoftnessRegressor(quantile)
    elif model == "softness" and label == "hop":
        regressor = SoftnessRegressor(thresholds=(QUIET_BELOW, HOP_ABOVE))
    two_levels = levels is None and model == "ridge" and descriptors == "combined"
    if state == "inherent":
        minimum = InherentStructure(system)
        with_state = StateAndShift if two_levels else make_pipeline
        descriptor = with_state(minimum, descriptor)
    structural = descriptor
    if heated is not None:
        descriptor = _beside_heated(structural, system, heated)
    if levels is not None:
        return TransferableRegressor(descriptor, regressor, levels, n_jobs=n_jobs)
    if two_levels:
        names = fitted_to(structural, example).get_feature_names_out()
        favored = [k for k, name in enumerate(names) if name.startswith(("physics__", "shift"))]
        energies = [k for k in favored if names[k].startswith("physics__energy[")]
        n_columns = len(fitted_to(descriptor, example).get_feature_names_out())
        favored.extend(range(len(names), n_columns))
        regressor = TwoLevelRidge(mean_columns=energies, favored_columns=favored)
    return PropensityRegressor(descriptor, regressor, n_jobs=n_jobs)


def _require_heatable(system: System, state: str) -> None:
    if not system.has_potential:
        raise ValueError(
            f"heated runs need a potential, and {system.name} has none; leave them out"
        )
    if state == "average":
        raise ValueError("heated runs start from positions at t = 0, not from average ones")


def _beside_heated(structural: Any, system: System, temperature: float) -> FeatureUnion:
    """Columns of structure, and behind them those of short runs at a higher temperature."""
    heated = heated_columns(system, temperature)
    return FeatureUnion([("structure", structural), ("heated", heated)])


def heated_columns(system: System, temperature: float) -> CoarseGrain:
    """Columns of short runs at a higher temperature, and their averages over neighbours.

    Examples
    --------
    >>> from vitreous.liquid import KobAndersen2D
    >>> from vitreous.workflows.catalogue import heated_columns
    >>> heated_columns(KobAndersen2D(), 0.7).descriptor.runs.n_replicas
    16
    """
    # What the runs cost grows with the number of particles, which is larger in three dimensions.
    settings: dict[str, Any] = {} if system.dimensions == 2 else _HEATED_IN_3D
    runs = HeatedRuns(system, temperature, time_step=_LONG_TIME_STEPS.get(system.name), **settings)
    return CoarseGrain(HeatedDescriptor(runs), length=1.0)


def _time_scales(
    system: System,
    example: Configuration,
    descriptors: str,
    label: str,
    n_jobs: int | None,
    heated: float | None,
) -> TimeScaleRegressor:
    name = "jung2023" if descriptors == DEFAULT_DESCRIPTORS else descriptors
    # In three dimensions neighbourhoods forget faster: short runs, and more of them.
    runs: dict[str, Any] = {} if system.dimensions == 2 else {"duration": 4.0}
    runs["time_step"] = _LONG_TIME_STEPS.get(system.name)
    releases = ((0.7, 1.4, 2.0), (2.8, 3.5, 4.2))
    cage, plateau = (CageFromRest(system, releases=times, **runs) for times in releases)
    ballistic = BallisticDescriptor(system)
    relaxation = DESCRIPTORS[name](system)
    names = fitted_to(relaxation, example).get_feature_names_out()
    energies = [k for k, column in enumerate(names) if column == "energy"]
    at_rest = make_pipeline(InherentStructure(system), relaxation)
    in_cage: Any = CageDescriptor(cage)
    if label in ("broken_bonds", "bond_breaking"):
        in_cage = make_union(StretchedBonds(system, InherentStructure(system)), in_cage)
    return TimeScaleRegressor(
        make_union(ballistic, MeanPathDescriptor(PathFromRest(system))),
        in_cage,
        at_rest if heated is None else _beside_heated(at_rest, system, heated),
        plateau,
        label,
        energies or None,
        ballistic,
        n_jobs=n_jobs,
    )


def settled_names(
    system: System, model: str, descriptors: str | None = None, state: str | None = None
) -> tuple[str, str]:
    """Names of the descriptors and of the state that a model of a system has.

    By default they are the combined descriptors of inherent structures, or the shells of thermal
    positions of a system without a potential; for softness the structure functions of
    ``cubuk2015``.

    Raises
    ------
    ValueError
        If a name is unknown, or what it stands for needs energies and the system has none.

    Examples
    --------
    >>> from vitreous.liquid import KobAndersen, NoPotential, System
    >>> from vitreous.workflows.catalogue import settled_names
    >>> settled_names(KobAndersen(), "ridge")
    ('combined', 'inherent')
    >>> settled_names(System("silica", ["Si", "O"], None, None, 3, NoPotential([1, 0.8])), "ridge")
    ('shells', 'thermal')
    """
    check_names(model, descriptors, state)
    if model == "softness":
        descriptors = descriptors or "cubuk2015"
    if system.has_potential:
        if model == "time-scales" and state not in (None, "inherent"):
            raise ValueError(f"the time-scales model has states of its own; leave {state!r} out")
        return descriptors or DEFAULT_DESCRIPTORS, state or "inherent"
    states = ", ".join(name for name in STATES if name != "inherent")
    if model == "time-scales":
        others = ", ".join(name for name in MODELS if name != model)
        raise ValueError(
            f"the time-scales model runs dynamics of its own, and {system.name} has no potential; "
            f"choose one of {others}"
        )
    if state == "inherent":
        raise ValueError(
            f"inherent structures are minima of the energy, and {system.name} has no potential; "
            f"choose one of the states {states}"
        )
    if descriptors in _OF_ENERGIES:
        others = ", ".join(name for name in DESCRIPTORS if name not in _OF_ENERGIES)
        raise ValueError(
            f"the descriptors {descriptors!r} hold energies, and {system.name} has no potential; "
            f"choose one of {others}"
        )
    return descriptors or "shells", state or "thermal"


def check_names(model: str, descriptors: str | None = None, state: str | None = None) -> None:
    """Refuse names that are not among `MODELS`, `DESCRIPTORS` and `STATES`; None is the default."""
    if model not in MODELS:
        raise ValueError(f"unknown model {model!r}; choose one of {', '.join(MODELS)}")
    if descriptors is not None and descriptors not in DESCRIPTORS:
        known = ", ".join(DESCRIPTORS)
        raise ValueError(f"unknown descriptors {descriptors!r}; choose one of {known}")
    if state is not None and state not in STATES:
        raise ValueError(f"unknown state {state!r}; choose one of {', '.join(STATES)}")
