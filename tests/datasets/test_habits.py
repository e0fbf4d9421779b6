"""Habits that programs and users have in files: understood, or named with what to do."""

import itertools
import lzma

import gsd.hoomd
import numpy as np
import pytest

from vitreous.datasets import (
    format_of,
    iterate_structures,
    read_extxyz,
    read_gsd_structures,
    read_lammps,
    read_structures,
    structures_of_table,
)
from vitreous.liquid import Box, Configuration, neighbor_list

ROWS = "B 1.0 2.0 0.0\nA 4.0 5.0 0.0\n"


def xyz(tmp_path, head, rows=ROWS, n_frames=1):
    path = tmp_path / "a.xyz"
    path.write_text(f"2\n{head}\n{rows}" * n_frames, encoding="utf-8")
    return path


def dump(tmp_path, columns, rows, steps=(0,), bounds="pp pp pp", name="a.dump"):
    path = tmp_path / name
    path.write_text(
        "".join(
            f"ITEM: TIMESTEP\n{step}\nITEM: NUMBER OF ATOMS\n{len(rows)}\nITEM: BOX BOUNDS {bounds}"
            f"\n0 5\n0 6\n-0.5 0.5\nITEM: ATOMS {columns}\n" + "".join(f"{row}\n" for row in rows)
            for step in steps
        )
    )
    return path


@pytest.mark.parametrize(
    "head",
    [
        'Lattice="5 0 0 0 6 0 0 0 1"',
        "Lattice='5 0 0 0 6 0 0 0 1' energy=-3",
        "Lattice={5 0 0 0 6 0 0 0 1}",
        "Lattice=[[5, 0, 0], [0, 6, 0], [0, 0, 1]] pbc=[T, T, F]",
        'i = 3, time = 0.5, Lattice = "5, 0, 0, 0, 6, 0, 0, 0, 1"',
        'Lattice="0.5D1 0 0 0 60D-1 0 0 0 1" pbc=T',
        'Lattice="0 0 1 5 0 0 0 6 0" pbc="F T T"',
        'Lattice="0 6 0 5 0 0 0 0 0" pbc="True True False"',
        "step:0 cell:0.5D1,6.0,1.0",
    ],
)
def test_second_lines_of_all_programs(tmp_path, head):
    (structure,) = read_extxyz(xyz(tmp_path, head))
    assert structure.configuration.box == Box((5.0, 6.0))
    np.testing.assert_allclose(structure.configuration.positions, [[1, 2], [-1, -1]], atol=1e-12)
    if "time" in head:
        assert structure.time == 0.5


def test_a_step_that_is_not_whole_is_the_duration_of_one(tmp_path):
    head = 'timestep=0.002 Lattice="5 0 0 0 6 0 0 0 1"'
    (structure,) = read_structures(xyz(tmp_path, head), time_step=1.0)
    assert structure.step is None
    assert np.isnan(structure.time)


@pytest.mark.parametrize("more", ["", " 0.1", " 0.1 0.2 0.3"])
def test_columns_without_names_may_be_more(tmp_path, more):
    rows = "".join(f"{row}{more}\n" for row in ROWS.splitlines())
    (structure,) = read_extxyz(xyz(tmp_path, 'Lattice="5 0 0 0 6 0 0 0 1"', rows))
    np.testing.assert_array_equal(structure.configuration.types, [1, 0])


@pytest.mark.parametrize("pbc", ["pbc=yes", 'pbc="T T T T"'])
def test_boundaries_that_are_not_understood(tmp_path, pbc):
    with pytest.raises(ValueError, match=r"a.xyz.*pbc=.* is not understood; write pbc="):
        read_extxyz(xyz(tmp_path, f'Lattice="5 0 0 0 6 0 0 0 1" {pbc}'))


def test_the_encodings_of_windows(tmp_path):
    text = xyz(tmp_path, 'Lattice="5 0 0 0 6 0 0 0 1"').read_bytes()
    marked = tmp_path / "marked.xyz"
    for content in (b"\xef\xbb\xbf" + text, lzma.compress(b"\xef\xbb\xbf" + text)):
        marked.write_bytes(content.replace(b"\n", b"\r\n") if content[:1] == b"\xef" else content)
        (structure,) = read_structures(marked)
        np.testing.assert_array_equal(structure.configuration.types, [1, 0])
    marked.write_bytes(text.decode().encode("utf-16"))
    with pytest.raises(ValueError, match=r"marked.xyz: its text is UTF-16.*; save it as UTF-8"):
        read_structures(marked)
    marked.write_bytes(text.replace(b"Lattice", b"by=J\xfcrgen Lattice"))
    with pytest.raises(ValueError, match="byte 0xfc in its text is not UTF-8; save it as UTF-8"):
        read_structures(marked)
    marked.write_bytes(b"")
    with pytest.raises(ValueError, match=r"marked.xyz: the file is empty"):
        format_of(marked)


