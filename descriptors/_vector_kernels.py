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

# Type checkers would ask callers for the typing context, which the compiler supplies.
intrinsic: Any = numba.extending.intrinsic

VECTOR_BYTES = 64
"""Size of a vector: 16 numbers of float32, or 8 of float64."""

PANEL_VECTORS = 2
"""Vectors in a row of :func:`add_panel_rows`."""

TILE = 4
"""Sums taken together by :func:`add_panel_rows`."""

CHUNK = 12
"""Rows taken together by :func:`multiply_chunk`."""

HARMONIC_LANES = 8
"""Bonds taken together by :func:`fill_harmonics`."""

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
    zero = ir.Constant(vector, [vector.element(0.0)] * vector.count)
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
def add_panel_rows(typing_context, panel, rows, n, weights, totals):
    """Fill totals[t] with sum_k weights[k, t] panel[rows[k]] over the first n rows.

    `panel` (m, 2 vectors), `rows` (at least n,) int32, `weights` (at least n, 4) and `totals`
    (4, 2 vectors) are C-contiguous.
    """

    def generate(context, builder, signature, args):
        element, lanes = _element(signature.args[0].dtype)
        source, row, factor, sums = (
            array.data for array in _arrays(context, builder, signature, args, (0, 1, 3, 4))
        )

        def address(k):
            number = builder.zext(builder.load(builder.gep(row, [k])), _INT)
            return builder.gep(source, [builder.mul(number, _INT(PANEL_VECTORS * lanes))])

        def weight(k, t):
            return builder.gep(factor, [builder.add(builder.mul(k, _INT(TILE)), _INT(t))])

        shape = (TILE, PANEL_VECTORS)
        vector = ir.VectorType(element, lanes)
        _outer_products(builder, args[2], shape, vector, weight, address, sums)
        return context.get_dummy_value()

    return types.void(panel, rows, types.int64, weights, totals), generate


@intrinsic
def multiply_chunk(typing_context, rows, first, n, weights, totals):
    """Fill totals[t] with sum_k rows[first + t, k] weights[k] for t < 12 and k < n.

    `rows` (r, m), `weights` (at least n, 1 vector) and `totals` (12, 1 vector) are C-contiguous.
    """

    def generate(context, builder, signature, args):
        element, lanes = _element(signature.args[0].dtype)
        factors, weight, sums = _arrays(context, builder, signature, args, (0, 3, 4))
        stride = cgutils.unpack_tuple(builder, factors.shape, 2)[1]
        starts = [
            builder.gep(factors.data, [builder.mul(builder.add(args[1], _INT(t)), stride)])
            for t in range(CHUNK)
        ]

        def address(k):
            return builder.gep(weight.data, [builder.mul(k, _INT(lanes))])

        def factor(k, t):
            return builder.gep(starts[t], [k])

        vector = ir.VectorType(element, lanes)
        _outer_products(builder, args[2], (CHUNK, 1), vector, factor, address, sums.data)
        return context.get_dummy_value()

    return types.void(rows, types.int64, types.int64, weights, totals), generate


@intrinsic
def fill_harmonics(typing_context, vectors, n, coefficients, stop, row_of, rows):
    """Fill rows with p_lm(z) (x + i y)^m, real part in row_of[m, l], imaginary part in the next.

    p_mm = 1 and p_(l+1)m = z p_lm - coefficients[m, l] p_(l-1)m, with l from m to before stop[m].
    `vectors` (3, n') float64 holds x, y, z of the bonds, `row_of` (L + 1, L + 1) int64 has a
    negative number where a harmonic is left out. Up to seven bonds beyond the first n are computed
    as well. Harmonics are stored in the order of m, then l, so that a later real part may take the
    place of the zeros of m = 0.
    """

    def generate(context, builder, signature, args):
        bonds, slope, end, place, out = _arrays(context, builder, signature, args, (0, 2, 3, 4, 5))
        stride_in = cgutils.unpack_tuple(builder, bonds.shape, 2)[1]
        stride_out = cgutils.unpack_tuple(builder, out.shape, 2)[1]
        side = cgutils.unpack_tuple(builder, place.shape, 2)[1]
        vector = ir.VectorType(_DOUBLE, HARMONIC_LANES)
        element = ir.FloatType() if signature.args[5].dtype == types.float32 else _DOUBLE
        stored = ir.VectorType(element, HARMONIC_LANES)
        one, zero = (ir.Constant(vector, [_DOUBLE(x)] * HARMONIC_LANES) for x in (1.0, 0.0))
        cosine, sine, current, previous = (cgutils.alloca_once(builder, vector) for _ in range(4))

        def store(value, row, first):
            if element != _DOUBLE:
                value = builder.fptrunc(value, stored)
            offset = builder.add(builder.mul(row, stride_out), first)
            _store(builder, value, builder.gep(out.data, [offset]))

        with cgutils.for_range_slice(builder, _INT(0), args[1], _INT(HARMONIC_LANES)) as (first, _):
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
                        store(builder.fmul(polynomial, real), row, first)
                        store(builder.fmul(polynomial, imaginary), builder.add(row, _INT(1)), first)
                    scalar = builder.load(builder.gep(slope.data, [entry]))
                    factor = _splat(builder, scalar, HARMONIC_LANES)
                    rest = builder.fneg(builder.fmul(factor, builder.load(previous)))
                    builder.store(polynomial, previous)
                    builder.store(_multiply_add(builder, z, polynomial, rest), current)
                turned = builder.fmul(imaginary, y)
                turned = _multiply_add(builder, real, x, builder.fneg(turned))
                builder.store(turned, cosine)
                turned = _multiply_add(builder, imaginary, x, builder.fmul(real, y))
                builder.store(turned, sine)
        return context.get_dummy_value()

    return types.void(vectors, types.int64, coefficients, stop, row_of, rows), generate
