"""A tiny study of dynamic heterogeneity: its predictions by hand, its report, what it refuses."""

import json
import re
import shutil
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
from scipy.stats import sem
from typer.testing import CliRunner

from vitreous.campaigns import campaign
from vitreous.cli import app
from vitreous.descriptors import PhysicsInspiredDescriptor
from vitreous.dynamics import (
    Estimate,
    calibrate_residual,
    labels_at_times,
    measure_heterogeneity,
    mobility_map,
    susceptibility,
    times_at_levels,
)
from vitreous.liquid import KobAndersen2D
from vitreous.models import GroupedRidge, TransferableRegressor
from vitreous.simulate import EquilibriumTest, equilibrium_test
from vitreous.studies import HeterogeneityStudy
from vitreous.studies.heterogeneity.laws import fitted_laws, surviving_laws, transitions_of
from vitreous.studies.heterogeneity.report import growth_per_decade, relaxation_times

TINY = """
title = "Tiny"
seed = 1

[liquid]
system = "KA2D"
n_particles = 300
temperatures = [1.2, 1.0, 0.8, 0.6]
n_configurations = 4

[equilibration]
protocol = "anneal"
n_sweeps = 1200
label_unequilibrated = true

[relaxation]
bond_breaking = 0.95
longest_time = 100.0

[ensemble]
coldest = 0.8
n_replicas = 4
relative_times = [0.1, 0.4, 1.5]

[heterogeneity]
species = "A"
levels = [0.98, 0.95]
regressors = ["ridge"]
mobile_fraction = 0.25
longest_wave_number = 1.7
"""

FIGURES = {
    "chords", "equilibrium", "heterogeneity", "maps", "relaxation", "structure_factor", "transfer"
}  # fmt: skip


@pytest.fixture(scope="module")
def settings_file(tmp_path_factory):
    path = tmp_path_factory.mktemp("settings") / "tiny.toml"
    path.write_text(TINY)
    return path


@pytest.fixture(scope="module")
def finished(settings_file, tmp_path_factory):
    """A whole study and its report; do not change its folder."""
    folder = tmp_path_factory.mktemp("finished")
    steps = []
    study = HeterogeneityStudy(settings_file, folder, 1, lambda *step: steps.append(step))
    results = study.run()
    page = study.report(results)
    return SimpleNamespace(folder=folder, study=study, results=results, steps=steps, page=page)


def labelled(study, temperature, levels):
    """Broken bonds of every particle at the levels of C_B, and their halves at the last."""
    data = study.campaign.load(temperature)
    times = data[0].labels.times
    mean = np.mean([item.labels.matrix("bond_breaking").mean(axis=0) for item in data], axis=0)
    wanted = times_at_levels(times, mean, levels)
    labels = [labels_at_times(times, 1 - i.labels.matrix("bond_breaking"), wanted) for i in data]
    halves = [
        labels_at_times(times, 1 - i.labels.halves("bond_breaking"), wanted)[..., -1] for i in data
    ]
    return labels, halves


@pytest.mark.filterwarnings("ignore::vitreous.models.ExtrapolationWarning")
@pytest.mark.parametrize(
    ("group", "test", "training"),
    [
        ("predicted", 1.0, [1.2, 0.8]),
        ("predicted", 0.6, [1.2, 1.0, 0.8]),
        ("extrapolated", 0.8, [1.2, 1.0]),
    ],
)
def test_predictions_are_those_of_a_model_that_never_saw_the_temperature(
    finished, group, test, training
):
    study = finished.study
    structures = {t: study.campaign.inherent_structures(t) for t in [*training, test]}
    labels = [label for t in training for label in labelled(study, t, [0.98, 0.95])[0]]
    model = TransferableRegressor(
        PhysicsInspiredDescriptor(KobAndersen2D()), GroupedRidge(), [1 - 0.98, 1 - 0.95], tied=True
    ).fit(
        [c for t in training for c in structures[t]],
        labels,
        [t for t in training for _ in range(4)],
    )
    expected = model.predict(structures[test], [1 - 0.95], [test] * 4)
    found = getattr(finished.results, group)["ridge"][test].fields
    for a, b in zip(found, expected, strict=True):
        np.testing.assert_allclose(a, b[:, 0], rtol=1e-6)
    assert np.concatenate(found).mean() == pytest.approx(1 - 0.95, abs=1e-9)


