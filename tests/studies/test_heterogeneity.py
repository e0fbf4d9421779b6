"""A tiny study of dynamic heterogeneity: its predictions by hand, its report, what it refuses."""

import json
import re
import shutil
import warnings
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
from scipy.stats import sem
from typer.testing import CliRunner

from vitreous.campaigns import campaign
from vitreous.cli import app
from vitreous.datasets import write_glassbench, write_gsd
from vitreous.descriptors import PhysicsInspiredDescriptor
from vitreous.dynamics import (
    Estimate,
    calibrate_residual,
    calibrate_residual_field,
    labels_at_times,
    measure_geometry,
    measure_heterogeneity,
    mobility_map,
    susceptibility,
    times_at_levels,
)
from vitreous.liquid import KobAndersen2D
from vitreous.models import ExtrapolationWarning, GroupedRidge, TransferableRegressor, load_model
from vitreous.simulate import EquilibriumTest, equilibrium_test
from vitreous.studies import Growth, HeterogeneityStudy, Sourced
from vitreous.studies.heterogeneity.laws import fitted_laws, surviving_laws, transitions_of
from vitreous.studies.heterogeneity.report import relaxation_times, sourced
from vitreous.studies.heterogeneity.routes import measured
from vitreous.studies.heterogeneity.sources import growth, together
from vitreous.studies.heterogeneity.states import States
from vitreous.workflows import predict

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

[large_box]
n_particles = 400
n_configurations = 4
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


@pytest.mark.parametrize(("temperature", "known"), [(1.0, [1.2, 0.8]), (0.6, [1.2, 1.0, 0.8])])
def test_corrections_come_from_the_other_simulated_temperatures(finished, temperature, known):
    study, results = finished.study, finished.results
    assert list(results.calibrated["ridge"]) == [1.2, 1.0, 0.8, 0.6]
    halves = [half for t in known for half in labelled(study, t, [0.98, 0.95])[1]]
    data = (
        [c for t in known for c in study.campaign.inherent_structures(t)],
        [field for t in known for field in results.predicted["ridge"][t].fields],
    )
    conditions = [t for t in known for _ in range(4)]
    calibration = calibrate_residual(*data, halves, conditions, species="A")
    found = results.calibrated["ridge"][temperature]
    predicted = results.predicted["ridge"][temperature].heterogeneity
    strength = found.quantities["strength"]
    expected = calibration.strength(predicted.strength, temperature)
    assert strength.value == pytest.approx(expected.value, rel=1e-3)
    assert strength.standard_error == pytest.approx(expected.standard_error, rel=0.2)
    assert set(strength.errors) == {"configurations", "calibration"}
    assert 0 < found.share.value < 1
    field = calibrate_residual_field(*data, halves, conditions, species="A").at(temperature)
    distance = field.corrected(predicted.correlation).decay_length().value
    assert found.quantities["decay_length"].value == pytest.approx(distance, nan_ok=True)
    of_particle = field.variance(predicted.correlation.variances.mean())
    assert found.quantities["relative_strength"].value == pytest.approx(
        expected.value / of_particle, rel=1e-3
    )
    noisy = [np.stack([half.mean(axis=0)] * 2) for half in halves]
    residual = calibrate_residual_field(*data, noisy, conditions, species="A").at(temperature)
    structures = study.campaign.inherent_structures(temperature)
    fields = residual.draw(
        structures, results.predicted["ridge"][temperature].fields, 4, species="A"
    )
    geometry = measure_geometry(structures, fields, species="A", mobile_fraction=0.25)
    chord = found.quantities["chord_length"]
    assert chord.value == pytest.approx(geometry.chord_length.value)
    assert len(chord.without["calibration"]) == 12
    own = 4 * [1.2, 1.0, 0.8].index(temperature) if temperature in (1.2, 1.0, 0.8) else None
    if own is not None:
        np.testing.assert_array_equal(chord.without["calibration"][own : own + 4], chord.value)


def test_geometry_is_measured_at_equal_noise(finished):
    """With half the replicas at one temperature, both halves of the others are measured."""
    study, data = finished.study, finished.results.data
    fewer = replace(
        study.settings, ensemble=replace(study.settings.ensemble, n_replicas=[4, 4, 2, 4])
    )
    states = States(data, fewer)
    for temperature in (1.2, 1.0):
        np.testing.assert_array_equal(states.equally_noisy[temperature], states.halves[temperature])
    np.testing.assert_array_equal(
        states.equally_noisy[0.8], np.mean(states.halves[0.8], axis=1)[:, np.newaxis]
    )
    halves = measure_geometry(
        data.inherent_structures[1.0], states.halves[1.0], species="A", mobile_fraction=0.25
    )
    found = study._measure_simulated(states, 1.0)
    assert found.chord_length.value == halves.chord_length.value
    assert found.fractal_dimension.value == pytest.approx(
        halves.fractal_dimension.value, nan_ok=True
    )


