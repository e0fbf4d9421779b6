"""What a model of all time scales chooses by leaving out temperatures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from ._at_bound import ends_chosen
from ._clock_ridge import ClockMoments, left_out_correlation

# Of one sample and one standardised column.
_PENALTIES = np.array([1e-3, 1e-2, 1e-1])
_USUAL_PENALTY = 1e-2


def chosen_penalty(temperatures: Sequence[ClockMoments]) -> tuple[float, str]:
    """Choose what predicts best at a temperature left out.

    Returns
    -------
    penalty : float
        The usual one where nothing can be left out.
    at_bound : str
        As `ends_chosen` says.
    """
    scores = np.full((len(_PENALTIES), 1), np.nan)
    for row, penalty in zip(scores, _PENALTIES, strict=True):
        found = []
        for own in temperatures:
            others = [moments for moments in temperatures if moments is not own]
            for place, clock in enumerate(own.clock):
                covering = [moments for moments in others if moments.covers(clock)]
                if covering:
                    penalties = np.full(len(own.columns), penalty)
                    found.append(left_out_correlation(covering, own, place, clock, penalties))
        if np.isfinite(found).any():
            row[0] = np.nanmean(found)
    if not np.isfinite(scores).all():
        return _USUAL_PENALTY, ""
    (end,) = ends_chosen(_PENALTIES, -scores)
    return float(_PENALTIES[np.argmax(scores)]), str(end)


def better_at_short_times(
    short: Sequence[ClockMoments],
    late: Sequence[ClockMoments],
    clocks: Sequence[tuple[NDArray[np.float64], NDArray[np.float64]]],
    penalties: Mapping[str, float],
    between: tuple[float, float],
) -> list[tuple[float, float]]:
    """Compare both regimes at labels between two times, each temperature being left out.

    Parameters
    ----------
    short, late : sequence of ClockMoments
        Of one species, one for each temperature.
    clocks : sequence of tuple of ndarray
        Times of the labels of each temperature, and the late clock at them.
    penalties : mapping of str to float
        Of "short" and "late".
    between : tuple of float

    Returns
    -------
    list of tuple of float
        Correlations that the short and the late regime reach at each of these labels.
    """
    if len(short) != len(late) or len(late) < 2:
        return []
    found = []
    for own_short, own_late, (times, late_clock) in zip(short, late, clocks, strict=True):
        other_late = [moments for moments in late if moments is not own_late]
        for time, value in zip(times, late_clock, strict=True):
            if not between[0] < time < between[1]:
                continue
            at = float(np.log(time))
            other_short = [m for m in short if m is not own_short and m.covers(at)]
            if other_short:
                found.append(
                    (
                        _reached(other_short, own_short, at, penalties["short"]),
                        _reached(other_late, own_late, float(value), penalties["late"]),
                    )
                )
    return found


def _reached(
    others: Sequence[ClockMoments], own: ClockMoments, clock: float, penalty: float
) -> float:
    place = int(np.argmin(abs(own.clock - clock)))
    return left_out_correlation(others, own, place, clock, np.full(len(own.columns), penalty))
