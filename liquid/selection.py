"""Values of the particles of one species."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .configuration import Configuration


def select_species(
    configurations: Sequence[Configuration], values: Sequence[ArrayLike], species: str | None
) -> list[NDArray[np.float64]]:
    """Keep the values of the particles of one species, configuration by configuration.

    Parameters
    ----------
    configurations : sequence of Configuration
    values : sequence of array_like, shape (N, ...)
        Labels, predictions or any other numbers of all particles of each configuration.
    species : str or None
        All particles are kept if it is None.

    Returns
    -------
    list of ndarray, shape (n_chosen, ...), float64

    Raises
    ------
    ValueError
        If there are not as many arrays as configurations, or rows as particles, or the species is
        unknown.

    Examples
    --------
    >>> from vitreous.liquid import Box, Configuration
    >>> pair = Configuration([[0, 0], [1, 0]], [0, 1], Box.cube(9, 2), "AB")
    >>> select_species([pair], [[0.25, 0.5]], "B")
    [array([0.5])]
    """
    if len(values) != len(configurations):
        raise ValueError(f"{len(values)} arrays of values for {len(configurations)} configurations")
    selected = []
    for number, (configuration, array) in enumerate(zip(configurations, values, strict=True)):
        array = np.asarray(array, dtype=np.float64)
        if array.shape[:1] != (configuration.n_particles,):
            raise ValueError(
                f"configuration {number} has {configuration.n_particles} particles, "
                f"its values have shape {array.shape}"
            )
        selected.append(array[configuration.of_species(species)])
    return selected
