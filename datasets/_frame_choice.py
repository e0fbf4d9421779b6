"""Which frames of a trajectory are read."""

from __future__ import annotations

from dataclasses import dataclass
from operator import index
from pathlib import Path

import numpy as np

# Of a step between two chosen times.
_TIME_TOLERANCE = 1e-6


class NothingChosen(ValueError):
    """A file none of whose frames is chosen."""

    def __init__(self, path: str | Path, n_frames: int) -> None:
        super().__init__(
            f"{path}: none of its {n_frames} frame(s) is chosen; they count from 0 in each file"
        )


@dataclass(frozen=True)
class FrameChoice:
    """Frames by their number and by their time.

    Attributes
    ----------
    start, stop, step : int
        As in ``frames[start:stop:step]``; `stop` None takes all to the end. Negative numbers count
        from the end, for which the file is passed over once before.
    times : (float, float, float or None) or None
        Only frames from the first to the second time, both included; of these, if there is a third
        number, those at whole multiples of it after the first time.
    """

    start: int = 0
    stop: int | None = None
    step: int = 1
    times: tuple[float, float, float | None] | None = None

    @property
    def counts_from_the_end(self) -> bool:
        """Whether the number of frames must be known."""
        return self.start < 0 or (self.stop is not None and self.stop < 0)

    def of_length(self, n_frames: int) -> FrameChoice:
        """Make all numbers count from the beginning, in a file of so many frames."""
        start, stop, step = slice(self.start, self.stop, self.step).indices(n_frames)
        return FrameChoice(start, stop, step, self.times)

    def takes(self, number: int) -> bool:
        """Whether a frame is chosen, by its number."""
        return (
            number >= self.start
            and (self.stop is None or number < self.stop)
            and (number - self.start) % self.step == 0
        )

    def takes_time(self, time: float) -> bool:
        """Whether a frame is chosen, by its time."""
        if self.times is None:
            return True
        if np.isnan(time):
            raise ValueError(
                "its frames have no times by which they could be chosen; choose them by number "
                "(--frames), or give the time of a step (time_step=, --time-step)"
            )
        first, last, every = self.times
        slack = _TIME_TOLERANCE * (every or abs(last - first))
        if not first - slack <= time <= last + slack:
            return False
        multiple = 0.0 if every is None else (time - first) / every
        return abs(multiple - round(multiple)) <= _TIME_TOLERANCE * max(1.0, abs(multiple))

    def is_over(self, number: int) -> bool:
        """Whether no later frame is chosen."""
        return self.stop is not None and number >= self.stop


EVERY_FRAME = FrameChoice()


def choose_frames(
    frames: str | int | slice | None = None, times: str | tuple[float, ...] | None = None
) -> FrameChoice:
    """Read a choice of frames as users write it.

    Parameters
    ----------
    frames : str, int or slice, optional
        ``100:2000:50`` for frames 100, 150, ... before 2000, as slices in Python; one number for
        one frame. Frames count from 0, and negative numbers from the end.
    times : str or tuple of float, optional
        ``10:500`` for frames between two times, ``10:500:20`` for those at 10, 30, ... among them.

    Raises
    ------
    ValueError
        If it cannot be understood, or chooses nothing.

    Examples
    --------
    >>> choice = choose_frames("100:2000:50")
    >>> [number for number in range(300) if choice.takes(number)]
    [100, 150, 200, 250]
    """
    return FrameChoice(*_numbers(frames), _times(times))


def _numbers(frames: str | int | slice | None) -> tuple[int, int | None, int]:
    if frames is None:
        return 0, None, 1
    if hasattr(frames, "__index__"):
        number = index(frames)
        return number, None if number == -1 else number + 1, 1
    if not isinstance(frames, str | slice):
        raise ValueError(
            f"frames {frames!r} are not a text start:stop:step, as '100:2000:50', a slice, nor one "
            "whole number"
        )
    if isinstance(frames, str):
        parts = frames.split(":")
        try:
            values = [int(part) if part.strip() else None for part in parts]
        except ValueError:
            values = []
        if not 1 <= len(values) <= 3 or (len(values) == 1 and values[0] is None):
            raise ValueError(
                f"frames {frames!r} are not start:stop:step, as 100:2000:50, nor one number"
            )
        if len(values) == 1 and values[0] is not None:
            return _numbers(values[0])
        frames = slice(*values)
    start, stop, step = frames.start or 0, frames.stop, 1 if frames.step is None else frames.step
    if step < 1:
        raise ValueError(f"the step between frames must be 1 or more, not {step}")
    if stop is not None and stop <= start and (stop < 0) == (start < 0):
        raise ValueError(f"there is no frame from {start} before {stop}")
    return start, stop, step


def _times(times: str | tuple[float, ...] | None) -> tuple[float, float, float | None] | None:
    if times is None:
        return None
    try:
        values = [float(part) for part in (times.split(":") if isinstance(times, str) else times)]
    except (TypeError, ValueError):
        values = []
    if len(values) not in (2, 3) or not np.isfinite(values).all():
        raise ValueError(
            f"times {times!r} are not first:last or first:last:step, as 10:500 or 10:500:20"
        )
    if values[1] < values[0] or (values[2:] and not values[2] > 0):
        raise ValueError(f"there are no times {times!r}")
    return values[0], values[1], values[2] if values[2:] else None
