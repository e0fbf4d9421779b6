"""A tiny campaign: to its end, damaged in every way a crash could, refused, killed, distributed."""

import json
import os
import re
import runpy
import shutil
import signal
import subprocess
import sys
import time
from collections import Counter
from dataclasses import replace
from pathlib import Path

import freud
import gsd.hoomd
import numpy as np
import pytest
from joblib import parallel_config
from typer.testing import CliRunner

from vitreous import __version__
from vitreous.campaigns import Campaign, CampaignSettings, campaign, open_settings, steps
from vitreous.campaigns.steps import make_equilibration
from vitreous.cli import app
from vitreous.liquid import KobAndersen2D, PolydisperseSoftSpheres
from vitreous.simulate import (
    Equilibration,
    EquilibriumTest,
    SwapMonteCarlo,
    engines,
    equilibrate,
    equilibrate_from,
    equilibrium_test,
    isoconfigurational_ensemble,
    measure_relaxation,
    minimize,
)
from vitreous.storage import recipes, seals

TINY = """
title = "Tiny"
seed = 1

[liquid]
system = "KA2D"
n_particles = 100
temperatures = [2.0, 1.5]
n_configurations = 4

[equilibration]
n_sweeps = 2000

[relaxation]
bond_breaking = 0.97
longest_time = 100.0

[ensemble]
n_replicas = 2
relative_times = [0.1, 1.0]
"""

REFUSAL = EquilibriumTest(-2.0, 0.001, 0.25, 1e-5, -0.125, 0.5, 1000, 10.0)


@pytest.fixture(scope="module")
def settings_file(tmp_path_factory):
    path = tmp_path_factory.mktemp("settings") / "tiny.toml"
    path.write_text(TINY)
    return path


@pytest.fixture(scope="module")
def finished(settings_file, tmp_path_factory):
    """A campaign that nothing interrupted; do not change its folder."""
    made = Campaign.start(settings_file, tmp_path_factory.mktemp("finished") / "campaign")
    made.run()
    return made


@pytest.fixture
def copied(finished, tmp_path):
    """A copy of the finished folder to work on."""
    return shutil.copytree(finished.folder, tmp_path / "copy")


def contents(folder):
    """What is in every file that belongs to results."""
    return {
        path.relative_to(folder): path.read_bytes()
        for path in [*folder.glob("workspace/*/*"), folder / "summary.json"]
    }


def names(folder):
    return sorted(path.name for path in folder.glob("workspace/*/*.*") if path.suffix != ".json")


def forbid(monkeypatch, *functions):
    def fail(*arguments, **keywords):
        raise AssertionError("this was not to be done")

    for name in functions:
        monkeypatch.setattr(steps, name, fail)


def test_every_step_leaves_a_sealed_file(finished):
    made = names(finished.folder)
    for name, number in {
        "run.gsd": 8, "inherent.gsd": 8, "relaxation.npz": 2, "labels.gsd": 8
    }.items():  # fmt: skip
        assert made.count(name) == made.count(f"{name}.sha256") == number
    assert len(made) == 2 * (8 + 8 + 2 + 8)


def test_seals_are_those_of_the_usual_command(finished):
    for seal in list(finished.folder.glob("workspace/*/*.sha256"))[:3]:
        subprocess.run(["sha256sum", "--check", "--status", seal.name], cwd=seal.parent, check=True)


def test_three_lines_load_a_campaign(finished):
    loaded = Campaign(finished.folder)
    data = loaded.load()
    assert [item.temperature for item in data] == [2.0] * 4 + [1.5] * 4
    assert all(item.in_equilibrium is True for item in data)
    for item, same in zip(data[4:], loaded.load(1.5), strict=True):
        np.testing.assert_array_equal(item.configuration.positions, same.configuration.positions)
    for item, inherent in zip(data, loaded.load(state="inherent"), strict=True):
        quenched = minimize(KobAndersen2D(), item.configuration).configuration
        np.testing.assert_array_equal(inherent.configuration.positions, quenched.positions)
        np.testing.assert_array_equal(inherent.configuration.types, item.configuration.types)
        np.testing.assert_array_equal(
            inherent.labels.halves("displacement"), item.labels.halves("displacement")
        )


