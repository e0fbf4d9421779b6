"""``vitreous score``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from ..storage.json_text import to_json
from ._options import (
    AnySystem,
    Configurations,
    FilesOrFolders,
    Format,
    FormatOption,
    Jobs,
    Json,
    Level,
    Temperature,
    Time,
    TimeIndex,
)
from ._terminal import ProgressBars, errors_in_one_line, warnings_in_one_line


def score(
    model: Annotated[Path, typer.Argument(help="Model file written by fit.")],
    files: FilesOrFolders,
    file_format: FormatOption = Format.auto,
    temperature: Temperature = None,
    configurations: Configurations = None,
    time: Time = None,
    time_index: TimeIndex = None,
    level: Level = None,
    as_json: Json = False,
    any_system: AnySystem = False,
    jobs: Jobs = -1,
) -> None:
    """Score a model on labelled configurations that it was not trained on."""
    with errors_in_one_line():
        from .. import workflows
        from ..models import load_model

        stored = load_model(model)
        with warnings_in_one_line(), ProgressBars() as bars:
            scores = workflows.score(
                stored,
                files,
                file_format.value,
                time,
                jobs,
                any_system,
                bars,
                temperature=temperature,
                configurations=configurations,
                time_index=time_index,
                level=level,
            )
        if as_json:
            print(to_json({"types": scores}))
            return
        for species, values in scores.items():
            print(
                f"{species}: Pearson correlation {_correlations(values)}; "
                f"noise ceiling {_number(values['noise_ceiling'])}; "
                f"variance {values['variance_ratio']:.2f} of that of the labels"
            )


def _correlations(values: dict[str, Any]) -> str:
    """Tell the pooled correlation and the mean, which are the same for one configuration."""
    n, pooled = values["n_configurations"], values["pearson_pooled"]
    if n == 1:
        return f"{_number(pooled)} in one configuration"
    return (
        f"{_number(pooled)} pooled, {_number(values['pearson_mean'])} ± "
        f"{_number(values['pearson_standard_error'])} mean over {n} configurations"
    )


def _number(value: float) -> str:
    return "unknown" if value != value else f"{value:.3f}"
