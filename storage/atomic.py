"""Files that appear whole or not at all."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


def require_place(path: str | Path) -> None:
    """Refuse a path at which no file can be written, before there is anything to write.

    Raises
    ------
    OSError
        If its folder is missing or may not be written to, or if it is a folder itself.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     require_place(f"{folder}/model.skops")
    >>> require_place("nowhere/model.skops")
    Traceback (most recent call last):
        ...
    FileNotFoundError: the folder of nowhere/model.skops does not exist
    """
    path = Path(path)
    folder = path.absolute().parent
    if not folder.is_dir():
        raise FileNotFoundError(f"the folder of {path} does not exist")
    if path.is_dir():
        raise IsADirectoryError(f"{path} is a folder; name the file to write")
    if not os.access(folder, os.W_OK):
        raise PermissionError(f"the folder of {path} may not be written to; choose another")


@contextmanager
def atomic_path(path: str | Path) -> Iterator[Path]:
    """Yield a temporary path beside `path` that takes its place when the block succeeds.

    An interrupted block leaves what was there before. The temporary name keeps the suffix, by
    which some writers choose their format. Errors of the file name `path`.

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
    except OSError as error:
        if error.filename != str(partial):
            raise
        raise type(error)(error.errno, error.strerror, str(path)) from error
    finally:
        partial.unlink(missing_ok=True)
