"""The examples in the docstrings."""

import doctest
import importlib
import pkgutil

import pytest

import vitreous

# Folders of the repository that are not part of the package, whose root the repository is.
_ELSEWHERE = {"tests", "docs", "benchmarks", "examples", "build", "setup"}


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
    assert {"liquid", "dynamics", "simulate", "descriptors", "datasets", "models"} <= rooms


@pytest.mark.parametrize("name", NAMES)
def test_examples_give_what_they_show(name):
    results = doctest.testmod(importlib.import_module(name))
    assert results.failed == 0
