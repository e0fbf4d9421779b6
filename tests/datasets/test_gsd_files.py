from dataclasses import replace

import gsd.fl
import gsd.hoomd
import numpy as np
import pytest

from vitreous.datasets import LabelledConfiguration, read, read_gsd, read_structures, write_gsd
from vitreous.dynamics import IsoconfigurationalLabels
from vitreous.liquid import Box, KobAndersen2D

POINTS = np.array([[0, 0, 0], [1, 0, 0], [0, 1, 0], [0, 0, 1]], dtype=np.float32)


@pytest.fixture
def labelled():
    configuration = KobAndersen2D().random_configuration(50, 1)
    rng = np.random.default_rng(0)
    halves = {name: rng.random((2, 50, 3)) for name in ("displacement", "bond_breaking")}
    labels = IsoconfigurationalLabels([0.1, 1.0, 10.0], halves, 5)
    return LabelledConfiguration(configuration, labels, "KA2D", 0.36, "here")


def test_everything_comes_back_exactly(tmp_path, labelled):
    write_gsd(labelled, tmp_path / "labels.gsd")
    (read_back,) = read(tmp_path / "labels.gsd", "gsd")
    np.testing.assert_array_equal(
        read_back.configuration.positions, labelled.configuration.positions
    )
    np.testing.assert_array_equal(read_back.labels.times, labelled.labels.times)
    assert read_back.labels.n_replicas == 5
    assert (read_back.system, read_back.temperature) == ("KA2D", 0.36)
    assert set(read_back.labels.averages) == {"displacement", "bond_breaking"}
    for name, halves in labelled.labels.averages.items():
        np.testing.assert_array_equal(read_back.labels.halves(name), halves)


def test_the_engine_comes_back_where_it_is_known(tmp_path, labelled):
    write_gsd(labelled, tmp_path / "labels.gsd")
    assert read_gsd(tmp_path / "labels.gsd").engine == ""
    write_gsd(replace(labelled, engine="hoomd 7.0.1 on gpu"), tmp_path / "labels.gsd")
    assert read_gsd(tmp_path / "labels.gsd").engine == "hoomd 7.0.1 on gpu"


def test_writing_says_nothing(tmp_path, labelled, caplog):
    """GSD would log that it copies arrays whose numbers do not lie one after the other."""
    write_gsd(labelled, tmp_path / "labels.gsd")
    assert not caplog.records


def test_other_tools_find_the_average_label(tmp_path, labelled):
    write_gsd(labelled, tmp_path / "labels.gsd")
    with gsd.hoomd.open(tmp_path / "labels.gsd", "r") as file:
        np.testing.assert_array_equal(
            file[2].log["particles/displacement"], labelled.labels.at("displacement", 10.0)
        )
        assert "particles/broken_bonds" not in file[2].log


def test_files_without_labels_are_refused(tmp_path, labelled):
    (tmp_path / "text.gsd").write_text("hello")
    with pytest.raises(ValueError, match=r"text.gsd: not a readable GSD file"):
        read_gsd(tmp_path / "text.gsd")
    with gsd.hoomd.open(tmp_path / "bare.gsd", "w") as file:
        file.append(labelled.configuration.to_gsd())
    with pytest.raises(ValueError, match=r"bare.gsd: a GSD file without isoconfigurational"):
        read_gsd(tmp_path / "bare.gsd")
    with pytest.raises(FileNotFoundError):
        read_gsd(tmp_path / "missing.gsd")


def test_averages_without_halves_come_back(tmp_path, labelled):
    halves = {"displacement": np.random.default_rng(0).random((1, 50, 3))}
    labels = IsoconfigurationalLabels([0.1, 1.0, 10.0], halves, 32)
    write_gsd(replace(labelled, labels=labels), tmp_path / "labels.gsd")
    back = read_gsd(tmp_path / "labels.gsd").labels
    assert set(back.averages) == {"displacement"}
    assert not back.has_halves("displacement")
    np.testing.assert_array_equal(back.matrix("displacement"), halves["displacement"][0])
    assert back.n_replicas == 32


