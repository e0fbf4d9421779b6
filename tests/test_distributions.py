"""What is uploaded at a release: the package, all its data, and nothing else."""

import re
import runpy
import shutil
import subprocess
import sys
import tarfile
import zipfile
from importlib.metadata import PackageNotFoundError, version

import pytest
from support.project import ROOMS, ROOT

AT_THE_ROOT = {"__init__.py", "_version.py", "cli.py", "py.typed"}
ABOUT = {"README.md", "LICENSE", "CHANGELOG.md", "CITATION.cff"}
BUILDING = {"MANIFEST.in", "pyproject.toml", "setup.cfg", "setup.py"}
LEFT_BY_RUNS = shutil.ignore_patterns(
    "__pycache__", ".*_cache", ".venv*", ".git", ".hypothesis", "*.egg-info", "build", "dist"
)

BUILD = "from setuptools import build_meta as b; b.build_wheel('dist'); b.build_sdist('dist')"


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """Folder with a wheel and a source distribution, built from a copy of the repository."""
    try:
        too_old = int(version("setuptools").split(".")[0]) < 77
    except PackageNotFoundError:
        too_old = True
    if too_old:
        pytest.skip("setuptools 77 or later is not installed; pip install '.[test-all]'")
    root = tmp_path_factory.mktemp("repository") / "vitreous"
    shutil.copytree(ROOT, root, ignore=LEFT_BY_RUNS)
    done = subprocess.run([sys.executable, "-c", BUILD], cwd=root, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return root / "dist"


@pytest.fixture(scope="module")
def package():
    """Every file of every room, and those of the root."""
    files = [path for room in ROOMS for path in room.rglob("*") if path.is_file()]
    kept = [path for path in files if "__pycache__" not in path.parts]
    return AT_THE_ROOT | {path.relative_to(ROOT).as_posix() for path in kept}


def test_the_wheel_holds_the_package_and_all_its_data(built, package):
    (path,) = built.glob("*.whl")
    names = [name for name in zipfile.ZipFile(path).namelist() if ".dist-info/" not in name]
    assert sorted(names) == sorted(f"vitreous/{name}" for name in package)
    assert path.name.endswith("-py3-none-any.whl")


def test_the_source_distribution_holds_what_the_wheel_is_made_of(built, package):
    (path,) = built.glob("*.tar.gz")
    with tarfile.open(path) as archive:
        files = [member.name.partition("/")[2] for member in archive if member.isfile()]
    generated = {name for name in files if name == "PKG-INFO" or ".egg-info/" in name}
    assert sorted(set(files) - generated) == sorted(package | ABOUT | BUILDING)


def test_settings_templates_and_the_sample_are_part_of_it(package):
    assert {
        "studies/ka2d_transfer.toml",
        "studies/ka2d_to_tg.toml",
        "studies/transfer/page.html",
        "datasets/samples/ka2d.npz",
    } <= package


def test_the_version_is_the_same_everywhere():
    current = runpy.run_path(str(ROOT / "_version.py"))["__version__"]
    assert f"\nversion: {current}\n" in (ROOT / "CITATION.cff").read_text(encoding="utf-8")
    changelog = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    assert re.findall(r"^## \[(\d.*)\]", changelog, re.MULTILINE)[0] == current
