"""Examples run, and what README and the documentation point to exists."""

import configparser
import json
import os
import re
import runpy
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
import typer
from support.project import ROOT, pages_and_sources

from vitreous.cli import app
from vitreous.liquid import registry

PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]

TUTORIALS = sorted((ROOT / "examples" / "tutorials").glob("[0-9]*.py"))


def python_blocks(page: Path) -> list[str]:
    return blocks(page, "python")


def blocks(page: Path, language: str) -> list[str]:
    text = page.read_text(encoding="utf-8")
    return re.findall(rf"^```{language}\n(.*?)^```", text, re.MULTILINE | re.DOTALL)


def commands(page: Path) -> list[list[str]]:
    """The words of every line of the shell that calls vitreous."""
    lines = "\n".join(blocks(page, "sh")).replace("\\\n", " ").splitlines()
    words = [shlex.split(line, comments=True) for line in lines]
    return [line[1:] for line in words if line[:1] == ["vitreous"]]


@pytest.mark.slow
def test_own_system_runs(capsys, monkeypatch):
    monkeypatch.setattr(registry, "_REGISTERED", {})
    variables = runpy.run_path(str(ROOT / "examples" / "own_system.py"))
    assert registry.get_system("two-sizes") is variables["mixture"]
    assert variables["quenched"].converged
    assert "in equilibrium" in capsys.readouterr().out


def run(example, folder, *arguments):
    """Run an example as its first lines say, in a folder that is not the repository."""
    done = subprocess.run(
        [sys.executable, ROOT / "examples" / example, *arguments],
        cwd=folder,
        env={**os.environ, "MPLBACKEND": "agg"},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.slow
def test_first_prediction_runs(tmp_path):
    assert "Pearson" in run("first_prediction.py", tmp_path)
    assert (tmp_path / "first_prediction.png").stat().st_size > 10_000


@pytest.mark.slow
def test_what_descriptors_see_runs(tmp_path):
    run("what_descriptors_see.py", tmp_path, tmp_path / "pictures")
    assert list((tmp_path / "pictures").glob("*.png"))


@pytest.mark.slow
@pytest.mark.shared_data
def test_published_files_runs(tmp_path, shared_data):
    told = run("published_files.py", tmp_path, shared_data / "botan")
    assert re.search(r"^A: Pearson correlation 0\.\d+ pooled", told, re.MULTILINE)
    assert (tmp_path / "published_files.skops").is_file()


@pytest.mark.slow
def test_hot_to_cold_runs(tmp_path):
    few = ["--particles", "3430", "--liquids", "2", "--replicas", "2", "--rest", "1", "--jobs", "1"]
    told = run("hot_to_cold.py", tmp_path, tmp_path / "liquids", *few)
    found = re.findall(r"^\w+: trained at .* correlation (0\.\d+) pooled", told, re.MULTILINE)
    assert len(found) == 2
    # Five standard errors above chance, from two liquids with labels of two replicas.
    assert min(map(float, found)) > 0.1
    assert "T0.64_0.gsd: mean displacement" in told


def test_every_example_is_run_here():
    tested = set(re.findall(r"\w+\.py", Path(__file__).read_text(encoding="utf-8")))
    assert {path.name for path in ROOT.glob("examples/*.py")} <= tested


@pytest.mark.parametrize("page", PAGES, ids=lambda p: p.name)
def test_python_in_pages_compiles_and_imports_what_exists(page):
    for block in python_blocks(page):
        compile(block, str(page), "exec")
        imports = [line for line in block.splitlines() if line.startswith(("from ", "import "))]
        exec("\n".join(imports), {})


@pytest.mark.parametrize("page", PAGES, ids=lambda p: p.name)
def test_code_of_pages_fits_its_column(page):
    shown = [
        block for language in ("python", "sh", "shell", "toml") for block in blocks(page, language)
    ]
    assert [line for block in shown for line in block.splitlines() if len(line) > 80] == []


@pytest.mark.parametrize("path", TUTORIALS, ids=lambda p: p.name)
def test_code_of_tutorials_fits_its_column(path):
    """Text between blocks of code, and in the first string, is broken by the browser."""
    _, _, shown = path.read_text(encoding="utf-8").split('"""', 2)
    lines = [line for line in shown.splitlines() if not line.startswith("# ")]
    assert [line for line in lines if len(line) > 80] == []


@pytest.mark.parametrize("path", TUTORIALS, ids=lambda p: p.name)
def test_code_in_the_text_of_tutorials_fits_its_column(path):
    """Lines of the shell or of Python that a page shows and does not run."""
    text = path.read_text(encoding="utf-8")
    shown = "".join(re.findall(r"^# \.\. code-block::.*\n((?:#\n|#   .*\n)+)", text, re.MULTILINE))
    lines = [line.removeprefix("#").strip() for line in shown.splitlines()]
    assert ".. code-block" not in text or any(lines)
    assert [line for line in lines if len(line) > 80] == []


@pytest.mark.parametrize("path", TUTORIALS, ids=lambda p: p.name)
def test_tutorials_end_with_what_is_next(path):
    *_, last = path.read_text(encoding="utf-8").split("# %%")
    assert "# **Next:** " in last


@pytest.mark.parametrize("page", ["README.md", "docs/getting_started.md"])
def test_first_python_gives_what_the_page_says(page, capsys):
    (block,) = python_blocks(ROOT / page)
    exec(block, {})
    (promised,) = re.findall(r"about (0\.\d\d), where the noise", (ROOT / page).read_text())
    printed = capsys.readouterr().out.split(" ± ")[0]
    assert float(printed) == pytest.approx(float(promised), abs=0.01)


@pytest.mark.parametrize("page", PAGES, ids=lambda p: p.name)
def test_links_point_to_files(page):
    links = re.findall(r"\]\(([^)\s]+)\)", page.read_text())
    local = [link.split("#")[0] for link in links if "://" not in link]
    targets = [(page.parent / link).resolve() for link in local if link]
    assert [str(t) for t in targets if not t.exists()] == []


def anchors(page: Path) -> set[str]:
    """What GitHub and MyST make of the headings of a page."""
    headings = re.findall(r"^#+ (.*)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", text.lower()).replace(" ", "-") for text in headings}