def test_results_are_those_of_the_steps_by_hand(finished):
    system = KobAndersen2D()
    runs = finished.equilibrate()[1.5]
    assert [run.start for run in runs] == ["above", "below"] * 2
    configurations = [run.configuration for run in runs]
    tau = measure_relaxation(
        system, configurations, 1.5, level=0.97, longest_time=100.0,
        random_state=finished.store.seed("relaxation", 1.5),
    ).bond_breaking_time  # fmt: skip
    times = np.round(np.array([0.1, 1.0]) * tau, 2)
    for number, item in enumerate(finished.load(1.5)):
        np.testing.assert_array_equal(
            item.configuration.positions, configurations[number].positions
        )
        by_hand = isoconfigurational_ensemble(
            system, configurations[number], 1.5, times, n_replicas=2,
            random_state=finished.store.seed("ensemble", 1.5, number),
        )  # fmt: skip
        np.testing.assert_allclose(item.labels.times, times)
        for label in by_hand.averages:
            np.testing.assert_array_equal(item.labels.halves(label), by_hand.halves(label))


def test_summary_tells_energies_and_verdicts(finished):
    states = json.loads((finished.folder / "summary.json").read_text())
    assert [state["temperature"] for state in states] == [2.0, 1.5]
    for state, runs in zip(states, finished.equilibrate().values(), strict=True):
        verdict = equilibrium_test(runs)
        assert state["energy"] == verdict.energy
        assert state["in_equilibrium"] is verdict.passed is True
        assert state["n_labelled"] == 4
        inherent = [minimize(KobAndersen2D(), run.configuration).energy for run in runs]
        assert state["inherent_energy"] == pytest.approx(np.mean(inherent), abs=1e-9)
        error = np.std(inherent, ddof=1) / 2
        assert state["inherent_energy_standard_error"] == pytest.approx(error, abs=1e-9)


def test_other_programs_read_structure_and_labels(finished):
    """Plain GSD and freud, from the file alone; labels are logged quantities of particles."""
    path = finished.store.labels(1.5)[0].path
    item = finished.load(1.5)[0]
    with gsd.hoomd.open(path, "r") as file:
        frame = file[1]
    assert frame.particles.types == ["A", "B", "C"]
    np.testing.assert_allclose(
        frame.particles.position[:, :2], item.configuration.positions, atol=1e-5
    )
    logged = frame.log["particles/displacement"]
    np.testing.assert_array_equal(logged, item.labels.matrix("displacement")[:, 1])
    assert (logged > 0).all()
    assert frame.log["in_equilibrium"][0] == 1
    neighbors = freud.locality.AABBQuery.from_system(frame).query(
        frame.particles.position, {"r_max": 1.5, "exclude_ii": True}
    )
    assert len(neighbors.toNeighborList()) > 4 * 100
    order = freud.order.Hexatic(k=6).compute(frame, {"num_neighbors": 6}).particle_order
    assert order.shape == logged.shape


def test_a_second_run_computes_nothing(finished, settings_file, monkeypatch):
    forbid(
        monkeypatch, "equilibrate", "minimize", "measure_relaxation", "isoconfigurational_ensemble"
    )
    before = contents(finished.folder)
    Campaign.start(settings_file, finished.folder).run()
    assert contents(finished.folder) == before


def counted(monkeypatch, module, name):
    """Count the calls of a function by their first argument."""
    calls, function = Counter(), getattr(module, name)

    def count(path, *arguments, **keywords):
        calls[Path(path)] += 1
        return function(path, *arguments, **keywords)

    monkeypatch.setattr(module, name, count)
    return calls


@pytest.mark.parametrize("ask", ["run", "prepare", "collect"])
def test_every_file_is_hashed_and_read_once(copied, monkeypatch, ask):
    made = Campaign(copied)
    results = [path for name in ("*.gsd", "*.npz") for path in copied.glob(f"workspace/*/{name}")]
    hashed = counted(monkeypatch, seals, "_digest")
    opened = counted(monkeypatch, gsd.hoomd, "open")
    loaded = counted(monkeypatch, np, "load")
    getattr(made, ask)()
    assert hashed == opened + loaded == Counter(results)


def test_data_are_those_that_were_loaded_one_by_one(finished):
    data = finished.prepare()
    assert list(data.runs) == list(data.labelled) == [2.0, 1.5]
    assert list(data.relaxations) == [1.5, 2.0]
    for temperature, items in data.labelled.items():
        inherent = finished.load(temperature, "inherent")
        for item, run, structure, energy, same in zip(
            items, data.runs[temperature], data.inherent_structures[temperature],
            data.inherent_energies[temperature], inherent, strict=True,
        ):  # fmt: skip
            np.testing.assert_array_equal(item.configuration.positions, run.configuration.positions)
            np.testing.assert_array_equal(structure.positions, same.configuration.positions)
            minimum = finished.system.potential_energy(structure) / structure.n_particles
            assert energy == pytest.approx(minimum)


