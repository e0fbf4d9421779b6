"""Sorting a configuration into cells."""

from __future__ import annotations

from typing import NoReturn

import numpy as np
from numpy.typing import NDArray

from .box import Box
from .cell_kernels import Cells, first_coincidence, sort_into_cells
from .configuration import Configuration

_PARTICLES_PER_CELL = 6

# Fractional coordinates this near to a face may be those of a point on the opposite one.
_NEAR_FACE = 1e-9


def cells(configuration: Configuration, cutoff: float) -> Cells:
    """Prepare a configuration for kernels that need the neighbours within a cutoff.

    Raises
    ------
    ValueError
        If the cutoff is not positive, or exceeds half the smallest distance between opposite
        faces of the box, beyond which a particle can meet two images of another; or if two
        particles lie at one point.
    """
    if not cutoff > 0:
        raise ValueError(f"the cutoff must be positive, not {cutoff}")
    box = configuration.box.padded(cutoff)
    limit = box.plane_distances.min() / 2
    if cutoff > limit:
        lengths = " x ".join(f"{length:g}" for length in box.lengths)
        wider = "" if box.is_orthorhombic else ", or the widest cell (Configuration.reduced())"
        raise ValueError(
            f"the cutoff {cutoff:g} exceeds half the smallest distance between faces of the box, "
            f"{limit:g} (box lengths {lengths}); use a shorter cutoff, shorter shells or a larger "
            f"system{wider}"
        )
    d = box.dimensions
    matrix = np.eye(3)
    matrix[:d, :d] = box.matrix
    positions, order, start, shape = _sorted(configuration, box)
    types = configuration.types[order]
    offsets = _offsets_within_reach(box, shape[:d], cutoff)
    return Cells(positions, types, order, start, shape, offsets, matrix, float(cutoff))


def require_apart(configuration: Configuration) -> None:
    """Raise a ValueError that names them if two particles lie at one point.

    `cells` does so as well; this is for what needs no cells.
    """
    _sorted(configuration, configuration.box.padded(max(configuration.box.lengths)))


def _sorted(
    configuration: Configuration, box: Box
) -> tuple[NDArray[np.float64], NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """Positions (3, N) in the order of the cells, that order, the cells' starts and their shape."""
    d = box.dimensions
    fractional = np.zeros((configuration.n_particles, 3))
    fractional[:, :d] = box.fractional(configuration.positions)
    width = (_PARTICLES_PER_CELL * box.volume / max(configuration.n_particles, 1)) ** (1 / d)
    shape = np.ones(3, dtype=np.int64)
    shape[:d] = np.maximum(1, box.plane_distances / width)
    order = np.empty(configuration.n_particles, dtype=np.int64)
    start = np.empty(shape.prod() + 1, dtype=np.int64)
    sort_into_cells(fractional, shape, order, start)
    positions = np.zeros((3, configuration.n_particles))
    positions[:d] = configuration.positions[order].T
    one, other = first_coincidence(positions, start)
    if one >= 0:
        _refuse(configuration, int(order[one]), int(order[other]))
    _require_apart_across_faces(configuration, fractional)
    return positions, order, start, shape


def _require_apart_across_faces(
    configuration: Configuration, fractional: NDArray[np.float64]
) -> None:
    """Compare particles on the upper faces of the box, where hardly any are, with their images."""
    for upper in np.flatnonzero((fractional > 0.5 - _NEAR_FACE).any(axis=1)):
        lower = np.flatnonzero((fractional < -0.5 + _NEAR_FACE).any(axis=1))
        vectors = configuration.positions[lower] - configuration.positions[upper]
        same = lower[~configuration.box.minimum_image(vectors).any(axis=1)]
        if same.size:
            _refuse(configuration, int(upper), int(same[0]))


def _refuse(configuration: Configuration, one: int, other: int) -> NoReturn:
    one, other = sorted((one, other))
    here, there = (configuration.positions[i].tolist() for i in (one, other))
    images = "" if here == there else f" and its periodic image {there}"
    raise ValueError(
        f"particles {one} and {other} lie at one point, {here}{images}; remove one of them, or "
        "move them apart"
    )


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
