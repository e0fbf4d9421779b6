"""Times at which to look."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def logarithmic_times(
    first: float, last: float, per_decade: int, *, time_step: float
) -> NDArray[np.float64]:
    """Space times evenly on a logarithmic scale, each a multiple of the time step, none twice.

    Where the grid is finer than the time step, as it may be at its beginning, times that fall on
    one step are merged.

    Parameters
    ----------
    first, last : float
        Ends of the grid, both part of it after rounding to time steps.
    per_decade : int
        Number of times per factor of ten; the ratio of successive times is adjusted so that the
        grid ends at `last`.
    time_step : float
        In units of sigma_AA (m / eps_AA)^1/2.

    Returns
    -------
    ndarray, shape (T,), float64

    Raises
    ------
    ValueError
        If the ends are not in order, or the first is less than half a time step, or fewer than one
        time per decade is asked for.

    Examples
    --------
    >>> from vitreous.simulate import logarithmic_times
    >>> logarithmic_times(0.01, 10, per_decade=2, time_step=0.01)
    array([ 0.01,  0.03,  0.1 ,  0.32,  1.  ,  3.16, 10.  ])
    """
    if not 0 < time_step < np.inf:
        raise ValueError(f"the time step must be positive and finite, not {time_step}")
    if not time_step / 2 < first < last < np.inf:
        raise ValueError(
            f"the first time must be a time step of {time_step:g} or more and lie before the last, "
            f"not {first} and {last}"
        )
    if per_decade < 1:
        raise ValueError(f"per_decade must be 1 or more, not {per_decade}")
    n_intervals = max(1, round(per_decade * np.log10(last / first)))
    steps = np.unique(np.rint(np.geomspace(first, last, n_intervals + 1) / time_step))
    return steps * time_step
