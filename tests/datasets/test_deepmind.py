"""DeepMind pickles: what they hold, and that nothing in them is ever run."""

import os
import pickle
import struct
import subprocess
import sys
import textwrap

import numpy as np
import pytest

from vitreous.datasets import read, read_deepmind, read_structures
from vitreous.liquid import KobAndersen


@pytest.fixture
def stored():
    """The published keys, for a small box; trajectories are not wrapped."""
    configuration = KobAndersen().random_configuration(60, 0)
    length = configuration.box.lengths[0]
    initial = configuration.positions + length / 2
    rng = np.random.default_rng(0)
    return {
        "positions": initial,
        "types": configuration.types,
        "box": np.full(3, length),
        "time": [0.0, 0.1, 1.0, 10.0, 100.0],
        "time_indices": [4, 2],
        "is_values": np.array([0.9, 0.5]),
        "metadata": {"temperature": 0.44, "pressure": 2.93, "fluid": "Kob Andersen"},
        "trajectory_start_velocities": [rng.normal(size=(60, 3)) for _ in range(3)],
        "trajectory_target_positions": [
            [initial + rng.normal(0, 2, (60, 3)) for _ in range(3)] for _ in range(2)
        ],
    }


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_structure_labels_and_times(tmp_path, stored, protocol):
    path = tmp_path / "test.pickle"
    path.write_bytes(pickle.dumps(stored, protocol))
    (data,) = read(path, "deepmind")
    assert (data.system, data.temperature) == ("KA", 0.44)
    np.testing.assert_array_equal(data.labels.times, [100.0, 1.0])
    np.testing.assert_array_equal(data.configuration.types, stored["types"])
    np.testing.assert_allclose(data.configuration.box.lengths, stored["box"])
    moved = np.array(stored["trajectory_target_positions"]) - stored["positions"]
    distances = np.linalg.norm(moved, axis=3)
    np.testing.assert_allclose(data.labels.matrix("displacement"), distances.mean(axis=1).T)
    np.testing.assert_allclose(data.labels.halves("displacement")[1], distances[:, 1].T)
    assert data.labels.n_replicas == 3
    assert 0 < data.labels.matrix("bond_breaking").mean() < 1
    (structure,) = read_structures(path, "deepmind")
    np.testing.assert_array_equal(structure.configuration.positions, data.configuration.positions)


def test_files_with_averages_in_place_of_trajectories(tmp_path, stored):
    targets = [np.random.default_rng(k).random(60) for k in range(2)]
    stored["targets"] = targets
    stored["trajectory_target_positions"] = stored["trajectory_target_positions"][:1]
    (tmp_path / "a.pickle").write_bytes(pickle.dumps(stored, 3))
    labels = read_deepmind(tmp_path / "a.pickle").labels
    np.testing.assert_array_equal(labels.matrix("displacement"), np.transpose(targets))
    assert not labels.has_halves("displacement")
    assert set(labels.averages) == {"displacement"}


@pytest.mark.shared_data
def test_published_file(shared_data):
    path = shared_data / "deepmind" / "test_small.pickle"
    data = read_deepmind(path)
    stored = pickle.loads(path.read_bytes())
    assert data.temperature == 0.44
    assert data.labels.n_replicas == 30
    assert data.labels.times.shape == (10,)
    np.testing.assert_array_equal(
        data.labels.times, np.array(stored["time"])[stored["time_indices"]]
    )
    expected = [
        np.mean([np.linalg.norm(x - stored["positions"], axis=1) for x in replicas], axis=0)
        for replicas in stored["trajectory_target_positions"]
    ]
    np.testing.assert_allclose(data.labels.matrix("displacement"), np.transpose(expected))
    np.testing.assert_allclose(data.configuration.box.lengths, 15.04418575, atol=1e-8)


class Runs:
    """An object whose pickle calls a function when it is loaded."""

    def __init__(self, function, *arguments):
        self.call = function, arguments

    def __reduce__(self):
        return self.call


