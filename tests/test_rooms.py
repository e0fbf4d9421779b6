"""Every list of the rooms of the package names the same ones."""

import configparser
import importlib
import re
import tomllib

import pytest
from support.project import ROOM_NAMES, ROOT

import vitreous

INTERNAL = {"storage", "compiled", "commands"}
PUBLIC = sorted(ROOM_NAMES - INTERNAL)


@pytest.fixture(scope="module")
def contracts():
    """What `make lint` proves, by the names of the contracts."""
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    listed = settings["tool"]["importlinter"]["contracts"]
    return {contract["name"]: contract for contract in listed}


@pytest.fixture(scope="module")
def floors(contracts):
    """The rooms of each floor, from the ground up."""
    layers = contracts["rooms stand on each other"]["layers"]
    return [set(layer.split(" | ")) for layer in reversed(layers)]


def test_every_room_has_a_floor(floors):
    assert sorted(room for floor in floors for room in floor) == sorted(ROOM_NAMES | {"cli"})


def test_the_table_for_contributors_is_the_contract(floors):
    page = (ROOT / "docs" / "contributing.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| (\d+) \| (.+?) \|", page, re.MULTILINE)
    told = [set() for _ in floors]
    for floor, room in rows:
        told[int(floor) - 1] |= set(re.findall(r"`(\w+)", room))
    assert told == floors


def test_commands_that_must_not_know_each_other_are_all_commands(contracts):
    files = {f"vitreous.commands.{path.stem}" for path in ROOT.glob("commands/[a-z]*.py")}
    assert set(contracts["commands do not know each other"]["modules"]) == files


def test_kinds_of_study_that_must_not_know_each_other_are_all_kinds(contracts):
    kinds = {f"vitreous.studies.{path.parent.name}" for path in ROOT.glob("studies/*/study.py")}
    assert set(contracts["kinds of study do not know each other"]["modules"]) == kinds


def test_every_room_is_installed():
    settings = configparser.ConfigParser()
    settings.read(ROOT / "setup.cfg", encoding="utf-8")
    folders = [path.parent for room in ROOM_NAMES for path in (ROOT / room).rglob("__init__.py")]
    packages = {".".join(("vitreous", *folder.relative_to(ROOT).parts)) for folder in folders}
    listed = settings["options"]["packages"].split()
    assert sorted(listed) == sorted({"vitreous", *packages})


def test_every_room_but_the_internal_ones_is_offered():
    assert sorted(vitreous.__all__) == ["__version__", *PUBLIC]
    assert sorted(re.findall(r"~vitreous\.(\w+)`", vitreous.__doc__)) == PUBLIC


def test_every_public_room_has_a_page_in_the_reference():
    pages = sorted(path.stem for path in ROOT.glob("docs/api/*.rst") if path.stem != "index")
    assert pages == PUBLIC
    index = (ROOT / "docs" / "api" / "index.rst").read_text(encoding="utf-8")
    assert sorted(re.findall(r":doc:`(\w+)`", index)) == PUBLIC
    assert sorted(re.findall(r"^   (\w+)$", index, re.MULTILINE)) == PUBLIC


@pytest.mark.parametrize("room", PUBLIC)
def test_every_public_name_is_in_the_reference(room):
    public = importlib.import_module(f"vitreous.{room}").__all__
    page = (ROOT / "docs" / "api" / f"{room}.rst").read_text(encoding="utf-8")
    listed = re.findall(r"^(?: +|\.\. data:: )(\w+)$", page, re.MULTILINE)
    missing = sorted(set(public) - set(listed))
    assert missing == [], f"add them to docs/api/{room}.rst"


@pytest.mark.parametrize("room", sorted(ROOM_NAMES))
def test_every_room_has_a_folder_of_tests(room):
    assert list((ROOT / "tests" / room).glob("test_*.py"))
