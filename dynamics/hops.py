"""Hops of single particles: when they happen, and how long a particle stays between two."""

from __future__ import annotations

from collections import deque

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..compiled.slices import slices
from ._hop_kernels import indicate_hops

HOP_ABOVE = 0.2
"""p_hop, in units of sigma_AA^2, above which a particle counts as rearranging."""

QUIET_BELOW = 0.05
"""p_hop, in units of sigma_AA^2, below which a particle counts as not rearranging."""

_SECONDS_PER_NUMBER = 1e-8

# Frames count as evenly spaced in time up to this share of their spacing.
_EVEN = 1e-3


def hop_indicator(positions: ArrayLike, half_window: int) -> NDArray[np.float64]:
    r"""How far each particle moved from one place to another, frame by frame.

    .. math::

        p_\mathrm{hop}(t) = \sqrt{\left\langle (x - \langle x \rangle_B)^2 \right\rangle_A
                                  \left\langle (x - \langle x \rangle_A)^2 \right\rangle_B}

    with the averages over the frames of two half windows, A before and B after t; the frame at t
    belongs to both. A particle that rattles about one place has about its mean square displacement
    in the cage; one that jumps by a distance a has up to a^2 at the time of the jump, the nearer to
    it the more frames a half window holds. Both half windows together last about ten time units in
    Lennard-Jones liquids.

    Parameters
    ----------
    positions : array_like, shape (T, N, d)
        Unwrapped positions in frames that are evenly spaced in time. NaN where a particle is not
        seen.
    half_window : int
        Number of frames in each half window besides the one at t.

    Returns
    -------
    ndarray, shape (T, N), float64
        In units of sigma_AA^2. NaN in the first and last `half_window` frames, and wherever a
        particle is missing in a frame of the window.

    Raises
    ------
    ValueError
        If a half window has no frame, or shapes do not fit.

    References
    ----------
    R. Candelier, O. Dauchot, G. Biroli, Phys. Rev. Lett. 102, 088001 (2009); A. Smessaert,
    J. Rottler, Phys. Rev. E 88, 022314 (2013).

    Examples
    --------
    A particle that jumps by 1 between the frames 4 and 5:

    >>> import numpy as np
    >>> from vitreous.dynamics import hop_indicator
    >>> positions = np.zeros((10, 1, 2))
    >>> positions[5:, 0, 0] = 1.0
    >>> hop_indicator(positions, half_window=3)[3:7, 0].round(3)
    array([0.354, 0.65 , 0.65 , 0.354])
    """
    frames = np.ascontiguousarray(positions, dtype=np.float64)
    if frames.ndim != 3:
        raise ValueError(f"positions must have shape (T, N, d), not {frames.shape}")
    if half_window < 1:
        raise ValueError(f"a half window must hold a frame or more, not {half_window}")
    n_frames, n_particles, dimensions = frames.shape
    indicator = np.full((n_frames, n_particles), np.nan)
    seconds = _SECONDS_PER_NUMBER * max(n_frames, 1) * half_window * dimensions
    for first, stop in slices(n_particles, seconds):
        indicate_hops(first, stop, frames, half_window, indicator)
    return indicator


def hop_classes(
    indicator: ArrayLike, hop_above: float = HOP_ABOVE, quiet_below: float = QUIET_BELOW
) -> NDArray[np.int8]:
    """Sort particles into those that rearrange, those that do not, and those in between.

    Parameters
    ----------
    indicator : array_like
        p_hop of any shape, as `hop_indicator` gives it, or its largest values over some time, which
        tell who stayed quiet for that long.
    hop_above, quiet_below : float
        Thresholds in units of sigma_AA^2.

    Returns
    -------
    ndarray of the same shape, int8
        1 where p_hop is above the one threshold, 0 where it is below the other, and -1, for neither
        class, between them and where p_hop is NaN.

    Raises
    ------
    ValueError
        If the thresholds are not in order.

    Examples
    --------
    >>> hop_classes([0.01, 0.1, 0.5, float("nan")])
    array([ 0, -1,  1, -1], dtype=int8)
    """
    _require_order(hop_above, quiet_below)
    values = np.asarray(indicator, dtype=np.float64)
    classes = np.full(values.shape, -1, dtype=np.int8)
    classes[values < quiet_below] = 0
    classes[values > hop_above] = 1
    return classes


def residence_times(
    times: ArrayLike, indicator: ArrayLike, hop_above: float = HOP_ABOVE
) -> NDArray[np.float64]:
    """How long particles stay where they are between one hop and the next.

    A hop is a stretch of frames in which p_hop is above the threshold, and happens when p_hop is
    largest in it. The time before the first hop of a particle and after its last is not known in
    full, and is left out: residences longer than the trajectory are never seen.

    Parameters
    ----------
    times : array_like, shape (T,)
        Of the frames, rising.
    indicator : array_like, shape (T, N)
        As `hop_indicator` gives it.
    hop_above : float
        Threshold in units of sigma_AA^2.

    Returns
    -------
    ndarray, shape (n_residences,), float64
        In the unit of `times`.

    Examples
    --------
    >>> residence_times([0, 1, 2, 3, 4, 5], [[0.1], [0.4], [0.3], [0.1], [0.1], [0.5]])
    array([4.])
    """
    record = ResidenceRecord(hop_above)
    for time, values in zip(np.asarray(times), np.asarray(indicator), strict=True):
        record.add(float(time), values)
    return record.times()