def marker_written_by(path):
    return f"import pathlib; pathlib.Path({str(path)!r}).write_text('ran')"


def hostile(marker):
    """Pickles each of which would write the marker, by one way of running code or another."""
    source = marker_written_by(marker)
    command = f"touch {marker}"

    class Old:
        pass

    nested = {"positions": np.zeros((3, 3)), "types": [Runs(exec, source)]}
    return {
        "exec": pickle.dumps(Runs(exec, source)),
        "eval": pickle.dumps(Runs(eval, f"exec({source!r})")),
        "os.system": pickle.dumps(Runs(os.system, command)),
        "subprocess": pickle.dumps(Runs(subprocess.check_call, ["touch", str(marker)])),
        "inside containers": pickle.dumps(nested),
        "object array": pickle.dumps(np.array([Runs(exec, source)], dtype=object)),
        "protocol 0": b"cos\nsystem\n(S'" + command.encode() + b"'\ntR.",
        "INST": b"(S'" + command.encode() + b"'\nios\nsystem\n.",
        "OBJ": b"(cos\nsystem\nS'" + command.encode() + b"'\no.",
        "NEWOBJ": b"\x80\x02csubprocess\nPopen\n(]U\x05touchaU"
        + bytes([len(str(marker))]) + str(marker).encode() + b"at\x81.",
        "names with dots": b"\x80\x04\x8c\x05numpy\x8c\x13ctypeslib.os.system\x93\x8c"
        + bytes([len(command)]) + command.encode() + b"\x85R.",
        "numpy's own": b"cnumpy.testing._private.utils\nrunstring\n(V" + source.encode()
        + b"\n}tR.",
        "a builtin by number": b"\x82\x01.",
        "persistent id": b"P1\n.",
        "build on a function": b"cnumpy\ndtype\n(N}V__code__\nI1\nstb.",
    }  # fmt: skip


def test_hostile_pickles_would_run_code(tmp_path):
    """Otherwise the next test would show nothing."""
    ran = 0
    for number, name in enumerate(hostile(tmp_path)):
        marker = tmp_path / f"marker{number}"
        data = hostile(marker)[name]
        program = f"import pickle; pickle.loads({data!r})"
        subprocess.run([sys.executable, "-c", program], capture_output=True, check=False)
        ran += marker.exists()
    assert ran >= 9


def test_hostile_pickles_are_refused_and_nothing_runs(tmp_path):
    marker = tmp_path / "marker"
    path = tmp_path / "bad.pickle"
    for name, data in hostile(marker).items():
        path.write_bytes(data)
        modules = set(sys.modules)
        with pytest.raises(ValueError, match=r"bad.pickle: not a readable pickle"):
            read_deepmind(path)
        assert not marker.exists(), name
        assert set(sys.modules) == modules, name


def test_code_in_a_file_that_is_good_otherwise(tmp_path, stored):
    marker = tmp_path / "marker"
    stored["metadata"]["fluid"] = Runs(exec, marker_written_by(marker))
    (tmp_path / "bad.pickle").write_bytes(pickle.dumps(stored, 3))
    with pytest.raises(ValueError, match=r"bad.pickle: .*builtins.exec, which could run code"):
        read_deepmind(tmp_path / "bad.pickle")
    assert not marker.exists()


