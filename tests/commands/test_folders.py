"""Commands on the folder of a campaign: which configurations, and at which time, they take."""

import json
import re

import gsd.hoomd
import numpy as np
import pytest
from typer.testing import CliRunner

from vitreous.campaigns import Campaign
from vitreous.cli import app
from vitreous.datasets import LabelledConfiguration, read_gsd, write_gsd
from vitreous.dynamics import IsoconfigurationalLabels, labels_at_levels
from vitreous.models import load_model
from vitreous.storage.seals import seal

N = 160
TIMES = {0.5: [1.0, 10.0], 0.4: [5.0, 50.0]}
SETTINGS = f"""
title = "Made up"
seed = 1
liquid = {{ system = "KA2D", n_particles = {N}, temperatures = [0.5, 0.4], n_configurations = 4 }}
equilibration = {{ n_sweeps = 100 }}
relaxation = {{ bond_breaking = 0.88, longest_time = 100.0 }}
ensemble = {{ n_replicas = 4, relative_times = [0.1, 1.0] }}
"""


def run(*arguments):
    return CliRunner(env={"COLUMNS": "300"}).invoke(app, [str(item) for item in arguments])


@pytest.fixture(scope="module")
def campaign(tmp_path_factory):
    """A campaign whose labels are made up: bonds break where particles are far to the right."""
    root = tmp_path_factory.mktemp("campaign")
    (root / "campaign.toml").write_text(SETTINGS, encoding="utf-8")
    campaign = Campaign.start(root / "campaign.toml", root / "liquid")
    rng = np.random.default_rng(3)
    for temperature, times in TIMES.items():
        results = [*campaign.store.labels(temperature), *campaign.store.runs(temperature)]
        campaign.store.make_room(results)
        for number, result in enumerate(results):
            configuration = campaign.system.random_configuration(N, number).with_temperature(
                temperature
            )
            place = configuration.positions[:, 0] / configuration.box.lengths[0] + 0.5
            lost = 0.2 * np.outer(place, [0.5, 1.0]) + rng.normal(0, 0.01, (2, N, 2))
            labels = IsoconfigurationalLabels(
                times, {"displacement": lost, "bond_breaking": 1 - lost}, 4
            )
            write_gsd(
                LabelledConfiguration(configuration, labels, "KA2D", temperature, ""), result.path
            )
            seal(result.path)
    return campaign


def fitted(campaign, out, *options):
    result = run("fit", campaign.folder, "--out", out, "--descriptors", "cubuk2015", "-j", 1,
                 *options)  # fmt: skip
    assert result.exit_code == 0, result.stderr
    return load_model(out)


def test_a_temperature_a_place_and_some_configurations_are_chosen(campaign, tmp_path):
    model = fitted(campaign, tmp_path / "model.skops", "--temperature", 0.4, "--time-index", 1,
                   "--configurations", ":3")  # fmt: skip
    assert model.sources == tuple(str(label.path) for label in campaign.store.labels(0.4)[:3])
    assert (model.temperatures, model.time) == ((0.4,), 50.0)
    result = run("score", tmp_path / "model.skops", campaign.folder, "--temperature", 0.4,
                 "--configurations", "3:", "--json", "-j", 1)  # fmt: skip
    assert result.exit_code == 0, result.stderr
    assert "warning" not in result.stderr
    assert json.loads(result.stdout)["types"]["A"]["n_configurations"] == 1


def test_each_temperature_may_have_a_time_of_its_own(campaign, tmp_path):
    path = tmp_path / "model.skops"
    model = fitted(campaign, path, "--time-index", 1, "--configurations", ":3")
    assert np.isnan(model.time)
    assert (model.temperatures, model.times) == ((0.4, 0.5), (50.0, 10.0))
    scored = run("score", path, campaign.folder, "--configurations", "3:", "--json", "-j", 1)
    assert scored.exit_code == 0, scored.stderr
    assert "warning" not in scored.stderr
    assert json.loads(scored.stdout)["types"]["A"]["n_configurations"] == 2
    scored = run("score", path, campaign.folder, "--temperature", 0.5, "--time-index", 0, "-j", 1)
    assert "labels are of time 1, the model learnt those of time 10" in scored.stderr
    command = ["predict", path, campaign.folder, "--temperature", 0.4, "--configurations", "3:"]
    refused = run(*command, "--time", 3, "--out", tmp_path / "no.npz")
    assert "learnt labels of time 50 at T = 0.4, 10 at T = 0.5 and knows no other" in refused.stderr
    done = run(*command, "--out", tmp_path / "out.gsd", "-j", 1)
    assert done.exit_code == 0, done.stderr
    with gsd.hoomd.open(tmp_path / "out.gsd") as file:
        assert file[0].log["time"] == [50.0]


