"""Files that appear whole or not at all."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def atomic_path(path: str | Path) -> Iterator[Path]:
    """Yield a temporary path beside `path` that takes its place when the block succeeds.

    An interrupted block leaves what was there before. The temporary name keeps the suffix, by
    which some writers choose their format.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     path = Path(folder, "numbers.txt")
    ...     with atomic_path(path) as partial:
    ...         written = partial.write_text("1 2 3")
    ...         path.exists()
    ...     path.read_text()
    False
    '1 2 3'
    """
    path = Path(path)
    partial = path.with_name(f".{path.stem}.{os.getpid()}.partial{path.suffix}")
    try:
        yield partial
        os.replace(partial, path)
    finally:
        partial.unlink(missing_ok=True)