def test_nothing_is_computed_to_collect(finished, copied, monkeypatch):
    forbid(
        monkeypatch, "equilibrate", "minimize", "measure_relaxation", "isoconfigurational_ensemble"
    )
    assert finished.collect().states() == finished.prepare().states()
    for path in copied.glob("workspace/*/labels.gsd"):
        path.unlink()
    flip_a_bit(sorted(copied.glob("workspace/*/run.gsd"))[0])
    before = {path: path.stat().st_mtime_ns for path in copied.rglob("*")}
    with pytest.raises(RuntimeError, match=r"1 of 8 run\.gsd, 8 of 8 labels\.gsd$"):
        Campaign(copied).collect()
    assert {path: path.stat().st_mtime_ns for path in copied.rglob("*")} == before


def test_asking_for_a_path_makes_nothing(settings_file, tmp_path):
    store = Campaign.start(settings_file, tmp_path).store
    before = sorted(tmp_path.rglob("*"))
    assert not any(result.path.exists() for result in [*store.runs(1.5), store.relaxation(1.5)])
    assert len(store.missing(store.labels(2.0))) == 4
    assert sorted(tmp_path.rglob("*")) == before


@pytest.mark.parametrize(
    ("recipe", "remade"),
    [
        ("EQUILIBRATION", {"run.gsd", "inherent.gsd", "relaxation.npz", "labels.gsd"}),
        ("INHERENT_STRUCTURE", {"inherent.gsd"}),
        ("RELAXATION", {"relaxation.npz", "labels.gsd"}),
        ("ENSEMBLE", {"labels.gsd"}),
    ],
)
def test_a_changed_recipe_makes_anew_what_depends_on_it(finished, monkeypatch, recipe, remade):
    def of_all(store):
        return [
            *store.runs(1.5), *store.inherent_structures(1.5), store.relaxation(1.5),
            *store.labels(1.5),
        ]  # fmt: skip

    assert finished.store.missing(of_all(finished.store)) == []
    monkeypatch.setattr(recipes, recipe, 2)
    missing = finished.store.missing(of_all(finished.store))
    assert {result.path.name for result in missing} == remade


def test_results_do_not_depend_on_the_version(finished):
    texts = [path.read_text() for path in finished.folder.glob("workspace/*/signac_st*.json")]
    assert texts
    assert not any("version" in text for text in texts)


def truncate(path):
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def flip_a_bit(path):
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


def leave_behind(path):
    path.with_name(f".{path.stem}.99.partial{path.suffix}").write_bytes(b"cut off")
    path.unlink()


@pytest.mark.parametrize(
    "damage", [os.unlink, truncate, flip_a_bit, leave_behind], ids=lambda f: f.__name__
)
@pytest.mark.parametrize(
    "pattern",
    ["run.gsd", "inherent.gsd", "relaxation.npz", "labels.gsd", "*.sha256", "signac_st*.json"],
)
def test_whatever_is_damaged_is_made_anew(finished, copied, pattern, damage):
    damage(sorted(copied.glob(f"workspace/*/{pattern}"))[0])
    Campaign(copied).run()
    assert contents(copied) == contents(finished.folder)


def test_damaged_labels_are_not_loaded(copied):
    path = Campaign(copied).store.labels(1.5)[2].path
    flip_a_bit(path)
    with pytest.raises(ValueError, match=r"labels.gsd is damaged.*run the campaign again"):
        Campaign(copied).load(1.5)
    assert len(Campaign(copied).load(2.0)) == 4


def test_loading_computes_nothing(settings_file, tmp_path):
    made = Campaign.start(settings_file, tmp_path / "empty")
    assert made.load() == []
    assert names(made.folder) == []


def test_settings_that_affect_later_steps_keep_earlier_ones(copied, monkeypatch):
    settings = CampaignSettings.load(copied / "campaign.toml")
    more = replace(settings, ensemble=replace(settings.ensemble, n_replicas=3))
    forbid(monkeypatch, "equilibrate", "minimize", "measure_relaxation")
    made = Campaign(copied, more)
    made.run()
    assert {item.labels.n_replicas for item in made.load()} == {3}
    assert {item.labels.n_replicas for item in Campaign(copied).load()} == {2}


def refuse(monkeypatch, refused):
    """Let the test of equilibrium fail at one temperature."""

    def judge(runs: list[Equilibration]) -> EquilibriumTest:
        verdict = equilibrium_test(runs)
        return REFUSAL if np.isclose(verdict.energy, refused) else verdict

    monkeypatch.setattr(campaign, "equilibrium_test", judge)


def without_labels(folder):
    """Leave of a finished campaign what came before labels."""
    for path in folder.glob("workspace/*/*"):
        if path.name.startswith(("labels", "relaxation")):
            path.unlink()


