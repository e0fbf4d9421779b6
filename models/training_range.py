"""How far a configuration lies from those a model was trained on."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import stats

Columns = Mapping[str, tuple[int, NDArray[np.float64], NDArray[np.float64]]]
"""For each species of one configuration: number of particles, means and variances of columns."""


class ExtrapolationWarning(UserWarning):
    """A model is asked about configurations unlike those it was trained on.

    Examples
    --------
    >>> import warnings
    >>> from vitreous.datasets import load_ka2d
    >>> from vitreous.descriptors import RadialDescriptor
    >>> from vitreous.liquid import KobAndersen2D
    >>> from vitreous.models import ExtrapolationWarning, GroupedRidge, PropensityRegressor
    >>> liquids = load_ka2d().configurations[:5]
    >>> labels = [liquid.positions[:, 0] for liquid in liquids]
    >>> model = PropensityRegressor(RadialDescriptor(), GroupedRidge()).fit(liquids, labels)
    >>> with warnings.catch_warnings():  # doctest: +ELLIPSIS
    ...     warnings.simplefilter("error", ExtrapolationWarning)
    ...     _ = model.predict([KobAndersen2D().random_configuration(1290, 0)])
    Traceback (most recent call last):
        ...
    vitreous.models.ExtrapolationWarning: 1 of 1 configurations lie outside the training range ...
    """


def warn_outside(distances: NDArray[np.float64], stacklevel: int) -> None:
    """Warn if relative distances are above 1, and name likely causes."""
    outside = np.flatnonzero(distances > 1)
    if outside.size:
        first = outside[0]
        warnings.warn(
            f"{outside.size} of {len(distances)} configurations lie outside the training range "
            f"(number {first} at {distances[first]:.2g} times its limit): predictions for them are "
            "extrapolations; were thermal positions given to a model of inherent structures, or "
            "another temperature or density?",
            ExtrapolationWarning,
            stacklevel=stacklevel,
        )


def column_statistics(features: NDArray[np.floating]) -> tuple[int, NDArray, NDArray]:
    """Count the rows and average each column, with its variance, in float64."""
    return (
        len(features),
        features.mean(axis=0, dtype=np.float64),
        features.var(axis=0, dtype=np.float64),
    )


@dataclass(frozen=True, eq=False)
class TrainingRange:
    """The mean structure of the training configurations and how much it varied among them.

    The distance of a configuration is ``d = < |(m_f - M_f) / s_f|^8 >^(1/8)``, the average being
    over species and columns f, with m_f the mean of a column over the particles of the
    configuration, M_f its mean over all training configurations and s_f its standard deviation over
    their particles. A configuration lies outside where d exceeds the upper 99.9 % prediction limit
    that Student's t gives for one more training configuration, from the distances d_k of each of
    them to the mean of the others. For a configuration with fewer particles, by a factor c, the
    limit is wider by c^(1/2), because means over fewer particles scatter more.

    The high exponent lets the columns that are shifted most decide: among hundreds that hardly
    change, a few reveal another temperature or density. The distance does not reveal single
    particles in unusual surroundings.

    Attributes
    ----------
    means, spreads : dict of str to ndarray, shape (n_features,)
        M_f and s_f of each species.
    limit : float
        Infinite for fewer than five training configurations, whose scatter cannot be estimated.
    n_particles : float
        Mean number of particles of the training configurations.

    Examples
    --------
    >>> import numpy as np
    >>> from vitreous.models import TrainingRange
    >>> rng = np.random.default_rng(0)
    >>> trained = [{"A": (100, rng.normal(0, 0.1, size=3), np.ones(3))} for _ in range(8)]
    >>> known = TrainingRange.of(trained)
    >>> inside, outside = ({"A": (100, np.full(3, mean), np.ones(3))} for mean in (0.0, 1.0))
    >>> bool(known.relative_distance(inside) < 1 < known.relative_distance(outside))
    True
    """

    means: dict[str, NDArray[np.float64]]
    spreads: dict[str, NDArray[np.float64]]
    limit: float
    n_particles: float

    confidence = 0.999
    fewest = 5
    exponent = 8

    @classmethod
    def of(cls, configurations: Sequence[Columns]) -> TrainingRange:
        """Learn from the column statistics of the training configurations.

        Those without any, fields of view that cut the surroundings of all particles, are left out.
        """
        configurations = [columns for columns in configurations if columns]
        means, spreads = {}, {}
        for species in {name: None for columns in configurations for name in columns}:
            counts, single, variances = (
                np.array(values)
                for values in zip(
                    *(c[species] for c in configurations if species in c), strict=True
                )
            )
            weights = counts / counts.sum()
            means[species] = weights @ single
            spreads[species] = np.sqrt(weights @ (variances + (single - means[species]) ** 2))
        n_particles = np.mean([sum(n for n, *_ in c.values()) for c in configurations])
        known = cls(means, spreads, np.inf, float(n_particles))
        n = len(configurations)
        if n < cls.fewest:
            return known
        left_out = np.array([known.distance(columns) for columns in configurations]) * n / (n - 1)
        margin = stats.t.ppf(cls.confidence, n - 1) * left_out.std(ddof=1) * np.sqrt(1 + 1 / n)
        return cls(means, spreads, float(left_out.mean() + margin), float(n_particles))

    def distance(self, columns: Columns) -> float:
        """Distance of a configuration, given its column statistics."""
        powers = []
        for species, (_, mean, _) in columns.items():
            varies = self.spreads[species] > 0
            shift = (mean - self.means[species])[varies] / self.spreads[species][varies]
            powers.append(float(np.mean(shift**self.exponent)) if varies.any() else 0.0)
        return float(np.mean(powers) ** (1 / self.exponent))

    def relative_distance(self, columns: Columns) -> float:
        """Distance in units of the limit: outside above 1."""
        n_particles = sum(n for n, *_ in columns.values())
        wider = np.sqrt(max(1.0, self.n_particles / n_particles))
        return self.distance(columns) / (self.limit * wider)
