"""Pair forces on eight particles at a time, written for LLVM's vector types.

The compiler cannot turn the force loop into vector code by itself: the positions of neighbours
are read through an index, the forces are written, and numba has no way to say that the two arrays
never overlap. So the innermost loop is spelled out here with ``<8 x double>`` values, which LLVM
maps to whatever registers the processor has (AVX-512, two of AVX, four of SSE or NEON).

Eight *particles* fill the lanes, never eight neighbours of one particle: every particle sums its
own forces in the order of its own list, so the result does not depend on the processor, and no
sum has to be reassociated. The neighbour list is a full list, stored in rows of eight indices
(row k holds the k-th neighbour of each of the eight particles) and sorted by the type of the
neighbour, which makes the coefficients of the potential constants of the loop. Short rows are
filled up with a particle that is far outside of every cutoff.

Positions are stored particle by particle, (x, y) or (x, y, z, 0), so that one load fetches a whole
neighbour and a few shuffles turn eight of them into vectors of x, y and z.
"""

from typing import Any

import numba.extending
from llvmlite import ir
from numba import types
from numba.core import cgutils

# Type checkers would ask callers for the typing context, which the compiler supplies.
intrinsic: Any = numba.extending.intrinsic

LANES = 8
"""Particles that are treated together."""

FAR = 1.0e8
"""Coordinate of the particle that fills incomplete rows of the list."""

N_COEFFICIENTS = 6
"""Columns of the force table: r_c^2, k1, 12 p12, 6 p6, 2 k2, 4 k4."""

_DOUBLE = ir.DoubleType()
_INT = ir.IntType(64)
_INDEX = ir.IntType(32)
_VECTOR = ir.VectorType(_DOUBLE, LANES)


class _Vector:
    """Eight doubles at code-generation time, with the operators of arithmetic."""

    def __init__(self, builder, value):
        self.builder = builder
        self.value = value

    @classmethod
    def splat(cls, builder, scalar):
        single = builder.insert_element(ir.Constant(_VECTOR, ir.Undefined), scalar, _INDEX(0))
        return cls(builder, _shuffle(builder, single, single, [0] * LANES))

    @classmethod
    def constant(cls, builder, number):
        return cls(builder, ir.Constant(_VECTOR, [_DOUBLE(number)] * LANES))

    def __add__(self, other):
        return _Vector(self.builder, self.builder.fadd(self.value, other.value))

    def __sub__(self, other):
        return _Vector(self.builder, self.builder.fsub(self.value, other.value))

    def __mul__(self, other):
        return _Vector(self.builder, self.builder.fmul(self.value, other.value))

    def __truediv__(self, other):
        return _Vector(self.builder, self.builder.fdiv(self.value, other.value))

    def sqrt(self):
        signature = ir.FunctionType(_VECTOR, [_VECTOR])
        name = f"llvm.sqrt.v{LANES}f64"
        root = cgutils.get_or_insert_function(self.builder.module, signature, name)
        return _Vector(self.builder, self.builder.call(root, [self.value]))

    def is_below(self, other):
        """Return a mask."""
        return self.builder.fcmp_ordered("<", self.value, other.value)

    def where(self, mask):
        """Return self where the mask is set and zero elsewhere."""
        zero = ir.Constant(_VECTOR, [_DOUBLE(0.0)] * LANES)
        return _Vector(self.builder, self.builder.select(mask, self.value, zero))

    def sum(self):
        """Add the lanes pairwise, always in the same order."""
        terms = [self.builder.extract_element(self.value, _INDEX(k)) for k in range(LANES)]
        while len(terms) > 1:
            half = len(terms) // 2
            terms = [self.builder.fadd(terms[k], terms[k + half]) for k in range(half)]
        return terms[0]


def _shuffle(builder, left, right, order):
    mask = ir.Constant(ir.VectorType(_INDEX, len(order)), [_INDEX(k) for k in order])
    return builder.shuffle_vector(left, right, mask)


def _load(builder, address, element, width):
    """Load ``width`` neighbouring elements that are aligned like one element."""
    wide = ir.VectorType(element, width) if width > 1 else element
    pointer = builder.bitcast(address, wide.as_pointer())
    return builder.load(pointer, align=8 if element == _DOUBLE else 4)


