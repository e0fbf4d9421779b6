"""How often particles of one softness rearrange, against temperature, and what that proves."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import stats

from .estimate import Estimate


@dataclass(frozen=True, eq=False)
class ArrheniusLines:
    r"""Probability to rearrange of K classes of softness at M temperatures, and lines through it.

    For each class :math:`\ln P_R = \Sigma - \Delta E / T`. The lines of all classes together,
    :math:`\ln P_R = a_0 + a_1 S - (e_0 - e_1 S)(1/T - x)` with x the mean of 1/T, meet where
    softness does not matter, at :math:`1/T_0 = x - a_1 / e_1`.

    Errors are jackknife errors over configurations, those of one temperature left out in turn.

    Attributes
    ----------
    temperatures : ndarray, shape (M,)
        Rising.
    edges : ndarray, shape (K + 1,)
        Of the classes.
    softness : ndarray, shape (K,)
        Mean softness in each class.
    probability : Estimate, shape (K, M)
        NaN where a class has no particles.
    energy : Estimate, shape (K,)
        Slope :math:`\Delta E` of each line, in the unit of the temperature.
    intercept : Estimate, shape (K,)
        :math:`\Sigma`, the logarithm of P_R far above all temperatures.
    crossing : Estimate
        :math:`T_0`; the onset of glassy dynamics, where lines do cross.
    curvature : Estimate, shape (K,)
        Second derivative of :math:`\ln P_R` by 1/T; NaN for fewer than three temperatures.

    Examples
    --------
    Four temperatures, and barriers that one softness decides alone:

    >>> import numpy as np
    >>> from vitreous.dynamics import arrhenius_lines
    >>> rng = np.random.default_rng(0)
    >>> T = np.repeat([0.4, 0.5, 0.6, 0.7], 4)
    >>> S = [rng.normal(size=2000) for _ in T]
    >>> P = [np.exp(-3 - (3 - s) * (1 / t - 1 / 0.9)).clip(max=1) for s, t in zip(S, T)]
    >>> lines = arrhenius_lines(S, P, T, edges=[-1, 0, 1])
    >>> lines.energy.value.round(1), lines.probability.value.shape
    (array([3.4, 2.5]), (2, 4))
    """

    temperatures: NDArray[np.float64]
    edges: NDArray[np.float64]
    softness: NDArray[np.float64]
    probability: Estimate
    energy: Estimate
    intercept: Estimate
    crossing: Estimate
    curvature: Estimate

    def hidden_spread(self, level: float = 0.95) -> NDArray[np.float64]:
        r"""Largest standard deviation of barriers within each class that the lines do not exclude.

        Particles of one softness whose barriers E differ give
        :math:`P_R = \langle e^{\sigma - E / T} \rangle`, whose logarithm curves upward by the
        variance of E. The upper limit of the curvature is the square of what is returned, shape
        (K,): a straight line excludes no smaller spread. Compare it with the differences of
        ``energy`` between classes.

        Parameters
        ----------
        level : float
            Of the one-sided limit, by Student's t.
        """
        freedom = max(int(np.min(self.curvature.n_configurations)) - len(self.temperatures), 1)
        upper = self.curvature.value + stats.t.ppf(level, freedom) * self.curvature.standard_error
        return np.sqrt(np.maximum(upper, 0.0))


def arrhenius_lines(
    softness: Sequence[ArrayLike],
    rearranged: Sequence[ArrayLike],
    temperatures: ArrayLike,
    edges: ArrayLike | int = 5,
) -> ArrheniusLines:
    """Measure P_R(S, T) and draw Arrhenius lines through it.

    Straight lines that cross do not show that softness measures an energy: see
    `explained_variance` and `ArrheniusLines.hidden_spread`, and arXiv:2403.00751.

    Parameters
    ----------
    softness : sequence of array_like, shape (N,)
        Of the particles of each configuration, by a classifier that was not trained on it.
    rearranged : sequence of array_like, shape (N,)
        Whether they did within a time that is the same at all temperatures: 0 or 1, or the share
        of replicas in which they did.
    temperatures : array_like, shape (n_configurations,)
        Two temperatures at least, two configurations at each.
    edges : int or array_like, shape (K + 1,)
        Edges of the classes, or into how many classes of as many particles to divide all.

    Returns
    -------
    ArrheniusLines

    Raises
    ------
    ValueError
        If lengths disagree, there are too few temperatures or configurations, or P_R is zero in
        a class at all but one temperature.

    References
    ----------
    S. S. Schoenholz, E. D. Cubuk, D. M. Sussman, E. Kaxiras and A. J. Liu, Nat. Phys. 12, 469
    (2016).

    Examples
    --------
    >>> import numpy as np
    >>> from vitreous.dynamics import arrhenius_lines
    >>> rng = np.random.default_rng(0)
    >>> T = np.repeat([0.4, 0.5, 0.6], 4)
    >>> S = [rng.normal(size=5000) for _ in T]
    >>> P = [np.exp(-3 - (3 - s) * (1 / t - 1 / 0.9)).clip(max=1) for s, t in zip(S, T)]
    >>> lines = arrhenius_lines(S, P, T, edges=np.linspace(-2, 2, 9))
    >>> lines.energy.value[[0, -1]].round(1), round(float(lines.crossing.value), 2)
    (array([4.7, 1.3]), 0.9)
    """
    S, P = ([np.asarray(v, dtype=np.float64) for v in values] for values in (softness, rearranged))
    T = np.asarray(temperatures, dtype=np.float64)
    if not len(S) == len(P) == len(T) or T.ndim != 1:
        raise ValueError(
            f"{len(S)} fields of softness, {len(P)} of rearrangements and temperatures of shape "
            f"{T.shape}: there must be one for each configuration"
        )
    for number, (s, p) in enumerate(zip(S, P, strict=True)):
        if s.shape != p.shape or not (np.isfinite(s).all() and ((p >= 0) & (p <= 1)).all()):
            raise ValueError(
                f"configuration {number}: softness of shape {s.shape} must be finite, and "
                f"rearrangements of shape {p.shape} between 0 and 1"
            )
    levels, place, counts = np.unique(T, return_inverse=True, return_counts=True)
    if len(levels) < 2 or counts.min() < 2 or not (levels > 0).all():
        raise ValueError(
            "lines need two positive temperatures and two configurations at each; there are "
            + (", ".join(f"{n} at {t:g}" for n, t in zip(counts, levels, strict=True)) or "none")
        )
    together = np.concatenate(S)
    if isinstance(edges, int | np.integer):
        bounds = np.quantile(together, np.linspace(0, 1, int(edges) + 1))
        bounds[-1] = np.nextafter(bounds[-1], np.inf)
    else:
        bounds = np.asarray(edges, dtype=np.float64)
    if len(bounds) < 3 or not (np.diff(bounds) > 0).all():
        raise ValueError(f"two classes of softness at least need rising edges, not {bounds}")
    sums = np.array([_sums(s, p, bounds) for s, p in zip(S, P, strict=True)])
    return _lines(sums, place, levels, bounds)


def _sums(
    softness: NDArray[np.float64], rearranged: NDArray[np.float64], edges: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Sum the number, softness and rearrangements of the particles of each class, shape (3, K)."""
    return np.array(
        [
            np.histogram(softness, edges, weights=weights)[0]
            for weights in (np.ones(len(softness)), softness, rearranged)
        ]
    )


