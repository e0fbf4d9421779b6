"""Innermost loops written for LLVM's vector types.

The compiler does not keep a matrix of running sums in registers: from loops over arrays it makes
one load and one store for every product. So the two products of matrices that take most of the
time, and the recurrences of the harmonics, are spelled out here with vectors of 64 bytes. No result
depends on the processor: every lane holds a sum of its own, and its terms are added in their order.
"""

from llvmlite import ir
from numba import types
from numba.core import cgutils

from ..compiled.exponentials import exponential_of
from ..compiled.vectors import (
    INT,
    LANES,
    Accumulator,
    Vector,
    arrays,
    intrinsic,
    vector_of,
)

PANEL_VECTORS = 2
"""Vectors in a row of :func:`add_panel_rows`."""

TILE = 8
"""Sums taken together by :func:`add_panel_rows`, at most."""

CHUNK = 12
"""Rows taken together by :func:`multiply_chunk`."""


def _outer_products(builder, n, shape, kind, factor, row, totals):
    """Emit totals[t, v] = sum over k < n of factor(k)[t] row(k)[v] for a matrix of vectors."""
    sums = [[Accumulator(builder, kind) for _ in range(shape[1])] for _ in range(shape[0])]
    with cgutils.for_range(builder, n) as loop:
        start = row(loop.index)
        values = [
            Vector.load(builder, builder.gep(start, [INT(v * kind.count)]), kind)
            for v in range(shape[1])
        ]
        for t, line in enumerate(sums):
            scalar = Vector.splat(builder, builder.load(factor(loop.index, t)), kind.count)
            for total, value in zip(line, values, strict=True):
                total.set(scalar.multiply_add(value, total.get()))
    for k, total in enumerate(total for line in sums for total in line):
        total.get().store(builder.gep(totals, [INT(k * kind.count)]))


@intrinsic
def add_panel_rows(typing_context, panel, rows, n, weights, size, totals):
    """Fill totals[t] with sum_k weights[k, t] panel[rows[k]], k < n, t < size, size at most 8.

    `panel` (m, 2 vectors), `rows` (at least n,) int32, `weights` (at least n, 8) and `totals`
    (8, 2 vectors) are C-contiguous.
    """

    def generate(context, builder, signature, args):
        kind = vector_of(signature.args[0].dtype)
        source, row, factor, sums = (
            array.data for array in arrays(context, builder, signature, args, (0, 1, 3, 5))
        )

        def address(k):
            number = builder.zext(builder.load(builder.gep(row, [k])), INT)
            return builder.gep(source, [builder.mul(number, INT(PANEL_VECTORS * kind.count))])

        def weight(k, t):
            return builder.gep(factor, [builder.add(builder.mul(k, INT(TILE)), INT(t))])

        done = builder.append_basic_block("done")
        switch = builder.switch(args[4], done)
        for some in range(1, TILE + 1):
            block = builder.append_basic_block(f"size.{some}")
            switch.add_case(INT(some), block)
            builder.position_at_end(block)
            _outer_products(builder, args[2], (some, PANEL_VECTORS), kind, weight, address, sums)
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
        kind = vector_of(signature.args[0].dtype)
        factors, weight, sums = arrays(context, builder, signature, args, (0, 3, 4))
        n_rows = cgutils.unpack_tuple(builder, factors.shape, 3)[1]
        block_size = builder.mul(n_rows, INT(LANES))
        start = builder.gep(factors.data, [builder.mul(args[1], INT(LANES))])

        def address(k):
            return builder.gep(weight.data, [builder.mul(k, INT(kind.count))])

        def factor(k, t):
            block, lane = builder.udiv(k, INT(LANES)), builder.urem(k, INT(LANES))
            offset = builder.add(builder.mul(block, block_size), lane)
            return builder.gep(builder.gep(start, [offset]), [INT(t * LANES)])

        n = builder.mul(args[2], INT(LANES))
        _outer_products(builder, n, (CHUNK, 1), kind, factor, address, sums.data)
        return context.get_dummy_value()

    return types.void(blocks, types.int64, types.int64, weights, totals), generate