def _transpose_2d(builder, points):
    """Turn eight (x, y) into the vectors x and y."""
    wide = []
    for offset in (0, 1):
        a, b, c, d = (points[offset + k] for k in (0, 2, 4, 6))
        low = _shuffle(builder, a, b, range(4))
        high = _shuffle(builder, c, d, range(4))
        wide.append(_shuffle(builder, low, high, range(8)))
    even, odd = wide
    x = _shuffle(builder, even, odd, [0, 8, 2, 10, 4, 12, 6, 14])
    y = _shuffle(builder, even, odd, [1, 9, 3, 11, 5, 13, 7, 15])
    return [_Vector(builder, x), _Vector(builder, y)]


def _transpose_3d(builder, points):
    """Turn eight (x, y, z, 0) into the vectors x, y and z."""
    pairs = [
        _shuffle(builder, points[k], points[m], range(8))
        for k, m in ((0, 2), (1, 3), (4, 6), (5, 7))
    ]
    low, high = [0, 8, 2, 10, 4, 12, 6, 14], [1, 9, 3, 11, 5, 13, 7, 15]
    xz_a, yw_a = (_shuffle(builder, pairs[0], pairs[1], order) for order in (low, high))
    xz_b, yw_b = (_shuffle(builder, pairs[2], pairs[3], order) for order in (low, high))
    first, second = [0, 1, 4, 5, 8, 9, 12, 13], [2, 3, 6, 7, 10, 11, 14, 15]
    x = _shuffle(builder, xz_a, xz_b, first)
    y = _shuffle(builder, yw_a, yw_b, first)
    z = _shuffle(builder, xz_a, xz_b, second)
    return [_Vector(builder, x), _Vector(builder, y), _Vector(builder, z)]


def _interleave(builder, components):
    """Undo the transposition: one long vector, particle by particle."""
    stride = len(components)
    pairs = [
        _shuffle(builder, components[k].value, components[k + 1].value, range(16))
        for k in range(0, stride, 2)
    ]
    joined = pairs[0] if stride == 2 else _shuffle(builder, pairs[0], pairs[1], range(32))
    order = [lane + LANES * component for lane in range(LANES) for component in range(stride)]
    return _shuffle(builder, joined, joined, order)


def _slope_over_distance(builder, square, table, with_root):
    """V'(r) / r from r^2; zero outside of the cutoff."""
    cutoff_square, k1, p12, p6, k2, k4 = table
    inverse = _Vector.constant(builder, 1.0) / square
    inverse_6 = inverse * inverse * inverse
    slope = k2 + k4 * square - (p12 * inverse_6 + p6) * (inverse_6 * inverse)
    if with_root:
        slope = slope + k1 * (square.sqrt() * inverse)
    return slope.where(square.is_below(cutoff_square))


def _block_forces(context, builder, signature, args, dimensions):
    """Emit the loops over types and rows for the eight particles of one block."""
    arrays = [
        context.make_array(kind)(context, builder, value)
        for kind, value in zip(signature.args, args, strict=True)
        if isinstance(kind, types.Array)
    ]
    positions, neighbors, rows, table, forces = (array.data for array in arrays)
    n_types = cgutils.unpack_tuple(builder, arrays[3].shape, 3)[1]
    block, block_type = args[-2], args[-1]
    stride = 2 if dimensions == 2 else 4
    transpose = _transpose_2d if dimensions == 2 else _transpose_3d

    def point(index):
        offset = builder.mul(index, _INT(stride))
        return _load(builder, builder.gep(positions, [offset]), _DOUBLE, stride)

    first = builder.mul(block, _INT(LANES))
    own = transpose(builder, [point(builder.add(first, _INT(lane))) for lane in range(LANES)])
    zero = ir.Constant(_VECTOR, [_DOUBLE(0.0)] * LANES)
    sums = [cgutils.alloca_once_value(builder, zero) for _ in range(dimensions)]

    def rows_of_type(begin, end, coefficients, with_root):
        with cgutils.for_range_slice(builder, begin, end, _INT(1)) as (row, _):
            start = builder.gep(neighbors, [builder.mul(row, _INT(LANES))])
            indices = [
                builder.zext(builder.load(builder.gep(start, [_INT(lane)])), _INT)
                for lane in range(LANES)
            ]
            others = transpose(builder, [point(index) for index in indices])
            separation = [other - mine for other, mine in zip(others, own, strict=True)]
            square = separation[0] * separation[0] + separation[1] * separation[1]
            if dimensions == 3:
                square = square + separation[2] * separation[2]
            slope = _slope_over_distance(builder, square, coefficients, with_root)
            for total, component in zip(sums, separation, strict=True):
                force = _Vector(builder, builder.load(total)) + slope * component
                builder.store(force.value, total)

    with cgutils.for_range(builder, n_types) as loop:
        line = builder.add(builder.mul(block, n_types), loop.index)
        begin, end = (builder.load(builder.gep(rows, [builder.add(line, _INT(k))])) for k in (0, 1))
        pair = builder.add(builder.mul(block_type, n_types), loop.index)
        entry = builder.gep(table, [builder.mul(pair, _INT(N_COEFFICIENTS))])
        scalars = [
            builder.load(builder.gep(entry, [_INT(column)])) for column in range(N_COEFFICIENTS)
        ]
        coefficients = [_Vector.splat(builder, scalar) for scalar in scalars]
        has_root = builder.fcmp_ordered("!=", scalars[1], _DOUBLE(0.0))
        with builder.if_else(has_root) as (then, otherwise):
            with then:
                rows_of_type(begin, end, coefficients, True)
            with otherwise:
                rows_of_type(begin, end, coefficients, False)

    components = [_Vector(builder, builder.load(total)) for total in sums]
    if dimensions == 3:
        components.append(_Vector(builder, zero))
    target = builder.gep(forces, [builder.mul(first, _INT(stride))])
    flat = _interleave(builder, components)
    pointer = builder.bitcast(target, flat.type.as_pointer())
    builder.store(flat, pointer, align=8)
    return context.get_dummy_value()


