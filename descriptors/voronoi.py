"""Cells of the radical Voronoi tessellation."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..liquid import Configuration, cut_surroundings
from ..liquid.cells import cells, require_apart
from ._radii import particle_radii
from ._slices import slices_of_cells
from ._voronoi_kernels import voronoi_cells_2d, voronoi_cells_3d
from ._voronoi_search import CellSearch
from .base import Descriptor

# Particles that share the cell of a particle, on average, beyond which the liquid fills so little
# of its box that a cutoff from the mean density sees too many of them.
_MOST_CROWDED = 24


def radical_voronoi(
    configuration: Configuration, radii: ArrayLike | None = None
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    r"""Volumes and surfaces of the cells of the radical Voronoi tessellation.

    The cell of particle i holds the points x with

    .. math:: |x - x_i|^2 - R_i^2 \le |x - x_j|^2 - R_j^2 \quad \text{for all } j,

    periodic images included; with equal radii this is the Voronoi tessellation. Cells fill the box.
    In a box with open directions both are NaN for particles whose cells others beyond the border
    might cut, if these are no larger than the largest in it.

    Parameters
    ----------
    configuration : Configuration
        In a box of any shape.
    radii : array_like of float, shape (n_species,), optional
        The R of the species, in units of sigma_AA; by default half the particles' own diameters.

    Returns
    -------
    volumes : ndarray of float64, shape (N,)
        In 2D areas. Zero for a particle whose cell lies entirely in those of larger neighbours.
    surfaces : ndarray of float64, shape (N,)
        In 2D perimeters.

    Raises
    ------
    ValueError
        If there is not one finite, non-negative radius per species, or none is given and the
        particles have no diameters, or if two particles lie at one point.

    References
    ----------
    B. J. Gellatly, J. L. Finney, J. Non-Cryst. Solids 50, 313 (1982).

    Examples
    --------
    >>> from vitreous.descriptors import radical_voronoi
    >>> from vitreous.liquid import Box, Configuration
    >>> pair = Configuration([[-1, 0], [1, 0]], [0, 1], Box.cube(4.0, dimensions=2), ("A", "B"))
    >>> radical_voronoi(pair, radii=[0.5, 0.3])
    (array([8.32, 7.68]), array([12.16, 11.84]))
    """
    return cells_with_radii(configuration, particle_radii(configuration, radii))


def cells_with_radii(
    configuration: Configuration, radii: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Volumes and surfaces with a radius for each particle, shape (N,); see `radical_voronoi`."""
    volumes, surfaces, _ = counted_cells(configuration, radii, np.zeros(2), 0)
    return volumes, surfaces


def counted_cells(
    configuration: Configuration,
    radii: NDArray[np.float64],
    thresholds: NDArray[np.float64],
    n_counts: int,
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.int32]]:
    """Volumes, surfaces, and what is counted of the cells.

    Parameters
    ----------
    configuration : Configuration
    radii : ndarray, shape (N,)
    thresholds : ndarray, shape (2,)
        Length up to which an edge, and share of the surface up to which a face does not count.
    n_counts : int
        0 to count nothing; in 2D 1, for the number of sides; in 3D the number of places for the
        numbers of faces with 0, 1, ... edges, the last of which holds those with more as well.

    Returns
    -------
    volumes, surfaces : ndarray, shape (N,)
        NaN for cells that others beyond an open border might cut.
    counts : ndarray of int32, shape (N, n_counts)
        -1 for these.
    """
    n_particles = configuration.n_particles
    volumes, surfaces = np.empty(n_particles), np.empty(n_particles)
    counts = np.zeros((n_particles, n_counts), dtype=np.int32)
    complete = np.zeros(n_particles, dtype=bool)
    is_open = not configuration.box.is_periodic
    cutoff = 2.5 * configuration.density ** (-1 / configuration.dimensions)
    if 2 * cutoff <= configuration.box.padded(cutoff).plane_distances.min():
        neighborhood = cells(configuration, cutoff)
        if (np.diff(neighborhood.start) ** 2).sum() <= _MOST_CROWDED * n_particles or is_open:
            kernel = voronoi_cells_2d if configuration.dimensions == 2 else voronoi_cells_3d
            in_order = radii[neighborhood.order]
            for first, stop in slices_of_cells(neighborhood):
                kernel(
                    neighborhood,
                    first,
                    stop,
                    in_order,
                    thresholds,
                    volumes,
                    surfaces,
                    counts,
                    complete,
                )
    else:
        require_apart(configuration)
    if is_open:
        unknown = ~complete | cut_surroundings(configuration, cutoff)
        volumes[unknown] = surfaces[unknown] = np.nan
        counts[unknown] = -1
        return volumes, surfaces, counts
    left = np.flatnonzero(~complete)
    if left.size:
        search = CellSearch(configuration, radii, thresholds)
        (volumes[left], surfaces[left]), counts[left] = search.measure(left, n_counts)
    return volumes, surfaces, counts


class VoronoiDescriptor(Descriptor):
    """Volume and surface of each particle's cell in the radical Voronoi tessellation.

    In 2D, area and perimeter. See :func:`radical_voronoi` for the definition.

    Parameters
    ----------
    radii : array_like of float, shape (n_species,), optional
        Of the species, in units of sigma_AA; by default half the particles' own diameters.
    n_jobs : int, optional
        Number of configurations described at the same time, by threads.
    dtype : {"float32", "float64"}
        Of the features.

    Raises
    ------
    ValueError
        In ``transform``, if there is not one finite, non-negative radius per species, or none is
        given and the particles have no diameters.

    Examples
    --------
    >>> from vitreous.descriptors import VoronoiDescriptor
    >>> from vitreous.liquid import KobAndersen
    >>> configuration = KobAndersen().random_configuration(200, random_state=1)
    >>> voronoi = VoronoiDescriptor(radii=[0.5, 0.44]).fit([configuration])
    >>> voronoi.get_feature_names_out().tolist()
    ['voronoi-volume', 'voronoi-surface']
    >>> volumes = voronoi.transform([configuration])[:, 0]
    >>> bool(abs(volumes.sum() / configuration.box.volume - 1) < 1e-5)
    True
    """

    open_boxes = True

    def __init__(
        self,
        radii: ArrayLike | None = None,
        n_jobs: int | None = None,
        dtype: str = "float32",
    ) -> None:
        self.radii = radii
        self.n_jobs = n_jobs
        self.dtype = dtype

    def describe(self, configuration: Configuration) -> NDArray[np.float64]:
        """Describe one configuration; see :meth:`transform`."""
        return np.stack(radical_voronoi(configuration, self.radii), axis=1)

    def feature_names(self) -> list[str]:
        """Name the columns; see :meth:`get_feature_names_out`."""
        if self.dimensions_ == 2:
            return ["voronoi-area", "voronoi-perimeter"]
        return ["voronoi-volume", "voronoi-surface"]
