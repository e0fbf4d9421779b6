import numpy as np
import pytest
from scipy import integrate, stats

from vitreous.dynamics import BondBreaking
from vitreous.liquid import (
    KobAndersen,
    PolydispersePotential,
    PolydisperseSoftSpheres,
    PolydisperseSystem,
    TabulatedPotential,
    get_system,
)


def shaken_lattice(system, n_edge, spacing, seed=1):
    rng = np.random.default_rng(seed)
    sites = np.stack(np.meshgrid(*[np.arange(n_edge)] * system.dimensions), -1)
    sites = sites.reshape(-1, system.dimensions) * spacing
    start = system.random_configuration(len(sites), seed)
    return start.with_positions(sites + rng.uniform(-0.1, 0.1, sites.shape))


def naive_energy(configuration):
    """Energy of polydisperse soft spheres as the paper writes it, a loop over all pairs."""
    c0, c2, c4 = -28 * 1.25**-12, 48 * 1.25**-14, -21 * 1.25**-16
    positions, diameters = configuration.positions, configuration.diameters
    total = 0.0
    for i in range(configuration.n_particles):
        for j in range(i):
            unit = (diameters[i] + diameters[j]) / 2
            unit *= 1 - 0.2 * abs(diameters[i] - diameters[j])
            r = np.linalg.norm(configuration.box.minimum_image(positions[i] - positions[j]))
            x = r / unit
            if x < 1.25:
                total += x**-12 + c0 + c2 * x**2 + c4 * x**4
    return total


@pytest.mark.parametrize("dimensions", [2, 3])
def test_soft_spheres_have_the_published_energy(dimensions):
    system = PolydisperseSoftSpheres(dimensions)
    configuration = shaken_lattice(system, 12 if dimensions == 2 else 6, 1.0)
    energy = naive_energy(configuration)
    assert system.potential_energy(configuration) == pytest.approx(energy, rel=1e-8)
    assert system.particle_energies(configuration).sum() == pytest.approx(energy, rel=1e-8)


def test_forces_and_pressure_are_derivatives_of_the_energy():
    system = PolydisperseSoftSpheres()
    configuration = shaken_lattice(system, 6, 1.0, seed=2)
    forces = system.forces(configuration)
    h = 1e-5
    for particle, axis in ((0, 0), (17, 1), (60, 2)):
        energies = []
        for step in (-h, h):
            moved = configuration.positions.copy()
            moved[particle, axis] += step
            energies.append(system.potential_energy(configuration.with_positions(moved)))
        slope = (energies[1] - energies[0]) / (2 * h)
        assert forces[particle, axis] == pytest.approx(-slope, rel=1e-5, abs=1e-6)
    np.testing.assert_allclose(forces.sum(axis=0), 0, atol=1e-9)
    second = system.potential.curvature(1.0, 0.9, 1.2)
    slopes = system.potential.force(np.array([1 - h, 1 + h]), 0.9, 1.2)
    assert second == pytest.approx(-(slopes[1] - slopes[0]) / (2 * h), rel=1e-3)


def test_diameters_follow_the_published_distribution():
    """Mean 1, standard deviation 23 %, density s^-3 between limits with the ratio 2.219."""
    diameters = PolydisperseSoftSpheres().random_configuration(20_000, 1).diameters
    smallest, largest = diameters.min(), diameters.max()
    assert largest / smallest == pytest.approx(2.219, rel=1e-3)
    assert diameters.mean() == pytest.approx(1, abs=1e-6)
    assert diameters.std() == pytest.approx(0.23, abs=0.002)
    norm, _ = integrate.quad(lambda s: s**-3, smallest, largest)
    for edge in (0.8, 1.0, 1.3):
        share, _ = integrate.quad(lambda s: s**-3 / norm, smallest, edge)
        assert (diameters < edge).mean() == pytest.approx(share, abs=1e-3)


def test_configurations_of_equal_size_hold_the_same_diameters():
    system = PolydisperseSoftSpheres()
    first, again, other = (system.random_configuration(50, seed) for seed in (1, 1, 2))
    np.testing.assert_array_equal(first.diameters, again.diameters)
    assert (first.diameters != other.diameters).any()
    np.testing.assert_array_equal(np.sort(first.diameters), np.sort(other.diameters))


