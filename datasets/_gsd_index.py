"""Checking what a GSD file says of itself before the library, written in C, follows it."""

from __future__ import annotations

from pathlib import Path
from typing import BinaryIO

import numpy as np

_MAGIC = 0x65DF65DF65DF65DF
_NAME_SIZE = 64

# Layout of the file as the GSD documentation describes it ("File layer", versions 1 and 2).
_HEADER = np.dtype(
    [
        ("magic", "<u8"),
        ("index_location", "<u8"),
        ("index_allocated_entries", "<u8"),
        ("namelist_location", "<u8"),
        ("namelist_allocated_entries", "<u8"),
        ("schema_version", "<u4"),
        ("gsd_version", "<u4"),
        ("application", "S64"),
        ("schema", "S64"),
        ("reserved", "S80"),
    ]
)
_ENTRY = np.dtype(
    [
        ("frame", "<u8"),
        ("N", "<u8"),
        ("location", "<i8"),
        ("M", "<u4"),
        ("id", "<u2"),
        ("type", "u1"),
        ("flags", "u1"),
    ]
)
# By the number of the type; others do not exist.
_BYTES_OF_TYPE = np.full(256, 0.0)
_BYTES_OF_TYPE[1:12] = 1, 2, 4, 8, 1, 2, 4, 8, 4, 8, 1


def begins_as_gsd(head: bytes) -> bool:
    """Whether the first eight bytes of a file are those of GSD files."""
    return head[:8] == _MAGIC.to_bytes(8, "little")


def require_sound_gsd(path: str | Path) -> None:
    """Raise a ValueError unless the header, the names and the index of a GSD file can be true.

    Places and sizes that lie outside the file make the library crash, which no caller can catch.
    """
    with open(path, "rb") as file:
        size = file.seek(0, 2)
        header = _read(file, _HEADER, 0, 1, size)[0]
        if header["magic"] != _MAGIC:
            raise ValueError("it does not begin as GSD files do")
        n_names = _count_names(file, header, size)
        entries = _read(
            file,
            _ENTRY,
            int(header["index_location"]),
            int(header["index_allocated_entries"]),
            size,
        )
    used = entries[: np.argmin(np.append(entries["location"], 0) != 0)]
    if entries["location"][len(used) :].any():
        raise ValueError("its index has a gap")
    # In floating point, which does not overflow and is exact up to far beyond any file.
    n_bytes = used["N"].astype(np.float64) * used["M"] * _BYTES_OF_TYPE[used["type"]]
    impossible = (
        (used["location"] < _HEADER.itemsize)
        | (used["location"] + n_bytes > size)
        | (_BYTES_OF_TYPE[used["type"]] == 0)
        | (used["id"] >= n_names)
        | (used["frame"] >= len(entries))
        | (used["flags"] != 0)
    )
    if impossible.any():
        raise ValueError(f"its index has an impossible entry, {used[impossible][0]}")
    order = used["frame"] * 2**16 + used["id"]
    if (order[1:] < order[:-1]).any():
        raise ValueError("its index is not in order")


def _read(file: BinaryIO, dtype: np.dtype, location: int, count: int, size: int) -> np.ndarray:
    """Read records, all of which must lie inside the file."""
    n_bytes = count * dtype.itemsize
    if count < 1 or location + n_bytes > size:
        raise ValueError(f"it claims {n_bytes} bytes at {location}, and has {size}")
    file.seek(location)
    return np.frombuffer(file.read(n_bytes), dtype)


def _count_names(file: BinaryIO, header: np.void, size: int) -> int:
    """Count the names of chunks; there must be room for the end of the last one."""
    block = _read(
        file,
        np.dtype(f"V{_NAME_SIZE}"),
        int(header["namelist_location"]),
        int(header["namelist_allocated_entries"]),
        size,
    ).tobytes()
    if not block.endswith(b"\0"):
        raise ValueError("its list of names has no end")
    if int(header["gsd_version"]) >> 16 >= 2:
        return len(block.split(b"\0\0", 1)[0].split(b"\0"))
    names = [block[k : k + _NAME_SIZE] for k in range(0, len(block), _NAME_SIZE)]
    return sum(name[0] != 0 for name in names)
