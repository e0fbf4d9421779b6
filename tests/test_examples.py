"""Examples run, and what README and the documentation point to exists."""

import re
import runpy
from pathlib import Path

import pytest

from vitreous.liquid import registry

ROOT = Path(__file__).resolve().parents[1]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]

# Drawn by the packaged study.
MADE_LATER = ROOT / "docs" / "figures" / "maps.png"


def python_blocks(page: Path) -> list[str]:
    return re.findall(r"^```python\n(.*?)^```", page.read_text(), re.MULTILINE | re.DOTALL)


def test_own_system_runs(capsys, monkeypatch):
    monkeypatch.setattr(registry, "_REGISTERED", {})
    variables = runpy.run_path(str(ROOT / "examples" / "own_system.py"))
    assert registry.get_system("two-sizes") is variables["mixture"]
    assert variables["quenched"].converged
    assert "in equilibrium" in capsys.readouterr().out


@pytest.mark.parametrize("example", sorted((ROOT / "examples").glob("*.py")), ids=lambda p: p.name)
def test_examples_compile(example):
    compile(example.read_text(), str(example), "exec")


@pytest.mark.parametrize("page", PAGES, ids=lambda p: p.name)
def test_python_in_pages_compiles_and_imports_what_exists(page):
    for block in python_blocks(page):
        compile(block, str(page), "exec")
        imports = [line for line in block.splitlines() if line.startswith(("from ", "import "))]
        exec("\n".join(imports), {})


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
    assert [str(t) for t in targets if not t.exists() and t != MADE_LATER] == []
