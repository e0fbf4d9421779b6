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


def test_no_room_brings_along_what_it_may_not_need():
    others = sorted({*ROOMS, "storage", "compiled", "commands"} - {"plots"})
    code = (
        "import importlib, sys\n"
        f"for room in {others}:\n"
        "    importlib.import_module('vitreous.' + room)\n"
        f"    print(*(f'{{room}}:{{name}}' for name in {HEAVY} & set(sys.modules)))"
    )
    assert run(code) == []
    assert loaded_by("import vitreous.plots") & HEAVY == {"matplotlib"}


def test_storing_a_model_brings_no_library_that_it_does_not_use():
    store = (
        "from vitreous.models import GroupedRidge, StoredModel, save_model\n"
        "from tempfile import mkdtemp\n"
        "model = StoredModel(GroupedRidge(), 'KA2D', 'displacement', 1.0, (0.4,), ())\n"
        "save_model(model, mkdtemp() + '/model.skops')"
    )
    loaded = loaded_by(store)
    assert not {"torch", "dask", "matplotlib", "freud"} & loaded
    assert "sklearn.externals.array_api_compat.torch" not in loaded  # hidden no longer


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
