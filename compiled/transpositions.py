"""Transpositions of eight points at code-generation time: from points to coordinates and back."""

from .vectors import LANES, Vector, shuffle


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
    return Vector(builder, shuffle(builder, joined, joined, order))
