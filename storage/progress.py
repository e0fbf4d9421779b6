"""How far a long task is: one shape of callback for all that take time.

Any function of a name and two numbers is a `Progress`:

>>> def percent(step, done, total):
...     print(f"{step}: {100 * done // total} %")
>>> list(tracked("spell", "ab", 2, percent))
spell: 0 %
spell: 50 %
spell: 100 %
['a', 'b']
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import TypeVar

Progress = Callable[[str, int, int], None]
"""Called with the name of a step, how much of it is done and how much there is (0 if unknown)."""

Item = TypeVar("Item")


def silent(step: str, done: int, total: int) -> None:
    """Say nothing; the default where progress can be followed.

    Examples
    --------
    >>> [character for character in tracked("spell", "ab", 2, silent)]
    ['a', 'b']
    """


def tracked(
    step: str, items: Iterable[Item], total: int, progress: Progress = silent
) -> Iterator[Item]:
    """Pass items on and report how many have been taken.

    Parameters
    ----------
    step : str
        What is done with the items.
    items : iterable
    total : int
        How many there are, 0 if unknown.
    progress : callable
        First called with none done, then before each next item and after the last.

    Yields
    ------
    object
        The items.

    Examples
    --------
    >>> [character for character in tracked("spell", "ab", 2, print)]
    spell 0 2
    spell 1 2
    spell 2 2
    ['a', 'b']
    """
    progress(step, 0, total)
    for done, item in enumerate(items, start=1):
        yield item
        progress(step, done, total)
