"""The repository may lie in a folder of any name."""

import shutil
import subprocess
import sys

import pytest
from support.project import ROOT

NEEDED = ["__init__.py", "_version.py", "pyproject.toml", "tests/conftest.py", "tests/storage"]


@pytest.mark.slow
@pytest.mark.parametrize("name", ["vitreous-main", "1 x"])
def test_tests_run_in_a_folder_of_any_name(tmp_path, name):
    for needed in NEEDED:
        copy = tmp_path / name / needed
        copy.parent.mkdir(parents=True, exist_ok=True)
        source = ROOT / needed
        shutil.copytree(source, copy) if source.is_dir() else shutil.copy(source, copy)
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q"],
        cwd=tmp_path / name,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout
    assert " passed" in done.stdout