class ResidenceRecord:
    """Residence times of particles that are followed frame by frame; see `residence_times`.

    Parameters
    ----------
    hop_above : float
        Threshold in units of sigma_AA^2.
    """

    def __init__(self, hop_above: float = HOP_ABOVE) -> None:
        self._hop_above = hop_above
        self._ids: NDArray[np.int64] | None = None
        # Largest p_hop of the present stretch above the threshold, its time, and the last hop.
        self._state = np.empty((3, 0))
        self._found: list[NDArray[np.float64]] = []

    def add(
        self, time: float, indicator: NDArray[np.float64], ids: NDArray[np.int64] | None = None
    ) -> None:
        """Take in a frame: p_hop of each particle, shape (N,), and ids where particles change."""
        self._follow(len(indicator), ids)
        largest, when, last = self._state
        above = indicator > self._hop_above
        ended = ~above & (largest > 0)
        residences = (when - last)[ended]
        self._found.append(residences[~np.isnan(residences)])
        last[ended] = when[ended]
        largest[ended] = 0.0
        last[np.isnan(indicator)] = np.nan
        higher = above & (indicator > largest)
        largest[higher], when[higher] = indicator[higher], time

    def times(self) -> NDArray[np.float64]:
        """Residence times so far, shape (n_residences,), a hop that has not ended included."""
        largest, when, last = self._state
        residences = (when - last)[largest > 0]
        return np.concatenate([*self._found, residences[~np.isnan(residences)]])

    def _follow(self, n_particles: int, ids: NDArray[np.int64] | None) -> None:
        """Bring what is known of the particles into the order of a frame."""
        fresh = np.stack([np.zeros(n_particles), *np.full((2, n_particles), np.nan)])
        if self._ids is not None and ids is not None:
            _, old, new = np.intersect1d(self._ids, ids, assume_unique=True, return_indices=True)
            fresh[:, new] = self._state[:, old]
        elif self._state.shape == fresh.shape:
            fresh = self._state
        self._state, self._ids = fresh, ids


class HopWindow:
    """p_hop of particles that are followed frame by frame, with one window of frames in memory.

    Parameters
    ----------
    window : float
        Duration of both half windows together, in units of sigma_AA (m / eps_AA)^1/2.

    Raises
    ------
    ValueError
        If it is not positive.
    """

    def __init__(self, window: float) -> None:
        if not 0 < window < np.inf:
            raise ValueError(f"the window of hops must be positive and finite, not {window}")
        self.window = float(window)
        self._frames: deque[tuple[float, NDArray[np.float64], NDArray[np.int64] | None]] = deque()
        self._half = 0

    def add(
        self, time: float, positions: NDArray[np.float64], ids: NDArray[np.int64] | None = None
    ) -> tuple[NDArray[np.float64], NDArray[np.int64] | None] | None:
        """Take in the next frame.

        Parameters
        ----------
        time : float
        positions : ndarray, shape (N, d)
            Unwrapped.
        ids : ndarray, shape (N,), int64, optional
            Of the particles, rising, where they come and go.

        Returns
        -------
        (indicator, ids) or None
            p_hop in the middle of the window that ends with this frame, and whose it is: of all
            particles, or of those with these ids, which are in every frame of it. None as long as
            there are no frames for a whole window.

        Raises
        ------
        ValueError
            If frames are not evenly spaced in time, or the window is no even number of spacings.
        """
        self._require_even(time)
        self._frames.append((time, positions, ids))
        if not self._half or len(self._frames) <= 2 * self._half:
            return None
        common = ids
        for _, _, others in self._frames:
            if common is not None and others is not None and not np.array_equal(common, others):
                common = np.intersect1d(common, others, assume_unique=True)
        frames = np.stack([_of(common, *frame[1:]) for frame in self._frames])
        self._frames.popleft()
        return hop_indicator(frames, self._half)[self._half], common

    def _require_even(self, time: float) -> None:
        if not self._frames:
            return
        spacing = time - self._frames[-1][0]
        if not self._half:
            halves = self.window / (2 * spacing) if spacing > 0 else 0.0
            self._half = round(halves)
            if self._half < 1 or abs(halves - self._half) > _EVEN * halves:
                raise ValueError(
                    f"the window of hops is {self.window:g}, and frames are {spacing:g} apart: it "
                    "must be 2, 4, 6, ... times as long"
                )
        expected = self.window / (2 * self._half)
        if abs(spacing - expected) > _EVEN * expected:
            raise ValueError(
                f"frames at times {self._frames[-1][0]:g} and {time:g} are {spacing:g} apart, and "
                f"those before {expected:g}: hops are seen in frames that are evenly spaced in time"
            )


def _of(
    chosen: NDArray[np.int64] | None,
    positions: NDArray[np.float64],
    ids: NDArray[np.int64] | None,
) -> NDArray[np.float64]:
    """Positions of the particles with some ids."""
    if chosen is None or ids is None:
        return positions
    return positions[np.searchsorted(ids, chosen)]


def _require_order(hop_above: float, quiet_below: float) -> None:
    if not 0 <= quiet_below <= hop_above < np.inf:
        raise ValueError(
            f"particles are quiet below {quiet_below} and hop above {hop_above}: the first must "
            "not be the larger, and neither negative"
        )
