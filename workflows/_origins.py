"""Labels from one trajectory: what follows each of many time origins."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ..datasets import Structure, displacement_vectors
from ..dynamics import ParticleLabels
from ..liquid import System
from ..models._species_blocks import fingerprint
from ._hops import FollowedHops, HopSettings, LargestHop
from ._labels import require_mixture
from ._motion import common_share, require_motion, warn_of_drift

# Times agree up to this share of the longest lag.
_SAME_TIME = 1e-6


@dataclass
class Origin:
    """A frame of a trajectory, and the labels of what followed it so far.

    Attributes
    ----------
    structure : Structure
    stretch : str
        Name of the stretch of overlapping origins that this one belongs to: file, time and
        positions of its first origin, whatever file this one is in.
    labels : dict of float to dict of str to ndarray, shape (N,)
        By lag.
    """

    structure: Structure
    stretch: str
    evaluate: ParticleLabels
    hops: LargestHop | None = None
    labels: dict[float, dict[str, NDArray[np.float64]]] = field(default_factory=dict)


def label_origins(
    structures: Iterable[Structure],
    system: System,
    lags: NDArray[np.float64],
    every: float | None,
    stretch: float | None,
    hops: HopSettings | None = None,
    allow_other_mixture: bool = False,
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
    hops : HopSettings, optional
        Hops are labels as well.
    allow_other_mixture : bool
        Whether composition and density of an origin may differ from those of the system.

    Yields
    ------
    Origin
        Those that have labels at all lags.

    Raises
    ------
    ValueError
        If frames have no times, an origin is none of the system, or none is followed by frames at
        all lags.
    """
    longest = float(lags[-1])
    slack = _SAME_TIME * longest
    spacing = longest if every is None else every
    length = (0.0 if spacing >= longest else np.inf) if stretch is None else stretch
    started = None
    # Times of the origins that have all labels, or may still get them.
    taken: list[float] = []
    opened: list[Origin] = []
    n_opened = n_yielded = 0
    drift = 0.0
    name = ""
    first, span = np.nan, 0.0
    missing: set[float] = set()
    followed = None if hops is None else FollowedHops(hops)
    for frame in structures:
        frame.require_time()
        first = frame.time if np.isnan(first) else first
        span = frame.time - first
        if followed is not None:
            _follow_hops(frame, followed, opened)
        drift = max(drift, _take(frame, opened, lags, slack))
        for origin in list(opened):
            due = lags[origin.structure.time + lags <= frame.time + slack].tolist()
            if lost := set(due) - set(origin.labels):
                missing |= lost
                opened.remove(origin)
                taken.remove(origin.structure.time)
            elif len(due) == len(lags):
                opened.remove(origin)
                n_yielded += 1
                yield origin
        if started is None or not taken:
            is_origin, anew = True, True
        else:
            within = frame.time <= started + length + slack
            anew = not within and frame.time >= taken[-1] + max(longest, spacing) - slack
            is_origin = anew or (within and frame.time >= taken[-1] + spacing - slack)
        if is_origin:
            taken.append(frame.time)
            if anew or started is None:
                started, name = frame.time, _name_of_stretch(frame)
            require_mixture(system, frame, allow_other_mixture)
            labels = ParticleLabels(system, frame.configuration)
            largest = None
            if hops is not None:
                n_particles = frame.configuration.n_particles
                largest = LargestHop(hops, frame.time, n_particles, _changing_ids(frame))
            opened.append(Origin(frame, name, labels, largest))
            n_opened += 1
    if followed is not None:
        followed.close()
    if drift:
        warn_of_drift(drift, frame.file)
    if not n_yielded:
        known = ", ".join(f"{lag:g}" for lag in sorted(missing))
        where = f"there are none after {known}" if known else f"all frames lie within {span:g}"
        raise ValueError(
            f"none of {n_opened} time origins is followed by frames at all lags; {where}: choose "
            "lags that are times between frames, and shorter than the run"
        )


def _name_of_stretch(first: Structure) -> str:
    positions = fingerprint(first.configuration)[:16]
    return f"{Path(first.file).name} from {first.time:.12g}, {positions}"


def _follow_hops(frame: Structure, followed: FollowedHops, opened: list[Origin]) -> None:
    """Tell the origins of the hops in the window that ends with a frame."""
    assert frame.unwrapped is not None
    try:
        found = followed.add(frame.time, frame.unwrapped, _changing_ids(frame))
    except ValueError as error:
        raise ValueError(f"{frame.source}: {error}") from error
    if found is not None:
        for origin in opened:
            assert origin.hops is not None
            origin.hops.add(*found)


def _changing_ids(frame: Structure) -> NDArray[np.int64] | None:
    """Ids of the particles where these come and go, in a field of view."""
    return None if frame.configuration.box.is_periodic else frame.ids


def _take(frame: Structure, opened: list[Origin], lags: NDArray[np.float64], slack: float) -> float:
    """Label a frame for the origins that it follows by one of the lags.

    Returns
    -------
    float
        The largest `common_share` of the displacements since then.
    """
    drift = 0.0
    for origin in opened:
        since = frame.time - origin.structure.time
        place = int(np.abs(lags - since).argmin())
        if abs(lags[place] - since) <= slack:
            moved = displacement_vectors(origin.structure, frame)
            require_motion(moved, frame, origin.structure.source, since)
            drift = max(drift, common_share(moved))
            positions = origin.structure.configuration.positions + moved
            labels = origin.evaluate(positions)
            if origin.hops is not None:
                labels |= origin.hops.labels()
            origin.labels[float(lags[place])] = labels
    return drift
