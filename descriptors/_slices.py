"""Calls of the kernels for some cells or particles at a time, so that an interrupt is noticed."""

from __future__ import annotations

from collections.abc import Iterator

from ..compiled.slices import slices
from ..liquid.cell_kernels import Cells

# More than most descriptors take.
_SECONDS_PER_PARTICLE = 1e-4


def slices_of_cells(cells: Cells) -> Iterator[tuple[int, int]]:
    """Cut the cells of a configuration into ranges: first cell and the one behind the last."""
    n_cells = len(cells.start) - 1
    return slices(n_cells, _SECONDS_PER_PARTICLE * max(1, len(cells.order)) / n_cells)


def slices_of_particles(
    n_particles: int, seconds_per_particle: float = _SECONDS_PER_PARTICLE
) -> Iterator[tuple[int, int]]:
    """Cut the particles of a configuration into ranges: the first and the one behind the last."""
    return slices(n_particles, seconds_per_particle)
