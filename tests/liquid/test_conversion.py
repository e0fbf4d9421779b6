"""What other packages hold against the configuration that went into it."""

import numpy as np
import pytest

from vitreous.datasets import to_ase, to_mdanalysis
from vitreous.liquid import Box, Configuration, as_configuration
from vitreous.liquid.conversion import as_configurations

BOXES = {
    "2D": Box((6.0, 7.0)),
    "2D tilted": Box((6.0, 7.0), (0.3,)),
    "3D": Box((6.0, 7.0, 8.0)),
    "3D tilted": Box((6.0, 7.0, 8.0), (0.3, -0.2, 0.4)),
}


@pytest.fixture(params=BOXES)
def known(request):
    box = BOXES[request.param]
    generator = np.random.default_rng(2)
    positions = (generator.random((50, box.dimensions)) - 0.5) @ box.matrix.T
    return Configuration.wrapped(positions, generator.integers(0, 2, 50), box, ("A", "B"))


def names(configuration):
    return np.array(configuration.species)[configuration.types]


def padded(configuration):
    return np.pad(configuration.positions, ((0, 0), (0, 3 - configuration.dimensions)))


def from_freud_query(known):
    freud = pytest.importorskip("freud")
    return freud.locality.AABBQuery(*known.to_freud())


def with_freud_box(known):
    pytest.importorskip("freud")
    return (known.to_freud()[0], padded(known), known.types)


def timestep(known):
    pytest.importorskip("MDAnalysis")
    return to_mdanalysis(known).trajectory.ts


def ase_atoms(known):
    pytest.importorskip("ase")
    return to_ase(known)


def elements(known):
    ase = pytest.importorskip("ase")
    atoms = to_ase(known)
    return ase.Atoms(
        np.array(["Ni", "P"])[known.types],
        atoms.positions,
        cell=atoms.cell,
        pbc=True,
    )


def universe(known):
    pytest.importorskip("MDAnalysis")
    return to_mdanalysis(known)


# What is made of a configuration, how exactly it keeps positions, and its names of the species;
# None where it knows of no types.
HELD = {
    "configuration": (lambda known: known, 0.0, "AB"),
    "box and points": (lambda known: (known.box, known.positions), 1e-12, None),
    "a list": (lambda known: [known.box, known.positions], 1e-12, None),
    "integers": (lambda known: (known.box, known.positions, known.types), 1e-12, "AB"),
    "names": (lambda known: (known.box, known.positions, names(known)), 1e-12, "AB"),
    "matrix": (lambda known: (known.box.matrix, known.positions, known.types), 1e-12, "AB"),
    "freud box": (with_freud_box, 1e-6, "AB"),
    "freud query": (from_freud_query, 1e-5, None),
    "freud query and types": (lambda known: (from_freud_query(known), names(known)), 1e-5, "AB"),
    "GSD frame": (lambda known: known.to_gsd(), 0.0, "AB"),
    "ASE": (ase_atoms, 1e-12, "AB"),
    "ASE elements": (elements, 1e-12, ("Ni", "P")),
    "MDAnalysis universe": (universe, 1e-5, "AB"),
    "MDAnalysis atoms": (lambda known: universe(known).select_atoms("all"), 1e-5, "AB"),
    "MDAnalysis time step": (timestep, 1e-5, None),
    "MDAnalysis time step and types": (lambda known: (timestep(known), known.types), 1e-5, "AB"),
}


@pytest.mark.parametrize("kind", HELD)
def test_all_that_users_hold(known, kind):
    make, tolerance, species = HELD[kind]
    made = as_configuration(make(known))
    assert made.dimensions == known.dimensions
    np.testing.assert_allclose(made.box.matrix, known.box.matrix, atol=max(tolerance, 1e-12))
    moved = known.box.minimum_image(made.positions - known.positions)
    np.testing.assert_allclose(moved, 0, atol=tolerance)
    if species is None:
        assert made.species == ("A",)
        assert not made.types.any()
    else:
        np.testing.assert_array_equal(made.types, known.types)
        assert made.species == tuple(species)


@pytest.mark.parametrize("kind", ["names", "GSD frame", "ASE", "MDAnalysis universe"])
def test_names_find_their_places_among_given_species(known, kind):
    made = as_configuration(HELD[kind][0](known), species=("C", "B", "A"))
    assert made.species == ("C", "B", "A")
    np.testing.assert_array_equal(names(made), names(known))
    with pytest.raises(ValueError, match="unknown species 'B'; known are A, C"):
        as_configuration(HELD[kind][0](known), species=("A", "C"))


def test_boxes_as_numbers():
    points = np.zeros((1, 3))
    flat = Box((4.0, 5.0), (0.2,))
    deep = Box((4.0, 5.0, 6.0), (0.2, 0.1, 0.3))
    for box, expected in [
        ([4, 5], Box((4.0, 5.0))),
        ((4, 5, 6), Box((4.0, 5.0, 6.0))),
        ([4, 5, 0, 0.2, 0, 0], flat),
        ({"Lx": 4, "Ly": 5, "xy": 0.2}, flat),
        ({"Lx": 4, "Ly": 5, "Lz": 1, "xy": 0.2, "dimensions": 2}, flat),
        (np.array([4, 5, 6, 0.2, 0.1, 0.3]), deep),
        (deep.matrix.tolist(), deep),
    ]:
        made = as_configuration((box, points)).box
        np.testing.assert_allclose(made.matrix, expected.matrix, rtol=1e-15)


