"""What was found for a configuration, kept as long as the configuration lives."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Any
from weakref import WeakKeyDictionary

from ..liquid import Configuration

_found: WeakKeyDictionary[Configuration, dict[Hashable, Any]]
_found = WeakKeyDictionary()


def remembered(configuration: Configuration) -> dict[Hashable, Any]:
    """Results for a configuration, to look up and to add to.

    Descriptors of several states ask for the same one after the other. Configurations are
    immutable, so that results are theirs for good. No value may hold the configuration itself,
    which would then never go.
    """
    return _found.setdefault(configuration, {})
