"""Text is UTF-8 whatever the locale, and output never fails for want of a letter."""

import ast
import json
import os
import subprocess
import sys

import pytest
from support.project import ROOT, package_sources


def opens_text_in_the_encoding_of_the_locale(call):
    if any(keyword.arg in ("encoding", None) for keyword in call.keywords):
        return False
    function = call.func
    name = function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")
    if name in ("read_text", "write_text"):
        return True
    if name != "open":
        return False
    # `path.open("w")` has its mode in the first place, `open(path, "w")` in the second.
    place = 0 if isinstance(function, ast.Attribute) else 1
    modes = [*call.args[place : place + 1], *(k.value for k in call.keywords if k.arg == "mode")]
    values = [mode.value for mode in modes if isinstance(mode, ast.Constant)]
    if isinstance(function, ast.Attribute) and modes and not values:
        return False  # the name of a file: gsd, tar and zip archives, which hold bytes
    return all(set(value) <= set("rwaxt+") for value in values)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("path.read_text()", True),
        ("path.write_text(page)", True),
        ("path.open('w')", True),
        ("path.open()", True),
        ("open(path)", True),
        ("open(path, 'a')", True),
        ("path.read_text(encoding='utf-8')", False),
        ("open(path, 'wb')", False),
        ("path.open(mode='rb')", False),
        ("gsd.hoomd.open(path, 'r')", False),
        ("tarfile.open(fileobj=file, mode='r|*')", False),
    ],
)
def test_the_search_finds_what_it_is_to_find(text, found):
    assert opens_text_in_the_encoding_of_the_locale(ast.parse(text).body[0].value) == found


def test_all_text_names_its_encoding():
    assert len(package_sources()) > 100
    wrong = [
        f"{path.relative_to(ROOT)}:{node.lineno}"
        for path in package_sources()
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and opens_text_in_the_encoding_of_the_locale(node)
    ]
    assert not wrong


CAMPAIGN = """
title = "Gläser und Übergänge"
seed = 1

[liquid]
system = "KA2D"
n_particles = 100
temperatures = [2.0]
n_configurations = 4

[equilibration]
n_sweeps = 100
label_unequilibrated = true

[relaxation]
bond_breaking = 0.97
longest_time = 100.0

[ensemble]
n_replicas = 2
relative_times = [0.1, 1.0]
"""

ASCII = {
    "LC_ALL": "C",
    "PYTHONUTF8": "0",
    "PYTHONCOERCECLOCALE": "0",
    "PYTHONIOENCODING": "ascii",
}


@pytest.mark.slow
def test_campaign_in_an_ascii_locale(tmp_path):
    (tmp_path / "Gläser.toml").write_text(CAMPAIGN, encoding="utf-8")
    command = [sys.executable, "-c", "from vitreous.cli import main; main()"]
    made, failed = (
        subprocess.run(
            [*command, *arguments],
            capture_output=True,
            text=True,
            encoding="ascii",
            cwd=tmp_path,
            env=os.environ | ASCII,
        )
        for arguments in (
            ["simulate", "Gläser.toml", "-o", "made", "-j", "1"],
            ["report", "Kühlung"],
        )
    )
    assert made.returncode == 0, made.stderr
    head, row = made.stdout.splitlines()
    assert head.startswith("T  energy")
    assert " +- " in row
    assert "sample isoconfigurational ensembles: 4 of 4" in made.stderr
    (state,) = json.loads((tmp_path / "made" / "summary.json").read_text(encoding="utf-8"))
    assert state["n_labelled"] == 4
    assert failed.returncode == 2
    assert "is not the folder of a study" in failed.stderr
