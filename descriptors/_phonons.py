"""Variances of the positions of particles that vibrate harmonically about a minimum."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.linalg import LinAlgError, eigh_tridiagonal, lapack

from ..liquid import Configuration, neighbor_list
from ._phonon_kernels import conditional_variances
from ._slices import slices_of_particles

# Particles in the region around each particle that is treated exactly.
_REGION_SIZE = 100.0

# Vectors that are multiplied at once, and their coordinates, which the Lanczos process keeps for
# every step; relative accuracy of products with H^-1/2, and number of steps between looks at it.
_BATCH = 10
_BATCH_COORDINATES = 1_000_000
_TOLERANCE = 1e-2
_CHECK_EVERY = 20
_MOST_STEPS = 5000

# More than the exact treatment of a region takes.
_SECONDS_PER_REGION = 1e-2


def exact_variances(stiffness: sparse.bsr_array) -> NDArray[np.float64]:
    """Traces of the diagonal blocks of the pseudo-inverse, translations left out.

    Raises
    ------
    LinAlgError
        If the matrix has other eigenvalues that are not positive.
    """
    dimensions = stiffness.blocksize[0]
    size = stiffness.shape[0]
    scale = stiffness.diagonal().mean()
    matrix = stiffness.toarray(order="F")
    for k in range(dimensions):
        matrix[k::dimensions, k::dimensions] += scale * dimensions / size
    factor, info = lapack.dpotrf(matrix, lower=1, overwrite_a=1, clean=0)
    if info != 0:
        raise LinAlgError(f"the leading minor of order {info} is not positive")
    inverse, _ = lapack.dpotri(factor, lower=1, overwrite_c=1)
    traces = np.diag(inverse).reshape(-1, dimensions).sum(axis=1)
    return traces - dimensions**2 / (scale * size)


def sampled_variances(
    stiffness: sparse.bsr_array,
    configuration: Configuration,
    n_samples: int,
    generator: np.random.Generator,
) -> NDArray[np.float64]:
    """Estimate the same from random displacements of the whole and exact solutions nearby.

    Raises
    ------
    LinAlgError
        If an eigenvalue, other than those of translations, turns out not to be positive.
    """
    dimensions = configuration.dimensions
    size = stiffness.shape[0]
    displacements = np.empty((size, n_samples))
    width = min(_BATCH, max(1, _BATCH_COORDINATES // size))
    for first in range(0, n_samples, width):
        batch = displacements[:, first : first + width]
        batch[:] = thermal_displacements(stiffness, batch.shape[1], generator)
    sphere = np.pi if dimensions == 2 else 4 / 3 * np.pi
    radius = (_REGION_SIZE / (configuration.density * sphere)) ** (1 / dimensions)
    neighbors = neighbor_list(configuration, radius)
    forces = stiffness @ displacements
    variances = np.empty(configuration.n_particles)
    try:
        for first, stop in slices_of_particles(len(variances), _SECONDS_PER_REGION):
            conditional_variances(
                first,
                stop,
                (neighbors.indptr, neighbors.indices),
                (stiffness.indptr, stiffness.indices, stiffness.data),
                displacements,
                forces,
                variances,
            )
    except ValueError as error:
        raise LinAlgError("a region is not stable") from error
    return variances


def thermal_displacements(
    stiffness: sparse.bsr_array, n_samples: int, generator: np.random.Generator
) -> NDArray[np.float64]:
    """Draw columns with the covariance H^-1, centre of mass at rest, by the Lanczos process."""
    size, dimensions = stiffness.shape[0], stiffness.blocksize[0]
    if stiffness.diagonal().min() <= 0:
        raise LinAlgError(f"there is a spring constant of {stiffness.diagonal().min():g}")
    scale = 1 / np.sqrt(stiffness.diagonal())
    scaling = sparse.dia_array((scale[None], [0]), shape=stiffness.shape)
    matrix = (scaling @ stiffness @ scaling).tocsr()
    translations = np.tile(np.eye(dimensions), (size // dimensions, 1)) / scale[:, None]
    translations /= np.linalg.norm(translations, axis=0)

    def without_translations(vectors):
        return vectors - translations @ (translations.T @ vectors)

    vectors = without_translations(generator.standard_normal((size, n_samples)))
    lengths = np.linalg.norm(vectors, axis=0)
    basis = [vectors / lengths]
    diagonal: list[NDArray[np.float64]] = []
    off_diagonal: list[NDArray[np.float64]] = []
    weights = np.zeros((n_samples, 0))
    while len(basis) <= _MOST_STEPS:
        vectors = without_translations(matrix @ basis[-1])
        diagonal.append((vectors * basis[-1]).sum(axis=0))
        vectors -= diagonal[-1] * basis[-1]
        if off_diagonal:
            vectors -= off_diagonal[-1] * basis[-2]
        if len(basis) % _CHECK_EVERY == 0:
            previous = np.pad(weights, ((0, 0), (0, _CHECK_EVERY)))
            weights = _inverse_square_roots(np.array(diagonal), np.array(off_diagonal))
            change = np.linalg.norm(weights - previous, axis=1)
            if (change < _TOLERANCE * np.linalg.norm(weights, axis=1)).all():
                break
        off_diagonal.append(np.linalg.norm(vectors, axis=0))
        basis.append(vectors / off_diagonal[-1])
    else:
        raise LinAlgError(f"no convergence in {_MOST_STEPS} steps")
    result = sum(vectors * weight for vectors, weight in zip(basis, weights.T, strict=True))
    result = result * lengths * scale[:, None]
    by_axis = result.reshape(-1, dimensions, n_samples)
    return (by_axis - by_axis.mean(axis=0)).reshape(size, n_samples)


def _inverse_square_roots(
    diagonals: NDArray[np.float64], off_diagonals: NDArray[np.float64]
) -> NDArray[np.float64]:
    """First columns of the inverse square roots of tridiagonal matrices, one row for each."""
    rows = []
    for diagonal, off_diagonal in zip(diagonals.T, off_diagonals.T, strict=True):
        values, vectors = eigh_tridiagonal(diagonal, off_diagonal)
        if values[0] <= 0:
            raise LinAlgError(f"there is an eigenvalue of {values[0]:g}")
        rows.append(vectors @ (vectors[0] / np.sqrt(values)))
    return np.array(rows)
