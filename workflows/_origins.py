"""Labels from one trajectory: what follows each of many time origins."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from ..datasets import Structure, displacement_vectors
from ..dynamics import ParticleLabels
from ..liquid import System

# Times agree up to this share of the longest lag.
_SAME_TIME = 1e-6


@dataclass
class Origin:
    """A frame of a trajectory, and the labels of what followed it so far.

    Attributes
    ----------
    structure : Structure
    stretch : float
        Time of the first origin of the stretch of overlapping origins that this one belongs to.
    labels : dict of float to dict of str to ndarray, shape (N,)
        By lag.
    """

    structure: Structure
    stretch: float
    evaluate: ParticleLabels
    labels: dict[float, dict[str, NDArray[np.float64]]] = field(default_factory=dict)


def label_origins(
    structures: Iterable[Structure],
    system: System,
    lags: NDArray[np.float64],
    every: float | None,
    stretch: float | None,
) -> Iterator[Origin]:
    """Label what follows the origins of a trajectory, one frame in memory beside open origins.

    Parameters
    ----------
    structures : iterable of Structure
        Frames in the order of time, with times and unwrapped positions.
    system : System
    lags : ndarray, shape (T,)
        Rising positive times after an origin.
    every : float, optional
        Time between origins; the longest lag by default, so that none overlap.
    stretch : float, optional
        How long origins are taken before a gap of the longest lag separates them from the next
        stretch; without it there are no gaps.

    Yields
    ------
    Origin
        Those that have labels at all lags.

    Raises
    ------
    ValueError
        If frames have no times, or no origin is followed by frames at all lags.
    """
    longest = float(lags[-1])
    slack = _SAME_TIME * longest
    spacing = longest if every is None else every
    length = (0.0 if spacing >= longest else np.inf) if stretch is None else stretch
    started = last = None
    opened: list[Origin] = []
    n_opened = n_yielded = 0
    missing: set[float] = set()
    for frame in structures:
        if np.isnan(frame.time):
            raise ValueError(
                f"{frame.source} has no time: give the time of a step (time_step=, --time-step)"
            )
        _take(frame, opened, lags, slack)
        for done in [
            origin for origin in opened if origin.structure.time + longest <= frame.time + slack
        ]:
            opened.remove(done)
            if len(done.labels) == len(lags):
                n_yielded += 1
                yield done
            else:
                missing |= set(lags.tolist()) - set(done.labels)
        if started is None or last is None:
            is_origin, anew = True, True
        else:
            within = frame.time <= started + length + slack
            anew = not within and frame.time >= last + max(longest, spacing) - slack
            is_origin = anew or (within and frame.time >= last + spacing - slack)
        if is_origin:
            last = frame.time
            started = frame.time if anew or started is None else started
            labels = ParticleLabels(system, frame.configuration)
            opened.append(Origin(frame, started, labels))
            n_opened += 1
    if not n_yielded:
        known = ", ".join(f"{lag:g}" for lag in sorted(missing)) or "all of them"
        raise ValueError(
            f"none of {n_opened} time origins is followed by frames at all lags; there are none "
            f"after {known}: choose lags that are times between frames, and shorter than the run"
        )


def _take(frame: Structure, opened: list[Origin], lags: NDArray[np.float64], slack: float) -> None:
    """Label a frame for the origins that it follows by one of the lags."""
    for origin in opened:
        since = frame.time - origin.structure.time
        place = int(np.abs(lags - since).argmin())
        if abs(lags[place] - since) <= slack:
            moved = displacement_vectors(origin.structure, frame)
            positions = origin.structure.configuration.positions + moved
            origin.labels[float(lags[place])] = origin.evaluate(positions)
