"""Configurations as objects of MDAnalysis and ASE, and back.

``Configuration.to_freud`` and ``from_freud``, ``to_gsd`` and ``from_gsd`` do the same for freud and
GSD.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ..liquid import Configuration
from ._columns import OWN_TYPES
from ._frames import Frame, Reading, is_flat, structure_of
from ._species import Species
from ._text import Words

if TYPE_CHECKING:
    import ase
    import MDAnalysis
    from numpy.typing import NDArray

    from ..liquid import Box

_TYPES = OWN_TYPES
_SPECIES = "vitreous_species"


def to_mdanalysis(configuration: Configuration) -> MDAnalysis.Universe:
    """Convert to an MDAnalysis universe of one frame, in memory.

    The species are the types and the names of the atoms. MDAnalysis has three dimensions and single
    precision: two-dimensional configurations lie at z = 0 in a box as high as it is wide, so that
    no periodic image above or below is ever the nearest. One angstrom there stands for one
    sigma_AA.

    Parameters
    ----------
    configuration : Configuration

    Returns
    -------
    MDAnalysis.Universe

    Examples
    --------
    >>> from vitreous.datasets import to_mdanalysis
    >>> from vitreous.liquid import KobAndersen
    >>> liquid = KobAndersen().random_configuration(10, 0)
    >>> universe = to_mdanalysis(liquid)  # doctest: +SKIP
    >>> len(universe.select_atoms("type B"))  # doctest: +SKIP
    2
    """
    import MDAnalysis
    from MDAnalysis.lib.mdamath import triclinic_box

    configuration.box.require_periodic("MDAnalysis")

    names = np.array(configuration.species, dtype=object)[configuration.types]
    universe = MDAnalysis.Universe.empty(configuration.n_particles, trajectory=True)
    universe.add_TopologyAttr("types", names)
    universe.add_TopologyAttr("names", names)
    universe.dimensions = triclinic_box(
        *_vectors(configuration.box, max(configuration.box.lengths))
    )
    universe.atoms.positions = _three(configuration.positions)
    return universe


def from_mdanalysis(
    atoms: MDAnalysis.Universe | MDAnalysis.AtomGroup, species: Species | None = None
) -> Configuration:
    """Make a configuration from the current frame of an MDAnalysis universe or group of atoms.

    It is two-dimensional if all atoms have the same z up to rounding. Positions have the single
    precision of MDAnalysis, and are brought into a box centred on the origin: they agree with those
    of the universe up to lattice vectors.

    Parameters
    ----------
    atoms : MDAnalysis.Universe or MDAnalysis.AtomGroup
        With a box and with ``types``.
    species : sequence or mapping of str, optional
        Names of all species of the mixture in their order, or from types to these names; the types
        of the atoms, sorted, by default.

    Returns
    -------
    Configuration

    Raises
    ------
    ValueError
        If there is no box, or an atom is of an unknown species.

    Examples
    --------
    >>> import MDAnalysis  # doctest: +SKIP
    >>> from vitreous.datasets import from_mdanalysis
    >>> universe = MDAnalysis.Universe.empty(2, trajectory=True)  # doctest: +SKIP
    >>> universe.add_TopologyAttr("types", ["P", "Ni"])  # doctest: +SKIP
    >>> universe.dimensions = [5, 5, 5, 90, 90, 90]  # doctest: +SKIP
    >>> universe.atoms.positions = [[0, 0, 0], [1, 1, 1]]  # doctest: +SKIP
    >>> from_mdanalysis(universe, {"Ni": "A", "P": "B"}).types.tolist()  # doctest: +SKIP
    [1, 0]
    """
    from MDAnalysis.lib.mdamath import triclinic_vectors

    atoms = atoms.atoms
    if atoms.dimensions is None:
        raise ValueError("the universe has no box; set universe.dimensions")
    vectors = triclinic_vectors(atoms.dimensions, dtype=np.float64)
    kinds = {"type": Words.of([str(kind) for kind in atoms.types])}
    return _from_three(atoms.positions, vectors, kinds, species)


def to_ase(configuration: Configuration) -> ase.Atoms:
    """Convert to ASE atoms.

    Species of model liquids are not chemical elements: all atoms are ``X``, unless every species
    has the name of an element. The types are kept in the array ``vitreous_type``, the names of the
    species in ``info["vitreous_species"]``. Two-dimensional configurations lie at z = 0 in a cell
    of height 1 that is not periodic in z.

    Parameters
    ----------
    configuration : Configuration

    Returns
    -------
    ase.Atoms

    Examples
    --------
    >>> from vitreous.datasets import to_ase
    >>> from vitreous.liquid import KobAndersen2D
    >>> atoms = to_ase(KobAndersen2D().random_configuration(43, 0))  # doctest: +SKIP
    >>> atoms.symbols[0], atoms.info["vitreous_species"], atoms.pbc.tolist()  # doctest: +SKIP
    ('X', ['A', 'B', 'C'], [True, True, False])
    """
    import ase
    from ase.data import atomic_numbers

    numbers = [atomic_numbers.get(name, 0) for name in configuration.species]
    if 0 in numbers:
        numbers = [0] * len(numbers)
    atoms = ase.Atoms(
        numbers=np.array(numbers)[configuration.types],
        positions=_three(configuration.positions),
        cell=_vectors(configuration.box, height=1.0),
        pbc=[*configuration.box.periodic, False][:3],
        info={_SPECIES: list(configuration.species)},
    )
    atoms.set_array(_TYPES, configuration.types.astype(np.int64))
    return atoms


def from_ase(atoms: ase.Atoms, species: Species | None = None) -> Configuration:
    """Make a configuration from ASE atoms.

    Types and species are those that `to_ase` left with the atoms, or the chemical symbols. It is
    two-dimensional if all atoms have the same z. Positions are brought into a box centred on the
    origin: they agree with those of the atoms up to lattice vectors.

    Parameters
    ----------
    atoms : ase.Atoms
        Periodic, with a cell of any orientation, which is reduced (`Box.from_vectors`).
    species : sequence or mapping of str, optional
        Names of all species in their order, or from chemical symbols to these names; those that
        `to_ase` left, or the symbols of the atoms, sorted, by default.

    Returns
    -------
    Configuration

    Raises
    ------
    ValueError
        If the atoms are not periodic, two are at one point, or a species is unknown.

    Examples
    --------
    >>> import ase  # doctest: +SKIP
    >>> from vitreous.datasets import from_ase
    >>> places = [[0, 0, 0], [1, 1, 1]]
    >>> atoms = ase.Atoms("PNi", places, cell=[5, 5, 5], pbc=True)  # doctest: +SKIP
    >>> from_ase(atoms, {"Ni": "A", "P": "B"}).types.tolist()  # doctest: +SKIP
    [1, 0]
    """
    positions, cell = atoms.get_positions(), np.array(atoms.cell)
    dimensions = 2 if is_flat(positions, cell) else 3
    if not all(atoms.pbc[:dimensions]):
        raise ValueError(
            f"the atoms are periodic in {atoms.pbc.tolist()}; a liquid is in all {dimensions} "
            "directions: set atoms.pbc"
        )
    kinds = {"element": Words.of(atoms.get_chemical_symbols())}
    if atoms.has(_TYPES) and _SPECIES in atoms.info:
        left = tuple(atoms.info[_SPECIES])
        kinds = {"species": Words.of([left[k] for k in atoms.get_array(_TYPES)]), **kinds}
        species = left if species is None else species
    return _from_three(positions, cell, kinds, species)


def _vectors(box: Box, height: float) -> NDArray[np.float64]:
    """Lattice vectors as the rows of a matrix (3, 3); the height is that of two dimensions."""
    vectors = np.diag([0.0, 0.0, height])
    vectors[: box.dimensions, : box.dimensions] = box.matrix.T
    return vectors


def _three(positions: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.pad(positions, ((0, 0), (0, 3 - positions.shape[1])))


def _from_three(
    positions: NDArray[np.floating],
    vectors: NDArray[np.float64],
    kinds: dict[str, Words],
    species: Species | None,
) -> Configuration:
    frame = Frame(np.array(positions, dtype=np.float64), vectors, kinds)
    return structure_of(frame, Reading(species=species), "", 0, "").configuration
