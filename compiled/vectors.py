"""Vectors of eight doubles, written for LLVM's vector types.

LLVM maps ``<8 x double>`` to whatever registers the processor has: AVX-512, two of AVX, four of SSE
or NEON. What numba cannot express with arrays that may overlap is spelled out with these.
"""

from llvmlite import ir
from numba.core import cgutils

LANES = 8
"""Particles that are treated together."""

DOUBLE = ir.DoubleType()
INT = ir.IntType(64)
INDEX = ir.IntType(32)
VECTOR = ir.VectorType(DOUBLE, LANES)


class Vector:
    """Eight doubles at code-generation time, with the operators of arithmetic."""

    def __init__(self, builder, value):
        self.builder = builder
        self.value = value

    @classmethod
    def splat(cls, builder, scalar):
        """Repeat a scalar in all lanes."""
        single = builder.insert_element(ir.Constant(VECTOR, ir.Undefined), scalar, INDEX(0))
        return cls(builder, shuffle(builder, single, single, [0] * LANES))

    @classmethod
    def constant(cls, builder, number):
        """Repeat a number that is known when compiling."""
        return cls(builder, ir.Constant(VECTOR, [DOUBLE(number)] * LANES))

    def __add__(self, other):
        return Vector(self.builder, self.builder.fadd(self.value, other.value))

    def __sub__(self, other):
        return Vector(self.builder, self.builder.fsub(self.value, other.value))

    def __mul__(self, other):
        return Vector(self.builder, self.builder.fmul(self.value, other.value))

    def __truediv__(self, other):
        return Vector(self.builder, self.builder.fdiv(self.value, other.value))

    def sqrt(self):
        """Square root of each lane."""
        signature = ir.FunctionType(VECTOR, [VECTOR])
        name = f"llvm.sqrt.v{LANES}f64"
        root = cgutils.get_or_insert_function(self.builder.module, signature, name)
        return Vector(self.builder, self.builder.call(root, [self.value]))

    def absolute(self):
        """Absolute value of each lane."""
        signature = ir.FunctionType(VECTOR, [VECTOR])
        name = f"llvm.fabs.v{LANES}f64"
        magnitude = cgutils.get_or_insert_function(self.builder.module, signature, name)
        return Vector(self.builder, self.builder.call(magnitude, [self.value]))

    def is_below(self, other):
        """Return a mask."""
        return self.builder.fcmp_ordered("<", self.value, other.value)

    def where(self, mask):
        """Return self where the mask is set and zero elsewhere."""
        zero = ir.Constant(VECTOR, [DOUBLE(0.0)] * LANES)
        return Vector(self.builder, self.builder.select(mask, self.value, zero))

    def sum(self):
        """Add the lanes pairwise, always in the same order."""
        terms = [self.builder.extract_element(self.value, INDEX(k)) for k in range(LANES)]
        while len(terms) > 1:
            half = len(terms) // 2
            terms = [self.builder.fadd(terms[k], terms[k + half]) for k in range(half)]
        return terms[0]


def splat_int(builder, scalar):
    """Fill a vector of eight 64-bit integers."""
    kind = ir.VectorType(INT, LANES)
    single = builder.insert_element(ir.Constant(kind, ir.Undefined), scalar, INDEX(0))
    return shuffle(builder, single, single, [0] * LANES)


def shuffle(builder, left, right, order):
    """Pick lanes of two vectors, those of the second counted on from the first."""
    mask = ir.Constant(ir.VectorType(INDEX, len(order)), [INDEX(k) for k in order])
    return builder.shuffle_vector(left, right, mask)


def load(builder, address, element, width):
    """Load ``width`` neighbouring elements that are aligned like one element."""
    wide = ir.VectorType(element, width) if width > 1 else element
    pointer = builder.bitcast(address, wide.as_pointer())
    return builder.load(pointer, align=8 if element == DOUBLE else 4)


def transpose_2d(builder, points):
    """Turn eight (x, y) into the vectors x and y."""
    wide = []
    for offset in (0, 1):
        a, b, c, d = (points[offset + k] for k in (0, 2, 4, 6))
        low = shuffle(builder, a, b, range(4))
        high = shuffle(builder, c, d, range(4))
        wide.append(shuffle(builder, low, high, range(8)))
    even, odd = wide
    x = shuffle(builder, even, odd, [0, 8, 2, 10, 4, 12, 6, 14])
    y = shuffle(builder, even, odd, [1, 9, 3, 11, 5, 13, 7, 15])
    return [Vector(builder, x), Vector(builder, y)]


def transpose_3d(builder, points):
    """Turn eight (x, y, z, 0) into the vectors x, y and z."""
    return transpose_quadruples(builder, points)[:3]


def transpose_quadruples(builder, points):
    """Turn eight quadruples into four vectors."""
    pairs = [
        shuffle(builder, points[k], points[m], range(8))
        for k, m in ((0, 2), (1, 3), (4, 6), (5, 7))
    ]
    low, high = [0, 8, 2, 10, 4, 12, 6, 14], [1, 9, 3, 11, 5, 13, 7, 15]
    xz_a, yw_a = (shuffle(builder, pairs[0], pairs[1], order) for order in (low, high))
    xz_b, yw_b = (shuffle(builder, pairs[2], pairs[3], order) for order in (low, high))
    first, second = [0, 1, 4, 5, 8, 9, 12, 13], [2, 3, 6, 7, 10, 11, 14, 15]
    x = shuffle(builder, xz_a, xz_b, first)
    y = shuffle(builder, yw_a, yw_b, first)
    z = shuffle(builder, xz_a, xz_b, second)
    w = shuffle(builder, yw_a, yw_b, second)
    return [Vector(builder, component) for component in (x, y, z, w)]


def interleave(builder, components):
    """Undo the transposition: one long vector, particle by particle."""
    stride = len(components)
    pairs = [
        shuffle(builder, components[k].value, components[k + 1].value, range(16))
        for k in range(0, stride, 2)
    ]
    joined = pairs[0] if stride == 2 else shuffle(builder, pairs[0], pairs[1], range(32))
    order = [lane + LANES * component for lane in range(LANES) for component in range(stride)]
    return shuffle(builder, joined, joined, order)
