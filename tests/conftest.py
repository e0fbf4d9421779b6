"""Fixtures shared by all tests."""

from pathlib import Path

import pytest

_SHARED = Path(__file__).resolve().parents[2] / "shared"
_SHARED_DATA = _SHARED / "data"
_SHARED_CASES = _SHARED / "cases"


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Folder with published data sets, which the repository does not contain."""
    if not _SHARED_DATA.is_dir():
        pytest.skip(f"published data not found beside the repository, in {_SHARED_DATA.parent}")
    return _SHARED_DATA


@pytest.fixture(scope="session")
def shared_cases() -> Path:
    """Folder with one configuration written the way users' programs write it."""
    if not _SHARED_CASES.is_dir():
        pytest.skip(f"cases of files not found beside the repository, in {_SHARED_CASES.parent}")
    return _SHARED_CASES