def test_what_is_out_of_equilibrium_is_not_labelled(finished, copied, monkeypatch):
    without_labels(copied)
    refuse(monkeypatch, equilibrium_test(finished.equilibrate()[1.5]).energy)
    hot, cold = Campaign(copied).run()
    assert (hot.n_labelled, cold.n_labelled) == (4, 0)
    assert not cold.equilibrium.passed
    assert cold.bond_breaking_time is None
    assert names(copied).count("labels.gsd") == 4
    assert names(copied).count("relaxation.npz") == 1
    assert len(Campaign(copied).load()) == 4
    assert Campaign(copied).load(1.5) == []


def test_the_command_tells_what_it_refused_and_ends_with_code_1(finished, copied, monkeypatch):
    refuse(monkeypatch, equilibrium_test(finished.equilibrate()[1.5]).energy)
    without_labels(copied)
    command = ["simulate", str(copied / "campaign.toml"), "--folder", str(copied), "--jobs", "1"]
    result = CliRunner().invoke(app, command)
    assert result.exit_code == 1
    head, hot, cold = result.stdout.splitlines()
    assert head.split()[:2] == ["T", "energy"]
    assert hot.startswith("2 ")
    assert hot.endswith("4         yes")
    assert cold.endswith("0         no")
    assert max(map(len, (hot, cold))) <= 80
    assert f"{finished.collect().states()[0].equilibrium.energy:.4f} ± " in hot
    message = " ".join(result.stderr.split())
    assert "T = 1.5 is not labelled" in message
    assert "differ by 0.2500 (p = 1e-05)" in message
    assert "raise equilibration.n_sweeps" in message
    again = CliRunner().invoke(app, [*command, "--label-unequilibrated"])
    assert again.exit_code == 0
    assert "not labelled" not in again.stderr
    assert [item.in_equilibrium for item in Campaign(copied).load(1.5)] == [False] * 4


def test_what_was_labelled_once_stays_labelled(copied, monkeypatch):
    """A second run, without the option, neither forgets the labels nor calls them missing."""
    energy = equilibrium_test(Campaign(copied).equilibrate()[1.5]).energy
    refuse(monkeypatch, energy)
    assert [state.n_labelled for state in Campaign(copied).run()] == [4, 4]


@pytest.mark.parametrize("asked_in", ["call", "settings"])
def test_what_is_labelled_all_the_same_tells_so(finished, copied, monkeypatch, asked_in):
    without_labels(copied)
    refuse(monkeypatch, equilibrium_test(finished.equilibrate()[1.5]).energy)
    settings = CampaignSettings.load(copied / "campaign.toml")
    if asked_in == "call":
        states = Campaign(copied).run(label_unequilibrated=True)
    else:
        equilibration = replace(settings.equilibration, label_unequilibrated=True)
        states = Campaign(copied, replace(settings, equilibration=equilibration)).run()
    assert [state.n_labelled for state in states] == [4, 4]
    data = Campaign(copied).load()
    assert [item.in_equilibrium for item in data] == [True] * 4 + [False] * 4
    with gsd.hoomd.open(Campaign(copied).store.labels(1.5)[0].path, "r") as file:
        assert file[0].log["in_equilibrium"][0] == 0


def test_folders_and_questions_that_cannot_be_answered_are_refused(finished, tmp_path):
    with pytest.raises(FileNotFoundError, match="holds no campaign or study"):
        Campaign(tmp_path)
    with pytest.raises(ValueError, match=r"no temperature 1\.7; it has 2, 1\.5"):
        finished.load(1.7)
    with pytest.raises(ValueError, match="'thermal' or 'inherent', not 'cage'"):
        finished.load(state="cage")
    other = tmp_path / "other.toml"
    other.write_text(TINY.replace("seed = 1", "seed = 2"))
    with pytest.raises(ValueError, match="holds a campaign with other settings"):
        Campaign.start(other, finished.folder)


ANNEALED = (
    TINY.replace("n_sweeps = 2000", 'n_sweeps = 2000\nprotocol = "anneal"')
    .replace("[2.0, 1.5]", "[2.0, 1.2, 1.5]")
    .replace("[ensemble]", "[ensemble]\ncoldest = 1.5")
)


@pytest.fixture(scope="module")
def annealed(tmp_path_factory):
    """A campaign that cools and heats back, and simulates down to 1.5; do not change it."""
    path = tmp_path_factory.mktemp("annealed") / "annealed.toml"
    path.write_text(ANNEALED)
    made = Campaign.start(path, path.parent / "campaign")
    made.run()
    return made


