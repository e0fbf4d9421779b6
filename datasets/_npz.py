"""Reading npz archives of unknown origin: no pickles, no more memory than the file justifies."""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from ._errors import errors_name

# An archive of positions and labels is a few times smaller than its arrays; one that unpacks to
# more than this, plus what sorted types of few particles may take, was made to fill the memory.
_LARGEST_RATIO = 100
_ALLOWANCE = 2**24


def read_npz(
    path: str | Path, required: Collection[str], optional: Collection[str] = ()
) -> dict[str, NDArray[Any]]:
    """Read arrays of numbers or text from an npz archive.

    Parameters
    ----------
    path : str or Path
    required, optional : collection of str
        Keys to read; others are left alone. Optional ones may be missing.

    Returns
    -------
    dict of str to ndarray

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    ValueError
        If it is no npz archive, lacks a key, holds Python objects, is damaged, or claims arrays
        that are larger than it can hold. Names the file.
    """
    with (
        errors_name(path, "npz archive of this layout"),
        open(path, "rb") as file,
        _open_zip(file) as archive,
    ):
        names = {info.filename.removesuffix(".npy"): info for info in archive.infolist()}
        missing = [key for key in required if key not in names]
        if missing:
            there = ", ".join(names)[:200] or "nothing"
            raise ValueError(f"{', '.join(missing)} missing; it holds {there}")
        wanted = [key for key in (*required, *optional) if key in names]
        size = file.seek(0, 2)
        unpacked = sum(names[key].file_size for key in wanted)
        if unpacked > _LARGEST_RATIO * size + _ALLOWANCE:
            raise ValueError(f"it unpacks from {size} to {unpacked} bytes")
        return {key: _read_array(archive, names[key]) for key in wanted}


@contextmanager
def _open_zip(file: BinaryIO) -> Iterator[zipfile.ZipFile]:
    """Open an archive; damage is a ValueError."""
    try:
        with zipfile.ZipFile(file) as archive:
            yield archive
    except (zipfile.BadZipFile, zlib.error) as error:
        raise ValueError(str(error)) from error


def _read_array(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> NDArray[Any]:
    with archive.open(info) as member:
        version = np.lib.format.read_magic(member)
        read_header = {
            (1, 0): np.lib.format.read_array_header_1_0,
            (2, 0): np.lib.format.read_array_header_2_0,
        }.get(version)
        if read_header is None:
            raise ValueError(f"{info.filename} is in version {version} of the npy format")
        shape, fortran_order, dtype = read_header(member)
        if dtype.kind not in "biufSU":
            raise ValueError(f"{info.filename} holds {dtype}, not numbers or text")
        # Python integers, which do not overflow.
        claimed = dtype.itemsize
        for length in shape:
            claimed *= int(length)
        data = member.read(claimed + 1) if claimed <= info.file_size else b""
        if claimed != len(data):
            raise ValueError(
                f"{info.filename} claims {dtype} of shape {shape}, {claimed} bytes, and holds "
                f"{'more' if len(data) > claimed else 'fewer'}"
            )
    return np.ndarray(shape, dtype, data, order="F" if fortran_order else "C")
