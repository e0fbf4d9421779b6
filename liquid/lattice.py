"""The shortest vectors of a lattice, and a box made of them."""

from __future__ import annotations

from functools import lru_cache
from itertools import permutations, product

import numpy as np
from numpy.typing import ArrayLike, NDArray

# Cosine of an angle that counts as right; boxes in single precision are right to 1e-7.
_RIGHT_ANGLE = 1e-6

# A vector is replaced by a shorter one only; equally short ones stay.
_SHORTER = 1 - 1e-9

_MOST_ROUNDS = 1000


def reduced_lattice(vectors: ArrayLike) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Find the shortest vectors of a lattice, in the orientation that boxes have.

    In two dimensions this is Lagrange's reduction, in three Minkowski's: no vector can be made
    shorter by adding whole multiples of the others. The order and the signs of the vectors are
    those that turn the lattice least; a lattice that has a box in its own orientation is not turned
    at all. Angles that are right to 1e-6 are made exactly so.

    Parameters
    ----------
    vectors : array_like, shape (d, d)
        Lattice vectors a, b[, c] as rows, in any orientation.

    Returns
    -------
    reduced : ndarray, shape (d, d), float64
        Lower triangular, with a positive diagonal: a = (ax, 0, 0), b = (bx, by, 0), c.
    rotation : ndarray, shape (d, d), float64
        ``positions @ rotation`` turns positions with the lattice; exactly 1 where nothing turns.

    Raises
    ------
    ValueError
        If the vectors are not finite or span no box.

    Notes
    -----
    P. Q. Nguyen and D. Stehlé, ACM Trans. Algorithms 5, 46 (2009).

    Examples
    --------
    >>> reduced, rotation = reduced_lattice([[4.0, 0.0], [9.0, 5.0]])
    >>> reduced
    array([[4., 0.],
           [1., 5.]])
    """
    rows = np.array(vectors, dtype=np.float64)
    if rows.ndim != 2 or rows.shape not in ((2, 2), (3, 3)):
        raise ValueError(f"lattice vectors have the shape {rows.shape}, not (2, 2) or (3, 3)")
    reduced, rotation = _reduced(rows.tobytes(), len(rows))
    return reduced.copy(), rotation.copy()


@lru_cache(maxsize=64)
def _reduced(content: bytes, dimensions: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Work on the bytes of the vectors, which are the same in all frames of most files."""
    given = np.frombuffer(content).reshape(dimensions, dimensions)
    # Squares of larger numbers overflow.
    lengths = np.full(dimensions, np.inf)
    if np.abs(given).max() < 1e100:
        lengths = np.linalg.norm(given, axis=1)
    if not np.isfinite(lengths).all() or not np.all(lengths):
        raise ValueError(f"lattice vectors {given.tolist()} span no box")
    if abs(np.linalg.det(given / lengths[:, None])) < 1e-9:
        raise ValueError(f"lattice vectors {given.tolist()} span no box")
    shortest = _squared_up(_shortest(_squared_up(given)))
    best: tuple[float, NDArray[np.float64], NDArray[np.float64]] | None = None
    for order in permutations(range(dimensions)):
        for signs in product((1.0, -1.0), repeat=dimensions):
            rows = np.array(signs)[:, None] * shortest[list(order)]
            if np.linalg.det(rows) < 0:
                continue
            rotation, upper = np.linalg.qr(rows.T)
            flips = np.sign(np.diag(upper))
            rotation, upper = rotation * flips, upper * flips[:, None]
            likeness = float(np.trace(rotation))
            if best is None or likeness > best[0] + 1e-9:
                best = likeness, upper.T, rotation
                if np.abs(np.triu(rows, 1)).max() <= 1e-12 * np.abs(rows).max():
                    best = likeness, np.tril(rows), np.eye(dimensions)
    assert best is not None
    return _squared_up(np.tril(best[1])), best[2]


def _shortest(rows: NDArray[np.float64]) -> NDArray[np.float64]:
    """Shorten vectors by whole multiples of the others until none gets shorter."""
    rows = rows.copy()
    n_vectors = len(rows)
    for _ in range(_MOST_ROUNDS):
        before = rows.copy()
        for k in np.argsort((rows**2).sum(axis=1), kind="stable")[::-1]:
            others = [j for j in range(n_vectors) if j != k]
            candidates = [rows[k] + np.array(n) @ rows[others]
                          for n in product((-1.0, 0.0, 1.0), repeat=n_vectors - 1)]  # fmt: skip
            for j in others:
                multiple = np.rint(rows[k] @ rows[j] / (rows[j] @ rows[j]))
                candidates.append(rows[k] - multiple * rows[j])
            squares = [candidate @ candidate for candidate in candidates]
            if min(squares) < rows[k] @ rows[k] * _SHORTER:
                rows[k] = candidates[int(np.argmin(squares))]
        if np.array_equal(rows, before):
            return rows
    raise ValueError(f"lattice vectors {rows.tolist()} span no box")


def _squared_up(rows: NDArray[np.float64]) -> NDArray[np.float64]:
    """Make exactly zero what is zero up to rounding."""
    lengths = np.sqrt((rows**2).sum(axis=1))
    along = np.abs(rows) <= _RIGHT_ANGLE * lengths[:, None]
    return np.where(along, 0.0, rows)
