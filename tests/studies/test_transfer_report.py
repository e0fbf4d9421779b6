"""The report of made-up results whose numbers are known."""

import base64
import json
import re
from html.parser import HTMLParser
from xml.etree import ElementTree

import numpy as np
import pytest

from vitreous.campaigns import CampaignData
from vitreous.datasets import LabelledConfiguration
from vitreous.dynamics import Estimate, IsoconfigurationalLabels
from vitreous.liquid import KobAndersen2D
from vitreous.models import TransferMatrix
from vitreous.simulate import Equilibration, Relaxation, equilibrium_test
from vitreous.studies import TransferResults, TransferStudy
from vitreous.studies.kinds import packaged_studies
from vitreous.studies.transfer.report import words

TEMPERATURES = [0.8, 0.6]
TIMES = [0.1, 0.3, 1.0]
N = 43
FIGURES = {"equilibrium", "maps", "transfer", "time"}


@pytest.fixture(scope="module")
def settings_file(tmp_path_factory):
    text = packaged_studies()["ka2d_transfer"].read_text()
    for key, value in {
        "title": '"Glass <&> \\"liquid\\""',
        "temperatures": TEMPERATURES,
        "n_configurations": 4,
        "relative_times": TIMES,
        "label": '"displacement"',
    }.items():
        text, count = re.subn(
            rf"^{key} = .*", lambda _, k=key, v=value: f"{k} = {v}", text, flags=re.M
        )
        assert count == 1
    path = tmp_path_factory.mktemp("settings") / "study.toml"
    path.write_text(text)
    return path


@pytest.fixture(scope="module")
def results():
    system = KobAndersen2D()
    rng = np.random.default_rng(5)
    data, runs, labelled, relaxations = [], {}, {}, {}
    for temperature in TEMPERATURES:
        runs[temperature], labelled[temperature] = [], []
        for number in range(4):
            configuration = system.random_configuration(N, rng)
            start = "above" if number % 2 == 0 else "below"
            runs[temperature].append(
                Equilibration(
                    configuration, start, 10 * np.arange(1, 101), rng.normal(-2, 0.1, 100), 0.5,
                    0.02 * (number + 1), 0.05,
                )
            )  # fmt: skip
            halves = {
                name: rng.uniform(0, 1, (2, N, 3)) for name in ("displacement", "bond_breaking")
            }
            labels = IsoconfigurationalLabels(50 * np.array(TIMES), halves, 4)
            labelled[temperature].append(
                LabelledConfiguration(configuration, labels, "KA2D", temperature, "here")
            )
            data.append(configuration)
        times = np.geomspace(0.1, 100, 20)
        relaxations[temperature] = Relaxation(
            times, np.exp(-times), np.exp(-times / 300), 1.0 if temperature > 0.7 else np.nan,
            31.6, 2.5,
        )  # fmt: skip

    def matrix(*shape):
        counts = np.full((1, 2, *(1 for _ in shape)), 4)
        mean = Estimate(
            rng.uniform(-0.1, 0.9, (2, 2, *shape)), rng.uniform(0.01, 0.05, (2, 2, *shape)), counts
        )
        return TransferMatrix(
            np.array(TEMPERATURES),
            {"pearson_mean": mean},
            rng.uniform(0.9, 1, (2, *shape)),
            [[rng.uniform(0, 1, (N, *shape)) for _ in data] for _ in TEMPERATURES],
            np.array([4, 4]),
        )

    structures = {t: [run.configuration for run in at_t] for t, at_t in runs.items()}
    displacement = matrix(3)
    displacement.pearson[1, 0, 2] = displacement.pearson[0, 0, 2] - 0.25
    return TransferResults(
        CampaignData(
            runs,
            {t: equilibrium_test(at_t) for t, at_t in runs.items()},
            structures,
            {t: [-2.5] * 4 for t in runs},
            relaxations,
            labelled,
        ),
        {"displacement": displacement, "broken_bonds": matrix(3)},
        matrix(),
    )


@pytest.fixture(scope="module")
def folder(results, settings_file, tmp_path_factory):
    folder = tmp_path_factory.mktemp("report")
    assert TransferStudy(settings_file, folder).report(results) == folder / "report.html"
    return folder


@pytest.fixture(scope="module")
def summary(folder):
    def refuse(constant):
        raise ValueError(f"{constant} is not JSON")

    return json.loads((folder / "results.json").read_text(), parse_constant=refuse)


def test_states_hold_energies_tests_and_times(summary, results):
    assert [state["temperature"] for state in summary["states"]] == TEMPERATURES
    for state in summary["states"]:
        verdict = results.data.equilibrium[state["temperature"]]
        relaxation = results.data.relaxations[state["temperature"]]
        assert {name: state[name] for name in vars(verdict)} == vars(verdict)
        assert state["in_equilibrium"] is verdict.passed
        assert state["swap_acceptance"] == pytest.approx(0.05)
        assert state["bond_breaking_time"] == relaxation.bond_breaking_time == 31.6
        assert state["bond_breaking_time_standard_error"] == 2.5
    assert [state["alpha_relaxation_time"] for state in summary["states"]] == [1.0, None]


