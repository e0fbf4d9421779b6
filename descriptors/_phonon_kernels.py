"""Regions around particles that are solved directly, for variances of harmonic vibrations.

Each particle has its own region, a hundred particles or so, whose small matrix stays in the cache
and goes through one Cholesky factorisation; `samples` are read once, one row for each coordinate.
"""

import numpy as np

from ..compiled.decorators import exact_kernel


@exact_kernel
def region_matrix(members, places, starts, columns, blocks):
    """Rows and columns of a matrix of blocks that belong to the members of a region.

    `places` is -1 everywhere, and is again afterwards.
    """
    dimensions = blocks.shape[1]
    matrix = np.zeros((len(members) * dimensions, len(members) * dimensions))
    for row, member in enumerate(members):
        places[member] = row
    for row, member in enumerate(members):
        for entry in range(starts[member], starts[member + 1]):
            column = places[columns[entry]]
            if column >= 0:
                for a in range(dimensions):
                    for b in range(dimensions):
                        matrix[row * dimensions + a, column * dimensions + b] = blocks[entry, a, b]
    for member in members:
        places[member] = -1
    return matrix


@exact_kernel
def last_columns_of_inverse(factor, n_columns):
    """Last columns of the inverse of a matrix, as rows, from its lower Cholesky factor."""
    size = len(factor)
    columns = np.zeros((n_columns, size))
    for k in range(n_columns):
        column = columns[k]
        for row in range(size - n_columns + k, size):
            total = 1.0 if row == size - n_columns + k else 0.0
            for other in range(size - n_columns + k, row):
                total -= factor[row, other] * column[other]
            column[row] = total / factor[row, row]
        for row in range(size - 1, -1, -1):
            column[row] /= factor[row, row]
            for other in range(row):
                column[other] -= factor[row, other] * column[row]
    return columns


@exact_kernel
def conditional_variances(first, stop, regions, stiffness, samples, forces, variances):
    """Variance of each particle in its region, plus that of its mean given what is outside.

    Particles run from ``first`` to before ``stop``. `regions` and `stiffness` are compressed rows
    (starts, columns) and (starts, columns, blocks); the last member of a region is the particle
    itself. `samples` and ``forces = H samples`` have the shape (N d, n_samples). Fails with a
    ValueError where a region is not stable.
    """
    region_starts, neighbors = regions
    starts, columns, blocks = stiffness
    dimensions = blocks.shape[1]
    n_particles = len(variances)
    places = np.full(n_particles, -1)
    for particle in range(first, stop):
        surroundings = neighbors[region_starts[particle] : region_starts[particle + 1]]
        members = np.append(surroundings, np.int32(particle))
        factor = np.linalg.cholesky(region_matrix(members, places, starts, columns, blocks))
        response = last_columns_of_inverse(factor, dimensions)
        total = 0.0
        for k in range(dimensions):
            own = dimensions * particle + k
            total += response[k, (len(members) - 1) * dimensions + k]
            mean = samples[own].copy()
            shift = 0.0
            for row, member in enumerate(members):
                shift += response[k, row * dimensions + k]
                for a in range(dimensions):
                    mean -= response[k, row * dimensions + a] * forces[dimensions * member + a]
            total += (mean * mean).mean() - 2.0 * shift / n_particles
        variances[particle] = total
