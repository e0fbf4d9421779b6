"""One configuration in all forms in which programs write it: the same predictions in each."""

import bz2
import csv
import gzip
import lzma
import os
import re

import gsd.fl
import gsd.hoomd
import numpy as np
import pytest
from typer.testing import CliRunner

from vitreous.cli import app
from vitreous.datasets import load_ka2d, read_structures, write_gsd
from vitreous.liquid import Box

SAMPLE = load_ka2d()
KNOWN = SAMPLE.configurations[23]
LENGTH = float(KNOWN.box.lengths[0])
N = KNOWN.n_particles
NAMES = np.array(KNOWN.species)[KNOWN.types]
IDS = 3 * np.random.default_rng(0).permutation(N) + 100
"""With gaps, and in no order."""


def run(*arguments):
    runner = CliRunner(env={"COLUMNS": "200"})
    return runner.invoke(app, [str(argument) for argument in arguments])


def dump(path, columns, rows, box=None, number=0, opener=open):
    box = box or "\n".join(["ITEM: BOX BOUNDS pp pp pp", *[f"0 {LENGTH!r}"] * 2, "-0.5 0.5"])
    text = "\n".join([
        "ITEM: TIMESTEP", str(number), "ITEM: NUMBER OF ATOMS", str(len(rows)), box,
        f"ITEM: ATOMS {columns}", *(" ".join(map(str, row)) for row in rows), "",
    ])  # fmt: skip
    with opener(path, "wt") as file:
        file.write(text)


def rows(kinds, positions=KNOWN.positions, ids=IDS):
    return [(i, k, *x, 0) for i, k, x in zip(ids, kinds, positions.tolist(), strict=True)]


def plain(path, opener=open):
    dump(path, "id type x y z", rows(KNOWN.types + 1), opener=opener)


def tilted_dump(path, multiple):
    edge = sorted([0.0, multiple * LENGTH])
    box = "\n".join([
        "ITEM: BOX BOUNDS xy xz yz pp pp pp",
        f"{edge[0]!r} {LENGTH + edge[1]!r} {multiple * LENGTH!r}", f"0 {LENGTH!r} 0", "-0.5 0.5 0",
    ])  # fmt: skip
    dump(path, "id type x y z", rows(KNOWN.types + 1), box)


def scaled_images(path):
    rng = np.random.default_rng(1)
    # In LAMMPS, scaled coordinates count from the corner of the box.
    scaled = rng.integers(-3, 4, (N, 2))
    fractions = KNOWN.positions / LENGTH
    moved = (fractions + scaled).tolist()
    lines = [(i, t, *f, *(-n)) for i, t, f, n in
             zip(IDS, KNOWN.types + 1, moved, scaled, strict=True)]  # fmt: skip
    dump(path, "id type xs ys ix iy", lines)


def names_and_wrong_numbers(path):
    # Constant charges and a column of names that is not the first.
    lines = [(i, 3 - t, *x, 0, 0.5, name) for i, t, x, name in
             zip(IDS, KNOWN.types, KNOWN.positions.tolist(), NAMES, strict=True)]  # fmt: skip
    dump(path, "id type x y z q name", lines)


def flat_noise(path):
    noise = np.random.default_rng(2).normal(0, 1e-12, N) % 1.0
    lines = [(*row[:-1], z) for row, z in zip(rows(KNOWN.types + 1), noise, strict=True)]
    dump(path, "id type x y z", lines)


def xyz(path, second, kinds, tail="0.0", positions=KNOWN.positions):
    lines = [f"{k} {' '.join(map(repr, x))} {tail}" for k, x in
             zip(kinds, positions.tolist(), strict=True)]  # fmt: skip
    path.write_text("\n".join([str(N), second, *lines, ""]))


LATTICE = f'Lattice="{LENGTH!r} 0 0 0 {LENGTH!r} 0 0 0 1"'


def turned_xyz(path):
    """In a cell turned by 45 degrees, a = (1, 1) and b = (-1, 1) times half the sides."""
    s = np.sqrt(0.5)
    turn = np.array([[s, s], [-s, s]])
    a, b = (LENGTH * turn).tolist()
    lattice = f'Lattice="{a[0]!r} {a[1]!r} 0 {b[0]!r} {b[1]!r} 0 0 0 1"'
    xyz(path, lattice, NAMES, positions=KNOWN.positions @ turn)


