"""Scalar twins of the vector code, and what else depends on how a liquid is given.

A potential of the Lennard-Jones family is an array of coefficients and its list has no scales
(None); any other is a `Table`. A mixture of types has no mixing of diameters (None). The functions
here choose by these types when they are compiled.
"""

import numpy as np
from numba import types
from numba.extending import overload

from ..compiled.bits import bits_of, number_of
from ..compiled.decorators import strict_kernel
from ._table_kernels import mixed_diameter


def _is_none(kind):
    return isinstance(kind, types.NoneType)


def pair_diameter(mixing, s, t):
    """sigma_ij of two particles; `mixing` is the non-additivity or the address of a function."""


@overload(pair_diameter)
def _pair_diameter(mixing, s, t):
    if isinstance(mixing, types.Float):
        return lambda mixing, s, t: (s + t) * 0.5 * (1.0 - mixing * abs(s - t))
    return lambda mixing, s, t: mixed_diameter(mixing, s, t)


def pair_scale(table, a, b, mixing, sizes, i, j):
    """1 / r_c^2 of two entries of types a and b, whose diameters are ``sizes[i], sizes[j]``."""


@overload(pair_scale)
def _pair_scale(table, a, b, mixing, sizes, i, j):
    if _is_none(mixing):
        return lambda table, a, b, mixing, sizes, i, j: table.inverse_squares[a, b]
    return lambda table, a, b, mixing, sizes, i, j: (
        table.inverse_squares[a, b] / pair_diameter(mixing, sizes[i], sizes[j]) ** 2
    )


@strict_kernel
def family_energy(square, coefficients):
    """V(r) of the Lennard-Jones family from r^2, zero beyond the cutoff."""
    cutoff_square, p12, p6, k0, k1, k2, k4 = coefficients
    if square >= cutoff_square:
        return 0.0
    inverse = 1.0 / square
    inverse_6 = inverse * inverse * inverse
    tail = k0 + k1 * np.sqrt(square) + (k2 + k4 * square) * square
    return (p12 * inverse_6 + p6) * inverse_6 + tail


@strict_kernel
def table_energy(y, table, a, b):
    """W(y) of a `Table`, zero for y >= 1."""
    if y >= 1.0:
        return 0.0
    index = max((bits_of(y) >> table.shift) - table.first, 0)
    lower = number_of((index + table.first) << table.shift)
    c0, c1, c2, c3 = table.intervals[a, b, index]
    distance = y - lower
    t = max(distance, 0.0)
    return c0 + c1 * distance + t * t * (c2 + t * c3)


def pair_energy(square, table, a, b, scale):
    """V(r) of types a and b from r^2; `scale` is 1 / r_c^2 of the pair, None for the family."""


@overload(pair_energy)
def _pair_energy(square, table, a, b, scale):
    if isinstance(table, types.Array):
        return lambda square, table, a, b, scale: family_energy(square, table[a, b])
    return lambda square, table, a, b, scale: table_energy(square * scale, table, a, b)


def energy_of_kinds(square, table, mixing, a, b):
    """V(r) from r^2 of two particles of given kinds, types or diameters."""


@overload(energy_of_kinds)
def _energy_of_kinds(square, table, mixing, a, b):
    if isinstance(table, types.Array):
        return lambda square, table, mixing, a, b: family_energy(square, table[a, b])
    if _is_none(mixing):
        return lambda square, table, mixing, a, b: table_energy(
            square * table.inverse_squares[a, b], table, a, b
        )
    return lambda square, table, mixing, a, b: table_energy(
        square * pair_scale(table, 0, 0, mixing, (a, b), 0, 1), table, 0, 0
    )


def scale_of(scales, place):
    """Scale of an entry of a list; None where the list has none."""


@overload(scale_of)
def _scale_of(scales, place):
    if _is_none(scales):
        return lambda scales, place: None
    return lambda scales, place: scales[place]


def by_identity(values, identity):
    """Values of the particles in slots, 1 for fillers; None for None."""


@overload(by_identity)
def _by_identity(values, identity):
    if _is_none(values):
        return lambda values, identity: None
    return lambda values, identity: np.where(identity >= 0, values[identity], 1.0)


def types_of_kinds(mixing, kinds):
    """Types of particles; all have the same where their kinds are diameters."""


@overload(types_of_kinds)
def _types_of_kinds(mixing, kinds):
    if _is_none(mixing):
        return lambda mixing, kinds: kinds
    return lambda mixing, kinds: np.zeros(kinds.size, np.int32)
