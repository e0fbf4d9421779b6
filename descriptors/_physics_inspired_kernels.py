"""Sums over neighbourhoods of several lengths.

With 4096 particles and eight lengths that makes 10^7 exponentials, so the neighbours of one
particle are first sorted by species into plain arrays of distances, energies and surfaces; the loop
that remains over each of them has no branch and no indirection. Energies come as deviations from
their mean, so that their variance may be found from sums of squares.
"""

import numpy as np

from ..compiled.decorators import kernel
from ..compiled.exponentials import exponential
from ..liquid.cell_kernels import candidate_buffers, gather
from ._gather_kernels import select


@kernel
def exponential_averages(cells, first_cell, stop_cell, energies, surfaces, lengths, out):
    """Fill ``out[i, b, f, n]`` for the features density, energy, surface and energy variance.

    The particles i are those in the cells from ``first_cell`` to before ``stop_cell``.
    ``energies`` and ``surfaces`` (N,) are those of the particles. The last b stands for all
    species. Without a particle of a species within the cutoff its features are 0.
    """
    n_species = out.shape[1] - 1
    candidates = candidate_buffers(cells)
    room = candidates.x.size + 1
    all_squared = np.empty(room)
    squared = np.empty(room)
    chosen = np.empty(room, np.int64)
    r, energy, surface = np.empty(room), np.empty(room), np.empty(room)
    sums = np.empty((lengths.size, 4))
    totals = np.empty((lengths.size, 4))
    for cell in range(first_cell, stop_cell):
        n_candidates = gather(cells, cell, candidates)
        for place in range(cells.start[cell], cells.start[cell + 1]):
            i = cells.order[place]
            n = select(cells, place, candidates, n_candidates, all_squared, squared, chosen)
            totals[:] = 0.0
            for b in range(n_species):
                r[0], energy[0], surface[0] = 0.0, energies[i], surfaces[i]
                count = int(cells.types[place] == b)
                for p in range(n):
                    other = candidates.place[chosen[p]]
                    j = cells.order[other]
                    r[count] = np.sqrt(squared[p])
                    energy[count] = energies[j]
                    surface[count] = surfaces[j]
                    count += cells.types[other] == b
                _weighted_sums(r[:count], energy[:count], surface[:count], lengths, sums)
                totals += sums
                _averages(sums, out[i, b])
            _averages(totals, out[i, n_species])


@kernel
def _weighted_sums(r, energy, surface, lengths, sums):
    """Fill ``sums[n]`` with those of w, w E, w P and w E^2."""
    for n in range(lengths.size):
        scale = -1.0 / lengths[n]
        density = 0.0
        energies = 0.0
        surfaces = 0.0
        squares = 0.0
        for p in range(r.size):
            weight = exponential(scale * r[p])
            density += weight
            energies += weight * energy[p]
            surfaces += weight * surface[p]
            squares += weight * energy[p] * energy[p]
        sums[n, 0], sums[n, 1], sums[n, 2], sums[n, 3] = density, energies, surfaces, squares


@kernel
def _averages(sums, out):
    """Turn sums into density, averages and variance."""
    for n in range(sums.shape[0]):
        density = sums[n, 0]
        out[:, n] = 0.0
        if density > 0.0:
            average = sums[n, 1] / density
            out[0, n] = density
            out[1, n] = average
            out[2, n] = sums[n, 2] / density
            out[3, n] = max(sums[n, 3] / density - average * average, 0.0)