def test_annealing_goes_on_where_the_last_temperature_ended(annealed):
    """By hand: one liquid down, to 0.85 of the lowest temperature of its ladder, and up.

    The simulated temperatures, 2.0 and 1.5, are a ladder of their own on the way up.
    """
    system, runs = KobAndersen2D(), annealed.equilibrate()
    sampler = SwapMonteCarlo(system)
    seeds = {(t, k): annealed.store.seed("equilibration", t, k) for t in runs for k in range(4)}
    for chain in range(2):
        ends = {
            (2.0, 0): equilibrate(
                system, 100, 2.0, n_sweeps=2000, sampler=sampler, random_state=seeds[2.0, 2 * chain]
            )
        }
        for temperature, way, source in (
            (1.5, 0, (2.0, 0)), (1.2, 0, (1.5, 0)),
            (1.2, 1, (1.2, 0)), (1.5, 1, (1.5, 0)), (2.0, 1, (1.5, 1)),
        ):  # fmt: skip
            rng = np.random.default_rng(seeds[temperature, 2 * chain + way])
            start = ends[source].configuration
            if source[0] == temperature:
                start = sampler.run(start, 0.85 * temperature, 2000, random_state=rng).configuration
            last = ends[temperature, way] = equilibrate_from(
                start, temperature, sampler, n_sweeps=2000, start=("above", "below")[way],
                random_state=rng,
            )  # fmt: skip
            kept = runs[temperature][2 * chain + way]
            assert kept.start == last.start
            np.testing.assert_array_equal(kept.energies, last.energies)
            np.testing.assert_array_equal(
                kept.configuration.positions, last.configuration.positions
            )


def test_colder_temperatures_leave_what_is_simulated_as_it_is(annealed, tmp_path):
    """State points of runs and labels are those of a campaign without, or with other sweeps."""
    path = tmp_path / "other.toml"
    path.write_text(
        ANNEALED.replace("[2.0, 1.2, 1.5]", "[2.0, 1.5, 0.9]").replace(
            "n_sweeps = 2000", "n_sweeps = [2000, 2000, 5000]"
        )
    )
    other = Campaign.start(path, tmp_path / "campaign")
    for temperature in (2.0, 1.5):
        for there, here in zip(
            (*other.store.runs(temperature), *other.store.labels(temperature)),
            (*annealed.store.runs(temperature), *annealed.store.labels(temperature)),
            strict=True,
        ):
            assert there.depends_on == here.depends_on
    (cold, *_) = other.store.runs(0.9)
    assert cold.depends_on["annealed_through"] == [[0.9, 5000], [1.5, 2000], [2.0, 2000]]


def test_exchanges_by_cost_are_results_of_their_own(annealed, tmp_path):
    """Evenly drawn ones keep the state points that they have had without the setting."""
    path = tmp_path / "by_cost.toml"
    chosen = 'protocol = "anneal"\ndraw = "by cost"\nswap_fraction = 0.05'
    path.write_text(ANNEALED.replace('protocol = "anneal"', chosen))
    by_cost = Campaign.start(path, tmp_path / "campaign")
    (first, *_), (even, *_) = (c.store.runs(2.0) for c in (by_cost, annealed))
    assert first.depends_on["draw"] == "by cost"
    assert "draw" not in even.depends_on
    seed = by_cost.store.seed("equilibration", 2.0, 0)
    moves = replace(by_cost.settings.moves(2.0), n_sweeps=200)
    made = tmp_path / "run.gsd"
    make_equilibration(made, by_cost.system, 100, 2.0, moves, "above", seed)
    expected = equilibrate(by_cost.system, 100, 2.0, n_sweeps=200, random_state=seed)
    np.testing.assert_array_equal(Equilibration.load(made).energies, expected.energies)


def test_moves_and_replicas_may_differ_between_temperatures(annealed, tmp_path):
    """What is simulated at even moves alone keeps its state points; what is cooled names all."""
    path = tmp_path / "mixed.toml"
    path.write_text(
        ANNEALED.replace(
            'protocol = "anneal"',
            'protocol = "anneal"\ndraw = ["even", "by cost", "even"]\n'
            "swap_fraction = [0.2, 0.05, 0.2]",
        ).replace("n_replicas = 2", "n_replicas = [2, 2, 3]")
    )
    mixed = Campaign.start(path, tmp_path / "campaign")
    assert [mixed.settings.moves(t).draw for t in (2.0, 1.2, 1.5)] == ["even", "by cost", "even"]
    for temperature in (2.0, 1.5):
        for there, here in zip(
            mixed.store.runs(temperature), annealed.store.runs(temperature), strict=True
        ):
            assert there.depends_on == here.depends_on
    assert mixed.store.labels(2.0)[0].depends_on == annealed.store.labels(2.0)[0].depends_on
    assert mixed.store.labels(1.5)[0].depends_on["n_replicas"] == 3
    cold = mixed.store.runs(1.2)[0].depends_on
    assert (cold["draw"], cold["swap_fraction"]) == ("by cost", 0.05)
    assert cold["annealed_through"] == [
        [1.2, 2000], [1.5, 2000, 0.2, "even"], [2.0, 2000, 0.2, "even"]
    ]  # fmt: skip
    wrong = replace(mixed.settings.ensemble, n_replicas=[2, 3])
    with pytest.raises(ValueError, match=r"n_replicas must be one value, or one for each"):
        replace(mixed.settings, ensemble=wrong).require(KobAndersen2D())