def _signature(positions, neighbors, rows, table, forces):
    return types.void(positions, neighbors, rows, table, forces, types.int64, types.int64)


@intrinsic
def block_forces_2d(typing_context, positions, neighbors, rows, table, forces, block, block_type):
    """Write the forces on the eight particles of a block, positions (n, 2)."""

    def generate(context, builder, signature, args):
        return _block_forces(context, builder, signature, args, 2)

    return _signature(positions, neighbors, rows, table, forces), generate


@intrinsic
def block_forces_3d(typing_context, positions, neighbors, rows, table, forces, block, block_type):
    """Write the forces on the eight particles of a block, positions (n, 4)."""

    def generate(context, builder, signature, args):
        return _block_forces(context, builder, signature, args, 3)

    return _signature(positions, neighbors, rows, table, forces), generate


def _energy_at(context, builder, signature, args, dimensions):
    """Emit the loops over neighbours, eight at a time, and over their types."""
    positions, types_of_entries, neighbors, table = (
        context.make_array(signature.args[k])(context, builder, args[k]) for k in range(4)
    )
    begin, end, point, kind, has_root = args[4:]
    n_types = cgutils.unpack_tuple(builder, table.shape, 3)[1]
    stride = 2 if dimensions == 2 else 4
    transpose = _transpose_2d if dimensions == 2 else _transpose_3d
    centre = [_Vector.splat(builder, x) for x in cgutils.unpack_tuple(builder, point, 3)]
    zero = ir.Constant(_VECTOR, [_DOUBLE(0.0)] * LANES)
    total = cgutils.alloca_once_value(builder, zero)
    vector_of_types = ir.VectorType(_INDEX, LANES)

    def neighbors_in_eights(with_root):
        with cgutils.for_range_slice(builder, begin, end, _INT(LANES)) as (first, _):
            start = builder.gep(neighbors.data, [first])
            others = ir.Constant(vector_of_types, ir.Undefined)
            points = []
            for lane in range(LANES):
                index = builder.zext(builder.load(builder.gep(start, [_INT(lane)])), _INT)
                address = builder.gep(positions.data, [builder.mul(index, _INT(stride))])
                points.append(_load(builder, address, _DOUBLE, stride))
                other = builder.load(builder.gep(types_of_entries.data, [index]))
                others = builder.insert_element(others, other, _INDEX(lane))
            square = _Vector.constant(builder, 0.0)
            for coordinate, mine in zip(transpose(builder, points), centre, strict=False):
                separation = coordinate - mine
                square = square + separation * separation
            inverse = _Vector.constant(builder, 1.0) / square
            inverse_6 = inverse * inverse * inverse
            with cgutils.for_range(builder, n_types) as loop:
                pair = builder.add(builder.mul(kind, n_types), loop.index)
                entry = builder.gep(table.data, [builder.mul(pair, _INT(7))])
                cutoff_square, p12, p6, k0, k1, k2, k4 = (
                    _Vector.splat(builder, builder.load(builder.gep(entry, [_INT(column)])))
                    for column in range(7)
                )
                energy = (p12 * inverse_6 + p6) * inverse_6 + k0 + (k2 + k4 * square) * square
                if with_root:
                    energy = energy + k1 * square.sqrt()
                this = builder.trunc(loop.index, _INDEX)
                single = builder.insert_element(others, this, _INDEX(0))
                is_type = builder.icmp_signed(
                    "==", others, _shuffle(builder, single, single, [0] * LANES)
                )
                mask = builder.and_(is_type, square.is_below(cutoff_square))
                running = _Vector(builder, builder.load(total)) + energy.where(mask)
                builder.store(running.value, total)

    with builder.if_else(builder.trunc(has_root, ir.IntType(1))) as (then, otherwise):
        with then:
            neighbors_in_eights(True)
        with otherwise:
            neighbors_in_eights(False)
    return _Vector(builder, builder.load(total)).sum()


