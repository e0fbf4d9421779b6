"""Fixtures shared by all tests."""

from pathlib import Path

import pytest

_SHARED_DATA = Path(__file__).resolve().parents[2] / "shared" / "data"


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Folder with published data sets, which the repository does not contain."""
    if not _SHARED_DATA.is_dir():
        pytest.skip(f"published data not found beside the repository, in {_SHARED_DATA.parent}")
    return _SHARED_DATA