def test_each_temperature_has_replicas_and_moves_of_its_own(annealed, tmp_path):
    """The labels that a task makes have the number of replicas of their temperature."""
    settings = replace(
        annealed.settings, ensemble=replace(annealed.settings.ensemble, n_replicas=[2, 2, 3])
    )
    folder = shutil.copytree(annealed.folder, tmp_path / "copy")
    changed = Campaign(folder, settings)
    changed.run()
    assert {item.labels.n_replicas for item in changed.load(2.0)} == {2}
    assert {item.labels.n_replicas for item in changed.load(1.5)} == {3}


def test_continuous_diameters_are_not_drawn_by_cost(annealed):
    settings = annealed.settings
    by_cost = replace(settings, equilibration=replace(settings.equilibration, draw="by cost"))
    by_cost.require(KobAndersen2D())
    settings.require(PolydisperseSoftSpheres())
    with pytest.raises(ValueError, match="draw must be 'even' for continuous diameters"):
        by_cost.require(PolydisperseSoftSpheres())


def test_configurations_tell_which_one_they_go_on_from(annealed, finished):
    sources = {(t, k): annealed.preceding(t, k) for t in (2.0, 1.5, 1.2) for k in (2, 3)}
    assert sources == {
        (2.0, 2): None, (1.5, 2): (2.0, 2), (1.2, 2): (1.5, 2),
        (1.2, 3): (1.2, 2), (1.5, 3): (1.5, 2), (2.0, 3): (1.5, 3),
    }  # fmt: skip
    assert Campaign(finished.folder).preceding(1.5, 3) is None
    with pytest.raises(ValueError, match=r"no temperature 1\.4; it has 2, 1\.2, 1\.5"):
        annealed.preceding(1.4, 2)


def test_sweeps_may_differ_between_temperatures(tmp_path):
    path = tmp_path / "sweeps.toml"
    text = ANNEALED.replace("n_sweeps = 2000", "n_sweeps = [200, 500, 300]")
    path.write_text(text)
    made = Campaign.start(path, tmp_path / "campaign")
    last = {t: {int(run.sweeps[-1]) for run in runs} for t, runs in made.equilibrate().items()}
    assert last == {2.0: {200}, 1.2: {500}, 1.5: {300}}
    (tmp_path / "campaign" / "campaign.toml").unlink()
    before = contents_of_runs(tmp_path)
    path.write_text(text.replace("500", "600"))
    Campaign.start(path, tmp_path / "campaign").equilibrate()
    # Only what is made at the coldest temperature, where nothing is simulated, is made anew.
    assert (len(before), len(contents_of_runs(tmp_path))) == (12, 12 + 4)
    path.write_text(text.replace("500", "600").replace("300", "400"))
    (tmp_path / "campaign" / "campaign.toml").unlink()
    Campaign.start(path, tmp_path / "campaign").equilibrate()
    assert len(contents_of_runs(tmp_path)) == 12 + 4 + 12


def contents_of_runs(folder):
    return [path.read_bytes() for path in folder.glob("campaign/workspace/*/run.gsd")]


def test_nothing_is_simulated_below_the_coldest_temperature(annealed):
    assert [state.n_labelled for state in annealed.collect().states()] == [4, 0, 4]
    assert {item.temperature for item in annealed.load()} == {2.0, 1.5}
    assert annealed.load(1.2) == []
    assert set(annealed.collect().relaxations) == {2.0, 1.5}
    assert names(annealed.folder).count("inherent.gsd") == 12


