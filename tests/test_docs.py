"""The documentation site: built as `make docs` builds it, warnings being errors.

Sphinx itself finds links and anchors that lead nowhere and pages that no table of contents names;
the tutorials run, and one that fails ends the build.
"""

import configparser
import importlib
import importlib.metadata
import re
import shutil
import subprocess
import sys
import zlib

import pytest
from support.project import ROOT

# All that the pages include or link to.
SOURCES = ["docs", "examples", "benchmarks", "studies", "datasets/samples", "CHANGELOG.md"]
GENERATED = shutil.ignore_patterns("_build", "tutorials", "generated", "used_in", "__pycache__")

# Minutes of one core, and machines may be busy.
pytestmark = [pytest.mark.slow, pytest.mark.timeout(1800)]


def require_extra(extra):
    """Skip unless all that setup.cfg names under this extra is installed."""
    settings = configparser.ConfigParser()
    settings.read(ROOT / "setup.cfg", encoding="utf-8")
    for requirement in settings["options.extras_require"][extra].split():
        name = re.match(r"[\w-]+", requirement)[0]
        try:
            importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            pytest.skip(f"{name} is not installed; pip install '.[{extra}]' installs it")


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """Folder of the built site, from a copy of the sources, in which the build leaves files."""
    require_extra("docs")
    root = tmp_path_factory.mktemp("repository")
    for name in SOURCES:
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, root / name, ignore=GENERATED)
        else:
            shutil.copy(ROOT / name, root / name)
    shutil.copytree(
        ROOT / "examples" / "tutorials", root / "examples" / "tutorials", dirs_exist_ok=True
    )
    command = [sys.executable, "-m", "sphinx", "-W", "--keep-going", "-n", "-q", "docs", "site"]
    built = subprocess.run(command, cwd=root, capture_output=True, text=True)
    assert built.returncode == 0, built.stdout + built.stderr
    return root / "site"


def inventory(site):
    """Names of all documented Python objects."""
    content = (site / "objects.inv").read_bytes()
    *_, packed = content.split(b"\n", 4)
    lines = zlib.decompress(packed).decode().splitlines()
    return {line.split()[0] for line in lines if " py:" in line}


def test_published_sets_are_in_the_reference(site):
    presets = importlib.import_module("vitreous.descriptors.presets")
    names = {f"vitreous.descriptors.presets.{name}" for name in presets.__all__}
    assert names <= inventory(site)


def test_every_tutorial_ran_and_drew(site):
    tutorials = sorted((ROOT / "examples" / "tutorials").glob("*.py"))
    assert tutorials
    for tutorial in tutorials:
        page = (site / "tutorials" / f"{tutorial.stem}.html").read_text()
        assert "sphx-glr-script-out" in page, tutorial.name


def test_pages_ask_the_network_for_nothing(site):
    asked = {}
    for page in site.rglob("*.html"):
        text = page.read_text()
        tags = re.findall(r"<(?:script|img|iframe)[^>]*\ssrc=\"(?:https?:)?//[^\"]*", text)
        tags += re.findall(r"<link[^>]*rel=\"stylesheet\"[^>]*href=\"(?:https?:)?//[^\"]*", text)
        tags += re.findall(r"<link[^>]*href=\"(?:https?:)?//[^\"]*\"[^>]*rel=\"stylesheet", text)
        if tags:
            asked[page.name] = tags
    assert asked == {}


def test_formulas_come_with_their_typesetter(site):
    page = (site / "descriptors.html").read_text()
    assert r"\sum_{j \in b}" in page
    assert re.search(r'<script[^>]*src="_static/tex-svg\.js', page)
    assert (site / "_static" / "tex-svg.js").stat().st_size > 1_000_000
