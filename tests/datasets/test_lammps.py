"""LAMMPS dumps in all the forms in which coordinates and boxes are written."""

import tracemalloc

import numpy as np
import pytest

from vitreous.datasets import iterate_structures, read_lammps, read_structures
from vitreous.liquid import Box, KobAndersen, KobAndersen2D, get_system

TRICLINIC = Box((5.0, 6.0, 7.0), (0.3, -0.2, 0.4))


def dump(n_particles, box, columns, rows, step=0):
    return "\n".join(
        [
            f"ITEM: TIMESTEP\n{step}",
            f"ITEM: NUMBER OF ATOMS\n{n_particles}",
            box,
            f"ITEM: ATOMS {columns}",
            *(" ".join(f"{value!r}" if isinstance(value, float) else str(value) for value in row)
              for row in rows),
        ]
    ) + "\n"  # fmt: skip


def bounds(box, low=0.0):
    """Lines of BOX BOUNDS as LAMMPS documents them; its tilt factors are lengths."""
    lengths = [*box.lengths, 1.0][:3]
    if box.is_orthorhombic:
        lines = [f"{low!r} {low + length!r}" for length in lengths]
        return "\n".join(["ITEM: BOX BOUNDS pp pp pp", *lines])
    xy, xz, yz = box.tilts[0] * lengths[1], box.tilts[1] * lengths[2], box.tilts[2] * lengths[2]
    lines = [
        f"{low + min(0, xy, xz, xy + xz)!r} {low + lengths[0] + max(0, xy, xz, xy + xz)!r} {xy!r}",
        f"{low + min(0, yz)!r} {low + lengths[1] + max(0, yz)!r} {xz!r}",
        f"{low!r} {low + lengths[2]!r} {yz!r}",
    ]
    return "\n".join(["ITEM: BOX BOUNDS xy xz yz pp pp pp", *lines])


def assert_same_up_to_images(configuration, positions):
    difference = configuration.box.minimum_image(configuration.positions - positions)
    np.testing.assert_allclose(difference, 0, atol=1e-9)


def test_unwrapped_dump_of_two_dimensions(tmp_path):
    known = KobAndersen2D().random_configuration(43, 0)
    length = known.box.lengths[0]
    rng = np.random.default_rng(1)
    unwrapped = known.positions + length * rng.integers(-2, 3, (43, 2))
    rows = [(int(t) + 1, *map(float, x)) for t, x in zip(known.types, unwrapped, strict=True)]
    text = dump(43, bounds(known.box, -length / 2), "type xu yu", rows, step=700)
    (tmp_path / "liquid.dump").write_text(text)
    (structure,) = read_lammps(tmp_path / "liquid.dump")
    assert structure.configuration.species == ("A", "B", "C")
    np.testing.assert_allclose(structure.configuration.box.lengths, length)
    np.testing.assert_array_equal(structure.configuration.types, known.types)
    assert_same_up_to_images(structure.configuration, known.positions)
    assert structure.system == ""
    assert np.isnan(structure.temperature)
    assert structure.source == str(tmp_path / "liquid.dump")


@pytest.mark.parametrize("box", [Box((5.0, 6.0, 7.0)), TRICLINIC], ids=["straight", "tilted"])
@pytest.mark.parametrize("columns", ["x y z", "xu yu zu", "xs ys zs", "xsu ysu zsu"])
def test_coordinates_and_boxes_of_three_dimensions(tmp_path, box, columns):
    rng = np.random.default_rng(0)
    fractions = rng.uniform(0, 1, (20, 3))
    if "u" in columns:
        fractions += rng.integers(-1, 2, (20, 3))
    low = 1.5
    positions = low + fractions @ box.matrix.T
    written = fractions if "s" in columns else positions
    ids = rng.permutation(20) + 1
    rows = [(int(i), 1 + int(i) % 2, *map(float, x), 0.25)
            for i, x in zip(ids, written, strict=True)]  # fmt: skip
    text = dump(20, bounds(box, low), f"id type {columns} vx", rows)
    (tmp_path / "a.dump").write_text(text)
    (structure,) = read_lammps(tmp_path / "a.dump")
    configuration = structure.configuration
    np.testing.assert_allclose(configuration.box.lengths, box.lengths)
    np.testing.assert_allclose(configuration.box.tilts, box.tilts, atol=1e-12)
    assert_same_up_to_images(configuration, positions[np.argsort(ids)])
    np.testing.assert_array_equal(configuration.types, (np.arange(20) + 1) % 2)


