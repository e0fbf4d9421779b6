"""Sorting the rows of a table by ids, which seldom have gaps."""

import numpy as np

from ..compiled.decorators import strict_kernel

_LARGEST = 2.0**53


@strict_kernel
def sort_by_id(values, column, order, ids, coordinates):
    """Sort rows in linear time, if ids are whole, without many gaps, and differ.

    Parameters
    ----------
    values : float64 array, shape (N, k)
        Coordinates in front.
    column : int
        Of the ids.
    order : int64 array, shape (N,)
        Filled with the rows in the order of their ids.
    ids : int64 array, shape (N,)
        Filled with these, rising.
    coordinates : float64 array, shape (N, d)
        Filled with those of the rows in that order.

    Returns
    -------
    bool
        Whether this was possible.
    """
    n_rows, dimensions = coordinates.shape
    first = last = values[0, column]
    for row in range(n_rows):
        value = values[row, column]
        if not (-_LARGEST < value < _LARGEST) or np.float64(np.int64(value)) != value:
            return False
        first, last = min(first, value), max(last, value)
    if last - first >= 8 * n_rows:
        return False
    rows = np.full(np.int64(last - first) + 1, -1, dtype=np.int64)
    for row in range(n_rows):
        place = np.int64(values[row, column] - first)
        if rows[place] >= 0:
            return False
        rows[place] = row
    found = 0
    for above_first in range(len(rows)):
        of_id = rows[above_first]
        if of_id >= 0:
            order[found] = of_id
            ids[found] = np.int64(first) + above_first
            for axis in range(dimensions):
                coordinates[found, axis] = values[of_id, axis]
            found += 1
    return True
