"""An exponential that the compiler can vectorise.

The exponentials of Gaussians and distances are the largest single cost of the descriptors, and the
one of the C library is a call per number (4 ns against 0.7 ns here). exp(x) = 2^n exp(r), with
|r| <= ln(2) / 2 small enough for a polynomial, and 2^n written straight into the exponent bits.
Adding and subtracting 1.5 * 2^52 rounds to an integer and leaves that integer in the low bits; it
needs additions in the order in which they are written.
"""

from math import factorial
from typing import Any

from llvmlite import ir
from numba import types
from numba.extending import intrinsic

from ..compiled.decorators import exact_kernel

LOG2_E = 1.4426950408889634
LN2_HIGH = 6.93147180369123816490e-01  # trailing zero bits: n * LN2_HIGH is exact
LN2_LOW = 1.90821492927058770002e-10
ROUND = 6755399441055744.0  # 1.5 * 2^52
COEFFICIENTS = tuple(1.0 / factorial(k) for k in range(11, -1, -1))
SMALLEST = -690.0  # keeps fractions of the result out of the subnormal numbers, which are slow


@intrinsic
def _bits(typing_context: Any, value: Any) -> Any:
    """Read the bits of a float64 as an int64."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return builder.bitcast(arguments[0], ir.IntType(64))

    return types.int64(types.float64), generate


@intrinsic
def _from_bits(typing_context: Any, bits: Any) -> Any:
    """Read the bits of an int64 as a float64."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return builder.bitcast(arguments[0], ir.DoubleType())

    return types.float64(types.int64), generate


@exact_kernel
def exponential(x: float) -> float:
    """exp(x) for x < 708 to a relative error of 1e-14; below -690 it stays at 2e-300."""
    x = max(x, SMALLEST)
    shifted = x * LOG2_E + ROUND
    n = shifted - ROUND
    r = x - n * LN2_HIGH - n * LN2_LOW
    p = 1 / 3628800 + r * (1 / 39916800)
    p = 1 / 40320 + r * (1 / 362880 + r * p)
    p = 1 / 720 + r * (1 / 5040 + r * p)
    p = 1 / 24 + r * (1 / 120 + r * p)
    p = 1 + r * (1 + r * (1 / 2 + r * (1 / 6 + r * p)))
    return p * _from_bits((_bits(shifted) + 1023) << 52)  # type: ignore[call-arg]
