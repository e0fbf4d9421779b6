"""Kinds of studies: a third one is a class and a template; packaged studies have names."""

import configparser
import json
import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from vitreous.campaigns import CampaignSettings
from vitreous.cli import app
from vitreous.plots import figure
from vitreous.studies import HeterogeneityStudy, Study, TransferStudy, kinds, open_study
from vitreous.studies.kinds import KINDS

ROOT = Path(kinds.__file__).parents[1]

TINY = """
title = "Toy"
seed = 1

[liquid]
system = "KA2D"
n_particles = 100
temperatures = [2.0, 1.5]
n_configurations = 4

[equilibration]
n_sweeps = 200
label_unequilibrated = true

[relaxation]
bond_breaking = 0.97
longest_time = 100.0

[ensemble]
n_replicas = 2
relative_times = [0.1, 1.0]

[energies]
limit = 0.5
"""


@dataclass(frozen=True)
class EnergiesTable:
    limit: float


@dataclass(frozen=True)
class EnergiesSettings(CampaignSettings):
    energies: EnergiesTable


class EnergiesStudy(Study[EnergiesSettings, dict[float, float]]):
    """The smallest study: how much energy a liquid loses when it is quenched."""

    Settings = EnergiesSettings
    template = Path(__file__).with_name("toy_kind.html")

    def check(self):
        if self.settings.energies.limit < 0:
            raise ValueError("energies.limit must not be negative")

    def learn(self, data):
        return {
            t: float(
                np.mean([run.energies[-1] for run in runs]) - np.mean(data.inherent_energies[t])
            )
            for t, runs in data.runs.items()
        }

    def summary(self, results):
        return {"losses": list(results.values())}

    def figures(self, results):
        made, axes = figure(3.0, 2.0)
        axes[0, 0].plot(list(results), list(results.values()))
        yield "energies", made

    def words(self, summary):
        losses = summary["losses"]
        return {"verdict": f"{sum(x > self.settings.energies.limit for x in losses)} above"}


@pytest.fixture
def third_kind(monkeypatch):
    monkeypatch.setattr(kinds, "KINDS", (*KINDS, EnergiesStudy))


def test_a_third_kind_runs_to_its_report(third_kind, tmp_path):
    path, folder = tmp_path / "toy.toml", tmp_path / "toy"
    path.write_text(TINY)
    command = ["run", str(path), "--folder", str(folder), "--jobs", "1"]
    result = CliRunner().invoke(app, command)
    assert result.exit_code == 0, result.stderr
    summary = json.loads((folder / "results.json").read_text())
    assert summary["title"] == "Toy"
    assert min(summary["losses"]) > 0.5
    page = (folder / "report.html").read_text()
    assert "<p>2 above</p>" in page
    assert "<title>Toy</title>" in page
    assert {path.name for path in (folder / "figures").iterdir()} == {
        "energies.svg",
        "energies.png",
    }
    (folder / "report.html").unlink()
    again = CliRunner().invoke(app, ["report", str(folder)])
    assert again.exit_code == 0, again.stderr
    assert (folder / "report.html").read_text() == page
    campaign = CliRunner().invoke(
        app, ["simulate", str(path), "-o", str(tmp_path / "c"), "-j", "1"]
    )
    assert campaign.exit_code == 0, campaign.stderr


def test_what_a_kind_refuses_is_refused_before_a_folder_is_made(third_kind, tmp_path):
    path = tmp_path / "toy.toml"
    path.write_text(TINY.replace("limit = 0.5", "limit = -1.0"))
    with pytest.raises(ValueError, match=r"toy\.toml: energies\.limit must not be negative"):
        open_study(path, tmp_path / "toy")
    assert not (tmp_path / "toy").exists()


def test_a_file_of_no_kind_is_refused_with_the_tables_of_all(tmp_path):
    path = tmp_path / "campaign.toml"
    path.write_text(TINY[: TINY.index("[energies]")])
    with pytest.raises(ValueError, match=r"campaign\.toml: no table says") as caught:
        open_study(path, tmp_path / "folder")
    for kind in KINDS:
        assert all(f"[{table}]" in str(caught.value) for table in kind.tables())


def test_kinds_have_no_table_in_common():
    tables = [table for kind in KINDS for table in kind.tables()]
    assert len(tables) == len(set(tables)) >= len(KINDS)


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_is_installed_and_explained(kind):
    settings = configparser.ConfigParser()
    settings.read(ROOT / "setup.cfg")
    package = ".".join(["vitreous", *kind.template.parent.relative_to(ROOT).parts])
    assert package in settings["options"]["packages"].split()
    assert "*.html" in settings["options.package_data"][package].split()
    assert kind.template.is_file()
    page = (ROOT / "docs" / "study.md").read_text()
    assert all(f"`[{table}]`" in page for table in kind.tables())


@pytest.mark.parametrize(
    ("name", "kind"), [("ka2d_to_tg", HeterogeneityStudy), ("ka2d_transfer", TransferStudy)]
)
def test_packaged_studies_are_found_by_name_everywhere(name, kind, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path(name).mkdir()
    study = open_study(name)
    assert type(study) is kind
    packaged = ROOT / "studies" / f"{name}.toml"
    assert Path("study", "study.toml").read_bytes() == packaged.read_bytes()
    monkeypatch.chdir(ROOT)
    again = open_study(f"studies/{name}.toml", tmp_path / "study")
    assert again.settings == study.settings


def test_other_names_are_refused_with_those_there_are(tmp_path):
    result = CliRunner(env={"COLUMNS": "200"}).invoke(
        app, ["run", "ka3d", "-o", str(tmp_path / "x")]
    )
    assert result.exit_code == 2
    message = "there is no file ka3d; packaged studies are ka2d_to_tg, ka2d_transfer"
    assert re.search(message, result.stderr)
    assert not (tmp_path / "x").exists()