@pytest.mark.parametrize(
    ("columns", "rows", "bounds", "message"),
    [
        ("type x y ix iy", ["1 1 2 0 0", "1 4 5 0.5 0"], "pp pp pp", "row 2 has the image flag ix"),
        ("id type x y", ["7 1 1 2", "7 1 4 5"], "pp pp pp", "the id 7; leave one of them out"),
        (
            "id type x y",
            ["7 1 1 2", "8 1 4 nan"],
            "pp pp pp",
            "particle 8 is at .*other frames",
        ),
        ("id type x y", ["7 1 1 2", "8 1 4 5"], "pp ss pp", "pp ss pp are not all .* make a table"),
        ("id type x y", ["0 0 1 2", "1 1 4 5"], "pp pp pp", "a type 0; say which species it is"),
        ("id type x y", ["1e17 1 1 2", "1 1 4 5"], "pp pp pp", "the id 1e.17, no whole .* anew"),
    ],
)
def test_what_a_dump_should_not_hold_has_a_remedy(tmp_path, columns, rows, bounds, message):
    path = dump(tmp_path, columns, rows, bounds=bounds)
    with pytest.raises(ValueError, match=f"a.dump: .*{message}") as caught:
        read_lammps(path)
    assert "fetch it again" not in str(caught.value)


def test_species_may_be_text_as_in_the_command(tmp_path):
    path = dump(tmp_path, "type x y", ["1 1 2", "2 4 5", "3 0 0"])
    for species, types in (("B,A,B", [0, 1, 0]), ("1=B,2=A,3=B", [1, 0, 1])):
        (structure,) = read_structures(path, species=species)
        assert set(structure.configuration.species) == {"A", "B"}
        np.testing.assert_array_equal(structure.configuration.types, types)


def test_times_are_chosen_of_all_files_together(tmp_path):
    for step in (0, 10, 20, 30):
        dump(tmp_path, "type x y", ["1 1 2", "1 4 5"], [step], name=f"run.{step}.dump")
    chosen = {"time_step": 0.5, "times": "4:11"}
    found = iterate_structures(f"{tmp_path}/run.*.dump", **chosen)
    assert [structure.step for structure in found] == [10, 20]
    with pytest.raises(ValueError, match=r"run.30.dump: none of its 1 frame"):
        read_structures(f"{tmp_path}/run.*.dump", time_step=0.5, times="100:200")
    with pytest.raises(ValueError, match=r"run.0.dump: .*; they count from 0 in each file"):
        read_structures(f"{tmp_path}/run.*.dump", frames="1:")


def test_frames_of_other_types(tmp_path):
    path = dump(tmp_path, "type x y", ["1 1 2", "1 4 5"], [0, 1, 2])
    assert [s.step for s in read_structures(path, frames=np.int64(-1))] == [2]
    for frames in (1.0, (0, 1), [2]):
        with pytest.raises(ValueError, match=r"frames .* are not a text start:stop:step"):
            read_structures(path, frames=frames)
    with pytest.raises(ValueError, match=r"times 5.0 are not first:last"):
        read_structures(path, times=5.0)
    with pytest.raises(ValueError, match="none of its 3 frame"):
        read_structures(path, frames="-4")


def snapshot(**particles):
    frame = gsd.hoomd.Frame()
    frame.configuration.box = [5, 6, 0, 0, 0, 0]
    frame.particles.N = 2
    frame.particles.position = [[1, 2, 0], [-1, -1, 0]]
    for name, values in particles.items():
        frame.log[f"particles/{name}"] = values
    return frame


def gsd_file(tmp_path, frame):
    with gsd.hoomd.open(tmp_path / "a.gsd", "w") as file:
        file.append(frame)
    return tmp_path / "a.gsd"


def test_a_box_of_no_height_is_a_plane(tmp_path):
    (structure,) = read_gsd_structures(gsd_file(tmp_path, snapshot(id=np.array([7.0, 5.0]))))
    assert structure.configuration.box == Box((5.0, 6.0))
    np.testing.assert_array_equal(structure.ids, [5, 7])


@pytest.mark.parametrize(
    ("ids", "message"), [([0.5, 1.0], "row 1 has the id 0.5"), ([1], "there are 1 ids of 2")]
)
def test_ids_of_gsd_files_that_are_none(tmp_path, ids, message):
    path = gsd_file(tmp_path, snapshot(id=np.array(ids)))
    with pytest.raises(ValueError, match=f"a.gsd.*{message}"):
        read_gsd_structures(path)


