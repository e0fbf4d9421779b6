"""Pair forces and energies on eight particles at a time.

The compiler cannot turn the force loop into vector code by itself: the positions of neighbours
are read through an index, the forces are written, and numba has no way to say that the two arrays
never overlap. So the innermost loop is spelled out here with the vectors of `vitreous.compiled`.

Eight *particles* fill the lanes, never eight neighbours of one particle: every particle sums its
own forces in the order of its own list, so the result does not depend on the processor, and no
sum has to be reassociated. The neighbour list is a full list, stored in rows of eight indices
(row k holds the k-th neighbour of each of the eight particles) and sorted by the type of the
neighbour, which makes the coefficients of the potential constants of the loop. Short rows are
filled up with a particle that is far outside of every cutoff.

Positions are stored particle by particle, (x, y) or (x, y, z, 0), so that one load fetches a whole
neighbour and a few shuffles turn eight of them into vectors of x, y and z.

What is compiled depends on the types of the arguments: the potential is an array of coefficients of
the Lennard-Jones family, or a `Table`, which serves any formula and continuous diameters. With a
table every entry of the list carries ``1 / r_c^2`` of its pair.
"""

from llvmlite import ir
from numba import types
from numba.core import cgutils

from ..compiled.transpositions import interleave, transpose_2d, transpose_3d
from ..compiled.vectors import (
    DOUBLE,
    INDEX,
    INT,
    LANES,
    VECTOR,
    Accumulator,
    Vector,
    arrays,
    intrinsic,
    load,
    splat,
)
from ._table_kernels import TableCode, pair_diameters

FAR = 1.0e8
"""Coordinate of the particle that fills incomplete rows of the list."""

N_COEFFICIENTS = 6
"""Columns of the force table: r_c^2, k1, 12 p12, 6 p6, 2 k2, 4 k4."""


def _slope_over_distance(builder, square, table, with_root):
    """V'(r) / r from r^2; zero outside of the cutoff."""
    cutoff_square, k1, p12, p6, k2, k4 = table
    inverse = Vector.constant(builder, 1.0) / square
    inverse_6 = inverse * inverse * inverse
    slope = k2 + k4 * square - (p12 * inverse_6 + p6) * (inverse_6 * inverse)
    if with_root:
        slope = slope + k1 * (square.sqrt() * inverse)
    return slope.where(square.is_below(cutoff_square))


def _block_forces(context, builder, signature, args, dimensions):
    """Emit the loops over types and rows for the eight particles of one block."""
    positions, neighbors, rows, table, scales, forces = (
        context.make_array(kind)(context, builder, value).data
        if isinstance(kind, types.Array)
        else value
        for kind, value in zip(signature.args[:6], args, strict=False)
    )
    table_kind = signature.args[3]
    block, block_type = args[-2], args[-1]
    stride = 2 if dimensions == 2 else 4
    transpose = transpose_2d if dimensions == 2 else transpose_3d

    def point(index):
        offset = builder.mul(index, INT(stride))
        return load(builder, builder.gep(positions, [offset]), DOUBLE, stride)

    first = builder.mul(block, INT(LANES))
    own = transpose(builder, [point(builder.add(first, INT(lane))) for lane in range(LANES)])
    sums = [Accumulator(builder) for _ in range(dimensions)]

    def add_rows(begin, end, slope_over_distance):
        with cgutils.for_range_slice(builder, begin, end, INT(1)) as (row, _):
            entries = builder.mul(row, INT(LANES))
            start = builder.gep(neighbors, [entries])
            indices = [
                builder.zext(builder.load(builder.gep(start, [INT(lane)])), INT)
                for lane in range(LANES)
            ]
            others = transpose(builder, [point(index) for index in indices])
            separation = [other - mine for other, mine in zip(others, own, strict=True)]
            square = separation[0] * separation[0] + separation[1] * separation[1]
            if dimensions == 3:
                square = square + separation[2] * separation[2]
            slope = slope_over_distance(square, entries)
            for total, component in zip(sums, separation, strict=True):
                total.add(slope * component)

    if isinstance(table_kind, types.Array):
        n_types = cgutils.unpack_tuple(
            builder, context.make_array(table_kind)(context, builder, args[3]).shape, 3
        )[1]
    else:
        tabulated = TableCode(context, builder, table_kind, table)
        n_types = tabulated.n_types

    with cgutils.for_range(builder, n_types) as loop:
        line = builder.add(builder.mul(block, n_types), loop.index)
        begin, end = (builder.load(builder.gep(rows, [builder.add(line, INT(k))])) for k in (0, 1))
        pair = builder.add(builder.mul(block_type, n_types), loop.index)
        if isinstance(table_kind, types.Array):
            entry = builder.gep(table, [builder.mul(pair, INT(N_COEFFICIENTS))])
            scalars = [
                builder.load(builder.gep(entry, [INT(column)])) for column in range(N_COEFFICIENTS)
            ]
            coefficients = [Vector.splat(builder, scalar) for scalar in scalars]
            has_root = builder.fcmp_ordered("!=", scalars[1], DOUBLE(0.0))
            with builder.if_else(has_root) as branches:
                for branch, with_root in zip(branches, (True, False), strict=True):
                    with branch:
                        add_rows(
                            begin,
                            end,
                            lambda square, _, with_root=with_root: _slope_over_distance(
                                builder, square, coefficients, with_root
                            ),
                        )
        else:

            def from_table(square, entries):
                scale = Vector.load(builder, builder.gep(scales, [entries]))
                half = tabulated.slope(square * scale, [pair] * LANES) * scale
                return half + half

            add_rows(begin, end, from_table)

    components = [total.get() for total in sums]
    if dimensions == 3:
        components.append(Vector.constant(builder, 0.0))
    target = builder.gep(forces, [builder.mul(first, INT(stride))])
    interleave(builder, components).store(target)
    return context.get_dummy_value()