@intrinsic
def fill_gaussians(typing_context, distances, n, shells, offsets, scale, least, weights, totals):
    """Fill weights[p, s] with exp(offsets[s] - scale (distances[p] - shells[s])^2), 0 below least.

    `weights` holds a vector for each p; of `shells`, `offsets` and `totals` (float64), which
    receives the sums over p < n, as many entries are used as the vector has numbers.
    """

    def generate(context, builder, signature, args):
        distance, shell, offset, weight, total = (
            array.data for array in arrays(context, builder, signature, args, (0, 2, 3, 6, 7))
        )
        kind = vector_of(signature.args[6].dtype)
        starts = [INT(start) for start in range(0, kind.count, LANES)]
        shells_of = [Vector.load(builder, builder.gep(shell, [start])) for start in starts]
        offsets_of = [Vector.load(builder, builder.gep(offset, [start])) for start in starts]
        sums = [Accumulator(builder) for _ in starts]
        negative_scale = Vector.splat(builder, builder.fneg(args[4]))
        limit = Vector.splat(builder, args[5])
        with cgutils.for_range(builder, args[1]) as loop:
            place = Vector.splat(builder, builder.load(builder.gep(distance, [loop.index])))
            row = builder.mul(loop.index, INT(kind.count))
            for k, start in enumerate(starts):
                away = place - shells_of[k]
                scaled = away * negative_scale
                value = exponential_of(scaled.multiply_add(away, offsets_of[k]))
                value = value.where(limit.is_below(value))
                sums[k].add(value)
                target = builder.gep(weight, [builder.add(row, start)])
                value.rounded_to(kind.element).store(target)
        for k, start in enumerate(starts):
            sums[k].get().store(builder.gep(total, [start]))
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
        bonds, slope, end, place, out = arrays(context, builder, signature, args, (0, 2, 3, 4, 5))
        stride_in = cgutils.unpack_tuple(builder, bonds.shape, 2)[1]
        n_rows = cgutils.unpack_tuple(builder, out.shape, 3)[1]
        side = cgutils.unpack_tuple(builder, place.shape, 2)[1]
        element = vector_of(signature.args[5].dtype).element
        one, zero = (Vector.constant(builder, number) for number in (1.0, 0.0))
        cosine, sine, current, previous = (Accumulator(builder) for _ in range(4))

        def store(value, block, row):
            line = builder.add(builder.mul(block, n_rows), row)
            target = builder.gep(out.data, [builder.mul(line, INT(LANES))])
            value.rounded_to(element).store(target)

        with cgutils.for_range(builder, args[1]) as over_blocks:
            block = over_blocks.index
            first = builder.mul(block, INT(LANES))
            x, y, z = (
                Vector.load(
                    builder,
                    builder.gep(
                        bonds.data, [builder.add(builder.mul(stride_in, INT(axis)), first)]
                    ),
                )
                for axis in range(3)
            )
            cosine.set(one)
            sine.set(zero)
            with cgutils.for_range(builder, side) as over_m:
                real, imaginary = cosine.get(), sine.get()
                line = builder.mul(over_m.index, side)
                current.set(one)
                previous.set(zero)
                beyond = builder.load(builder.gep(end.data, [over_m.index]))
                with cgutils.for_range_slice(builder, over_m.index, beyond, INT(1)) as (order, _):
                    entry = builder.add(line, order)
                    row = builder.load(builder.gep(place.data, [entry]))
                    polynomial = current.get()
                    with builder.if_then(builder.icmp_signed(">=", row, INT(0))):
                        store(polynomial * real, block, row)
                        store(polynomial * imaginary, block, builder.add(row, INT(1)))
                    factor = Vector.splat(builder, builder.load(builder.gep(slope.data, [entry])))
                    rest = -(factor * previous.get())
                    previous.set(polynomial)
                    current.set(z.multiply_add(polynomial, rest))
                cosine.set(real.multiply_add(x, -(imaginary * y)))
                sine.set(imaginary.multiply_add(x, real * y))
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
            for array in arrays(context, builder, signature, args, (0, 1, 2, 3, 5, 8, 9, 10))
        )
        element = vector_of(signature.args[9].dtype).element
        ends = [Vector.load(builder, builder.gep(vertex, [INT(TILE * k)])) for k in range(3)]
        limits, slopes = (Vector.splat(builder, args[k]) for k in (6, 7))
        sums = Accumulator(builder)
        count = cgutils.alloca_once_value(builder, INT(0))
        with cgutils.for_range(builder, args[4]) as loop:
            squared = Vector.constant(builder, 0.0)
            for coordinate, end in zip(coordinates, ends, strict=True):
                number = builder.load(builder.gep(coordinate, [loop.index]))
                away = Vector.splat(builder, number) - end
                squared = away.multiply_add(away, squared)
            near = squared.is_below(limits)
            value = exponential_of(squared.sqrt() * slopes).where(near)
            sums.add(value)
            k = builder.load(count)
            target = builder.gep(weight, [builder.mul(k, INT(TILE))])
            value.rounded_to(element).store(target)
            builder.store(builder.load(builder.gep(place, [loop.index])), builder.gep(row, [k]))
            mask = builder.bitcast(near, ir.IntType(LANES))
            any_near = builder.icmp_unsigned("!=", mask, ir.IntType(LANES)(0))
            builder.store(builder.add(k, builder.zext(any_near, INT)), count)
        sums.get().store(total)
        return builder.load(count)

    integer, real = types.int64, types.float64
    arguments = (x, y, z, places, integer, vertices, real, real, rows, weights, totals)
    return types.int64(*arguments), generate