def test_every_temperature_is_predicted_and_the_simulated_ones_are_scored(finished):
    results = finished.results
    assert list(results.simulated) == list(results.fields) == [1.2, 1.0, 0.8]
    assert list(results.predicted["ridge"]) == [1.2, 1.0, 0.8, 0.6]
    assert list(results.extrapolated["ridge"]) == [0.8]
    assert results.predicted["ridge"][0.6].agreement is None
    assert results.predicted["ridge"][1.0].agreement["pearson_pooled"].value < 1
    assert set(results.data.relaxations) == {1.2, 1.0, 0.8}
    assert set(results.laws) == {"arrhenius"}
    np.testing.assert_array_equal(results.transfer.conditions, [1.2, 1.0, 0.8])


def test_simulated_heterogeneity_is_that_of_the_halves(finished):
    study = finished.study
    structures = study.campaign.inherent_structures(1.0)
    _, halves = labelled(study, 1.0, [0.98, 0.95])
    even, odd = ([half[k] for half in halves] for k in (0, 1))
    expected = measure_heterogeneity(
        structures, even, others=odd, n_replicas=4, species="A", longest_wave_number=1.7,
        mobile_fraction=0.25,
    )  # fmt: skip
    found = finished.results.simulated[1.0]
    for name in ("strength", "total_strength", "chord_length"):
        assert getattr(found, name).value == pytest.approx(getattr(expected, name).value)
    assert found.fit.length.value == pytest.approx(expected.fit.length.value)
    of_a = [c.types == 0 for c in structures]
    chi4 = susceptibility(
        *([h[k] for h, k in zip(half, of_a, strict=True)] for half in (even, odd))
    )
    assert found.strength.value == pytest.approx(float(chi4))


def test_corrections_come_from_the_other_simulated_temperatures(finished):
    study, results = finished.study, finished.results
    assert list(results.calibrated["ridge"]) == [1.2, 1.0, 0.8, 0.6]
    for temperature, known in ((1.0, [1.2, 0.8]), (0.6, [1.2, 1.0, 0.8])):
        calibration = calibrate_residual(
            [c for t in known for c in study.campaign.inherent_structures(t)],
            [field for t in known for field in results.predicted["ridge"][t].fields],
            [half for t in known for half in labelled(study, t, [0.98, 0.95])[1]],
            [t for t in known for _ in range(4)],
            species="A",
        )
        found = results.calibrated["ridge"][temperature]
        predicted = results.predicted["ridge"][temperature].heterogeneity
        expected = calibration.strength(predicted.strength, temperature)
        assert found.strength.value == pytest.approx(expected.value, rel=1e-3)
        assert found.strength.standard_error == pytest.approx(expected.standard_error, rel=1e-2)
        assert 0 < found.share.value < 1


def test_memory_is_the_correlation_with_the_run_before(finished):
    results = finished.results
    maps = {
        (t, k): mobility_map(
            results.data.inherent_structures[t][k], item.fields[k], species="A"
        ).values
        for t, item in results.predicted["ridge"].items()
        for k in range(4)
    }
    before = {
        1.2: {1: (1.0, 1), 3: (1.0, 3)},
        1.0: {0: (1.2, 0), 1: (0.8, 1), 2: (1.2, 2), 3: (0.8, 3)},
        0.8: {0: (1.0, 0), 1: (0.8, 0), 2: (1.0, 2), 3: (0.8, 2)},
        0.6: {0: (0.8, 0), 1: (0.6, 0), 2: (0.8, 2), 3: (0.6, 2)},
    }
    for t, sources in before.items():
        values = [
            np.corrcoef(maps[t, k].ravel(), maps[s].ravel())[0, 1] for k, s in sources.items()
        ]
        assert results.memory[t].value == pytest.approx(np.mean(values))
        assert results.memory[t].standard_error == pytest.approx(sem(values))
    summary = json.loads((finished.folder / "results.json").read_text())
    assert summary["states"][0]["memory"] == results.memory[1.2].value


