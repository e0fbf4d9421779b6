"""Pair potentials with exact first and second derivatives."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

import numpy as np
from numpy.typing import ArrayLike, NDArray

Tail = Literal["truncated", "shifted", "force-shifted", "smooth"]


class Potential(Protocol):
    """Pair energies, forces and curvatures, as functions of distance and of what each particle is.

    `PairPotential` and `TabulatedPotential` know particles by their types, `PolydispersePotential`
    by their diameters; `System.kinds` gives what the potential asks for.
    """

    @property
    def n_types(self) -> int:
        """Number of types that interact."""

    def numbers(self) -> list[NDArray[np.float64]]:
        """All numbers that decide the interactions."""

    def energy(self, r: ArrayLike, a: ArrayLike, b: ArrayLike) -> NDArray[np.float64]:
        """Energy of pairs at distances r, zero beyond the cutoff."""

    def force(self, r: ArrayLike, a: ArrayLike, b: ArrayLike) -> NDArray[np.float64]:
        """``-dV/dr`` of pairs at distances r."""

    def curvature(self, r: ArrayLike, a: ArrayLike, b: ArrayLike) -> NDArray[np.float64]:
        """``d2V/dr2`` of pairs at distances r."""


# Powers of r and the order in which PairPotential.coefficients holds their prefactors.
_POWERS = (-12, -6, 0, 1, 2, 4)


@dataclass(frozen=True, eq=False)
class PairPotential:
    """Pair potentials of the Lennard-Jones family, one for every pair of types.

    ``V(r) = p12 r^-12 + p6 r^-6 + k0 + k1 r + k2 r^2 + k4 r^4`` for ``r < r_c``, else 0.

    The six prefactors cover Lennard-Jones potentials with any of the usual tails, inverse-power
    repulsion and harmonic spheres; the compiled engines evaluate the same six. Any other formula
    goes into a `TabulatedPotential`.

    Parameters
    ----------
    coefficients : array_like, shape (S, S, 7)
        ``[r_c^2, p12, p6, k0, k1, k2, k4]`` for each pair of types, symmetric in the pair.
    sigma : array_like, shape (S, S)
        Diameter of each pair of types, the unit in which bonds between them are measured.

    Raises
    ------
    ValueError
        If the shape is wrong, a value is not finite, a cutoff is not positive or two types
        interact differently when their order is exchanged.

    Examples
    --------
    >>> potential = PairPotential.lennard_jones([[1.0]], [[1.0]], cutoff=2.5, tail="shifted")
    >>> float(potential.energy(2.5, 0, 0))
    0.0
    """

    coefficients: NDArray[np.float64]
    sigma: NDArray[np.float64]

    def __post_init__(self) -> None:
        coefficients = np.array(self.coefficients, dtype=np.float64)
        if coefficients.ndim != 3 or coefficients.shape != (len(coefficients),) * 2 + (7,):
            raise ValueError(f"coefficients must have shape (S, S, 7), not {coefficients.shape}")
        if not np.isfinite(coefficients).all() or not (coefficients[..., 0] > 0).all():
            raise ValueError("coefficients must be finite and every cutoff positive")
        if not np.array_equal(coefficients, coefficients.swapaxes(0, 1)):
            raise ValueError("the potential of types (a, b) differs from that of (b, a)")
        sigma = np.array(self.sigma, dtype=np.float64)
        if sigma.shape != coefficients.shape[:2] or not (sigma > 0).all():
            raise ValueError(f"sigma must hold {coefficients.shape[:2]} positive values: {sigma}")
        coefficients.flags.writeable = sigma.flags.writeable = False
        object.__setattr__(self, "coefficients", coefficients)
        object.__setattr__(self, "sigma", sigma)

    @classmethod
    def lennard_jones(
        cls, epsilon: ArrayLike, sigma: ArrayLike, cutoff: float = 2.5, tail: Tail = "shifted"
    ) -> PairPotential:
        """Lennard-Jones potentials, ``V = 4 eps [x^-12 - x^-6 + tail]`` with ``x = r / sigma``.

        Parameters
        ----------
        epsilon, sigma : array_like, shape (S, S)
            Energies and lengths of each pair of types.
        cutoff : float
            In units of each pair's sigma.
        tail : {"truncated", "shifted", "force-shifted", "smooth"}
            ``truncated`` adds nothing; ``shifted`` a constant, so that V vanishes at the cutoff;
            ``force-shifted`` a constant and a linear term, so that V' vanishes too; ``smooth``
            adds ``C0 + C2 x^2 + C4 x^4``, so that V, V' and V'' all vanish.
        """
        sigma = np.asarray(sigma, dtype=np.float64)
        scale = 4 * np.asarray(epsilon, dtype=np.float64)
        if not cutoff > 0:
            raise ValueError(f"the cutoff must be positive, not {cutoff}")
        at_cutoff = [_derivative(-12, cutoff, n) - _derivative(-6, cutoff, n) for n in range(3)]
        tail_powers, tail_prefactors = cancelling_tail(cutoff, tail, at_cutoff)
        prefactors = {-12: 1.0, -6: -1.0, **dict(zip(tail_powers, tail_prefactors, strict=True))}
        terms = [scale * prefactors.get(power, 0.0) * sigma**-power for power in _POWERS]
        return cls(np.stack([(cutoff * sigma) ** 2, *terms], axis=-1), sigma)

    @classmethod
    def harmonic(cls, epsilon: ArrayLike, sigma: ArrayLike) -> PairPotential:
        """Harmonic spheres, ``V = eps / 2 (1 - r / sigma)^2`` for ``r < sigma``.

        Parameters
        ----------
        epsilon, sigma : array_like, shape (S, S)
            Energies and contact distances of each pair of types.
        """
        epsilon = np.asarray(epsilon, dtype=np.float64)
        sigma = np.asarray(sigma, dtype=np.float64)
        zero = np.zeros_like(sigma)
        terms = [zero, zero, epsilon / 2, -epsilon / sigma, epsilon / (2 * sigma**2), zero]
        return cls(np.stack([sigma**2, *terms], axis=-1), sigma)

    @property
    def n_types(self) -> int:
        """Number of types S."""
        return len(self.coefficients)

    @property
    def cutoffs(self) -> NDArray[np.float64]:
        """Cutoff of each pair of types, shape (S, S)."""
        return np.sqrt(self.coefficients[..., 0])

    @property
    def max_cutoff(self) -> float:
        """Largest cutoff of all pairs of types."""
        return float(self.cutoffs.max())

    def numbers(self) -> list[NDArray[np.float64]]:
        """All numbers that define the potential."""
        return [self.coefficients, self.sigma]

    def energy(self, r: ArrayLike, a: ArrayLike, b: ArrayLike) -> NDArray[np.float64]:
        """V(r) for particles of types `a` and `b`; the arguments broadcast."""
        return self._sum_of_powers(r, a, b, derivative=0)

    def force(self, r: ArrayLike, a: ArrayLike, b: ArrayLike) -> NDArray[np.float64]:
        """-V'(r) for particles of types `a` and `b`, positive where they repel."""
        return -self._sum_of_powers(r, a, b, derivative=1)

    def curvature(self, r: ArrayLike, a: ArrayLike, b: ArrayLike) -> NDArray[np.float64]:
        """V''(r) for particles of types `a` and `b`."""
        return self._sum_of_powers(r, a, b, derivative=2)

    def _sum_of_powers(
        self, r: ArrayLike, a: ArrayLike, b: ArrayLike, derivative: int
    ) -> NDArray[np.float64]:
        r = np.asarray(r, dtype=np.float64)
        coefficients = self.coefficients[np.asarray(a), np.asarray(b)]
        total = np.zeros(np.broadcast_shapes(r.shape, coefficients.shape[:-1]))
        for column, power in enumerate(_POWERS, start=1):
            factor = 1
            for step in range(derivative):
                factor *= power - step
            if factor:
                total += factor * coefficients[..., column] * r ** float(power - derivative)
        return np.where(r * r < coefficients[..., 0], total, 0.0)


def cancelling_tail(
    cutoff: float, tail: Tail, derivatives: Sequence[float]
) -> tuple[tuple[int, ...], NDArray[np.float64]]:
    """Powers and prefactors of the tail that cancels a potential at the cutoff.

    `derivatives` are the value and the first two derivatives of the potential there.
    """
    tails: dict[str, tuple[int, ...]] = {
        "truncated": (),
        "shifted": (0,),
        "force-shifted": (0, 1),
        "smooth": (0, 2, 4),
    }
    if tail not in tails:
        raise ValueError(f"unknown tail {tail!r}; choose one of {', '.join(tails)}")
    powers = tails[tail]
    orders = range(len(powers))
    conditions = [[_derivative(power, cutoff, order) for power in powers] for order in orders]
    values = [-derivatives[order] for order in orders]
    return powers, np.linalg.solve(np.reshape(conditions, (len(powers),) * 2), values)


def _derivative(power: int, x: float, order: int) -> float:
    """Differentiate x^power `order` times."""
    factor = np.prod([power - step for step in range(order)])
    return float(factor * x ** (power - order))
