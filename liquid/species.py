"""Names of species, turned into types."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray


def named_types(
    names: Sequence[str], species: Sequence[str] | None
) -> tuple[NDArray[np.int64], tuple[str, ...]]:
    """Turn names of species into types, in the order of `species` or, without it, of the names."""
    order = tuple(sorted(set(names)) if species is None else species)
    index = {name: number for number, name in enumerate(order)}
    unknown = sorted(set(names) - set(index))
    if unknown:
        raise ValueError(f"unknown species {unknown[0][:60]!r}; known are {', '.join(order)}")
    return np.array([index[name] for name in names], dtype=np.int64), order
