"""NumPy's random generators in compiled functions, handed over as addresses.

numba accepts a `numpy.random.Generator` as an argument, but runs Python code at every call to find
out where it lies in memory, and crashes when a signal interrupts that.
"""

from __future__ import annotations

import ctypes
from typing import Any

import numba.extending
import numpy as np
from numba import types
from numba.core import cgutils

# Typed as taking the context that it supplies itself.
intrinsic: Any = numba.extending.intrinsic

_FIELDS = ("state", "fnptr_next_double", "fnptr_next_uint64", "fnptr_next_uint32")


def addresses_of(generator: np.random.Generator) -> tuple[int, ...]:
    """Addresses of the state and of the functions of a generator, valid as long as it lives."""
    binding = generator.bit_generator.ctypes
    functions = (binding.next_double, binding.next_uint64, binding.next_uint32)
    pointers = (ctypes.cast(function, ctypes.c_void_p).value for function in functions)
    return (int(binding.state_address), *(int(pointer or 0) for pointer in pointers))


@intrinsic
def generator_at(typing_context, addresses):
    """Return the generator whose addresses `addresses_of` found; for compiled functions only."""
    kind, bits_kind = types.NumPyRandomGeneratorType(""), types.NumPyRandomBitGeneratorType("")

    def generate(context, builder, signature, args):
        bits = cgutils.create_struct_proxy(bits_kind)(context, builder)
        for place, field in enumerate(_FIELDS):
            setattr(bits, field, builder.extract_value(args[0], place))
        generator = cgutils.create_struct_proxy(kind)(context, builder)
        generator.bit_generator = bits._getvalue()
        return generator._getvalue()

    return kind(types.UniTuple(types.int64, len(_FIELDS))), generate
