"""``vitreous run``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ._options import Jobs
from ._terminal import ProgressBars, errors_in_one_line, messages


def run(
    study: Annotated[
        Path | None, typer.Argument(help="TOML file; the packaged KA2D study if left out.")
    ] = None,
    folder: Annotated[
        Path, typer.Option("--folder", "-o", help="Where results go; reused to resume.")
    ] = Path("study"),
    jobs: Jobs = -1,
) -> None:
    """Run a whole study, from random positions to a report; go on if it was stopped."""
    with errors_in_one_line():
        from ..studies.kinds import open_study
        from ..studies.transfer.study import DEFAULT_STUDY

        bars = ProgressBars()
        run_to_report = open_study(study or DEFAULT_STUDY, folder, jobs, bars.show)
        with bars:
            messages.print("Kernels are compiled at first use: the first bar may wait for them.")
            report = run_to_report()
        messages.print(f"Report: {report}\nFigures: {folder / 'figures'}", highlight=False)
