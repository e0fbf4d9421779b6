"""Innermost loops written for LLVM's vector types.

The compiler does not keep a matrix of running sums in registers: from loops over arrays it makes
one load and one store for every product. So the two products of matrices that take most of the
time, and the recurrences of the harmonics, are spelled out here with vectors of 64 bytes, which
LLVM maps to whatever registers the processor has (one of AVX-512, two of AVX, four of NEON). No
result depends on that: every lane holds a sum of its own, and its terms are added in their order.
"""

from typing import Any

import numba.extending
from llvmlite import ir
from numba import types
from numba.core import cgutils

from ._exponential_kernels import COEFFICIENTS, LN2_HIGH, LN2_LOW, LOG2_E, ROUND, SMALLEST

# Type checkers would ask callers for the typing context, which the compiler supplies.
intrinsic: Any = numba.extending.intrinsic

VECTOR_BYTES = 64
"""Size of a vector: 16 numbers of float32, or 8 of float64."""

PANEL_VECTORS = 2
"""Vectors in a row of :func:`add_panel_rows`."""

TILE = 8
"""Sums taken together by :func:`add_panel_rows`, at most."""

CHUNK = 12
"""Rows taken together by :func:`multiply_chunk`."""

BLOCK = 8
"""Bonds, or other numbers of float64, in a vector."""

_DOUBLE = ir.DoubleType()
_INT = ir.IntType(64)
_INDEX = ir.IntType(32)


def _arrays(context, builder, signature, args, numbers):
    return [context.make_array(signature.args[k])(context, builder, args[k]) for k in numbers]


def _element(dtype):
    """Return LLVM's type of a float and how many of them fill a vector."""
    if dtype == types.float32:
        return ir.FloatType(), VECTOR_BYTES // 4
    return _DOUBLE, VECTOR_BYTES // 8


def _splat(builder, scalar, lanes):
    single = ir.Constant(ir.VectorType(scalar.type, lanes), ir.Undefined)
    single = builder.insert_element(single, scalar, _INDEX(0))
    first = ir.Constant(ir.VectorType(_INDEX, lanes), [_INDEX(0)] * lanes)
    return builder.shuffle_vector(single, single, first)


def _load(builder, pointer, vector):
    size = 4 if vector.element == ir.FloatType() else 8
    return builder.load(builder.bitcast(pointer, vector.as_pointer()), align=size)


def _store(builder, value, pointer):
    size = 4 if value.type.element == ir.FloatType() else 8
    builder.store(value, builder.bitcast(pointer, value.type.as_pointer()), align=size)


def _multiply_add(builder, a, b, c):
    """Return a b + c, in one instruction where the processor has it."""
    vector = a.type
    bits = 32 if vector.element == ir.FloatType() else 64
    signature = ir.FunctionType(vector, [vector] * 3)
    name = f"llvm.fmuladd.v{vector.count}f{bits}"
    return builder.call(cgutils.get_or_insert_function(builder.module, signature, name), [a, b, c])


def _outer_products(builder, n, shape, vector, factor, row, totals):
    """Emit totals[t, v] = sum over k < n of factor(k)[t] row(k)[v] for a matrix of vectors."""
    zero = _constant(vector, 0.0)
    sums = [
        [cgutils.alloca_once_value(builder, zero) for _ in range(shape[1])] for _ in range(shape[0])
    ]
    with cgutils.for_range(builder, n) as loop:
        start = row(loop.index)
        values = [
            _load(builder, builder.gep(start, [_INT(v * vector.count)]), vector)
            for v in range(shape[1])
        ]
        for t, line in enumerate(sums):
            scalar = _splat(builder, builder.load(factor(loop.index, t)), vector.count)
            for total, value in zip(line, values, strict=True):
                result = _multiply_add(builder, scalar, value, builder.load(total))
                builder.store(result, total)
    for k, total in enumerate(total for line in sums for total in line):
        _store(builder, builder.load(total), builder.gep(totals, [_INT(k * vector.count)]))


