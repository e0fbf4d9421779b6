"""Formats that MDAnalysis reads: species from a topology, precision of the format, no surprises."""

import numpy as np
import pytest

from vitreous.datasets import format_of, iterate_structures, read_structures, to_mdanalysis
from vitreous.liquid import KobAndersen, KobAndersen2D

MDAnalysis = pytest.importorskip("MDAnalysis")

SYSTEM = KobAndersen()
START = SYSTEM.random_configuration(60, 0)


def positions(number):
    return START.positions + 0.01 * number


@pytest.fixture
def topology(tmp_path):
    """A dump whose rows and ids are in no order, and whose numbers of types are its own."""
    length = START.box.lengths[0]
    rows = [f"{2 * k + 5} {2 - t} {x!r} {y!r} {z!r}" for k, (t, (x, y, z)) in
            enumerate(zip(START.types, START.positions.tolist(), strict=True))]  # fmt: skip
    rng = np.random.default_rng(0)
    lines = ["ITEM: TIMESTEP", "0", "ITEM: NUMBER OF ATOMS", "60", "ITEM: BOX BOUNDS pp pp pp",
             *[f"{-length / 2!r} {length / 2!r}"] * 3, "ITEM: ATOMS id type x y z",
             *(rows[k] for k in rng.permutation(60)), ""]  # fmt: skip
    path = tmp_path / "topology.dump"
    path.write_text("\n".join(lines))
    return path


def write(path, n_frames=4, start=START):
    universe = to_mdanalysis(start)
    with MDAnalysis.Writer(str(path), n_atoms=start.n_particles) as writer:
        for number in range(n_frames):
            universe.atoms.positions = np.pad(
                start.positions + 0.01 * number, ((0, 0), (0, 3 - start.dimensions))
            )
            writer.write(universe.atoms)


@pytest.mark.filterwarnings("ignore::UserWarning", "ignore::DeprecationWarning")
@pytest.mark.parametrize("suffix", ["xtc", "trr", "dcd"])
def test_trajectories_with_a_topology(tmp_path, topology, suffix):
    write(tmp_path / f"a.{suffix}")
    # Neither the name nor a format has to tell.
    path = (tmp_path / f"a.{suffix}").rename(tmp_path / "trajectory")
    assert format_of(path) == "mdanalysis"
    frames = read_structures(path, topology=topology, species=None)
    assert [frame.frame for frame in frames] == [0, 1, 2, 3]
    atol = 0.01 if suffix == "xtc" else 1e-5
    for number, frame in enumerate(frames):
        moved = START.box.minimum_image(frame.configuration.positions - positions(number))
        np.testing.assert_allclose(moved, 0, atol=atol)
        np.testing.assert_array_equal(frame.configuration.types, 1 - START.types)
        np.testing.assert_array_equal(frame.ids, 2 * np.arange(60) + 5)
        assert frame.unwrapped is None
    mapped = read_structures(
        path, topology=topology, system=SYSTEM, species={"A": "B", "B": "A"}, frames="-1"
    )
    assert [frame.frame for frame in mapped] == [3]
    np.testing.assert_array_equal(mapped[0].configuration.types, START.types)


@pytest.mark.filterwarnings("ignore::UserWarning", "ignore::DeprecationWarning")
def test_two_dimensions_and_units(tmp_path):
    start = KobAndersen2D().random_configuration(50, 0)
    write(tmp_path / "a.xtc", 1, start)
    lines = ["50", f'Lattice="{start.box.lengths[0]} 0 0 0 {start.box.lengths[1]} 0 0 0 1"',
             *(f"{'ABC'[t]} {x!r} {y!r} 0" for t, (x, y) in
               zip(start.types, start.positions.tolist(), strict=True)), ""]  # fmt: skip
    (tmp_path / "a.xyz").write_text("\n".join(lines))
    (frame,) = read_structures(tmp_path / "a.xtc", topology=tmp_path / "a.xyz", length_unit=2.0)
    assert frame.configuration.dimensions == 2
    np.testing.assert_allclose(frame.configuration.box.lengths, 2 * start.box.lengths[0], atol=0.02)


@pytest.mark.filterwarnings("ignore::UserWarning", "ignore::DeprecationWarning")
def test_what_cannot_be_read(tmp_path, topology):
    write(tmp_path / "a.xtc")
    with pytest.raises(ValueError, match=r"a.xtc, frame 0: no type and no element.*--topology"):
        read_structures(tmp_path / "a.xtc")
    (tmp_path / "two.xyz").write_text('2\nLattice="5 0 0 0 5 0 0 0 5"\nA 0 0 0\nB 1 1 1\n')
    with pytest.raises(ValueError, match=r"has 60 atoms, and the topology .* has 2"):
        read_structures(tmp_path / "a.xtc", topology=tmp_path / "two.xyz")
    whole = (tmp_path / "a.xtc").read_bytes()
    (tmp_path / "cut.xtc").write_bytes(whole[: len(whole) // 8])
    with pytest.raises(ValueError, match=r"cut.xtc: "):
        read_structures(tmp_path / "cut.xtc", topology=topology)
    (tmp_path / "odd").write_text("hello")
    with pytest.raises(ValueError, match=r"odd: its content is of no format that is known"):
        read_structures(tmp_path / "odd")
    with pytest.raises(ValueError, match=r"the format 'none' is unknown; choose one of auto"):
        iterate_structures(tmp_path / "odd", "none")


def write_data(path, rows, heading="Atoms"):
    n, box = len(START.types), START.box.lengths[0]
    sides = "\n".join(f"0 {box!r} {axis}lo {axis}hi" for axis in "xyz")
    head = f"LAMMPS data\n\n{n} atoms # a remark\n2 atom types\n\n{sides}\n\n{heading}\n\n"
    path.write_text(head + "".join(f"{row}\n" for row in rows))
    return path


def test_data_files_that_say_less_or_more_than_they_hold(tmp_path):
    places = (START.positions + START.box.lengths[0] / 2).tolist()
    rows = [
        f"{k + 1} {t + 1} {x!r} {y!r} {z!r}"
        for k, (t, (x, y, z)) in enumerate(zip(START.types, places, strict=True))
    ]
    for more in ("", " 0 1 -1"):
        path = write_data(tmp_path / "a.data", [row + more for row in rows])
        (structure,) = read_structures(path)
        np.testing.assert_array_equal(structure.configuration.types, START.types)
    full = [f"{row.split()[0]} 1 {row.split()[1]} 0.0 {row.split(maxsplit=2)[2]}" for row in rows]
    (structure,) = read_structures(write_data(tmp_path / "b.data", full, "Atoms # full"))
    np.testing.assert_array_equal(structure.configuration.types, START.types)
    with pytest.raises(ValueError, match=r"c.data: its first atom has 7 columns, .* Atoms # full"):
        read_structures(write_data(tmp_path / "c.data", full))
    with pytest.raises(ValueError, match=r"d.data: it claims 60 atoms and has 41: its end is cut"):
        read_structures(write_data(tmp_path / "d.data", rows[:41]))