def test_distances_across_a_tilted_box_are_kept(tmp_path):
    # Two particles next to each other through the tilted face.
    a, b = [0.1, 0.1, 0.1], TRICLINIC.matrix @ [0, 0, 1] + [0.1, 0.1, -0.1]
    rows = [(1, 1, *a), (2, 1, *map(float, b))]
    (tmp_path / "a.dump").write_text(dump(2, bounds(TRICLINIC), "id type x y z", rows))
    (structure,) = read_lammps(tmp_path / "a.dump")
    first, second = structure.configuration.positions
    vector = structure.configuration.box.minimum_image(second - first)
    np.testing.assert_allclose(vector, [0, 0, -0.2], atol=1e-12)


def test_frames_units_times_and_elements(tmp_path):
    box = bounds(Box.cube(5, 3))
    frames = [
        f"ITEM: UNITS\nlj\nITEM: TIME\n{step * 0.005}\n"
        + dump(2, box, "element x y z", [("B", 1, 1, step), ("A", 2, 2, 3)], step)
        for step in (0, 1, 2)
    ]
    (tmp_path / "a.dump").write_text("".join(frames) + "\n")
    structures = read_lammps(tmp_path / "a.dump")
    assert [item.source[-13:] for item in structures] == [f", time step {k}" for k in range(3)]
    np.testing.assert_array_equal(structures[1].configuration.types, [1, 0])
    assert [item.configuration.positions[0, 2] for item in structures] == [0, 1, 2]


def test_species_of_the_mixture_may_be_named(tmp_path):
    (tmp_path / "a.dump").write_text(
        dump(2, bounds(Box.cube(5, 2)), "type x y z", [(1, 1, 1, 0), (1, 2, 2, 0)])
    )
    (structure,) = read_structures(tmp_path / "a.dump", "lammps", species=("small", "large"))
    assert structure.configuration.species == ("small", "large")
    (structure,) = read_structures(tmp_path / "a.dump", "lammps")
    assert structure.configuration.species == ("A",)


def good():
    return dump(2, bounds(Box.cube(5, 3)), "type x y z", [(1, 1, 1, 0), (2, 2, 2, 1)])


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda s: s.replace("ATOMS\n2", "ATOMS\n1000000000000"), "1000000000000 particles"),
        (lambda s: s.replace("ATOMS\n2", "ATOMS\n0"), "0 particles"),
        (lambda s: s.replace("ATOMS\n2", "ATOMS\n3"), "ends in the middle of a frame"),
        (lambda s: s[:-4], "row 2 of a table has 2 columns, not 4"),
        (lambda s: s.replace("type x", "mass x"), "no type and no element among the columns mass"),
        (lambda s: s.replace("x y z", "vx vy vz"), "no coordinates among the columns type vx"),
        (lambda s: s.replace("pp pp pp", "pp ff pp"), "boundaries pp ff pp are not all periodic"),
        (lambda s: s.replace("pp pp pp", "abc origin"), "general triclinic"),
        (lambda s: s.replace("2 2 2 1", "2 2 nan 1"), "not finite"),
        (lambda s: s.replace("2 2 2 1", "2 2 1e400 1"), "not finite"),
        (lambda s: s.replace("2 2 2 1", "2 2 two 1"), "two"),
        (lambda s: s.replace("2 2 2 1", "0 2 2 1"), "types count from 1, and there is a type 0"),
        (lambda s: s.replace("2 2 2 1", "99 2 2 1"), "type 99; name the species"),
        (lambda s: s.replace("0.0 5.0", "5.0 5.0"), "span no box"),
        (lambda s: "hello\n" + s, "unknown line 'hello'"),
        (lambda s: s[s.index("ITEM: ATOMS") :], "without NUMBER OF ATOMS"),
        (lambda s: "", "no frames"),
        (lambda s: "x" * 2_000_000, "characters or more"),
    ],
)
def test_damaged_dumps_are_named(tmp_path, change, message):
    (tmp_path / "bad.dump").write_text(change(good()))
    with pytest.raises(ValueError, match=rf"bad.dump: .*{message}"):
        read_lammps(tmp_path / "bad.dump")


