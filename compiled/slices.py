"""Long loops of compiled code in calls so short that an interrupt is soon noticed between them.

Python handles signals between two of its own instructions and never within a compiled function. A
signal that arrives there waits until the function returns. If numba then runs Python code to turn
results into Python objects, as it does for every array and named tuple, the handler raises its
exception in there, where nobody expects one, and the process crashes. So kernels that are called
from Python fill arrays that are handed in and return nothing but numbers; random numbers come in as
`generators` explains.
"""

from __future__ import annotations

from collections.abc import Iterator
from time import perf_counter

_SECONDS = 0.25  # of a slice whose speed is known: half of what a user may have to wait at most
_SECONDS_OF_FIRST = 0.05
_LARGEST_GROWTH = 8


def slices(n_steps: int, seconds_per_step: float) -> Iterator[tuple[int, int]]:
    """Cut a loop into calls of about a quarter of a second.

    The loop over the slices does the work; its speed decides how long the next slice is.

    Parameters
    ----------
    n_steps : int
    seconds_per_step : float
        A guess that decides on the first slice, rather too long than too short.

    Yields
    ------
    first, stop : int
        The next steps, from `first` to before `stop`.

    Examples
    --------
    >>> from vitreous.compiled.slices import slices
    >>> list(slices(100, seconds_per_step=1e-6))
    [(0, 100)]
    """
    first, size = 0, max(1, int(_SECONDS_OF_FIRST / seconds_per_step))
    while first < n_steps:
        stop = min(first + size, n_steps)
        began = perf_counter()
        yield first, stop
        seconds = max(perf_counter() - began, 1e-9)
        fitting = int((stop - first) * _SECONDS / seconds)
        size = max(1, min(fitting, _LARGEST_GROWTH * size))
        first = stop
