"""Labels at fixed values of the mean dynamics instead of fixed times."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

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
    labels : array_like, shape (..., T, N)
        As `IsoconfigurationalLabels` gives them, or halves of them.
    wanted : array_like, shape (L,)
        Times between the first and the last.

    Returns
    -------
    ndarray, shape (..., L, N), float64

    Raises
    ------
    ValueError
        If a time lies outside.

    Examples
    --------
    >>> labels_at_times([1.0, 100.0], [[0.0, 2.0], [1.0, 4.0]], [10.0])
    array([[0.5, 3. ]])
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
    fraction = ((np.log(wanted) - start) / (end - start))[:, np.newaxis]
    return (1 - fraction) * labels[..., last - 1, :] + fraction * labels[..., last, :]