def fortran_xyz(path):
    lines = [f"{n} {x:.14E} {y:.14E} 0.0D0".replace("E", "D") for n, (x, y) in
             zip(NAMES, KNOWN.positions.tolist(), strict=True)]  # fmt: skip
    path.write_text("\n".join([str(N), LATTICE, *lines, ""]))


def hoomd(path, names, boxes=None, double=False):
    """As HOOMD-blue writes it, with names in some order and images of the periodic box."""
    index = {name: number for number, name in enumerate(names)}
    frame = gsd.hoomd.Frame()
    frame.configuration.dimensions = 2
    frame.configuration.box = boxes or [LENGTH, LENGTH, 0, 0, 0, 0]
    frame.particles.N = N
    frame.particles.types = list(names)
    frame.particles.typeid = [index[name] for name in NAMES]
    frame.particles.position = np.pad(KNOWN.positions, ((0, 0), (0, 1)))
    frame.particles.image = np.random.default_rng(3).integers(-2, 3, (N, 3)) * [1, 1, 0]
    if not double:
        with gsd.hoomd.open(path, "w") as file:
            file.append(frame)
        return
    with gsd.fl.open(path, "w", "HOOMD-blue 7", "hoomd", [1, 4]) as file:
        file.write_chunk("configuration/dimensions", np.array([2], dtype=np.uint8))
        file.write_chunk("configuration/box", np.array(frame.configuration.box, np.float64))
        file.write_chunk("particles/N", np.array([N], dtype=np.uint32))
        width = max(map(len, names)) + 1
        text = np.array([name.encode() for name in names], dtype=f"S{width}")
        file.write_chunk("particles/types", text.view(np.int8).reshape(len(names), width))
        file.write_chunk("particles/typeid", np.array(frame.particles.typeid, np.uint32))
        file.write_chunk("particles/position", frame.particles.position.astype(np.float64))
        file.end_frame()


def lammps_data(path):
    lines = [f"{i} {t + 1} {x!r} {y!r} 0.0" for i, t, (x, y) in
             zip(IDS, KNOWN.types, (KNOWN.positions % LENGTH).tolist(), strict=True)]  # fmt: skip
    box = [f"0.0 {LENGTH!r} {axis}lo {axis}hi" for axis in "xy"]
    head = ["LAMMPS data file", "", f"{N} atoms", "3 atom types", "", *box, "-0.5 0.5 zlo zhi", ""]
    path.write_text("\n".join([*head, "Atoms # atomic", "", *lines, ""]))


ELEMENTS = {"A": "Ni", "B": "P", "C": "Cu"}
NUMBERS = {"A": 28, "B": 15, "C": 29}
MAPPED = "Ni=A,P=B,Cu=C"

