"""Maps of a per-particle quantity in a two-dimensional liquid."""

from __future__ import annotations

from typing import Literal

import numpy as np
from matplotlib import colormaps
from matplotlib.axes import Axes
from matplotlib.collections import EllipseCollection
from numpy.typing import ArrayLike

from ..liquid import Configuration, System


def particle_map(
    system: System,
    configuration: Configuration,
    values: ArrayLike,
    ax: Axes,
    *,
    limits: tuple[float, float] | None = None,
    cmap: str = "viridis",
) -> EllipseCollection:
    """Draw every particle as a disk of its diameter, coloured by a value.

    Parameters
    ----------
    system : System
        Two-dimensional; gives the diameters sigma_aa.
    configuration : Configuration
    values : array_like, shape (N,)
        Particles without a value (NaN) are grey.
    ax : Axes
        Drawn upon.
    limits : (float, float), optional
        Ends of the colour scale; by default the 2nd and 98th percentile of the values.
    cmap : str

    Returns
    -------
    EllipseCollection
        What ``Figure.colorbar`` takes; arrows show at which ends of the scale values lie beyond.

    Raises
    ------
    ValueError
        If the configuration is not two-dimensional, there is not one value per particle, or all
        values are NaN.

    Examples
    --------
    >>> from vitreous.liquid import KobAndersen2D
    >>> from vitreous.plots import figure, particle_map
    >>> system = KobAndersen2D()
    >>> liquid = system.random_configuration(43, 0)
    >>> made, axes = figure(3.4, 3.0)
    >>> disks = particle_map(system, liquid, range(43), axes[0, 0], limits=(0, 42))
    >>> _ = made.colorbar(disks, ax=axes[0, 0])
    >>> len(disks.get_offsets()), disks.get_clim()
    (43, (0.0, 42.0))
    """
    values = np.asarray(values, dtype=np.float64)
    if configuration.dimensions != 2:
        raise ValueError(f"a map needs a 2D configuration, not {configuration.dimensions}D")
    if values.shape != (configuration.n_particles,):
        raise ValueError(f"{configuration.n_particles} particles, values of {values.shape}")
    if np.isnan(values).all():
        raise ValueError("there is nothing to map: no particle has a value")
    particles = np.arange(configuration.n_particles)
    diameters = system.pair_diameters(configuration, particles, particles)
    disks = EllipseCollection(
        diameters,
        diameters,
        np.zeros_like(diameters),
        units="xy",
        offsets=configuration.positions,
        offset_transform=ax.transData,
        array=values,
        linewidths=0,
    )
    low, high = np.nanpercentile(values, [2, 98]) if limits is None else limits
    disks.set_clim(low, high)
    colors = colormaps[cmap].with_extremes(bad="0.85")
    colors.colorbar_extend = clipping(values, (low, high))  # type: ignore[assignment]
    disks.set_cmap(colors)
    ax.add_collection(disks)
    half = np.asarray(configuration.box.lengths) / 2
    ax.set(xlim=(-half[0], half[0]), ylim=(-half[1], half[1]), aspect="equal", xticks=[], yticks=[])
    return disks


def clipping(
    values: ArrayLike, limits: tuple[float, float]
) -> Literal["neither", "min", "max", "both"]:
    """Say at which ends of a colour scale values lie beyond, as ``Figure.colorbar`` takes it."""
    below, above = np.nanmin(values) < limits[0], np.nanmax(values) > limits[1]
    if below and above:
        return "both"
    return "min" if below else "max" if above else "neither"
