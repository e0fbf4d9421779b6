"""How the kernels of this room are compiled, in one place.

Sums may be reordered and multiplications fused, which lets the compiler vectorise them; NaN and
infinity keep their meaning. Every kernel is cached on disk and releases the interpreter lock, so
that configurations can be described in parallel by threads.
"""

from numba import njit

kernel = njit(
    cache=True, nogil=True, error_model="numpy", fastmath={"reassoc", "contract", "arcp", "nsz"}
)
"""Decorator of the kernels."""

exact_kernel = njit(cache=True, nogil=True, error_model="numpy", fastmath={"contract"})
"""Decorator of the few that rely on the order of their additions."""