def test_a_level_is_that_of_the_mean_over_all_configurations(campaign, tmp_path):
    model = fitted(campaign, tmp_path / "model.skops", "--label", "broken_bonds", "--level", 0.92,
                   "--temperature", 0.5, "--configurations", ":3")  # fmt: skip
    labels = [read_gsd(label.path).labels for label in campaign.store.labels(0.5)]
    expected = labels_at_levels(labels, "bond_breaking", [0.92])[0].times[0]
    assert 1.0 < model.time == expected < 10.0
    scored = run("score", tmp_path / "model.skops", campaign.folder, "--level", 0.92,
                 "--temperature", 0.5, "--configurations", "3:", "-j", 1)  # fmt: skip
    assert scored.exit_code == 0, scored.stderr
    assert "of time" not in scored.stderr


def test_transfer_takes_the_folder(campaign):
    result = run("transfer", campaign.folder, "--label", "broken_bonds", "--level", 0.92,
                 "--descriptors", "cubuk2015", "--json", "-j", 1)  # fmt: skip
    assert result.exit_code == 0, result.stderr
    document = json.loads(result.stdout)
    assert (document["conditions"], document["n_configurations"]) == ([0.5, 0.4], [4, 4])


def test_predict_draws_a_map(campaign, tmp_path):
    fitted(campaign, tmp_path / "model.skops", "--temperature", 0.5, "--time-index", 1)
    command = ["predict", tmp_path / "model.skops", campaign.folder, "--temperature", 0.5,
               "--configurations", "2:", "-j", 1]  # fmt: skip
    for suffix in ("png", "svg"):
        out, plot = tmp_path / f"{suffix}.npz", tmp_path / f"map.{suffix}"
        result = run(*command, "--out", out, "--plot", plot)
        assert result.exit_code == 0, result.stderr
        with np.load(out) as table:
            assert table["sources"].tolist() == [
                str(found.path) for found in campaign.store.runs(0.5)[2:]
            ]
        assert plot.stat().st_size > 1000
    result = run(*command, "--out", tmp_path / "no.npz", "--plot", tmp_path / "map.txt")
    assert result.exit_code == 2
    assert "pictures are written to .eps" in result.stderr
    assert not (tmp_path / "no.npz").exists()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--temperature", "0.45"], "no configurations at T = 0.45; the temperatures are 0.5, 0.4"),
        (
            ["--configurations", "9:"],
            "configurations 9: among the 4 at T = 0.5 and the 4 at T = 0.4",
        ),
        (["--configurations", "3"], "'3' are no slice as in Python, such as 0:12 or 12:"),
        (["--configurations", "::0"], "'::0' are no slice"),
        (["--time", "1", "--level", "0.9"], "the time of the label, its place or its level: one"),
        (["--level", "0.2"], "bond_breaking at T = 0.5: the mean label .*0.2"),
        (["--label", "brokn_bonds"], "unknown label 'brokn_bonds'; there are displacement, bond"),
        (["--time-index", "2"], r"has labels at 2 time\(s\), none at place 2"),
        (["--time-index", "-1"], r"has labels at 2 time\(s\), none at place -1"),
    ],
)
def test_what_cannot_be_chosen_is_named(campaign, tmp_path, options, message):
    result = run("fit", campaign.folder, "--out", tmp_path / "model.skops", "-j", 1, *options)
    assert result.exit_code == 2
    assert re.search(message, result.stderr)
    assert not (tmp_path / "model.skops").exists()


def test_folders_that_hold_no_data_are_named(campaign, tmp_path):
    out = tmp_path / "model.skops"
    result = run("fit", tmp_path, "--out", out, "-j", 1)
    assert "holds no campaign or study" in result.stderr
    assert f"by a pattern, '{tmp_path}/*.gsd'" in result.stderr
    (tmp_path / "campaign.toml").write_text(SETTINGS, encoding="utf-8")
    Campaign.start(tmp_path / "campaign.toml", tmp_path / "new")
    result = run("fit", tmp_path / "new", "--out", out, "-j", 1)
    assert "holds no labelled configurations yet" in result.stderr
    lost = campaign.store.labels(0.4)[1].path
    kept = lost.read_bytes()
    lost.unlink()
    try:
        result = run("fit", campaign.folder, "--out", out, "-j", 1)
    finally:
        lost.write_bytes(kept)
    assert "is not finished: 3 of 4 configurations at T = 0.4 are labelled" in result.stderr


def test_files_have_no_temperatures_to_choose_predictions_from(campaign, tmp_path):
    fitted(campaign, tmp_path / "model.skops", "--temperature", 0.5, "--time-index", 1)
    result = run("predict", tmp_path / "model.skops", campaign.store.runs(0.5)[0].path,
                 "--configurations", "1:", "--out", tmp_path / "out.npz")  # fmt: skip
    assert result.exit_code == 2
    assert "is not the folder of a campaign or a study" in result.stderr
