"""A snapshot of a liquid: positions, types and the box."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, NoReturn

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .box import Box

if TYPE_CHECKING:
    import freud
    import gsd.hoomd

# Positions stored in single precision may leave the box by their rounding error.
_OUTSIDE_TOLERANCE = 1e-6

_EXACT_POSITIONS = "particles/vitreous_position"
_EXACT_DIAMETERS = "particles/vitreous_diameter"
_EXACT_BOX = "vitreous_box"
_TEMPERATURE = "vitreous_temperature"
_PERIODIC = "vitreous_periodic"


class Configuration:
    """Immutable positions, types and diameters of the particles of a liquid in a box.

    Parameters
    ----------
    positions : array_like, shape (N, d)
        Positions inside the box, in units of sigma_AA; stored as read-only float64.
    types : array_like of int, shape (N,)
        Index of each particle's species in `species`; stored as read-only int32.
    box : Box
        Of the same dimension d.
    species : sequence of str
        Names of all species of the mixture, those absent from this configuration included.
    diameters : array_like, shape (N,), optional
        Diameter of each particle where sizes are continuous; stored as read-only float64. None
        where the types alone decide how particles interact.
    temperature : float, optional
        Of the liquid that the configuration was taken from, in units of eps_AA / k_B; None if
        unknown. It stays with everything made from the configuration: its inherent structure is
        that of a liquid of this temperature. Two configurations that differ in it alone count as
        different for caches on disk.

    Raises
    ------
    ValueError
        If shapes disagree, a position is not finite or lies outside the box, a type is unknown, a
        diameter or the temperature is not positive.
    TypeError
        If the box is not a `Box`.

    See Also
    --------
    Configuration.wrapped : the same, for positions that may lie outside the box.

    Examples
    --------
    >>> box = Box.cube(4.0, dimensions=2)
    >>> configuration = Configuration([[0.0, 0.0], [1.0, 1.5]], [0, 1], box, ("A", "B"))
    >>> configuration.n_particles
    2
    """

    def __init__(
        self,
        positions: ArrayLike,
        types: ArrayLike,
        box: Box,
        species: Sequence[str],
        diameters: ArrayLike | None = None,
        temperature: float | None = None,
    ) -> None:
        positions = np.array(positions, dtype=np.float64)
        _require_shape(positions, box)
        self._hold(positions, types, box, species, diameters, temperature)
        _require_finite(positions)
        _require_inside(positions, box)

    def _hold(
        self,
        positions: NDArray[np.float64],
        types: ArrayLike,
        box: Box,
        species: Sequence[str],
        diameters: ArrayLike | None,
        temperature: float | None,
    ) -> None:
        """Keep what was given, all of it validated but for the positions."""
        self._box = box
        self._temperature = _validated_temperature(temperature)
        self._species = tuple(str(name) for name in species)
        self._types = _validated_types(types, len(positions), self._species)
        self._diameters = _validated_diameters(diameters, len(positions))
        self._positions = positions
        self._positions.flags.writeable = False
        self._types.flags.writeable = False

    @property
    def positions(self) -> NDArray[np.float64]:
        """Positions in units of sigma_AA, shape (N, d), read-only."""
        return self._positions

    @property
    def types(self) -> NDArray[np.int32]:
        """Index of each particle's species, shape (N,), read-only."""
        return self._types

    @property
    def diameters(self) -> NDArray[np.float64] | None:
        """Diameter of each particle, shape (N,), read-only; None where the types decide."""
        return self._diameters

    @property
    def temperature(self) -> float | None:
        """Temperature of the liquid, in units of eps_AA / k_B; None if unknown."""
        return self._temperature

    @property
    def box(self) -> Box:
        """The box."""
        return self._box

    @property
    def species(self) -> tuple[str, ...]:
        """Names of the species of the mixture."""
        return self._species

    @classmethod
    def wrapped(
        cls,
        positions: ArrayLike,
        types: ArrayLike,
        box: Box,
        species: Sequence[str],
        diameters: ArrayLike | None = None,
        temperature: float | None = None,
    ) -> Configuration:
        """Make a configuration from positions that may lie outside the box.

        Parameters are those of the class; positions are first brought back by `Box.wrap`.
        """
        positions = np.asarray(positions, dtype=np.float64)
        _require_shape(positions, box)
        _require_finite(positions)
        wrapped = box.wrap(positions)
        configuration = cls.__new__(cls)
        configuration._hold(wrapped, types, box, species, diameters, temperature)
        _require_inside(wrapped, box)
        return configuration

    def with_positions(self, positions: ArrayLike) -> Configuration:
        """Return the same particles at other positions, brought into the box."""
        return Configuration.wrapped(
            positions, self.types, self.box, self.species, self.diameters, self.temperature
        )

    def selected(self, chosen: NDArray[np.bool_]) -> Configuration:
        """Return some of the particles, those for which `chosen`, of shape (N,), is true."""
        diameters = None if self.diameters is None else self.diameters[chosen]
        return Configuration(
            self.positions[chosen],
            self.types[chosen],
            self.box,
            self.species,
            diameters,
            self.temperature,
        )

    def of_species(self, species: str | None) -> NDArray[np.bool_]:
        """Mark the particles of a species, shape (N,); all particles if it is None.

        Raises
        ------
        ValueError
            If the species is unknown.

        Examples
        --------
        >>> Configuration([[0, 0], [1, 0]], [0, 1], Box.cube(9, 2), "AB").of_species("B")
        array([False,  True])
        """
        if species is None:
            return np.ones(self.n_particles, dtype=bool)
        if species not in self.species:
            raise ValueError(f"unknown species {species!r}; there are {self.species}")
        return self.types == self.species.index(species)

    def with_types(self, types: ArrayLike) -> Configuration:
        """Return the same positions with other particle types."""
        return Configuration(
            self.positions, types, self.box, self.species, self.diameters, self.temperature
        )

    def with_diameters(self, diameters: ArrayLike | None) -> Configuration:
        """Return the same positions and types with other diameters."""
        return Configuration(
            self.positions, self.types, self.box, self.species, diameters, self.temperature
        )

    def with_temperature(self, temperature: float | None) -> Configuration:
        """Return the same particles as those of a liquid of another temperature.

        Examples
        --------
        >>> unknown = Configuration([[0.0, 0.0]], [0], Box.cube(4.0, 2), "A")
        >>> unknown.with_temperature(0.44).with_positions([[1.0, 0.0]]).temperature
        0.44
        """
        return Configuration(
            self.positions, self.types, self.box, self.species, self.diameters, temperature
        )

    def require_temperature(self) -> float:
        """Return the temperature.

        Raises
        ------
        ValueError
            If it is unknown.
        """
        if self.temperature is None:
            raise ValueError(
                "the configuration does not tell the temperature of the liquid, which is needed "
                "here; use Configuration.with_temperature"
            )
        return self.temperature

    def reduced(self) -> Configuration:
        """Return the same liquid in the widest box of its lattice.

        A lattice that is orthorhombic gets an orthorhombic box, however tilted the cell was in
        which it was given. Positions change by lattice vectors; they turn with the lattice only if
        no box in its own orientation is as wide (`Box.from_vectors`).

        Returns
        -------
        Configuration
            This one, if its box is the widest.

        Examples
        --------
        >>> tilted = Configuration([[0.0, 1.5]], [0], Box((4.0, 5.0), (0.8,)), "A")
        >>> tilted.reduced().box
        Box(lengths=(4.0, 5.0), tilts=(0.0,))
        """
        if not self.box.is_periodic:
            return self
        box, rotation = Box.from_vectors(self.box.matrix.T)
        if np.abs(box.matrix - self.box.matrix).max() <= 1e-12 * max(box.lengths):
            return self
        positions = self.positions @ rotation
        return Configuration.wrapped(
            positions, self.types, box, self.species, self.diameters, self.temperature
        )

    @property
    def n_particles(self) -> int:
        """Number of particles N."""
        return len(self.positions)

    @property
    def dimensions(self) -> int:
        """Number of spatial dimensions d, 2 or 3."""
        return self.box.dimensions

    @property
    def density(self) -> float:
        """Number density N / V."""
        return self.n_particles / self.box.volume

    def __iter__(self) -> NoReturn:
        """Refuse to be taken for a list of configurations.

        Raises
        ------
        TypeError
            That says to write ``[configuration]``.
        """
        raise TypeError(
            "one Configuration is given where a list of them is expected: write [configuration]"
        )

    def __repr__(self) -> str:
        counts = np.bincount(self.types, minlength=len(self.species))
        mixture = ", ".join(f"{n} {name}" for n, name in zip(counts, self.species, strict=True))
        sizes = "" if self.diameters is None else "with continuous diameters; "
        return f"Configuration({mixture}; {sizes}{self.box})"

    def to_gsd(self) -> gsd.hoomd.Frame:
        """Convert to a GSD frame.

        The frame has positions, diameters and box in single precision, the default of GSD. The
        exact ones travel along as the log chunks ``particles/vitreous_position``,
        ``particles/vitreous_diameter`` and ``vitreous_box``, which `from_gsd` prefers, and the
        temperature as ``vitreous_temperature``. GSD has no open boxes: programs other than this one
        take them for periodic ones, and ``vitreous_periodic`` tells which directions are.
        """
        import gsd.hoomd

        frame = gsd.hoomd.Frame()
        frame.configuration.dimensions = self.dimensions
        frame.configuration.box = _six_box_parameters(self.box)
        frame.particles.N = self.n_particles
        frame.particles.position = _padded(self.positions).astype(np.float32)
        frame.particles.typeid = self.types.astype(np.uint32)
        frame.particles.types = list(self.species)
        frame.log[_EXACT_POSITIONS] = np.ascontiguousarray(self.positions)
        frame.log[_EXACT_BOX] = np.array(frame.configuration.box, dtype=np.float64)
        if self.diameters is not None:
            frame.particles.diameter = self.diameters.astype(np.float32)
            frame.log[_EXACT_DIAMETERS] = np.ascontiguousarray(self.diameters)
        if self.temperature is not None:
            frame.log[_TEMPERATURE] = np.array([self.temperature])
        if not self.box.is_periodic:
            frame.log[_PERIODIC] = np.array(self.box.periodic, dtype=np.uint8)
        return frame

    @classmethod
    def from_gsd(cls, frame: gsd.hoomd.Frame) -> Configuration:
        """Make a configuration from a GSD frame, in double precision where it was stored so.

        Diameters that are all 1, the default of GSD, count as none; without types all particles
        are of species A, as GSD has it. Exact positions that disagree with those of the frame are
        left over from an earlier frame, and are ignored too.

        Raises
        ------
        ValueError
            If the frame has no positions or no box.
        """
        if frame.particles.position is None or frame.configuration.box is None:
            raise ValueError("the GSD frame has no positions or no box; is it a particle snapshot?")
        log = getattr(frame, "log", {})  # which snapshots of HOOMD-blue do not have
        parameters = _exact(log.get(_EXACT_BOX), frame.configuration.box)
        is_flat = frame.configuration.box[2] == 0
        box = Box.from_parameters(parameters, 2 if is_flat else frame.configuration.dimensions)
        if _PERIODIC in log:
            box = replace(box, periodic=tuple(log[_PERIODIC]))
        single = np.asarray(frame.particles.position)[:, : box.dimensions]
        positions = _exact(log.get(_EXACT_POSITIONS), single)
        types = frame.particles.typeid
        if types is None:
            types = np.zeros(len(positions), dtype=np.int32)
        diameters = None
        if not _is_default(frame.particles.diameter):
            diameters = frame.particles.diameter
            diameters = _exact(log.get(_EXACT_DIAMETERS), diameters)
        temperature = log.get(_TEMPERATURE)
        return cls.wrapped(
            positions,
            types,
            box,
            frame.particles.types or ["A"],
            diameters,
            None if temperature is None else float(temperature[0]),
        )

    def to_freud(self) -> tuple[freud.box.Box, NDArray[np.float32]]:
        """Convert to the pair (box, points) that every freud ``compute`` accepts."""
        import freud

        box = freud.box.Box(*_six_box_parameters(self.box), is2D=self.dimensions == 2)
        if not self.box.is_periodic:
            box.periodic = np.pad(self.box.periodic, (0, 3 - self.dimensions)).tolist()
        return box, _padded(self.positions).astype(np.float32)

    @classmethod
    def from_freud(
        cls,
        system: Any,
        types: ArrayLike,
        species: Sequence[str],
        diameters: ArrayLike | None = None,
    ) -> Configuration:
        """Make a configuration from anything that freud accepts as a system.

        Parameters
        ----------
        system : (box, points) or other input of ``freud.locality.NeighborQuery.from_system``
        types : array_like of int, shape (N,)
        species : sequence of str
        diameters : array_like, shape (N,), optional
        """
        import freud

        query = freud.locality.NeighborQuery.from_system(system)
        dimensions = 2 if query.box.is2D else 3
        parameters = [getattr(query.box, name) for name in ("Lx", "Ly", "Lz", "xy", "xz", "yz")]
        box = Box.from_parameters(parameters, dimensions)
        if not all(query.box.periodic[:dimensions]):
            box = replace(box, periodic=tuple(query.box.periodic[:dimensions]))
        positions = np.asarray(query.points)[:, :dimensions]
        return cls.wrapped(positions, types, box, species, diameters)


