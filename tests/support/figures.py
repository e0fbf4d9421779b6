"""Figures of an earlier report, for tests of all else that a report holds."""

import base64

from vitreous.studies import page


def take_figures_from(folder, monkeypatch, anew=()):
    """Let reports show the figures in a folder; those named anew are written as ever."""
    write = page._write_figures

    def write_some(figures, into):
        images = {}
        for name, made in figures:
            if name in anew:
                images |= write([(name, made)], into)
            else:
                images[name] = base64.b64encode((folder / f"{name}.png").read_bytes()).decode()
        return images

    monkeypatch.setattr(page, "_write_figures", write_some)
