"""``vitreous run``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ._options import STUDIES, Jobs, Study
from ._terminal import ProgressBars, errors_in_one_line, messages


def run(
    study: Study = STUDIES[0],
    folder: Annotated[
        Path, typer.Option("--folder", "-o", help="Where results go; reused to resume.")
    ] = Path("study"),
    jobs: Jobs = -1,
) -> None:
    """Run a whole study, from random positions to a report; go on if it was stopped."""
    with errors_in_one_line(goes_on=True):
        from ..studies import open_study

        bars = ProgressBars()
        opened = open_study(study, folder, jobs, bars)
        with bars:
            report = opened.report(opened.run())
        messages.print(f"Report: {report}\nFigures: {folder / 'figures'}", highlight=False)
