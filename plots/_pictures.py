"""Pictures that users name: refused before anything is computed for them, written whole."""

from __future__ import annotations

from pathlib import Path

from matplotlib.figure import Figure

from ..storage.atomic import atomic_path, require_place


def check_picture(path: Path) -> None:
    """Refuse a path at which `save_picture` could not write."""
    known = Figure().canvas.get_supported_filetypes()
    if path.suffix.removeprefix(".") not in known:
        raise ValueError(
            f"{path}: pictures are written to {', '.join(f'.{k}' for k in known)} files"
        )
    require_place(path)


def save_picture(page: Figure, path: Path) -> None:
    """Write a figure; an older file is replaced when the new one is complete."""
    with atomic_path(path) as partial:
        page.savefig(partial)
