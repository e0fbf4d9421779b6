"""``vitreous predict``."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ._options import (
    AnySystem,
    Configurations,
    FieldOfView,
    FilesOrFolders,
    Frames,
    Jobs,
    LengthUnit,
    Species,
    StructureFormat,
    StructureFormatOption,
    Times,
    TimeStep,
    Topology,
    expand_home,
    reading,
)
from ._terminal import (
    ProgressBars,
    counted,
    errors_in_one_line,
    messages,
    warnings_in_one_line,
)

if TYPE_CHECKING:
    from ..workflows import Prediction


def predict(
    model: Annotated[Path, typer.Argument(help="Model file written by fit.")],
    files: FilesOrFolders,
    out: Annotated[
        Path,
        typer.Option("--out", callback=expand_home, help="File to write (.gsd, .npz or .csv)."),
    ],
    file_format: StructureFormatOption = StructureFormat.auto,
    time: Annotated[
        float | None, typer.Option(help="Time of the label; needed by models of all times.")
    ] = None,
    level: Annotated[
        float | None,
        typer.Option(
            help="Mean label of the liquid at that time; needed at temperatures of no training "
            "file."
        ),
    ] = None,
    temperature: Annotated[
        float | None,
        typer.Option(
            help="Of folders: only configurations of this temperature. For models of all times "
            "also that of files that tell none."
        ),
    ] = None,
    configurations: Configurations = None,
    plot: Annotated[
        Path | None,
        typer.Option(
            callback=expand_home,
            help="Picture to write: a map of the first configuration, in two dimensions.",
        ),
    ] = None,
    species: Species = None,
    frames: Frames = None,
    times: Times = None,
    time_step: TimeStep = None,
    length_unit: LengthUnit = 1.0,
    topology: Topology = None,
    field_of_view: FieldOfView = None,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace an older file.")] = False,
    any_system: AnySystem = False,
    jobs: Jobs = -1,
) -> None:
    """Predict the dynamics of configurations, which need no labels."""
    with errors_in_one_line():
        from ..models import load_model
        from ..workflows.map import check_map, draw_map
        from ..workflows.predict import check_output, iterate_predictions, write_predictions

        check_output(out, overwrite)
        stored = load_model(model)
        if plot is not None:
            check_map(stored, plot)
        first: list[Prediction] = []
        with warnings_in_one_line(), ProgressBars() as bars:
            predictions = iterate_predictions(
                stored,
                files,
                file_format.value,
                jobs,
                any_system,
                bars,
                time=time,
                level=level,
                temperature=temperature,
                configurations=configurations,
                **reading(species, frames, times, time_step, length_unit, topology, field_of_view),
            )
            n_predicted = write_predictions(
                stored, _keeping_first(predictions, first), out, overwrite
            )
        if plot is not None:
            draw_map(stored, first[0], plot)
        messages.print(
            f"{out}: predicted {stored.label} in {counted(n_predicted, 'configuration')}",
            highlight=False,
        )
        if plot is not None:
            messages.print(f"{plot}: map of {first[0].source}", highlight=False)


def _keeping_first(
    predictions: Iterable[Prediction], first: list[Prediction]
) -> Iterator[Prediction]:
    """Pass predictions on and keep the first of them."""
    for prediction in predictions:
        if not first:
            first.append(prediction)
        yield prediction
