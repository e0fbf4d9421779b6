"""Liquids of which species, dimension and diameters are all that is known."""

import numpy as np
import pytest

from vitreous.dynamics import ParticleLabels
from vitreous.liquid import KobAndersen2D, NoPotential, System, get_system, hessian, local_field
from vitreous.simulate import EmbeddedEngine, SwapMonteCarlo, minimize

KA2D = KobAndersen2D()
BARE = System("bare", "ABC", None, None, 2, NoPotential(KA2D.potential.sigma))
LIQUID = KA2D.random_configuration(129, 0)


def test_labels_are_those_of_the_system_with_the_same_diameters():
    moved = LIQUID.positions + np.random.default_rng(0).normal(0, 0.2, LIQUID.positions.shape)
    known = ParticleLabels(KA2D, LIQUID)(moved)
    for name, values in ParticleLabels(BARE, LIQUID)(moved).items():
        np.testing.assert_array_equal(values, known[name])


@pytest.mark.parametrize(
    "asked",
    [
        lambda: BARE.particle_energies(LIQUID),
        lambda: BARE.forces(LIQUID),
        lambda: BARE.pressure(LIQUID, 1.0),
        lambda: minimize(BARE, LIQUID),
        lambda: next(EmbeddedEngine(BARE).run(LIQUID, times=[0.1], velocities=np.zeros((129, 2)))),
        lambda: SwapMonteCarlo(BARE).run(LIQUID, temperature=1.0, n_sweeps=1),
        lambda: hessian(BARE, LIQUID),
        lambda: local_field(BARE, LIQUID),
    ],
    ids=["energies", "forces", "pressure", "minimize", "engine", "swap", "hessian", "field"],
)
def test_what_needs_an_energy_says_so_and_names_what_does_not(asked):
    with pytest.raises(ValueError, match=r"there is no energy without a pair potential; thermal"):
        asked()


def test_what_is_not_known_is_neither_made_nor_compared():
    BARE.require_composition(LIQUID.with_types(2 - LIQUID.types))
    with pytest.raises(ValueError, match="the density of bare is not known"):
        BARE.random_configuration(129, 0)
    with pytest.raises(ValueError, match="the composition of bare is not known"):
        BARE.counts(129)
    half = System("half", "ABC", KA2D.fractions, None, 2, NoPotential([1, 1, 1]))
    with pytest.raises(ValueError, match=r"36 A, 33 B, 60 C, and half has 60 A, 33 B, 36 C"):
        half.require_composition(LIQUID.with_types(2 - LIQUID.types))


@pytest.mark.parametrize(
    ("diameters", "message"),
    [
        ([[1.0, 0.8], [0.9, 1.0]], r"differs from that of \(b, a\)"),
        ([1.0, -1.0], "must be positive"),
        ([[1.0, 0.8]], "for each species, or for each pair"),
    ],
)
def test_impossible_diameters_are_refused(diameters, message):
    with pytest.raises(ValueError, match=message):
        NoPotential(diameters)


TABLE = """# made by hand
AA
N {n} R 0.8 2.0

{rows}
"""

SYSTEM = """
name = "mine"
species = ["A"]
dimensions = 2
diameters = [1.0]
[potential]
table = "pairs.table"
sections = [["AA"]]
"""


def write_table(path, n=100, sign=1.0):
    r = np.linspace(0.8, 2.0, n)
    rows = [f"{k + 1} {x} {x**-12 + 0.5} {sign * 12 * x**-13}" for k, x in enumerate(r)]
    path.write_text(TABLE.format(n=n, rows="\n".join(rows)))


def test_a_table_gives_the_potential_it_was_made_of(tmp_path):
    write_table(tmp_path / "pairs.table")
    (tmp_path / "mine.toml").write_text(SYSTEM)
    potential = get_system(str(tmp_path / "mine.toml")).potential
    r = np.linspace(0.82, 1.99, 40)
    np.testing.assert_allclose(potential.energy(r, 0, 0), r**-12 - 2.0**-12, rtol=1e-4, atol=1e-6)
    np.testing.assert_allclose(potential.force(r, 0, 0), 12 * r**-13, rtol=3e-3)
    # Closer than the table begins, pairs are pushed apart the harder the closer they are.
    inside = potential.force(np.linspace(0.3, 0.8, 30), 0, 0)
    assert (np.diff(inside) < 0).all()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda t: t.replace("N 100", "N 101"), r"row 101 of 101 of section 'AA' is ''"),
        (lambda t: t.replace("N 100 R 0.8 2.0", "1 2 3"), r"comes '1 2 3' in place of a line"),
        (lambda t: t.replace("3 0.8", "3 -0.8"), "must be positive and rise"),
        (lambda t: "# nothing", "there is no table in it"),
        (lambda t: t + t, "there are two sections 'AA'"),
    ],
)
def test_damaged_tables_are_refused(tmp_path, change, message):
    path = tmp_path / "pairs.table"
    write_table(path)
    path.write_text(change(path.read_text()))
    (tmp_path / "mine.toml").write_text(SYSTEM)
    with pytest.raises(ValueError, match=message):
        get_system(str(tmp_path / "mine.toml"))


def test_forces_of_the_other_sign_are_noticed(tmp_path):
    write_table(tmp_path / "pairs.table", sign=-1.0)
    (tmp_path / "mine.toml").write_text(SYSTEM)
    with pytest.raises(ValueError, match="the forces of section 'AA' are not -dE/dr"):
        get_system(str(tmp_path / "mine.toml"))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (("dimensions = 2\n", ""), "mine.toml: dimensions is missing"),
        (("dimensions = 2", "dimensions = 4"), "mine.toml: dimensions must be 2 or 3"),
        (("dimensions", "dimension"), "dimensions is missing"),
        (("[1.0]", "[1.0]\ncutoff = 2"), "unknown key 'cutoff'"),
        (('"A"', '"A", "B"'), "2 species .* with a potential of 1 types"),
        (('"AA"', '"BB"'), "has no section 'BB'; it has AA"),
        (('[["AA"]]', '["AA"]'), "sections must be a symmetric matrix"),
        (("name =", "name"), "mine.toml: Expected '='"),
    ],
)
def test_files_of_systems_are_checked(tmp_path, change, message):
    write_table(tmp_path / "pairs.table")
    (tmp_path / "mine.toml").write_text(SYSTEM.replace(*change))
    with pytest.raises(ValueError, match=message):
        get_system(str(tmp_path / "mine.toml"))


def test_files_that_are_missing_are_named(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"nowhere\.toml"):
        get_system(str(tmp_path / "nowhere.toml"))
    (tmp_path / "mine.toml").write_text(SYSTEM)
    with pytest.raises(FileNotFoundError, match=r"pairs\.table"):
        get_system(str(tmp_path / "mine.toml"))