def _lines(
    sums: NDArray[np.float64],
    place: NDArray[np.intp],
    levels: NDArray[np.float64],
    edges: NDArray[np.float64],
) -> ArrheniusLines:
    inverse = 1 / levels
    counts = np.bincount(place)

    def probability(chosen: NDArray[np.intp]) -> NDArray[np.float64]:
        at = [chosen[place[chosen] == m] for m in range(len(levels))]
        totals = np.array([sums[those].sum(axis=0) for those in at])
        with np.errstate(invalid="ignore"):
            return (totals[:, 2] / totals[:, 0]).T

    shares = _stratified(probability, place)
    known = shares.value > 0
    if (known.sum(axis=1) < 2).any():
        empty = int(np.argmax(known.sum(axis=1) < 2))
        raise ValueError(
            f"no particle of softness {edges[empty]:.3g} to {edges[empty + 1]:.3g} rearranged at "
            "more than one temperature: choose wider classes, or a longer time"
        )
    # Errors of ln P; where only few rearranged, not below those of counting them.
    relative = np.where(known, shares.standard_error, np.nan) / np.where(known, shares.value, 1.0)
    numbers = np.array([sums[place == m, 0].sum(axis=0) for m in range(len(levels))]).T
    counted = 1 / np.sqrt(np.maximum(numbers * np.where(known, shares.value, np.nan), 1e-300))
    weights = np.where(known, 1 / np.maximum(np.nan_to_num(relative), counted) ** 2, 0.0)
    weights = np.nan_to_num(weights)
    softness = sums[:, 1].sum(axis=0) / sums[:, 0].sum(axis=0)
    middle = inverse.mean()

    def fitted(chosen: NDArray[np.intp]) -> NDArray[np.float64]:
        """Slope, intercept where 1/T = 0, and curvature of each class; then the crossing."""
        p = probability(chosen)
        logarithms = np.log(np.where(p > 0, p, 1.0))
        used = np.where(p > 0, weights, 0.0)
        rows = [_polynomials(inverse - middle, y, w) for y, w in zip(logarithms, used, strict=True)]
        values, slopes, curvatures = np.array(rows).T
        crossing = 1 / (middle + _crossing(softness, inverse - middle, logarithms, used))
        return np.concatenate([-slopes, values - middle * slopes, curvatures, [crossing]])

    found = _stratified(fitted, place)
    n = int(counts.sum())
    energy, intercept, curvature = (
        Estimate(value, error, n)
        for value, error in zip(
            found.value[:-1].reshape(3, -1), found.standard_error[:-1].reshape(3, -1), strict=True
        )
    )
    crossing = Estimate(found.value[-1], found.standard_error[-1], n)
    return ArrheniusLines(levels, edges, softness, shares, energy, intercept, crossing, curvature)


