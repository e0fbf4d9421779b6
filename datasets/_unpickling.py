"""Reading pickles of arrays and plain containers without running what others may hold."""

from __future__ import annotations

import io
import pickle
import pickletools
import re
import warnings
from collections.abc import Callable
from typing import Any, Literal, get_args

import numpy as np
from numpy.typing import NDArray

# Each array takes some five; hashing tuples that lie in tuples any deeper could overflow the stack.
_MOST_TUPLES = 20_000

# What lists, tuples, dicts, text, bytes, numbers and objects made by a function are written with.
_PLAIN_OPCODES = """
    PROTO FRAME STOP POP POP_MARK MARK DUP
    NONE NEWTRUE NEWFALSE INT BININT BININT1 BININT2 LONG LONG1 LONG4 FLOAT BINFLOAT
    BINBYTES SHORT_BINBYTES BINBYTES8 BYTEARRAY8
    UNICODE BINUNICODE SHORT_BINUNICODE BINUNICODE8
    EMPTY_LIST LIST APPEND APPENDS EMPTY_TUPLE TUPLE TUPLE1 TUPLE2 TUPLE3
    EMPTY_DICT DICT SETITEM SETITEMS
    PUT BINPUT LONG_BINPUT MEMOIZE GET BINGET LONG_BINGET
    GLOBAL STACK_GLOBAL REDUCE BUILD
"""
_OPCODES = frozenset(_PLAIN_OPCODES.split())

_ByteOrder = Literal["<", ">", "=", "|"]

_NUMBER_CODE = re.compile(r"[biuf](1|2|4|8|16)")


class PickledArray:
    """An array of numbers as a pickle describes it: made empty, then given its contents."""

    __slots__ = ("array",)

    array: NDArray[Any]

    def __setstate__(self, state: Any) -> None:
        _, shape, number, fortran_order, data = state
        self._fill(data, number, shape, "F" if fortran_order else "C")

    def _fill(self, data: Any, number: Any, shape: Any, order: Any) -> None:
        if not isinstance(number, _NumberType) or not isinstance(data, bytes | bytearray):
            raise ValueError("an array of Python objects")
        self.array = np.ndarray(
            tuple(map(int, shape)), number.dtype, data, order="F" if order == "F" else "C"
        )
        if self.array.nbytes != len(data):
            raise ValueError(f"an array of shape {self.array.shape} with {len(data)} bytes")


class _NumberType:
    """The type of the numbers in an array."""

    __slots__ = ("_code", "_order")

    def __init__(self, code: Any) -> None:
        if not isinstance(code, str) or not _NUMBER_CODE.fullmatch(code):
            raise ValueError(f"an array of type {str(code)[:20]!r}, not of numbers")
        self._code = code
        self._order: _ByteOrder = "="

    def __setstate__(self, state: Any) -> None:
        if state[1] not in get_args(_ByteOrder):
            raise ValueError(f"numbers in the byte order {str(state[1])[:20]!r}")
        self._order = state[1]

    @property
    def dtype(self) -> np.dtype[Any]:
        return np.dtype(self._code).newbyteorder(self._order)


def _empty_array(*_: Any) -> PickledArray:
    return PickledArray()


def _number_type(code: Any, *_: Any) -> _NumberType:
    return _NumberType(code)


def _scalar(number: Any, data: Any) -> Any:
    array = PickledArray()
    array._fill(data, number, (), "C")
    return array.array.item()


def _array_from_buffer(data: Any, number: Any, shape: Any, order: Any) -> PickledArray:
    array = PickledArray()
    array._fill(data, number, shape, order)
    return array


def _encode(text: Any, encoding: Any) -> bytes:
    """Bytes that Python 3 wrote in a protocol without them."""
    if encoding != "latin1" or not isinstance(text, str):
        raise ValueError(f"text encoded as {encoding!r}")
    return text.encode("latin1")


class _Maker:
    """A function for the unpickler, of which a pickle can change nothing."""

    __slots__ = ("_function",)

    _function: Callable[..., Any]

    def __init__(self, function: Callable[..., Any]) -> None:
        object.__setattr__(self, "_function", function)

    def __call__(self, *arguments: Any) -> Any:
        return self._function(*arguments)

    def __setattr__(self, name: str, value: Any) -> None:
        raise TypeError("a function cannot be changed")


_MAKERS = {
    ("numpy", "ndarray"): "the class of arrays, which is only an argument",
    ("numpy", "dtype"): _Maker(_number_type),
    ("_codecs", "encode"): _Maker(_encode),
} | {
    (f"numpy.{core}.{module}", name): _Maker(function)
    for core in ("core", "_core")
    for module, name, function in (
        ("multiarray", "_reconstruct", _empty_array),
        ("multiarray", "scalar", _scalar),
        ("numeric", "_frombuffer", _array_from_buffer),
    )
}
"""What stands in for the names in a pickle; nothing is ever imported by one."""


class _Unpickler(pickle.Unpickler):
    def find_class(self, module: str, name: str) -> Any:
        try:
            return _MAKERS[module, name]
        except KeyError:
            raise ValueError(
                f"it asks for {module[:60]}.{name[:60]}, which could run code; only numpy arrays "
                "and plain containers are read"
            ) from None


def load_plain(data: bytes) -> Any:
    """Load a pickle that holds arrays of numbers, lists, tuples, dicts, text and numbers alone.

    The opcodes are looked at first, so that nothing is built of a pickle that holds others, claims
    more bytes than it has, or counts objects that are not there. Names are replaced by functions
    of this module, and no module is looked into.

    Parameters
    ----------
    data : bytes

    Returns
    -------
    object
        With a `PickledArray` for each array.

    Raises
    ------
    ArithmeticError, EOFError, LookupError, RecursionError, TypeError or ValueError
        If it is no pickle, damaged, or holds anything else.
    """
    try:
        with warnings.catch_warnings(action="ignore", category=DeprecationWarning):
            _check_opcodes(data)
        return _Unpickler(io.BytesIO(data)).load()
    except (pickle.UnpicklingError, AttributeError, MemoryError) as error:
        raise ValueError(str(error)) from error


def _check_opcodes(data: bytes) -> None:
    n_tuples = 0
    for count, (opcode, argument, _) in enumerate(pickletools.genops(data)):
        if opcode.name not in _OPCODES:
            raise ValueError(f"it holds the opcode {opcode.name}, of no plain data")
        if opcode.name in ("PUT", "BINPUT", "LONG_BINPUT") and int(argument or 0) > count:
            raise ValueError(f"it numbers an object {argument} that is not there")
        n_tuples += opcode.name.startswith("TUPLE")
    if n_tuples > _MOST_TUPLES:
        raise ValueError(f"it holds {n_tuples} tuples, more than arrays need")