@intrinsic
def add_panel_rows(typing_context, panel, rows, n, weights, size, totals):
    """Fill totals[t] with sum_k weights[k, t] panel[rows[k]], k < n, t < size, size at most 8.

    `panel` (m, 2 vectors), `rows` (at least n,) int32, `weights` (at least n, 8) and `totals`
    (8, 2 vectors) are C-contiguous.
    """

    def generate(context, builder, signature, args):
        element, lanes = _element(signature.args[0].dtype)
        source, row, factor, sums = (
            array.data for array in _arrays(context, builder, signature, args, (0, 1, 3, 5))
        )

        def address(k):
            number = builder.zext(builder.load(builder.gep(row, [k])), _INT)
            return builder.gep(source, [builder.mul(number, _INT(PANEL_VECTORS * lanes))])

        def weight(k, t):
            return builder.gep(factor, [builder.add(builder.mul(k, _INT(TILE)), _INT(t))])

        vector = ir.VectorType(element, lanes)
        done = builder.append_basic_block("done")
        switch = builder.switch(args[4], done)
        for some in range(1, TILE + 1):
            block = builder.append_basic_block(f"size.{some}")
            switch.add_case(_INT(some), block)
            builder.position_at_end(block)
            _outer_products(builder, args[2], (some, PANEL_VECTORS), vector, weight, address, sums)
            builder.branch(done)
        builder.position_at_end(done)
        return context.get_dummy_value()

    integer = types.int64
    return types.void(panel, rows, integer, weights, integer, totals), generate


@intrinsic
def multiply_chunk(typing_context, blocks, first, n_blocks, weights, totals):
    """Fill totals[t] with the sum of blocks[b, first + t, k] weights[8 b + k] for t < 12, k < 8.

    `blocks` (at least n_blocks, n_rows, 8) is C-contiguous; `weights` holds a vector for each k of
    each block, `totals` one for each t, end to end.
    """

    def generate(context, builder, signature, args):
        element, lanes = _element(signature.args[0].dtype)
        factors, weight, sums = _arrays(context, builder, signature, args, (0, 3, 4))
        n_rows = cgutils.unpack_tuple(builder, factors.shape, 3)[1]
        block_size = builder.mul(n_rows, _INT(BLOCK))
        start = builder.gep(factors.data, [builder.mul(args[1], _INT(BLOCK))])

        def address(k):
            return builder.gep(weight.data, [builder.mul(k, _INT(lanes))])

        def factor(k, t):
            block, lane = builder.udiv(k, _INT(BLOCK)), builder.urem(k, _INT(BLOCK))
            offset = builder.add(builder.mul(block, block_size), lane)
            return builder.gep(builder.gep(start, [offset]), [_INT(t * BLOCK)])

        vector = ir.VectorType(element, lanes)
        n = builder.mul(args[2], _INT(BLOCK))
        _outer_products(builder, n, (CHUNK, 1), vector, factor, address, sums.data)
        return context.get_dummy_value()

    return types.void(blocks, types.int64, types.int64, weights, totals), generate


def _constant(vector, number):
    return ir.Constant(vector, [vector.element(number)] * vector.count)


def _exponential(builder, x):
    """Do as :func:`~vitreous.descriptors._exponential_kernels.exponential` with a vector."""
    vector = x.type
    bits = ir.VectorType(_INT, vector.count)
    smallest = _constant(vector, SMALLEST)
    x = builder.select(builder.fcmp_ordered(">", x, smallest), x, smallest)
    shifted = _multiply_add(builder, x, _constant(vector, LOG2_E), _constant(vector, ROUND))
    n = builder.fsub(shifted, _constant(vector, ROUND))
    r = _multiply_add(builder, n, _constant(vector, -LN2_HIGH), x)
    r = _multiply_add(builder, n, _constant(vector, -LN2_LOW), r)
    polynomial = _constant(vector, COEFFICIENTS[0])
    for coefficient in COEFFICIENTS[1:]:
        polynomial = _multiply_add(builder, polynomial, r, _constant(vector, coefficient))
    exponent = builder.add(builder.bitcast(shifted, bits), _constant(bits, 1023))
    power = builder.bitcast(builder.shl(exponent, _constant(bits, 52)), vector)
    return builder.fmul(polynomial, power)


