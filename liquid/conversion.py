"""Configurations from what users hold: objects of other packages, and plain arrays.

Objects are known by their attributes, so that none of these packages is imported before an object
of it is met.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from string import ascii_uppercase
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .box import Box
from .configuration import Configuration
from .species import named_types

# How `vitreous.datasets.to_ase` keeps the types and species of model liquids.
_ASE_TYPES = "vitreous_type"
_ASE_SPECIES = "vitreous_species"

# Spread of the heights of particles in one plane, which rounding lends them, in boxes.
_FLATNESS = 1e-7

_ACCEPTED = (
    "a Configuration, (box, points) or (box, points, types), a freud system, a GSD frame, ASE "
    "atoms, an MDAnalysis universe, group of atoms or time step, or a pair (system, types) of "
    "these"
)


def as_configuration(system: Any, species: Sequence[str] | None = None) -> Configuration:
    """Make a configuration from an object of another package, or from plain arrays.

    Lengths are taken as they are: the angstrom of ASE and MDAnalysis stand for sigma_AA. Positions
    are brought into a box centred on the origin: they agree with those that were given up to
    lattice vectors, and turn with a lattice that is turned to fit into a `Box`
    (`Box.from_vectors`).

    Parameters
    ----------
    system : Configuration or object of another package
        - ``(box, points)`` or ``(box, points, types)``, as freud takes it. The box is a `Box`, one
          of freud, the numbers ``Lx, Ly[, Lz[, xy, xz, yz]]``, a dictionary of these, or a matrix
          whose columns are the lattice vectors; the points have shape (N, 2) or (N, 3).
        - An object with ``box`` and ``points``, such as ``freud.locality.AABBQuery``.
        - ``gsd.hoomd.Frame``, or a snapshot of HOOMD-blue.
        - ``ase.Atoms``, periodic, with a cell of any orientation.
        - ``MDAnalysis.Universe``, ``AtomGroup`` or ``Timestep``, with a box.
        - ``(system, types)`` with one of the above, for systems without types or with other types.

        Systems of ASE and MDAnalysis are two-dimensional if all particles have the same z.
    species : sequence of str, optional
        Names of all species of the mixture in their order. By default those of the GSD frame, or
        those that occur, sorted. A `Configuration` has its own.

    Returns
    -------
    Configuration
        Types follow the names where names are given; integers count from 0 and stand for A,
        B, C, ... or for `species`. Without types all particles are of one species, A.

    Raises
    ------
    TypeError
        If the object is none of the above.
    ValueError
        If it has no box or no positions, is not periodic, or holds an unknown species.

    Examples
    --------
    >>> import numpy as np
    >>> from vitreous.liquid import as_configuration
    >>> points = np.random.default_rng(1).uniform(-2, 2, (4, 3))
    >>> as_configuration(([4.0, 4.0, 4.0], points, ["Ni", "P", "Ni", "Ni"]))
    Configuration(3 Ni, 1 P; Box(lengths=(4.0, 4.0, 4.0), tilts=(0.0, 0.0, 0.0)))
    """
    reader = _reader_of(system)
    if reader is not None:
        return reader(system, species)
    if isinstance(system, tuple | list) and len(system) in (2, 3):
        if len(system) == 2 and _reader_of(system[0]) is not None:
            return _with_types(as_configuration(system[0]), system[1], species)
        if _is_box(system[0]):
            return _from_arrays(*system, species=species)
    raise TypeError(f"no configuration can be made of a {_description(system)}; give {_ACCEPTED}")


def as_configurations(systems: Any, species: Sequence[str] | None = None) -> list[Configuration]:
    """Make a list of configurations from whatever `as_configuration` takes.

    Parameters
    ----------
    systems : iterable
        Gone through once; a trajectory of MDAnalysis, which gives the same object again and again,
        is read frame by frame.
    species : sequence of str, optional
        As in `as_configuration`. By default every item keeps its own species if these are the same
        in all items. If they differ, items that are no `Configuration` get the species of the first
        `Configuration`; where there is none, all species that occur in any item, sorted.

    Returns
    -------
    list of Configuration

    Raises
    ------
    TypeError
        If this is one system instead of a sequence, or an item is of a type that is not accepted.
    ValueError
        If the sequence is empty, or an item makes no configuration; the message says which.

    Examples
    --------
    >>> import numpy as np
    >>> from vitreous.liquid.conversion import as_configurations
    >>> frames = [([4.0, 4.0], np.zeros((1, 2)), [name]) for name in "BA"]
    >>> [configuration.species for configuration in as_configurations(frames)]
    [('A', 'B'), ('A', 'B')]
    """
    if _is_single(systems):
        raise TypeError(
            "expected a list of configurations; put the single one into a list, also where it is a "
            "pair (box, points)"
        )
    configurations, own = [], []
    for number, system in enumerate(systems):
        try:
            configurations.append(as_configuration(system, species))
        except (TypeError, ValueError) as error:
            kind = TypeError if isinstance(error, TypeError) else ValueError
            raise kind(f"configuration {number}: {error}") from error
        own.append(isinstance(system, Configuration))
    if not configurations:
        raise ValueError("expected at least one configuration, got an empty sequence")
    if species is not None or len({c.species for c in configurations}) == 1:
        return configurations
    theirs = [c.species for c, is_own in zip(configurations, own, strict=True) if is_own]
    common = theirs[0] if theirs else tuple(sorted({s for c in configurations for s in c.species}))
    return [
        c if is_own else _with_species(c, common)
        for c, is_own in zip(configurations, own, strict=True)
    ]


Reader = Callable[[Any, Sequence[str] | None], Configuration]


def _reader_of(system: Any) -> Reader | None:
    """Return what makes a configuration of an object that knows its own box."""
    if isinstance(system, Configuration):
        return lambda configuration, species: configuration
    for attributes, reader in _READERS.items():
        if all(hasattr(system, attribute) for attribute in attributes):
            return reader
    return None


def _is_single(systems: Any) -> bool:
    if _reader_of(systems) is not None:
        return True
    return isinstance(systems, tuple | list) and len(systems) in (2, 3) and _is_box(systems[0])


def _description(system: Any) -> str:
    if isinstance(system, tuple | list):
        items = ", ".join(type(item).__name__ for item in system[:4])
        return f"{type(system).__name__} of {len(system)} items ({items})"
    return type(system).__name__


def _from_gsd(frame: Any, species: Sequence[str] | None) -> Configuration:
    configuration = Configuration.from_gsd(frame)
    return configuration if species is None else _with_species(configuration, species)


def _from_ase(atoms: Any, species: Sequence[str] | None) -> Configuration:
    positions, vectors = atoms.get_positions(), np.array(atoms.cell)
    _require_periodic(atoms.pbc, _dimensions(positions, vectors), "set atoms.pbc")
    if atoms.has(_ASE_TYPES) and _ASE_SPECIES in atoms.info:
        own = tuple(atoms.info[_ASE_SPECIES])
        names = [own[number] for number in atoms.get_array(_ASE_TYPES)]
        species = own if species is None else species
    else:
        names = atoms.get_chemical_symbols()
    types, species = named_types(names, species)
    return _from_vectors(positions, vectors, types, species)


def _from_mdanalysis(atoms: Any, species: Sequence[str] | None) -> Configuration:
    atoms = atoms.atoms
    if atoms.dimensions is None:
        raise ValueError("the universe has no box; set universe.dimensions")
    names = [str(name) for name in atoms.types] if hasattr(atoms, "types") else None
    types, species = _types_and_species(names, len(atoms), species)
    return _from_vectors(atoms.positions, _mdanalysis_vectors(atoms), types, species)


def _from_timestep(step: Any, species: Sequence[str] | None) -> Configuration:
    if step.dimensions is None:
        raise ValueError("the time step has no box; set its dimensions")
    types, species = _types_and_species(None, len(step.positions), species)
    return _from_vectors(step.positions, _mdanalysis_vectors(step), types, species)


def _mdanalysis_vectors(frame: Any) -> NDArray[np.float64]:
    from MDAnalysis.lib.mdamath import triclinic_vectors

    return triclinic_vectors(frame.dimensions, dtype=np.float64)


def _from_query(query: Any, species: Sequence[str] | None) -> Configuration:
    return _from_arrays(query.box, query.points, species=species)


# The attributes by which objects are known. Order matters: a universe has atoms, which alone have
# positions, and the types that its time step lacks.
_READERS: dict[tuple[str, ...], Reader] = {
    ("configuration", "particles"): _from_gsd,
    ("get_positions", "get_chemical_symbols", "pbc"): _from_ase,
    ("atoms", "dimensions"): _from_mdanalysis,
    ("positions", "dimensions", "triclinic_dimensions"): _from_timestep,
    ("box", "points"): _from_query,
}


def _from_arrays(
    box: Any, points: ArrayLike, types: ArrayLike | None = None, *, species: Sequence[str] | None
) -> Configuration:
    box, rotation = _as_box(box)
    positions = np.asarray(points, dtype=np.float64)
    if positions.ndim != 2 or positions.shape[1] not in (2, 3):
        raise ValueError(f"points must have shape (N, 2) or (N, 3), not {positions.shape}")
    if positions.shape[1] < box.dimensions:
        raise ValueError(f"points of shape {positions.shape} in a box of three dimensions: {box}")
    if positions.shape[1] > box.dimensions and np.ptp(positions[:, 2]) != 0:
        raise ValueError(f"points of a box of two dimensions, {box}, must have the same z")
    indices, species = _types_and_species(types, len(positions), species)
    turned = positions[:, : box.dimensions] @ rotation
    return Configuration.wrapped(turned, indices, box, species)


def _from_vectors(
    positions: NDArray[np.floating],
    vectors: NDArray[np.float64],
    types: NDArray[np.integer],
    species: Sequence[str],
) -> Configuration:
    dimensions = _dimensions(positions, vectors)
    box, rotation = Box.from_vectors(vectors[:dimensions, :dimensions])
    return Configuration.wrapped(positions[:, :dimensions] @ rotation, types, box, species)


def _dimensions(positions: NDArray[np.floating], vectors: NDArray[np.float64]) -> int:
    """Whether particles lie in one plane, as those of 2D systems with three coordinates.

    A single particle leaves the question open and is taken to be in 3D.
    """
    flat = len(positions) > 1 and np.ptp(positions[:, 2]) <= _FLATNESS * abs(vectors).max()
    return 2 if flat else 3


def _types_and_species(
    types: ArrayLike | None, n_particles: int, species: Sequence[str] | None
) -> tuple[NDArray[np.integer], tuple[str, ...]]:
    if types is None:
        types = np.zeros(n_particles, dtype=np.int64)
        if species is not None and len(species) > 1:
            raise ValueError(
                f"there are no types, but several species, {', '.join(species)}; give (system, "
                "types), with the names of the species or integers that count from 0"
            )
    values = np.asarray(types)
    if values.shape != (n_particles,):
        raise ValueError(f"types must have shape ({n_particles},), not {values.shape}")
    if values.dtype.kind in "UOS":
        return named_types([str(name) for name in values], species)
    if values.dtype.kind not in "iu":
        raise ValueError(f"types must be integers or names of species, not {values.dtype}")
    if species is None:
        largest = int(values.max(initial=0))
        if largest >= len(ascii_uppercase):
            raise ValueError(f"there is a type {largest}; name the species of so many")
        species = ascii_uppercase[: largest + 1]
    return values, tuple(species)


def _with_types(
    configuration: Configuration, types: ArrayLike, species: Sequence[str] | None
) -> Configuration:
    indices, species = _types_and_species(types, configuration.n_particles, species)
    return Configuration(
        configuration.positions, indices, configuration.box, species, configuration.diameters
    )


def _with_species(configuration: Configuration, species: Sequence[str]) -> Configuration:
    """Return the same particles as those of a mixture that names its species in another order."""
    names = np.array(configuration.species, dtype=object)[configuration.types]
    return _with_types(configuration, names, species)


def _is_box(box: Any) -> bool:
    if isinstance(box, Box) or hasattr(box, "Lx"):
        return True
    if isinstance(box, Mapping):
        return "Lx" in box
    if not isinstance(box, np.ndarray | tuple | list):
        return False
    try:
        values = np.asarray(box)
    except ValueError:  # rows of different lengths
        return False
    return values.dtype.kind in "iuf" and values.shape in ((2,), (3,), (6,), (2, 2), (3, 3))


def _as_box(box: Any) -> tuple[Box, NDArray[np.float64]]:
    """Return the box, and the rotation that brings positions to it."""
    if isinstance(box, Mapping) or hasattr(box, "Lx"):
        values = [_parameter(box, name, 0.0) for name in ("Lx", "Ly", "Lz", "xy", "xz", "yz")]
        known = Box.from_parameters(values, _parameter(box, "dimensions", None))
        periodic = _parameter(box, "periodic", (True, True, True))
        _require_periodic(periodic, known.dimensions, "set box.periodic")
    elif isinstance(box, Box):
        known = box
    elif np.ndim(box) == 2:
        return Box.from_vectors(np.transpose(box))
    else:
        known = Box.from_parameters(box)
    return known, np.eye(known.dimensions)


def _parameter(box: Any, name: str, default: Any) -> Any:
    return box.get(name, default) if isinstance(box, Mapping) else getattr(box, name, default)


def _require_periodic(periodic: Iterable[bool], dimensions: int, remedy: str) -> None:
    directions = [bool(value) for value in periodic]
    if not all(directions[:dimensions]):
        raise ValueError(
            f"the box is periodic in {directions}; that of a liquid is in all {dimensions} "
            f"directions: {remedy}"
        )
