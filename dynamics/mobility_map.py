"""Coarse-grained maps of a mobility field, and the chords of their mobile regions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..liquid import Configuration
from ._fields import chosen_particles
from .correlation import pearson


@dataclass(frozen=True, eq=False)
class MobilityMap:
    """A field on a grid of points that fills the periodic box.

    Attributes
    ----------
    values : ndarray, shape (n_x, n_y[, n_z])
    steps : ndarray, shape (d,)
        Distance between neighbouring points along each lattice vector, in units of sigma_AA.

    Examples
    --------
    >>> import numpy as np
    >>> from vitreous.dynamics import MobilityMap
    >>> stripe = MobilityMap(np.array([[1, 1, 1], [0, 0, 0]]), steps=np.array([0.5, 0.5]))
    >>> stripe.chord_lengths(0.5)
    array([0.5, 0.5, 0.5, 1.5])
    """

    values: NDArray[np.float64]
    steps: NDArray[np.float64]

    def chord_lengths(self, threshold: float) -> NDArray[np.float64]:
        r"""Lengths of the chords of the regions where the field exceeds a threshold.

        Lines along the lattice vectors of the box are cut by these regions; each uninterrupted
        piece is a chord. The mean over all directions is 4 V / S for a region of volume V and
        surface S (in 2D :math:`\pi A / P`, with area and perimeter): ragged regions have shorter
        chords than compact ones of the same volume.

        Parameters
        ----------
        threshold : float

        Returns
        -------
        ndarray, shape (n_chords,), float64
            In units of sigma_AA, known to about `steps`. A line that lies inside all the way
            counts as one chord as long as the box: such chords show that the box is too small.

        References
        ----------
        S. Torquato and B. Lu, Phys. Rev. E 47, 2950 (1993).

        Examples
        --------
        >>> stripes = MobilityMap(np.array([[0, 1], [0, 1], [1, 1], [0, 0]]), np.array([0.5, 0.5]))
        >>> stripes.chord_lengths(0.5)
        array([0.5, 1.5, 0.5, 0.5, 1. ])
        """
        inside = self.values > threshold
        return np.concatenate(
            [_runs(np.moveaxis(inside, axis, -1)) * step for axis, step in enumerate(self.steps)]
        )

    def correlation(self, other: MobilityMap) -> float:
        """Pearson correlation with another map of the same grid, over its points.

        Maps of independent configurations have the correlation 0 on average.

        Parameters
        ----------
        other : MobilityMap

        Returns
        -------
        float
            NaN if a map is constant.

        Raises
        ------
        ValueError
            If the grids differ.

        Examples
        --------
        >>> stripes = MobilityMap(np.array([[0, 1], [0, 1]]), np.array([0.5, 0.5]))
        >>> checks = MobilityMap(np.array([[0, 1], [1, 0]]), np.array([0.5, 0.5]))
        >>> stripes.correlation(stripes), stripes.correlation(checks)
        (1.0, 0.0)
        """
        if self.values.shape != other.values.shape:
            raise ValueError(
                f"maps of {self.values.shape} and of {other.values.shape} points have no points "
                "in common; make them for boxes alike, with the same spacing"
            )
        return float(pearson(self.values.ravel(), other.values.ravel()))


def mobility_map(
    configuration: Configuration,
    field: ArrayLike,
    *,
    length: float = 1.0,
    spacing: float = 0.25,
    species: str | None = None,
) -> MobilityMap:
    r"""Average a field over the neighbourhood of every point of a grid.

    .. math::

        Q(x) = \frac{\sum_i Q_i \, e^{-|x - x_i|^2 / 2 \ell^2}}
        {\sum_i e^{-|x - x_i|^2 / 2 \ell^2}}.

    Without this average, regions would be ragged on the scale of single particles, which shortens
    their chords however large they are, and the noise of the labels would pierce them.

    Parameters
    ----------
    configuration : Configuration
    field : array_like, shape (N,)
        Measured or predicted.
    length : float
        Coarse-graining length, in units of sigma_AA; at least `spacing`.
    spacing : float
        Distance between points, in units of sigma_AA; rounded down so that a whole number fits
        into the box. Positions of particles are rounded to the grid.
    species : str, optional
        Only particles of this species enter. All by default.

    Returns
    -------
    MobilityMap

    Raises
    ------
    ValueError
        If there is not one finite value for each particle, no particle of the species, or a length
        is out of range.

    Examples
    --------
    >>> import numpy as np
    >>> from vitreous.dynamics import mobility_map
    >>> from vitreous.liquid import KobAndersen2D
    >>> liquid = KobAndersen2D().random_configuration(1290, random_state=0)
    >>> disk = np.linalg.norm(liquid.positions, axis=1) < 10
    >>> chords = mobility_map(liquid, disk).chord_lengths(0.5)
    >>> bool(abs(chords.mean() - np.pi / 2 * 10) < 1.5)
    True
    """
    values = np.asarray(field, dtype=np.float64)
    if values.shape != (configuration.n_particles,) or not np.isfinite(values).all():
        raise ValueError(
            f"a map needs one finite value for each of {configuration.n_particles} particles, not "
            f"an array of shape {values.shape} with {np.sum(~np.isfinite(values))} that are not"
        )
    configuration.box.require_periodic("a mobility map")
    edges = np.linalg.norm(configuration.box.matrix, axis=0)
    if not 0 < spacing <= min(length, edges.min()):
        raise ValueError(
            f"the spacing must lie between 0 and the length, {length:g}, and fit into the box; "
            f"it is {spacing:g}"
        )
    counts = np.ceil(edges / spacing).astype(np.int64)
    chosen = chosen_particles(configuration, species)
    fractions = configuration.box.fractional(configuration.positions[chosen])
    cells = tuple((np.rint(fractions * counts).astype(np.int64) % counts).T)
    sums, weights = np.zeros((2, *counts))
    np.add.at(sums, cells, values[chosen])
    np.add.at(weights, cells, 1.0)
    kernel = _gaussian_spectrum(configuration, counts, length)
    axes = tuple(range(configuration.dimensions))
    smooth = [
        np.fft.irfftn(np.fft.rfftn(grid) * kernel, s=counts, axes=axes) for grid in (sums, weights)
    ]
    # Far from all particles both sums vanish; the mean takes their place.
    floor = 1e-6 * smooth[1].max()
    mean = values[chosen].mean()
    averages = mean + (smooth[0] - mean * smooth[1]) / np.maximum(smooth[1], floor)
    return MobilityMap(averages, edges / counts)


def threshold_of_fraction(maps: Sequence[MobilityMap], fraction: float) -> float:
    """Level that is exceeded in a given fraction of the volume of all maps together.

    Measured and predicted fields, and fields at different temperatures, can be compared at the same
    mobile fraction although their values are spread differently.

    Parameters
    ----------
    maps : sequence of MobilityMap
    fraction : float
        Between 0 and 1.

    Returns
    -------
    float

    Examples
    --------
    >>> steps = np.array([1.0, 1.0])
    >>> threshold_of_fraction([MobilityMap(np.array([[1.0, 2.0], [3.0, 4.0]]), steps)], 0.5)
    2.5
    """
    if not 0 < fraction < 1:
        raise ValueError(f"the mobile fraction must lie between 0 and 1, not {fraction}")
    return float(np.quantile(np.concatenate([m.values.ravel() for m in maps]), 1 - fraction))


def _gaussian_spectrum(
    configuration: Configuration, counts: NDArray[np.int64], length: float
) -> NDArray[np.float64]:
    """Fourier transform of the Gaussian at the wave vectors of `numpy.fft.rfftn`."""
    indices = [np.fft.fftfreq(n, 1 / n) for n in counts[:-1]]
    indices.append(np.fft.rfftfreq(counts[-1], 1 / counts[-1]))
    grid = np.stack(np.meshgrid(*indices, indexing="ij"), axis=-1)
    waves = 2 * np.pi * grid @ np.linalg.inv(configuration.box.matrix)
    return np.exp(-0.5 * length**2 * (waves**2).sum(axis=-1))


def _runs(inside: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Lengths of the runs of True along the last axis, which is periodic."""
    lines = inside.reshape(-1, inside.shape[-1])
    full = lines.all(axis=1)
    n_points = lines.shape[1]
    mixed = lines[~full]
    # Turn each line so that it begins outside: no run then crosses its end.
    first = np.argmin(mixed, axis=1)
    turned = np.take_along_axis(mixed, (first[:, None] + np.arange(n_points)) % n_points, axis=1)
    padded = np.pad(turned, ((0, 0), (0, 1))).astype(np.int8).ravel()
    changes = np.diff(padded, prepend=0)
    starts, ends = np.flatnonzero(changes > 0), np.flatnonzero(changes < 0)
    return np.concatenate([ends - starts, np.full(full.sum(), n_points)])