@intrinsic
def fill_gaussians(typing_context, distances, n, shells, offsets, scale, least, weights, totals):
    """Fill weights[p, s] with exp(offsets[s] - scale (distances[p] - shells[s])^2), 0 below least.

    `weights` holds a vector for each p; of `shells`, `offsets` and `totals` (float64), which
    receives the sums over p < n, as many entries are used as the vector has numbers.
    """

    def generate(context, builder, signature, args):
        distance, shell, offset, weight, total = (
            array.data for array in _arrays(context, builder, signature, args, (0, 2, 3, 6, 7))
        )
        element, lanes = _element(signature.args[6].dtype)
        vector = ir.VectorType(_DOUBLE, BLOCK)
        starts = [_INT(start) for start in range(0, lanes, BLOCK)]
        shells_of = [_load(builder, builder.gep(shell, [start]), vector) for start in starts]
        offsets_of = [_load(builder, builder.gep(offset, [start]), vector) for start in starts]
        sums = [cgutils.alloca_once_value(builder, _constant(vector, 0.0)) for _ in starts]
        negative_scale = _splat(builder, builder.fneg(args[4]), BLOCK)
        limit = _splat(builder, args[5], BLOCK)
        with cgutils.for_range(builder, args[1]) as loop:
            place = _splat(builder, builder.load(builder.gep(distance, [loop.index])), BLOCK)
            row = builder.mul(loop.index, _INT(lanes))
            for k, start in enumerate(starts):
                away = builder.fsub(place, shells_of[k])
                scaled = builder.fmul(away, negative_scale)
                value = _exponential(builder, _multiply_add(builder, scaled, away, offsets_of[k]))
                is_large = builder.fcmp_ordered(">", value, limit)
                value = builder.select(is_large, value, _constant(vector, 0.0))
                builder.store(builder.fadd(builder.load(sums[k]), value), sums[k])
                if element != _DOUBLE:
                    value = builder.fptrunc(value, ir.VectorType(element, BLOCK))
                _store(builder, value, builder.gep(weight, [builder.add(row, start)]))
        for k, start in enumerate(starts):
            _store(builder, builder.load(sums[k]), builder.gep(total, [start]))
        return context.get_dummy_value()

    integer, real = types.int64, types.float64
    arguments = (distances, integer, shells, offsets, real, real, weights, totals)
    return types.void(*arguments), generate


@intrinsic
def fill_harmonics(typing_context, vectors, n_blocks, coefficients, stop, row_of, blocks):
    """Fill blocks[b, row, k] with harmonics of bond 8 b + k.

    These are p_lm(z) (x + i y)^m, the real part in row_of[m, l], the imaginary part in the next.

    p_mm = 1 and p_(l+1)m = z p_lm - coefficients[m, l] p_(l-1)m, with l from m to before stop[m].
    `vectors` (3, at least 8 n_blocks) float64 holds x, y, z of the bonds, `row_of` (L + 1, L + 1)
    int64 has a negative number where a harmonic is left out. Harmonics are stored in the order of
    m, then l, so that a later real part may take the place of the zeros of m = 0.
    """

    def generate(context, builder, signature, args):
        bonds, slope, end, place, out = _arrays(context, builder, signature, args, (0, 2, 3, 4, 5))
        stride_in = cgutils.unpack_tuple(builder, bonds.shape, 2)[1]
        n_rows = cgutils.unpack_tuple(builder, out.shape, 3)[1]
        side = cgutils.unpack_tuple(builder, place.shape, 2)[1]
        vector = ir.VectorType(_DOUBLE, BLOCK)
        element = ir.FloatType() if signature.args[5].dtype == types.float32 else _DOUBLE
        stored = ir.VectorType(element, BLOCK)
        one, zero = _constant(vector, 1.0), _constant(vector, 0.0)
        cosine, sine, current, previous = (cgutils.alloca_once(builder, vector) for _ in range(4))

        def store(value, block, row):
            if element != _DOUBLE:
                value = builder.fptrunc(value, stored)
            line = builder.add(builder.mul(block, n_rows), row)
            _store(builder, value, builder.gep(out.data, [builder.mul(line, _INT(BLOCK))]))

        with cgutils.for_range(builder, args[1]) as over_blocks:
            block = over_blocks.index
            first = builder.mul(block, _INT(BLOCK))
            x, y, z = (
                _load(
                    builder,
                    builder.gep(
                        bonds.data, [builder.add(builder.mul(stride_in, _INT(axis)), first)]
                    ),
                    vector,
                )
                for axis in range(3)
            )
            builder.store(one, cosine)
            builder.store(zero, sine)
            with cgutils.for_range(builder, side) as over_m:
                real, imaginary = builder.load(cosine), builder.load(sine)
                line = builder.mul(over_m.index, side)
                builder.store(one, current)
                builder.store(zero, previous)
                beyond = builder.load(builder.gep(end.data, [over_m.index]))
                with cgutils.for_range_slice(builder, over_m.index, beyond, _INT(1)) as (order, _):
                    entry = builder.add(line, order)
                    row = builder.load(builder.gep(place.data, [entry]))
                    polynomial = builder.load(current)
                    with builder.if_then(builder.icmp_signed(">=", row, _INT(0))):
                        store(builder.fmul(polynomial, real), block, row)
                        store(builder.fmul(polynomial, imaginary), block, builder.add(row, _INT(1)))
                    scalar = builder.load(builder.gep(slope.data, [entry]))
                    factor = _splat(builder, scalar, BLOCK)
                    rest = builder.fneg(builder.fmul(factor, builder.load(previous)))
                    builder.store(polynomial, previous)
                    builder.store(_multiply_add(builder, z, polynomial, rest), current)
                turned = builder.fmul(imaginary, y)
                turned = _multiply_add(builder, real, x, builder.fneg(turned))
                builder.store(turned, cosine)
                turned = _multiply_add(builder, imaginary, x, builder.fmul(real, y))
                builder.store(turned, sine)
        return context.get_dummy_value()

    return types.void(vectors, types.int64, coefficients, stop, row_of, blocks), generate


