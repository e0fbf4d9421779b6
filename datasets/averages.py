"""Positions averaged over a stretch of a trajectory, as experiments take them."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import replace

import numpy as np
from numpy.typing import ArrayLike

from ..liquid import Configuration
from .displacements import displacement_vectors
from .items import Structure

# Times agree up to this share of the duration.
_SAME_TIME = 1e-6


def past_averages(structures: Iterable[Structure], duration: float) -> Iterator[Structure]:
    """Give each frame of a trajectory its positions averaged over the time before it.

    The average ends at the frame: what follows, and is to be predicted, does not enter. It takes
    all frames of the last `duration`, the current one included.

    Parameters
    ----------
    structures : iterable of Structure
        Frames in the order of time, with times; those of one stretch are in memory together.
    duration : float
        Longer than particles need to explore their cages, and shorter than they stay in them.

    Yields
    ------
    Structure
        With ``average``; frames before the first whole duration are left out.

    Raises
    ------
    ValueError
        If frames have no times, their times do not rise, or no more than one falls within the
        duration; or as `displacement_vectors`.

    Examples
    --------
    >>> from vitreous.datasets import Structure, past_averages
    >>> from vitreous.liquid import Box, Configuration
    >>> box = Box.cube(10.0, 2)
    >>> frames = [
    ...     Structure(Configuration([[x, 0.0]], [0], box, "A"), time=float(k))
    ...     for k, x in enumerate([1.0, 2.0, 3.0, 2.0])
    ... ]
    >>> [float(frame.average[0, 0]) for frame in past_averages(frames, 2.0)]
    [2.0, 2.3333333333333335]
    """
    if not duration > 0:
        raise ValueError(f"the average needs a positive duration, not {duration}")
    slack = _SAME_TIME * duration
    frames: deque[Structure] = deque()
    began = np.nan
    for structure in structures:
        structure.require_time()
        if frames and not structure.time > frames[-1].time:
            raise ValueError(
                f"{structure.source} is of time {structure.time:g}, and the frame before of "
                f"{frames[-1].time:g}: an average is over frames of rising times"
            )
        began = structure.time if np.isnan(began) else began
        frames.append(structure)
        while frames[0].time < structure.time - duration - slack:
            frames.popleft()
        if structure.time < began + duration - slack:
            continue
        if len(frames) < 2:
            raise ValueError(
                f"{structure.source}: the frame before is more than {duration:g} earlier, so there "
                "is nothing to average over; choose a longer duration, or write more frames"
            )
        moved = [displacement_vectors(structure, frame) for frame in frames]
        # In a field of view a particle is averaged over the frames that show it.
        is_periodic = structure.configuration.box.is_periodic
        back = np.mean(moved, axis=0) if is_periodic else np.nanmean(moved, axis=0)
        yield replace(structure, average=structure.configuration.positions + back)


def averaged_configuration(configuration: Configuration, average: ArrayLike) -> Configuration:
    """Make a configuration of the same particles at their average positions.

    Parameters
    ----------
    configuration : Configuration
    average : array_like, shape (N, d)
        Of a `Structure` or a `LabelledConfiguration`; inside the box or not. In a field of view,
        averages beyond its border are moved to it.

    Examples
    --------
    >>> from vitreous.datasets import averaged_configuration
    >>> from vitreous.liquid import Box, Configuration
    >>> pair = Configuration([[4.0, 0.0], [1.0, 0.0]], [0, 0], Box.cube(10.0, 2), ("A",))
    >>> averaged_configuration(pair, [[5.5, 0.0], [1.5, 0.0]]).positions.tolist()
    [[-4.5, 0.0], [1.5, 0.0]]
    """
    if not configuration.box.is_periodic:
        half = np.where(configuration.box.periodic, np.inf, np.array(configuration.box.lengths) / 2)
        average = np.clip(average, -half, half)
    return Configuration.wrapped(
        average,
        configuration.types,
        configuration.box,
        configuration.species,
        configuration.diameters,
        configuration.temperature,
    )