def _energy_signature(positions, types_of_entries, neighbors, table, point):
    integer = types.int64
    return types.float64(
        positions,
        types_of_entries,
        neighbors,
        table,
        integer,
        integer,
        point,
        integer,
        integer,
    )


@intrinsic
def energy_at_2d(
    typing_context, positions, entry_types, neighbors, table, begin, end, point, kind, has_root
):
    """Energy of a particle of type `kind` at a point with the neighbours ``begin:end``.

    The range holds a multiple of eight; `table` (S, S, 7) is that of the potential, and `has_root`
    says whether any of its k1 differs from zero.
    """

    def generate(context, builder, signature, args):
        return _energy_at(context, builder, signature, args, 2)

    return _energy_signature(positions, entry_types, neighbors, table, point), generate


@intrinsic
def energy_at_3d(
    typing_context, positions, entry_types, neighbors, table, begin, end, point, kind, has_root
):
    """Do as `energy_at_2d` in three dimensions."""

    def generate(context, builder, signature, args):
        return _energy_at(context, builder, signature, args, 3)

    return _energy_signature(positions, entry_types, neighbors, table, point), generate


@intrinsic
def append_within(typing_context, candidates, numbers, n, point, reach_square, own, list_, place):
    """Append candidates within reach of a point at every eighth place; return the next place.

    `candidates` (3, m) holds coordinates and `numbers` (m,) the indices to append, except `own`.
    Every candidate is written and kept by advancing the place, without a branch; up to seven
    entries beyond the first `n` are looked at, and eight places beyond the last are overwritten.
    """

    def generate(context, builder, signature, args):
        candidates, numbers, list_ = (
            context.make_array(signature.args[k])(context, builder, args[k]) for k in (0, 1, 6)
        )
        n, point, reach_square, own, place = (args[k] for k in (2, 3, 4, 5, 7))
        columns = cgutils.unpack_tuple(builder, candidates.shape, 2)[1]
        centre = [_Vector.splat(builder, x) for x in cgutils.unpack_tuple(builder, point, 3)]
        limit = _Vector.splat(builder, reach_square)
        vector_of_indices = ir.VectorType(_INDEX, LANES)
        undefined = ir.Constant(vector_of_indices, ir.Undefined)
        single = builder.insert_element(undefined, builder.trunc(own, _INDEX), _INDEX(0))
        self_index = _shuffle(builder, single, single, [0] * LANES)
        next_place = cgutils.alloca_once_value(builder, place)
        with cgutils.for_range_slice(builder, _INT(0), n, _INT(LANES)) as (first, _):
            square = _Vector.constant(builder, 0.0)
            for axis in range(3):
                offset = builder.add(builder.mul(columns, _INT(axis)), first)
                address = builder.gep(candidates.data, [offset])
                separation = (
                    _Vector(builder, _load(builder, address, _DOUBLE, LANES)) - centre[axis]
                )
                square = square + separation * separation
            start = builder.gep(numbers.data, [first])
            is_other = builder.icmp_unsigned("!=", _load(builder, start, _INDEX, LANES), self_index)
            bits = builder.bitcast(
                builder.and_(square.is_below(limit), is_other), ir.IntType(LANES)
            )
            steps = builder.mul(builder.zext(bits, _INT), _INT(LANES))
            for lane in range(LANES):
                number = builder.load(builder.gep(start, [_INT(lane)]))
                current = builder.load(next_place)
                builder.store(number, builder.gep(list_.data, [current]))
                step = builder.and_(builder.lshr(steps, _INT(lane)), _INT(LANES))
                builder.store(builder.add(current, step), next_place)
        return builder.load(next_place)

    signature = types.int64(
        candidates, numbers, types.int64, point, types.float64, types.int64, list_, types.int64
    )
    return signature, generate