def test_missing_and_binary_files(tmp_path):
    with pytest.raises(FileNotFoundError):
        read_lammps(tmp_path / "missing.dump")
    (tmp_path / "bad.dump").write_bytes(bytes(range(256)) * 10)
    with pytest.raises(ValueError, match=r"bad.dump: not a readable LAMMPS dump"):
        read_lammps(tmp_path / "bad.dump")


def test_three_dimensional_mixture(tmp_path):
    known = KobAndersen().random_configuration(50, 0)
    rows = [(int(t) + 1, *map(float, x)) for t, x in zip(known.types, known.positions, strict=True)]
    low = -known.box.lengths[0] / 2
    (tmp_path / "a.dump").write_text(dump(50, bounds(known.box, low), "type xu yu zu", rows))
    (structure,) = read_lammps(tmp_path / "a.dump")
    np.testing.assert_allclose(structure.configuration.positions, known.positions, atol=1e-12)


def test_general_triclinic_boxes_are_turned(tmp_path):
    """As LAMMPS documents `abc origin`: three vectors of any orientation, and the corner."""
    rng = np.random.default_rng(0)
    rotation, _ = np.linalg.qr(rng.normal(size=(3, 3)))
    rotation *= np.sign(np.linalg.det(rotation))
    vectors = TRICLINIC.matrix.T @ rotation
    fractions = rng.uniform(0, 1, (20, 3))
    origin = np.array([1.0, 2.0, 3.0])
    lines = [" ".join(map(repr, [*v, o])) for v, o in
             zip(vectors.tolist(), origin.tolist(), strict=True)]  # fmt: skip
    box = "\n".join(["ITEM: BOX BOUNDS abc origin pp pp pp", *lines])
    positions = origin + fractions @ vectors
    rows = [(1, *map(float, x)) for x in positions]
    (tmp_path / "a.dump").write_text(dump(20, box, "type x y z", rows))
    (structure,) = read_lammps(tmp_path / "a.dump")
    configuration = structure.configuration
    assert configuration.box.volume == pytest.approx(TRICLINIC.volume)
    i, j = np.triu_indices(20, 1)
    known = np.linalg.norm(TRICLINIC.minimum_image((fractions[j] - fractions[i])
                                                   @ TRICLINIC.matrix.T), axis=1)  # fmt: skip
    vectors = configuration.positions[j] - configuration.positions[i]
    found = np.linalg.norm(configuration.box.minimum_image(vectors), axis=1)
    near = known < TRICLINIC.plane_distances.min() / 2
    assert near.sum() > 20
    np.testing.assert_allclose(found[near], known[near], atol=1e-9)


def test_times_and_steps(tmp_path):
    text = "".join(
        f"ITEM: TIME\n{0.25 * step}\n" + good().replace("STEP\n0", f"STEP\n{step}")
        for step in (10, 20)
    )
    (tmp_path / "a.dump").write_text(text)
    structures = read_lammps(tmp_path / "a.dump")
    assert [(s.frame, s.step, s.time) for s in structures] == [(0, 10, 2.5), (1, 20, 5.0)]
    assert {s.file for s in structures} == {str(tmp_path / "a.dump")}


