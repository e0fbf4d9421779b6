"""Cells of the radical Voronoi tessellation."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..liquid import Box, Configuration
from ..liquid.cells import cells
from ._radii import particle_radii
from ._slices import slices_of_cells
from ._voronoi_kernels import voronoi_cells_2d, voronoi_cells_3d
from .base import Descriptor


def radical_voronoi(
    configuration: Configuration, radii: ArrayLike | None = None
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    r"""Volumes and surfaces of the cells of the radical Voronoi tessellation.

    The cell of particle i holds the points x with

    .. math:: |x - x_i|^2 - R_i^2 \le |x - x_j|^2 - R_j^2 \quad \text{for all } j,

    periodic images included; with equal radii this is the Voronoi tessellation. Cells fill the box.

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
        particles have no diameters.

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
    kernel = voronoi_cells_2d if configuration.dimensions == 2 else voronoi_cells_3d
    cutoff = 2.5 * configuration.density ** (-1 / configuration.dimensions)
    while True:
        repeated = _repeated(configuration, cutoff)
        neighborhood = cells(repeated, cutoff)
        in_order = radii[neighborhood.order % configuration.n_particles]
        volumes, surfaces = np.empty(repeated.n_particles), np.empty(repeated.n_particles)
        if all(
            kernel(neighborhood, first, stop, in_order, volumes, surfaces)
            for first, stop in slices_of_cells(neighborhood)
        ):
            return volumes[: configuration.n_particles], surfaces[: configuration.n_particles]
        cutoff *= 1.4


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

    def __init__(self, radii: ArrayLike, n_jobs: int | None = None, dtype: str = "float32") -> None:
        self.radii = radii
        self.n_jobs = n_jobs
        self.dtype = dtype

    def describe(self, configuration: Configuration) -> NDArray[np.float64]:
        """Describe one configuration; see :meth:`transform`."""
        return np.stack(radical_voronoi(configuration, self.radii), axis=1)

    def _feature_names(self) -> list[str]:
        if self.dimensions_ == 2:
            return ["voronoi-area", "voronoi-perimeter"]
        return ["voronoi-volume", "voronoi-surface"]


def _repeated(configuration: Configuration, cutoff: float) -> Configuration:
    """Repeat a small configuration until twice the cutoff fits into its box."""
    box = configuration.box
    times = int(np.ceil(2 * cutoff / box.plane_distances.min()))
    if times == 1:
        return configuration
    images = np.stack(np.meshgrid(*[np.arange(times)] * box.dimensions), axis=-1)
    shifts = images.reshape(-1, 1, box.dimensions) @ box.matrix.T
    return Configuration.wrapped(
        (configuration.positions + shifts).reshape(-1, box.dimensions),
        np.tile(configuration.types, len(shifts)),
        Box(tuple(times * length for length in box.lengths), box.tilts),
        configuration.species,
    )
