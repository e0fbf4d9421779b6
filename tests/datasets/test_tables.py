"""Tables of tracked particles, as experiments have them."""

import gzip
import json
import tracemalloc

import numpy as np
import pytest
from typer.testing import CliRunner

from vitreous.cli import app
from vitreous.datasets import (
    averaged_configuration,
    displacement_vectors,
    format_of,
    iterate_structures,
    past_averages,
    read_gsd,
    read_structures,
    structures_of_table,
    tables,
    without_drift,
)
from vitreous.dynamics import ParticleLabels, hop_indicator
from vitreous.liquid import Box, Configuration, KobAndersen2D, NoPotential, System
from vitreous.workflows import label

PIXELS = 20.0
FIELD = np.array([[100.0, 500.0], [50.0, 350.0]])
N, N_FRAMES = 150, 13
DRIFT = np.array([0.4, -0.25])


class Experiment:
    """Colloids that walk at random in a field of view that drifts, seen and lost again."""

    def __init__(self):
        rng = np.random.default_rng(8)
        start = rng.uniform(FIELD[:, 0] + 26, FIELD[:, 1] - 26, size=(N, 2))
        steps = 0.1 * PIXELS * rng.normal(size=(N_FRAMES, N, 2))
        steps[0] = 0
        steps -= steps.mean(axis=1, keepdims=True)
        self.moved = np.cumsum(steps, axis=0)
        drift = np.arange(N_FRAMES)[:, None, None] * DRIFT
        self.positions = start + self.moved + drift
        self.seen = rng.uniform(size=(N_FRAMES, N)) > 0.05
        self.ids = rng.permutation(3 * N)[:N]
        self.kinds = np.array(["A", "B", "C"])[rng.integers(0, 3, N)]

    def table(self, seen=None):
        seen = self.seen if seen is None else seen
        frames, particles = np.nonzero(seen)
        return {
            "y": self.positions[frames, particles, 1],
            "x": self.positions[frames, particles, 0],
            "mass": np.ones(len(frames)),
            "size": np.full(len(frames), 2.1),
            "frame": frames + 1000,
            "particle": self.ids[particles],
            "species": self.kinds[particles],
        }


@pytest.fixture(scope="module")
def experiment():
    return Experiment()


def write_csv(path, table, delimiter=",", order=None):
    rows = zip(*table.values(), strict=True)
    lines = [delimiter.join(table)] + [delimiter.join(map(str, row)) for row in rows]
    if order is not None:
        lines[1:] = [lines[1 + k] for k in order]
    path.write_text("\n".join(lines) + "\n")
    return path


SETTINGS = {"length_unit": 1 / PIXELS, "time_step": 0.5, "field_of_view": "100:500,50:350"}


def test_a_table_becomes_frames_of_an_open_box(experiment):
    structures = structures_of_table(experiment.table(), **SETTINGS)
    assert len(structures) == N_FRAMES
    for number, structure in enumerate(structures):
        seen = np.flatnonzero(experiment.seen[number])
        seen = seen[np.argsort(experiment.ids[seen])]
        np.testing.assert_array_equal(structure.ids, experiment.ids[seen])
        expected = (experiment.positions[number, seen] - FIELD.mean(axis=1)) / PIXELS
        np.testing.assert_allclose(structure.configuration.positions, expected, atol=1e-12)
        names = np.array(structure.configuration.species)[structure.configuration.types]
        np.testing.assert_array_equal(names, experiment.kinds[seen])
        assert (structure.step, structure.time) == (1000 + number, 0.5 * (1000 + number))
        assert structure.configuration.diameters is None
    assert structures[0].configuration.box == Box((20.0, 15.0), periodic=(False, False))


