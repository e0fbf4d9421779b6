"""Fitting and scoring: bad arguments, and the figure published data must reach."""

import warnings
from dataclasses import replace

import numpy as np
import pytest
from joblib import Memory

from vitreous.datasets import LabelledConfiguration, read, write_gsd
from vitreous.dynamics import IsoconfigurationalLabels
from vitreous.liquid import Box, Configuration, KobAndersen, KobAndersen2D
from vitreous.models import cross_predict, propensity_scores
from vitreous.workflows import fit, make_model, predict, score
from vitreous.workflows._labels import groups_of, warn_of_temperatures


def write(path, system, times=(10.0,)):
    configuration = system.random_configuration(60, 0)
    halves = dict.fromkeys(("displacement", "bond_breaking"), np.ones((2, 60, len(times))))
    labels = IsoconfigurationalLabels(times, halves, 4)
    write_gsd(LabelledConfiguration(configuration, labels, system.name, 0.5, ""), path)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"model": "forest"}, "unknown model 'forest'; choose one of ridge, boosted"),
        ({"file_format": "csv"}, "the format 'csv' is unknown; choose one of botan, gsd"),
        ({"file_format": "lammps"}, "the format 'lammps' has no labels; make them of"),
        ({"files": ["3d.gsd", "2d.gsd"]}, "different systems: KA, KA2D"),
        (
            {"files": ["times.gsd"], "model": "ridge"},
            r"times.gsd: there are labels at several times, choose one of 1, 10",
        ),
        ({"files": ["2d.gsd"], "time": 3.0}, "no labels at time 3; the times are 10"),
        ({"files": ["2d.gsd"], "label": "overlap"}, "unknown label 'overlap'"),
        ({"n_reversed": 2, "model": "boosted"}, "boosted models cannot learn from reversed"),
        ({"n_reversed": 2}, "2d.gsd does not hold the ends of replicas"),
        ({"n_reversed": 2, "label": "bond_breaking"}, "tell the displacement, not 'bond_breaking'"),
    ],
)
def test_bad_arguments_are_named(tmp_path, monkeypatch, arguments, message):
    monkeypatch.chdir(tmp_path)
    # Descriptors of a box this small cannot be computed: the label must be looked up before.
    write("3d.gsd", KobAndersen())
    write("2d.gsd", KobAndersen2D())
    write("times.gsd", KobAndersen2D(), times=(1.0, 10.0))
    with pytest.raises(ValueError, match=message):
        fit(**({"files": ["2d.gsd"], "file_format": "gsd"} | arguments))


def write_liquid(path, seed, **changes):
    """A liquid of 172 particles whose labels are their places."""
    system = KobAndersen2D()
    configuration = system.random_configuration(172, seed)
    if "types" in changes:
        configuration = configuration.with_types(changes["types"](configuration.types))
    if "scale" in changes:
        box = Box(tuple(changes["scale"] * length for length in configuration.box.lengths))
        configuration = Configuration(
            configuration.positions * changes["scale"], configuration.types, box, "ABC"
        )
    labels = IsoconfigurationalLabels(
        [1.0], {"displacement": np.repeat(configuration.positions[None, :, :1] ** 2, 2, 0)}, 4
    )
    write_gsd(LabelledConfiguration(configuration, labels, system.name, 0.5, ""), path)


@pytest.fixture(scope="module")
def liquids(tmp_path_factory):
    """Four files that are alike, and three of other mixtures."""
    folder = tmp_path_factory.mktemp("liquids")
    for seed in range(4):
        write_liquid(folder / f"good{seed}.gsd", seed)
    write_liquid(folder / "swapped.gsd", 4, types=lambda types: 2 - types)
    write_liquid(folder / "pure.gsd", 4, types=lambda types: 0 * types)
    write_liquid(folder / "wide.gsd", 4, scale=1.05)
    return folder


@pytest.fixture(scope="module")
def fitted(liquids):
    steps = []
    stored = fit(
        [liquids / "good[012].gsd"],
        "gsd",
        descriptors="cubuk2015",
        progress=lambda *step: steps.append(step),
    )
    return stored, steps


OTHERS = [
    ("swapped.gsd", "48 A, 44 B, 80 C, and KA2D has 80 A, 44 B, 48 C of 172 particles"),
    ("pure.gsd", "172 A, 0 B, 0 C, and KA2D has 80 A, 44 B, 48 C"),
    ("wide.gsd", "the number density is 1.081, and KA2D has 1.192"),
]


@pytest.mark.parametrize(("name", "message"), OTHERS)
@pytest.mark.parametrize("n_others", [0, 3])
def test_other_mixtures_are_not_learnt_from(liquids, name, message, n_others):
    files = [liquids / f"good{k}.gsd" for k in range(n_others)] + [liquids / name]
    with pytest.raises(ValueError, match=f"{name}: {message}"):
        fit(files, "gsd", descriptors="cubuk2015")


@pytest.mark.parametrize(("name", "message"), OTHERS)
def test_other_mixtures_are_not_scored(liquids, fitted, name, message):
    with pytest.raises(ValueError, match=f"{name}: {message}"):
        score(fitted[0], [liquids / name], "gsd")


