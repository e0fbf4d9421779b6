"""The command ``vitreous``."""

from __future__ import annotations

from typing import Annotated

import typer

from ._version import __version__
from .commands._terminal import errors_in_one_line, replace_missing_letters, show_tracebacks
from .commands.describe import describe
from .commands.fit import fit
from .commands.label import label
from .commands.predict import predict
from .commands.report import report
from .commands.run import run
from .commands.score import score
from .commands.simulate import simulate
from .commands.transfer import transfer

app = typer.Typer(
    help="Predict the dynamics of glass-forming liquids from their structure.",
    context_settings={"help_option_names": ["-h", "--help"]},
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)
for _command, _example in (
    (run, "run ka2d_transfer --folder study"),
    (report, "report study"),
    (simulate, "simulate campaign.toml --folder liquid"),
    (describe, "describe liquid.gsd --out table.npz"),
    (label, "label --system KA2D --trajectory run.dump --time-step 0.01 --lags 1,10 --out labels"),
    (fit, "fit liquid --label broken_bonds --time-index 0 --configurations :12 --out model.skops"),
    (score, "score model.skops liquid --configurations 12: --json"),
    (predict, "predict model.skops liquid.gsd --out predictions.npz --plot map.png"),
    (transfer, "transfer study --label broken_bonds --level 0.9"),
):
    app.command(epilog=f"Example: vitreous {_example}")(_command)


@app.command()
def version() -> None:
    """Print the version."""
    print(__version__)


def _print_version(wanted: bool) -> None:
    if wanted:
        version()
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[
        bool,
        typer.Option(
            "--version", help="Print the version.", is_eager=True, callback=_print_version
        ),
    ] = False,
    system: Annotated[
        list[str] | None,
        typer.Option(
            metavar="FILE.toml | FILE.py:OBJECT",
            help="A system of your own, known to the command that follows by its name.",
        ),
    ] = None,
    debug: Annotated[
        bool, typer.Option("--debug", help="Show where in the code an error comes from.")
    ] = False,
) -> None:
    show_tracebacks(debug)
    if system:
        with errors_in_one_line():
            from .liquid import get_system, register_system

            for name in system:
                register_system(get_system(name))


def main() -> None:
    """Entry point of the command."""
    replace_missing_letters()
    app()
