"""Continuous diameters are read from every format that has them."""

import gsd.hoomd
import numpy as np
import pytest

from vitreous.datasets import read_structures, structures_of_table
from vitreous.liquid import get_system

SYSTEM = get_system("PSS3D")


@pytest.fixture(scope="module")
def case(shared_cases):
    """The dump, and its columns id, type, x, y, z, radius and diameter."""
    path = shared_cases / "poly.dump"
    lines = path.read_text().splitlines()
    return path, np.array([line.split() for line in lines[9:]], dtype=float)


def with_columns(path, target, columns):
    """The same dump with some of the columns."""
    lines = path.read_text().splitlines()
    names = lines[8].split()[2:]
    places = [names.index(name) for name in columns.split()]
    rows = [" ".join(line.split()[place] for place in places) for line in lines[9:]]
    target.write_text("\n".join([*lines[:8], f"ITEM: ATOMS {columns}", *rows]) + "\n")
    return target


@pytest.mark.parametrize(
    "columns", ["id type x y z radius diameter", "id type x y z radius", "id x y z diameter"]
)
@pytest.mark.parametrize("system", [SYSTEM, None])
def test_dump(case, tmp_path, columns, system):
    path, table = case
    if system is None and "type" not in columns:
        pytest.skip("without types and without a system nothing tells the species")
    written = with_columns(path, tmp_path / "a.dump", columns)
    (structure,) = read_structures(written, system=system)
    np.testing.assert_allclose(structure.configuration.diameters, table[:, 6], rtol=1e-15)
    if system is not None:
        system.require(structure.configuration)
        assert system.potential_energy(structure.configuration) > 0


def test_extended_xyz_gsd_and_tables(case, tmp_path):
    path, table = case
    length = float(path.read_text().splitlines()[5].split()[1]) * 2
    rows = [f"A {x!r} {y!r} {z!r} {r!r}" for x, y, z, r in table[:, 2:6].tolist()]
    head = f'Lattice="{length} 0 0 0 {length} 0 0 0 {length}" '
    head += "Properties=species:S:1:pos:R:3:radius:R:1"
    (tmp_path / "a.xyz").write_text("\n".join([str(len(rows)), head, *rows]) + "\n")
    (of_xyz,) = read_structures(tmp_path / "a.xyz", system=SYSTEM)
    np.testing.assert_allclose(of_xyz.configuration.diameters, table[:, 6], rtol=1e-15)
    frame = of_xyz.configuration.to_gsd()
    frame.log.clear()  # as other programs write it, in single precision
    with gsd.hoomd.open(tmp_path / "a.gsd", "w") as file:
        file.append(frame)
    (of_gsd,) = read_structures(tmp_path / "a.gsd", system=SYSTEM)
    np.testing.assert_allclose(of_gsd.configuration.diameters, table[:, 6], rtol=1e-6)
    columns = dict(zip("xyz", table[:, 2:5].T, strict=True))
    (of_table,) = structures_of_table(
        columns | {"frame": np.zeros(len(table)), "radius": table[:, 5]}, system=SYSTEM
    )
    np.testing.assert_allclose(of_table.configuration.diameters, table[:, 6], rtol=1e-15)


def test_radii_in_the_column_of_diameters_are_not_taken_for_them():
    system = get_system("PSS2D")
    liquid = system.random_configuration(200, 0)
    system.require_composition(liquid)
    with pytest.raises(ValueError, match=r"mean diameter is 0.5, and PSS2D has 1; are they radii"):
        system.require_composition(liquid.with_diameters(liquid.diameters / 2))
