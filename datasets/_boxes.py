"""Boxes from lattice vectors, as other formats keep them."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from ..liquid import Box


def box_from_vectors(vectors: ArrayLike) -> Box:
    """Make a box of lattice vectors a, b[, c], the rows of a lower triangular matrix (d, d).

    Raises
    ------
    ValueError
        If the matrix is not lower triangular, or has no positive diagonal.

    Examples
    --------
    >>> box_from_vectors([[4.0, 0.0], [1.0, 5.0]])
    Box(lengths=(4.0, 5.0), tilts=(0.2,))
    """
    rows = np.asarray(vectors, dtype=np.float64)
    if np.triu(rows, 1).any():
        raise ValueError(
            f"lattice vectors {rows.tolist()} are not of the form (ax, 0, 0), (bx, by, 0), c; "
            "rotate them and the positions"
        )
    lengths = np.diag(rows)
    if not (lengths > 0).all():
        raise ValueError(f"lattice vectors {rows.tolist()} span no box")
    below = [(1, 0)] if len(rows) == 2 else [(1, 0), (2, 0), (2, 1)]
    return Box(tuple(lengths), tuple(float(rows[i, j] / lengths[i]) for i, j in below))