TABLE = {"frame": [0, 0], "particle": [3, 4], "x": [1.0, 4.0], "y": [2.0, 5.0]}


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"particle": ["a", "b"]}, "row 1 has the particle 'a'; number the particles"),
        ({"particle": [np.nan, 4]}, "row 1 has the particle nan, .*; number the particles"),
        ({"x": [1.0, np.nan]}, "row 2 has the x nan, .*; leave out rows"),
        ({"x": ["1,5", "4,5"]}, "row 1 has the x '1,5'; write decimal points"),
        ({"y": [2.0, 2.0]}, "have the y 2, which spans no field .* --field-of-view"),
        ({"time": np.array([1, 1], "M8[s]")}, "the time is a date .*; write times as numbers"),
        ({"species": ["A", None]}, "row 2 has no species; leave it out, or name its species"),
        ({"particle": [3, 3]}, "frame 0: two particles have the id 3; leave one of them out"),
    ],
)
def test_what_a_table_should_not_hold_has_a_remedy(change, message):
    with pytest.raises(ValueError, match=f"table.*{message}"):
        structures_of_table(TABLE | change)


def test_the_column_of_tracks_is_that_of_the_surest_name(tmp_path):
    for columns in ("id,track_id", "track_id,ID"):
        rows = ["0,9,3,1,2", "0,8,4,4,5"] if columns[0] == "i" else ["0,3,9,1,2", "0,4,8,4,5"]
        path = tmp_path / "a.csv"
        path.write_text("\n".join([f"frame,{columns},x,y", *rows]))
        (structure,) = read_structures(path)
        np.testing.assert_array_equal(structure.ids, [3, 4])


def test_two_columns_of_a_name_agree(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("frame,particle,frame,x,y\n0,3,0,1,2\n0,4,0,4,5\n")
    assert len(read_structures(path)) == 1
    path.write_text("frame,particle,frame,x,y\n0,3,0,1,2\n0,4,1,4,5\n")
    with pytest.raises(ValueError, match=r"a.csv.*two columns are called frame, and row 2 has 0"):
        read_structures(path)
    pandas = pytest.importorskip("pandas")
    twice = pandas.DataFrame(TABLE).iloc[:, [0, 1, 2, 3, 0]]
    assert len(structures_of_table(twice)) == 1


def test_remarks_and_blank_lines_above_a_table(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("\n# made by hand\n#\nframe,particle,x,y\n\n0,3,1.5D0,2\n0,4,4,5\n")
    assert format_of(path) == "table"
    (structure,) = read_structures(path)
    np.testing.assert_allclose(structure.configuration.box.lengths, [2.5, 3.0])


def written(tmp_path, configuration, change):
    """A dump of two-dimensional particles after a change that changes nothing."""
    positions, vectors = configuration.positions, configuration.box.matrix.T.copy()
    ids = np.arange(len(positions))
    if change == "boxes away":
        positions = positions + [[-3, 2]] @ vectors
    elif change == "each in another box":
        positions = positions + np.random.default_rng(0).integers(-9, 9, positions.shape) @ vectors
    elif change == "permuted":
        ids = np.random.default_rng(0).permutation(len(positions))
        positions = positions[ids]
    elif change == "quarter turn":
        positions, vectors = positions @ [[0, 1], [-1, 0]], vectors @ [[0, 1], [-1, 0]]
    elif change == "tilted by a box":
        vectors[1] -= 2 * vectors[0]
    elif change == "vectors exchanged":
        vectors = vectors[::-1]
    rows = [
        f"{k + 7} {configuration.types[k] + 1} {x[0]!r} {x[1]!r} 0"
        for k, x in zip(ids.tolist(), positions.tolist(), strict=True)
    ]
    path = dump(
        tmp_path, "id type x y z", rows, bounds="abc origin pp pp pp", name=f"{change}.dump"
    )
    a, b = vectors.tolist()
    box = f"{a[0]!r} {a[1]!r} 0 0\n{b[0]!r} {b[1]!r} 0 0\n0 0 1 0"
    path.write_text(path.read_text().replace("0 5\n0 6\n-0.5 0.5", box))
    return path


@pytest.mark.parametrize("tilt", [0.0, 1.3])
@pytest.mark.parametrize(
    "change",
    [
        "boxes away", "each in another box", "permuted", "quarter turn", "tilted by a box",
        "vectors exchanged",
    ],
)  # fmt: skip
def test_what_changes_nothing_changes_no_neighborhood(tmp_path, tilt, change):
    rng = np.random.default_rng(5)
    box = Box((9.0, 8.0), (tilt,))
    inside = rng.uniform(-0.5, 0.5, (80, 2)) @ box.matrix.T
    known = Configuration.wrapped(inside, rng.integers(0, 3, 80), box, "ABC")
    (structure,) = read_lammps(written(tmp_path, known, change), species="ABC")
    np.testing.assert_array_equal(structure.ids, np.arange(7, 87))
    np.testing.assert_array_equal(structure.configuration.types, known.types)
    expected, found = neighbor_list(known, 2.5), neighbor_list(structure.configuration, 2.5)
    for one, other in zip(
        distances_by_particle(expected), distances_by_particle(found), strict=True
    ):
        np.testing.assert_allclose(one, other, atol=1e-9)


def distances_by_particle(neighbors):
    return [
        np.sort(neighbors.distances[first:last])
        for first, last in itertools.pairwise(neighbors.indptr)
    ]
