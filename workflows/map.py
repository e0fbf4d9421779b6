"""A map of what was predicted: what ``vitreous predict --plot`` draws."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from ..liquid import get_system
from ..models import StoredModel
from .predict import Prediction

_NAMES = {
    "displacement": r"displacement propensity ($\sigma_{AA}$)",
    "bond_breaking": "bond-breaking correlation $C_B$",
    "broken_bonds": "broken bonds, $1 - C_B$",
}


def check_map(stored: StoredModel, path: Path) -> None:
    """Refuse what `draw_map` could not draw, before anything is predicted."""
    from ..plots._pictures import check_picture

    dimensions = get_system(stored.system).dimensions
    if dimensions != 2:
        raise ValueError(f"{path}: maps are drawn in two dimensions, {stored.system} has three")
    check_picture(path)


def draw_map(stored: StoredModel, prediction: Prediction, path: Path) -> None:
    """Draw the particles of one configuration, coloured by what was predicted for them.

    Of several levels it shows the last. Particles that nothing could be predicted for are grey.
    """
    from ..plots import COLUMN_WIDTH, figure, particle_map, style
    from ..plots._pictures import save_picture

    values = prediction.values if prediction.values.ndim == 1 else prediction.values[:, -1]
    with style():
        made, axes = figure(COLUMN_WIDTH, COLUMN_WIDTH + 0.5)
        disks = particle_map(
            get_system(stored.system), prediction.configuration, values, axes[0, 0]
        )
        label = f"predicted {_NAMES.get(stored.label, stored.label)}"
        if np.isnan(values).any():
            label += "; grey: not known"
        made.colorbar(disks, ax=axes[0, 0], location="bottom", shrink=0.9, label=label)
        save_picture(made, path)
