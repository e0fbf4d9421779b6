"""``vitreous predict``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ._options import (
    AnySystem,
    Files,
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
)
from ._terminal import errors_in_one_line, messages, warnings_in_one_line


def predict(
    model: Annotated[Path, typer.Argument(help="Model file written by fit.")],
    files: Files,
    out: Annotated[
        Path,
        typer.Option("--out", callback=expand_home, help="File to write (.gsd, .npz or .csv)."),
    ],
    file_format: StructureFormatOption = StructureFormat.auto,
    species: Species = None,
    frames: Frames = None,
    times: Times = None,
    time_step: TimeStep = None,
    length_unit: LengthUnit = 1.0,
    topology: Topology = None,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace an older file.")] = False,
    any_system: AnySystem = False,
    jobs: Jobs = -1,
) -> None:
    """Predict the dynamics of configurations, which need no labels."""
    with errors_in_one_line():
        from ..datasets import parse_species
        from ..models import load_model
        from ..workflows.predict import check_output, iterate_predictions, write_predictions

        check_output(out, overwrite)
        stored = load_model(model)
        with warnings_in_one_line(), messages.status("reading, quenching, describing, predicting"):
            predictions = iterate_predictions(
                stored,
                files,
                file_format.value,
                jobs,
                any_system,
                species=None if species is None else parse_species(species),
                frames=frames,
                times=times,
                time_step=time_step,
                length_unit=length_unit,
                topology=topology,
            )
            n_predicted = write_predictions(stored, predictions, out, overwrite)
        messages.print(
            f"{out}: predicted {stored.label} in {n_predicted} configurations", highlight=False
        )
