"""Results of functions kept on disk."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from joblib import Memory


def cached(
    memory: Memory, function: Callable[..., Any], ignore: Sequence[str] = ()
) -> Callable[..., Any]:
    """Keep on disk what a function returns for each choice of its arguments, less the ignored ones.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> from joblib import Memory
    >>> def square(number):
    ...     print("squaring", number)
    ...     return number**2
    >>> with TemporaryDirectory() as folder:
    ...     kept = cached(Memory(folder, verbose=0), square)
    ...     kept(3), kept(3)
    squaring 3
    (9, 9)
    """
    kept: Any = memory.cache(function, ignore=list(ignore))
    # joblib also writes all arguments out as text, which nobody reads; for hundreds of arrays that
    # takes as long as small models take to train.
    kept._persist_input = _write_nothing
    return kept


def _write_nothing(*arguments: Any, **keywords: Any) -> dict[str, Any]:
    return {}
