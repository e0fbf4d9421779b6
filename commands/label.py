"""``vitreous label``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ..storage.json_text import to_json
from ._options import (
    AnySystem,
    FieldOfView,
    Frames,
    Json,
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
    from ..workflows import Labelled


def label(
    out: Annotated[
        Path,
        typer.Option("--out", callback=expand_home, help="Folder for the labelled GSD files."),
    ],
    system: Annotated[str, typer.Option(help="What it is: KA2D, FILE.toml, FILE.py:OBJECT, ...")],
    start: Annotated[
        str | None, typer.Option(help="Start of the replicas; {i} tells structures apart.")
    ] = None,
    replicas: Annotated[
        str | None, typer.Option(help="Pattern of the replicas: 'c{i}/r*.dump'.")
    ] = None,
    trajectory: Annotated[
        list[str] | None, typer.Option(help="File or pattern of one trajectory, instead.")
    ] = None,
    lags: Annotated[
        str | None, typer.Option(help="Times after each origin of a trajectory: 1,10,100.")
    ] = None,
    every: Annotated[
        float | None, typer.Option(help="Time between origins; default: the longest lag.")
    ] = None,
    stretch: Annotated[
        float | None,
        typer.Option(help="How long origins are taken before a gap; default: no gap."),
    ] = None,
    remove_drift: Annotated[
        bool,
        typer.Option("--remove-drift", help="Take what all particles share from displacements."),
    ] = False,
    hop_window: Annotated[
        float | None,
        typer.Option(help="Labels of hops, by p_hop over a window of this duration."),
    ] = None,
    hop_above: Annotated[float, typer.Option(help="p_hop above which a particle hopped.")] = 0.2,
    quiet_below: Annotated[float, typer.Option(help="p_hop below which it stayed quiet.")] = 0.05,
    average: Annotated[
        float | None,
        typer.Option(help="Average the positions before each origin over this time, too."),
    ] = None,
    temperature: Annotated[
        float | None, typer.Option(help="Temperature, where the files do not tell.")
    ] = None,
    time_zero: Annotated[
        float | None, typer.Option(help="When the replicas started, on the clock of their files.")
    ] = None,
    file_format: StructureFormatOption = StructureFormat.auto,
    species: Species = None,
    frames: Frames = None,
    times: Times = None,
    time_step: TimeStep = None,
    length_unit: LengthUnit = 1.0,
    topology: Topology = None,
    field_of_view: FieldOfView = None,
    figure: Annotated[
        Path | None,
        typer.Option(
            callback=expand_home,
            help="Draw the relaxation functions (.png, .svg, .pdf).",
        ),
    ] = None,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace older files.")] = False,
    any_system: AnySystem = False,
    as_json: Json = False,
) -> None:
    """Label structures by trajectories simulated elsewhere, and say how the liquid relaxes."""
    with errors_in_one_line():
        from .. import workflows
        from ..plots._pictures import check_picture

        if figure is not None:
            check_picture(figure)
        with warnings_in_one_line(), ProgressBars() as bars:
            made = workflows.label(
                out,
                system,
                start=start,
                replicas=replicas,
                trajectory=trajectory,
                temperature=temperature,
                time_zero=time_zero,
                lags=None if lags is None else _numbers(lags),
                every=every,
                stretch=stretch,
                remove_drift=remove_drift,
                hop_window=hop_window,
                hop_above=hop_above,
                quiet_below=quiet_below,
                average=average,
                allow_other_system=any_system,
                overwrite=overwrite,
                progress=bars,
                file_format=file_format.value,
                **reading(species, frames, times, time_step, length_unit, topology, field_of_view),
            )
        if figure is not None:
            _draw(made, figure)
        if as_json:
            print(to_json(_document(made)))
        else:
            _print_table(made)
        _tell(made, out, trajectory is not None)


def _numbers(text: str) -> list[float]:
    try:
        return [float(part) for part in text.split(",")]
    except ValueError as error:
        raise ValueError(f"--lags {text!r} are not numbers with commas between them") from error


def _columns(made: Labelled) -> dict[str, Any]:
    functions = made.functions
    return {
        "time": functions.times,
        "C_B": functions.bond_breaking.value,
        "overlap": functions.overlap.value,
        "F_s": functions.scattering.value,
        "msd": functions.mean_square_displacement.value,
        "chi4": functions.susceptibility,
        "ceiling": made.noise_ceilings["displacement"],
        "ceiling C_B": made.noise_ceilings["bond_breaking"],
    }


def _print_table(made: Labelled) -> None:
    columns = _columns(made)
    print("".join(f"{name:>13}" for name in columns))
    for row in zip(*columns.values(), strict=True):
        print("".join(f"{'unknown' if value != value else f'{value:.4g}':>13}" for value in row))


def _document(made: Labelled) -> dict[str, Any]:
    functions = made.functions
    document: dict[str, Any] = {
        "files": [str(path) for path in made.files],
        "times": functions.times.tolist(),
        "n_trajectories": functions.n_trajectories,
        "n_groups": made.n_groups,
        "susceptibility": functions.susceptibility.tolist(),
        "noise_ceilings": {name: list(values) for name, values in made.noise_ceilings.items()},
    }
    if made.residence_times is not None:
        document["residence_times"] = made.residence_times.tolist()
    for name in ("bond_breaking", "overlap", "scattering", "mean_square_displacement"):
        estimate = getattr(functions, name)
        document[name] = {
            "value": estimate.value.tolist(),
            "standard_error": estimate.standard_error.tolist(),
        }
    return document


def _draw(made: Labelled, path: Path) -> None:
    from ..plots import correlations, figure, mobility_and_susceptibility, style
    from ..plots._pictures import save_picture

    with style():
        page, axes = figure(7.0, 2.8, ncols=2)
        correlations(made.functions, axes[0, 0])
        mobility_and_susceptibility(made.functions, axes[0, 1])
        save_picture(page, path)


def _tell(made: Labelled, out: Path, one_trajectory: bool) -> None:
    messages.print(
        f"{out}: {counted(len(made.files), 'labelled configuration')} in "
        f"{counted(made.n_groups, 'independent group')}",
        highlight=False,
    )
    if one_trajectory:
        messages.print(
            "one replica each: how noisy the labels are, and so the noise ceiling, is unknown",
            highlight=False,
        )
    if made.residence_times is not None:
        stays = made.residence_times
        messages.print(
            f"{len(stays)} stays between two hops of a particle"
            + (f", {stays.mean():.4g} long on average" if len(stays) else ""),
            highlight=False,
        )
    if made.n_groups == 1 and len(made.files) > 1:
        messages.print(
            "all origins overlap and make one group, on which no model can be tested: leave gaps "
            "(--stretch), or take origins the longest lag apart",
            style="yellow",
            highlight=False,
        )
