"""The box of a simulation, or the field of view of an experiment."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .lattice import reduced_lattice


@dataclass(frozen=True)
class Box:
    """Box in two or three dimensions, orthorhombic or triclinic, centred on the origin.

    It is periodic, unless some of its directions are open: a field of view, beyond whose border
    there are particles that nobody saw.

    The lattice vectors are the columns of the upper triangular matrix ::

        | Lx  xy Ly  xz Lz |
        | 0      Ly  yz Lz |
        | 0       0     Lz |

    which is the convention of GSD, HOOMD-blue and freud; in 2D only ``Lx, Ly, xy`` remain.

    Parameters
    ----------
    lengths : sequence of float, length 2 or 3
        Box lengths ``Lx, Ly[, Lz]``, in units of sigma_AA.
    tilts : sequence of float, optional
        Dimensionless tilt factors: ``(xy,)`` in 2D, ``(xy, xz, yz)`` in 3D. Zero by default.
    periodic : sequence of bool, optional
        Whether each direction is periodic. All are by default.

    Raises
    ------
    ValueError
        If a length is not positive and finite, the number of values does not fit, or a box with
        open directions is tilted.

    Examples
    --------
    >>> box = Box.cube(10.0, dimensions=2)
    >>> box.wrap([[6.0, -5.0]])
    array([[-4., -5.]])
    """

    lengths: tuple[float, ...]
    tilts: tuple[float, ...] = ()
    periodic: tuple[bool, ...] = ()

    def __post_init__(self) -> None:
        lengths = tuple(float(length) for length in self.lengths)
        if len(lengths) not in (2, 3):
            raise ValueError(f"a box needs 2 or 3 lengths, not {len(lengths)}: {lengths}")
        if not all(np.isfinite(length) and length > 0 for length in lengths):
            raise ValueError(f"box lengths must be positive and finite, not {lengths}")
        n_tilts = 1 if len(lengths) == 2 else 3
        tilts = tuple(float(tilt) for tilt in self.tilts) or (0.0,) * n_tilts
        if len(tilts) != n_tilts or not np.all(np.isfinite(tilts)):
            raise ValueError(
                f"a {len(lengths)}D box takes {n_tilts} finite tilt factor(s), not {tilts}"
            )
        periodic = tuple(bool(flag) for flag in self.periodic) or (True,) * len(lengths)
        if len(periodic) != len(lengths):
            raise ValueError(f"a {len(lengths)}D box is periodic or not along each of its axes")
        if any(tilts) and not all(periodic):
            raise ValueError(f"a box with open directions cannot have tilt factors {tilts}")
        object.__setattr__(self, "lengths", lengths)
        object.__setattr__(self, "tilts", tilts)
        object.__setattr__(self, "periodic", periodic)

    def __repr__(self) -> str:
        open_sides = "" if self.is_periodic else f", periodic={self.periodic}"
        return f"Box(lengths={self.lengths}, tilts={self.tilts}{open_sides})"

    @classmethod
    def cube(cls, length: float, dimensions: int) -> Box:
        """Make a square (2D) or cubic (3D) box of side `length`."""
        return cls((length,) * dimensions)

    @classmethod
    def from_vectors(cls, vectors: ArrayLike) -> tuple[Box, NDArray[np.float64]]:
        """Make the widest box of a lattice, and the rotation that brings positions to it.

        Parameters
        ----------
        vectors : array_like, shape (d, d)
            Lattice vectors as rows, in any orientation.

        Returns
        -------
        box : Box
            Spanned by the shortest vectors of the lattice; orthorhombic wherever the lattice is.
        rotation : ndarray, shape (d, d), float64
            ``positions @ rotation`` are the positions in the box; the unit matrix unless the
            lattice had to be turned.

        Raises
        ------
        ValueError
            If the vectors span no box.

        Examples
        --------
        >>> Box.from_vectors([[4.0, 0.0], [4.0, 5.0]])[0]
        Box(lengths=(4.0, 5.0), tilts=(0.0,))
        """
        rows, rotation = reduced_lattice(vectors)
        lengths = np.diag(rows)
        below = [(1, 0)] if len(rows) == 2 else [(1, 0), (2, 0), (2, 1)]
        return cls(
            tuple(lengths), tuple(float(rows[i, j] / lengths[i]) for i, j in below)
        ), rotation

    @classmethod
    def from_parameters(cls, parameters: ArrayLike, dimensions: int | None = None) -> Box:
        """Make a box of ``Lx, Ly[, Lz[, xy, xz, yz]]``, as GSD, HOOMD-blue and freud write it.

        Parameters
        ----------
        parameters : array_like of 2, 3 or 6 numbers
        dimensions : {2, 3}, optional
            By default 2 without ``Lz`` or with ``Lz = 0``, else 3.

        Raises
        ------
        ValueError
            If there is another number of parameters, or they make no box.

        Examples
        --------
        >>> Box.from_parameters([4.0, 5.0, 0.0, 0.2, 0.0, 0.0])
        Box(lengths=(4.0, 5.0), tilts=(0.2,))
        """
        values = [float(value) for value in np.asarray(parameters).ravel()]
        if len(values) not in (2, 3, 6):
            raise ValueError(f"a box takes 2, 3 or 6 parameters, not {len(values)}: {values}")
        if dimensions is None:
            dimensions = 2 if len(values) == 2 or values[2] == 0 else 3
        return cls(tuple(values[:dimensions]), tuple(values[3 : 4 if dimensions == 2 else 6]))

    @property
    def dimensions(self) -> int:
        """Number of spatial dimensions, 2 or 3."""
        return len(self.lengths)

    @property
    def is_periodic(self) -> bool:
        """Whether all directions are periodic."""
        return all(self.periodic)

    def require_periodic(self, what: str) -> None:
        """Raise a ValueError that says what needs a periodic box, if this one has open directions.

        Examples
        --------
        >>> Box((9.0, 9.0), periodic=(True, False)).require_periodic("a minimum of the energy")
        Traceback (most recent call last):
        ...
        ValueError: a minimum of the energy needs a periodic box; this one is open along y
        """
        if not self.is_periodic:
            sides = " and ".join(
                axis for axis, flag in zip("xyz", self.periodic, strict=False) if not flag
            )
            raise ValueError(f"{what} needs a periodic box; this one is open along {sides}")

    def padded(self, gap: float) -> Box:
        """Periodic box with so much void along open directions that images are out of reach.

        Parameters
        ----------
        gap : float
            In it no particle is closer to the image of another along an open direction.

        Returns
        -------
        Box
            No shorter than two gaps along open directions; this one, if it is periodic.

        Examples
        --------
        >>> Box((9.0, 9.0), periodic=(True, False)).padded(2.5)
        Box(lengths=(9.0, 11.5), tilts=(0.0,))
        """
        if self.is_periodic:
            return self
        sides = zip(self.lengths, self.periodic, strict=True)
        return Box(tuple(side if flag else max(side + gap, 2 * gap) for side, flag in sides))

    @property
    def is_orthorhombic(self) -> bool:
        """Whether all tilt factors are zero."""
        return not any(self.tilts)

    @property
    def matrix(self) -> NDArray[np.float64]:
        """Lattice vectors as columns, shape (d, d)."""
        matrix = np.diag(self.lengths)
        if self.dimensions == 2:
            matrix[0, 1] = self.tilts[0] * self.lengths[1]
        else:
            xy, xz, yz = self.tilts
            matrix[0, 1:] = xy * self.lengths[1], xz * self.lengths[2]
            matrix[1, 2] = yz * self.lengths[2]
        return matrix

    @property
    def volume(self) -> float:
        """Volume (3D) or area (2D)."""
        return math.prod(self.lengths)

    @property
    def _sides(self) -> np.float64 | NDArray[np.float64]:
        """Lengths, as one number where they are equal, with which arrays are multiplied faster."""
        return _sides(self.lengths)

    @property
    def plane_distances(self) -> NDArray[np.float64]:
        """Distances between opposite faces, shape (d,); the lengths where nothing is tilted."""
        return 1.0 / np.linalg.norm(np.linalg.inv(self.matrix), axis=1)

    def fractional(self, positions: ArrayLike) -> NDArray[np.float64]:
        """Coordinates in units of the lattice vectors; -1/2 to 1/2 inside the box."""
        positions = np.asarray(positions, dtype=np.float64)
        if self.is_orthorhombic:
            return positions * (1 / self._sides)
        return positions @ np.linalg.inv(self.matrix).T

    def wrap(self, positions: ArrayLike) -> NDArray[np.float64]:
        """Bring positions into the box.

        Parameters
        ----------
        positions : array_like, shape (..., d)

        Returns
        -------
        ndarray, shape (..., d), float64
            The periodic images with fractional coordinates in [-1/2, 1/2); coordinates along open
            directions are left as they are.
        """
        positions = np.asarray(positions, dtype=np.float64)
        wrapped = positions - self._vectors(np.floor(self.fractional(positions) + 0.5))
        # Rounding can leave a coordinate exactly on the upper face.
        on_face = self.fractional(wrapped) >= 0.5
        if not self.is_periodic:
            on_face &= self.periodic
        return wrapped - self._vectors(on_face) if on_face.any() else wrapped

    def _vectors(self, images: NDArray[Any]) -> NDArray[np.float64]:
        """Whole multiples of the lattice vectors, added up; none along open directions."""
        if not self.is_periodic:
            images = np.where(self.periodic, images, 0.0)
        if self.is_orthorhombic:
            return images * self._sides
        return images @ self.matrix.T

    def minimum_image(self, vectors: ArrayLike) -> NDArray[np.float64]:
        """Shift vectors by lattice vectors to the image next to the origin.

        Along open directions there are no images, and nothing is shifted.

        Parameters
        ----------
        vectors : array_like, shape (..., d)

        Returns
        -------
        ndarray, shape (..., d), float64
            The shortest image wherever one is shorter than half the smallest of
            `plane_distances`; always the shortest in an orthorhombic box.
        """
        vectors = np.array(vectors, dtype=np.float64)
        matrix = self.matrix
        for axis in reversed(np.flatnonzero(self.periodic).tolist()):
            images = np.rint(vectors[..., axis] / self.lengths[axis])
            vectors -= images[..., None] * matrix[:, axis]
        return vectors


@lru_cache(maxsize=16)
def _sides(lengths: tuple[float, ...]) -> np.float64 | NDArray[np.float64]:
    """Lengths, as one number where they are equal."""
    values = np.array(lengths)
    values.flags.writeable = False
    return values[0] if (values == values[0]).all() else values
