"""Every kernel is compiled by the decorators of this package, also where nothing can be written."""

import ast
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from support.project import package_sources

import vitreous
from vitreous.compiled import decorators

ROOT = Path(vitreous.__file__).parent
NOT_INSTALLED = ("tests", "docs", "benchmarks", "examples", "build", ".*", "*.egg-info", "*.nb?")


@pytest.fixture(scope="module")
def sealed(tmp_path_factory):
    """Run programs with a copy of the package beside which no folder can be made, without a home.

    Files stand where the folders would be: unlike permissions they stop the superuser as well.
    """
    folder = tmp_path_factory.mktemp("installed")
    shutil.copytree(
        ROOT, folder / "vitreous", ignore=shutil.ignore_patterns(*NOT_INSTALLED, "__pycache__")
    )
    for room in [folder / "vitreous", *(folder / "vitreous").rglob("*/")]:
        (room / "__pycache__").touch()
    home = folder / "home"
    home.touch()
    unset = ("NUMBA_CACHE_DIR", "XDG_CACHE_HOME")
    surroundings = {name: value for name, value in os.environ.items() if name not in unset}

    def run(program, **variables):
        return subprocess.run(
            [sys.executable, "-c", program],
            env={**surroundings, "HOME": str(home), "PYTHONPATH": str(folder), **variables},
            cwd=folder,
            capture_output=True,
            text=True,
            timeout=600,
        )

    return run


def test_kernels_work_where_nothing_can_be_written(sealed):
    done = sealed(
        "import vitreous.descriptors, vitreous.simulate\n"
        "from vitreous.liquid import KobAndersen, neighbor_list\n"
        "liquid = KobAndersen().random_configuration(300, random_state=1)\n"
        "print(len(neighbor_list(liquid, 1.5).indices))\n"
    )
    assert done.returncode == 0, done.stderr
    assert done.stderr.count("set NUMBA_CACHE_DIR") == 1
    assert int(done.stdout) > 0
    assert "once on this machine" not in done.stderr


def test_the_folder_that_the_message_asks_for_is_used(sealed, tmp_path):
    done = sealed("import vitreous.liquid", NUMBA_CACHE_DIR=str(tmp_path))
    assert (done.returncode, done.stderr) == (0, "")
    assert list(tmp_path.iterdir())


def test_other_errors_of_the_compiler_are_not_hidden():
    with pytest.raises(TypeError, match="already jitted"):
        decorators.kernel(decorators.kernel(lambda x: x))


def test_no_wrapper_for_callers_from_c_is_compiled():
    twice = decorators.kernel(lambda x: 2 * x)
    assert twice(3) == 6
    (code,) = twice.inspect_llvm().values()
    assert "define" in code
    assert "@cfunc." not in code


def test_no_kernel_states_flags_of_its_own():
    sources = [path for path in package_sources() if path.parent.name != "compiled"]
    assert len(sources) > 100
    using = [
        path.name
        for path in sources
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if {"njit", "jit"} & {getattr(node, "id", None), getattr(node, "attr", None)}
    ]
    assert not using
