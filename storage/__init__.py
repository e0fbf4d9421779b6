"""What makes a file on disk trustworthy: it appears whole or not at all, and can be checked."""

from .atomic import atomic_path
from .json_text import to_json
from .memory import cached
from .seals import is_intact, seal

__all__ = ["atomic_path", "cached", "is_intact", "seal", "to_json"]
