"""Tabulated potentials and pair diameters on eight pairs at a time.

A table holds a cubic polynomial for each interval of ``y = r^2 / r_c^2``. The intervals divide each
octave evenly, so the leading bits of y as a floating-point number count them, and the remaining
bits are the distance from the lower end: no logarithm, no division. One load fetches the four
coefficients of a lane; the shuffles that turn neighbours into vectors of x, y and z turn eight of
these into vectors of coefficients.
"""

from collections import namedtuple

from llvmlite import ir
from numba import types

from ..compiled.transpositions import transpose_quadruples
from ..compiled.vectors import DOUBLE, INDEX, INT, LANES, VECTOR, Vector, intrinsic, load, splat

Table = namedtuple("Table", ["intervals", "inverse_squares", "first", "shift"])
"""Coefficients (S, S, n, 4), 1 / r_c^2 (S, S), leading bits of the first interval, bits dropped."""


class TableCode:
    """A `Table` at code-generation time."""

    def __init__(self, context, builder, kind, value):
        intervals, inverse_squares = (
            context.make_array(kind.types[k])(context, builder, builder.extract_value(value, k))
            for k in (0, 1)
        )
        self.builder = builder
        self.data = intervals.data
        self.inverse_squares = inverse_squares.data
        self.n_types = builder.extract_value(intervals.shape, 0)
        self.n_intervals = builder.extract_value(intervals.shape, 2)
        self.first, self.shift = (builder.extract_value(value, k) for k in (2, 3))

    def look_up(self, y, pairs):
        """Coefficients, distance from the lower end and its nonlinear share, of eight y.

        `pairs` are the numbers a * S + b of each lane's pair of types. Below the table the energy
        goes on along its tangent: the distance is negative there and its nonlinear share zero.
        """
        builder = self.builder
        integers = ir.VectorType(INT, LANES)
        shift, first = splat(builder, self.shift), splat(builder, self.first)
        zero = ir.Constant(integers, [INT(0)] * LANES)
        last = splat(builder, builder.sub(self.n_intervals, INT(1)))
        leading = builder.lshr(builder.bitcast(y.value, integers), shift)
        index = builder.sub(leading, first)
        is_below = builder.icmp_signed("<", index, zero)
        index = builder.select(is_below, zero, index)
        index = builder.select(builder.icmp_signed(">", index, last), last, index)
        lower = builder.bitcast(builder.shl(builder.add(index, first), shift), VECTOR)
        distance = y - Vector(builder, lower)
        nonlinear = distance.where(builder.not_(is_below))
        entries = []
        for lane, pair in enumerate(pairs):
            place = builder.extract_element(index, INDEX(lane))
            place = builder.add(builder.mul(pair, self.n_intervals), place)
            address = builder.gep(self.data, [builder.mul(place, INT(4))])
            entries.append(load(builder, address, DOUBLE, 4))
        return transpose_quadruples(builder, entries), distance, nonlinear

    def slope(self, y, pairs):
        """W'(y), zero for y >= 1."""
        (_, c1, c2, c3), _, t = self.look_up(y, pairs)
        three_c3_t = c3 * t + (c3 * t + c3 * t)
        slope = c1 + t * (c2 + c2 + three_c3_t)
        return slope.where(y.is_below(Vector.constant(self.builder, 1.0)))

    def energy(self, y, pairs):
        """W(y), zero for y >= 1."""
        (c0, c1, c2, c3), distance, t = self.look_up(y, pairs)
        energy = c0 + c1 * distance + t * t * (c2 + t * c3)
        return energy.where(y.is_below(Vector.constant(self.builder, 1.0)))


def pair_diameters(builder, kind, mixing, own, others):
    """sigma_ij of eight pairs; `mixing` is the non-additivity or the address of a function."""
    if isinstance(kind, types.Float):
        mine = Vector.splat(builder, own)
        one, half = Vector.constant(builder, 1.0), Vector.constant(builder, 0.5)
        difference = (mine - others).absolute()
        return (mine + others) * half * (one - Vector.splat(builder, mixing) * difference)
    mixed = ir.Constant(VECTOR, ir.Undefined)
    for lane in range(LANES):
        other = builder.extract_element(others.value, INDEX(lane))
        diameter = call_mixing(builder, mixing, own, other)
        mixed = builder.insert_element(mixed, diameter, INDEX(lane))
    return Vector(builder, mixed)


def call_mixing(builder, address, s, t):
    """Call a function of two doubles by its address."""
    signature = ir.FunctionType(DOUBLE, [DOUBLE, DOUBLE]).as_pointer()
    return builder.call(builder.inttoptr(address, signature), [s, t])


@intrinsic
def mixed_diameter(typing_context, mixing, s, t):
    """sigma_ij of two diameters; `mixing` is the address of a function."""

    def generate(context, builder, signature, args):
        return call_mixing(builder, *args)

    return types.float64(types.int64, types.float64, types.float64), generate