@pytest.mark.filterwarnings("ignore::vitreous.models.ExtrapolationWarning")
def test_other_mixtures_are_used_if_that_is_wanted(liquids, fitted):
    files = [liquids / "good0.gsd", liquids / "swapped.gsd"]
    stored = fit(files, "gsd", descriptors="cubuk2015", allow_other_system=True)
    assert stored.system == "KA2D"
    found = score(fitted[0], [liquids / "swapped.gsd"], "gsd", allow_other_system=True)
    assert set(found) == {"A", "B", "C"}


def test_progress_is_told_step_by_step(liquids, fitted):
    stored, steps = fitted
    assert [step for step in steps if step[0] == "read"] == [("read", 0, 1), ("read", 1, 1)]
    assert [done for step, done, total in steps if step == "describe"][-1] == 3
    assert [step for step in steps if step[0] == "fit"] == [("fit", k, 3) for k in range(4)]
    steps = []
    score(stored, [liquids / "good3.gsd"], "gsd", progress=lambda *step: steps.append(step))
    assert steps == [("read", 0, 1), ("read", 1, 1), ("predict", 0, 1), ("predict", 1, 1)]


def test_the_model_of_the_caller_is_left_alone(liquids, fitted):
    stored, _ = fitted
    stored.model.set_params(n_jobs=3)
    score(stored, [liquids / "good3.gsd"], "gsd", n_jobs=1)
    predict(stored, [liquids / "good3.gsd"], "gsd", n_jobs=1)
    assert stored.model.n_jobs == 3
    stored.model.set_params(n_jobs=None)


def test_a_configuration_that_cannot_be_described_is_named(liquids, fitted):
    system = KobAndersen2D()
    configuration = system.random_configuration(30, 0)
    labels = IsoconfigurationalLabels([1.0], {"displacement": np.ones((2, 30, 1))}, 4)
    small = liquids / "tiny.gsd"
    write_gsd(LabelledConfiguration(configuration, labels, system.name, 0.5, ""), small)
    files, settings = [liquids / "good0.gsd", small], {"descriptors": "cubuk2015"}
    with pytest.raises(ValueError, match=r"tiny.gsd: the cutoff .* use a shorter"):
        fit(files, "gsd", state="thermal", **settings)
    with pytest.raises(ValueError, match=r"tiny.gsd: the cutoff"):
        fit(files[::-1], "gsd", state="thermal", **settings)
    with pytest.raises(ValueError, match=r"tiny.gsd: the cutoff"):
        score(fitted[0], [liquids / "good3.gsd", small], "gsd")
    with pytest.raises(ValueError, match=r"tiny.gsd: the cutoff"):
        predict(fitted[0], files, "gsd")


def test_a_configuration_counts_once(liquids, tmp_path):
    first = liquids / "good0.gsd"
    settings = {"descriptors": "cubuk2015", "state": "thermal"}
    with pytest.raises(ValueError, match=r"good0.gsd: it is named twice; name it once"):
        fit([liquids / "good?.gsd", first], "gsd", **settings)
    (tmp_path / "copy.gsd").write_bytes(first.read_bytes())
    with pytest.raises(ValueError, match=r"copy.gsd: .*good0.gsd holds the same configuration"):
        fit([first, tmp_path / "copy.gsd"], "gsd", **settings)


def test_files_of_one_configuration_at_several_times_are_one_group(liquids):
    data = read([liquids / "good0.gsd", liquids / "good1.gsd"])
    labels = IsoconfigurationalLabels(
        [2.0], {"displacement": data[0].labels.halves("displacement")}, 4
    )
    later = replace(data[0], labels=labels, source="later.gsd")
    assert groups_of(data) is None
    groups = groups_of([*data, later])
    assert groups[0] == groups[2] != groups[1]


def test_files_that_tell_no_temperature_are_not_judged(fitted):
    for known, asked, n_warnings in (
        ((0.5, np.nan), [0.9, np.nan], 1),
        ((0.5, np.nan), [0.5], 0),
        ((np.nan,), [0.9], 0),
    ):
        stored = replace(fitted[0], temperatures=known)
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            warn_of_temperatures(stored, asked)
        assert len(caught) == n_warnings


@pytest.mark.slow
@pytest.mark.shared_data
def test_published_configurations_left_out_one_by_one(shared_data, tmp_path):
    """The default ridge on ten BOTAN files at T = 0.44; about five minutes on one core.

    Run with ``pytest -m slow``. Measured for type A: Pearson correlations of 0.830 and 0.799.
    """
    data = read(str(shared_data / "botan" / "*.npz"), "botan")
    assert len(data) == 10
    configurations = [item.configuration for item in data]
    labels = [item.labels.at("displacement") for item in data]
    model = make_model(KobAndersen(), configurations[0])
    model.set_params(memory=Memory(tmp_path, verbose=0))
    predictions = cross_predict(model, configurations, labels)
    score = propensity_scores(configurations, labels, predictions)["A"]
    assert score["pearson_pooled"].value >= 0.81
    assert score["pearson_mean"].value >= 0.79