@pytest.mark.parametrize("kind", ["csv", "semicolons", "gz", "shuffled", "trackpy"])
def test_files_hold_what_the_table_holds(experiment, tmp_path, kind):
    table = experiment.table()
    expected = structures_of_table(table, **SETTINGS)
    path = tmp_path / "tracks.csv"
    if kind == "trackpy":
        pandas = pytest.importorskip("pandas")
        frame = pandas.DataFrame(table).astype({"particle": float})
        frame.to_csv(path)
        of_frame = structures_of_table(frame, **SETTINGS)
        np.testing.assert_array_equal(of_frame[3].unwrapped, expected[3].unwrapped)
    else:
        n_rows = len(table["x"])
        order = np.random.default_rng(0).permutation(n_rows) if kind == "shuffled" else None
        write_csv(path, table, ";" if kind == "semicolons" else ",", order)
    if kind == "gz":
        path.write_bytes(gzip.compress(path.read_bytes()))
    assert format_of(path) == "table"
    found = read_structures(path, **SETTINGS)
    assert len(found) == N_FRAMES
    for one, other in zip(found, expected, strict=True):
        np.testing.assert_array_equal(one.ids, other.ids)
        np.testing.assert_allclose(one.unwrapped, other.unwrapped, atol=1e-12)
        np.testing.assert_array_equal(one.configuration.types, other.configuration.types)
    (chosen,) = read_structures(path, frames=4, **SETTINGS)
    assert (chosen.frame, chosen.step) == (4, 1004)


def test_columns_are_separated_by_blanks(experiment, tmp_path):
    table = experiment.table()
    names = [name for name in table if name != "species"]
    columns = np.stack([table[name] for name in names], axis=1)
    np.savetxt(tmp_path / "tracks.txt", columns, header=" ".join(names))
    aligned = [("  ".join(f"{name:>12s}" for name in names))]
    aligned += ["  ".join(f"{value:12.8g}" for value in row) for row in columns]
    (tmp_path / "aligned.txt").write_text("\n".join(aligned) + "\n")
    expected = structures_of_table({name: table[name] for name in names}, length_unit=0.05)
    for name, tolerance in (("tracks.txt", 1e-12), ("aligned.txt", 1e-5)):
        assert format_of(tmp_path / name) == "table"
        found = read_structures(tmp_path / name, length_unit=0.05)
        assert len(found) == N_FRAMES
        for one, other in zip(found, expected, strict=True):
            np.testing.assert_array_equal(one.ids, other.ids)
            np.testing.assert_allclose(one.unwrapped, other.unwrapped, atol=tolerance)


def test_the_index_of_a_frame_may_be_a_column(experiment, tmp_path):
    pandas = pytest.importorskip("pandas")
    table = experiment.table()
    expected = structures_of_table(table)[3].unwrapped
    frame = pandas.DataFrame(table)
    for names in ("frame", ["frame", "particle"]):
        found = structures_of_table(frame.set_index(names))
        np.testing.assert_array_equal(found[3].unwrapped, expected)
    both = structures_of_table(frame.set_index("frame", drop=False))
    np.testing.assert_array_equal(both[3].unwrapped, expected)
    pytest.importorskip("pyarrow")
    frame.set_index("frame").to_parquet(tmp_path / "tracks.parquet")
    found = read_structures(tmp_path / "tracks.parquet")
    np.testing.assert_array_equal(found[3].unwrapped, expected)


def test_long_tables_take_memory_for_their_numbers(tmp_path, monkeypatch):
    """Some ten bytes for each number that is used, and many times as much for a column of text."""
    monkeypatch.setattr(tables, "_ROWS_AT_A_TIME", 500)
    rows = [f"{k // 100},{k % 100},{k % 7}.{k},{k % 11}.{k},1,2,3,4,5,6" for k in range(10_000)]
    path = tmp_path / "tracks.csv"
    path.write_text("frame,particle,x,y,mass,size,ecc,signal,raw_mass,ep\n" + "\n".join(rows))
    tracemalloc.start()
    try:
        assert next(iterate_structures(path)).configuration.n_particles == 100
        assert tracemalloc.get_traced_memory()[1] < 3e6
    finally:
        tracemalloc.stop()
    with path.open("a") as file:
        file.write("\n7,7,?,0,1,2,3,4,5,6")
    with pytest.raises(ValueError, match=r"row 10001 has the x '\?'"):
        next(iterate_structures(path))


def test_parquet(experiment, tmp_path):
    pandas = pytest.importorskip("pandas")
    pytest.importorskip("pyarrow")
    table = experiment.table()
    pandas.DataFrame(table).to_parquet(tmp_path / "tracks.parquet")
    found = read_structures(tmp_path / "tracks.parquet", **SETTINGS)
    expected = structures_of_table(table, **SETTINGS)
    np.testing.assert_array_equal(found[5].unwrapped, expected[5].unwrapped)


