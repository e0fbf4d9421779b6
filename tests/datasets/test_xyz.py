import numpy as np
import pytest

from vitreous.datasets import read_extxyz, read_structures
from vitreous.liquid import Box, KobAndersen2D

GOOD = """2
Lattice="5.0 0.0 0.0 0.0 6.0 0.0 0.0 0.0 7.0" Properties=species:S:1:pos:R:3 pbc="T T T"
B 1.0 2.0 3.0
A 4.0 5.0 6.5
"""


def test_two_species_in_three_dimensions(tmp_path):
    (tmp_path / "a.xyz").write_text(GOOD)
    (structure,) = read_extxyz(tmp_path / "a.xyz")
    configuration = structure.configuration
    assert configuration.box == Box((5.0, 6.0, 7.0))
    assert configuration.species == ("A", "B")
    np.testing.assert_array_equal(configuration.types, [1, 0])
    np.testing.assert_allclose(configuration.positions, [[1, 2, 3], [-1, -1, -0.5]])
    (structure,) = read_structures(tmp_path / "a.xyz", "extxyz", species=("C", "B", "A"))
    np.testing.assert_array_equal(structure.configuration.types, [1, 2])


def test_more_columns_more_keys_and_frames(tmp_path):
    frame = """2
energy=-3.5 Properties=id:I:1:pos:R:3:species:S:1:forces:R:3 flag Lattice="5 0 0 1 6 0 0 0 1"
1 1.0 2.0 {0} A 0 0 0
2 4.0 5.0 {0} B 1 1 1

"""
    (tmp_path / "a.xyz").write_text(frame.format(0.0) + frame.format(0.5))
    first, second = read_extxyz(tmp_path / "a.xyz")
    assert second.source == f"{tmp_path / 'a.xyz'}, frame 1"
    assert first.configuration.box == Box((5.0, 6.0), (1 / 6,))
    np.testing.assert_array_equal(first.configuration.types, [0, 1])
    np.testing.assert_allclose(second.configuration.positions[0], [1, 2])


def test_agrees_with_ase(tmp_path):
    ase = pytest.importorskip("ase")
    io = pytest.importorskip("ase.io")
    rng = np.random.default_rng(0)
    cell = np.array([[5, 0, 0], [1.5, 6, 0], [-1, 0.5, 7]])
    scaled = rng.uniform(-1, 2, (10, 3))
    atoms = ase.Atoms("H4He6", scaled_positions=scaled, cell=cell, pbc=True)
    io.write(tmp_path / "a.xyz", atoms, format="extxyz")
    (structure,) = read_extxyz(tmp_path / "a.xyz", species=("He", "H"))
    configuration = structure.configuration
    np.testing.assert_array_equal(configuration.types, [1] * 4 + [0] * 6)
    np.testing.assert_allclose(configuration.box.matrix, cell.T, atol=1e-12)
    i, j = np.triu_indices(10, 1)
    ours = configuration.box.minimum_image(configuration.positions[j] - configuration.positions[i])
    inside = np.linalg.norm(ours, axis=1) < configuration.box.plane_distances.min() / 2
    theirs = atoms.get_all_distances(mic=True)[i, j]
    assert inside.sum() > 5
    np.testing.assert_allclose(np.linalg.norm(ours, axis=1)[inside], theirs[inside], atol=1e-6)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("2\n", "1000000000000\n", "1000000000000 particles are claimed"),
        ("2\n", "-2\n", "-2 particles"),
        ("2\n", "3\n", "ends in the middle"),
        ("2\n", "two\n", "two"),
        ("Lattice", "Grid", "no Lattice"),
        ("7.0", "7.0 8.0", "Lattice has 10 numbers"),
        ("7.0", "seven", "seven"),
        ("7.0", "0.0", "span no box"),
        ("5.0 0.0", "inf 0.0", "span no box"),
        ("pos:R:3", "pos:R:1", "no pos of 3"),
        ("pos:R:3", "pos:R:2", "row 1 of a table has 4 columns, not 3"),
        ("species:S:1:", "mol:S:1:", "no type and no element among the columns mol x y z"),
        ("A 4.0", "A 4.0.1", "'4.0.1' in row 2 of a table is no number"),
        ("A 4.0", "A 4_0", "'4_0' in row 2"),
        ("A 4.0 5.0 6.5", "B 1.0 2.0 10.0", "particle 0 and particle 1 are at one point"),
        ("pos:R:3", "pos:R:3:x", "no triples"),
        ("pos:R:3", "pos:R:3:v:R:0", "has 0 columns"),
        ("T T T", "T F T", "pbc='T F T': the box is not periodic"),
        ("A 4.0", "A 4.0 1.0", "row 2 of a table has 5 columns, not 4"),
        ("A 4.0", "A inf", "not finite"),
        (GOOD, "", "no frames"),
    ],
)
def test_damaged_files_are_named(tmp_path, old, new, message):
    assert old in GOOD
    (tmp_path / "bad.xyz").write_text(GOOD.replace(old, new, 1))
    with pytest.raises(ValueError, match=rf"bad.xyz: .*{message}"):
        read_extxyz(tmp_path / "bad.xyz")


def test_unknown_species_are_named(tmp_path):
    (tmp_path / "a.xyz").write_text(GOOD)
    with pytest.raises(ValueError, match="unknown species 'B'; known are A, C"):
        read_extxyz(tmp_path / "a.xyz", species=("A", "C"))
    with pytest.raises(FileNotFoundError):
        read_extxyz(tmp_path / "missing.xyz")


def test_positions_agree_with_those_of_a_known_configuration(tmp_path):
    known = KobAndersen2D().random_configuration(43, 0)
    length = known.box.lengths[0]
    rows = [f"{known.species[t]} {x!r} {y!r} 0.0"
            for t, (x, y) in zip(known.types, known.positions.tolist(), strict=True)]  # fmt: skip
    header = f'Lattice="{length!r} 0 0 0 {length!r} 0 0 0 1" pbc="T T F"'
    (tmp_path / "a.xyz").write_text("\n".join(["43", header.replace("np.float64", ""), *rows]))
    (structure,) = read_extxyz(tmp_path / "a.xyz")
    np.testing.assert_array_equal(structure.configuration.positions, known.positions)
    np.testing.assert_array_equal(structure.configuration.types, known.types)
