"""Pack the campaign of ``ka2d.toml`` into the file that `vitreous.datasets.load_ka2d` reads.

Run from the root of the repository, after ``vitreous simulate datasets/samples/ka2d.toml --folder
ka2d``::

    python benchmarks/pack_ka2d.py ka2d datasets/samples/ka2d.npz

Positions stay in double precision, exactly as they were simulated and minimised. Labels, known to
two or three digits, are rounded to single precision.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np

from vitreous.campaigns import Campaign
from vitreous.datasets import LabelledConfiguration

LABELS = ("displacement", "bond_breaking")


def pack(folder: str | Path, path: str | Path) -> None:
    """Write thermal and inherent positions and labels of a whole campaign to one npz archive."""
    campaign = Campaign(folder)
    thermal, inherent = (campaign.load(state=state) for state in ("thermal", "inherent"))
    liquid = campaign.settings.liquid
    if len(thermal) != liquid.n_configurations * len(liquid.temperatures):
        raise ValueError(f"{folder}: {len(thermal)} configurations are labelled; finish it first")

    def stacked(what, data: list[LabelledConfiguration] = thermal):
        return np.array([what(item) for item in data])

    np.savez_compressed(
        path,
        allow_pickle=False,
        temperatures=stacked(lambda item: item.temperature),
        in_equilibrium=stacked(lambda item: item.in_equilibrium),
        n_replicas=stacked(lambda item: item.labels.n_replicas),
        times=stacked(lambda item: item.labels.times),
        box_lengths=stacked(lambda item: item.configuration.box.lengths),
        types=stacked(lambda item: item.configuration.types).astype(np.int8),
        positions=stacked(lambda item: item.configuration.positions),
        inherent_positions=stacked(lambda item: item.configuration.positions, inherent),
        **{
            label: stacked(
                lambda item, label=label: item.labels.halves(label).swapaxes(1, 2)
            ).astype(np.float32)
            for label in LABELS
        },
    )


if __name__ == "__main__":
    pack(*sys.argv[1:])