KINDS = {
    "plain.dump": (plain, {}),
    "names.dump": (names_and_wrong_numbers, {}),
    "element only.dump": (
        lambda path: dump(path, "id element x y z", rows(NAMES)), {}),
    "permuted.dump": (
        lambda path: dump(path, "id type x y z", rows((KNOWN.types + 1) % 3 + 1)),
        {"--species": "2=A,3=B,1=C"}),
    "order.dump": (
        lambda path: dump(path, "id type x y z", rows((KNOWN.types + 1) % 3 + 1)),
        {"--species": "C,A,B"}),
    "from zero.dump": (
        lambda path: dump(path, "id type x y z", rows(KNOWN.types)),
        {"--species": "0=A,1=B,2=C"}),
    "elements.dump": (
        lambda path: dump(path, "id element x y z", rows([ELEMENTS[n] for n in NAMES])),
        {"--species": MAPPED}),
    "gzip": (lambda path: plain(path, gzip.open), {}),
    "bzip2": (lambda path: plain(path, bz2.open), {}),
    "xz": (lambda path: plain(path, lzma.open), {}),
    "noise.dump": (flat_noise, {}),
    "more noise.dump": (
        lambda path: dump(path, "id type x y z",
                          [(*row[:-1], 1e-4 * (k % 3)) for k, row in
                           enumerate(rows(KNOWN.types + 1))]), {}),
    "tilt.dump": (lambda path: tilted_dump(path, 1), {}),
    "other tilt.dump": (lambda path: tilted_dump(path, -1), {}),
    "steep tilt.dump": (lambda path: tilted_dump(path, 5), {}),
    "images.dump": (scaled_images, {}),
    "unwrapped.dump": (
        lambda path: dump(path, "id type xu yu zu", rows(
            KNOWN.types + 1,
            KNOWN.positions + LENGTH * np.random.default_rng(5).integers(-9, 10, (N, 2)))), {}),
    "Z.xyz": (
        lambda path: xyz(path, f"{LATTICE} Properties=Z:I:1:pos:R:3",
                         [NUMBERS[n] for n in NAMES]), {"--species": MAPPED}),
    "numbers of elements.xyz": (
        lambda path: xyz(path, f"{LATTICE} Properties=Z:I:1:pos:R:3",
                         [NUMBERS[n] for n in NAMES]), {"--species": "28=A,15=B,29=C"}),
    "elements.xyz": (
        lambda path: xyz(path, f"{LATTICE} Properties=element:S:1:pos:R:3",
                         [ELEMENTS[n] for n in NAMES]), {"--species": MAPPED}),
    "type.xyz": (
        lambda path: xyz(path, f"{LATTICE} Properties=type:I:1:pos:R:2",
                         KNOWN.types + 1, ""), {}),
    "name.xyz": (
        lambda path: xyz(path, f"{LATTICE} Properties=name:S:1:pos:R:3 pbc=\"T T F\"", NAMES), {}),
    "fortran.xyz": (fortran_xyz, {}),
    "turned.xyz": (turned_xyz, {}),
    "atooms.xyz": (
        lambda path: xyz(path, f"step:7 columns:id,pos,radius dt:0.1 cell:{LENGTH!r},{LENGTH!r}",
                         NAMES, "0.5"), {}),
    "partycls.xyz": (
        lambda path: xyz(path, f"step:7 columns:species,position cell:{LENGTH!r},{LENGTH!r},1.0",
                         NAMES), {}),
    "rumd.xyz": (
        lambda path: xyz(path, f"ioformat=2 timeStepIndex=7 dt=0.1 numTypes=3 mass=1,1,1 "
                         f"sim_box=RectangularSimulationBox,{LENGTH!r},{LENGTH!r},1.0 "
                         "columns=type,x,y,z,imx,imy,imz", KNOWN.types, "0.0 1 0 0"), {}),
    "bare.xyz": (
        lambda path: xyz(path, f"cell:{LENGTH!r},{LENGTH!r},1.0", NAMES), {}),
    "order.gsd": (lambda path: hoomd(path, "BCA"), {}),
    "unused.gsd": (lambda path: hoomd(path, "BCAD"), {}),
    "elements.gsd": (
        lambda path: hoomd(path, "ABC", double=True), {}),
    "tilt.gsd": (lambda path: hoomd(path, "ACB", [LENGTH, LENGTH, 0, 1, 0, 0]), {}),
    "lammps.data": (lammps_data, {}),
}  # fmt: skip


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    folder = tmp_path_factory.mktemp("model")
    for number in range(16, 20):
        write_gsd(SAMPLE.data[number], folder / f"{number}.gsd")
    time = float(SAMPLE.times[16, -1])
    result = run("fit", folder / "*.gsd", "--format", "gsd", "--time", time, "--jobs", 1,
                 "--descriptors", "cubuk2015", "--out", folder / "model.skops")  # fmt: skip
    assert result.exit_code == 0, result.output
    return folder / "model.skops"


def predicted(model, path, out, **options):
    """Predictions in the order of the ids, with the whole table."""
    pairs = [word for pair in options.items() for word in pair]
    result = run("predict", model, path, "--out", out, "--jobs", 1, *pairs)
    assert result.exit_code == 0, result.output
    table = dict(np.load(out))
    return table["displacement_predicted"], table


@pytest.fixture(scope="module")
def expected(model, tmp_path_factory):
    """Predictions for the known configuration in its own order, by way of the plain dump."""
    folder = tmp_path_factory.mktemp("plain")
    plain(folder / "plain.dump")
    values, table = predicted(model, folder / "plain.dump", folder / "out.npz")
    np.testing.assert_array_equal(table["id"], np.sort(IDS))
    in_file = np.empty(N)
    in_file[np.argsort(IDS)] = values
    assert np.std(in_file) > 0.02
    return in_file