def test_three_dimensions_diameters_and_times():
    table = {"frame": [0, 0, 1, 1], "x": [0, 4, 0, 4], "y": [0, 4, 0, 4], "z": [0, 4, 0, 4],
             "time": [0.0, 0.0, 2.5, 2.5], "radius": [5.0, 6.0, 5.0, 6.0]}  # fmt: skip
    first, second = structures_of_table(table, length_unit=0.1)
    assert first.configuration.dimensions == 3
    np.testing.assert_allclose(first.configuration.diameters, [1.0, 1.2])
    assert second.time == 2.5
    with pytest.raises(ValueError, match=r"does not tell which particle .* trackpy.link"):
        displacement_vectors(first, second)
    flat = table | {"z": [1.0] * 4}
    assert structures_of_table(flat)[0].configuration.dimensions == 2
    noisy = table | {"z": [1.0, 1.0 + 1e-12, 1.0 - 1e-12, 1.0]}
    assert structures_of_table(noisy)[0].configuration.dimensions == 2
    noisy["z"][1] = 1.001
    assert structures_of_table(noisy)[0].configuration.dimensions == 3
    system = System("plane", "A", None, None, 2, NoPotential([1.0]))
    assert structures_of_table(noisy, system=system)[0].configuration.dimensions == 2


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"x": None}, "there is no column x in the table, only"),
        ({"x": [0.0, "?", 2.0]}, r"row 2 has the x '\?'"),
        ({name: [] for name in ("frame", "particle", "x", "y")}, "there are no particles in the"),
        ({"frame": [0, 0.5, 1]}, "row 2 has the frame 0.5, no whole number"),
        ({"particle": [4, 4, 4]}, "frame 0: two particles have the id 4"),
        ({"time": [0.0, 0.1, 1.0]}, "frame 0: its particles have different times, 0.0 and 0.1"),
        ({"x": [0.0, 0.0, 2.0], "y": [0.0, 0.0, 2.0]}, "particle 1 and particle 2 are at one"),
        ({"x": [0.0, float("nan"), 2.0]}, "row 2 has the x nan, which is not finite"),
        ({"x": [0.0, 1.0]}, "3 rows have the column y, and 2 the column x"),
        ({"radius": [1.0] * 3, "diameter": [2.0, 2.5, 2.0]}, "row 2 has the radius 1.0 and the di"),
    ],
)
def test_tables_that_make_no_sense_are_refused(change, message):
    table = {"frame": [0, 0, 1], "particle": [1, 2, 1], "x": [0.0, 1.0, 2.0], "y": [0.0, 1.0, 2.0]}
    table = {name: values for name, values in (table | change).items() if values is not None}
    with pytest.raises(ValueError, match=message):
        structures_of_table(table, field_of_view="0:9,0:9")


def test_fields_of_view_that_make_no_sense_are_refused(tmp_path):
    table = {"frame": [0, 0], "x": [0, 5], "y": [0, 5]}
    with pytest.raises(ValueError, match=r"particle 1 at \[5.0, 5.0\] lies outside the field"):
        structures_of_table(table, field_of_view="0:4,0:9")
    for wrong in ("0:4", "4:0,0:9", "0:a,0:9"):
        with pytest.raises(ValueError, match="is no field of view; write where"):
            structures_of_table(table, field_of_view=wrong)
    path = write_csv(tmp_path / "a.csv", table)
    path.write_text(path.read_text() + "0,1\n")
    with pytest.raises(ValueError, match=r"a.csv: .*row 3 has 2 columns, not 3"):
        read_structures(path)


def test_particles_that_are_lost_have_no_displacement(experiment):
    structures = structures_of_table(experiment.table(), **SETTINGS)
    moved = displacement_vectors(structures[2], structures[9])
    seen = np.flatnonzero(experiment.seen[2])
    seen = seen[np.argsort(experiment.ids[seen])]
    expected = (experiment.positions[9] - experiment.positions[2])[seen] / PIXELS
    expected[~experiment.seen[9, seen]] = np.nan
    np.testing.assert_allclose(moved, expected, atol=1e-12)
    assert 0 < np.isnan(moved[:, 0]).sum() < len(seen) / 4