@intrinsic(prefer_literal=True)
def block_forces(
    typing_context, positions, neighbors, rows, table, scales, forces, block, block_type, dimensions
):
    """Write the forces on the eight particles of a block.

    Positions and forces have two columns in 2D, four in 3D; `dimensions` is written out where this
    is called, 2 or 3.
    """

    def generate(context, builder, signature, args):
        return _block_forces(context, builder, signature, args[:-1], dimensions.literal_value)

    integer = types.int64
    arguments = (positions, neighbors, rows, table, scales, forces, integer, integer, dimensions)
    return types.void(*arguments), generate


def _energy_at(context, builder, signature, args, dimensions):
    """Emit the loop over neighbours, eight at a time."""
    positions, kinds_of_entries, neighbors = (
        context.make_array(signature.args[k])(context, builder, args[k]).data for k in range(3)
    )
    table_kind = signature.args[3]
    table, begin, end, point = args[3:7]
    stride = 2 if dimensions == 2 else 4
    transpose = transpose_2d if dimensions == 2 else transpose_3d
    center = [Vector.splat(builder, x) for x in cgutils.unpack_tuple(builder, point, 3)]
    total = Accumulator(builder)
    if isinstance(table_kind, types.Array):
        coefficients = context.make_array(table_kind)(context, builder, table)
    else:
        tabulated = TableCode(context, builder, table_kind, table)

    def neighbors_in_eights(add_energies):
        with cgutils.for_range_slice(builder, begin, end, INT(LANES)) as (first, _):
            start = builder.gep(neighbors, [first])
            points, kinds = [], []
            for lane in range(LANES):
                index = builder.zext(builder.load(builder.gep(start, [INT(lane)])), INT)
                address = builder.gep(positions, [builder.mul(index, INT(stride))])
                points.append(load(builder, address, DOUBLE, stride))
                kinds.append(builder.load(builder.gep(kinds_of_entries, [index])))
            square = Vector.constant(builder, 0.0)
            for coordinate, mine in zip(transpose(builder, points), center, strict=False):
                separation = coordinate - mine
                square = square + separation * separation
            add_energies(square, kinds)

    if isinstance(table_kind, types.Array):
        kind, has_root = args[7], builder.trunc(args[9], ir.IntType(1))
        with builder.if_else(has_root) as branches:
            for branch, with_root in zip(branches, (True, False), strict=True):
                with branch:
                    neighbors_in_eights(
                        lambda square, kinds, with_root=with_root: _add_family_energies(
                            builder, square, kinds, coefficients, kind, with_root, total
                        )
                    )
    else:
        neighbors_in_eights(
            lambda square, kinds: total.add(
                _tabulated_energies(builder, signature, args, square, kinds, tabulated)
            )
        )
    return total.get().sum()


def _add_family_energies(builder, square, kinds, coefficients, kind, with_root, total):
    """Add the energies of eight neighbours, type by type."""
    vector_of_types = ir.VectorType(INDEX, LANES)
    others = ir.Constant(vector_of_types, ir.Undefined)
    for lane, other in enumerate(kinds):
        others = builder.insert_element(others, other, INDEX(lane))
    inverse = Vector.constant(builder, 1.0) / square
    inverse_6 = inverse * inverse * inverse
    n_types = cgutils.unpack_tuple(builder, coefficients.shape, 3)[1]
    with cgutils.for_range(builder, n_types) as loop:
        pair = builder.add(builder.mul(kind, n_types), loop.index)
        entry = builder.gep(coefficients.data, [builder.mul(pair, INT(7))])
        cutoff_square, p12, p6, k0, k1, k2, k4 = (
            Vector.splat(builder, builder.load(builder.gep(entry, [INT(column)])))
            for column in range(7)
        )
        energy = (p12 * inverse_6 + p6) * inverse_6 + k0 + (k2 + k4 * square) * square
        if with_root:
            energy = energy + k1 * square.sqrt()
        this = splat(builder, builder.trunc(loop.index, INDEX))
        is_type = builder.icmp_signed("==", others, this)
        total.add(energy.where(builder.and_(is_type, square.is_below(cutoff_square))))


