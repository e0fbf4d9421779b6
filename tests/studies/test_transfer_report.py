"""The report of made-up results whose numbers are known."""

import base64
import copy
import json
import re
import shutil
from dataclasses import replace
from datetime import date
from html.parser import HTMLParser
from xml.etree import ElementTree

import numpy as np
import pytest
from support.figures import take_figures_from

from vitreous.campaigns import CampaignData
from vitreous.datasets import LabelledConfiguration
from vitreous.dynamics import Estimate, IsoconfigurationalLabels, standard_error
from vitreous.liquid import KobAndersen2D
from vitreous.models import TransferMatrix
from vitreous.simulate import Equilibration, Relaxation, equilibrium_test
from vitreous.storage.digits import with_error
from vitreous.studies import Together, TransferResults, TransferStudy
from vitreous.studies.kinds import packaged_studies
from vitreous.studies.sessions import made
from vitreous.studies.transfer.conclusions import words

TEMPERATURES = [0.8, 0.6]
TIMES = [0.1, 0.3, 1.0]
N = 43
FIGURES = {"equilibrium", "maps", "maps_0.3", "transfer", "time"}


@pytest.fixture(scope="module")
def settings_file(tmp_path_factory):
    text = packaged_studies()["ka2d_transfer"].read_text()
    for key, value in {
        "title": '"Glass <&> \\"liquid\\""',
        "n_particles": 250,
        "temperatures": TEMPERATURES,
        "n_configurations": 4,
        "n_sweeps": 4000,
        "relative_times": TIMES,
        "shown_times": [0.3, 1.0],
        "heated": 1.0,
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
        single = rng.uniform(-0.1, 0.9, (2, 2, 1, *shape)) + rng.normal(0, 0.1, (2, 2, 4, *shape))
        single[1, 0] = single[0, 0] - 0.25 + rng.normal(0, 0.01, (4, *shape))
        measured = {
            "pearson_mean": Estimate(single.mean(axis=2), standard_error(np.moveaxis(single, 2, 0)),
                                     counts),
            "pearson_pooled": Estimate(*rng.uniform(0.4, 0.6, (2, 2, 2, *shape)), counts),
            "variance_ratio": Estimate(*rng.uniform(0.2, 0.3, (2, 2, 2, *shape)), counts),
        }  # fmt: skip
        return TransferMatrix(
            np.array(TEMPERATURES),
            measured,
            rng.uniform(0.9, 1, (2, *shape)),
            [[rng.uniform(0, 1, (N, *shape)) for _ in data] for _ in TEMPERATURES],
            np.array([4, 4]),
            [[single[row, column] for column in range(2)] for row in range(2)],
            {
                "alpha_": 10 ** rng.uniform(1, 3, (2, 4, *shape)),
                "n_trees_": np.arange(8).reshape(2, 4),
            }
            if not shape
            else {"alpha_": 10 ** rng.uniform(1, 3, (2, 4, *shape))},
        )

    structures = {t: [run.configuration for run in at_t] for t, at_t in runs.items()}
    return TransferResults(
        CampaignData(
            runs,
            {t: equilibrium_test(at_t) for t, at_t in runs.items()},
            structures,
            {t: [-2.5] * 4 for t in runs},
            relaxations,
            labelled,
        ),
        {"displacement": matrix(3), "broken_bonds": matrix(3)},
        Together(
            [rng.uniform(0, 1, (N, 2)) for _ in data], [rng.uniform(0.5, 0.9, (4, 2)) for _ in "ab"]
        ),
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


def test_transfer_matrices_are_those_at_the_times_shown(summary, results):
    assert summary["transfer"]["label"] == "displacement"
    early, late = summary["transfer"]["levels"]
    for table, matrix, index in (
        (early["ridge"], results.ridge["displacement"], (..., 1)),
        (late["ridge"], results.ridge["displacement"], (..., 2)),
        (summary["transfer"]["boosted"], results.boosted, ...),
    ):
        assert table["temperatures"] == TEMPERATURES
        assert table["n_configurations"] == [4, 4]
        np.testing.assert_array_equal(table["pearson"], matrix.pearson[index])
        np.testing.assert_array_equal(table["standard_error"], matrix.standard_error[index])
        np.testing.assert_array_equal(table["noise_ceiling"], matrix.noise_ceiling[index])


def test_model_of_all_is_compared_with_those_of_one_temperature(summary, results):
    for level, found in enumerate(summary["transfer"]["levels"]):
        assert found["relative_time"] == [0.3, 1.0][level]
        single = results.ridge["displacement"].single_pearson
        for k, (temperature, together) in enumerate(
            zip(TEMPERATURES, results.together.single_pearson, strict=True)
        ):
            correlations = together[:, level]
            gains = correlations - single[k][k][:, level + 1]
            for table, values in (
                (found["together"], correlations),
                (found["together"]["gain"], gains),
            ):
                assert table["value"][k] == pytest.approx(values.mean())
                assert table["standard_error"][k] == pytest.approx(standard_error(values))
            labels = [item.labels for item in results.data.labelled[temperature]]
            assert found["bond_breaking"][k] == pytest.approx(
                np.mean([label.matrix("bond_breaking")[:, level + 1] for label in labels])
            )


@pytest.mark.parametrize(
    ("lower", "upper", "said"),
    [
        ([0.01, 0.0], [0.05, 0.1], "Yes: .* at T = 0.6; more than chance explains at T = 0.8 .95"),
        ([-0.01, -0.1], [0.05, 0.1], "Yes: .*; all within chance"),
        ([-0.1, 0.01], [-0.05, 0.1], "Not everywhere: "),
        ([-0.1, -0.1], [-0.05, -0.05], "No: "),
    ],
)
def test_it_is_said_whether_one_model_serves_all(summary, lower, upper, said):
    changed = copy.deepcopy(summary)
    changed["transfer"]["levels"][-1]["together"]["gain"] |= {"lower": lower, "upper": upper}
    assert re.match(said, words(changed)["reading"]["together"])


@pytest.mark.parametrize(
    ("share", "verdict"), [(0.76, "Most of it"), (0.5, "Part of it"), (0.2, "Little of it")]
)
def test_the_first_answer_is_that_of_the_model_of_all(summary, share, verdict):
    changed = copy.deepcopy(summary)
    level = changed["transfer"]["levels"][-1]
    ceilings = [0.5, 0.75]
    level["ridge"]["noise_ceiling"] = ceilings
    level["together"] |= {"value": [share * c for c in ceilings], "standard_error": [0.01, 0.01]}
    first = words(changed)["reading"]["seen"]
    assert first.startswith(f"{verdict}: one ridge regression, trained at all temperatures")
    assert f"{share:.0%} and {share:.0%} of what the noise of the labels allows" in first


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
    assert made.keys() == {"states", "transfer", "against_time", "maps"}
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
        assert with_error(verdict.energy, verdict.energy_standard_error) in text
    assert "{{" not in text
    assert "{%" not in text


def visible(folder):
    return " ".join(" ".join(Page((folder / "report.html").read_text()).texts).split())


def test_page_names_the_largest_loss_with_its_paired_error(folder, results):
    single = results.ridge["displacement"].single_pearson
    losses = {
        (row, column): single[column][column][:, 2] - single[row][column][:, 2]
        for row, column in ((0, 1), (1, 0))
    }
    row, column = max(losses, key=lambda place: losses[place].mean())
    expected = with_error(losses[row, column].mean(), standard_error(losses[row, column]))
    assert f"is {expected}, trained at T = {TEMPERATURES[row]} and tested at T" in visible(folder)


@pytest.mark.parametrize(
    ("loss", "error", "said"),
    [
        (
            0.4,
            0.02,
            "Not everywhere: the largest loss on the way to another temperature is 0.400 ± 0.020, "
            "trained at T = 0.6 and tested at T = 0.8. 1 of 2 ways between temperatures lose more "
            "than chance explains (95 % intervals).",
        ),
        (
            0.02,
            0.02,
            "Yes, as far as this sample can tell: the largest loss on the way to another "
            "temperature is 0.020 ± 0.020, trained at T = 0.6 and tested at T = 0.8, and could be "
            "chance.",
        ),
        (0.0, 0.02, "Yes: no loss is seen on the way to another temperature."),
        (-0.2, 0.02, "Yes: no loss is seen on the way to another temperature."),
    ],
)
def test_a_loss_is_one_between_two_temperatures(summary, loss, error, said):
    changed = copy.deepcopy(summary)
    changed["transfer"]["levels"][-1]["ridge"]["loss"] = {
        "value": [[0.0, -0.1], [loss, 0.0]],
        "standard_error": [[0.0, 0.02], [error, 0.0]],
        "lower": [[0.0, -0.2], [loss - 3 * error, 0.0]],
    }
    assert words(changed)["reading"]["transfer"] == [said]


def test_the_largest_loss_may_be_chance_where_another_is_not(summary):
    changed = copy.deepcopy(summary)
    changed["transfer"]["levels"][-1]["ridge"]["loss"] = {
        "value": [[0.0, 0.03], [0.05, 0.0]],
        "standard_error": [[0.0, 0.01], [0.05, 0.0]],
        "lower": [[0.0, 0.01], [-0.1, 0.0]],
    }
    largest, other = words(changed)["reading"]["transfer"]
    assert "is 0.050 ± 0.050, trained at T = 0.6 and tested at T = 0.8. 1 of 2 ways" in largest
    assert other == "Such losses: 0.030 ± 0.010, trained at T = 0.8 and tested at T = 0.6."


def test_every_section_asks_and_its_first_sentence_answers(folder):
    html = (folder / "report.html").read_text()
    headings = re.findall(r"<h2>(.*?)</h2>\s*(<[a-z]+)", html)
    assert all(question.endswith("?") for question, _ in headings)
    answered = [question for question, follows in headings if follows == "<p"]
    assert len(answered) >= 6


def test_trees_are_shown_where_there_are_any(results, folder, settings_file, tmp_path, monkeypatch):
    take_figures_from(folder / "figures", monkeypatch, anew={"transfer"})
    assert (
        "Numbers of trees that predict left-out configurations best: 0 to 3 at T = 0.8; 4 to 7"
        in (visible(folder))
    )
    none = {name: 0 * value for name, value in results.boosted.choices.items()}
    without = replace(results, boosted=replace(results.boosted, choices=none))
    TransferStudy(settings_file, tmp_path).report(without)
    text = visible(tmp_path)
    assert "none of the 8 models predicts left-out configurations better with trees" in text

    def panels(folder):
        return (folder / "figures" / "transfer.svg").read_text().count("<!-- trained at")

    assert panels(folder) == 3
    assert panels(tmp_path) == 2


def test_maps_show_the_configuration_with_the_median_correlation(summary, results):
    for place, shown in enumerate(summary["maps"]):
        single = results.together.single_pearson[place][:, 1]
        assert shown["pearson"] == sorted(single)[1] == single[shown["configuration"]]


def test_points_that_a_figure_lacks_are_named(summary):
    changed = copy.deepcopy(summary)
    changed["against_time"]["broken_bonds"]["pearson"][1][0] = np.nan
    assert words(changed)["reading"]["missing"] == ["share of broken bonds at T = 0.6, t = 0.1 τ_B"]


def test_the_end_says_when_and_with_what(folder, settings_file, results, tmp_path, monkeypatch):
    take_figures_from(folder / "figures", monkeypatch)
    study = TransferStudy(settings_file, tmp_path / "a study", n_jobs=2)
    monkeypatch.setattr(study.campaign, "prepare", lambda: results.data)
    monkeypatch.setattr(study, "learn", lambda data: results)
    study.run()
    study.report(study.run())
    text = visible(tmp_path / "a study")
    assert f"On {date.today()}, in 0:00:0" in text
    assert "(2 sessions), with 2 worker processes, by vitreous run" in text
    assert f"--folder '{tmp_path}/a study'" in text
    for package in ("vitreous", "Python", "numpy", "scikit-learn"):
        assert re.search(rf"{package} \d+\.\d+", text)


def test_a_stopped_session_counts(settings_file, tmp_path, monkeypatch):
    study = TransferStudy(settings_file, tmp_path)

    def stop():
        raise KeyboardInterrupt

    monkeypatch.setattr(study.campaign, "prepare", stop)
    with pytest.raises(KeyboardInterrupt):
        study.run()
    assert made(tmp_path)["sessions"] == "one session"


def test_a_report_written_again_is_the_same(folder, results, settings_file, tmp_path):
    TransferStudy(settings_file, tmp_path).report(results)
    for name in ("results.json", "report.html", "figures/maps.svg", "figures/time.png"):
        assert (tmp_path / name).read_bytes() == (folder / name).read_bytes()


def test_a_failed_report_leaves_the_older_one(
    folder, results, settings_file, tmp_path, monkeypatch
):
    take_figures_from(folder / "figures", monkeypatch)
    study = TransferStudy(settings_file, shutil.copytree(folder, tmp_path, dirs_exist_ok=True))
    before = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}

    def disk_full(self, text, encoding):
        open(self, "w").close()
        raise OSError("disk full")

    monkeypatch.setattr("pathlib.Path.write_text", disk_full)
    with pytest.raises(OSError, match="disk full"):
        study.report(results)
    assert {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()} == before
