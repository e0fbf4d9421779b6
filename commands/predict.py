"""``vitreous predict``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ._options import AnySystem, Files, Jobs, StructureFormatOption
from ._terminal import errors_in_one_line, messages, warnings_in_one_line


def predict(
    model: Annotated[Path, typer.Argument(help="Model file written by fit.")],
    files: Files,
    file_format: StructureFormatOption,
    out: Annotated[Path, typer.Option("--out", help="File to write (.gsd, .npz or .csv).")],
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace an older file.")] = False,
    any_system: AnySystem = False,
    jobs: Jobs = -1,
) -> None:
    """Predict the dynamics of configurations, which need no labels."""
    with errors_in_one_line():
        from .. import workflows
        from ..models import load_model
        from ..workflows.predict import check_output, write_predictions

        check_output(out, overwrite)
        stored = load_model(model)
        with warnings_in_one_line(), messages.status("reading, quenching, describing, predicting"):
            predictions = workflows.predict(stored, files, file_format.value, jobs, any_system)
        write_predictions(stored, predictions, out, overwrite)
        messages.print(
            f"{out}: predicted {stored.label} in {len(predictions)} configurations",
            highlight=False,
        )
