"""Averages over an isoconfigurational ensemble, with what is needed to judge their noise."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ._known_means import mean_of_known

# Labels that are one minus another, which is the one that is kept.
_COMPLEMENTS = {"broken_bonds": "bond_breaking"}


@dataclass(frozen=True, eq=False, repr=False)
class IsoconfigurationalLabels:
    """Per-particle replica averages of one structure, at several times.

    Replicas share their initial positions and differ in their Maxwellian velocities
    (Widmer-Cooper, Harrowell and Fynewever, Phys. Rev. Lett. 93, 135701, 2004). The averages over
    even and odd replicas are kept apart, so that their agreement shows how noisy the labels are.

    A label at one time has the shape (N,), at T times (N, T). ``broken_bonds``, the share
    ``1 - C_B`` of its neighbours that a particle has lost, is there wherever ``bond_breaking`` is.

    Parameters
    ----------
    times : array_like, shape (T,)
        In units of sigma_AA (m / eps_AA)^1/2.
    averages : mapping of str to array_like, shape (2, N, T) or (1, N, T)
        For each label the average over even (first) and odd (second) replicas; or only the
        average over all replicas, where the source has no more or there is a single replica. The
        noise is then unknown.
    n_replicas : int
        Number of replicas.

    Raises
    ------
    ValueError
        If shapes disagree, there are no replicas, one that has halves, or ``broken_bonds`` is
        given.

    Examples
    --------
    >>> halves = [[[1.0, 0.75], [1.0, 0.5]], [[1.0, 0.25], [1.0, 0.5]]]
    >>> labels = IsoconfigurationalLabels([1.0, 10.0], {"bond_breaking": halves}, n_replicas=4)
    >>> labels.names
    ('bond_breaking', 'broken_bonds')
    >>> labels.at("broken_bonds", 10.0)
    array([0.5, 0.5])
    >>> labels.matrix("bond_breaking")
    array([[1. , 0.5],
           [1. , 0.5]])
    """

    times: NDArray[np.float64]
    averages: Mapping[str, NDArray[np.float64]]
    n_replicas: int

    def __post_init__(self) -> None:
        if self.n_replicas < 1:
            raise ValueError(f"labels need a replica, not {self.n_replicas}")
        times = np.asarray(self.times, dtype=np.float64)
        averages = {name: np.asarray(a, np.float64) for name, a in self.averages.items()}
        n_times = len(times)
        for name, values in averages.items():
            if name in _COMPLEMENTS:
                raise ValueError(f"the label {name!r} follows from {_COMPLEMENTS[name]!r}: give it")
            if values.ndim != 3 or len(values) not in (1, 2) or values.shape[2] != n_times:
                raise ValueError(
                    f"label {name!r} must have shape (2, N, {n_times}), or (1, N, {n_times}) "
                    f"without halves, not {values.shape}"
                )
            if len(values) > self.n_replicas:
                raise ValueError(f"two halves take at least 2 replicas, not {self.n_replicas}")
        object.__setattr__(self, "times", times)
        object.__setattr__(self, "averages", averages)

    @classmethod
    def from_replicas(
        cls, times: ArrayLike, replicas: Mapping[str, Sequence[NDArray[np.float64]]]
    ) -> IsoconfigurationalLabels:
        """Average labels of single replicas.

        Parameters
        ----------
        times : array_like, shape (T,)
        replicas : mapping of str to sequence of ndarray, shape (N, T)
            For each label its value in every replica.

        Examples
        --------
        >>> replicas = {"displacement": [[[1.0], [2.0]], [[3.0], [4.0]]]}
        >>> IsoconfigurationalLabels.from_replicas([5.0], replicas).at("displacement")
        array([2., 3.])
        """
        average = IsoconfigurationalAverage(times)
        for values in zip(*replicas.values(), strict=True):
            average.add(dict(zip(replicas, values, strict=True)))
        return average.labels()

    @property
    def names(self) -> tuple[str, ...]:
        """Names of all labels: of those kept, and of those that follow from them."""
        derived = (name for name, kept in _COMPLEMENTS.items() if kept in self.averages)
        return (*self.averages, *derived)

    def at(self, name: str, time: float | None = None) -> NDArray[np.float64]:
        """Average of a label over all replicas at one of the times, shape (N,).

        The time may be left out if there is only one.
        """
        return self.matrix(name)[:, self.time_index(time)]

    def __repr__(self) -> str:
        n_particles = next(iter(self.averages.values())).shape[1] if self.averages else 0
        times = ", ".join(f"{time:g}" for time in self.times)
        return (
            f"IsoconfigurationalLabels({', '.join(self.names)}; {n_particles} particles, "
            f"{self.n_replicas} replica{'s' if self.n_replicas > 1 else ''}; t = {times})"
        )

    def matrix(self, name: str) -> NDArray[np.float64]:
        """Average of a label over all replicas at all times, shape (N, T)."""
        if not self.has_halves(name):
            return self._of(name)[0]
        even, odd = self._of(name)
        n_even, n_odd = (self.n_replicas + 1) // 2, self.n_replicas // 2
        return (n_even * even + n_odd * odd) / self.n_replicas

    def means(self, name: str) -> NDArray[np.float64]:
        """Average of a label over all replicas and particles at all times, shape (T,).

        In a field of view over the particles that are not lost from sight.
        """
        return mean_of_known(self.matrix(name))

    def halves_at(self, name: str, time: float | None = None) -> NDArray[np.float64]:
        """Averages over even and over odd replicas at one of the times, shape (2, N)."""
        return self.halves(name)[..., self.time_index(time)]

    def halves(self, name: str) -> NDArray[np.float64]:
        """Averages of a label over even and over odd replicas, shape (2, N, T).

        NaN where only the average over all replicas is known; the noise ceiling is then NaN too.
        """
        values = self._of(name)
        return values if len(values) == 2 else np.full((2, *values.shape[1:]), np.nan)

    def has_halves(self, name: str) -> bool:
        """Whether the averages of a label over halves of the replicas are known."""
        return len(self._of(name)) == 2

    def time_index(self, time: float | None = None) -> int:
        """Index of a time among `times`, to a relative precision of 1e-6; of the only one if None.

        Raises
        ------
        ValueError
            If there is no such time, or none is named and there are several.
        """
        known = ", ".join(f"{known:g}" for known in self.times)
        if time is None:
            if len(self.times) > 1:
                raise ValueError(f"there are labels at several times, choose one of {known}")
            return 0
        matches = np.flatnonzero(np.isclose(self.times, time, rtol=1e-6, atol=0))
        if not matches.size:
            raise ValueError(f"there are no labels at time {time:g}; the times are {known}")
        return int(matches[0])

    def _of(self, name: str) -> NDArray[np.float64]:
        """Averages of a label, kept or derived; shape (2, N, T) or (1, N, T)."""
        if name not in self.names:
            raise ValueError(f"unknown label {name!r}; there are {', '.join(self.names)}")
        if name in _COMPLEMENTS:
            return 1 - self.averages[_COMPLEMENTS[name]]
        return self.averages[name]


class IsoconfigurationalAverage:
    """Running averages over replicas that arrive one at a time; memory for one ensemble only.

    Parameters
    ----------
    times : array_like, shape (T,)

    Examples
    --------
    >>> average = IsoconfigurationalAverage([5.0])
    >>> for moved in (1.0, 3.0):
    ...     average.add({"displacement": [[moved], [moved + 1]]})
    >>> average.labels().at("displacement")
    array([2., 3.])
    """

    def __init__(self, times: ArrayLike) -> None:
        self._times = times
        self._sums: dict[str, NDArray[np.float64]] = {}
        self._n_replicas = 0

    def add(self, replica: Mapping[str, ArrayLike]) -> None:
        """Take in the labels of one replica, each of shape (N, T)."""
        for name, values in replica.items():
            sums = self._sums.setdefault(name, np.zeros((2, *np.shape(values))))
            sums[self._n_replicas % 2] += values
        self._n_replicas += 1

    def labels(self) -> IsoconfigurationalLabels:
        """Return the averages over all replicas so far; a single replica has no halves."""
        counts = np.array([(self._n_replicas + 1) // 2, self._n_replicas // 2])
        weights = np.maximum(counts, 1)[:, None, None]
        known = slice(min(self._n_replicas, 2))
        averages = {name: (sums / weights)[known] for name, sums in self._sums.items()}
        return IsoconfigurationalLabels(self._times, averages, self._n_replicas)  # type: ignore[arg-type]
