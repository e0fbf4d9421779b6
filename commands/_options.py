"""Arguments and options that several commands share."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer


class Format(StrEnum):
    """File formats of labelled configurations."""

    botan = "botan"
    gsd = "gsd"
    glassbench = "glassbench"
    deepmind = "deepmind"


class StructureFormat(StrEnum):
    """File formats of configurations, with labels or without."""

    gsd = "gsd"
    lammps = "lammps"
    extxyz = "extxyz"
    botan = "botan"
    glassbench = "glassbench"
    deepmind = "deepmind"


class ModelKind(StrEnum):
    """Kinds of models."""

    ridge = "ridge"
    boosted = "boosted"
    mlp = "mlp"
    transferable = "transferable"


AnySystem = Annotated[
    bool,
    typer.Option("--any-system", help="Accept data of another system, composition or density."),
]
Descriptors = Annotated[
    str | None,
    typer.Option(help="Set of descriptors: combined (default), shells, or a preset's name."),
]
Files = Annotated[list[str], typer.Argument(help="Files or quoted patterns.")]
FormatOption = Annotated[Format, typer.Option("--format", help="Layout of the files.")]
StructureFormatOption = Annotated[
    StructureFormat, typer.Option("--format", help="Layout of the files.")
]
Jobs = Annotated[int, typer.Option("--jobs", "-j", help="Worker processes; -1: one per core.")]
Json = Annotated[bool, typer.Option("--json", help="Print JSON on stdout.")]
Label = Annotated[str, typer.Option(help="Label to predict.")]
Model = Annotated[ModelKind, typer.Option(help="Kind of regressor.")]
Time = Annotated[
    float | None, typer.Option(help="Time of the label; needed if the files hold several.")
]