def _polynomials(
    x: NDArray[np.float64], y: NDArray[np.float64], weights: NDArray[np.float64]
) -> list[float]:
    """Value at x = 0 and slope of a line, and the second derivative of a parabola, if there is."""
    roots = np.sqrt(weights)
    design = np.stack([np.ones_like(x), x, x**2 / 2], axis=1) * roots[:, None]
    line = np.linalg.lstsq(design[:, :2], y * roots, rcond=None)[0]
    if (weights > 0).sum() < 3:
        return [*line, np.nan]
    return [*line, np.linalg.lstsq(design, y * roots, rcond=None)[0][2]]


def _crossing(
    softness: NDArray[np.float64],
    x: NDArray[np.float64],
    logarithms: NDArray[np.float64],
    weights: NDArray[np.float64],
) -> float:
    """Place, relative to the mean of 1/T, at which ln P does not depend on softness.

    Intercepts and slopes of single lines err together, so that a regression of the ones on the
    others finds a crossing among the temperatures whether there is one or not; softness has no
    such errors.
    """
    S = np.broadcast_to(softness[:, None], logarithms.shape).ravel()
    X = np.broadcast_to(x, logarithms.shape).ravel()
    roots = np.sqrt(weights.ravel())
    design = np.stack([np.ones_like(X), S, X, S * X], axis=1) * roots[:, None]
    _, a_1, _, e_1 = np.linalg.lstsq(design, logarithms.ravel() * roots, rcond=None)[0]
    return float(-a_1 / e_1) if e_1 != 0 else np.nan


def _stratified(statistic: Callable[[NDArray[np.intp]], Any], place: NDArray[np.intp]) -> Estimate:
    """Jackknife over configurations, whose variance is the sum of those of the temperatures."""
    everyone = np.arange(len(place))
    value = np.asarray(statistic(everyone))
    without = np.array([statistic(np.delete(everyone, i)) for i in everyone])
    variance = np.zeros(value.shape)
    for m in np.unique(place):
        chosen = without[place == m]
        variance = variance + (len(chosen) - 1) * chosen.var(axis=0)
    return Estimate(value, np.sqrt(variance), len(place))


