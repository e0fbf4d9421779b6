"""``vitreous transfer``."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ..storage.json_text import to_json
from ._options import (
    AnySystem,
    Configurations,
    Descriptors,
    FilesOrFolders,
    Format,
    FormatOption,
    Heated,
    Jobs,
    Json,
    Label,
    Level,
    ModelKind,
    Quantile,
    State,
    Temperature,
    Time,
    TimeIndex,
    one_of,
)
from ._terminal import ProgressBars, errors_in_one_line, warnings_in_one_line

if TYPE_CHECKING:
    from ..models import TransferMatrix


class Over(StrEnum):
    """What tells the sets of configurations apart."""

    temperature = "temperature"
    size = "size"
    time = "time"


# One of the others is for all temperatures and times already.
_OF_ONE_CONDITION = (ModelKind.ridge, ModelKind.boosted, ModelKind.mlp, ModelKind.softness)


def transfer(
    files: FilesOrFolders,
    file_format: FormatOption = Format.auto,
    temperature: Temperature = None,
    configurations: Configurations = None,
    over: Annotated[
        Over, one_of(Over, "Condition to transfer over", metavar="NAME")
    ] = Over.temperature,
    model: Annotated[
        ModelKind, one_of(_OF_ONE_CONDITION, "Kind of model", metavar="KIND")
    ] = ModelKind.ridge,
    label: Label = "displacement",
    descriptors: Descriptors = None,
    state: State = None,
    heated: Heated = None,
    quantile: Quantile = None,
    time: Time = None,
    time_index: TimeIndex = None,
    level: Level = None,
    species: Annotated[str | None, typer.Option(help="Species to score; default: first.")] = None,
    any_system: AnySystem = False,
    as_json: Json = False,
    jobs: Jobs = -1,
) -> None:
    """Train at each temperature (size, time) and test at each, by cross-validation."""
    with errors_in_one_line():
        from .. import workflows
        from ..models.mlp import require_torch

        if model is ModelKind.mlp:
            require_torch()
        with warnings_in_one_line(), ProgressBars() as bars:
            matrix = workflows.transfer(
                files,
                file_format.value,
                model.value,
                label,
                over.value,
                time,
                time_index,
                species,
                jobs,
                descriptors,
                any_system,
                bars,
                None if state is None else state.value,
                quantile,
                temperature=temperature,
                configurations=configurations,
                level=level,
                heated=heated,
            )
        if as_json:
            print(to_json({"over": over.value} | _document(matrix)))
        else:
            _print_tables(matrix, over.value)


def _document(matrix: TransferMatrix) -> dict[str, Any]:
    document: dict[str, Any] = {
        "conditions": matrix.conditions.tolist(),
        "noise_ceiling": matrix.noise_ceiling.tolist(),
        "n_configurations": matrix.n_configurations.tolist(),
    }
    for name, estimate in matrix.agreement.items():
        lower, upper = estimate.interval()
        document[name] = {
            "value": estimate.value.tolist(),
            "standard_error": estimate.standard_error.tolist(),
            "lower": lower.tolist(),
            "upper": upper.tolist(),
        }
    return document


def _print_tables(matrix: TransferMatrix, over: str) -> None:
    heads = [f"{condition:g}" for condition in matrix.conditions]
    for name, estimate in matrix.agreement.items():
        print(f"{name}; row: {over} trained at, column: tested at")
        print(" " * 10 + "".join(f"{head:>16}" for head in heads))
        for row, head in enumerate(heads):
            entries = (
                f"{value:.3f} ± {error:.3f}"
                for value, error in zip(
                    estimate.value[row], estimate.standard_error[row], strict=True
                )
            )
            print(f"{head:>10}" + "".join(f"{entry:>16}" for entry in entries))
    print("noise ceiling of pearson_mean")
    print(" " * 10 + "".join(f"{value:>16.3f}" for value in matrix.noise_ceiling))