def _tabulated_energies(builder, signature, args, square, kinds, tabulated):
    """Energies of eight neighbours whose kinds are types, or diameters where there is a mixing."""
    kind, mixing = args[7:9]
    mixing_kind = signature.args[8]
    values = ir.Constant(VECTOR, ir.Undefined)
    if isinstance(mixing_kind, types.NoneType):
        pairs = [
            builder.add(builder.mul(kind, tabulated.n_types), builder.sext(other, INT))
            for other in kinds
        ]
        for lane, pair in enumerate(pairs):
            inverse = builder.load(builder.gep(tabulated.inverse_squares, [pair]))
            values = builder.insert_element(values, inverse, INDEX(lane))
        return tabulated.energy(square * Vector(builder, values), pairs)
    for lane, other in enumerate(kinds):
        values = builder.insert_element(values, other, INDEX(lane))
    unit = pair_diameters(builder, mixing_kind, mixing, kind, Vector(builder, values))
    scale = Vector.splat(builder, builder.load(tabulated.inverse_squares)) / (unit * unit)
    return tabulated.energy(square * scale, [INT(0)] * LANES)


@intrinsic(prefer_literal=True)
def energy_at(
    typing_context,
    positions,
    entry_kinds,
    neighbors,
    table,
    begin,
    end,
    point,
    kind,
    mixing,
    has_root,
    dimensions,
):
    """Energy of a particle of one kind at a point with the neighbours ``begin:end``.

    The range holds a multiple of eight. Kinds are types (int32), or diameters (float64) where
    there is a `mixing`: the non-additivity or the address of a function. `table` is a `Table` or
    the coefficients (S, S, 7) of the family; `has_root` says whether any k1 differs from zero.
    Positions have two columns in 2D, four in 3D; `dimensions` is written out where this is called.
    """

    def generate(context, builder, signature, args):
        return _energy_at(context, builder, signature, args, dimensions.literal_value)

    integer = types.int64
    own = types.float64 if isinstance(entry_kinds.dtype, types.Float) else integer
    signature = types.float64(
        positions,
        entry_kinds,
        neighbors,
        table,
        integer,
        integer,
        point,
        own,
        mixing,
        integer,
        dimensions,
    )
    return signature, generate


@intrinsic
def append_within(typing_context, candidates, numbers, n, point, reach_square, own, list_, place):
    """Append candidates within reach of a point at every eighth place; return the next place.

    `candidates` (3, m) holds coordinates and `numbers` (m,) the indices to append, except `own`.
    Every candidate is written and kept by advancing the place, without a branch; up to seven
    entries beyond the first `n` are looked at, and eight places beyond the last are overwritten.
    """

    def generate(context, builder, signature, args):
        candidates, numbers, list_ = arrays(context, builder, signature, args, (0, 1, 6))
        n, point, reach_square, own, place = (args[k] for k in (2, 3, 4, 5, 7))
        columns = cgutils.unpack_tuple(builder, candidates.shape, 2)[1]
        center = [Vector.splat(builder, x) for x in cgutils.unpack_tuple(builder, point, 3)]
        limit = Vector.splat(builder, reach_square)
        self_index = splat(builder, builder.trunc(own, INDEX))
        next_place = cgutils.alloca_once_value(builder, place)
        with cgutils.for_range_slice(builder, INT(0), n, INT(LANES)) as (first, _):
            square = Vector.constant(builder, 0.0)
            for axis in range(3):
                offset = builder.add(builder.mul(columns, INT(axis)), first)
                address = builder.gep(candidates.data, [offset])
                separation = Vector.load(builder, address) - center[axis]
                square = square + separation * separation
            start = builder.gep(numbers.data, [first])
            is_other = builder.icmp_unsigned("!=", load(builder, start, INDEX, LANES), self_index)
            bits = builder.bitcast(
                builder.and_(square.is_below(limit), is_other), ir.IntType(LANES)
            )
            steps = builder.mul(builder.zext(bits, INT), INT(LANES))
            for lane in range(LANES):
                number = builder.load(builder.gep(start, [INT(lane)]))
                current = builder.load(next_place)
                builder.store(number, builder.gep(list_.data, [current]))
                step = builder.and_(builder.lshr(steps, INT(lane)), INT(LANES))
                builder.store(builder.add(current, step), next_place)
        return builder.load(next_place)

    signature = types.int64(
        candidates, numbers, types.int64, point, types.float64, types.int64, list_, types.int64
    )
    return signature, generate
