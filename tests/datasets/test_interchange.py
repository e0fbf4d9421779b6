"""To other packages and back: the same particles, and the same neighbours as they see them."""

import numpy as np
import pytest

from vitreous.datasets import (
    from_ase,
    from_mdanalysis,
    load_ka2d,
    read_structures,
    to_ase,
    to_mdanalysis,
)
from vitreous.liquid import Box, Configuration, KobAndersen, neighbor_list

TILTED = Box((6.0, 7.0, 8.0), (0.3, -0.2, 0.4))


def configurations():
    rng = np.random.default_rng(0)
    types = rng.integers(0, 2, 60)
    flat = Box((6.0, 7.0), (0.3,))
    return {
        "3D": KobAndersen().random_configuration(200, 0),
        "2D": load_ka2d().configurations[0],
        "3D tilted": Configuration.wrapped(rng.uniform(0, 9, (60, 3)), types, TILTED, "AB"),
        "2D tilted": Configuration.wrapped(rng.uniform(0, 9, (60, 2)), types, flat, "AB"),
    }


CONFIGURATIONS = configurations()


def assert_same(back, known, atol):
    assert back.dimensions == known.dimensions
    np.testing.assert_allclose(back.box.matrix, known.box.matrix, atol=atol)
    names = np.array(known.species)[known.types]
    np.testing.assert_array_equal(np.array(back.species)[back.types], names)
    moved = known.box.minimum_image(back.positions - known.positions)
    np.testing.assert_allclose(moved, 0, atol=atol)


@pytest.mark.parametrize("name", CONFIGURATIONS)
class TestRoundTrips:
    def test_mdanalysis(self, name):
        pytest.importorskip("MDAnalysis")
        known = CONFIGURATIONS[name]
        back = from_mdanalysis(to_mdanalysis(known), species=known.species)
        assert_same(back, known, atol=1e-5)
        assert back.species == known.species

    def test_ase(self, name):
        pytest.importorskip("ase")
        known = CONFIGURATIONS[name]
        back = from_ase(to_ase(known))
        assert_same(back, known, atol=1e-12)
        assert back.species == known.species

    def test_freud(self, name):
        known = CONFIGURATIONS[name]
        back = Configuration.from_freud(known.to_freud(), known.types, known.species)
        assert_same(back, known, atol=1e-5)


@pytest.mark.parametrize("name", CONFIGURATIONS)
def test_mdanalysis_sees_the_same_neighbors(name):
    pytest.importorskip("MDAnalysis")
    from MDAnalysis.lib.distances import self_capped_distance

    known = CONFIGURATIONS[name]
    universe = to_mdanalysis(known)
    pairs, distances = self_capped_distance(universe.atoms.positions, 1.5, box=universe.dimensions)
    ours = neighbor_list(known, 1.5)
    assert len(ours.distances) == 2 * len(pairs) > 0
    np.testing.assert_allclose(np.sort(distances), np.sort(ours.distances)[::2], atol=1e-4)
    assert list(universe.atoms.types[:5]) == [known.species[t] for t in known.types[:5]]


@pytest.mark.parametrize("name", CONFIGURATIONS)
def test_ase_sees_the_same_neighbors(name):
    pytest.importorskip("ase")
    from ase.neighborlist import neighbor_list as ase_neighbor_list

    known = CONFIGURATIONS[name]
    distances = ase_neighbor_list("d", to_ase(known), 1.5)
    ours = neighbor_list(known, 1.5).distances
    assert len(ours) > 0
    np.testing.assert_allclose(np.sort(distances), np.sort(ours), atol=1e-9)


def test_chemical_elements_are_kept():
    ase = pytest.importorskip("ase")
    atoms = ase.Atoms("Ni3P", positions=np.arange(12).reshape(4, 3), cell=[20, 20, 20], pbc=True)
    configuration = from_ase(atoms)
    assert configuration.species == ("Ni", "P")
    assert to_ase(configuration).get_chemical_formula() == "Ni3P"
    assert from_ase(atoms, species=("P", "Ni")).types.tolist() == [1, 1, 1, 0]
    with pytest.raises(ValueError, match="unknown species 'Ni'; known are P"):
        from_ase(atoms, species=("P",))


@pytest.mark.parametrize("name", ["3D tilted", "2D tilted"])
def test_cells_of_any_orientation(name):
    ase = pytest.importorskip("ase")
    known = CONFIGURATIONS[name]
    atoms = to_ase(known)
    ours = np.sort(neighbor_list(known, 1.5).distances)
    turned = atoms.copy()
    turned.rotate(50, "z", rotate_cell=True)
    # The other hand, and more than the shortest vectors.
    swapped = atoms.copy()
    swapped.set_cell(
        ase.cell.Cell([atoms.cell[1] + 2 * atoms.cell[0], atoms.cell[0], atoms.cell[2]])
    )
    for same in (turned, swapped):
        found = from_ase(same)
        assert found.dimensions == known.dimensions
        np.testing.assert_allclose(np.sort(neighbor_list(found, 1.5).distances), ours, atol=1e-9)


def test_what_is_no_liquid_is_refused():
    ase = pytest.importorskip("ase")
    positions = np.arange(6).reshape(2, 3)
    with pytest.raises(ValueError, match=r"periodic in \[False, False, False\]"):
        from_ase(ase.Atoms("H2", positions=positions, cell=[9, 9, 9]))
    with pytest.raises(ValueError, match="are at one point"):
        from_ase(ase.Atoms("H2", positions=[[1, 2, 3], [1, 2, 12]], cell=[9, 9, 9], pbc=True))
    mda = pytest.importorskip("MDAnalysis")
    universe = mda.Universe.empty(2, trajectory=True)
    universe.add_TopologyAttr("types", ["A", "B"])
    with pytest.raises(ValueError, match=r"no box; set universe\.dimensions"):
        from_mdanalysis(universe)


@pytest.mark.parametrize("name", CONFIGURATIONS)
def test_files_that_ase_writes_keep_the_species(name, tmp_path):
    io = pytest.importorskip("ase.io")
    known = CONFIGURATIONS[name]
    atoms = to_ase(known)
    assert_same(from_ase(atoms, known.species[::-1]), known, atol=1e-12)
    io.write(tmp_path / "a.xyz", atoms, format="extxyz")
    (structure,) = read_structures(tmp_path / "a.xyz")
    assert structure.configuration.species == known.species
    assert_same(structure.configuration, known, atol=1e-6)
