"""Whatever a file holds, readers return data or a ValueError that names it, in bounded memory."""

import gzip
import pickle
import tracemalloc
import warnings

import gsd.hoomd
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from vitreous.datasets import (
    LabelledConfiguration,
    read_botan,
    read_deepmind,
    read_extxyz,
    read_glassbench,
    read_gsd,
    read_gsd_structures,
    read_lammps,
    read_structures,
    write_glassbench,
    write_gsd,
)
from vitreous.dynamics import IsoconfigurationalLabels
from vitreous.liquid import Configuration, KobAndersen, KobAndersen2D

N = 30
LIMIT = 2**25
"""Bytes that reading a file of a few kilobytes may take, wherever they go."""


def write_botan(path):
    start = KobAndersen().random_configuration(N, 0)
    initial = start.positions + start.box.lengths[0] / 2
    rng = np.random.default_rng(0)
    np.savez(
        path,
        types=start.types.astype(np.int8),
        initial_positions=initial,
        positions=initial + rng.normal(0, 0.1, (2, N, 3)),
    )


def write_deepmind(path):
    start = KobAndersen().random_configuration(N, 0)
    stored = {
        "positions": start.positions,
        "types": start.types,
        "box": np.array(start.box.lengths),
        "time": [0.0, 1.0],
        "time_indices": [1],
        "metadata": {"temperature": 0.44},
        "trajectory_target_positions": [[start.positions + 0.1] * 2],
    }
    # Protocol 4 frames and memoizes; text in keys makes most of the rest.
    path.write_bytes(pickle.dumps(stored, 4))


def labelled():
    halves = {"displacement": np.random.default_rng(0).random((2, N, 2))}
    labels = IsoconfigurationalLabels([1.0, 2.0], halves, 4)
    start = KobAndersen2D().random_configuration(N, 0)
    return LabelledConfiguration(start, labels, "KA2D", 0.4, "", True)


def write_lammps(path):
    start = KobAndersen().random_configuration(N, 0)
    length = float(start.box.lengths[0])
    edge = f"0.0 {length!r} 0.0"
    rows = [
        f"{number} {kind + 1} {x!r} {y!r} {z!r}"
        for number, (kind, (x, y, z)) in enumerate(
            zip(start.types, start.positions.tolist(), strict=True)
        )
    ]
    head = ["ITEM: TIMESTEP", "0", "ITEM: NUMBER OF ATOMS", str(N)]
    box = ["ITEM: BOX BOUNDS xy xz yz pp pp pp", edge, edge, edge]
    path.write_text("\n".join([*head, *box, "ITEM: ATOMS id type x y z", *rows, ""]))


def write_extxyz(path):
    start = KobAndersen().random_configuration(N, 0)
    length = float(start.box.lengths[0])
    rows = [
        f"{start.species[kind]} {x!r} {y!r} {z!r}"
        for kind, (x, y, z) in zip(start.types, start.positions.tolist(), strict=True)
    ]
    lattice = f"{length!r} 0 0 0 {length!r} 0 0 0 {length!r}"
    second = f'Lattice="{lattice}" Properties=species:S:1:pos:R:3 pbc="T T T"'
    path.write_text("\n".join([str(N), second, *rows, ""]))


def write_gzip(path):
    write_lammps(path)
    path.write_bytes(gzip.compress(path.read_bytes()))


def write_atooms(path):
    start = KobAndersen().random_configuration(N, 0)
    length = float(start.box.lengths[0])
    rows = [
        f"{start.species[kind]} {x!r} {y!r} {z!r} 0.5"
        for kind, (x, y, z) in zip(start.types, start.positions.tolist(), strict=True)
    ]
    second = f"step:10 columns:id,pos,radius dt:0.001 cell:{length!r},{length!r},{length!r}"
    path.write_text("\n".join([str(N), second, *rows, ""]))


def write_images(path):
    """GSD as HOOMD-blue writes it."""
    start = KobAndersen().random_configuration(N, 0)
    with gsd.hoomd.open(path, "w") as file:
        for number in range(2):
            frame = start.to_gsd()
            frame.log = {}
            frame.configuration.step = number
            frame.particles.image = np.full((N, 3), number)
            file.append(frame)


def write_table(path):
    start = KobAndersen2D().random_configuration(N, 0)
    rows = [
        f"{frame},{particle}, {x!r} ,{y + 0.1 * frame!r}, A"
        for frame in range(2)
        for particle, (x, y) in enumerate(start.positions.tolist())
    ]
    path.write_text("\n".join(["frame,particle, x ,y, species", *rows, ""]))


def read_table(path):
    return read_structures(path, "table")


FORMATS = {
    "botan": (write_botan, read_botan),
    "glassbench": (lambda path: write_glassbench(labelled(), path), read_glassbench),
    "deepmind": (write_deepmind, read_deepmind),
    "gsd": (lambda path: write_gsd(labelled(), path), read_gsd),
    "gsd structures": (lambda path: write_gsd(labelled(), path), read_gsd_structures),
    "lammps": (write_lammps, read_lammps),
    "extxyz": (write_extxyz, read_extxyz),
    "extxyz of atooms": (write_atooms, read_extxyz),
    "lammps compressed": (write_gzip, read_lammps),
    "gsd images": (write_images, read_structures),
    "table": (write_table, read_table),
    "lammps by its content": (write_lammps, read_structures),
}


