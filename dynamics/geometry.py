"""Geometry of the mobile regions of a field: how long their chords are, how their clusters grow."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..liquid import Configuration
from ._fields import chosen_particles
from .clusters import MobileClusters, mobile_clusters
from .estimate import Estimate
from .mobility_map import mobility_map, threshold_of_fraction


@dataclass(frozen=True, eq=False)
class MobileGeometry:
    """Shape of the mobile regions of a field; see `measure_geometry`.

    Attributes
    ----------
    chord_length : Estimate
        Mean chord of the regions of the coarse-grained map, in units of sigma_AA.
    chords : ndarray, shape (n_chords,)
        All of them.
    fractal_dimension : Estimate
        Exponent of size against radius of gyration of clusters of mobile particles; NaN where fewer
        than three clusters have five particles.

    Examples
    --------
    >>> import numpy as np
    >>> from vitreous.dynamics import measure_geometry
    >>> from vitreous.liquid import KobAndersen2D
    >>> liquids = [KobAndersen2D().random_configuration(430, seed) for seed in range(4)]
    >>> stripes = [np.cos(2 * np.pi * c.positions[:, 0] / c.box.lengths[0]) for c in liquids]
    >>> found = measure_geometry(liquids, stripes, mobile_fraction=0.5)
    >>> bool(found.chord_length.value < liquids[0].box.lengths[0])
    True
    """

    chord_length: Estimate
    chords: NDArray[np.float64]
    fractal_dimension: Estimate


def measure_geometry(
    configurations: Sequence[Configuration],
    fields: Sequence[ArrayLike],
    *,
    species: str | None = None,
    mobile_fraction: float = 0.2,
) -> MobileGeometry:
    """Measure chords of the mobile regions and the fractal dimension of the mobile clusters.

    Parameters
    ----------
    configurations : sequence of Configuration
    fields : sequence of array_like, shape (N,) or (n_draws, N)
        Mobility of every particle, or several fields on the same positions.
    species : str, optional
        Only particles of this species. All by default.
    mobile_fraction : float
        Share of the volume of the coarse-grained maps (`mobility_map`), and of the particles, that
        counts as mobile, over all configurations and draws together.

    Returns
    -------
    MobileGeometry
        Errors are those of the jackknife over configurations, with all their draws.

    Raises
    ------
    ValueError
        If fields do not fit the configurations.

    Examples
    --------
    Half the volume in stripes half a box wide:

    >>> import numpy as np
    >>> from vitreous.dynamics import measure_geometry
    >>> from vitreous.liquid import KobAndersen2D
    >>> liquids = [KobAndersen2D().random_configuration(430, seed) for seed in range(4)]
    >>> stripes = [np.cos(2 * np.pi * c.positions[:, 0] / c.box.lengths[0]) for c in liquids]
    >>> found = measure_geometry(liquids, stripes, mobile_fraction=0.5)
    >>> across = found.chords[found.chords < 0.9 * liquids[0].box.lengths[0]]
    >>> round(float(across.mean() / liquids[0].box.lengths[0]), 1)
    0.5
    """
    n = len(configurations)
    draws = [np.atleast_2d(np.asarray(field, dtype=np.float64)) for field in fields]
    maps = [
        [mobility_map(configuration, values, species=species) for values in each]
        for configuration, each in zip(configurations, draws, strict=True)
    ]
    level = threshold_of_fraction([single for each in maps for single in each], mobile_fraction)
    chords = [np.concatenate([m.chord_lengths(level) for m in each]) for each in maps]
    sums = np.array([[c.sum(), len(c)] for c in chords])

    chosen_of = [chosen_particles(configuration, species) for configuration in configurations]
    everyone = [each[:, of_it].ravel() for each, of_it in zip(draws, chosen_of, strict=True)]
    limit = np.quantile(np.concatenate(everyone), 1 - mobile_fraction)
    clusters = [
        MobileClusters.together(
            [mobile_clusters(configuration, of_it & (values > limit)) for values in each]
        )
        for configuration, each, of_it in zip(configurations, draws, chosen_of, strict=True)
    ]
    return MobileGeometry(
        Estimate.jackknife(lambda chosen: np.divide(*sums[chosen].sum(axis=0)), n),
        np.concatenate(chords),
        Estimate.jackknife(lambda chosen: _dimension([clusters[k] for k in chosen]), n),
    )


def _dimension(parts: Sequence[MobileClusters]) -> float:
    """Fractal dimension, or NaN where clusters are too few or all of one size."""
    try:
        return MobileClusters.together(parts).fractal_dimension()[0]
    except ValueError:
        return np.nan
