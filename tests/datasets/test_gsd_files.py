import gsd.hoomd
import numpy as np
import pytest

from vitreous.datasets import LabelledConfiguration, read, read_gsd, write_gsd
from vitreous.dynamics import IsoconfigurationalLabels
from vitreous.liquid import KobAndersen2D


@pytest.fixture
def labelled():
    configuration = KobAndersen2D().random_configuration(50, 1)
    rng = np.random.default_rng(0)
    halves = {name: rng.random((2, 3, 50)) for name in ("displacement", "bond_breaking")}
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
    assert set(read_back.labels.halves) == {"displacement", "bond_breaking"}
    for name, halves in labelled.labels.halves.items():
        np.testing.assert_array_equal(read_back.labels.half(name), halves)


def test_other_tools_find_the_average_label(tmp_path, labelled):
    write_gsd(labelled, tmp_path / "labels.gsd")
    with gsd.hoomd.open(tmp_path / "labels.gsd", "r") as file:
        np.testing.assert_array_equal(
            file[2].log["particles/displacement"], labelled.labels.mean("displacement")[2]
        )


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