@pytest.mark.parametrize("page", PAGES, ids=lambda p: p.name)
def test_links_point_to_headings(page):
    links = re.findall(r"\]\(([^)\s:]*)#([^)\s]+)\)", page.read_text(encoding="utf-8"))
    targets = [((page.parent / path).resolve() if path else page, place) for path, place in links]
    of_pages = [(path, place) for path, place in targets if path.suffix == ".md"]
    assert [f"{path.name}#{place}" for path, place in of_pages if place not in anchors(path)] == []


@pytest.mark.parametrize("page", [page for page in PAGES if commands(page)], ids=lambda p: p.name)
def test_commands_in_pages_have_these_arguments(page):
    for name, *arguments in commands(page):
        # Raises what the command would say.
        typer.main.get_command(app).commands[name].make_context(name, arguments)


def test_what_is_to_be_installed_by_pip_can_be():
    """No index has the package; extras are named in its folder."""
    settings = configparser.ConfigParser()
    settings.read(ROOT / "setup.cfg", encoding="utf-8")
    for path in pages_and_sources():
        told = re.findall(r"pip install [\"'`]*([\w.]*)\[(\w+)\]", path.read_text(encoding="utf-8"))
        for package, extra in told:
            assert package != "vitreous", path
            assert package != "." or extra in settings["options.extras_require"], path


@pytest.mark.slow
def test_shell_of_readme_is_one_story(tmp_path):
    """Every line runs as it stands, in an empty folder, on what the lines before it made."""
    (story,) = [text for text in blocks(ROOT / "README.md", "sh") if "vitreous fit" in text]
    command = "from vitreous.cli import main; main()"
    vitreous = f'vitreous() {{ {shlex.quote(sys.executable)} -c {shlex.quote(command)} "$@"; }}'
    done = subprocess.run(
        ["bash", "-euc", f"{vitreous}\n{story}"], cwd=tmp_path, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    document = done.stdout[done.stdout.index('{"types"') :]
    scores, _ = json.JSONDecoder().raw_decode(document)
    assert scores["types"]["A"]["pearson_mean"] > 0.3
    assert (tmp_path / "predictions.npz").is_file()
