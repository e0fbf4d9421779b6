"""Sums of the angular structure functions over pairs of neighbours.

With r_jk^2 = r_ij^2 + r_ik^2 - 2 r_ij r_ik cos(theta) each pair costs one exponential per length,
whatever the number of angular terms, and needs no third distance. For one neighbour j all partners
k of one species stand side by side, so that every step is a plain loop that the compiler can
vectorise; whole powers come from repeated squaring of the whole row.
"""

import numpy as np

from ..compiled.decorators import kernel
from ..compiled.exponentials import exponential
from ..liquid.cell_kernels import candidate_buffers, gather
from ._gather_kernels import select


@kernel
def angular_sums(cells, first_cell, stop_cell, lengths, groups, signs, powers, out):
    """Fill ``out[i, pair of species, term]`` with sums over unordered pairs of neighbours.

    The particles i are those in the cells from ``first_cell`` to before ``stop_cell``.
    ``lengths`` (n_lengths,) are the xi; term t has the length ``groups[t]``, lambda ``signs[t]``
    and zeta ``powers[t]``. Pairs of species run as (0, 0), (0, 1), ..., (1, 1), ...
    """
    n_species = 0
    while n_species * (n_species + 1) // 2 < out.shape[1]:
        n_species += 1
    candidates = candidate_buffers(cells)
    room = candidates.x.size
    all_squared = np.empty(room)
    squared = np.empty(room)
    chosen = np.empty(room, np.int64)
    x, y, z, r_squared = np.empty(room), np.empty(room), np.empty(room), np.empty(room)
    first = np.empty(n_species + 1, np.int64)
    product, total = np.empty(room), np.empty(room)
    gaussian, base, raised = np.empty(room), np.empty(room), np.empty(room)
    for cell in range(first_cell, stop_cell):
        n_candidates = gather(cells, cell, candidates)
        for place in range(cells.start[cell], cells.start[cell + 1]):
            n = select(cells, place, candidates, n_candidates, all_squared, squared, chosen)
            count = 0
            for b in range(n_species):
                first[b] = count
                for p in range(n):
                    c = chosen[p]
                    if cells.types[candidates.place[c]] == b:
                        x[count] = candidates.x[c] - cells.positions[0, place]
                        y[count] = candidates.y[c] - cells.positions[1, place]
                        z[count] = candidates.z[c] - cells.positions[2, place]
                        r_squared[count] = squared[p]
                        count += 1
            first[n_species] = count

            sums = out[cells.order[place]]
            sums[:] = 0.0
            pair = 0
            for b in range(n_species):
                for c in range(b, n_species):
                    for p in range(first[b], first[b + 1]):
                        begin = p + 1 if b == c else first[c]
                        m = first[c + 1] - begin
                        if m <= 0:
                            continue
                        for q in range(m):
                            k = begin + q
                            product[q] = x[p] * x[k] + y[p] * y[k] + z[p] * z[k]
                            total[q] = 2.0 * (r_squared[p] + r_squared[k] - product[q])
                        for q in range(m):
                            product[q] /= np.sqrt(r_squared[p] * r_squared[begin + q])
                        group = -1
                        for term in range(groups.size):
                            if groups[term] != group:
                                group = groups[term]
                                scale = -1.0 / lengths[group] ** 2
                                for q in range(m):
                                    gaussian[q] = exponential(scale * total[q])
                            for q in range(m):
                                base[q] = max(1.0 + signs[term] * product[q], 0.0)
                            _raise(base, powers[term], raised, m)
                            for q in range(m):
                                sums[pair, term] += gaussian[q] * raised[q]
                    pair += 1


@kernel
def _raise(base, power, raised, m):
    """Fill ``raised`` with base^power; squares ``base`` on the way."""
    for q in range(m):
        raised[q] = 1.0
    while True:
        if power % 2 == 1:
            for q in range(m):
                raised[q] *= base[q]
        power //= 2
        if power == 0:
            return
        for q in range(m):
            base[q] *= base[q]
