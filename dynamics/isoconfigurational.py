"""Averages over an isoconfigurational ensemble, with what is needed to judge their noise."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray


@dataclass(frozen=True, eq=False)
class IsoconfigurationalLabels:
    """Per-particle replica averages of one structure, at several times.

    Replicas share their initial positions and differ in their Maxwellian velocities
    (Widmer-Cooper, Harrowell and Fynewever, Phys. Rev. Lett. 93, 135701, 2004). The averages over
    even and odd replicas are kept apart, so that their agreement tells how noisy the labels are.

    Parameters
    ----------
    times : array_like, shape (T,)
        In units of sigma_AA (m / eps_AA)^1/2.
    halves : mapping of str to array_like, shape (2, T, N) or (1, T, N)
        For each label the average over even (first) and odd (second) replicas; or the average over
        all replicas alone, where the source tells no more. Its noise is unknown then.
    n_replicas : int
        Number of replicas, at least 2.

    Raises
    ------
    ValueError
        If shapes disagree or there are fewer than two replicas.
    """

    times: NDArray[np.float64]
    halves: Mapping[str, NDArray[np.float64]]
    n_replicas: int

    def __post_init__(self) -> None:
        if self.n_replicas < 2:
            raise ValueError(f"labels need at least 2 replicas, not {self.n_replicas}")
        times = np.asarray(self.times, dtype=np.float64)
        halves = {name: np.asarray(half, np.float64) for name, half in self.halves.items()}
        for name, half in halves.items():
            if half.ndim != 3 or half.shape[:2] not in ((2, len(times)), (1, len(times))):
                raise ValueError(
                    f"label {name!r} must have shape (2, {len(times)}, N), or (1, {len(times)}, N) "
                    f"without halves, not {half.shape}"
                )
        object.__setattr__(self, "times", times)
        object.__setattr__(self, "halves", halves)

    @classmethod
    def from_replicas(
        cls, times: ArrayLike, replicas: Mapping[str, Sequence[NDArray[np.float64]]]
    ) -> IsoconfigurationalLabels:
        """Average labels of single replicas.

        Parameters
        ----------
        times : array_like, shape (T,)
        replicas : mapping of str to sequence of ndarray, shape (T, N)
            For each label its value in every replica.
        """
        average = IsoconfigurationalAverage(times)
        for values in zip(*replicas.values(), strict=True):
            average.add(dict(zip(replicas, values, strict=True)))
        return average.labels()

    def mean(self, label: str) -> NDArray[np.float64]:
        """Average of a label over all replicas, shape (T, N)."""
        if not self.has_halves(label):
            return self.halves[label][0]
        even, odd = self.half(label)
        n_even, n_odd = (self.n_replicas + 1) // 2, self.n_replicas // 2
        return (n_even * even + n_odd * odd) / self.n_replicas

    def half(self, label: str) -> NDArray[np.float64]:
        """Averages of a label over even and over odd replicas, shape (2, T, N).

        NaN where only the average over all replicas is known, and so is then the noise ceiling.
        """
        if not self.has_halves(label):
            return np.full((2, *self.halves[label].shape[1:]), np.nan)
        return self.halves[label]

    def has_halves(self, label: str) -> bool:
        """Whether the averages of a label over halves of the replicas are known."""
        if label not in self.halves:
            raise ValueError(f"unknown label {label!r}; there are {', '.join(self.halves)}")
        return len(self.halves[label]) == 2

    def time_index(self, time: float) -> int:
        """Index of a time among `times`, to a relative precision of 1e-6."""
        matches = np.flatnonzero(np.isclose(self.times, time, rtol=1e-6, atol=0))
        if not matches.size:
            known = ", ".join(f"{known:g}" for known in self.times)
            raise ValueError(f"there are no labels at time {time:g}; the times are {known}")
        return int(matches[0])


class IsoconfigurationalAverage:
    """Running averages over replicas that arrive one at a time; memory for one ensemble only.

    Parameters
    ----------
    times : array_like, shape (T,)
    """

    def __init__(self, times: ArrayLike) -> None:
        self._times = times
        self._sums: dict[str, NDArray[np.float64]] = {}
        self._n_replicas = 0

    def add(self, replica: Mapping[str, NDArray[np.float64]]) -> None:
        """Take in the labels of one replica, each of shape (T, N)."""
        for name, values in replica.items():
            sums = self._sums.setdefault(name, np.zeros((2, *np.shape(values))))
            sums[self._n_replicas % 2] += values
        self._n_replicas += 1

    def labels(self) -> IsoconfigurationalLabels:
        """Return the averages over all replicas so far."""
        counts = np.array([(self._n_replicas + 1) // 2, self._n_replicas // 2])
        weights = np.maximum(counts, 1)[:, None, None]
        halves = {name: sums / weights for name, sums in self._sums.items()}
        return IsoconfigurationalLabels(self._times, halves, self._n_replicas)  # type: ignore[arg-type]
