"""Arguments and options that several commands share."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from ._terminal import refuse


class Format(StrEnum):
    """File formats of labelled configurations."""

    auto = "auto"
    botan = "botan"
    gsd = "gsd"
    glassbench = "glassbench"
    deepmind = "deepmind"


class StructureFormat(StrEnum):
    """File formats of configurations, with labels or without."""

    auto = "auto"
    gsd = "gsd"
    lammps = "lammps"
    extxyz = "extxyz"
    mdanalysis = "mdanalysis"
    table = "table"
    botan = "botan"
    glassbench = "glassbench"
    deepmind = "deepmind"


class StateKind(StrEnum):
    """Positions that models describe."""

    inherent = "inherent"
    thermal = "thermal"
    average = "average"


class ModelKind(StrEnum):
    """Kinds of models."""

    ridge = "ridge"
    boosted = "boosted"
    mlp = "mlp"
    transferable = "transferable"
    time_scales = "time-scales"
    softness = "softness"


def expand_home(path: Path | None) -> Path | None:
    """Replace ``~`` by the home folder, which shells leave alone after an equals sign."""
    return path and path.expanduser()


def reading(
    species: str | None,
    frames: str | None,
    times: str | None,
    time_step: float | None,
    length_unit: float,
    topology: Path | None,
    field_of_view: str | None,
) -> dict[str, Any]:
    """Collect the settings of `vitreous.datasets.read_structures` that commands are given."""
    from ..datasets import parse_species

    return {
        "species": None if species is None else parse_species(species),
        "frames": frames,
        "times": times,
        "time_step": time_step,
        "length_unit": length_unit,
        "topology": topology,
        "field_of_view": field_of_view,
    }


def _checked_jobs(value: str | int) -> int:
    """Read the number of worker processes; refuse in one line what is none."""
    try:
        jobs = int(value)
    except ValueError:
        jobs = 0
    if jobs < 1 and jobs != -1:
        refuse(f"--jobs must be a number of worker processes, or -1 for one per core, not {value}")
    return jobs


def one_of(choices: Iterable[StrEnum], help: str, *names: str, **settings: Any) -> Any:
    """Option with choices, which its help lists: beside it they would be cut at any letter."""
    return typer.Option(*names, help=f"{help}: {', '.join(choices)}.", **settings)


def _one_of(names: Sequence[str]) -> Callable[[str], list[str]]:
    """Complete what has been typed to one of some names."""

    def complete(incomplete: str) -> list[str]:
        return [name for name in names if name.startswith(incomplete)]

    return complete


AnySystem = Annotated[
    bool,
    typer.Option("--any-system", help="Accept data of another system, composition or density."),
]
DESCRIPTORS = ("combined", "shells", "boattini2021", "jung2023", "cubuk2015", "tong2018")
LABELS = ("displacement", "bond_breaking", "broken_bonds")
STUDIES = ("ka2d_transfer", "ka2d_to_tg")

Configurations = Annotated[
    str | None,
    typer.Option(help="Some of the configurations of each temperature: 0:12 or 12:, as in Python."),
]
Descriptors = Annotated[
    str | None,
    typer.Option(
        help=f"Set of descriptors: {', '.join(DESCRIPTORS)}.",
        autocompletion=_one_of(DESCRIPTORS),
        show_default="combined, shells without a potential",
    ),
]
Files = Annotated[list[str], typer.Argument(help="Files or quoted patterns, also with **.")]
FilesOrFolders = Annotated[
    list[str],
    typer.Argument(
        help="Files, quoted patterns, also with **, or folders of campaigns and studies."
    ),
]
FormatOption = Annotated[
    Format, one_of(Format, "Layout of the files, auto as they show", "--format", metavar="FORMAT")
]
Frames = Annotated[
    str | None,
    typer.Option(help="Frames of a trajectory: 100:2000:50 as a slice in Python, or one number."),
]
Jobs = Annotated[
    int,
    typer.Option(
        "--jobs",
        "-j",
        parser=_checked_jobs,
        metavar="<int>",
        help="Worker processes; -1: one per core.",
    ),
]
FieldOfView = Annotated[
    str | None,
    typer.Option(help="Of a table, in its units: 0:1024,0:768; default: where particles are."),
]
Json = Annotated[bool, typer.Option("--json", help="Print JSON on stdout.")]
LengthUnit = Annotated[
    float, typer.Option(help="Lengths in the files are multiplied by it, to be in sigma_AA.")
]
Label = Annotated[
    str,
    typer.Option(help=f"Label to predict: {', '.join(LABELS)}.", autocompletion=_one_of(LABELS)),
]
Level = Annotated[
    float | None,
    typer.Option(
        help="Instead of --time: take labels where the mean bond_breaking has this value."
    ),
]
Heated = Annotated[
    float | None,
    typer.Option(help="See short runs at this temperature, above those of the files, as well."),
]
Quantile = Annotated[
    float | None,
    typer.Option(help="Softness: labels above this quantile count as rearranging (0.9)."),
]
Species = Annotated[
    str | None,
    typer.Option(
        help="Which is which: '1=C,2=A,3=B' or 'Ni=A,P=B'; or names in the order of the types."
    ),
]
StructureFormatOption = Annotated[
    StructureFormat,
    one_of(StructureFormat, "Layout of the files, auto as they show", "--format", metavar="FORMAT"),
]
State = Annotated[
    StateKind | None,
    one_of(
        StateKind,
        "Positions to describe",
        metavar="STATE",
        show_default="inherent, thermal without a potential",
    ),
]
Study = Annotated[
    str,
    typer.Argument(
        help=f"TOML file, or the name of a packaged study: {', '.join(STUDIES)}.",
        autocompletion=_one_of(STUDIES),
    ),
]
Temperature = Annotated[float | None, typer.Option(help="Only configurations of this temperature.")]
Time = Annotated[
    float | None,
    typer.Option(help="Time of the label; where files hold several it may have to be chosen."),
]
TimeIndex = Annotated[
    int | None,
    typer.Option(help="Instead of --time: its place in each file, counted from 0."),
]
Times = Annotated[
    str | None,
    typer.Option(help="Frames by their times: 10:500, or 10:500:20 for those at 10, 30, ..."),
]
TimeStep = Annotated[
    float | None, typer.Option(help="Time of a simulation step, where files tell steps only.")
]
Topology = Annotated[
    Path | None,
    typer.Option(help="File with the species of trajectories without (XTC, DCD, TRR)."),
]