def changed(stored, **changes):
    return {key: value for key, value in (stored | changes).items() if value is not None}


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda s: changed(s, types=None), "types missing; it holds positions, box"),
        (lambda s: [s], "it holds a list, not a dict"),
        (
            lambda s: changed(s, positions=s["positions"][:, :2]),
            r"shape \(60, 2\), not \(None, 3\)",
        ),
        (lambda s: changed(s, positions=s["positions"] * np.nan), "not finite"),
        (lambda s: changed(s, positions=s["positions"].astype(object)), "type 'O8'"),
        (lambda s: changed(s, positions=s["positions"].astype("S8")), "type 'S8'"),
        (lambda s: changed(s, types=s["types"] + 5), "unknown type"),
        (lambda s: changed(s, box=np.zeros(3)), "must be positive"),
        (lambda s: changed(s, time_indices=[9, 9]), "out of bounds"),
        (lambda s: changed(s, time_indices=[1]), "at 2 times and 1 time_indices"),
        (lambda s: changed(s, trajectory_target_positions=None), "neither trajectory"),
        (lambda s: changed(s, trajectory_target_positions=[[s["positions"]]] * 2), "at least 2"),
        (
            lambda s: changed(s, trajectory_target_positions=[[s["positions"]] * 1000] * 2),
            "refers to 360000 numbers",
        ),
        (lambda s: changed(s, metadata={"temperature": "cold"}), "cold"),
    ],
)
def test_wrong_contents_are_named(tmp_path, stored, change, message):
    (tmp_path / "bad.pickle").write_bytes(pickle.dumps(change(stored), 3))
    with pytest.raises(ValueError, match=rf"bad.pickle: not a readable pickle.*{message}"):
        read_deepmind(tmp_path / "bad.pickle")


# Pickles of few bytes that ask for much memory, or would overflow the stack.
BOMBS = {
    "huge bytes": b"\x80\x04\x8e" + struct.pack("<Q", 10**15) + b"abc.",
    "huge frame": b"\x80\x04\x95" + struct.pack("<Q", 10**15) + b"N.",
    "huge memo": b"\x80\x02Nr\xff\xff\xff\xff.",
    "huge array": b"\x80\x03cnumpy.core.multiarray\n_reconstruct\ncnumpy\nndarray\nK\x00\x85"
    b"C\x01b\x87R(K\x01\x8a\x07\x00\x80\xc6\xa4~\x8d\x03\x85cnumpy\ndtype\nX\x02\x00\x00\x00f8"
    b"K\x00K\x01\x87R\x89C\x08abcdefghtb.",
    "array class called": b"cnumpy\nndarray\n(I1000000000000\ntR.",
    "deep tuples": b"\x80\x02)" + b"\x85" * 1_000_000 + b"}(h\x00Ns.",
    "deep key": b"\x80\x02})" + b"\x85" * 1_000_000 + b"Ns.",
    "deep lists": b"\x80\x02" + b"(" * 1_000_000 + b"l" * 1_000_000 + b".",
}


def test_bombs_are_refused_in_bounded_memory(tmp_path):
    """In a process of its own, whose memory is measured and which may crash alone."""
    for name, content in BOMBS.items():
        (tmp_path / f"{name}.pickle").write_bytes(content)
    program = f"""
        import pathlib, resource
        from vitreous.datasets import read_deepmind
        for path in sorted(pathlib.Path({str(tmp_path)!r}).iterdir()):
            before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
            try:
                read_deepmind(path)
            except ValueError as error:
                assert path.name in str(error) and len(str(error)) < 1000
                print(path.stem)
            used = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
            assert used < 300, f"{{path.stem}}: {{used}} MiB"
    """
    command = [sys.executable, "-c", textwrap.dedent(program)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.split("\n")[:-1] == sorted(BOMBS)


def test_truncated_foreign_and_missing_files(tmp_path, stored):
    whole = pickle.dumps(stored, 3)
    for name, content in {
        "half": whole[: len(whole) // 2], "empty": b"", "text": b"hello", "zip": b"PK\x03\x04" * 9,
    }.items():  # fmt: skip
        path = tmp_path / f"{name}.pickle"
        path.write_bytes(content)
        with pytest.raises(ValueError, match=f"{name}.pickle: not a readable pickle"):
            read_deepmind(path)
    with pytest.raises(FileNotFoundError):
        read_deepmind(tmp_path / "missing.pickle")
