"""``vitreous fit``."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import typer

from ._options import (
    AnySystem,
    Configurations,
    Descriptors,
    FilesOrFolders,
    Format,
    FormatOption,
    Heated,
    Jobs,
    Label,
    Level,
    ModelKind,
    Quantile,
    State,
    Temperature,
    Time,
    TimeIndex,
    expand_home,
    one_of,
)
from ._terminal import ProgressBars, counted, errors_in_one_line, messages


def fit(
    files: FilesOrFolders,
    out: Annotated[Path, typer.Option("--out", callback=expand_home, help="Model file to write.")],
    file_format: FormatOption = Format.auto,
    temperature: Temperature = None,
    configurations: Configurations = None,
    model: Annotated[
        ModelKind | None,
        one_of(
            ModelKind,
            "Kind of model",
            metavar="KIND",
            show_default="ridge; time-scales for labels at several times or up to t = 2",
        ),
    ] = None,
    label: Label = "displacement",
    time: Time = None,
    time_index: TimeIndex = None,
    level: Level = None,
    descriptors: Descriptors = None,
    state: State = None,
    heated: Heated = None,
    quantile: Quantile = None,
    coverage: Annotated[
        float | None,
        typer.Option(help="Add prediction intervals that hold labels with this probability."),
    ] = None,
    n_reversed: Annotated[
        int,
        typer.Option(
            "--reversed", min=0, help="Reversed replicas of each file to learn from as well."
        ),
    ] = 0,
    any_system: AnySystem = False,
    jobs: Jobs = -1,
) -> None:
    """Train a model on labelled configurations."""
    with errors_in_one_line():
        from .. import workflows
        from ..models import TimeScaleRegressor, save_model
        from ..models.mlp import require_torch
        from ..storage.atomic import require_place

        require_place(out)
        if model is ModelKind.mlp:
            require_torch()
        with ProgressBars() as bars:
            stored = workflows.fit(
                files,
                file_format.value,
                None if model is None else model.value,
                label,
                time,
                jobs,
                coverage,
                descriptors,
                n_reversed,
                any_system,
                bars,
                None if state is None else state.value,
                quantile,
                temperature=temperature,
                configurations=configurations,
                time_index=time_index,
                level=level,
                heated=heated,
            )
        save_model(stored, out)
        of_all_times = isinstance(stored.model, TimeScaleRegressor)
        default = ModelKind.time_scales if of_all_times else ModelKind.ridge
        kind = (model or default).value
        messages.print(
            f"{out}: {kind} model of {stored.label} in {stored.system}, "
            f"trained on {counted(len(stored.sources), 'configuration')}, "
            f"{stored.state} positions, {stored.descriptors} descriptors",
            highlight=False,
        )
        for what, end in _ends_chosen(stored.model):
            messages.print(f"{what}: {end}", highlight=False)


_BEYOND = "the {} penalty offered is best, and one beyond it may be better"


def _ends_chosen(model: Any) -> Iterator[tuple[str, str]]:
    """Name the parts of a model that chose from too few settings, and say of what."""
    for species, regressor in getattr(model, "regressors_", {}).items():
        if end := _end_chosen(regressor):
            yield species, end
    for regime, of_species in getattr(model, "at_bound_", {}).items():
        for species, end in of_species.items():
            if end:
                yield f"{species}, {regime} times", _BEYOND.format(end)


def _end_chosen(regressor: Any) -> str:
    """Say that better settings may lie beyond those a regressor chose from."""
    at_bound = getattr(getattr(regressor, "classifier_", regressor), "at_bound_", "")
    if at_bound is True:
        return f"all {regressor.n_trees_} trees are grown, and more would predict better"
    return _BEYOND.format(at_bound) if at_bound else ""