def test_structures_of_any_origin(tmp_path):
    """As HOOMD-blue writes them: single precision, frames of which each is a configuration."""
    with gsd.hoomd.open(tmp_path / "run.gsd", "w") as file:
        for step in range(3):
            frame = gsd.hoomd.Frame()
            frame.configuration.step = step
            frame.configuration.box = [5, 6, 7, 0.1, 0, 0]
            frame.particles.N = 4
            frame.particles.types = ["A", "B"]
            frame.particles.typeid = [0, 1, 0, 1]
            frame.particles.position = POINTS + step / 4
            file.append(frame)
    structures = read_structures(tmp_path / "run.gsd", "gsd")
    assert [item.source[-7:] for item in structures] == ["frame 0", "frame 1", "frame 2"]
    for step, item in enumerate(structures):
        assert item.system == ""
        assert np.isnan(item.temperature)
        assert item.configuration.box == Box((5, 6, 7), (np.float32(0.1), 0, 0))
        np.testing.assert_allclose(item.configuration.positions, POINTS + step / 4, atol=1e-6)
        assert (item.frame, item.step) == (step, step)
        assert item.unwrapped is None


def test_labelled_files_hold_one_structure(tmp_path, labelled):
    write_gsd(labelled, tmp_path / "labels.gsd")
    (structure,) = read_structures(tmp_path / "labels.gsd", "gsd")
    assert (structure.system, structure.temperature) == ("KA2D", 0.36)
    assert structure.source == str(tmp_path / "labels.gsd")


def test_more_particles_than_a_file_can_hold(tmp_path):
    """A few bytes that claim four billion particles of default values."""
    with gsd.fl.open(tmp_path / "bad.gsd", "w", "vitreous", "hoomd", [1, 4]) as file:
        file.write_chunk("particles/N", np.array([2**32 - 1], dtype=np.uint32))
        file.end_frame()
    with pytest.raises(
        ValueError, match=r"bad.gsd: not a readable GSD.*claims 4294967295 particles"
    ):
        read_structures(tmp_path / "bad.gsd", "gsd")


def test_labels_of_other_particles_are_refused(labelled):
    labels = IsoconfigurationalLabels([1.0], {"displacement": np.ones((2, 49, 1))}, 4)
    with pytest.raises(
        ValueError, match="'displacement' is of 49 particles, the configuration has 50"
    ):
        replace(labelled, labels=labels)


def test_configuration_and_file_tell_one_temperature(tmp_path, labelled):
    assert labelled.configuration.temperature == labelled.temperature
    path = tmp_path / "labelled.gsd"
    write_gsd(labelled, path)
    assert read_gsd(path).configuration.temperature == labelled.temperature
    (structure,) = read_structures(path, "gsd")
    assert structure.configuration.temperature == structure.temperature == labelled.temperature
    unknown = replace(labelled, temperature=np.nan)
    assert unknown.temperature == labelled.configuration.temperature
    assert replace(labelled, temperature=0.6).configuration.temperature == 0.6


def test_double_precision_is_kept(tmp_path):
    """As HOOMD-blue may write positions from version 7 on."""
    known = KobAndersen2D().random_configuration(20, 0)
    length = known.box.lengths[0]
    with gsd.fl.open(tmp_path / "a.gsd", "w", "HOOMD-blue 7", "hoomd", [1, 4]) as file:
        file.write_chunk("configuration/dimensions", np.array([2], dtype=np.uint8))
        file.write_chunk("configuration/box", np.array([length, length, 0, 0, 0, 0]))
        file.write_chunk("particles/N", np.array([20], dtype=np.uint32))
        types = np.array([b"B", b"A", b"C", b"D"], dtype="S2").view(np.int8).reshape(4, 2)
        file.write_chunk("particles/types", types)
        file.write_chunk("particles/typeid", np.array([1, 0, 2], np.uint32)[known.types])
        file.write_chunk("particles/position", np.pad(known.positions, ((0, 0), (0, 1))))
        file.end_frame()
    (structure,) = read_structures(tmp_path / "a.gsd", system=KobAndersen2D())
    np.testing.assert_array_equal(structure.configuration.positions, known.positions)
    np.testing.assert_array_equal(structure.configuration.types, known.types)
    assert structure.configuration.species == ("A", "B", "C")
    (bare,) = read_structures(tmp_path / "a.gsd")
    assert bare.configuration.species == ("B", "A", "C", "D")


def test_exact_positions_of_an_earlier_frame_are_not_those_of_a_later(tmp_path):
    """The library hands the log of the first frame on to frames without one."""
    known = KobAndersen2D().random_configuration(20, 0)
    with gsd.hoomd.open(tmp_path / "a.gsd", "w") as file:
        file.append(known.to_gsd())
        later = known.with_positions(known.positions + 0.25).to_gsd()
        later.log = {}
        file.append(later)
    first, second = read_structures(tmp_path / "a.gsd")
    np.testing.assert_array_equal(first.configuration.positions, known.positions)
    moved = second.configuration.positions - known.positions
    np.testing.assert_allclose(known.box.minimum_image(moved), 0.25, atol=1e-6)