@pytest.mark.parametrize("kind", KINDS)
def test_same_predictions_from_every_kind(model, expected, tmp_path, kind):
    if kind == "lammps.data":
        pytest.importorskip("MDAnalysis")
    write, options = KINDS[kind]
    write(tmp_path / kind)
    values, table = predicted(model, tmp_path / kind, tmp_path / "out.npz", **options)
    order = np.arange(N) if (table["id"] == np.arange(N)).all() else np.argsort(IDS)
    single = kind.endswith((".gsd", ".data")) and kind != "elements.gsd"
    np.testing.assert_allclose(values, expected[order], atol=1e-3 if single else 1e-7)
    np.testing.assert_array_equal(table["type"], NAMES[order])


def test_copies_in_a_cell_that_no_orthorhombic_box_has(model, expected, tmp_path):
    """Spanned by (3, 0) and (1, 1) box lengths; states are inherent structures."""
    points = np.concatenate([KNOWN.positions + np.array([k * LENGTH, 0]) for k in range(3)])
    lines = [(i, t, *x, 0) for i, (t, x) in
             enumerate(zip(np.tile(KNOWN.types + 1, 3), points.tolist(), strict=True))]  # fmt: skip
    box = "\n".join([
        "ITEM: BOX BOUNDS xy xz yz pp pp pp",
        f"0 {4 * LENGTH!r} {LENGTH!r}", f"0 {LENGTH!r} 0", "-0.5 0.5 0",
    ])  # fmt: skip
    dump(tmp_path / "copies.dump", "id type x y z", lines, box)
    (read,) = read_structures(tmp_path / "copies.dump", species={"1": "A", "2": "B", "3": "C"})
    assert not read.configuration.box.is_orthorhombic
    values, _ = predicted(model, tmp_path / "copies.dump", tmp_path / "out.npz")
    np.testing.assert_allclose(values, np.tile(expected, 3), atol=1e-6)


CASES = {
    "f_tilt_plus.dump": {},
    "h_types_permuted.dump": {"--species": "1=C,2=A,3=B"},
    "i_type_and_element.dump": {},
    "l_gz.dump.gz": {},
    "o_z_noise.dump": {},
    "r_ids_gap.dump": {},
    "x_Z.xyz": {"--species": "1=A,2=B,3=C"},
    "x_atooms.xyz": {},
    "x_elements.xyz": {"--species": MAPPED},
    "x_fortran_d.xyz": {},
}


@pytest.mark.parametrize("case", CASES)
def test_cases_of_users(model, shared_cases, tmp_path, case):
    known, _ = predicted(model, shared_cases / "a_plain.dump", tmp_path / "plain.npz")
    values, table = predicted(model, shared_cases / case, tmp_path / "out.npz", **CASES[case])
    np.testing.assert_allclose(values, known, atol=1e-6)
    if case == "r_ids_gap.dump":
        assert len(np.unique(table["id"])) == N
        assert np.ptp(table["id"]) >= N


def test_rows_are_joined_back_by_id_file_frame_and_step(model, tmp_path):
    plain(tmp_path / "a.dump")
    text = (tmp_path / "a.dump").read_text()
    second = text.replace("TIMESTEP\n0", "TIMESTEP\n500").replace(
        "ITEM: TIMESTEP", "ITEM: TIME\n2.5\nITEM: TIMESTEP"
    )
    (tmp_path / "a.dump").write_text(text + second)
    outs = {suffix: tmp_path / f"out.{suffix}" for suffix in ("npz", "csv", "gsd")}
    for out in outs.values():
        result = run("predict", model, tmp_path / "a.dump", "--out", out, "--jobs", 1)
        assert result.exit_code == 0, result.output
        assert "in 2 configurations" in result.stderr
    table = dict(np.load(outs["npz"]))
    assert set(table["file"]) == {str(tmp_path / "a.dump")}
    np.testing.assert_array_equal(table["id"], np.tile(np.sort(IDS), 2))
    np.testing.assert_array_equal(table["frame"], np.repeat([0, 1], N))
    np.testing.assert_array_equal(table["time_step"], np.repeat([0, 500], N))
    np.testing.assert_array_equal(table["time"], np.repeat([np.nan, 2.5], N))
    read = list(csv.DictReader(outs["csv"].read_text().splitlines()))
    for name in ("id", "file", "frame", "time_step", "time", "displacement_predicted"):
        np.testing.assert_array_equal(
            np.array([row[name] for row in read]).astype(table[name].dtype), table[name]
        )
    with gsd.hoomd.open(outs["gsd"], "r") as file:
        assert [frame.configuration.step for frame in file] == [0, 500]
        assert [frame.log["frame"][0] for frame in file] == [0, 1]
        np.testing.assert_array_equal(file[1].log["particles/id"], np.sort(IDS))
        assert bytes(file[1].log["file"]).decode() == str(tmp_path / "a.dump")
        assert file[1].log["frame_time"][0] == 2.5


