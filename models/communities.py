"""Communities of particles whose surroundings tell most about which of them a particle is in."""

from __future__ import annotations

from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import rel_entr, xlogy
from sklearn.base import BaseEstimator, ClusterMixin
from sklearn.utils import check_random_state
from sklearn.utils.validation import check_is_fitted, validate_data

# What a move must raise N times the information by, in nats, to be more than rounding.
_LEAST_GAIN = 1e-9


class CommunityInference(ClusterMixin, BaseEstimator):
    r"""Divide particles so that their community tells as much as possible about their structure.

    Each row is a histogram of something around a particle, such as bond angles, which is normalised
    to :math:`p_i(b)`. The mutual information between communities of shares :math:`f_k` with mean
    histograms :math:`p_k(b)`, and the bins,

    .. math:: I = \sum_k f_k \sum_b p_k(b) \ln \frac{p_k(b)}{p(b)},

    is maximised. Since what a division loses is the mean divergence of :math:`p_i` from the
    :math:`p_k` of its community, moving all particles at once to where that is least never lowers
    I. This is done until nothing moves, from several random beginnings. From the best of these
    divisions particles are moved one by one, as long as a move raises I.

    Parameters
    ----------
    n_clusters : int
        Number of communities.
    n_init : int
        Number of random beginnings.
    max_iter : int
        Most rounds of moves of either kind.
    random_state : int, numpy RandomState or None

    Attributes
    ----------
    labels_ : ndarray of int64, shape (n_particles,)
        Communities, numbered from the largest on.
    distributions_ : ndarray, shape (n_clusters, n_bins)
        The :math:`p_k(b)`.
    information_ : float
        I, in nats.

    Raises
    ------
    ValueError
        In ``fit``, if there are fewer particles than communities, a count is negative, or a row is
        empty.

    References
    ----------
    J. Paret, R. L. Jack, D. Coslovich, J. Chem. Phys. 152, 144502 (2020); I. S. Dhillon, S.
    Mallela, R. Kumar, J. Mach. Learn. Res. 3, 1265 (2003).

    Examples
    --------
    >>> from vitreous.models import CommunityInference
    >>> angles = [[8, 2, 0], [7, 3, 0], [9, 1, 0], [0, 2, 8], [1, 2, 7]]
    >>> communities = CommunityInference(n_clusters=2, random_state=1).fit(angles)
    >>> communities.labels_
    array([0, 0, 0, 1, 1])
    >>> communities.predict([[0, 1, 9]])
    array([1])
    """

    def __init__(
        self,
        n_clusters: int = 2,
        n_init: int = 10,
        max_iter: int = 300,
        random_state: int | np.random.RandomState | None = None,
    ) -> None:
        self.n_clusters = n_clusters
        self.n_init = n_init
        self.max_iter = max_iter
        self.random_state = random_state

    def fit(self, X: ArrayLike, y: Any = None) -> Self:
        """Divide particles into communities.

        Parameters
        ----------
        X : array_like, shape (n_particles, n_bins)
            Counts, or anything proportional to them, from 0 on.
        y : None
            Ignored.

        Returns
        -------
        self
        """
        shares = self._shares(X, reset=True)
        if not 1 <= self.n_clusters <= len(shares):
            raise ValueError(
                f"n_clusters must lie between 1 and the number of particles, {len(shares)}, not "
                f"{self.n_clusters}"
            )
        if self.n_init < 1 or self.max_iter < 1:
            raise ValueError("n_init and max_iter must be at least 1")
        generator = check_random_state(self.random_state)
        found = [self._divided(shares, generator) for _ in range(self.n_init)]
        best = max(found, key=lambda labels: self._information(shares, labels))
        labels = self._moved_one_by_one(shares, best)
        order = np.argsort(-np.bincount(labels, minlength=self.n_clusters), kind="stable")
        self.labels_ = np.argsort(order)[labels]
        self.distributions_ = self._means(shares, self.labels_)
        self.information_ = self._information(shares, self.labels_)
        return self

    def predict(self, X: ArrayLike) -> NDArray[np.int64]:
        """Put particles into the communities of least divergence.

        Parameters
        ----------
        X : array_like, shape (n_particles, n_bins)

        Returns
        -------
        ndarray of int64, shape (n_particles,)
        """
        check_is_fitted(self)
        return _nearest(self._shares(X, reset=False), self.distributions_)

    def _shares(self, X: ArrayLike, reset: bool) -> NDArray[np.float64]:
        counts = validate_data(self, X, dtype=np.float64, reset=reset)
        if (counts < 0).any():
            raise ValueError("the rows must be histograms, and there are negative counts in them")
        totals = counts.sum(axis=1, keepdims=True)
        if not totals.all():
            row = int(np.argmin(totals[:, 0]))
            raise ValueError(
                f"the histogram of row {row} is empty; leave out particles without neighbours"
            )
        return counts / totals

    def _divided(
        self, shares: NDArray[np.float64], generator: np.random.RandomState
    ) -> NDArray[np.int64]:
        """Move particles from a random beginning until none moves."""
        labels = generator.permutation(np.arange(len(shares)) % self.n_clusters)
        for _ in range(self.max_iter):
            moved = _nearest(shares, self._means(shares, labels))
            if np.array_equal(moved, labels):
                break
            labels = moved
        return labels

    def _moved_one_by_one(
        self, shares: NDArray[np.float64], labels: NDArray[np.int64]
    ) -> NDArray[np.int64]:
        """Move single particles as long as that raises the information.

        With sums of histograms S_k of n_k particles, N I is the sum over k of
        sum_b S_kb ln S_kb - n_k ln n_k, but for a constant.
        """
        labels = labels.copy()
        counts = np.bincount(labels, minlength=self.n_clusters).astype(np.float64)
        sums = counts[:, np.newaxis] * self._means(shares, labels)
        for _ in range(self.max_iter):
            n_moved = 0
            for i, (own, share) in enumerate(zip(labels.tolist(), shares, strict=True)):
                here, with_it = _content(sums, counts), _content(sums + share, counts + 1)
                without = _content(np.maximum(sums[own] - share, 0.0), counts[own] - 1)
                gains = with_it - here
                gains[own] = here[own] - without
                best = int(np.argmax(gains))
                if gains[best] > gains[own] + _LEAST_GAIN:
                    labels[i] = best
                    sums[own] = np.maximum(sums[own] - share, 0.0)
                    sums[best] += share
                    counts[own] -= 1
                    counts[best] += 1
                    n_moved += 1
            if not n_moved:
                break
        return labels

    def _means(self, shares: NDArray[np.float64], labels: NDArray[np.int64]) -> NDArray[np.float64]:
        """Mean histogram of each community; of all particles for one that is empty."""
        means = np.tile(shares.mean(axis=0), (self.n_clusters, 1))
        for k in np.unique(labels):
            means[k] = shares[labels == k].mean(axis=0)
        return means

    def _information(self, shares: NDArray[np.float64], labels: NDArray[np.int64]) -> float:
        weights = np.bincount(labels, minlength=self.n_clusters) / len(labels)
        of_each = rel_entr(self._means(shares, labels), shares.mean(axis=0)).sum(axis=1)
        return float(weights @ of_each)


def _content(sums: NDArray[np.float64], counts: NDArray[np.float64]) -> NDArray[np.float64]:
    return xlogy(sums, sums).sum(axis=-1) - xlogy(counts, counts)


def _nearest(shares: NDArray[np.float64], distributions: NDArray[np.float64]) -> NDArray[np.int64]:
    """Distribution of least divergence from each row: an empty bin rules out what fills it."""
    with np.errstate(divide="ignore"):
        logarithms = np.log(distributions)
    likelihoods = np.where(np.isfinite(logarithms), logarithms, -1e6) @ shares.T
    return np.argmax(likelihoods, axis=0)
