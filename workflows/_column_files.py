"""Files of features, written one configuration after the other."""

from __future__ import annotations

import tempfile
import zipfile
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import gsd.hoomd
import numpy as np
from numpy.typing import NDArray

from ..datasets import Structure
from ._outputs import gsd_frame, ids

# Rows of several configurations come together into groups of about this size.
_ROW_GROUP_BYTES = 2**26


@dataclass(frozen=True, eq=False)
class Features:
    """Features of one configuration and where it came from.

    Attributes
    ----------
    structure : Structure
        What was read, with the configuration in the state that was described.
    values : ndarray, shape (N, n_features)
    """

    structure: Structure
    values: NDArray[Any]


@dataclass
class Written:
    """How much a file holds so far."""

    n_configurations: int = 0
    n_particles: int = 0

    def count(self, features: Features) -> None:
        """Add a configuration."""
        self.n_configurations += 1
        self.n_particles += len(features.values)


def require_packages(path: Path) -> None:
    """Refuse a kind of file for which a package is missing.

    Raises
    ------
    ImportError
    """
    if path.suffix == ".parquet":
        try:
            import pyarrow.parquet  # noqa: F401
        except ImportError as error:
            raise ImportError(
                "Parquet files are written by pyarrow, which is not installed; pip install "
                "'.[parquet]' in the folder of vitreous, or name a .npz or .gsd file"
            ) from error


def write_gsd(path: Path, names: list[str], made_by: str, parts: Iterable[Features]) -> Written:
    """Write one frame for each configuration, with a per-particle chunk for each feature."""
    written = Written()
    with gsd.hoomd.open(path, "w") as file:
        for part in parts:
            frame = gsd_frame(part.structure, written.n_configurations)
            frame.log["made_by"] = np.frombuffer(made_by.encode(), dtype=np.uint8)
            columns = np.ascontiguousarray(part.values.T)
            frame.log |= {f"particles/{n}": c for n, c in zip(names, columns, strict=True)}
            file.append(frame)
            written.count(part)
    return written


def write_npz(path: Path, names: list[str], made_by: str, parts: Iterable[Features]) -> Written:
    """Write the matrix of all rows, what rows are, and what configurations are."""
    written = Written()
    origins: dict[str, list[Any]] = {
        name: []
        for name in ("sources", "files", "frames", "time_steps", "times", "temperatures", "starts")
    }
    with tempfile.TemporaryDirectory(dir=path.parent, prefix=".") as folder:
        spools: dict[str, _Spool] = {}
        for part in parts:
            structure, n_rows = part.structure, len(part.values)
            configuration = structure.configuration
            columns = {
                "features": part.values,
                "configuration": np.full(n_rows, written.n_configurations),
                "id": ids(structure),
                "type": np.array(configuration.species)[configuration.types],
            }
            for name, values in columns.items():
                if name not in spools:
                    spools[name] = _Spool(Path(folder, name), values)
                spools[name].append(values)
            for name, value in zip(origins, _origin(structure, written), strict=True):
                origins[name].append(value)
            written.count(part)
        with zipfile.ZipFile(path, "w") as archive:
            for name, spool in spools.items():
                with archive.open(f"{name}.npy", "w", force_zip64=True) as member:
                    spool.copy_to(member, written.n_particles)
            whole = {"names": names, "made_by": made_by} | origins
            for name, value in whole.items():
                with archive.open(f"{name}.npy", "w") as member:
                    np.lib.format.write_array(member, np.array(value), allow_pickle=False)
    return written


def _origin(structure: Structure, written: Written) -> tuple[Any, ...]:
    return (
        structure.source,
        structure.file,
        structure.frame,
        -1 if structure.step is None else structure.step,
        structure.time,
        structure.temperature,
        written.n_particles,
    )


class _Spool:
    """Rows of one array, on disk until their number is known, as headers of arrays ask."""

    def __init__(self, path: Path, first: NDArray[Any]) -> None:
        self._path = path
        self._dtype = first.dtype
        self._row = first.shape[1:]

    def append(self, rows: NDArray[Any]) -> None:
        with open(self._path, "ab") as file:
            np.ascontiguousarray(rows, dtype=self._dtype).tofile(file)

    def copy_to(self, member: IO[bytes], n_rows: int) -> None:
        shape = (n_rows, *self._row)
        description = {"descr": self._dtype.str, "fortran_order": False, "shape": shape}
        np.lib.format.write_array_header_2_0(member, description)
        with open(self._path, "rb") as file:
            while block := file.read(2**20):
                member.write(block)
        self._path.unlink()


def write_parquet(path: Path, names: list[str], made_by: str, parts: Iterable[Features]) -> Written:
    """Write a row for each particle: what it is and where it came from, then its features."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    written = Written()
    writer: Any = None
    waiting: list[Any] = []
    try:
        for part in parts:
            table = _arrow_table(pa, names, part, written.n_configurations)
            if writer is None:
                schema = table.schema.with_metadata({"made_by": made_by})
                writer = pq.ParquetWriter(path, schema, use_dictionary=["file", "type"])
            waiting.append(table.replace_schema_metadata({"made_by": made_by}))
            if sum(table.nbytes for table in waiting) >= _ROW_GROUP_BYTES:
                _write_row_group(pa, writer, waiting)
            written.count(part)
        if waiting:
            _write_row_group(pa, writer, waiting)
    finally:
        if writer is not None:
            writer.close()
    return written


def _arrow_table(pa: Any, names: list[str], part: Features, number: int) -> Any:
    structure, n = part.structure, len(part.values)
    configuration = structure.configuration
    types = pa.DictionaryArray.from_arrays(configuration.types, list(configuration.species))
    step = -1 if structure.step is None else structure.step
    described = {
        "configuration": pa.array(np.full(n, number)),
        "particle": pa.array(np.arange(n)),
        "id": pa.array(ids(structure)),
        "file": pa.repeat(structure.file, n),
        "frame": pa.array(np.full(n, structure.frame)),
        "time_step": pa.array(np.full(n, step)),
        "time": pa.array(np.full(n, structure.time)),
        "type": types.cast(pa.string()),
    }
    columns = np.ascontiguousarray(part.values.T)
    features = {name: pa.array(column) for name, column in zip(names, columns, strict=True)}
    return pa.table(described | features)


def _write_row_group(pa: Any, writer: Any, waiting: list[Any]) -> None:
    together = pa.concat_tables(waiting)
    writer.write_table(together, row_group_size=together.num_rows)
    waiting.clear()


ROW_COLUMNS = ("configuration", "particle", "id", "file", "frame", "time_step", "time", "type")
"""Columns of a table that are no features."""

WRITERS: dict[str, Callable[[Path, list[str], str, Iterable[Features]], Written]] = {
    ".parquet": write_parquet,
    ".npz": write_npz,
    ".gsd": write_gsd,
}
