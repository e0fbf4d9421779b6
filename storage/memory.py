"""Results of functions kept on disk."""

from __future__ import annotations

import warnings
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
    return _Kept(memory.cache(function, ignore=list(ignore)))


class _Kept:
    """A function that joblib keeps the results of; worker processes can be sent it."""

    def __init__(self, function: Callable[..., Any]) -> None:
        self._function = function

    def __call__(self, *arguments: Any, **keywords: Any) -> Any:
        with warnings.catch_warnings():
            # joblib also writes the arguments out as text, and warns if that takes half a second.
            warnings.filterwarnings("ignore", "Persisting input arguments took", UserWarning)
            return self._function(*arguments, **keywords)
