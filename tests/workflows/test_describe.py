"""Columns of the same particles in every kind of file, from every kind of file."""

import re
import sys

import gsd.hoomd
import numpy as np
import pytest
from sklearn.pipeline import make_pipeline
from typer.testing import CliRunner

from vitreous.cli import app
from vitreous.datasets import LabelledConfiguration, read_structures, write_glassbench, write_gsd
from vitreous.descriptors import BondOrderDescriptor, CoordinationDescriptor
from vitreous.dynamics import IsoconfigurationalLabels
from vitreous.liquid import KobAndersen2D, get_system
from vitreous.simulate import CageState, InherentStructure
from vitreous.workflows import describe
from vitreous.workflows._descriptor_sets import make_descriptor

N = 150
SYSTEM = KobAndersen2D()


def liquids(n_liquids=3):
    return [
        SYSTEM.random_configuration(N, seed).with_temperature(0.4 + 0.1 * seed)
        for seed in range(n_liquids)
    ]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """The same three liquids as a GSD trajectory and as LAMMPS dumps with ids of their own."""
    folder = tmp_path_factory.mktemp("liquids")
    with gsd.hoomd.open(folder / "run.gsd", "w") as file:
        for number, liquid in enumerate(liquids()):
            frame = liquid.to_gsd()
            frame.configuration.step = 100 * number
            file.append(frame)
    for number, liquid in enumerate(liquids()):
        half = liquid.box.lengths[0] / 2
        rows = [
            f"{2 * row + 7} {kind + 1} {x!r} {y!r}"
            for row, (kind, (x, y)) in enumerate(
                zip(liquid.types, liquid.positions.tolist(), strict=True)
            )
        ]
        lines = ["ITEM: TIMESTEP", f"{100 * number}", "ITEM: NUMBER OF ATOMS", f"{N}",
                 "ITEM: BOX BOUNDS pp pp pp", *[f"{-half!r} {half!r}"] * 2, "-0.5 0.5",
                 "ITEM: ATOMS id type xu yu", *reversed(rows)]  # fmt: skip
        (folder / f"{number}.dump").write_text("\n".join(lines))
    return folder


@pytest.fixture(scope="module")
def expected():
    return make_descriptor("cubuk2015").fit_transform(liquids())


def run(*arguments):
    return CliRunner(env={"COLUMNS": "200"}).invoke(app, [str(item) for item in arguments])


def read_gsd_columns(path, names):
    with gsd.hoomd.open(path, "r") as file:
        return np.concatenate(
            [np.stack([frame.log[f"particles/{n}"] for n in names], axis=1) for frame in file]
        )


def test_columns_are_those_of_the_descriptor_in_every_kind_of_file(folder, tmp_path, expected):
    names = make_descriptor("cubuk2015").fit(liquids()).get_feature_names_out().tolist()
    for suffix in ("npz", "gsd"):
        out = tmp_path / f"columns.{suffix}"
        described = describe([folder / "run.gsd"], out, "cubuk2015", n_jobs=2)
        assert (described.n_configurations, described.n_particles) == (3, 3 * N)
        assert described.names == names
    with np.load(tmp_path / "columns.npz") as table:
        np.testing.assert_array_equal(table["features"], expected)
        assert table["features"].dtype == np.float32
        assert table["names"].tolist() == names
        assert table["configuration"].tolist() == np.repeat(range(3), N).tolist()
        assert table["id"].tolist() == 3 * list(range(N))
        types = np.concatenate([liquid.types for liquid in liquids()])
        assert table["type"].tolist() == np.array(["A", "B", "C"])[types].tolist()
        assert table["frames"].tolist() == [0, 1, 2]
        assert table["time_steps"].tolist() == [0, 100, 200]
        assert table["starts"].tolist() == [0, N, 2 * N]
        assert table["files"].tolist() == 3 * [str(folder / "run.gsd")]
        assert table["temperatures"].tolist() == pytest.approx([0.4, 0.5, 0.6])
        assert str(table["made_by"]).endswith("describe: cubuk2015, thermal state")
    np.testing.assert_array_equal(read_gsd_columns(tmp_path / "columns.gsd", names), expected)
    again = read_structures(tmp_path / "columns.gsd")
    np.testing.assert_array_equal(again[2].configuration.positions, liquids()[2].positions)
    assert [item.step for item in again] == [0, 100, 200]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["columns.gsd", "columns.npz"]


