"""Sorting a configuration into cells."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from .box import Box
from .cell_kernels import Cells, sort_into_cells
from .configuration import Configuration

_PARTICLES_PER_CELL = 6


def cells(configuration: Configuration, cutoff: float) -> Cells:
    """Prepare a configuration for kernels that need the neighbours within a cutoff.

    Raises
    ------
    ValueError
        If the cutoff is not positive, or exceeds half the smallest distance between opposite
        faces of the box, beyond which a particle can meet two images of another.
    """
    box = configuration.box
    if not cutoff > 0:
        raise ValueError(f"the cutoff must be positive, not {cutoff}")
    limit = box.plane_distances.min() / 2
    if cutoff > limit:
        wider = "" if box.is_orthorhombic else ", or the widest cell (Configuration.reduced())"
        raise ValueError(
            f"the cutoff {cutoff:g} exceeds half the smallest distance between faces of the box, "
            f"{limit:g}; use a shorter cutoff, shorter shells or a larger system{wider}"
        )
    d = box.dimensions
    matrix = np.eye(3)
    matrix[:d, :d] = box.matrix
    fractional = np.zeros((configuration.n_particles, 3))
    fractional[:, :d] = box.fractional(configuration.positions)
    width = (_PARTICLES_PER_CELL * box.volume / max(configuration.n_particles, 1)) ** (1 / d)
    shape = np.ones(3, dtype=np.int64)
    shape[:d] = np.maximum(1, box.plane_distances / width)
    order, start = sort_into_cells(fractional, shape)
    positions = np.zeros((3, configuration.n_particles))
    positions[:d] = configuration.positions[order].T
    types = configuration.types[order]
    offsets = _offsets_within_reach(box, shape[:d], cutoff)
    return Cells(positions, types, order, start, shape, offsets, matrix, float(cutoff))


def _offsets_within_reach(box: Box, shape: NDArray[np.int64], cutoff: float) -> NDArray[np.int64]:
    widths = box.plane_distances / shape
    reach = np.ceil(cutoff / widths).astype(int)
    axes = [np.arange(-r, r + 1) for r in reach]
    offsets = np.stack(np.meshgrid(*axes, indexing="ij"), axis=-1).reshape(-1, box.dimensions)
    if box.is_orthorhombic:
        gaps = np.maximum(np.abs(offsets) - 1, 0) * widths
        offsets = offsets[(gaps**2).sum(axis=1) < cutoff**2]
    padded = np.zeros((len(offsets), 3), dtype=np.int64)
    padded[:, : box.dimensions] = offsets
    return padded
