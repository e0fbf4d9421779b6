"""Which harmonics a bond-order kernel computes, and what becomes of them."""

from __future__ import annotations

from fractions import Fraction
from math import factorial, pi, sqrt

import numpy as np
from numpy.typing import NDArray

from ._bond_order_kernels import Harmonics
from ._vector_kernels import CHUNK


def indices(orders: NDArray[np.int64], dimensions: int) -> list[tuple[int, int]]:
    """List (l, m): in 2D m = l alone, in 3D m from 0 to l; the others follow by conjugation."""
    return [
        (int(order), m)
        for order in orders
        for m in ([int(order)] if dimensions == 2 else range(int(order) + 1))
    ]


def harmonics(orders: NDArray[np.int64], dimensions: int, components: bool) -> Harmonics:
    """Prepare a kernel for the q_l of all orders, or for the components of q_lm.

    Components come in the order of :func:`indices`, each with its real part before its imaginary
    part, which is left out for m = 0.
    """
    listed = indices(orders, dimensions)
    n_parts = [1 if m == 0 else 2 for _, m in listed]
    first_lines = np.cumsum([0, *n_parts])
    side = int(orders[-1]) + 1
    row_of = np.full((side, side), -1)
    line = np.zeros(-(-sum(n_parts) // CHUNK) * CHUNK, dtype=np.int64)
    factor = np.zeros(len(line))
    row = 0
    for k in sorted(range(len(listed)), key=lambda k: listed[k][::-1]):
        order, m = listed[k]
        row_of[m, order] = row
        for part in range(n_parts[k]):
            if components:
                line[row] = first_lines[k] + part
                factor[row] = 1.0 if dimensions == 2 else _leading_coefficient(order, m)
            else:
                line[row] = np.searchsorted(orders, order)
                factor[row] = 1.0 if dimensions == 2 else _contribution(order, m)
            row += 1
    stop = np.arange(1, side + 1) if dimensions == 2 else np.full(side, side)
    all_m, all_orders = np.ogrid[:side, :side]
    coefficients = (all_orders**2 - all_m**2) / (4.0 * all_orders**2 - 1.0)
    return Harmonics(row_of, stop, coefficients, line, factor)


def _leading_coefficient(order: int, m: int) -> float:
    """Return the factor of (x + i y)^m z^(l-m) in Y_lm."""
    square = Fraction(factorial(2 * order), 2**order * factorial(order)) ** 2
    square /= factorial(order - m) * factorial(order + m)
    return (-1) ** m * sqrt(square * (2 * order + 1)) / sqrt(4 * pi)


def _contribution(order: int, m: int) -> float:
    """Return what turns |Re|^2 or |Im|^2 into a term of q_l^2, m and -m together, as a root."""
    return _leading_coefficient(order, m) * sqrt((1 if m == 0 else 2) * 4 * pi / (2 * order + 1))
