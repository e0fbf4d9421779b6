"""A word to the user while kernels are compiled for the first time."""

from __future__ import annotations

import logging
import time
from typing import Any

from numba.core import event

from .decorators import kernels_are_kept
from .once import is_first_to_say

_PATIENCE = 1.5  # seconds of compilation before anything is said


class _Notice(event.Listener):
    """Logs one warning when the kernels of this package take long to compile.

    numba reports a compilation only if nothing was found in its cache on disk.
    """

    def __init__(self) -> None:
        self._depth = 0
        self._began = 0.0
        self._seconds = 0.0
        self._said = False

    def on_start(self, event: Any) -> None:
        if not event.data["dispatcher"].py_func.__module__.startswith("vitreous."):
            return
        now = time.perf_counter()
        if self._depth == 0:
            self._began = now
        self._depth += 1
        if not self._said and self._seconds + now - self._began > _PATIENCE:
            self._said = True
            if is_first_to_say("compilation"):
                logging.getLogger("vitreous").warning(
                    "Compiling numerical kernels%s; this takes some seconds.",
                    ", once on this machine" if kernels_are_kept() else "",
                )

    def on_end(self, event: Any) -> None:
        if not event.data["dispatcher"].py_func.__module__.startswith("vitreous."):
            return
        self._depth -= 1
        if self._depth == 0:
            self._seconds += time.perf_counter() - self._began


event.register("numba:compile", _Notice())
