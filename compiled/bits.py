"""Floating-point numbers as their bits, and back."""

from numba import types

from .vectors import DOUBLE, INT, intrinsic


@intrinsic
def bits_of(typing_context, number):
    """Return the bits of a float64 as an int64."""

    def generate(context, builder, signature, args):
        return builder.bitcast(args[0], INT)

    return types.int64(types.float64), generate


@intrinsic
def number_of(typing_context, bits):
    """Return the float64 with the given bits."""

    def generate(context, builder, signature, args):
        return builder.bitcast(args[0], DOUBLE)

    return types.float64(types.int64), generate