def test_an_interrupted_annealing_goes_on(annealed, tmp_path):
    folder = shutil.copytree(annealed.folder, tmp_path / "copy")
    for path in sorted(folder.glob("workspace/*/run.gsd"))[::2]:
        path.unlink()
    Campaign(folder).run()
    assert contents(folder) == contents(annealed.folder)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("n_configurations = 4", "n_configurations = 5", "must be even"),
        ('"anneal"', '"anneal"\ntarget_acceptance = 0.4', "is for the protocol 'quench' only"),
        ("n_sweeps = 2000", "n_sweeps = [2000, 2000]", "one value, or one for each temperature"),
        ("n_sweeps = 2000", "n_sweeps = [2000, 50, 200]", "n_sweeps must be at least 100"),
        ("n_sweeps = 2000", "n_sweeps = 2000.5", "must be of type int"),
        ("coldest = 1.5", "coldest = 3.0", "coldest must leave a temperature"),
        ('"anneal"', '"cool"', "must be one of quench, anneal, not 'cool'"),
    ],
)
def test_annealing_that_cannot_be_is_refused(old, new, message, tmp_path):
    path = tmp_path / "wrong.toml"
    path.write_text(ANNEALED.replace(old, new))
    with pytest.raises(ValueError, match=message):
        open_settings(CampaignSettings, path)


def test_a_study_is_a_campaign_and_more(tmp_path):
    path = tmp_path / "study.toml"
    path.write_text(TINY + "[descriptors]\nanything = 1\n[models]\nanything = 2\n")
    plain = tmp_path / "tiny.toml"
    plain.write_text(TINY)
    ignored = ("descriptors", "models")
    assert CampaignSettings.load(path, ignored) == CampaignSettings.load(plain)
    with pytest.raises(ValueError, match=r"study\.toml: unknown setting descriptors"):
        CampaignSettings.load(path)
    started = Campaign.start(path, tmp_path / "folder", ignored=ignored)
    assert Campaign(tmp_path / "folder").settings == started.settings


def without_hoomd(*arguments, **keywords):
    raise ImportError("HOOMD-blue is not installed")


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("n_replicas = 2", 'n_replicas = 2\nengine = "hoomd"', "'hoomd' .* HOOMD-blue is not inst"),
        ('"KA2D"', '"KA"', r"'auto' .* cutoff 2\.5 exceeds half the shortest box length 4\.3"),
    ],
)
def test_an_engine_that_cannot_be_is_noticed_at_once(tmp_path, monkeypatch, old, new, message):
    monkeypatch.setattr(engines, "HoomdEngine", without_hoomd)
    path = tmp_path / "wrong.toml"
    path.write_text(TINY.replace(old, new))
    folder = tmp_path / "folder"
    result = CliRunner(env={"COLUMNS": "999"}).invoke(
        app, ["simulate", str(path), "-o", str(folder)]
    )
    assert result.exit_code == 2
    assert re.search(rf"^vitreous: the engine {message}.*\n$", result.stderr)
    assert not folder.exists()


def test_an_engine_that_went_missing_is_noticed_before_monte_carlo(copied, monkeypatch):
    """Results that are there need no engine; those that are missing do."""
    settings = CampaignSettings.load(copied / "campaign.toml")
    hoomd = replace(settings, ensemble=replace(settings.ensemble, engine="hoomd"))
    monkeypatch.setattr(engines, "HoomdEngine", without_hoomd)
    forbid(monkeypatch, "equilibrate", "minimize")
    for path in copied.glob("workspace/*/run.gsd"):
        path.unlink()
    for ask in ("run", "prepare"):
        with pytest.raises(ValueError, match="HOOMD-blue is not installed"):
            getattr(Campaign(copied, hoomd), ask)()


def test_results_do_not_need_the_engine_that_made_them(copied, monkeypatch):
    def fail(*arguments, **keywords):
        raise ImportError("not here")

    monkeypatch.setattr(engines, "EmbeddedEngine", fail)
    assert len(Campaign(copied).run()) == 2


def test_results_name_the_engine_that_made_them(finished):
    """Also where it was chosen by auto."""
    name = f"embedded {__version__} on cpu"
    assert finished.settings.ensemble.engine == "auto"
    assert {item.engine for item in finished.load()} == {name}
    for state in json.loads((finished.folder / "summary.json").read_text()):
        assert state["engine"] == name
    with np.load(finished.store.relaxation(1.5).path) as stored:
        assert stored["engine"] == name
    with gsd.hoomd.open(finished.store.labels(1.5)[0].path, "r") as file:
        assert bytes(file[-1].log["engine"]).decode() == name


OWN = """
from vitreous.liquid import KobAndersen2D, PolydisperseSoftSpheres

class Denser(KobAndersen2D):
    def __init__(self):
        super().__init__()
        self.name, self.density = "denser", 1.25
"""


