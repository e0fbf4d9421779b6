"""Clusters of mobile particles: their sizes and how they fill space."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import stats

from ..liquid import Configuration


@dataclass(frozen=True, eq=False)
class MobileClusters:
    """Clusters of mobile particles, of one configuration or of several together.

    Attributes
    ----------
    sizes : ndarray of int, shape (n_clusters,)
        Number of particles of each cluster.
    gyration_radii : ndarray, shape (n_clusters,)
        Root mean square distance of its particles from their centre, in units of sigma_AA.

    Examples
    --------
    >>> import numpy as np
    >>> from vitreous.dynamics import mobile_clusters
    >>> from vitreous.liquid import Box, Configuration
    >>> positions = [[0, 0], [1, 0], [2, 0], [6, 6]]
    >>> liquid = Configuration(positions, [0, 0, 0, 0], Box.cube(20, 2), ("A",))
    >>> clusters = mobile_clusters(liquid, np.full(4, True))
    >>> clusters.mean_size, clusters.gyration_radii.round(3)
    (2.5, array([0.816, 0.   ]))
    """

    sizes: NDArray[np.int64]
    gyration_radii: NDArray[np.float64]

    @property
    def mean_size(self) -> float:
        """Mean size of the cluster that a mobile particle belongs to: <s^2> / <s>."""
        return float((self.sizes**2).sum() / self.sizes.sum()) if len(self.sizes) else np.nan

    def fractal_dimension(self, smallest: int = 5) -> tuple[float, float]:
        """Exponent d_f of ``s ~ R_g^d_f`` and its standard error.

        Least squares of ln s against ln R_g over the clusters of at least `smallest` particles,
        each counted once. Clusters as large as the box are cut off by it and flatten the curve.

        Raises
        ------
        ValueError
            If there are fewer than three such clusters.
        """
        large = self.sizes >= smallest
        if large.sum() < 3:
            raise ValueError(
                f"{large.sum()} clusters of {smallest} or more particles are too few for a slope; "
                "take more configurations or a smaller limit"
            )
        # Sizes are exact, radii scatter: regress the radii and invert the slope.
        line = stats.linregress(np.log(self.sizes[large]), np.log(self.gyration_radii[large]))
        return float(1 / line.slope), float(line.stderr / line.slope**2)

    @classmethod
    def together(cls, parts: Sequence[MobileClusters]) -> MobileClusters:
        """Collect the clusters of several configurations."""
        return cls(
            np.concatenate([part.sizes for part in parts]),
            np.concatenate([part.gyration_radii for part in parts]),
        )


def mobile_clusters(
    configuration: Configuration, mobile: ArrayLike, *, distance: float = 1.4
) -> MobileClusters:
    """Find the clusters of mobile particles.

    Mobile particles closer than `distance` belong to the same cluster. freud finds clusters and
    their radii.

    Parameters
    ----------
    configuration : Configuration
    mobile : array_like of bool, shape (N,)
    distance : float
        In units of sigma_AA; about the first minimum of g(r).

    Returns
    -------
    MobileClusters
        Largest first. A cluster that spans the periodic box has no meaningful radius.

    Raises
    ------
    ValueError
        If there is not one truth value for each particle.

    Examples
    --------
    >>> import numpy as np
    >>> from vitreous.dynamics import mobile_clusters
    >>> from vitreous.liquid import Box, Configuration
    >>> positions = [[0, 0], [1, 0], [2, 0], [6, 6]]
    >>> liquid = Configuration(positions, [0, 0, 0, 0], Box.cube(20, 2), ("A",))
    >>> mobile_clusters(liquid, np.array([True, True, True, True])).sizes
    array([3, 1])
    """
    import freud

    mobile = np.asarray(mobile)
    if mobile.shape != (configuration.n_particles,) or mobile.dtype != bool:
        raise ValueError(
            f"mobile must hold one truth value for each of {configuration.n_particles} particles, "
            f"not {mobile.dtype} of shape {mobile.shape}"
        )
    if not mobile.any():
        return MobileClusters(np.empty(0, dtype=np.int64), np.empty(0))
    box, positions = configuration.to_freud()
    system = (box, positions[mobile])
    found = freud.cluster.Cluster().compute(system, neighbors={"r_max": distance})
    properties = freud.cluster.ClusterProperties().compute(system, found.cluster_idx)
    return MobileClusters(
        np.asarray(properties.sizes, dtype=np.int64),
        np.asarray(properties.radii_of_gyration, dtype=np.float64),
    )
