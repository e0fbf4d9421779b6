"""Fetching the GlassBench archive and unpacking parts of it."""

from __future__ import annotations

import shutil
import tarfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path, PurePosixPath
from typing import Any

from ..storage.atomic import atomic_path
from ..storage.progress import Progress
from ..storage.seals import is_intact, seal
from ._resuming import ResumingDownloader

GLASSBENCH_RECORD = "https://zenodo.org/api/records/10118191"
"""What Zenodo's interface says of GlassBench, DOI 10.5281/zenodo.10118191."""

_ARCHIVE = "GlassBench.zip"
_TIMEOUT = 60.0


def fetch_glassbench(
    folder: str | Path | None = None,
    *,
    known_hash: str | None = None,
    record: str = GLASSBENCH_RECORD,
    progress: Progress | None = None,
) -> Path:
    """Download the GlassBench archive, 6.0 GB, unless it is there already.

    An interrupted download continues where it stopped when the function is called again. The
    checksum is the one that the Zenodo record gives when the function is called; it protects
    against damage in transit, not against a record that was tampered with. Once the archive has
    passed this check, its SHA-256 is kept beside it, so that later calls recognise it without the
    network.

    Parameters
    ----------
    folder : str or Path, optional
        Where to keep the archive; a cache folder of the user by default.
    known_hash : str, optional
        Checksum of the archive to use in place of the one in the record, as ``md5:...`` or
        ``sha256:...``.
    record : str
        Address of the record, in the form of Zenodo's interface, for a mirror.
    progress : callable, optional
        Called with "download", the number of bytes received so far, and the total. A bar on stderr
        by default.

    Returns
    -------
    Path
        The archive, ``GlassBench.zip``.

    Raises
    ------
    OSError
        If the record or the archive cannot be reached, the download stops early, or the disk has
        not enough space.
    ValueError
        If the record does not name the archive, or the checksum is wrong; the download is then
        removed.

    References
    ----------
    Jung et al., Roadmap on machine learning glassy liquids, arXiv:2311.14752; the data are under
    CC-BY-4.0.

    Examples
    --------
    >>> from vitreous.datasets import fetch_glassbench, read_glassbench, unpack_glassbench
    >>> archive = fetch_glassbench()  # doctest: +SKIP
    >>> files = unpack_glassbench(archive, "KA2D_models/T0.30", "glassbench")  # doctest: +SKIP
    >>> read_glassbench(files[0]).temperature  # doctest: +SKIP
    0.3
    """
    import pooch

    place = Path(pooch.os_cache("vitreous") if folder is None else folder)
    archive = place / _ARCHIVE
    if is_intact(archive):
        return archive
    place.mkdir(parents=True, exist_ok=True)
    url, checksum, size = _file_in_record(record)
    partial = place / f"{_ARCHIVE}.part"
    missing = size - (partial.stat().st_size if partial.exists() else 0)
    free = shutil.disk_usage(place).free
    if not archive.exists() and missing > free:
        raise OSError(f"{place} has {free} bytes free, and {missing} are to come; choose a folder")
    with _progress_bar() if progress is None else nullcontext(progress) as shown:
        pooch.retrieve(
            url=url,
            known_hash=known_hash or checksum,
            fname=_ARCHIVE,
            path=place,
            downloader=ResumingDownloader(partial, size, shown),
        )
    seal(archive)
    return archive


