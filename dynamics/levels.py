"""Labels at fixed values of the mean dynamics instead of fixed times."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .isoconfigurational import IsoconfigurationalLabels
from .relaxation import relaxation_time


def times_at_levels(times: ArrayLike, mean: ArrayLike, levels: ArrayLike) -> NDArray[np.float64]:
    """Find when a mean label first reaches given levels, interpolating linearly in log t.

    Parameters
    ----------
    times : array_like, shape (T,)
        Rising positive times.
    mean : array_like, shape (T,)
        Label at those times averaged over particles, replicas and configurations: C_B(t), which
        falls, or the mean displacement, which rises.
    levels : array_like, shape (L,)
        Values between the first and the last of `mean`.

    Returns
    -------
    ndarray, shape (L,)

    Raises
    ------
    ValueError
        If the mean does not reach a level between the first and the last time.

    Examples
    --------
    >>> times_at_levels([1.0, 10.0, 100.0], [1.0, 0.9, 0.7], [0.95, 0.8]).round(2)
    array([ 3.16, 31.62])
    """
    times, mean = np.asarray(times, dtype=np.float64), np.asarray(mean, dtype=np.float64)
    sign = 1.0 if mean[-1] <= mean[0] else -1.0
    reached = np.empty(np.size(levels))
    for number, level in enumerate(np.ravel(levels)):
        reached[number] = (
            times[0] if level == mean[0] else relaxation_time(times, sign * mean, sign * level)
        )
        if np.isnan(reached[number]):
            raise ValueError(
                f"the mean label goes from {mean[0]:.4g} at t = {times[0]:g} to {mean[-1]:.4g} at "
                f"t = {times[-1]:g}, not through {level:g}"
            )
    return reached


def labels_at_times(times: ArrayLike, labels: ArrayLike, wanted: ArrayLike) -> NDArray[np.float64]:
    """Interpolate labels linearly in log t between the times at which they were taken.

    A label between two times averages the noise of both and is a little less noisy than either.

    Parameters
    ----------
    times : array_like, shape (T,)
        Rising positive times.
    labels : array_like, shape (..., N, T)
        As `IsoconfigurationalLabels` gives them, or halves of them.
    wanted : array_like, shape (L,)
        Times between the first and the last.

    Returns
    -------
    ndarray, shape (..., N, L), float64

    Raises
    ------
    ValueError
        If a time lies outside.

    Examples
    --------
    >>> labels_at_times([1.0, 100.0], [[0.0, 1.0], [2.0, 4.0]], [10.0])
    array([[0.5],
           [3. ]])
    """
    times, wanted = np.asarray(times, dtype=np.float64), np.ravel(wanted)
    labels = np.asarray(labels, dtype=np.float64)
    if len(times) < 2:
        raise ValueError("labels at one time only cannot be interpolated; 2 times are needed")
    # Times computed from the same labels may leave the range by rounding.
    outside = (wanted < times[0] * (1 - 1e-9)) | (wanted > times[-1] * (1 + 1e-9))
    if outside.any():
        raise ValueError(
            f"there are labels from t = {times[0]:g} to {times[-1]:g}, "
            f"none at {wanted[outside][0]:g}"
        )
    last = np.clip(np.searchsorted(times, wanted, side="right"), 1, len(times) - 1)
    start, end = np.log(times[last - 1]), np.log(times[last])
    fraction = (np.log(wanted) - start) / (end - start)
    return (1 - fraction) * labels[..., last - 1] + fraction * labels[..., last]


def labels_at_levels(
    ensembles: Sequence[IsoconfigurationalLabels], name: str, levels: ArrayLike
) -> list[IsoconfigurationalLabels]:
    """Take the labels of one temperature where the mean of one of them has given levels.

    Parameters
    ----------
    ensembles : sequence of IsoconfigurationalLabels
        All labels of that temperature, at the same times.
    name : str
        The label whose mean over particles and ensembles has these levels.
    levels : array_like, shape (L,)

    Returns
    -------
    list of IsoconfigurationalLabels
        With one time for each level: ``labels.matrix(name)`` has the shape (N, L).

    Raises
    ------
    ValueError
        If the times differ, or the mean does not reach a level between the first and the last.

    Examples
    --------
    >>> labels = IsoconfigurationalLabels(
    ...     [1.0, 100.0], {"displacement": [[[0.0, 1.0], [0.0, 3.0]]]}, n_replicas=32
    ... )
    >>> (found,) = labels_at_levels([labels], "displacement", [1.0])
    >>> found.times, found.matrix("displacement")
    (array([10.]), array([[0.5],
           [1.5]]))
    """
    times = ensembles[0].times
    if any(not np.array_equal(ensemble.times, times) for ensemble in ensembles):
        raise ValueError("the labels of one temperature must be of the same times to find levels")
    mean = _known(np.array([ensemble.means(name) for ensemble in ensembles]), name).mean(axis=0)
    wanted = times_at_levels(times, mean, levels)
    return [
        IsoconfigurationalLabels(
            wanted,
            {kept: labels_at_times(times, a, wanted) for kept, a in ensemble.averages.items()},
            ensemble.n_replicas,
        )
        for ensemble in ensembles
    ]


def common_levels(ensembles: Sequence[IsoconfigurationalLabels], name: str) -> NDArray[np.float64]:
    """Find the levels at which labels of several temperatures were taken, each at its own times.

    Parameters
    ----------
    ensembles : sequence of IsoconfigurationalLabels
        With equally many times, at which their labels have nearly the same mean.
    name : str

    Returns
    -------
    ndarray, shape (T,)
        Mean label at each place among the times, over all ensembles.

    Raises
    ------
    ValueError
        If the numbers of times differ, or the means differ by more than levels do.

    Examples
    --------
    >>> hot, cold = (
    ...     IsoconfigurationalLabels(times, {"displacement": [[[0.1, 0.9], [0.3, 1.1]]]}, 32)
    ...     for times in ([1.0, 10.0], [1.0, 1000.0])
    ... )
    >>> common_levels([hot, cold], "displacement")
    array([0.2, 1. ])
    """
    counts = sorted({len(ensemble.times) for ensemble in ensembles})
    if len(counts) > 1:
        raise ValueError(f"there are labels at {counts[0]} and at {counts[1]} times")
    means = _known(np.array([ensemble.means(name) for ensemble in ensembles]), name)
    levels = means.mean(axis=0)
    if len(levels) > 1:
        gap = np.diff(np.sort(levels)).min()
        scatter = np.ptp(means, axis=0)
        worst = int(scatter.argmax())
        if scatter[worst] > gap:
            raise ValueError(
                f"the mean {name} at time number {worst} goes from {means[:, worst].min():.3g} to "
                f"{means[:, worst].max():.3g} over the configurations, and {gap:.3g} to the next "
                "time: they have no levels in common"
            )
    return levels


def _known(means: NDArray[np.float64], name: str) -> NDArray[np.float64]:
    """Refuse mean labels (n_ensembles, T) of which one is not known."""
    if not np.isfinite(means).all():
        ensemble, place = np.argwhere(~np.isfinite(means))[0]
        raise ValueError(
            f"the label {name!r} of all particles of configuration {ensemble} is unknown at time "
            f"number {place}"
        )
    return means
