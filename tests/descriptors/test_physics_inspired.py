"""PhysicsInspiredDescriptor against loops and partycls, and at its limits."""

import numpy as np
import pytest
from scipy import stats

from vitreous.descriptors import PhysicsInspiredDescriptor, radical_voronoi
from vitreous.descriptors._physics_inspired_kernels import exponential_averages
from vitreous.liquid import (
    Box,
    Configuration,
    KobAndersen,
    KobAndersen2D,
    PairPotential,
    PolydispersePotential,
    PolydisperseSystem,
    System,
)
from vitreous.liquid.cells import cells

LENGTHS = [0.4, 1.0, 7.5]
RADII = [0.5, 0.4, 0.45]


def spheres(dimensions):
    """Three species of soft spheres, whose energy can be written down in one line."""
    sigma = 1.2 * np.ones((3, 3))
    potential = PairPotential.harmonic(np.ones((3, 3)), sigma)
    return System("spheres", "ABC", [1, 1, 1], 0.5, dimensions, potential)


def in_box_of(system, length, n_particles):
    """Particles at random places in a box of a given length."""
    dilute = system.random_configuration(n_particles, random_state=1)
    places = dilute.positions * length / dilute.box.lengths[0]
    box = Box.cube(length, system.dimensions)
    return Configuration(places, dilute.types, box, system.species)


def brute_force(configuration, cutoff, bonds):
    system = spheres(configuration.dimensions)
    energies = system.particle_energies(configuration)
    _, surfaces = radical_voronoi(configuration, RADII)
    rows = []
    for i in range(configuration.n_particles):
        vectors, others = bonds(configuration, i)
        r = np.append(np.linalg.norm(vectors, axis=1), 0.0)
        others = np.append(others, i)[r < cutoff]
        r = r[r < cutoff]
        row = [energies[i], surfaces[i]]
        for species in (0, 1, 2, None):
            of_species = (
                others if species is None else others[configuration.types[others] == species]
            )
            distances = r if species is None else r[configuration.types[others] == species]
            block = np.zeros((4, len(LENGTHS)))
            for n, length in enumerate(LENGTHS):
                w = np.exp(-distances / length)
                if len(w):
                    mean = np.average(energies[of_species], weights=w)
                    variance = np.average((energies[of_species] - mean) ** 2, weights=w)
                    surface = np.average(surfaces[of_species], weights=w)
                    block[:, n] = w.sum(), mean, surface, variance
            row.extend(block.ravel())
        rows.append(row)
    return np.array(rows)


@pytest.mark.parametrize("cutoff", [1.1, 3.5], ids=["some empty", "long"])
def test_agrees_with_brute_force(configuration, bonds, cutoff):
    descriptor = PhysicsInspiredDescriptor(
        spheres(configuration.dimensions), [0.0, *LENGTHS], cutoff, RADII, dtype="float64"
    )
    features = descriptor.fit_transform([configuration])
    expected = brute_force(configuration, cutoff, bonds)
    np.testing.assert_allclose(features, expected, rtol=1e-11, atol=1e-12)


@pytest.mark.shared_data
def test_agrees_with_partycls(botan, shared_data):
    with np.load(shared_data / "oracle" / "partycls_botan_1.npz") as data:
        values = np.empty((botan.n_particles, 3, 4, len(data["pi_L"])))
        around = cells(botan, float(data["pi_cutoff"]))
        exponential_averages(
            around,
            0,
            len(around.start) - 1,
            data["pi_energy"],
            data["pi_cell"],
            data["pi_L"],
            values,
        )
        np.testing.assert_allclose(values[:256], data["physics_inspired"], rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize(
    ("system", "surface"), [(KobAndersen2D(), "perimeter"), (KobAndersen(), "surface")]
)
def test_default_set(system, surface):
    configuration = in_box_of(system, 14.1, 300)
    descriptor = PhysicsInspiredDescriptor(system).fit([configuration])
    names = descriptor.get_feature_names_out().tolist()
    n_species = len(system.species)
    assert len(set(names)) == len(names) == 2 + 4 * 8 * (n_species + 1)
    assert names[:3] == ["energy", f"voronoi-{surface}", "density[A] L=0.5"]
    assert names[-1] == "energy-variance[all] L=4"
    np.testing.assert_array_equal(descriptor.lengths_, np.arange(9) / 2)
    features = descriptor.transform([configuration])
    np.testing.assert_allclose(features[:, 0], system.particle_energies(configuration), rtol=1e-6)


def test_default_cutoff_is_the_same_in_every_box():
    system = KobAndersen2D()
    for length in (14.1, 20.0):
        configuration = in_box_of(system, length, 300)
        np.testing.assert_array_equal(
            PhysicsInspiredDescriptor(system).fit_transform([configuration]),
            PhysicsInspiredDescriptor(system, cutoff=7.0).fit_transform([configuration]),
        )


def test_polydisperse_particles_have_cells_of_their_own_size():
    repulsion = PolydispersePotential.from_function(lambda x: (1 - x) ** 2, cutoff=1.0)
    system = PolydisperseSystem(
        "discs", stats.uniform(0.8, 0.4).ppf, 0.9, 2, repulsion, time_step=0.02
    )
    configuration = system.random_configuration(100, random_state=1)
    descriptor = PhysicsInspiredDescriptor(system, [0.0], dtype="float64")
    energies, perimeters = descriptor.fit_transform([configuration]).T
    np.testing.assert_array_equal(energies, system.particle_energies(configuration))
    np.testing.assert_array_equal(perimeters, radical_voronoi(configuration)[1])


def test_isolated_particle_has_itself_only():
    system = KobAndersen()
    box = Box.cube(20.0, dimensions=3)
    lonely = Configuration([[0, 0, 0], [9, 9, 9]], [0, 0], box, system.species)
    descriptor = PhysicsInspiredDescriptor(system, [1.0], cutoff=5.0, dtype="float64").fit([lonely])
    features = dict(
        zip(descriptor.get_feature_names_out(), descriptor.transform([lonely])[0], strict=True)
    )
    _, surfaces = radical_voronoi(lonely, [0.5, 0.44])
    assert features["density[A] L=1"] == features["density[all] L=1"] == 1.0
    assert features["voronoi-surface[A] L=1"] == pytest.approx(surfaces[0])
    assert not any(value for name, value in features.items() if "[B]" in name or "energy" in name)


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"lengths": []}, "sequence of finite"),
        ({"lengths": [np.nan]}, "sequence of finite"),
        ({"lengths": [-1.0, 2.0]}, "rise from 0 or more"),
        ({"lengths": [2.0, 1.0]}, "rise from 0 or more"),
    ],
)
def test_bad_lengths(parameters, message):
    system = KobAndersen()
    configuration = system.random_configuration(100, random_state=1)
    with pytest.raises(ValueError, match=message):
        PhysicsInspiredDescriptor(system, **parameters).fit([configuration])


def test_other_system():
    configuration = KobAndersen().random_configuration(100, random_state=1)
    with pytest.raises(ValueError, match="KA2D is 2D"):
        PhysicsInspiredDescriptor(KobAndersen2D()).fit([configuration])


def test_cutoff_beyond_half_the_box():
    system = KobAndersen()
    configuration = in_box_of(system, 13.9, 100)
    with pytest.raises(
        ValueError, match=r"cutoff 7 exceeds .* 6.95 .box lengths 13.9 x .* larger system"
    ):
        PhysicsInspiredDescriptor(system).fit_transform([configuration])
