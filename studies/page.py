"""Figures and one HTML page of a report, each written whole or not at all."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import jinja2
from markupsafe import Markup, escape
from matplotlib import rcParams
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure

from .._version import __version__
from ..plots import style
from ..storage.atomic import atomic_path
from ..storage.digits import two_digits, with_error
from ..storage.json_text import to_json

_TEMPLATES = Path(__file__).with_name("templates")
_BREAKABLE = re.compile(r"(?<=\d) ± (?=\d)|(?<=[\w>]) = (?=-?\d)")


def write_page(
    template: Path,
    folder: Path,
    figures: Iterable[tuple[str, Figure]],
    *,
    summary: dict[str, Any],
    **context: Any,
) -> Path:
    """Write figures, ``results.json`` and ``report.html``, which needs no other file."""
    with style():
        images = _write_figures(figures, folder / "figures")
    with atomic_path(folder / "results.json") as partial:
        partial.write_text(to_json(summary, indent=1) + "\n", encoding="utf-8")
    templates = jinja2.Environment(
        loader=jinja2.FileSystemLoader([template.parent, _TEMPLATES]),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
    )
    templates.globals |= {"two_digits": two_digits, "with_error": with_error}
    templates.filters["symbols"] = _symbols
    page = templates.get_template(template.name).render(
        summary=summary, images=images, version=__version__, **context
    )
    with atomic_path(folder / "report.html") as partial:
        partial.write_text(_unbroken(page), encoding="utf-8")
    return folder / "report.html"


def _unbroken(page: str) -> str:
    """Keep a number and its error, and a symbol and its value, on one line.

    Cells of tables are left to the style of the page: narrow ones may need two lines.
    """
    parts = re.split(r"(<table>.*?</table>)", page, flags=re.DOTALL)
    parts[::2] = [_BREAKABLE.sub(_with_fixed_spaces, part) for part in parts[::2]]
    return "".join(parts)


def _with_fixed_spaces(found: re.Match[str]) -> str:
    return found[0].replace(" ", "\N{NO-BREAK SPACE}")


def _symbols(text: str) -> Markup:
    """Escape a sentence, and lower the indices of its symbols."""
    for letter, index in ("τ", "B"), ("T", "g"):
        text = escape(text).replace(f"{letter}_{index}", Markup(f"{letter}<sub>{index}</sub>"))
    return Markup(text)


def _write_figures(figures: Iterable[tuple[str, Figure]], folder: Path) -> dict[str, str]:
    """Write figures as SVG and PNG and return the PNG files in base64.

    Each is laid out once, while it is drawn for the first file; ``savefig`` would draw it once more
    to lay it out.
    """
    folder.mkdir(parents=True, exist_ok=True)
    images = {}
    for name, made in figures:
        made.set_dpi(rcParams["savefig.dpi"])
        with atomic_path(folder / f"{name}.svg") as partial:
            FigureCanvasSVG(made).print_svg(partial, metadata={"Date": None})
        made.set_layout_engine("none")
        made.set_dpi(rcParams["savefig.dpi"])  # which SVG has changed
        with atomic_path(folder / f"{name}.png") as partial:
            FigureCanvasAgg(made).print_png(partial)
        images[name] = base64.b64encode((folder / f"{name}.png").read_bytes()).decode()
    return images