def test_mean_of_the_simulated_field_is_the_level(finished):
    for fields in finished.results.fields.values():
        assert np.mean(fields) == pytest.approx(0.05, abs=1e-9)


@pytest.mark.slow
def test_a_second_run_computes_nothing_anew(finished, settings_file):
    kept = [*finished.folder.glob("workspace/*/*"), *finished.folder.glob("cache/**/output.pkl")]
    before = {path: path.stat().st_mtime_ns for path in kept}
    report = (finished.folder / "results.json").read_bytes()
    result = CliRunner().invoke(
        app, ["run", str(settings_file), "--folder", str(finished.folder), "--jobs", "1"]
    )
    assert result.exit_code == 0, result.stderr
    assert {path: path.stat().st_mtime_ns for path in kept} == before
    assert (finished.folder / "results.json").read_bytes() == report
    result = CliRunner().invoke(app, ["report", str(finished.folder)])
    assert result.exit_code == 0, result.stderr
    assert (finished.folder / "results.json").read_bytes() == report


def test_progress_of_every_step_reaches_its_end(finished):
    last = {step: (done, total) for step, done, total in finished.steps}
    assert {"train and predict", "transfer matrix", "describe"} < set(last)
    assert all(done == total > 0 for done, total in last.values())


def test_report_holds_its_figures_and_numbers(finished):
    assert {path.stem for path in (finished.folder / "figures").glob("*.svg")} == FIGURES
    page = finished.page.read_text()
    assert page.count("data:image/png;base64,") == len(FIGURES)
    assert "{{" not in page
    summary = json.loads((finished.folder / "results.json").read_text())
    results = finished.results
    for row in summary["simulated"]:
        measured = results.simulated[row["temperature"]]
        assert row["strength"] == measured.strength.value
        assert row["length"] == measured.fit.length.value
        assert row["relative_strength"] == measured.relative_strength.value
        assert row["total_strength_standard_error"] == measured.total_strength.standard_error
    for row in summary["predicted"]["ridge"]:
        item = results.predicted["ridge"][row["temperature"]]
        assert row["chord_length"] == item.heterogeneity.chord_length.value
        assert row["mean"] == pytest.approx(np.concatenate(item.fields).mean())
        assert ("pearson_pooled" in row) == (row["temperature"] > 0.6)
    assert [state["temperature"] for state in summary["states"]] == [1.2, 1.0, 0.8, 0.6]
    times = relaxation_times(results)
    assert times[0.6] == pytest.approx(float(results.laws["arrhenius"](0.6)))
    assert times[0.8] == results.data.relaxations[0.8].bond_breaking_time
    growth = summary["growth"]["chord_length"]["ridge"]["simulated_range"]
    expected = growth_per_decade(
        [times[t] for t in (1.2, 1.0, 0.8)],
        [results.predicted["ridge"][t].heterogeneity.chord_length for t in (1.2, 1.0, 0.8)],
    )
    assert (growth["slope"], growth["standard_error"]) == expected
    below = summary["growth"]["chord_length"]["ridge"]
    assert below["below_by_law"] == {"arrhenius": below["below"]}


def relaxations_by(law, temperatures):
    """Bond-breaking times on a law, each with an error of 5 %."""
    return {
        t: SimpleNamespace(bond_breaking_time=law(t), bond_breaking_time_standard_error=law(t) / 20)
        for t in temperatures
    }


def test_published_times_tell_laws_apart():
    """By the five simulated times all laws fit; one more, far below, leaves the true one alone."""

    def true(t):
        return np.exp(1 + 15 * 0.1 / (t - 0.1))

    hot = relaxations_by(true, [0.5, 0.48, 0.46, 0.44, 0.42])
    assert len(surviving_laws(fitted_laws(hot, []))) > 1
    laws = fitted_laws(hot, [[0.2, true(0.2), 0.1]])
    assert surviving_laws(laws)[0] == "vft"
    assert "arrhenius" not in surviving_laws(laws)
    assert laws["vft"].coldest == 0.2
    assert transitions_of(laws, hot)["vft"].decades == pytest.approx(
        np.log10(1e12 * true(0.5) / true(0.2)), rel=0.02
    )


