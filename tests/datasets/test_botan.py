import numpy as np
import pytest

from vitreous.datasets import read, read_botan
from vitreous.liquid import KobAndersen

LENGTH = KobAndersen().box(100).lengths[0]
NAME = "isoconfig_N100T0.44_3_tc07.npz"


@pytest.fixture
def arrays():
    configuration = KobAndersen().random_configuration(100, 1)
    length = configuration.box.lengths[0]
    initial = configuration.positions + length / 2
    rng = np.random.default_rng(2)
    return {
        "types": configuration.types.astype(np.int8),
        "initial_positions": initial,
        "positions": initial + rng.normal(0, 2.0, (5, 100, 3)),
    }


def test_reads_structure_and_displacements(tmp_path, arrays):
    np.savez(tmp_path / NAME, **arrays)
    data = read_botan(tmp_path / NAME)
    assert (data.system, data.temperature) == ("KA", 0.44)
    np.testing.assert_array_equal(data.labels.times, [4120.0])
    np.testing.assert_array_equal(data.configuration.types, arrays["types"])
    expected = np.linalg.norm(arrays["positions"] - arrays["initial_positions"], axis=2).mean(0)
    np.testing.assert_allclose(data.labels.matrix("displacement")[:, 0], expected)
    shift = data.configuration.positions - arrays["initial_positions"]
    images = shift / data.configuration.box.lengths[0]
    np.testing.assert_allclose(images, np.rint(images), atol=1e-12)


def test_names_without_temperature_and_time_are_allowed(tmp_path, arrays):
    np.savez(tmp_path / "mine.npz", **arrays)
    data = read_botan(tmp_path / "mine.npz")
    assert np.isnan(data.temperature)
    assert np.isnan(data.labels.times).all()


def changed(arrays, **changes):
    return {key: value for key, value in (arrays | changes).items() if value is not None}


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda a: changed(a, positions=None), "positions missing"),
        (lambda a: changed(a, types=a["types"][:-1]), "shapes"),
        (lambda a: changed(a, types=a["types"] + 1), "unknown type 2"),
        (lambda a: changed(a, positions=a["positions"][:1]), "at least 2"),
        (lambda a: changed(a, positions=a["positions"] * np.nan), "not finite"),
        (lambda a: changed(a, positions=a["positions"] % LENGTH), "'positions' are wrapped"),
        (lambda a: changed(a, initial_positions=a["initial_positions"] * 2), "do not fill"),
        (lambda a: changed(a, initial_positions=a["initial_positions"] * np.nan), "finite"),
        (lambda a: changed(a, initial_positions=a["initial_positions"].astype(int)), "int64"),
        (lambda a: {k: v[:0] if k != "positions" else v[:, :0] for k, v in a.items()}, "no part"),
    ],
)
def test_wrong_contents_are_named(tmp_path, arrays, change, message):
    np.savez(tmp_path / NAME, **change(arrays))
    with pytest.raises(ValueError, match=f"{NAME}.*{message}"):
        read_botan(tmp_path / NAME)


def test_foreign_and_truncated_files_are_refused(tmp_path, arrays):
    np.savez(tmp_path / NAME, **arrays)
    whole = (tmp_path / NAME).read_bytes()
    contents = {
        "truncated": whole[: len(whole) // 2],
        "text": b"hello",
        "empty": b"",
        "objects": None,
    }
    for name, content in contents.items():
        path = tmp_path / f"{name}.npz"
        if content is None:
            np.savez(path, **changed(arrays, types=np.array([object()])))
        else:
            path.write_bytes(content)
        with pytest.raises(ValueError, match=f"{name}.npz: not a readable npz archive"):
            read_botan(path)


def test_patterns_are_read_in_order(tmp_path, arrays):
    for number in (2, 1):
        np.savez(tmp_path / f"isoconfig_N100T0.50_{number}_tc01.npz", **arrays)
    data = read(str(tmp_path / "*.npz"), "botan")
    assert [item.source[-10] for item in data] == ["1", "2"]
    with pytest.raises(FileNotFoundError, match=r"no file matches '.*\.xyz'"):
        read(str(tmp_path / "*.xyz"), "botan")
    with pytest.raises(
        ValueError, match=r"format 'lammps' has no labels; .*choose one of botan, gsd"
    ):
        read(str(tmp_path / "*.npz"), "lammps")


@pytest.mark.shared_data
def test_published_file(shared_data):
    data = read_botan(shared_data / "botan" / "isoconfig_N4096T0.44_1_tc07.npz")
    np.testing.assert_array_equal(np.bincount(data.configuration.types), [3277, 819])
    assert data.configuration.box.lengths[0] == pytest.approx(15.05658, abs=1e-5)
    assert data.labels.n_replicas == 32
    assert data.labels.times[0] == 4120.0