@pytest.mark.parametrize("mixing", [0.0, 0.3, lambda s, t: np.sqrt(s * t)])
def test_pair_diameters_and_bonds_are_those_of_the_mixing(mixing):
    potential = PolydispersePotential.from_function(lambda x: (1 - x) ** 2, 1.0, mixing=mixing)
    system = PolydisperseSystem("own", stats.uniform(0.7, 0.6).ppf, 1.0, 2, potential)
    configuration = shaken_lattice(system, 9, 1.0)
    s = configuration.diameters
    i, j = np.arange(0, 80), np.arange(1, 81)
    expected = (
        np.sqrt(s[i] * s[j])
        if callable(mixing)
        else (s[i] + s[j]) / 2 * (1 - mixing * abs(s[i] - s[j]))
    )
    np.testing.assert_allclose(system.pair_diameters(configuration, i, j), expected, rtol=1e-14)
    assert system.largest_diameter(configuration) == s.max()
    shifts = np.random.default_rng(3).normal(0, 0.4, configuration.positions.shape)
    moved = configuration.positions + shifts
    kept, formed = np.zeros(81), np.zeros(81)
    others = np.arange(81)
    for a in range(81):
        unit = system.pair_diameters(configuration, np.full(81, a), others)
        before, after = (
            np.linalg.norm(configuration.box.minimum_image(x - x[a]), axis=1)
            for x in (configuration.positions, moved)
        )
        bonds = (before < 1.4 * unit) & (others != a)
        formed[a] = bonds.sum()
        kept[a] = (bonds & (after < 1.8 * unit)).sum()
    np.testing.assert_allclose(BondBreaking(system, configuration)(moved), kept / formed)


def test_fingerprints_tell_systems_apart():
    def system(mixing, width):
        potential = PolydispersePotential.from_function(lambda x: (1 - x) ** 2, 1.0, mixing=mixing)
        return PolydisperseSystem("own", stats.uniform(0.8, width).ppf, 1.0, 2, potential)

    same, other_function = system(0.1, 0.4), system(lambda s, t: (s + t) / 2, 0.4)
    assert same.fingerprint() == system(0.1, 0.4).fingerprint()
    others = [system(0.2, 0.4), system(0.1, 0.5), other_function, KobAndersen()]
    assert len({same.fingerprint(), *(other.fingerprint() for other in others)}) == 5
    # What a mixing computes counts, not how it is written.
    assert other_function.fingerprint() == system(0.0, 0.4).fingerprint()


def test_what_cannot_be_mixed_is_refused():
    spheres = PolydisperseSoftSpheres()
    configuration = spheres.random_configuration(60, 1)
    with pytest.raises(
        ValueError, match="PSS3D has continuous diameters, the configuration has none"
    ):
        spheres.potential_energy(configuration.with_diameters(None))

    def energy(mixing):
        potential = PolydispersePotential.from_function(lambda x: (1 - x) ** 2, 1.0, mixing=mixing)
        system = PolydisperseSystem("own", stats.uniform(0.5, 1).ppf, 1.0, 3, potential)
        return system.potential_energy(system.random_configuration(60, 1))

    with pytest.raises(ValueError, match="not symmetric"):
        energy(lambda s, t: s + 0 * t)
    with pytest.raises(ValueError, match="no larger than the larger"):
        energy(lambda s, t: s + t)
    with pytest.raises(ValueError, match="must be positive"):
        energy(3.0)
    with pytest.raises(ValueError, match=r"not negative, not -0\.1"):
        energy(-0.1)


def test_impossible_systems_are_refused():
    two = TabulatedPotential.from_function(
        lambda r, a, b: 1 / r, np.ones((2, 2)), 2.0, tail="shifted"
    )
    with pytest.raises(ValueError, match="one type with sigma = 1"):
        PolydispersePotential(two)
    potential = PolydispersePotential.from_function(lambda x: (1 - x) ** 2, 1.0)
    with pytest.raises(ValueError, match="as many positive numbers"):
        PolydisperseSystem("own", stats.norm(1, 2).ppf, 1.0, 3, potential)
    with pytest.raises(ValueError, match="swap_range must be positive, not 0"):
        PolydisperseSystem("own", stats.uniform.ppf, 1.0, 3, potential, swap_range=0)


OWN_SYSTEM = """
from scipy import stats
from vitreous.liquid import PolydispersePotential, PolydisperseSystem

def mix(s, t):
    return (s + t) / 2

def discs():
    potential = PolydispersePotential.from_function(lambda x: (1 - x)**2, 1.0, mixing=mix)
    return PolydisperseSystem("discs", stats.uniform(0.8, 0.4).ppf, 0.9, 2, potential)

system = discs()
number = 3
"""


def test_systems_are_loaded_from_files(tmp_path):
    path = tmp_path / "own.py"
    path.write_text(OWN_SYSTEM)
    for name in ("system", "discs"):
        system = get_system(f"{path}:{name}")
        assert system.name == "discs"
        assert system.random_configuration(10, 1).diameters is not None
    assert get_system("vitreous.liquid:KobAndersen2D").name == "KA2D"
    assert get_system("PSS3D").name == "PSS3D"
    with pytest.raises(ValueError, match=r"own.py has no object 'missing'"):
        get_system(f"{path}:missing")
    with pytest.raises(ValueError, match=r"own.py:number is of type int; it must be a System"):
        get_system(f"{path}:number")
    with pytest.raises(FileNotFoundError, match=r"no file nowhere\.py"):
        get_system("nowhere.py:system")
    path.write_text("import vitreous.nothing")
    with pytest.raises(ValueError, match=r"own\.py does not load: ModuleNotFoundError"):
        get_system(f"{path}:system")