@intrinsic
def fill_decays(typing_context, x, y, z, places, n, vertices, limit, slope, rows, weights, totals):
    """Fill weights[k, t] with exp(slope r) for candidates within reach of a tile; returns how many.

    r is the distance of one of the n candidates at x, y, z to vertices[:, t]; where r^2 is not
    below the limit the weight is 0, and a candidate whose weights are all 0 is left out. rows[k]
    receives its entry of `places` (int32), `totals` (8,) the sums of the weights.

    `vertices` (3, 8) float64, `rows` (at least n,) int32 and `weights` (at least n, 8) are
    C-contiguous.
    """

    def generate(context, builder, signature, args):
        *coordinates, place, vertex, row, weight, total = (
            array.data
            for array in _arrays(context, builder, signature, args, (0, 1, 2, 3, 5, 8, 9, 10))
        )
        element, _ = _element(signature.args[9].dtype)
        vector = ir.VectorType(_DOUBLE, BLOCK)
        zero = _constant(vector, 0.0)
        ends = [_load(builder, builder.gep(vertex, [_INT(TILE * k)]), vector) for k in range(3)]
        limits, slopes = _splat(builder, args[6], BLOCK), _splat(builder, args[7], BLOCK)
        root = cgutils.get_or_insert_function(
            builder.module, ir.FunctionType(vector, [vector]), f"llvm.sqrt.v{BLOCK}f64"
        )
        sums = cgutils.alloca_once_value(builder, zero)
        count = cgutils.alloca_once_value(builder, _INT(0))
        with cgutils.for_range(builder, args[4]) as loop:
            squared = zero
            for coordinate, end in zip(coordinates, ends, strict=True):
                number = builder.load(builder.gep(coordinate, [loop.index]))
                away = builder.fsub(_splat(builder, number, BLOCK), end)
                squared = _multiply_add(builder, away, away, squared)
            near = builder.fcmp_ordered("<", squared, limits)
            value = _exponential(builder, builder.fmul(builder.call(root, [squared]), slopes))
            value = builder.select(near, value, zero)
            builder.store(builder.fadd(builder.load(sums), value), sums)
            if element != _DOUBLE:
                value = builder.fptrunc(value, ir.VectorType(element, BLOCK))
            k = builder.load(count)
            _store(builder, value, builder.gep(weight, [builder.mul(k, _INT(TILE))]))
            builder.store(builder.load(builder.gep(place, [loop.index])), builder.gep(row, [k]))
            mask = builder.bitcast(near, ir.IntType(BLOCK))
            any_near = builder.icmp_unsigned("!=", mask, ir.IntType(BLOCK)(0))
            builder.store(builder.add(k, builder.zext(any_near, _INT)), count)
        _store(builder, builder.load(sums), total)
        return builder.load(count)

    integer, real = types.int64, types.float64
    arguments = (x, y, z, places, integer, vertices, real, real, rows, weights, totals)
    return types.int64(*arguments), generate