def _require_shape(positions: NDArray[np.float64], box: Box) -> None:
    if not isinstance(box, Box):
        lengths = np.atleast_1d(box).tolist()
        d = positions.shape[1] if positions.ndim == 2 else 3
        right = f"Box.cube({lengths[0]}, {d})" if len(lengths) == 1 else f"Box({tuple(lengths)})"
        raise TypeError(f"the box must be a Box, not {box!r}: write {right}")
    if positions.ndim != 2 or positions.shape[1] != box.dimensions:
        raise ValueError(
            f"positions must have shape (N, {box.dimensions}) in a {box.dimensions}D box, "
            f"not {positions.shape}"
        )


def _validated_types(
    types: ArrayLike, n_particles: int, species: tuple[str, ...]
) -> NDArray[np.int32]:
    values = np.asarray(types)
    if values.shape != (n_particles,):
        raise ValueError(f"types must have shape ({n_particles},), not {values.shape}")
    if values.size and not np.issubdtype(values.dtype, np.integer):
        raise ValueError(f"types must be integers, not {values.dtype}")
    if values.size and not (values.min() >= 0 and values.max() < len(species)):
        particle = int(np.argmax((values < 0) | (values >= len(species))))
        raise ValueError(
            f"particle {particle} has unknown type {values[particle]}; "
            f"with species {species} types run from 0 to {len(species) - 1}"
        )
    return np.array(values, dtype=np.int32)