def test_a_system_of_ones_own_travels_with_its_campaign(tmp_path, monkeypatch):
    """Its file lies beside the settings, and in the folder afterwards; workers need neither."""
    (tmp_path / "own.py").write_text(OWN)
    path = tmp_path / "own.toml"
    path.write_text(TINY.replace('"KA2D"', '"own.py:Denser"').replace("2000", "100"))
    executed = counted(monkeypatch, runpy, "run_path")
    made = Campaign.start(path, tmp_path / "folder", n_jobs=2)
    states = made.run(label_unequilibrated=True)
    assert list(executed.values()) == [1]
    assert [state.n_labelled for state in states] == [4, 4]
    moved = (tmp_path / "folder").rename(tmp_path / "moved")
    data = Campaign(moved).load()
    assert len(data) == 8
    assert data[0].system == "denser"
    assert data[0].configuration.density == pytest.approx(1.25)
    (tmp_path / "own.py").write_text(OWN.replace("1.25", "1.26"))
    with pytest.raises(ValueError, match="holds a campaign with other settings"):
        Campaign.start(path, moved)
    before = contents(moved)
    (moved / "campaign.toml").unlink()
    assert Campaign.start(path, moved).load() == []
    assert contents(moved) == before


def test_the_file_of_a_system_lies_beside_the_settings(tmp_path):
    (tmp_path / "own.py").write_text(OWN)
    (tmp_path / "inner").mkdir()
    path = tmp_path / "inner" / "own.toml"
    path.write_text(TINY.replace('"KA2D"', '"../own.py:Denser"'))
    with pytest.raises(ValueError, match="must name a file that lies beside this one"):
        open_settings(CampaignSettings, path)
    path.write_text(TINY.replace('"KA2D"', '"own_system.toml"'))
    with pytest.raises(ValueError, match="not of the tables that a TOML file names"):
        open_settings(CampaignSettings, path)


def start_command(settings_file, folder, **environment):
    command = "from vitreous.cli import main; main()"
    return subprocess.Popen(
        [sys.executable, "-c", command, "simulate", settings_file, "-o", folder, "--jobs", "1"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ | environment,
        start_new_session=True,
    )


def test_a_locale_without_letters_is_no_obstacle(copied, tmp_path):
    """Settings are UTF-8 whatever the locale, and no table is lost to what it cannot print."""
    path = tmp_path / "tiny.toml"
    path.write_text(TINY.replace('"Tiny"', '"Tröpfchen, σ"'), encoding="utf-8")
    (copied / "campaign.toml").unlink()
    process = start_command(
        path, copied, LC_ALL="C", PYTHONUTF8="0", PYTHONCOERCECLOCALE="0", PYTHONIOENCODING="ascii"
    )
    output, messages = process.communicate()
    assert process.returncode == 0, messages
    assert " +- " in output
    assert output.isascii()
    assert "\x1b" not in messages  # lines, as in any job that has no terminal
    assert "\r" not in messages
    assert Campaign(copied).settings.title == "Tröpfchen, σ"


@pytest.mark.slow
def test_killed_command_goes_on_and_ends_with_the_same_files(finished, settings_file, tmp_path):
    """Killed at the first file of each step, and once somewhere between."""
    folder = tmp_path / "killed"
    for pattern in ("run.gsd", "inherent.gsd", "relaxation.npz", "labels.gsd.sha256"):
        process = start_command(settings_file, folder)
        while not any(folder.glob(f"workspace/*/{pattern}")):
            assert process.poll() is None, process.stderr.read()
            time.sleep(0.001)
        os.killpg(process.pid, signal.SIGKILL)
        process.communicate()
        assert process.returncode == -signal.SIGKILL
    assert not (folder / "summary.json").exists()
    process = start_command(settings_file, folder)
    output, messages = process.communicate()
    assert process.returncode == 0, messages
    assert "yes" in output
    assert contents(folder) == contents(finished.folder)


def test_two_processes_leave_the_same_files(finished, settings_file, tmp_path):
    made = Campaign.start(settings_file, tmp_path / "parallel", n_jobs=2)
    made.run()
    assert contents(made.folder) == contents(finished.folder)


@pytest.mark.slow
def test_a_cluster_that_loses_a_worker_leaves_the_same_files(finished, settings_file, tmp_path):
    distributed = pytest.importorskip("distributed")
    killed = []

    def kill_in_the_middle(step, done, total):
        if step == "equilibrate by swap Monte Carlo" and done == 2 and not killed:
            (killed_now, *_) = client.run(os.getpid).values()
            os.kill(killed_now, signal.SIGKILL)
            killed.append(killed_now)

    with (
        distributed.LocalCluster(
            n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None
        ) as cluster,
        distributed.Client(cluster) as client,
        parallel_config(backend="dask"),
    ):
        made = Campaign.start(settings_file, tmp_path / "cluster", progress=kill_in_the_middle)
        made.run()
        assert set(client.run(os.getpid).values()).isdisjoint(killed)
    assert len(killed) == 1
    assert contents(made.folder) == contents(finished.folder)
