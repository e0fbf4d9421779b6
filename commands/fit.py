"""``vitreous fit``."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from ._options import Files, FormatOption, Jobs, Time
from ._terminal import errors_in_one_line, messages


class Model(StrEnum):
    """Regressors."""

    ridge = "ridge"
    boosted = "boosted"


def fit(
    files: Files,
    file_format: FormatOption,
    out: Annotated[Path, typer.Option("--out", help="Model file to write (.skops).")],
    model: Annotated[Model, typer.Option(help="Kind of regressor.")] = Model.ridge,
    label: Annotated[str, typer.Option(help="Label to predict.")] = "displacement",
    time: Time = None,
    jobs: Jobs = -1,
) -> None:
    """Train a model on labelled configurations."""
    with errors_in_one_line():
        from ..fitting import fit_files
        from ..models import save_model

        if not out.absolute().parent.is_dir():
            raise FileNotFoundError(f"the folder of {out} does not exist")
        if out.is_dir():
            raise IsADirectoryError(f"{out} is a folder; name the model file to write")
        with messages.status("reading, quenching, describing and training"):
            stored = fit_files(files, file_format.value, model.value, label, time, jobs)
        save_model(stored, out)
        messages.print(
            f"{out}: {model.value} model of {stored.label} in {stored.system}, "
            f"trained on {len(stored.sources)} configurations",
            highlight=False,
        )
