"""Particles whose diameters are known and whose interactions are not."""

from __future__ import annotations

from typing import NoReturn

import numpy as np
from numpy.typing import ArrayLike, NDArray


class UnknownInteraction:
    """What refuses energies, forces and cutoffs of interactions that are not known.

    Attributes
    ----------
    descriptors : str
        Which sets of descriptors need none of them.
    """

    descriptors = "shells, boattini2021, cubuk2015, tong2018"

    def energy(self, r: ArrayLike, a: ArrayLike, b: ArrayLike) -> NDArray[np.float64]:
        """Refuse to give an energy."""
        self.refuse("energy")

    def force(self, r: ArrayLike, a: ArrayLike, b: ArrayLike) -> NDArray[np.float64]:
        """Refuse to give a force."""
        self.refuse("force")

    def curvature(self, r: ArrayLike, a: ArrayLike, b: ArrayLike) -> NDArray[np.float64]:
        """Refuse to give a curvature."""
        self.refuse("curvature of an energy")

    @property
    def cutoffs(self) -> NDArray[np.float64]:
        """Refused: an unknown interaction has no known range."""
        self.refuse("energy")

    @property
    def max_cutoff(self) -> float:
        """Refused: an unknown interaction has no known range."""
        self.refuse("energy")

    def refuse(self, what: str) -> NoReturn:
        """Say that something needs a pair potential, and what does not."""
        raise ValueError(
            f"there is no {what} without a pair potential; thermal and average positions, and "
            f"descriptors of positions alone ({self.descriptors}) need none. A potential of your "
            "own comes from a formula or a table (TabulatedPotential)"
        )


class NoPotential(UnknownInteraction):
    """Diameters in place of a pair potential, for particles whose interactions are not known.

    Silica, metals with embedded-atom potentials and colloids have no pair potential to hand, and
    still have neighbours, structure and dynamics. A `System` with these diameters can be labelled,
    described, learnt from and predicted for. Whatever asks for its energies, forces or cutoffs is
    refused.

    Parameters
    ----------
    diameters : array_like, shape (S,) or (S, S)
        Diameter of each species, whose pairs have the mean of both, or of each pair of types: the
        unit in which bonds are measured. Distances at which the partial g(r) have their first
        maximum serve well, divided by that of the first species.

    Attributes
    ----------
    sigma : ndarray, shape (S, S)
        Diameter of each pair of types.

    Raises
    ------
    ValueError
        If diameters are not positive, or those of a pair differ when its types are exchanged.

    Examples
    --------
    >>> from vitreous.liquid import NoPotential, System
    >>> silica = System("silica", ["Si", "O"], None, None, 3, NoPotential([[1, 0.5], [0.5, 0.82]]))
    >>> silica.has_potential
    False
    >>> silica.potential.energy(1.0, 0, 1)  # doctest: +ELLIPSIS
    Traceback (most recent call last):
    ...
    ValueError: there is no energy without a pair potential; ...
    """

    def __init__(self, diameters: ArrayLike) -> None:
        values = np.array(diameters, dtype=np.float64)
        if values.ndim == 1:
            values = (values[:, None] + values) / 2
        if values.ndim != 2 or values.shape[0] != values.shape[1] or not values.size:
            raise ValueError(
                f"there must be a diameter for each species, or for each pair of them, not "
                f"diameters of shape {np.shape(diameters)}"
            )
        if not (np.isfinite(values).all() and (values > 0).all()):
            raise ValueError(f"diameters must be positive: {values.tolist()}")
        if not np.array_equal(values, values.T):
            raise ValueError(f"the diameter of types (a, b) differs from that of (b, a): {values}")
        values.flags.writeable = False
        self.sigma = values

    @property
    def n_types(self) -> int:
        """Number of types S."""
        return len(self.sigma)

    def numbers(self) -> list[NDArray[np.float64]]:
        """Return the diameters, which are all that is known."""
        return [self.sigma]