def explained_variance(
    softness: Sequence[ArrayLike], halves: Sequence[ArrayLike], n_together: int = 20
) -> Estimate:
    r"""Share of what structure decides that softness knows.

    How often a particle rearranges in replicas that start from one structure is decided by the
    structure. The covariance of two halves of the replicas is the variance of that propensity
    without the noise of finitely many replicas, and

    .. math:: R = \frac{\mathrm{Cov}_k(\langle p_1 \rangle_k, \langle p_2 \rangle_k)}
                       {\mathrm{Cov}(p_1, p_2)}

    is the part of it that lies between classes k of softness, each of a few particles. It is 1 if
    softness decides how often a particle rearranges, as the barrier of one thermally activated
    event would, and says nothing of its law.

    An Arrhenius law for P_R and a high accuracy of the classifier do not show that an energy was
    learnt (A. Swain, S. A. Ridout and I. Nemenman, arXiv:2403.00751). If it was, R is near 1 at
    each temperature, and the curvature of the lines leaves room for little spread of barriers in a
    class (`ArrheniusLines.hidden_spread`). Both are necessary, not sufficient, and are our measure,
    not one of that paper.

    Parameters
    ----------
    softness : sequence of array_like, shape (N,)
        Of the particles of configurations at one temperature, by a classifier that was not trained
        on them.
    halves : sequence of array_like, shape (2, N)
        Shares of two halves of the replicas in which they rearranged.
    n_together : int
        Particles in each class of softness. That means over so few scatter is subtracted; fewer
        resolve more of the softest, which rearrange most.

    Returns
    -------
    Estimate
        With a jackknife error over configurations.

    Raises
    ------
    ValueError
        If shapes disagree, there are no halves, or there are too few particles.

    Examples
    --------
    >>> import numpy as np
    >>> from vitreous.dynamics import explained_variance
    >>> rng = np.random.default_rng(0)
    >>> structure = rng.normal(size=(4, 2, 2000))
    >>> p = 1 / (1 + np.exp(1 - structure[:, 0] - structure[:, 1]))  # two things decide
    >>> halves = rng.binomial(5, p[:, None], size=(4, 2, 2000)) / 5
    >>> round(float(explained_variance(structure[:, 0], halves).value), 1)  # one of them is known
    0.5
    """
    S = [np.asarray(s, dtype=np.float64) for s in softness]
    H = [np.asarray(h, dtype=np.float64) for h in halves]
    if len(S) != len(H) or any(h.shape != (2, *s.shape) for s, h in zip(S, H, strict=True)):
        raise ValueError("each configuration needs softness of shape (N,) and halves (2, N)")
    if not all(np.isfinite(h).all() for h in H):
        raise ValueError(
            "the halves are not known: one replica does not show what structure decides"
        )
    n_classes = sum(map(len, S)) // n_together
    if n_classes < 2 or n_together < 5:
        raise ValueError(
            f"{sum(map(len, S))} particles make {n_classes} classes of {n_together}: there must be "
            "two classes and five particles in each"
        )
    edges = np.quantile(np.concatenate(S), np.linspace(0, 1, n_classes + 1))[1:-1]
    places = [np.searchsorted(edges, s) for s in S]
    # Number, both halves and their product, of each class in each configuration.
    sums = np.array(
        [
            [np.bincount(k, w, n_classes) for w in (np.ones(len(k)), h[0], h[1], h[0] * h[1])]
            for k, h in zip(places, H, strict=True)
        ]
    )

    def share(chosen: NDArray[np.intp]) -> float:
        n, one, other, product = sums[chosen].sum(axis=0)
        filled = n > 1
        n, one, other, product = (x[filled] for x in (n, one, other, product))
        total = n.sum()
        within = (product - one * other / n) / (n - 1)
        covariance = product.sum() / total - one.sum() * other.sum() / total**2
        # Means over finitely many particles covary by what they share of the variance within.
        between = (one * other / n).sum() / total - one.sum() * other.sum() / total**2
        between -= (within * (1 - n / total)).sum() / total
        return float(between / covariance) if covariance > 0 else np.nan

    return Estimate.jackknife(share, len(S))
