"""Downloads that go on where they stopped."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

from ..storage.progress import Progress, silent

# What is lost at most when a connection breaks.
_CHUNK = 2**16
_TIMEOUT = 60.0


class ResumingDownloader:
    """A downloader for pooch that keeps what arrived and asks for the rest (HTTP ranges).

    What has arrived lies in a file of its own until it is complete, so that a later call, of this
    process or another, goes on from there. The server is asked for the same version (``If-Range``),
    if it named its version. If it has another version by now, or does not know ranges, everything
    is fetched anew. Afterwards pooch checks the whole file against its checksum.

    Parameters
    ----------
    partial : str or Path
        Where to keep what has arrived; beside it lies the entity tag of the server.
    size : int
        Number of bytes of the whole. Never more are written.
    progress : callable, optional
        Called with "download", the number of bytes that are there and `size`.
    """

    def __init__(self, partial: str | Path, size: int, progress: Progress = silent) -> None:
        self.partial = Path(partial)
        self.size = size
        self._progress = progress
        self._tag_file = self.partial.with_name(f"{self.partial.name}.etag")

    def __call__(self, url: str, output_file: str, pooch: Any) -> None:
        """Fetch what is missing and hand it over; as pooch calls it.

        Raises
        ------
        OSError
            If the server cannot be reached, refuses, or stops early.
        """
        if self._present() != self.size:
            try:
                self._fetch(url)
            except OSError as error:
                raise OSError(
                    f"{url}: the download stopped at {self._present()} of {self.size} bytes "
                    f"({error}); the same call goes on from there"
                ) from error
        shutil.move(self.partial, output_file)
        self._tag_file.unlink(missing_ok=True)

    def _present(self) -> int:
        return self.partial.stat().st_size if self.partial.exists() else 0

    def _fetch(self, url: str) -> None:
        import requests

        present = self._present()
        tag = self._tag_file.read_text(encoding="utf-8") if self._tag_file.exists() else ""
        headers = {"Accept-Encoding": "identity"}
        if 0 < present < self.size:
            headers |= {"Range": f"bytes={present}-"} | ({"If-Range": tag} if tag else {})
        with requests.get(url, headers=headers, stream=True, timeout=_TIMEOUT) as response:
            response.raise_for_status()
            resumed = response.status_code == 206
            wanted = f"bytes {present}-{self.size - 1}/{self.size}"
            if resumed and response.headers.get("Content-Range") != wanted:
                raise OSError(f"asked for bytes from {present}, the server sent others")
            tag = response.headers.get("ETag", "")
            # Weak tags do not promise the same bytes.
            self._tag_file.write_text("" if tag.startswith("W/") else tag, encoding="utf-8")
            arrived = present if resumed else 0
            with self.partial.open("ab" if resumed else "wb") as file:
                for chunk in response.iter_content(_CHUNK):
                    arrived += len(chunk)
                    if arrived > self.size:
                        raise OSError(f"the server sends more than {self.size} bytes")
                    file.write(chunk)
                    self._progress("download", arrived, self.size)
        if arrived != self.size:
            raise OSError("the server ended early")
