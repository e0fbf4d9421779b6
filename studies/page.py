"""Figures and one HTML page of a report, each written whole or not at all."""

from __future__ import annotations

import base64
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import jinja2
from matplotlib.figure import Figure

from .._version import __version__
from ..storage.atomic import atomic_path
from ..storage.json_text import to_json


def write_figures(figures: Iterable[tuple[str, Figure]], folder: Path) -> dict[str, str]:
    """Write figures as SVG and PNG to ``figures`` and return the PNG files in base64."""
    (folder / "figures").mkdir(parents=True, exist_ok=True)
    images = {}
    for name, made in figures:
        for suffix in ("svg", "png"):
            with atomic_path(folder / "figures" / f"{name}.{suffix}") as partial:
                made.savefig(partial, metadata={"Date": None} if suffix == "svg" else None)
        picture = (folder / "figures" / f"{name}.png").read_bytes()
        images[name] = base64.b64encode(picture).decode()
    return images


def write_page(template: str, folder: Path, *, summary: dict[str, Any], **context: Any) -> Path:
    """Write ``results.json`` and ``report.html``, which needs no other file."""
    with atomic_path(folder / "results.json") as partial:
        partial.write_text(to_json(summary, indent=1) + "\n", encoding="utf-8")
    templates = jinja2.Environment(
        loader=jinja2.PackageLoader("vitreous.studies", "templates"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
    )
    page = templates.get_template(template).render(summary=summary, version=__version__, **context)
    with atomic_path(folder / "report.html") as partial:
        partial.write_text(page, encoding="utf-8", errors="replace")
    return folder / "report.html"
