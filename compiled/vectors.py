"""Vectors at code-generation time, written for LLVM's vector types.

A vector fills 64 bytes: eight numbers of float64 or sixteen of float32. LLVM maps it to whatever
registers the processor has: AVX-512, two of AVX, four of SSE or NEON. What numba cannot express
with arrays that may overlap, or with running sums that stay in registers, is spelled out with
these; ``benchmarks/intrinsics.py`` shows what each of them gains.
"""

from typing import Any

import numba.extending
from llvmlite import ir
from numba import types
from numba.core import cgutils

# Type checkers would ask callers for the typing context, which the compiler supplies.
intrinsic: Any = numba.extending.intrinsic

VECTOR_BYTES = 64

LANES = 8
"""Numbers of float64 in a vector."""

DOUBLE = ir.DoubleType()
FLOAT = ir.FloatType()
INT = ir.IntType(64)
INDEX = ir.IntType(32)
VECTOR = ir.VectorType(DOUBLE, LANES)


class Vector:
    """Numbers side by side, with the operators of arithmetic."""

    def __init__(self, builder, value):
        self.builder = builder
        self.value = value

    @classmethod
    def splat(cls, builder, scalar, lanes=LANES):
        """Repeat a scalar in all lanes."""
        return cls(builder, splat(builder, scalar, lanes))

    @classmethod
    def constant(cls, builder, number, kind=VECTOR):
        """Repeat a number that is known when compiling."""
        return cls(builder, ir.Constant(kind, [kind.element(number)] * kind.count))

    @classmethod
    def load(cls, builder, address, kind=VECTOR):
        """Load what begins at an address that is aligned like one element."""
        return cls(builder, load(builder, address, kind.element, kind.count))

    def store(self, address):
        """Store at an address that is aligned like one element."""
        pointer = self.builder.bitcast(address, self.kind.as_pointer())
        self.builder.store(self.value, pointer, align=_ALIGNMENT[self.kind.element])

    @property
    def kind(self):
        """Type of the vector."""
        return self.value.type

    def __add__(self, other):
        return Vector(self.builder, self.builder.fadd(self.value, other.value))

    def __sub__(self, other):
        return Vector(self.builder, self.builder.fsub(self.value, other.value))

    def __mul__(self, other):
        return Vector(self.builder, self.builder.fmul(self.value, other.value))

    def __truediv__(self, other):
        return Vector(self.builder, self.builder.fdiv(self.value, other.value))

    def __neg__(self):
        return Vector(self.builder, self.builder.fneg(self.value))

    def multiply_add(self, factor, term):
        """Return self * factor + term, in one instruction where the processor has it."""
        return self._call("fmuladd", factor, term)

    def sqrt(self):
        """Square root of each lane."""
        return self._call("sqrt")

    def absolute(self):
        """Absolute value of each lane."""
        return self._call("fabs")

    def is_below(self, other):
        """Return a mask."""
        return self.builder.fcmp_ordered("<", self.value, other.value)

    def where(self, mask):
        """Return self where the mask is set and zero elsewhere."""
        zero = Vector.constant(self.builder, 0.0, self.kind)
        return Vector(self.builder, self.builder.select(mask, self.value, zero.value))

    def rounded_to(self, element):
        """Return the vector in the precision of a type of elements."""
        if element == self.kind.element:
            return self
        kind = ir.VectorType(element, self.kind.count)
        return Vector(self.builder, self.builder.fptrunc(self.value, kind))

    def sum(self):
        """Add the lanes pairwise, always in the same order."""
        terms = [self.builder.extract_element(self.value, INDEX(k)) for k in range(self.kind.count)]
        while len(terms) > 1:
            half = len(terms) // 2
            terms = [self.builder.fadd(terms[k], terms[k + half]) for k in range(half)]
        return terms[0]

    def _call(self, name, *others):
        """Call one of LLVM's own functions of vectors of one type."""
        kind = self.kind
        signature = ir.FunctionType(kind, [kind] * (1 + len(others)))
        full_name = f"llvm.{name}.v{kind.count}f{8 * _ALIGNMENT[kind.element]}"
        function = cgutils.get_or_insert_function(self.builder.module, signature, full_name)
        values = [self.value, *(other.value for other in others)]
        return Vector(self.builder, self.builder.call(function, values))


_ALIGNMENT = {DOUBLE: 8, FLOAT: 4, INDEX: 4}


class Accumulator:
    """A running sum that the compiler keeps in a register."""

    def __init__(self, builder, kind=VECTOR):
        self.builder = builder
        self.place = cgutils.alloca_once_value(builder, Vector.constant(builder, 0.0, kind).value)

    def get(self):
        """Return the sum so far."""
        return Vector(self.builder, self.builder.load(self.place))

    def set(self, vector):
        """Replace the sum."""
        self.builder.store(vector.value, self.place)

    def add(self, vector):
        """Add to the sum."""
        self.set(self.get() + vector)


def splat(builder, scalar, lanes=LANES):
    """Repeat a scalar of any type in all lanes."""
    kind = ir.VectorType(scalar.type, lanes)
    single = builder.insert_element(ir.Constant(kind, ir.Undefined), scalar, INDEX(0))
    return shuffle(builder, single, single, [0] * lanes)


def shuffle(builder, left, right, order):
    """Pick lanes of two vectors, those of the second counted on from the first."""
    mask = ir.Constant(ir.VectorType(INDEX, len(order)), [INDEX(k) for k in order])
    return builder.shuffle_vector(left, right, mask)


def load(builder, address, element, width):
    """Load ``width`` neighbouring elements that are aligned like one element."""
    wide = ir.VectorType(element, width) if width > 1 else element
    pointer = builder.bitcast(address, wide.as_pointer())
    return builder.load(pointer, align=_ALIGNMENT[element])


def vector_of(dtype):
    """Type of the vector that is filled by numbers of a NumPy type."""
    element = FLOAT if dtype == types.float32 else DOUBLE
    return ir.VectorType(element, VECTOR_BYTES // _ALIGNMENT[element])


def arrays(context, builder, signature, args, numbers):
    """Arrays among the arguments of an intrinsic."""
    return [context.make_array(signature.args[k])(context, builder, args[k]) for k in numbers]