def test_a_bare_gsd_frame_is_as_gsd_has_it():
    hoomd = pytest.importorskip("gsd.hoomd")
    frame = hoomd.Frame()
    frame.particles.N = 2
    frame.particles.position = [[0, 0, 0], [1, 0, 0]]
    frame.configuration.box = [4, 4, 0, 0, 0, 0]
    made = as_configuration(frame)
    assert (made.dimensions, made.species, made.types.tolist()) == (2, ("A",), [0, 0])


def test_species_of_several_are_all_that_are_met():
    box, points = Box((4.0, 4.0)), np.zeros((1, 2))
    frames = [(box, points, [name]) for name in ("P", "Ni")]
    made = as_configurations(frames)
    assert {c.species for c in made} == {("Ni", "P")}
    assert [c.types[0] for c in made] == [1, 0]
    own = Configuration(points, [1], box, ("P", "Ni"))
    assert [c.species for c in as_configurations([*frames, own])] == [("P", "Ni")] * 3
    with pytest.raises(ValueError, match="unknown species 'P'; known are Ni"):
        as_configurations([frames[0], Configuration(points, [0], box, ("Ni",))])
    two = [own, Configuration(points, [0], box, ("Ni", "P"))]
    assert as_configurations(two) == two


def test_a_trajectory_is_read_frame_by_frame():
    MDAnalysis = pytest.importorskip("MDAnalysis")
    from MDAnalysis.coordinates.memory import MemoryReader

    steps = np.random.default_rng(1).uniform(-2, 2, (3, 5, 3))
    whole = MDAnalysis.Universe.empty(5, trajectory=True)
    whole.load_new(steps, format=MemoryReader, dimensions=[6, 6, 6, 90, 90, 90])
    made = as_configurations(whole.trajectory)
    assert len(made) == 3
    for configuration, step in zip(made, steps, strict=True):
        np.testing.assert_allclose(configuration.positions, step, atol=1e-5)


@pytest.mark.parametrize(
    ("system", "message"),
    [
        (np.zeros((4, 3)), r"of a ndarray; give a Configuration, \(box, points\)"),
        (3, "of a int; give"),
        ((np.zeros((4, 3)), np.zeros((4, 3))), r"tuple of 2 items \(ndarray, ndarray\)"),
        ({"positions": 1}, "of a dict"),
    ],
)
def test_anything_else_is_refused_by_name(system, message):
    with pytest.raises(TypeError, match=message):
        as_configuration(system)
    with pytest.raises(TypeError, match=f"configuration 1: .*{message}"):
        as_configurations([([4, 4], np.zeros((1, 2))), system])


@pytest.mark.parametrize(
    ("system", "message"),
    [
        (([4, 4, 4], np.zeros(3)), r"shape \(N, 2\) or \(N, 3\), not \(3,\)"),
        (([4, 4, 4], np.zeros((2, 2))), r"\(2, 2\) in a box of three dimensions"),
        (([4, 4], [[0, 0, 0], [0, 0, 1.0]]), "two dimensions.* the same z"),
        (([4, 4], np.zeros((2, 2)), [0]), r"types must have shape \(2,\), not \(1,\)"),
        (([4, 4], np.zeros((2, 2)), [0.0, 1.0]), "integers or names of species, not float64"),
        (([4, 4], np.zeros((2, 2)), [0, -1]), "particle 1 has unknown type -1"),
        (([4, 4], np.zeros((1, 2)), [26]), "a type 26; name the species"),
        (([4, 4, 4], [[0, 0, np.nan]]), "particle 0 has the position"),
    ],
)
def test_bad_arrays_are_refused(system, message):
    with pytest.raises(ValueError, match=message):
        as_configuration(system)


def test_types_must_be_known_where_species_are_several():
    with pytest.raises(ValueError, match="no types, but several species, A, B; give"):
        as_configuration(([4, 4], np.zeros((2, 2))), species=("A", "B"))


@pytest.mark.parametrize("kind", [kind for kind in HELD if not kind.endswith("and types")])
def test_a_single_one_belongs_into_a_list(kind):
    single = HELD[kind][0](Configuration(np.zeros((3, 3)), [0, 1, 0], BOXES["3D"], "AB"))
    with pytest.raises(TypeError, match="put the single one into a list"):
        as_configurations(single)


def test_open_boxes_are_refused():
    freud = pytest.importorskip("freud")
    box = freud.box.Box(4, 4, 4)
    box.periodic = [True, False, True]
    with pytest.raises(ValueError, match=r"periodic in \[True, False, True\].*set box.periodic"):
        as_configuration((box, np.zeros((1, 3))))
