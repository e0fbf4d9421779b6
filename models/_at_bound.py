"""Which choices ended where the values to choose from end."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

# What the last step towards the end has to gain, as a share of the loss of a useless model.
_WORTH_SAYING = 0.01


def ends_chosen(
    offered: NDArray[np.float64],
    losses: NDArray[np.float64],
    useless: float | NDArray[np.float64] = 1.0,
) -> NDArray[np.str_]:
    """Name the end of the values offered that is best, if the step to it from the next one paid.

    Parameters
    ----------
    offered : ndarray, shape (n_values,)
        In any order; a single one is no choice.
    losses : ndarray, shape (n_values, n_targets)
    useless : float or ndarray, shape (n_targets,)
        Loss of a model that knows nothing; the step paid if it gained a hundredth of that.

    Returns
    -------
    ndarray, shape (n_targets,), str
        "smallest", "largest" or "".
    """
    ends = np.full(losses.shape[1], "", dtype="<U8")
    if len(offered) > 1:
        order = np.argsort(offered)
        best = np.argmin(losses[order], axis=0)
        for name, end, neighbor in (("smallest", 0, 1), ("largest", -1, -2)):
            paid = losses[order[neighbor]] - losses[order[end]] > _WORTH_SAYING * useless
            ends[(best == np.arange(len(order))[end]) & paid] = name
    return ends