def test_large_liquids_are_predicted_by_the_models_of_small_ones(finished):
    large, folder = finished.results.large, finished.folder
    structures = large.structures[0.6]
    assert [c.n_particles for c in structures] == [400] * 4
    stored = load_model(folder / "models" / "ridge.skops")
    model = stored.model
    model.descriptor_ = model.descriptor_[-1]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ExtrapolationWarning)
        expected = model.predict(structures, [0.05], [0.6] * 4)
    found = large.predicted["ridge"][0.6]
    np.testing.assert_allclose(found.fields, [e[:, 0] for e in expected], atol=1e-9)
    own = measure_heterogeneity(
        structures, found.fields, species="A", longest_wave_number=1.7, mobile_fraction=0.25
    )
    assert found.heterogeneity.strength.value == own.strength.value
    small = finished.results.calibrated["ridge"][0.6].quantities["strength"]
    plain = finished.results.predicted["ridge"][0.6].heterogeneity.strength.value
    corrected = large.calibrated["ridge"][0.6].quantities["strength"].value
    assert corrected / own.strength.value == pytest.approx(small.value / plain)
    summary = json.loads((folder / "results.json").read_text())["large_box"]
    assert summary["box_length"] == pytest.approx(large.box_length)
    assert "400 particles" in finished.page.read_text()


def test_each_network_is_left_out_in_turn(finished):
    """Fields of three networks: their mean is measured, and the mean of every two of them."""
    study = finished.study
    structures = finished.results.data.inherent_structures[0.6]
    networks = [np.random.default_rng(k).normal(0.05, 0.02, (3, 300)) for k in range(4)]
    found = study._predicted(structures, networks)
    np.testing.assert_allclose(found.fields, np.mean(networks, axis=1))
    strength = measured(found.heterogeneity, found.without_networks)["strength"]
    of_a = [c.types == 0 for c in structures]
    for left_out in range(3):
        rest = [np.delete(n, left_out, axis=0).mean(axis=0) for n in networks]
        expected = susceptibility([r[a] for r, a in zip(rest, of_a, strict=True)])
        assert strength.without["networks"][left_out] == pytest.approx(float(expected))


@pytest.mark.filterwarnings("ignore::vitreous.models.ExtrapolationWarning")
def test_its_models_can_be_scored_on_files_of_any_temperature(finished, tmp_path):
    """The stored ridge predicts labelled files as the study did, at the mean of their labels."""
    model = finished.folder / "models" / "ridge.skops"
    stored = load_model(model)
    assert stored.temperatures == (0.8, 1.0, 1.2)
    structures = finished.study.campaign.inherent_structures(0.6)
    own = stored.model.predict(structures, [0.05], [0.6] * 4)
    for a, b in zip(own, finished.results.predicted["ridge"][0.6].fields, strict=True):
        np.testing.assert_allclose(a[:, 0], b, atol=1e-5)
    for number, item in enumerate(finished.study.campaign.load(0.8)):
        write_glassbench(replace(item, temperature=0.7), tmp_path / f"N300T0.70_{number}.npz")
    result = CliRunner().invoke(
        app, ["score", str(model), str(tmp_path / "*.npz"), "--format", "glassbench",
              "--time-index", "1", "--json", "--jobs", "1"],
    )  # fmt: skip
    assert result.exit_code == 0, result.stderr
    assert json.loads(result.stdout)["types"]["A"]["n_configurations"] == 4
    predictions = predict(stored, [tmp_path / "*.npz"], "glassbench", 1, level=0.04)
    assert np.mean([p.values for p in predictions]) == pytest.approx(0.04)
    assert np.std([p.values.mean() for p in predictions]) > 1e-6
    nameless = item.configuration.with_temperature(None)
    unknown = replace(item, configuration=nameless, temperature=np.nan)
    write_gsd(unknown, tmp_path / "untold.gsd")
    with pytest.raises(ValueError, match="the temperature of configuration 0 is nan"):
        predict(stored, [tmp_path / "untold.gsd"], "gsd", 1, level=0.04)
    (told,) = predict(stored, [tmp_path / "untold.gsd"], "gsd", 1, level=0.04, temperature=0.7)
    assert told.values.mean() == pytest.approx(0.04)


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
    assert {"train and predict", "correct", "transfer matrix", "describe"} < set(last)
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
    entry = summary["growth"]["chord_length"]
    numbers = sourced(results)["ridge, corrected"]
    expected = growth(
        {t: numbers[t]["chord_length"] for t in (1.2, 1.0, 0.8)},
        results.data.relaxations,
        results.laws["arrhenius"],
    )
    assert entry["routes"]["ridge, corrected"]["above"]["slope"] == expected.slope
    assert entry["routes"]["together"] == entry["routes"]["ridge, corrected"]
    below = entry["routes"]["together"]["below"]["arrhenius"]
    difference = entry["simulated"]["slope"] - below["slope"]
    error = np.hypot(entry["simulated"]["standard_error"], below["standard_error"])
    assert entry["slower"]["arrhenius"]["than_simulated"] == pytest.approx(difference / error)
    assert "20% of the moves exchanges; equilibrium" in page


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


