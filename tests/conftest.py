"""Fixtures shared by all tests."""

import os
from pathlib import Path

# Problems are too small for threads of BLAS and OpenMP, whose sums differ in the last bit. NumPy
# reads this when it is imported, here or in a process that a test starts.
os.environ.setdefault("OMP_NUM_THREADS", "1")

# One process per core is what runs the tests; a test that is about more names their number. Each
# would import the package, and compile what it needs, for a problem that takes a moment.
os.environ.setdefault("LOKY_MAX_CPU_COUNT", "1")

import numpy as np
import pytest

ROOT = Path(__file__).resolve().parents[1]
_SHARED = ROOT.parent / "shared"
_SHARED_DATA = _SHARED / "data"
_SHARED_CASES = _SHARED / "cases"


class _PlainRoot:
    """The root is the package, under whose name it is installed and not under its folder's.

    pytest would import it as a package of tests, which fails where the folder is called `a-b`.
    """

    @pytest.hookimpl(tryfirst=True)
    def pytest_collect_directory(self, path, parent):
        return pytest.Dir.from_parent(parent, path=path) if path == ROOT else None


def pytest_configure(config):
    # As a plugin of its own: hooks of this file itself serve only what lies in its folder.
    config.pluginmanager.register(_PlainRoot())


# Of two processes one begins with the first half, whose tests compile most kernels, the other with
# the second, which hardly needs one until they are kept. An idle process takes over the last tests
# of another; it would make studies anew.
_FIRST = ["studies", "campaigns", "simulate", "liquid", "descriptors"]
_SECOND = ["datasets", "models", "dynamics"]
_PLACES = {room: place for place, room in enumerate([*_FIRST, *_SECOND])}


def pytest_collection_modifyitems(items):
    """Order rooms so that processes seldom compile the same kernel at the same time."""
    items.sort(key=lambda item: _PLACES.get(item.path.parent.name, len(_PLACES)))


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Folder with published data sets, which the repository does not contain."""
    if not _SHARED_DATA.is_dir():
        pytest.skip(f"published data not found beside the repository, in {_SHARED_DATA.parent}")
    return _SHARED_DATA


@pytest.fixture(scope="session")
def repeated():
    """Function that repeats a configuration twice along each axis."""
    from vitreous.liquid import Box, Configuration

    def twice(configuration: Configuration) -> Configuration:
        axes = np.meshgrid(*[[0, 1]] * configuration.dimensions)
        shifts = np.stack(axes, axis=-1).reshape(-1, 1, configuration.dimensions)
        lengths = np.array(configuration.box.lengths)
        return Configuration.wrapped(
            (configuration.positions + shifts * lengths).reshape(-1, configuration.dimensions),
            np.tile(configuration.types, len(shifts)),
            Box(tuple(2 * lengths)),
            configuration.species,
            temperature=configuration.temperature,
        )

    return twice


@pytest.fixture(scope="session")
def shared_cases() -> Path:
    """Folder with one configuration written the way users' programs write it."""
    if not _SHARED_CASES.is_dir():
        pytest.skip(f"cases of files not found beside the repository, in {_SHARED_CASES.parent}")
    return _SHARED_CASES
