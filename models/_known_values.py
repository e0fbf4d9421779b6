"""Values of one species, particle by particle, where all of them are known."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..liquid import Configuration, select_species


def known_of_species(
    configurations: Sequence[Configuration], species: str, *values: Sequence[ArrayLike]
) -> list[list[NDArray[np.float64]]]:
    """Select values, such as labels and predictions, of the particles of a species.

    In a field of view particles that lack one of the values (NaN) are left out of all; in a
    periodic box there are none.
    """
    selected = [select_species(configurations, each, species) for each in values]
    for number, configuration in enumerate(configurations):
        if configuration.box.is_periodic:
            continue
        columns = np.column_stack([arrays[number] for arrays in selected])
        known = ~np.isnan(columns).any(axis=1)
        for arrays in selected:
            arrays[number] = arrays[number][known]
    return selected
