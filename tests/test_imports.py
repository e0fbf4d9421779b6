"""What an import brings along, each in an interpreter of its own."""

import subprocess
import sys

import pytest

import vitreous

ROOMS = sorted(set(vitreous.__all__) - {"__version__"})

# What takes long to import.
HEAVY = {"freud", "matplotlib", "signac", "torch", "hoomd", "MDAnalysis", "ase", "dask"}


def run(code):
    """What a program prints, word by word, in a folder that is not the repository."""
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd="/"
    )
    return done.stdout.split()


def loaded_by(statement):
    return set(run(f"import sys\n{statement}\nprint(*sys.modules, sep='\\n')"))


OTHERS = sorted({*ROOMS, "storage", "compiled", "commands"} - {"plots"})

STEPS = f"""
import importlib, sys
from tempfile import mkdtemp

def tell(step):
    print(step, *sys.modules)

for room in {OTHERS}:
    importlib.import_module("vitreous." + room)
    tell(room)
from vitreous.models import GroupedRidge, StoredModel, save_model
model = StoredModel(GroupedRidge(), "KA2D", "displacement", 1.0, (0.4,), ())
save_model(model, mkdtemp() + "/model.skops")
tell("storing")
import vitreous.plots
tell("plots")
"""


@pytest.fixture(scope="module")
def loaded():
    """What one program has loaded after each step: rooms, a model stored, and plots at last."""
    done = subprocess.run(
        [sys.executable, "-c", STEPS], capture_output=True, text=True, check=True, cwd="/"
    )
    steps = [line.split() for line in done.stdout.splitlines()]
    return {step: set(modules) for step, *modules in steps}


def test_no_room_brings_along_what_it_may_not_need(loaded):
    assert {room: HEAVY & loaded[room] for room in OTHERS} == {room: set() for room in OTHERS}
    assert HEAVY & loaded["plots"] == {"matplotlib"}


def test_storing_a_model_brings_no_library_that_it_does_not_use(loaded):
    assert not {"torch", "dask", "matplotlib", "freud"} & loaded["storing"]
    # Hidden no longer.
    assert "sklearn.externals.array_api_compat.torch" not in loaded["storing"]


def test_the_package_alone_brings_nothing_and_gives_rooms_on_demand():
    loaded = loaded_by("import vitreous")
    assert "numpy" not in loaded
    assert not {name for name in loaded if name.startswith("vitreous.")} - {"vitreous._version"}
    assert run("import vitreous; print(vitreous.liquid.Box.cube(2.0, 2).volume)") == ["4.0"]
    assert set(ROOMS) <= set(run("import vitreous; print(*dir(vitreous))"))
    with pytest.raises(AttributeError, match="no attribute 'crystal'"):
        vitreous.crystal  # noqa: B018


def test_help_compiles_and_computes_nothing():
    help_text = (
        "import sys\nfrom vitreous.cli import app\n"
        "try:\n    app(['--help'])\nexcept SystemExit:\n    pass"
    )
    loaded = loaded_by(help_text)
    assert "vitreous.commands.fit" in loaded
    assert not {"numba", "numpy", "scipy", "sklearn", "vitreous.liquid"} & loaded


def test_importing_the_liquid_builds_no_system_and_no_table():
    code = (
        "import gc\nimport vitreous.liquid as l\n"
        "kinds = l.System, l.PairPotential, l.TabulatedPotential, l.PolydispersePotential\n"
        "print(sum(isinstance(made, kinds) for made in gc.get_objects()))\n"
        "l.get_system('KA2D')\n"
        "print(sum(isinstance(made, kinds) for made in gc.get_objects()))"
    )
    before, after = run(code)
    assert (before, after) == ("0", "2")
