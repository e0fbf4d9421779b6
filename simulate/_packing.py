"""Between configurations and the arrays of the compiled kernels."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

import numba
import numpy as np
from numpy.typing import NDArray

from ..compiled.vectors import LANES
from ..liquid import (
    Configuration,
    PairPotential,
    PolydispersePotential,
    System,
    TabulatedPotential,
)
from ..liquid.cells import require_apart
from ..liquid.no_potential import UnknownInteraction
from ..liquid.potentials import Potential
from ._block_kernels import FAR
from ._list_kernels import GHOSTS, NEIGHBORS, NOTHING, Liquid, Lists, Slots
from ._md_kernels import compute_energies, refresh
from ._table_kernels import Table


def require_simulable(system: System, configuration: Configuration) -> None:
    """Raise a ValueError unless the compiled kernels can treat a configuration.

    No length of the box may be shorter than two cutoffs. Then no vector of the lattice is, and no
    particle meets two images of another.
    """
    system.require(configuration)
    if configuration.n_particles == 0:
        raise ValueError("the configuration holds no particle")
    box = configuration.box
    box.require_periodic("a simulation or a minimum of the energy")
    shortest = min(box.lengths)
    cutoff = system.largest_cutoff(configuration)
    if 2 * cutoff > shortest:
        wider = "" if box.is_orthorhombic else ", or the widest cell (Configuration.reduced())"
        raise ValueError(
            f"the cutoff {cutoff:g} exceeds half the shortest box length {shortest:g}; "
            f"use more particles{wider}"
        )
    require_apart(configuration)


def pack_liquid(system: System, configuration: Configuration, skin: float) -> Liquid:
    """Lay out the slots of each type and tabulate the interactions."""
    counts = np.bincount(configuration.types, minlength=len(system.species))
    potential = system.potential
    energy_table, mixing = pack_potential(potential)
    force_table: NDArray[np.float64] | Table
    if isinstance(potential, PairPotential):
        cutoff_square, p12, p6, _, k1, k2, k4 = np.moveaxis(potential.coefficients, -1, 0)
        force_table = np.stack([cutoff_square, k1, 12 * p12, 6 * p6, 2 * k2, 4 * k4], axis=-1)
    else:
        force_table = energy_table
    if isinstance(potential, PolydispersePotential):
        reach = np.array([[system.largest_cutoff(configuration) + skin]])
    else:
        reach = potential.cutoffs + skin
    liquid = _laid_out(configuration, counts, reach, skin)
    diameters = None if mixing is None else np.array(configuration.diameters)
    return liquid._replace(
        energy_table=energy_table, force_table=force_table, mixing=mixing, diameters=diameters
    )


def pack_one_type(system: System, configuration: Configuration, skin: float) -> Liquid:
    """Lay out slots without regard to kinds, for lists that serve any exchange of them."""
    counts = np.array([configuration.n_particles])
    reach = np.array([[system.largest_cutoff(configuration) + skin]])
    return _laid_out(configuration, counts, reach, skin)


def pack_potential(
    potential: Potential,
) -> tuple[NDArray[np.float64] | Table, float | int | None]:
    """Coefficients or table of a potential and the mixing of diameters, None if types decide."""
    if isinstance(potential, PairPotential):
        return np.array(potential.coefficients), None
    if isinstance(potential, PolydispersePotential):
        mixing = potential.mixing
        table, _ = pack_potential(potential.shape)
        return table, _compiled(mixing).address if callable(mixing) else float(mixing)
    if isinstance(potential, UnknownInteraction):
        potential.refuse("energy")
    if not isinstance(potential, TabulatedPotential):
        raise TypeError(f"no kernel evaluates a potential of type {type(potential).__name__}")
    table = Table(
        np.array(potential.table),
        1 / potential.cutoffs**2,
        potential.first_interval,
        52 - potential.resolution,
    )
    return table, None


@cache
def _compiled(mixing: Callable[..., Any]) -> Any:
    """Compile the mixing of diameters once for this process."""
    try:
        return numba.cfunc("float64(float64, float64)")(mixing)
    except numba.core.errors.NumbaError as error:
        raise ValueError(
            "the mixing of diameters cannot be compiled; use arithmetic and functions of numpy on "
            f"two numbers ({error})"
        ) from error


def _laid_out(configuration, counts, reach, skin) -> Liquid:
    padded = -(-counts // LANES) * LANES
    first_slot = np.cumsum(padded) - padded
    slot_types = np.full(padded.sum(), -1)
    for kind, (first, count) in enumerate(zip(first_slot, counts, strict=True)):
        slot_types[first : first + count] = kind
    vectors = _least_tilted(configuration.box.matrix)
    lengths = np.diag(vectors).copy()
    return Liquid(
        lengths=lengths,
        vectors=vectors,
        shear=np.triu(-lengths[:, None] * np.linalg.inv(vectors), 1),
        slot_types=slot_types,
        first_slot=first_slot,
        counts=counts,
        skin=skin,
        reach=reach,
        energy_table=None,
        force_table=None,
        mixing=None,
        diameters=None,
    )


def _least_tilted(vectors: NDArray[np.float64]) -> NDArray[np.float64]:
    """Take whole multiples of the earlier lattice vectors from the later ones, columns all."""
    vectors = vectors.copy()
    for late in range(1, len(vectors)):
        for early in reversed(range(late)):
            multiple = np.rint(vectors[early, late] / vectors[early, early])
            vectors[:, late] -= multiple * vectors[:, early]
    return vectors


def pack(
    liquid: Liquid, configuration: Configuration, velocities: NDArray[np.float64] | None = None
) -> tuple[Slots, Lists]:
    """Put particles into slots and set aside room for ghosts and neighbours."""
    n_slots, dimensions = len(liquid.slot_types), configuration.dimensions
    stride = 2 if dimensions == 2 else 4
    reach = liquid.reach.max()
    between_faces = liquid.lengths / np.sqrt(1 + (liquid.shear**2).sum(axis=1))
    n_ghosts = int(1.3 * n_slots * (np.prod(1 + 2 * reach / between_faces) - 1)) + 64
    n_neighbors = int(1.4 * n_slots * configuration.density * (2 * reach) ** dimensions) + 1024

    occupied = np.flatnonzero(liquid.slot_types >= 0)
    identity = np.full(n_slots, -1)
    identity[occupied] = np.argsort(configuration.types, kind="stable")
    positions = np.zeros((n_slots + 1 + n_ghosts, stride))
    positions[occupied, :dimensions] = configuration.positions[identity[occupied]]
    positions[n_slots] = FAR
    # Far from its reference, every particle asks for the lists to be built.
    reference = np.zeros((n_slots, stride))
    reference[occupied] = FAR
    slot_velocities = np.zeros((n_slots, stride))
    if velocities is not None:
        slot_velocities[occupied, :dimensions] = velocities[identity[occupied]]
    slots = Slots(
        positions=positions,
        velocities=slot_velocities,
        forces=np.zeros((n_slots, stride)),
        images=np.zeros((n_slots, dimensions), np.int64),
        identity=identity,
        reference=reference,
    )
    lists = Lists(
        neighbors=np.empty(n_neighbors, np.uint32),
        rows=np.zeros(n_slots // LANES * len(liquid.counts) + 1, np.int64),
        parents=np.zeros(n_ghosts, np.int64),
        shifts=np.zeros((n_ghosts, stride)),
        n_ghosts=np.zeros(1, np.int64),
        lacking=np.full(1, NOTHING),
        scales=np.empty(n_neighbors) if isinstance(liquid.force_table, Table) else None,
    )
    return slots, lists


def with_room(slots: Slots, lists: Lists) -> tuple[Slots, Lists]:
    """Double the arrays that were too short, if any was, and keep what they hold."""
    lacking = lists.lacking[0]
    if lacking == GHOSTS:
        n_ghosts, stride = lists.shifts.shape
        slots = slots._replace(
            positions=np.concatenate([slots.positions, np.empty((n_ghosts, stride))])
        )
        lists = lists._replace(
            parents=np.empty(2 * n_ghosts, lists.parents.dtype),
            shifts=np.empty((2 * n_ghosts, stride)),
        )
    if lacking == NEIGHBORS:
        size = 2 * len(lists.neighbors)
        lists = lists._replace(
            neighbors=np.empty(size, lists.neighbors.dtype),
            scales=None if lists.scales is None else np.empty(size),
        )
    return slots, lists


def refreshed(slots: Slots, liquid: Liquid, lists: Lists, skin: float) -> tuple[Slots, Lists]:
    """Bring ghosts, lists and forces up to date, in longer arrays where they are too short."""
    while not refresh(slots, liquid, lists, skin):
        slots, lists = with_room(slots, lists)
    return slots, lists


def potential_energy(slots: Slots, liquid: Liquid, lists: Lists) -> float:
    """Sum over all pairs."""
    energies = np.empty(len(liquid.slot_types))
    compute_energies(slots, liquid, lists, energies)
    return float(energies.sum())


def by_particle(slots: Slots, values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Bring values of slots into the order of the configuration, fillers and padding left out."""
    occupied = slots.identity >= 0
    ordered = np.empty((int(occupied.sum()), *values.shape[1:]))
    ordered[slots.identity[occupied]] = values[: len(occupied)][occupied]
    return ordered[:, : slots.images.shape[1]] if values.ndim == 2 else ordered


def unwrapped_positions(slots: Slots, liquid: Liquid) -> NDArray[np.float64]:
    """Positions of the particles, not wrapped into the box."""
    wrapped = by_particle(slots, slots.positions)
    return wrapped + by_particle(slots, slots.images @ liquid.vectors.T)
