"""LAMMPS dumps in all the forms in which coordinates and boxes are written."""

import numpy as np
import pytest

from vitreous.datasets import read_lammps, read_structures
from vitreous.liquid import Box, KobAndersen, KobAndersen2D

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
    with pytest.raises(ValueError, match=rf"bad.dump: not a readable LAMMPS dump.*{message}"):
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
