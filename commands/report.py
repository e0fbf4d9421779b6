"""``vitreous report``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ._terminal import errors_in_one_line, messages


def report(
    folder: Annotated[Path, typer.Argument(help="Folder of a finished study.")] = Path("study"),
) -> None:
    """Write the report of a finished study again, from what its folder holds."""
    with errors_in_one_line():
        from ..studies.kinds import open_study

        settings = folder / "study.toml"
        if not settings.is_file():
            raise FileNotFoundError(f"{folder} is not the folder of a study: no study.toml in it")
        if not (folder / "results.json").is_file():
            raise FileNotFoundError(
                f"the study in {folder} is not finished; go on with it by vitreous run"
            )
        run_to_report = open_study(settings, folder)
        with messages.status("reading results, drawing figures"):
            page = run_to_report()
        messages.print(f"Report: {page}\nFigures: {folder / 'figures'}", highlight=False)
