"""What makes a file on disk trustworthy, and how far a long task is.

A file appears whole or not at all, and can be checked.
"""

from .atomic import atomic_path
from .json_text import to_json
from .memory import cached
from .progress import Progress, silent, tracked
from .seals import is_intact, seal

__all__ = [
    "Progress",
    "atomic_path",
    "cached",
    "is_intact",
    "seal",
    "silent",
    "to_json",
    "tracked",
]
