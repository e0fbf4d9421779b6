"""Hops of particles as labels: whether they hopped, or stayed quiet, by a later time."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from ..dynamics.hops import HOP_ABOVE, QUIET_BELOW, HopWindow, ResidenceRecord, hop_classes

# Two times of a trajectory are the same up to this share of the window.
_SAME_TIME = 1e-3


@dataclass(frozen=True)
class HopSettings:
    """How hops are told from rattling; see `vitreous.dynamics.hop_indicator`.

    Attributes
    ----------
    window : float
        Duration of both half windows together.
    hop_above, quiet_below : float
        Thresholds of p_hop.
    residences : list of ndarray
        Residence times of each trajectory that was followed with these settings.
    """

    window: float
    hop_above: float = HOP_ABOVE
    quiet_below: float = QUIET_BELOW
    residences: list[NDArray[np.float64]] = field(default_factory=list)

    def __post_init__(self) -> None:
        hop_classes([], self.hop_above, self.quiet_below)
        HopWindow(self.window)


class LargestHop:
    """Largest p_hop of the particles of a structure, from windows that begin with it or later.

    Parameters
    ----------
    settings : HopSettings
    time : float
        Of the structure.
    n_particles : int
    ids : ndarray, shape (N,), int64, or None
        Of its particles, where they come and go.
    """

    def __init__(
        self,
        settings: HopSettings,
        time: float,
        n_particles: int,
        ids: NDArray[np.int64] | None = None,
    ) -> None:
        self._settings = settings
        self._time = time
        self._ids = ids
        self._largest = np.full(n_particles, np.nan)
        self._begun = False

    def add(
        self, begin: float, indicator: NDArray[np.float64], ids: NDArray[np.int64] | None
    ) -> None:
        """Take in p_hop of a window that begins at a time; those before the structure count not."""
        if begin < self._time - _SAME_TIME * self._settings.window:
            return
        values = indicator
        if ids is not None and self._ids is not None:
            values = np.full(len(self._ids), np.nan)
            _, own, others = np.intersect1d(self._ids, ids, assume_unique=True, return_indices=True)
            values[own] = indicator[others]
        self._largest = np.maximum(self._largest, values) if self._begun else values.copy()
        self._begun = True

    def labels(self) -> dict[str, NDArray[np.float64]]:
        """Labels of each particle, shape (N,), NaN as long as there was no window.

        ``hop``, the largest p_hop; ``hopped``, 1 if it is above the threshold; ``quiet``, 1 if it
        is below the other one.
        """
        known = ~np.isnan(self._largest)
        classes = hop_classes(self._largest, self._settings.hop_above, self._settings.quiet_below)
        return {
            "hop": self._largest.copy(),
            "hopped": np.where(known, classes == 1, np.nan),
            "quiet": np.where(known, classes == 0, np.nan),
        }


class FollowedHops:
    """p_hop along one trajectory, and the residence times between its hops.

    Parameters
    ----------
    settings : HopSettings
    """

    def __init__(self, settings: HopSettings) -> None:
        self._settings = settings
        self._window = HopWindow(settings.window)
        self._record = ResidenceRecord(settings.hop_above)

    def add(
        self,
        time: float,
        positions: NDArray[np.float64],
        ids: NDArray[np.int64] | None = None,
    ) -> tuple[float, NDArray[np.float64], NDArray[np.int64] | None] | None:
        """Take in a frame; return when the window that ends with it began, p_hop, and whose."""
        found = self._window.add(time, positions, ids)
        if found is None:
            return None
        indicator, common = found
        self._record.add(time - self._settings.window / 2, indicator, common)
        return time - self._settings.window, indicator, common

    def close(self) -> None:
        """Add the residence times to those of the settings."""
        self._settings.residences.append(self._record.times())