def test_parquet_has_a_row_for_each_particle(folder, tmp_path, expected, monkeypatch):
    pytest.importorskip("pyarrow")
    import pyarrow.parquet as pq

    out = tmp_path / "columns.parquet"
    patterns = [folder / "?.dump"]
    for group_bytes, n_groups in ((2**26, 1), (1, 3)):
        monkeypatch.setattr("vitreous.workflows._column_files._ROW_GROUP_BYTES", group_bytes)
        described = describe(patterns, out, "cubuk2015", overwrite=True)
        file = pq.ParquetFile(out)
        assert file.num_row_groups == n_groups
        assert file.schema_arrow.metadata[b"made_by"].startswith(b"vitreous ")
        table = file.read()
        features = np.stack([table[name].to_numpy() for name in described.names], axis=1)
        np.testing.assert_allclose(features, expected, rtol=1e-6)
        assert table["id"].to_pylist() == 3 * list(range(7, 2 * N + 7, 2))
        assert table["file"].to_pylist()[N] == str(folder / "1.dump")
        assert table["time_step"].to_pylist()[:: N - 1][:2] == [0, 0]
        assert set(table["type"].to_pylist()) == {"A", "B", "C"}


def test_parquet_without_pyarrow_is_refused_before_anything_is_read(folder, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    monkeypatch.setitem(sys.modules, "pyarrow.parquet", None)
    result = run("describe", folder / "none*", "--out", tmp_path / "columns.parquet")
    assert result.exit_code == 2
    assert (
        "pip install '.[parquet]' in the folder of vitreous, or name a .npz or .gsd file"
        in result.stderr
    )
    assert result.stderr.count("\n") == 1


def test_every_format_gives_the_same_columns(folder, tmp_path, expected):
    labels = IsoconfigurationalLabels([1.0], {"displacement": np.ones((2, N, 1))}, 4)
    data = LabelledConfiguration(liquids()[1], labels, "KA2D", 0.5, "")
    write_gsd(data, tmp_path / "one.gsd")
    write_glassbench(data, tmp_path / "one.npz")
    for file in (tmp_path / "one.gsd", tmp_path / "one.npz", folder / "1.dump"):
        out = tmp_path / "columns.npz"
        options = ["--descriptors", "cubuk2015", "--overwrite", "--jobs", 1]
        result = run("describe", file, "--out", out, *options)
        assert result.exit_code == 0, result.output
        assert (
            f"{expected.shape[1]} features of 150 particles in 1 configuration\n" in result.stderr
        )
        with np.load(out) as table:
            np.testing.assert_allclose(table["features"], expected[N : 2 * N], rtol=1e-5, atol=1e-5)


def test_columns_of_tracked_particles_are_unknown_near_the_border(tmp_path):
    """A table of an experiment, in which nobody saw what is outside."""
    points = np.random.default_rng(1).uniform(0, 12, (200, 2))
    rows = [f"{frame},{k + 5},{x},{y}" for frame in (0, 1) for k, (x, y) in enumerate(points)]
    (tmp_path / "tracks.csv").write_text("\n".join(["frame,particle,x,y", *rows]))
    (tmp_path / "mine.py").write_text(
        "from vitreous.descriptors import RadialDescriptor\nnear = RadialDescriptor([1.0], 0.1)\n"
    )
    out = tmp_path / "columns.npz"
    result = run("describe", tmp_path / "tracks.csv", "--out", out, "--field-of-view",
                 "0:12,0:12", "--descriptors", f"{tmp_path}/mine.py:near", "--species", "A",
                 "--jobs", 1)  # fmt: skip
    assert result.exit_code == 0, result.output
    with np.load(out) as table:
        inside = ((points > 2) & (points < 10)).all(axis=1)
        known = np.isfinite(table["features"][:, 0]).reshape(2, -1)
        assert known[:, inside].all()
        assert not known.all()
        assert table["id"].reshape(2, -1)[1].tolist() == list(range(5, 205))
        assert table["frames"].tolist() == [0, 1]


def test_states_are_those_of_the_pipeline(folder, tmp_path):
    liquid = liquids()[2]
    coordination = CoordinationDescriptor(1.4 * SYSTEM.potential.sigma)
    inherent = InherentStructure(SYSTEM)
    states = {
        "inherent": inherent,
        "cage": make_pipeline(inherent, CageState(SYSTEM, liquid.temperature)),
    }
    for name, state in states.items():
        out = tmp_path / f"{name}.gsd"
        describe([folder / "run.gsd"], out, coordination, name, system="KA2D", frames=2)
        with gsd.hoomd.open(out, "r") as file:
            found = file[0].log["particles/coordination[all]"]
        (positions,) = state.fit_transform([liquid])
        assert found.tolist() == coordination.fit_transform([positions])[:, -1].tolist()
        (written,) = read_structures(out)
        np.testing.assert_allclose(written.configuration.positions, positions.positions)


def test_sets_with_energies_take_the_system_that_files_name(tmp_path):
    labels = IsoconfigurationalLabels([1.0], {"displacement": np.ones((2, N, 1))}, 4)
    write_gsd(LabelledConfiguration(liquids()[0], labels, "KA2D", 0.4, ""), tmp_path / "one.gsd")
    out = tmp_path / "columns.npz"
    assert describe([tmp_path / "one.gsd"], out, "tong2018").names[0] == "steric-order"
    with pytest.raises(ValueError, match=r"one.gsd: .*KA2D, not KA$|one.gsd: .*species"):
        describe([tmp_path / "one.gsd"], out, "tong2018", system="KA", overwrite=True)


def test_a_set_that_a_system_cannot_have_says_so():
    with pytest.raises(ValueError, match=r"of PSS2D have diameters of their own.*Compactness"):
        make_descriptor("tong2018", get_system("PSS2D"))


def test_descriptors_of_ones_own_come_from_a_file(folder, tmp_path):
    mine = tmp_path / "mine.py"
    mine.write_text(
        "from vitreous.descriptors import CoordinationDescriptor\n"
        "wide = CoordinationDescriptor(1.8)\n"
        "def narrow():\n    return CoordinationDescriptor(1.2)\n"
        "nothing = 3\n"
    )
    for name, cutoff in (("wide", 1.8), ("narrow", 1.2)):
        out = tmp_path / f"{name}.npz"
        result = run("describe", folder / "run.gsd", "--out", out, "--descriptors",
                     f"{mine}:{name}", "--jobs", 1)  # fmt: skip
        assert result.exit_code == 0, result.output
        with np.load(out) as table:
            expected = CoordinationDescriptor(cutoff).fit_transform(liquids())
            np.testing.assert_array_equal(table["features"], expected)
            assert f"mine.py:{name}, thermal state" in str(table["made_by"])
    for name, message in (("nothing", "must be a descriptor"), ("no", "has no object 'no'")):
        with pytest.raises(ValueError, match=message):
            describe([folder / "run.gsd"], tmp_path / "x.npz", f"{mine}:{name}")
    with pytest.raises(FileNotFoundError, match="could hold a descriptor"):
        describe([folder / "run.gsd"], tmp_path / "x.npz", "none.py:a")


REFUSED = {
    "no system": (["--descriptors", "jung2023"], "and none is named; name it"),
    "no system for a state": (["--state", "inherent"], "first file names none; name it"),
    "unknown set": (["--descriptors", "none"], "unknown descriptors 'none'; choose one of"),
    "other kind of file": (["--out", "columns.csv"], "written to .parquet, .npz, .gsd files"),
    "no folder": (["--out", "nowhere/columns.npz"], "the folder of nowhere/columns.npz does not"),
    "nothing left": (["--frames", "90:"], "none of its 3 frame.s. is chosen"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_refusals_take_one_line_and_leave_nothing(folder, tmp_path, monkeypatch, case):
    monkeypatch.chdir(tmp_path)
    options, message = REFUSED[case]
    result = run("describe", folder / "run.gsd", "--out", "columns.npz", *options)
    assert result.exit_code == 2
    assert re.search(message, result.stderr)
    assert result.stderr.count("\n") == 1
    assert not list(tmp_path.iterdir())


def test_an_older_file_is_left_alone(folder, tmp_path):
    out = tmp_path / "columns.npz"
    out.write_bytes(b"old")
    descriptor = BondOrderDescriptor([6], [1.0])
    with pytest.raises(FileExistsError, match="overwrite it"):
        describe([folder / "run.gsd"], out, descriptor)
    with pytest.raises(ValueError, match=r"2\.dump: another species"):
        describe([folder / "1.dump", folder / "2.dump"], out, Broken(), overwrite=True)
    assert out.read_bytes() == b"old"
    assert describe([folder / "run.gsd"], out, descriptor, overwrite=True).n_particles == 3 * N


class Broken(BondOrderDescriptor):
    """Fails at the second configuration, as one of another species would."""

    def __init__(self):
        super().__init__([6], [1.0])

    def describe(self, configuration):
        if np.array_equal(configuration.positions, liquids()[2].positions):
            raise ValueError("another species")
        return super().describe(configuration)


def test_columns_of_one_name_are_refused(folder, tmp_path):
    class Twice(BondOrderDescriptor):
        def feature_names(self):
            return ["id"]

    with pytest.raises(ValueError, match="two columns would have the name 'id'"):
        describe([folder / "run.gsd"], tmp_path / "columns.npz", Twice([6], [1.0]))


def test_few_configurations_are_in_memory(folder, tmp_path, monkeypatch):
    """Reading keeps step with writing."""
    read, most = [], []
    trajectory = [folder / f"{number % 3}.dump" for number in range(9)]

    class Watching(BondOrderDescriptor):
        def describe(self, configuration):
            read.append(1)
            return super().describe(configuration)

    from vitreous.workflows import _column_files

    original = _column_files.Written.count

    def count(self, features):
        original(self, features)
        most.append(len(read) - self.n_configurations)

    monkeypatch.setattr(_column_files.Written, "count", count)
    out = tmp_path / "columns.npz"
    describe(trajectory, out, Watching([6], [1.0]), n_jobs=2)
    assert len(most) == 9
    assert max(most) <= 2