def unpack_glassbench(archive: str | Path, part: str, folder: str | Path) -> list[Path]:
    """Unpack the files of one system and temperature from the GlassBench archive.

    Parameters
    ----------
    archive : str or Path
        As `fetch_glassbench` returns it.
    part : str
        Such as ``"KA2D_models/T0.30"``: the folder in the archive and the temperature.
    folder : str or Path
        Where to put them, as ``T0.30/train/N1290T0.30_1.npz`` and so on. Complete files that exist
        already are not written again.

    Returns
    -------
    list of Path
        The npz files, sorted; `read_glassbench` reads each.

    Raises
    ------
    FileNotFoundError
        If there is no such archive.
    ValueError
        If it is damaged or has no such part; the message names the parts it has.

    Examples
    --------
    An archive with one small file in place of the one that `fetch_glassbench` downloads:

    >>> import tarfile
    >>> import zipfile
    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> from vitreous.datasets import unpack_glassbench
    >>> with TemporaryDirectory() as folder:
    ...     _ = Path(folder, "any.npz").write_bytes(b"content")
    ...     with tarfile.open(f"{folder}/T0.30.tar", "w") as packed:
    ...         packed.add(f"{folder}/any.npz", "T0.30/train/N1290T0.30_1.npz")
    ...     with zipfile.ZipFile(f"{folder}/small.zip", "w") as archive:
    ...         archive.write(f"{folder}/T0.30.tar", "GlassBench/KA2D_models/T0.30.tar")
    ...     (file,) = unpack_glassbench(f"{folder}/small.zip", "KA2D_models/T0.30", folder)
    ...     file.relative_to(folder).as_posix(), file.read_bytes()
    ('T0.30/train/N1290T0.30_1.npz', b'content')
    """
    found = []
    try:
        with zipfile.ZipFile(archive) as whole:
            member = _member(whole, part)
            with whole.open(member) as packed, tarfile.open(fileobj=packed, mode="r|*") as files:
                for file in files:
                    # A stray file in the archive is called .npz and no more.
                    if file.isfile() and PurePosixPath(file.name).suffix == ".npz":
                        found.append(_extract(files, file, Path(folder)))
    except FileNotFoundError:
        raise
    except (OSError, EOFError, tarfile.TarError, zipfile.BadZipFile) as error:
        raise ValueError(f"{archive}: not a readable archive ({error}); fetch it again") from error
    return sorted(found)


def _file_in_record(record: str) -> tuple[str, str, int]:
    """Address, checksum and size of the archive, as the record tells them."""
    import requests

    response = requests.get(record, timeout=_TIMEOUT)
    response.raise_for_status()
    try:
        files: list[dict[str, Any]] = response.json()["files"]
        (entry,) = [file for file in files if _ARCHIVE in (file.get("key"), file.get("filename"))]
        if "key" in entry:
            return str(entry["links"]["self"]), str(entry["checksum"]), int(entry["size"])
        # Zenodo's other form, which it had for a time: bare MD5 sums, links that lead nowhere.
        address = f"{record.replace('/api/', '/')}/files/{_ARCHIVE}?download=1"
        return address, f"md5:{entry['checksum']}", int(entry["filesize"])
    except (ValueError, LookupError, TypeError, AttributeError) as error:
        raise ValueError(
            f"{record} does not tell address, checksum and size of {_ARCHIVE}; download it by hand "
            "and read it with unpack_glassbench"
        ) from error


@contextmanager
def _progress_bar() -> Iterator[Progress]:
    from rich.console import Console
    from rich.progress import BarColumn, DownloadColumn, TimeRemainingColumn, TransferSpeedColumn
    from rich.progress import Progress as Bars

    columns = BarColumn(), DownloadColumn(), TransferSpeedColumn(), TimeRemainingColumn()
    with Bars(*columns, console=Console(stderr=True)) as bars:
        task = bars.add_task(_ARCHIVE, total=None)
        yield lambda step, done, total: bars.update(task, completed=done, total=total)


def _member(archive: zipfile.ZipFile, part: str) -> str:
    parts = {
        "/".join(name.split("/")[-2:]).rpartition(".tar")[0]: name
        for name in archive.namelist()
        if ".tar" in name
    }
    if part not in parts:
        raise ValueError(
            f"{archive.filename} has no part {part!r}; it has {', '.join(sorted(parts)) or 'none'}"
        )
    return parts[part]


def _extract(files: tarfile.TarFile, file: tarfile.TarInfo, folder: Path) -> Path:
    """Write one file, whole or not at all; names that lead out of the folder are refused."""
    path = folder / tarfile.data_filter(file, str(folder)).name
    if not path.exists() or path.stat().st_size != file.size:
        path.parent.mkdir(parents=True, exist_ok=True)
        content = files.extractfile(file)
        assert content is not None  # of a regular file it never is
        with atomic_path(path) as partial, partial.open("wb") as out:
            shutil.copyfileobj(content, out)
    return path