REFUSED = {
    "permuted": (
        lambda path: dump(path, "id type x y z", rows((KNOWN.types + 1) % 3 + 1)),
        r"a.dump: 360 A, 600 B, 330 C, and KA2D has 600 A, 330 B, 360 C of 1290 particles; .*--spe",
        [],
    ),
    "two species exchanged": (
        lambda path: dump(path, "id type x y z", rows(np.array([1, 3, 2])[KNOWN.types])),
        r"600 A, 360 B, 330 C, and KA2D has 600 A, 330 B, 360 C",
        [],
    ),
    "other unit of length": (
        lambda path: dump(path, "id type x y z", rows(KNOWN.types + 1, KNOWN.positions * 3.4),
                          "\n".join(["ITEM: BOX BOUNDS pp pp pp",
                                     *[f"0 {3.4 * LENGTH!r}"] * 2, "-0.5 0.5"])),
        r"density is 0.1031, and KA2D has 1.192; .*lengths times 0.294",
        [],
    ),
    "one element for all": (
        lambda path: dump(path, "id type element x y",
                          [(*r[:2], "C", *r[2:4]) for r in rows(KNOWN.types + 1)]),
        r"all particles have the element 'C', and 3 different values of type",
        [],
    ),
    "unknown names": (
        lambda path: dump(path, "id element x y z", rows([ELEMENTS[n] for n in NAMES])),
        r"a.dump: unknown species 'Cu'; known are A, B, C; .*--species 'Cu=A'",
        [],
    ),
    "half a mapping": (
        lambda path: dump(path, "id element x y z", rows([ELEMENTS[n] for n in NAMES])),
        r"mapping of Ni, P does not tell .* element: (Cu|Ni|P), (Cu|Ni|P), (Cu|Ni|P)",
        ["--species", "Ni=A,P=B"],
    ),
    "mapped to nothing": (plain, "no species 'D'; known are A, B, C", ["--species", "1=A,2=B,3=D"]),
    "no mapping": (plain, "does not tell species; write", ["--species", "1=A,B"]),
    "too many types": (
        lambda path: dump(path, "id type x y z", rows(KNOWN.types + 2)),
        r"there is a type 4, and 3 species A, B, C",
        [],
    ),
    "at one point": (
        lambda path: dump(path, "id type x y z", rows(
            KNOWN.types + 1, np.where(np.arange(N)[:, None] == 8, KNOWN.positions[5:6] + LENGTH,
                                      KNOWN.positions))),
        rf"a.dump: particle {min(IDS[5], IDS[8])} and particle {max(IDS[5], IDS[8])} are at one",
        [],
    ),
    "the same id twice": (
        lambda path: dump(path, "id type x y z", rows(KNOWN.types + 1, ids=IDS // 6 * 6)),
        "two particles have the id",
        [],
    ),
    "no such frame": (plain, "none of its 1 frame.* is chosen", ["--frames", "3:9"]),
    "no times": (plain, r"no times by which .*--frames.*--time-step", ["--times", "0:1"]),
    "odd frames": (plain, "'one' are not start:stop:step", ["--frames", "one"]),
}  # fmt: skip


@pytest.mark.parametrize("case", REFUSED)
def test_what_would_be_wrong_in_silence_is_refused(model, tmp_path, case):
    write, message, options = REFUSED[case]
    write(tmp_path / "a.dump")
    result = run("predict", model, tmp_path / "a.dump", "--out", tmp_path / "x.npz", "--jobs", 1,
                 *options)  # fmt: skip
    assert result.exit_code == 2
    assert len(result.stderr.splitlines()) == 1
    assert re.search(message, result.stderr), result.stderr
    assert not (tmp_path / "x.npz").exists()


def test_units_of_length_can_be_told(model, expected, tmp_path):
    box = "\n".join(["ITEM: BOX BOUNDS pp pp pp", *[f"0 {3.4 * LENGTH!r}"] * 2, "-0.5 0.5"])
    dump(tmp_path / "a.dump", "id type x y", [r[:-1] for r in
         rows(KNOWN.types + 1, KNOWN.positions * 3.4)], box)  # fmt: skip
    values, _ = predicted(model, tmp_path / "a.dump", tmp_path / "out.npz",
                          **{"--length-unit": 1 / 3.4})  # fmt: skip
    np.testing.assert_allclose(values, expected[np.argsort(IDS)], atol=1e-6)


def test_paths_as_users_have_them(model, expected, tmp_path, monkeypatch):
    home = tmp_path / "home"
    folder = home / "T=0.36 [KA2D]" / "deep"
    folder.mkdir(parents=True)
    monkeypatch.setenv("HOME", str(home))
    for name in ("c.dump", "d [1].dump"):
        plain(folder / name)
    for pattern in ("~/T=0.36 [KA2D]/deep/c.dump", "~/T=0.36 [KA2D]/*/c.dump", "~/**/c.dump",
                    str(folder / "d [1].dump"), str(folder / "?.dump")):  # fmt: skip
        out = "~/out.npz"
        result = run("predict", model, pattern, f"--out={out}", "--overwrite", "--jobs", 1)
        assert result.exit_code == 0, result.output
        values = np.load(home / "out.npz")["displacement_predicted"]
        np.testing.assert_allclose(values, expected[np.argsort(IDS)], atol=1e-7)
    result = run("predict", model, "~/none*", "--out", tmp_path / "x.npz")
    assert "no file matches '~/none*'" in result.stderr


def test_frames_and_a_cut_end(model, tmp_path):
    plain(tmp_path / "one.dump")
    text = (tmp_path / "one.dump").read_text()
    frames = [text.replace("TIMESTEP\n0", f"TIMESTEP\n{100 * k}") for k in range(6)]
    (tmp_path / "a.dump").write_text("".join(frames)[:-3000])
    for options, steps in (
        ({}, [0, 100, 200, 300, 400]),
        ({"--frames": "1:5:2"}, [100, 300]),
        ({"--frames": "-2:"}, [300, 400]),
        ({"--frames": "-1"}, [400]),
        ({"--frames": "2"}, [200]),
        ({"--times": "1:3", "--time-step": 0.01}, [100, 200, 300]),
        ({"--times": "0:4:2", "--time-step": 0.01}, [0, 200, 400]),
    ):
        pairs = [word for pair in options.items() for word in pair]
        result = run("predict", model, tmp_path / "a.dump", "--out", tmp_path / "o.npz",
                     "--overwrite", "--jobs", 1, *pairs)  # fmt: skip
        assert result.exit_code == 0, result.output
        table = np.load(tmp_path / "o.npz")
        assert sorted(set(table["time_step"].tolist())) == steps
        if not options:
            assert "a.dump: frame 5 is cut off" in result.stderr


def test_tilted_boxes_of_ones_own(model, expected):
    from vitreous.liquid import Configuration
    from vitreous.models import load_model

    tilted = Configuration.wrapped(
        KNOWN.positions, KNOWN.types, Box((LENGTH, LENGTH), (1.0,)), KNOWN.species
    )
    (values,) = load_model(model).model.predict([tilted])
    np.testing.assert_allclose(values, expected, atol=1e-7)


def test_a_file_whose_name_is_no_text_is_told_in_the_predictions(model, tmp_path):
    name = os.fsdecode(os.fsencode(tmp_path) + b"/\xe4.dump")
    plain(name)
    result = run("predict", model, name, "--out", tmp_path / "out.gsd", "--jobs", 1)
    assert result.exit_code == 0, result.output
    with gsd.hoomd.open(tmp_path / "out.gsd") as file:
        assert bytes(file[0].log["file"]) == os.fsencode(name)
