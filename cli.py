"""The command ``vitreous``."""

from __future__ import annotations

import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TaskID,
    TextColumn,
    TimeElapsedColumn,
)

from ._json import to_json
from ._version import __version__

app = typer.Typer(
    help="Predict the dynamics of glass-forming liquids from their structure.",
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)
_messages = Console(stderr=True, markup=False, emoji=False, soft_wrap=True)


class Format(StrEnum):
    """File formats of labelled configurations."""

    botan = "botan"
    gsd = "gsd"


class Model(StrEnum):
    """Regressors."""

    ridge = "ridge"
    boosted = "boosted"


Files = Annotated[list[str], typer.Argument(help="Files or quoted patterns.")]
FormatOption = Annotated[Format, typer.Option("--format", help="Layout of the files.")]
Jobs = Annotated[int, typer.Option("--jobs", "-j", help="Worker processes; -1: one per core.")]
Label = Annotated[str, typer.Option(help="Label to predict.")]
Time = Annotated[
    float | None, typer.Option(help="Time of the label; needed if the files hold several.")
]


@app.command()
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
    with _errors_in_one_line():
        from .report import write_report
        from .study import DEFAULT_STUDY, Study

        bars = _ProgressBars()
        made = Study(study or DEFAULT_STUDY, folder, jobs, bars.show)
        with bars:
            _messages.print("Kernels are compiled at first use: the first bar may wait for them.")
            results = made.run()
        report = write_report(results, made.settings, folder)
        _messages.print(f"Report: {report}\nFigures: {folder / 'figures'}", highlight=False)


@app.command()
def fit(
    files: Files,
    file_format: FormatOption,
    out: Annotated[Path, typer.Option("--out", help="Model file to write (.skops).")],
    model: Annotated[Model, typer.Option(help="Kind of regressor.")] = Model.ridge,
    label: Label = "displacement",
    time: Time = None,
    jobs: Jobs = -1,
) -> None:
    """Train a model on labelled configurations."""
    with _errors_in_one_line():
        from .fitting import fit_files
        from .models import save_model

        if not out.absolute().parent.is_dir():
            raise FileNotFoundError(f"the folder of {out} does not exist")
        if out.is_dir():
            raise IsADirectoryError(f"{out} is a folder; name the model file to write")
        with _messages.status("reading, quenching, describing and training"):
            stored = fit_files(files, file_format.value, model.value, label, time, jobs)
        save_model(stored, out)
        _messages.print(
            f"{out}: {model.value} model of {stored.label} in {stored.system}, "
            f"trained on {len(stored.sources)} configurations",
            highlight=False,
        )


@app.command()
def score(
    model: Annotated[Path, typer.Argument(help="Model file written by fit.")],
    files: Files,
    file_format: FormatOption,
    time: Time = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON on stdout.")] = False,
    jobs: Jobs = -1,
) -> None:
    """Score a model on labelled configurations that it was not trained on."""
    with _errors_in_one_line():
        from .fitting import score_files
        from .models import load_model

        stored = load_model(model)
        with (
            warnings.catch_warnings(record=True) as caught,
            _messages.status("reading, quenching, describing and predicting"),
        ):
            warnings.simplefilter("always", UserWarning)
            scores = score_files(stored, files, file_format.value, time, jobs)
        for warning in caught:
            _messages.print(f"vitreous: warning: {warning.message}", style="yellow")
        if as_json:
            print(to_json({"types": scores}))
            return
        for species, values in scores.items():
            print(
                f"{species}: Pearson correlation {values['pearson_pooled']:.3f} pooled, "
                f"{values['pearson_mean']:.3f} ± {values['pearson_standard_error']:.3f} mean over "
                f"{values['n_configurations']} configurations; "
                f"noise ceiling {values['noise_ceiling']:.3f} pooled"
            )


@app.command()
def version() -> None:
    """Print the version."""
    print(__version__)


def main() -> None:
    """Entry point of the command."""
    app()


@contextmanager
def _errors_in_one_line() -> Iterator[None]:
    """Turn errors that a user can mend into one line and exit code 2."""
    try:
        yield
    except (ValueError, OSError, RuntimeError) as error:
        message = " ".join(str(error).split())
        _messages.print(f"vitreous: {message}", style="red", highlight=False)
        sys.exit(2)
    except KeyboardInterrupt:
        _messages.print("stopped; the same command goes on from here", highlight=False)
        sys.exit(130)


class _ProgressBars(Progress):
    """One bar for each step of a study."""

    def __init__(self) -> None:
        super().__init__(
            TextColumn("{task.description:42s}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            console=_messages,
        )
        self._steps: dict[str, TaskID] = {}

    def show(self, step: str, done: int, total: int) -> None:
        """Show how far a step is."""
        if step not in self._steps:
            self._steps[step] = self.add_task(step, total=total)
        self.update(self._steps[step], completed=done)
