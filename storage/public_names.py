"""Names of public classes and functions that outlive the files in which they are written."""

from __future__ import annotations

import inspect
import sys
from collections.abc import Iterable


def name_after_room(room: str, names: Iterable[str]) -> None:
    """Let what a room offers say that it comes from the room, not from one of its files.

    Stored models, pickles and messages then read ``vitreous.models.GroupedRidge``, as users import
    it, and stay readable when a file is moved or renamed.

    Parameters
    ----------
    room : str
        The name of the package, which has been imported as far as these names.
    names : iterable of str
        Its ``__all__``. Constants among them are left as they are.

    Examples
    --------
    >>> from vitreous.liquid import Box
    >>> Box.__module__
    'vitreous.liquid'
    """
    offered = vars(sys.modules[room])
    for name in names:
        member = inspect.unwrap(offered[name]) if callable(offered[name]) else None
        if inspect.isclass(member) or inspect.isfunction(member):
            offered[name].__module__ = member.__module__ = room