def _validated_diameters(
    diameters: ArrayLike | None, n_particles: int
) -> NDArray[np.float64] | None:
    if diameters is None:
        return None
    values = np.array(diameters, dtype=np.float64)
    if values.shape != (n_particles,):
        raise ValueError(f"diameters must have shape ({n_particles},), not {values.shape}")
    bad = np.flatnonzero(~((values > 0) & np.isfinite(values)))
    if bad.size:
        raise ValueError(
            f"particle {bad[0]} has the diameter {values[bad[0]]}; it must be positive and finite"
        )
    values.flags.writeable = False
    return values


def _validated_temperature(temperature: float | None) -> float | None:
    if temperature is None:
        return None
    if not 0 < temperature < np.inf:
        raise ValueError(
            f"the temperature must be positive and finite, or None if unknown, not {temperature}"
        )
    return float(temperature)


def _is_default(diameters: NDArray[np.float32] | None) -> bool:
    return diameters is None or bool((diameters == 1).all())


def _require_finite(positions: NDArray[np.float64]) -> None:
    if np.isfinite(positions).all():
        return
    bad = int(np.argmin(np.isfinite(positions).all(axis=1)))
    raise ValueError(f"particle {bad} has the position {positions[bad]}, not finite")


def _require_inside(positions: NDArray[np.float64], box: Box) -> None:
    fractional, limit = box.fractional(positions), 0.5 + _OUTSIDE_TOLERANCE
    if max(fractional.max(initial=0.0), -fractional.min(initial=0.0)) > limit:
        particle = int(np.argmax((abs(fractional) > limit).any(axis=1)))
        if not box.is_periodic:
            raise ValueError(
                f"particle {particle} at {positions[particle]} lies outside the field of view, an "
                f"open box with lengths {box.lengths} centred on the origin"
            )
        raise ValueError(
            f"particle {particle} at {positions[particle]} lies outside the box with lengths "
            f"{box.lengths} centred on the origin; use Configuration.wrapped to bring it in"
        )


def _exact(exact: NDArray[np.float64] | None, rounded: ArrayLike) -> NDArray[np.floating]:
    """Values in double precision if they are there and round to those that are given."""
    given = np.asarray(rounded)
    if exact is None or exact.shape != given.shape:
        return given
    slack = 1e-6 * np.abs(given).max(initial=0.0)
    return exact if (np.abs(exact - given) <= slack).all() else given


def _six_box_parameters(box: Box) -> list[float]:
    if box.dimensions == 2:
        return [*box.lengths, 0.0, *box.tilts, 0.0, 0.0]
    return [*box.lengths, *box.tilts]


def _padded(positions: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.pad(positions, ((0, 0), (0, 3 - positions.shape[1])))
