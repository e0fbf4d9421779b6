"""``vitreous simulate``."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ._options import Jobs
from ._terminal import ProgressBars, errors_in_one_line, messages

if TYPE_CHECKING:
    from ..campaigns import CampaignState


def simulate(
    campaign: Annotated[
        str, typer.Argument(help="TOML file of a campaign or a study, or a packaged study's name.")
    ],
    folder: Annotated[
        Path, typer.Option("--folder", "-o", help="Where results go; reused to resume.")
    ] = Path("campaign"),
    label_unequilibrated: Annotated[
        bool,
        typer.Option(
            "--label-unequilibrated",
            help="Label also what fails the test of equilibrium; the data are marked.",
        ),
    ] = False,
    jobs: Jobs = -1,
) -> None:
    """Make labelled configurations of a system; go on if it was stopped.

    Ends with exit code 1 if configurations were not labelled because they are not in equilibrium.
    """
    with errors_in_one_line(goes_on=True):
        from ..campaigns import Campaign
        from ..studies.kinds import find_study, study_tables

        bars = ProgressBars()
        made = Campaign.start(
            find_study(campaign),
            folder,
            ignored=study_tables(),
            n_jobs=jobs,
            progress=bars,
        )
        with bars:
            states = made.run(label_unequilibrated=label_unequilibrated)
        _print_table(states)
        asked_for = made.settings.simulated_temperatures
        refused = [s for s in states if s.temperature in asked_for and not s.n_labelled]
        for state in refused:
            messages.print(
                f"T = {state.temperature:g} is not labelled, it is not in equilibrium: "
                f"{'; '.join(state.equilibrium.reasons)}; raise equilibration.n_sweeps, or label "
                "it all the same with --label-unequilibrated",
                style="yellow",
                highlight=False,
            )
    if refused:
        sys.exit(1)


def _print_table(states: list[CampaignState]) -> None:
    head = ("T", "energy", "autocorrelation", "tau_B", "labelled", "equilibrium")
    rows = [head, *map(_row, states)]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        cells = (f"{cell:<{width}}" for cell, width in zip(row, widths, strict=True))
        print(_printable("  ".join(cells).rstrip()))


def _printable(text: str) -> str:
    """Replace what the encoding of stdout lacks, so that no table is lost to it."""
    encoding = sys.stdout.encoding or "ascii"
    try:
        text.encode(encoding)
    except UnicodeEncodeError:
        return text.replace("±", "+-").encode(encoding, "replace").decode(encoding)
    return text


def _row(state: CampaignState) -> tuple[str, ...]:
    test = state.equilibrium
    tau = (
        f"{state.bond_breaking_time:.4g} ± {state.bond_breaking_time_standard_error:.2g}"
        if state.bond_breaking_time is not None
        else "-"
    )
    return (
        f"{state.temperature:g}",
        f"{test.energy:.4f} ± {test.energy_standard_error:.4f}",
        f"{test.autocorrelation_time:.0f} of {test.n_sweeps} sweeps",
        tau,
        f"{state.n_labelled}",
        "yes" if test.passed else "no",
    )
