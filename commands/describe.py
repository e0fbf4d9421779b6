"""``vitreous describe``."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from ._options import (
    FieldOfView,
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
    one_of,
    reading,
)
from ._terminal import (
    ProgressBars,
    counted,
    errors_in_one_line,
    messages,
    warnings_in_one_line,
)


class State(StrEnum):
    """What is described."""

    thermal = "thermal"
    inherent = "inherent"
    cage = "cage"


def describe(
    files: Files,
    out: Annotated[
        Path,
        typer.Option("--out", callback=expand_home, help="File to write (.parquet, .npz or .gsd)."),
    ],
    descriptors: Annotated[
        str,
        typer.Option(
            help="Set of descriptors: shells, combined, a preset's name, or FILE.py:OBJECT."
        ),
    ] = "shells",
    state: Annotated[
        State, one_of(State, "As they are, at rest, or averaged over the cage", metavar="STATE")
    ] = State.thermal,
    system: Annotated[
        str | None,
        typer.Option(help="What the particles are (KA2D, FILE.py:OBJECT), if files do not tell."),
    ] = None,
    temperature: Annotated[
        float | None, typer.Option(help="For cage states, if files do not tell.")
    ] = None,
    file_format: StructureFormatOption = StructureFormat.auto,
    species: Species = None,
    frames: Frames = None,
    times: Times = None,
    time_step: TimeStep = None,
    length_unit: LengthUnit = 1.0,
    topology: Topology = None,
    field_of_view: FieldOfView = None,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace an older file.")] = False,
    jobs: Jobs = -1,
) -> None:
    """Describe the structure around every particle, and write the columns."""
    with errors_in_one_line():
        from .. import workflows

        with warnings_in_one_line(), ProgressBars() as bars:
            described = workflows.describe(
                files,
                out,
                descriptors,
                state.value,
                file_format.value,
                system=system,
                temperature=temperature,
                n_jobs=jobs,
                overwrite=overwrite,
                progress=bars,
                **reading(species, frames, times, time_step, length_unit, topology, field_of_view),
            )
        messages.print(
            f"{out}: {len(described.names)} features of {described.n_particles} particles in "
            f"{counted(described.n_configurations, 'configuration')}",
            highlight=False,
        )
