"""The examples in the docstrings."""

import ast
import doctest
import importlib
import inspect
import pkgutil

import pytest
from support.project import ROOM_NAMES

import vitreous

# Folders of the repository that are not part of the package, whose root the repository is.
_ELSEWHERE = {"tests", "docs", "benchmarks", "examples", "build", "setup"}


_NEED_TORCH = ("vitreous.models.mlp", "vitreous.models._mlp")


def module_names():
    """All modules, under the name by which they are installed.

    Any other name would make numba's cache on disk refer to modules that users do not have.
    """
    yield "vitreous"
    for top in pkgutil.iter_modules(vitreous.__path__, "vitreous."):
        if top.name.partition(".")[2] in _ELSEWHERE:
            continue
        yield top.name
        if top.ispkg:
            package = importlib.import_module(top.name)
            for module in pkgutil.walk_packages(package.__path__, f"{top.name}."):
                yield module.name


NAMES = list(module_names())


def test_all_rooms_are_searched():
    rooms = {name.split(".")[1] for name in NAMES if name.count(".") > 1}
    assert rooms == ROOM_NAMES


def definitions(module):
    """The docstrings of a module's own, by their names, whatever module their objects name."""
    tree = ast.parse(inspect.getsource(module))
    kinds = ast.ClassDef | ast.FunctionDef
    found = {"": ast.get_docstring(tree)}
    for node in tree.body:
        if isinstance(node, kinds):
            found[node.name] = ast.get_docstring(node)
        if isinstance(node, ast.ClassDef):
            members = [member for member in node.body if isinstance(member, kinds)]
            found |= {f"{node.name}.{member.name}": ast.get_docstring(member) for member in members}
    return {name: text for name, text in found.items() if text}


def examples(module):
    """The examples of a module: its own, and those of all that is defined in it.

    What is public names the room, not the module, so that doctest alone would pass over it. A class
    that is an attribute of another has its examples where it is defined.
    """
    finder = doctest.DocTestFinder(exclude_empty=True)
    own = doctest.DocTestFinder(recurse=False).find(module, module.__name__)
    names = {f"{module.__name__}.{name}".rstrip(".") for name in definitions(module)}
    defined = {name.partition(".")[0] for name in definitions(module)} - {""}
    parts = [
        finder.find(
            inspect.unwrap(vars(module)[name]),
            f"{module.__name__}.{name}",
            module=False,
            globs=dict(vars(module)),
        )
        for name in sorted(defined & set(vars(module)))
    ]
    found = [test for tests in [own, *parts] for test in tests if test.examples]
    return [test for test in found if test.name in names]


@pytest.mark.parametrize("name", NAMES)
def test_examples_give_what_they_show(name):
    if name.startswith(_NEED_TORCH):
        pytest.importorskip("torch", reason="torch is not installed")
    module = importlib.import_module(name)
    tests = examples(module)
    shown = {name for name, text in definitions(module).items() if ">>> " in text}
    assert {test.name.removeprefix(module.__name__).lstrip(".") for test in tests} == shown
    runner = doctest.DocTestRunner()
    for test in tests:
        runner.run(test)
    assert runner.failures == 0


def without_example(room):
    """The public classes and functions of a room in whose docstrings nothing runs."""
    shown = {name: getattr(room, name) for name in getattr(room, "__all__", [])}
    return {
        name
        for name, item in shown.items()
        if (inspect.isclass(item) or inspect.isroutine(item))
        and not any(">>> " in text for text in docstrings(item))
    }


def docstrings(item):
    """The docstring of a class or function, and those of the methods of a class."""
    own = vars(item).values() if inspect.isclass(item) else ()
    members = [getattr(member, "__func__", member) for member in own]
    routines = [member for member in members if inspect.isroutine(member)]
    return [part.__doc__ for part in [item, *routines] if part.__doc__]


@pytest.mark.parametrize("name", sorted(ROOM_NAMES))
def test_every_public_name_has_an_example(name):
    room = importlib.import_module(f"vitreous.{name}")
    assert without_example(room) == set()


def test_there_are_examples():
    everywhere = [name for name in NAMES if not name.startswith(_NEED_TORCH)]
    counted = {name: len(examples(importlib.import_module(name))) for name in everywhere}
    assert sum(counted.values()) > 100
    assert counted["vitreous.liquid.box"] >= 3  # of a public class and of two of its methods