def test_particles_are_averaged_over_the_frames_that_show_them(experiment):
    structures = structures_of_table(experiment.table(), **SETTINGS)
    last = list(past_averages(structures, 1.0))[-1]
    for row, name in enumerate(last.ids):
        k = int(np.flatnonzero(experiment.ids == name)[0])
        shown = [t for t in range(N_FRAMES - 3, N_FRAMES) if experiment.seen[t, k]]
        mean = experiment.positions[shown, k].mean(axis=0)
        expected = (mean - FIELD.mean(axis=1)) / PIXELS
        np.testing.assert_allclose(last.average[row], expected, atol=1e-9)
    beyond = np.add(last.average, [3.0, 0.0])
    kept = averaged_configuration(last.configuration, beyond).positions
    np.testing.assert_allclose(kept, np.minimum(beyond, [10.0, 7.5]))


def test_drift_is_removed(experiment):
    everybody = np.ones_like(experiment.seen)
    for seen, slack in ((everybody, 1e-12), (experiment.seen, 0.05)):
        still = list(without_drift(structures_of_table(experiment.table(seen), **SETTINGS)))
        moved = displacement_vectors(still[0], still[-1])
        kept = np.argsort(experiment.ids)
        kept = kept[seen[0, kept]]
        expected = (experiment.moved[-1] / PIXELS)[kept]
        known = ~np.isnan(moved[:, 0])
        np.testing.assert_allclose(moved[known], expected[known], atol=slack)
    as_seen = structures_of_table(experiment.table(), **SETTINGS)
    np.testing.assert_array_equal(
        as_seen[5].configuration.positions, still[5].configuration.positions
    )


def test_labels_of_an_experiment(experiment, tmp_path):
    system = KobAndersen2D()
    made = label(
        tmp_path / "labels", system, trajectory=experiment.table(), lags=[0.5, 3.0], every=1.0,
        remove_drift=True, hop_window=1.0, temperature=1.0, allow_other_system=True, **SETTINGS,
    )  # fmt: skip
    assert len(made.files) == 4
    structures = structures_of_table(experiment.table(), **SETTINGS)
    still = list(without_drift(structures))
    item = read_gsd(made.files[1])
    start = structures[2].configuration
    assert item.configuration.box == start.box
    np.testing.assert_array_equal(item.ids, structures[2].ids)
    ends = start.positions + displacement_vectors(still[2], still[8])
    by_hand = ParticleLabels(system, start)(ends)
    for name, values in by_hand.items():
        np.testing.assert_allclose(item.labels.at(name, 3.0), values, atol=1e-9)
    assert np.isnan(by_hand["bond_breaking"]).sum() > np.isnan(by_hand["displacement"]).sum() > 0
    known = ~np.isnan(by_hand["displacement"])
    squares = []
    for k in (0, 2, 4, 6):
        moved = displacement_vectors(still[k], still[k + 6])
        squares.append(np.nanmean((moved**2).sum(axis=1)))
    np.testing.assert_allclose(
        made.functions.mean_square_displacement.value[1], np.mean(squares), rtol=1e-9
    )
    # Hops of a particle that was seen in all frames of the interval.
    row = np.flatnonzero([experiment.seen[2:9, np.flatnonzero(experiment.ids == name)[0]].all()
                          for name in structures[2].ids])[0]  # fmt: skip
    path = [s.unwrapped[np.searchsorted(s.ids, structures[2].ids[row])] for s in still[2:9]]
    largest = np.nanmax(hop_indicator(np.array(path)[:, None], 1))
    np.testing.assert_allclose(item.labels.at("hop", 3.0)[row], largest, atol=1e-9)
    assert known.any()


def test_command_labels_a_table(experiment, tmp_path):
    path = write_csv(tmp_path / "tracks.csv", experiment.table())
    arguments = ["label", "--system", "KA2D", "--trajectory", path, "--lags", "1", "--any-system",
                 "--length-unit", 1 / PIXELS, "--time-step", 0.5, "--remove-drift", "--json",
                 "--field-of-view", "100:500,50:350", "--out", tmp_path / "labels"]  # fmt: skip
    told = CliRunner(env={"COLUMNS": "200"}).invoke(app, [str(a) for a in arguments])
    assert told.exit_code == 0, told.output
    found = json.loads(told.stdout)["mean_square_displacement"]["value"][0]
    np.testing.assert_allclose(found, 2 * 2 * 0.01, rtol=0.2)


def test_open_boxes_travel_through_labelled_files(tmp_path):
    view = Configuration([[0.0, 0.0], [1.0, 0.0]], [0, 0], Box((4.0, 4.0), (), (False, False)), "A")
    assert Configuration.from_gsd(view.to_gsd()).box.periodic == (False, False)
