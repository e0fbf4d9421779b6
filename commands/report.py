"""``vitreous report``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ._terminal import errors_in_one_line, messages


def report(
    folder: Annotated[Path, typer.Argument(help="Folder of a finished study.")] = Path("study"),
) -> None:
    """Write the report of a finished study again, from what its folder holds.

    Nothing is simulated. Models that the folder no longer holds are trained again.
    """
    with errors_in_one_line(goes_on=True):
        from ..studies import reopen_study

        study = reopen_study(folder)
        with messages.status("reading results, drawing figures"):
            page = study.report(study.results())
        messages.print(f"Report: {page}\nFigures: {folder / 'figures'}", highlight=False)
