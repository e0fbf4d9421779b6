"""How the kernels of this package are compiled, in one place.

Every kernel is cached on disk and releases the interpreter lock, so that configurations can be
treated in parallel by threads. A division by zero gives what IEEE 754 says. The decorators differ
in what the compiler may do with sums and products; NaN and infinity keep their meaning in all.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from functools import cache
from typing import Any

from numba import njit

from .once import is_first_to_say

# Kernels are called from Python and by each other, never through a pointer from C, for which numba
# would compile a wrapper of each.
_FLAGS: dict[str, Any] = {"nogil": True, "error_model": "numpy", "no_cfunc_wrapper": True}


def _decorator(fastmath: set[str]) -> Callable[[Callable[..., Any]], Any]:
    def compiled(function: Callable[..., Any]) -> Any:
        try:
            return njit(cache=True, fastmath=fastmath, **_FLAGS)(function)
        except RuntimeError as error:
            if "no locator available" not in str(error):
                raise
            _warn()
            return njit(fastmath=fastmath, **_FLAGS)(function)

    return compiled


@cache
def _warn() -> None:
    if is_first_to_say("no cache"):
        logging.getLogger("vitreous").warning(
            "Compiled kernels cannot be kept, for neither the folder of the package nor the home "
            "directory can be written, and are compiled in every process anew; set NUMBA_CACHE_DIR "
            "to a folder that can be written."
        )


def kernels_are_kept() -> bool:
    """Whether what is compiled serves later processes as well."""
    return _warn.cache_info().currsize == 0


kernel = _decorator({"reassoc", "contract", "arcp", "nsz"})
"""Decorator of most: sums may be reordered and multiplications fused, which vectorises them."""

exact_kernel = _decorator({"contract"})
"""Decorator of those that rely on the order of their additions."""

strict_kernel = _decorator(set())
"""Decorator of those whose every operation is rounded as written, such as steps in time."""