@pytest.mark.parametrize("n_left", [5, 30, 60, 90])
def test_a_last_frame_that_is_cut_off_is_reported(tmp_path, n_left):
    whole = good()
    (tmp_path / "a.dump").write_text(whole + whole + whole[:n_left])
    with pytest.warns(UserWarning, match=r"a.dump: frame 2 is cut off .* the 2 before are whole"):
        structures = read_lammps(tmp_path / "a.dump")
    assert len(structures) == 2
    # Even if nothing but the end of the last number is missing.
    (tmp_path / "a.dump").write_text(whole + whole[:-2])
    with pytest.warns(UserWarning, match="frame 1 is cut off"):
        assert len(read_lammps(tmp_path / "a.dump")) == 1
    (tmp_path / "a.dump").write_text(whole.replace("2 2 2 1", "2 2 2") + whole)
    with pytest.raises(ValueError, match="row 2 of a table has 3 columns"):
        read_lammps(tmp_path / "a.dump")


def test_memory_is_that_of_a_frame(tmp_path):
    known = KobAndersen().random_configuration(1000, 0)
    rows = [(int(t) + 1, *map(float, x)) for t, x in zip(known.types, known.positions, strict=True)]
    low = -known.box.lengths[0] / 2
    one = dump(1000, bounds(known.box, low), "type x y z", rows)
    (tmp_path / "a.dump").write_text(one * 200)
    assert (tmp_path / "a.dump").stat().st_size > 1e7
    # Once before, so that what is compiled at first use does not count.
    read_structures(tmp_path / "a.dump", frames=0)
    peaks = []
    for frames in ("0:20", ":"):
        tracemalloc.start()
        n_frames = sum(1 for _ in iterate_structures(tmp_path / "a.dump", frames=frames))
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert n_frames == 200
    assert peaks[1] < 1.2 * peaks[0] < 6e6


def test_continuous_diameters_are_read_from_a_users_file(shared_cases):
    path = shared_cases / "poly.dump"
    columns = np.loadtxt(path, skiprows=9)
    (structure,) = read_structures(path, system=get_system("PSS3D"))
    order = np.argsort(structure.ids)
    np.testing.assert_array_equal(structure.configuration.diameters[order], columns[:, 6])


@pytest.mark.parametrize("ids", [np.arange(40), np.arange(40) * 1000, np.arange(-20, 20) * 3])
def test_rows_are_sorted_by_their_ids(tmp_path, ids):
    """With few gaps and with many; columns of all kinds go along."""
    rng = np.random.default_rng(0)
    positions, images = rng.uniform(0, 5, (40, 3)), rng.integers(-2, 3, (40, 3))
    types, radii = rng.integers(1, 3, 40), rng.uniform(0.4, 0.6, 40).tolist()
    lines = ["ITEM: TIMESTEP", "0", "ITEM: NUMBER OF ATOMS", "40",
             "ITEM: BOX BOUNDS pp pp pp", *3 * ["0 5"],
             "ITEM: ATOMS radius type x y z ix iy iz id"]  # fmt: skip
    for k in rng.permutation(40):
        numbers = " ".join(map(repr, positions[k].tolist()))
        lines.append(f"{radii[k]!r} {types[k]} {numbers} {' '.join(map(str, images[k]))} {ids[k]}")
    (tmp_path / "a.dump").write_text("\n".join(lines) + "\n")
    (structure,) = read_lammps(tmp_path / "a.dump")
    np.testing.assert_array_equal(structure.ids, ids)
    np.testing.assert_allclose(structure.unwrapped, positions + 5 * images, atol=1e-12)
    np.testing.assert_array_equal(structure.configuration.types, types - 1)
    np.testing.assert_allclose(structure.configuration.diameters, 2 * np.array(radii))
    lines[-1] = lines[-1].rpartition(" ")[0] + " " + lines[-2].rpartition(" ")[2]
    (tmp_path / "b.dump").write_text("\n".join(lines) + "\n")
    with pytest.raises(ValueError, match=f"two particles have the id {lines[-1].split()[-1]}"):
        read_lammps(tmp_path / "b.dump")