def test_a_vft_law_that_does_not_diverge_is_left_out():
    times = relaxations_by(lambda t: np.exp(1 + 3 / t), [0.5, 0.45, 0.4, 0.35, 0.3])
    laws = fitted_laws(times, [])
    assert "vft" not in laws
    assert surviving_laws(laws)[0] == "arrhenius"
    # One law is left even where none fits.
    poor = {"arrhenius": replace(laws["arrhenius"], chi_squared=1e3)}
    assert surviving_laws(poor) == ["arrhenius"]


def test_growth_is_the_slope_of_the_logarithm():
    times = np.array([10.0, 100.0, 1000.0])
    estimates = [Estimate(2.0 * 1.3**k, 0.05 * 1.3**k, 5) for k in range(3)]
    slope, error = growth_per_decade(times, estimates)
    assert slope == pytest.approx(np.log(1.3))
    assert error == pytest.approx(0.025 / np.sqrt(2))
    assert np.isnan(growth_per_decade(times, [Estimate(-1.0, 0.1, 5)] * 3)).all()
    assert np.isnan(growth_per_decade(times[:1], estimates[:1])).all()


def judged(monkeypatch, failing):
    """Let the test of equilibrium fail at the temperature of one energy, and nowhere else."""
    verdict = EquilibriumTest(-2.0, 0.001, 0.0, 0.5, 0.0, 0.5, 1200, 10.0)
    monkeypatch.setattr(
        campaign,
        "equilibrium_test",
        lambda runs: (
            replace(verdict, difference=0.25, difference_p_value=1e-5)
            if equilibrium_test(runs).energy == failing
            else verdict
        ),
    )


@pytest.fixture
def strict(finished, tmp_path):
    """The finished study with settings that label only what is in equilibrium."""
    path = tmp_path / "strict.toml"
    path.write_text(TINY.replace("label_unequilibrated = true\n", ""))
    folder = shutil.copytree(finished.folder, tmp_path / "strict")
    (folder / "study.toml").unlink()
    return HeterogeneityStudy(path, folder, 1)


def test_a_simulated_temperature_out_of_equilibrium_ends_the_study(strict, finished, monkeypatch):
    judged(monkeypatch, finished.results.data.equilibrium[1.0].energy)
    with pytest.raises(RuntimeError, match=r"at T = 1 are not in equilibrium.*raise equil"):
        strict.run()


def test_a_predicted_temperature_out_of_equilibrium_is_marked(strict, finished, monkeypatch):
    judged(monkeypatch, finished.results.data.equilibrium[0.6].energy)
    verdicts = strict.run().data.equilibrium
    assert {t: v.passed for t, v in verdicts.items()} == {
        1.2: True,
        1.0: True,
        0.8: True,
        0.6: False,
    }


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("coldest = 0.8", "coldest = 1.0", "three temperatures at least must be simulated"),
        ("[1.2, 1.0, 0.8, 0.6]", "[1.0, 1.2, 0.8, 0.6]", "temperatures must fall"),
        ('species = "A"', 'species = "D"', "species must be one of A, B, C"),
        ("[0.98, 0.95]", "[0.98, 0.94]", "levels must fall and end at relaxation.bond_breaking"),
        ('["ridge"]', '["ridge", "ridge"]', "regressors must differ"),
        ('["ridge"]', '"ridge"', "heterogeneity.regressors must be a list of names, not 'ridge'"),
        ('["ridge"]', '["forest"]', "must be one of ridge, mlp, not 'forest'"),
        ("mobile_fraction = 0.25", "mobile_fraction = 1.0", "mobile_fraction must lie between"),
        ("wave_number = 1.7", "wave_number = 1.7\npublished_times = [[0.4, 90]]", "must hold temp"),
    ],
)
def test_settings_that_cannot_be_are_refused(tmp_path, old, new, message):
    assert old in TINY
    path = tmp_path / "wrong.toml"
    path.write_text(TINY.replace(old, new))
    with pytest.raises(ValueError, match=re.escape("wrong.toml: ") + ".*" + re.escape(message)):
        HeterogeneityStudy(path, tmp_path / "folder")
    assert not (tmp_path / "folder").exists()