def test_transfer_matrices_are_those_at_the_bond_breaking_time(summary, results):
    assert summary["transfer"]["label"] == "displacement"
    for name, matrix, index in (
        ("ridge", results.ridge["displacement"], (..., 2)),
        ("boosted", results.boosted, ...),
    ):
        table = summary["transfer"][name]
        assert table["temperatures"] == TEMPERATURES
        assert table["n_configurations"] == [4, 4]
        np.testing.assert_array_equal(table["pearson"], matrix.pearson[index])
        np.testing.assert_array_equal(table["standard_error"], matrix.standard_error[index])
        np.testing.assert_array_equal(table["noise_ceiling"], matrix.noise_ceiling[index])


def test_scores_against_time_are_the_diagonals(summary, results):
    assert set(summary["against_time"]) == {"displacement", "broken_bonds"}
    for name, table in summary["against_time"].items():
        matrix = results.ridge[name]
        assert table["relative_times"] == TIMES
        assert table["temperatures"] == TEMPERATURES
        for k in range(2):
            np.testing.assert_array_equal(table["pearson"][k], matrix.pearson[k, k])
            np.testing.assert_array_equal(table["standard_error"][k], matrix.standard_error[k, k])
            np.testing.assert_array_equal(table["noise_ceiling"][k], matrix.noise_ceiling[k])


def test_summary_is_what_is_written(summary, results, settings_file, tmp_path):
    made = TransferStudy(settings_file, tmp_path).summary(results)
    assert made.keys() == {"states", "transfer", "against_time"}
    assert summary.keys() == {"title", "version", *made}
    assert made["transfer"] == summary["transfer"]
    assert made["against_time"] == summary["against_time"]


def test_figures_are_there_as_png_and_svg(folder):
    names = {path.name for path in (folder / "figures").iterdir()}
    assert names == {f"{figure}.{suffix}" for figure in FIGURES for suffix in ("png", "svg")}
    for path in (folder / "figures").iterdir():
        if path.suffix == ".png":
            assert path.read_bytes().startswith(b"\x89PNG\r\n\x1a\n")
        else:
            assert ElementTree.parse(path).getroot().tag == "{http://www.w3.org/2000/svg}svg"


class Page(HTMLParser):
    """Collects what a browser would load, and the visible text."""

    def __init__(self, html):
        super().__init__()
        self.links, self.texts, self.open = [], [], []
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        self.links += [value for name, value in attrs if name in ("src", "href", "srcset", "data")]
        if tag not in ("meta", "img", "br", "link"):
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if "style" not in self.open:
            self.texts.append(data)


def test_page_needs_no_other_file(folder):
    html = (folder / "report.html").read_text()
    page = Page(html)
    assert page.open == []
    prefix = "data:image/png;base64,"
    assert all(link.startswith(prefix) for link in page.links)
    shown = {base64.b64decode(link.removeprefix(prefix)) for link in page.links}
    assert shown == {(folder / "figures" / f"{name}.png").read_bytes() for name in FIGURES}
    for loads_something in ("<script", "<link", "@import", "url(", "<iframe"):
        assert loads_something not in html


def test_page_tells_the_numbers_and_escapes_the_title(folder, results):
    html = (folder / "report.html").read_text()
    assert "Glass <&>" not in html
    text = " ".join(" ".join(Page(html).texts).split())
    assert 'Glass <&> "liquid"' in text
    for temperature in TEMPERATURES:
        verdict = results.data.equilibrium[temperature]
        assert f"{verdict.energy:.4f} ± {verdict.energy_standard_error:.4f}" in text
    assert "{{" not in text
    assert "{%" not in text


def test_page_names_the_largest_loss_of_transfer(folder, results):
    pearson = results.ridge["displacement"].pearson[..., 2]
    losses = {
        (row, column): pearson[column, column] - pearson[row, column]
        for row in range(2)
        for column in range(2)
        if row != column
    }
    row, column = max(losses, key=losses.get)
    text = " ".join(" ".join(Page((folder / "report.html").read_text()).texts).split())
    assert f"is {losses[row, column]:.2f} ±" in text
    assert f"trained at T = {TEMPERATURES[row]} and tested at T = {TEMPERATURES[column]}" in text


@pytest.mark.parametrize(
    ("elsewhere", "sentence"),
    [
        (0.3, "to another temperature is 0.40 ± 0.03, trained at T = 0.6 and tested at T = 0.8."),
        (0.7, "No loss is seen on the way to another temperature."),
        (0.9, "No loss is seen on the way to another temperature."),
    ],
)
def test_a_loss_is_one_between_two_temperatures(elsewhere, sentence):
    table = {
        "temperatures": [0.8, 0.6],
        "pearson": [[0.7, 0.9], [elsewhere, 0.7]],
        "standard_error": [[0.02, 0.02], [0.02, 0.02]],
        "noise_ceiling": [0.9, 0.9],
        "n_configurations": [4, 4],
    }
    said = words({"transfer": {"label": "displacement", "ridge": table}})["reading"]["transfer"]
    assert said.endswith(sentence)


def test_a_report_written_again_is_the_same(folder, results, settings_file, tmp_path):
    TransferStudy(settings_file, tmp_path).report(results)
    for name in ("results.json", "report.html", "figures/maps.svg", "figures/time.png"):
        assert (tmp_path / name).read_bytes() == (folder / name).read_bytes()


def test_a_failed_report_leaves_the_older_one(results, settings_file, tmp_path, monkeypatch):
    study = TransferStudy(settings_file, tmp_path)
    study.report(results)
    before = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}

    def disk_full(self, text, encoding):
        open(self, "w").close()
        raise OSError("disk full")

    monkeypatch.setattr("pathlib.Path.write_text", disk_full)
    with pytest.raises(OSError, match="disk full"):
        study.report(results)
    assert {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()} == before