class Contents(dict):
    def __repr__(self):
        return "contents of whole files"


@pytest.fixture(scope="module")
def whole_files(tmp_path_factory):
    folder = tmp_path_factory.mktemp("whole")
    contents = Contents()
    for name, (write, read) in FORMATS.items():
        path = folder / f"{name}.npz"
        write(path)
        # Once, so that what is compiled or imported at first use does not count.
        read(path)
        contents[name] = path.read_bytes()
    return contents


def outcome(read, path):
    """What a reader returns, or the message of its ValueError; and the memory it took at most."""
    tracemalloc.start()
    try:
        with warnings.catch_warnings(action="error"):
            # Repeated, a file has a second frame, which may be cut off.
            warnings.filterwarnings("ignore", "(?s).*is cut off")
            return read(path), tracemalloc.get_traced_memory()[1]
    except ValueError as error:
        return str(error), tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def check(read, path):
    result, memory = outcome(read, path)
    assert memory < LIMIT
    if isinstance(result, str):
        assert path.name in result
        assert len(result) < 2000
        return
    for item in result if isinstance(result, list) else [result]:
        # What is accepted is sound: finite positions inside a box, known types.
        assert isinstance(item.configuration, Configuration)
        if isinstance(item, LabelledConfiguration):
            assert item.labels.names


many = settings(
    max_examples=25,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)

numbers = st.sampled_from([0, 1, 2, 255, 2**31 - 1, 2**31, 2**32 - 1, 10**12, 2**63 - 1, 2**64 - 1])


# Places as shares of the length of the file.
places = st.floats(0, 1, exclude_max=True)


@pytest.mark.parametrize("name", FORMATS)
@many
@given(changes=st.lists(st.tuples(places, st.integers(0, 255)), min_size=1, max_size=4))
def test_changed_bytes(whole_files, tmp_path, name, changes):
    content = bytearray(whole_files[name])
    for place, value in changes:
        content[int(place * len(content))] = value
    path = tmp_path / "bad.npz"
    path.write_bytes(content)
    check(FORMATS[name][1], path)


@pytest.mark.parametrize("name", FORMATS)
@many
@given(place=places, width=st.sampled_from([4, 8]), number=numbers)
def test_numbers_of_any_size_in_binary(whole_files, tmp_path, name, place, width, number):
    content = whole_files[name]
    start = int(place * (len(content) - width))
    written = (number % 2 ** (8 * width)).to_bytes(width, "little")
    path = tmp_path / "bad.npz"
    path.write_bytes(content[:start] + written + content[start + width :])
    check(FORMATS[name][1], path)


@pytest.mark.parametrize("name", FORMATS)
@many
@given(place=places, other=places, kind=st.sampled_from(["truncated", "cut out", "repeated"]))
def test_truncated_spliced_and_repeated(whole_files, tmp_path, name, place, other, kind):
    content = whole_files[name]
    start, stop = sorted(int(share * len(content)) for share in (place, other))
    path = tmp_path / "bad.npz"
    path.write_bytes(
        {
            "truncated": content[:stop],
            "cut out": content[:start] + content[stop:],
            "repeated": content[:stop] + content[start:],
        }[kind]
    )
    check(FORMATS[name][1], path)


strange_words = st.one_of(
    numbers.map(str),
    st.sampled_from(["-1", "nan", "inf", "1e308", "-1e308", "1e-320", "", "\n", '"', "=", "A"]),
    st.text(max_size=8),
)


@pytest.mark.parametrize(
    "name", ["lammps", "extxyz", "extxyz of atooms", "table", "lammps by its content"]
)
@many
@given(changes=st.lists(st.tuples(places, strange_words), min_size=1, max_size=3))
def test_words_of_any_kind_in_text(whole_files, tmp_path, name, changes):
    words = whole_files[name].decode().split(" ")
    for place, word in changes:
        words[int(place * len(words))] = word
    path = tmp_path / "bad.npz"
    path.write_text(" ".join(words), encoding="utf-8")
    check(FORMATS[name][1], path)


# MDAnalysis raises when it deletes readers that it could not open.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.parametrize("name", FORMATS)
@many
@given(content=st.binary(max_size=300))
def test_foreign_bytes(tmp_path, name, content):
    path = tmp_path / "bad.npz"
    path.write_bytes(content)
    result, memory = outcome(FORMATS[name][1], path)
    assert memory < LIMIT
    assert isinstance(result, str)
    assert "bad.npz" in result


@pytest.mark.parametrize("name", FORMATS)
def test_files_of_every_other_format(whole_files, tmp_path, name):
    for other, content in whole_files.items():
        path = tmp_path / "bad.npz"
        path.write_bytes(content)
        result, _ = outcome(FORMATS[name][1], path)
        # The layouts of BOTAN and of GlassBench's trajectories share their keys.
        if name in ("lammps by its content", "gsd images"):
            assert not isinstance(result, str)
        elif other.split()[0] != name.split()[0] and {name, other} != {"botan", "glassbench"}:
            assert isinstance(result, str)
            assert "bad.npz" in result
            # Says what can be done about it.
            assert any(word in result for word in ("--format", "again", "anew"))
