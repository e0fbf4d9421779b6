"""Correlation G4(r) of a mobility field in space."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..liquid import Configuration, neighbor_list
from ._fields import fluctuations
from .estimate import Estimate


@dataclass(frozen=True, eq=False)
class SpatialCorrelation:
    """G4(r) of several configurations.

    Attributes
    ----------
    distances : ndarray, shape (K,)
        Centres of the intervals of r, in units of sigma_AA.
    n_pairs : ndarray of int, shape (n_configurations, K)
    sums : ndarray, shape (n_configurations, K)
        Sum of the products over the pairs of each interval.
    variances : ndarray, shape (n_configurations,)
        Mean square fluctuation in each configuration.

    Examples
    --------
    >>> import numpy as np
    >>> from vitreous.dynamics import SpatialCorrelation
    >>> n_pairs, sums = np.full((2, 3), 10), np.array([[8.0, 4.0, 0.0], [8.0, 4.0, 0.0]])
    >>> correlation = SpatialCorrelation(np.array([0.5, 1.5, 2.5]), n_pairs, sums, np.ones(2))
    >>> correlation.mean.value
    array([0.8, 0.4, 0. ])
    >>> round(float(correlation.decay_length(level=0.6).value), 6)
    1.0
    """

    distances: NDArray[np.float64]
    n_pairs: NDArray[np.int64]
    sums: NDArray[np.float64]
    variances: NDArray[np.float64]

    @property
    def mean(self) -> Estimate:
        """G4 over all configurations, with its error; NaN where there are no pairs."""
        return Estimate.jackknife(self._ratio, len(self.sums))

    def decay_length(self, level: float = np.exp(-1)) -> Estimate:
        """Distance at which G4 first falls to a level, interpolated linearly, with its error.

        This length needs no fit, and hence far fewer configurations than xi4. It is NaN where G4
        does not fall to the level within the distances, or begins below it.
        """

        def distance(chosen: NDArray[np.intp]) -> float:
            values = self._ratio(chosen)
            r, values = self.distances[np.isfinite(values)], values[np.isfinite(values)]
            below = np.flatnonzero(values <= level)
            if not below.size or below[0] == 0:
                return np.nan
            last = below[0]
            fraction = (values[last - 1] - level) / (values[last - 1] - values[last])
            return float(r[last - 1] + fraction * (r[last] - r[last - 1]))

        return Estimate.jackknife(distance, len(self.sums))

    def _ratio(self, chosen: NDArray[np.intp]) -> NDArray[np.float64]:
        pairs = self.n_pairs[chosen].sum(axis=0)
        products = self.sums[chosen].sum(axis=0) / np.where(pairs > 0, pairs, np.nan)
        return products / self.variances[chosen].mean()


def spatial_correlation(
    configurations: Sequence[Configuration],
    fields: Sequence[ArrayLike],
    *,
    others: Sequence[ArrayLike] | None = None,
    species: str | None = None,
    longest_distance: float | None = None,
    width: float = 0.25,
) -> SpatialCorrelation:
    r"""Correlation between the mobilities of particles at a distance r from each other.

    .. math::

        G_4(r) = \frac{\langle \delta Q_i \, \delta Q_j \rangle_{r_{ij} = r}}
        {\langle \delta Q_i^2 \rangle}, \qquad \delta Q_i = Q_i - \langle Q \rangle,

    averaged over the pairs i != j whose distance lies in an interval around r; it is 1 for
    particles that move alike and 0 for independent ones. The density of pairs drops out, so that
    the shells of g(r) do not show.

    Parameters
    ----------
    configurations : sequence of Configuration
    fields : sequence of array_like, shape (N,)
        Q of every particle, measured or predicted, one array for each configuration.
    others : sequence of array_like, shape (N,), optional
        A second, independent measurement, as in `four_point_structure_factor`: noise then drops
        out of the denominator, and G4 starts near 1 at short distances.
    species : str, optional
        Only particles of this species. All by default.
    longest_distance : float, optional
        Half the smallest box by default, which is the longest possible.
    width : float
        Of the intervals, in units of sigma_AA.

    Returns
    -------
    SpatialCorrelation

    Raises
    ------
    ValueError
        If fields do not fit the configurations, the width is not positive or the distance exceeds
        half the box.

    Examples
    --------
    >>> import numpy as np
    >>> from vitreous.dynamics import spatial_correlation
    >>> from vitreous.liquid import KobAndersen2D
    >>> liquid = KobAndersen2D().random_configuration(430, random_state=0)
    >>> wave = np.cos(2 * np.pi * liquid.positions[:, 0] / liquid.box.lengths[0])
    >>> correlation = spatial_correlation([liquid], [wave], width=1.0)
    >>> bool(correlation.mean.value[0] > 0.95 and correlation.mean.value[-1] < 0)
    True
    """
    deviations = fluctuations(configurations, fields, others, species)
    if longest_distance is None:
        longest_distance = min(item.box.plane_distances.min() for item in deviations) / 2
    if not 0 < width <= longest_distance:
        raise ValueError(
            f"the width of the intervals must lie between 0 and {longest_distance:.3g}, not {width}"
        )
    edges = np.arange(0.0, longest_distance + 1e-9, width)
    n_pairs, sums, variances = [], [], []
    for item in deviations:
        particles = np.zeros(len(item.positions), dtype=np.int32)
        liquid = Configuration(item.positions, particles, item.box, ("",))
        neighbors = neighbor_list(liquid, edges[-1])
        intervals = np.minimum((neighbors.distances / width).astype(np.int64), len(edges) - 2)
        products = item.first[neighbors.rows] * item.second[neighbors.indices]
        n_pairs.append(np.bincount(intervals, minlength=len(edges) - 1))
        sums.append(np.bincount(intervals, products, minlength=len(edges) - 1))
        variances.append(np.mean(item.first * item.second))
    return SpatialCorrelation(
        (edges[1:] + edges[:-1]) / 2, np.array(n_pairs), np.array(sums), np.array(variances)
    )