HOT = relaxations_by(lambda t: np.exp(1 + 3 / t), [0.5, 0.4, 0.3])
LAW = fitted_laws(HOT, [])["arrhenius"]


def grown(value, errors, without=None):
    return Sourced(Estimate(value, errors, 8), {} if without is None else {"networks": without})


def test_growth_is_the_slope_of_the_logarithm():
    decades = {t: np.log10(HOT[t].bond_breaking_time) for t in HOT}
    found = growth({t: grown(2 * 1.3**x, 0.05 * 1.3**x) for t, x in decades.items()}, HOT, LAW)
    assert found.slope == pytest.approx(np.log(1.3))
    assert found.errors["configurations"] == pytest.approx(
        0.025 / np.sqrt(3) / np.std(list(decades.values()))
    )
    # A straight line keeps its slope, but for what each time is wrong by.
    x = np.array(list(decades.values()))
    slopes = [
        np.log(1.3) * (1 - np.polyfit(x, x + step, 1)[0]) for step in 0.05 / np.log(10) * np.eye(3)
    ]
    assert found.errors["relaxation times"] == pytest.approx(np.linalg.norm(slopes), rel=0.01)


def test_networks_and_laws_have_errors_of_their_own():
    """Networks that agree on the slope have no error of it, however they differ in size."""
    cold = (0.3, 0.25, 0.2)
    values = np.array([2.0, 2.2, 2.5])
    agreeing = {
        t: grown(v, 0.1 * v, v * np.array([0.8, 1.0, 1.2]))
        for t, v in zip(cold, values, strict=True)
    }
    found = growth(agreeing, HOT, LAW)
    assert found.errors["networks"] == pytest.approx(0, abs=1e-12)
    steeper = growth(agreeing, HOT, replace(LAW, covariance=4 * LAW.covariance))
    # The first time is measured; the error of the others is that of the law.
    alone = np.sqrt(steeper.errors["relaxation times"] ** 2 - found.errors["relaxation times"] ** 2)
    doubled = np.sqrt(3) * LAW.standard_error(
        lambda law: np.polyfit(
            np.log10([HOT[0.3].bond_breaking_time, *law(cold[1:])]), np.log(values), 1
        )[0]
    )
    assert alone == pytest.approx(doubled, rel=1e-3)
    slopes = [0.1, 0.2, 0.3]
    apart = {
        t: grown(v, 0.1 * v, v * np.exp(np.array(slopes) * k))
        for k, (t, v) in enumerate(zip(cold, values, strict=True))
    }
    found = growth(apart, HOT, LAW)
    x = np.log10([HOT[0.3].bond_breaking_time, *LAW(cold[1:])])
    each = [np.polyfit(x, np.log(values) + s * np.arange(3), 1)[0] for s in slopes]
    assert found.errors["networks"] == pytest.approx(np.sqrt(2) * np.std(each))


def test_what_is_not_known_does_not_enter():
    numbers = {0.5: grown(-1.0, 0.1), 0.4: grown(2.0, 0.1), 0.3: grown(2.5, np.nan)}
    found = growth(numbers, HOT, LAW)
    assert np.isnan(found.slope)
    assert found.n_temperatures == 1
    assert np.isnan(found.standard_error)
    numbers[0.3] = grown(2.5, 0.1)
    assert growth(numbers, HOT, LAW).n_temperatures == 2


def test_two_routes_count_with_half_their_difference():
    first, second = (
        Growth(0.1, {"configurations": 0.03, "networks": 0.04}, 4),
        Growth(0.2, {"configurations": 0.01, "calibration": 0.02}, 3),
    )
    both = together([first, second])
    assert both.slope == pytest.approx(0.15)
    assert both.n_temperatures == 3
    assert both.errors == pytest.approx(
        {"configurations": np.sqrt(5e-4), "networks": np.sqrt(8e-4), "calibration": np.sqrt(2e-4),
         "two routes": 0.05}
    )  # fmt: skip
    assert together([first]) is first


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
        ("n_replicas = 4", "n_replicas = [4, 3, 4, 4]", "must be the same where dynamics is simul"),
        ("n_replicas = 4", "n_replicas = [4, 4]", "must be one value, or one for each tempera"),
        ("n_particles = 400", "n_particles = 300", "large_box.n_particles must exceed liquid.n"),
        ("400\nn_configurations = 4", "400\nn_configurations = 5", "must be even, and at least 4"),
        ("wave_number = 1.7", "wave_number = 1.7\nn_networks = 1", "n_networks must be at least 2"),
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
