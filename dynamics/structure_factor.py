"""Four-point structure factor S4(q) of a mobility field, and the length that it gives."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..liquid import Box, Configuration
from ._fields import Fluctuations, fluctuations
from .estimate import Estimate
from .ornstein_zernike import OrnsteinZernike, fit_ornstein_zernike


@dataclass(frozen=True, eq=False)
class FourPointStructureFactor:
    """S4(q) of several configurations, averaged over shells of wave vectors.

    Attributes
    ----------
    wave_numbers : ndarray, shape (K,)
        Mean modulus q of the wave vectors of each shell, in units of 1 / sigma_AA.
    n_vectors : ndarray of int, shape (K,)
        Wave vectors in each shell, q and -q counted once.
    of_configurations : ndarray, shape (n_configurations, K)
        S4 of each configuration, averaged over the wave vectors of each shell.

    Examples
    --------
    >>> import numpy as np
    >>> from vitreous.dynamics import FourPointStructureFactor
    >>> q = np.linspace(0.2, 1.0, 5)
    >>> exact = 12.0 / (1 + (q * 3.0) ** 2)
    >>> s4 = FourPointStructureFactor(q, np.full(5, 10), np.array([0.9 * exact, 1.1 * exact]))
    >>> (s4.mean.standard_error / s4.mean.value).round(6)
    array([0.1, 0.1, 0.1, 0.1, 0.1])
    >>> round(float(s4.fit(longest_wave_number=1.0).length.value), 3)
    3.0
    """

    wave_numbers: NDArray[np.float64]
    n_vectors: NDArray[np.int64]
    of_configurations: NDArray[np.float64]

    @property
    def mean(self) -> Estimate:
        """Average over configurations, with its error."""
        return Estimate.mean(self.of_configurations)

    def fit(self, longest_wave_number: float = 1.2) -> OrnsteinZernike:
        """Fit the Ornstein-Zernike form to small wave numbers; see `fit_ornstein_zernike`."""
        return fit_ornstein_zernike(
            self.wave_numbers, self.of_configurations, self.n_vectors, longest_wave_number
        )


def four_point_structure_factor(
    configurations: Sequence[Configuration],
    fields: Sequence[ArrayLike],
    *,
    others: Sequence[ArrayLike] | None = None,
    species: str | None = None,
    longest_wave_number: float = 3.0,
) -> FourPointStructureFactor:
    r"""Structure factor of the fluctuations of a mobility field.

    .. math::

        S_4(q) = \frac{1}{N} \left\langle \left| \sum_i \delta Q_i \, e^{i q \cdot x_i} \right|^2
        \right\rangle, \qquad \delta Q_i = Q_i - \langle Q \rangle,

    with the mean over the particles of all configurations, on the wave vectors q of the periodic
    box, in shells half as wide as the shortest of them is long. Positions are those at t = 0.

    Parameters
    ----------
    configurations : sequence of Configuration
        All in the same box.
    fields : sequence of array_like, shape (N,)
        Q of every particle, measured or predicted, one array for each configuration.
    others : sequence of array_like, shape (N,), optional
        A second, independent measurement of the same fields: the average over the other half of
        the replicas. The square is then replaced by the product of the two, which leaves out the
        noise of finitely many replicas: what remains is the isoconfigurational part of S4.
    species : str, optional
        Only particles of this species, and their number as N. All by default.
    longest_wave_number : float
        In units of 1 / sigma_AA.

    Returns
    -------
    FourPointStructureFactor

    Raises
    ------
    ValueError
        If fields do not fit the configurations, boxes differ, or no wave vector is short enough.

    References
    ----------
    N. Lacevic, F. W. Starr, T. B. Schroder and S. C. Glotzer, J. Chem. Phys. 119, 7372 (2003).

    Examples
    --------
    >>> import numpy as np
    >>> from vitreous.dynamics import four_point_structure_factor
    >>> from vitreous.liquid import KobAndersen2D
    >>> liquids = [KobAndersen2D().random_configuration(430, seed) for seed in range(8)]
    >>> noise = np.random.default_rng(0).normal(size=(8, 430))
    >>> s4 = four_point_structure_factor(liquids, noise)
    >>> bool(abs(s4.mean.value.mean() - 1) < 0.1)
    True
    """
    deviations = fluctuations(configurations, fields, others, species)
    box = deviations[0].box
    box.require_periodic("S4")
    for number, item in enumerate(deviations):
        if item.box != box:
            raise ValueError(
                f"configuration {number} has the box {item.box}, the first one {box}; "
                "S4 needs the same wave vectors in all"
            )
    indices, moduli = _wave_vectors(box, longest_wave_number)
    shells = np.rint(2 * moduli / moduli.min()).astype(np.int64)
    counts = np.bincount(shells)
    filled = counts > 0
    spectra = np.array([_spectrum(item, indices) for item in deviations])
    sums = np.array([np.bincount(shells, spectrum) for spectrum in spectra])
    return FourPointStructureFactor(
        np.bincount(shells, moduli)[filled] / counts[filled],
        counts[filled],
        sums[:, filled] / counts[filled],
    )


def _wave_vectors(box: Box, longest: float) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Integer coordinates, in units of the reciprocal lattice, and moduli of half the vectors."""
    reciprocal = 2 * np.pi * np.linalg.inv(box.matrix)
    reach = np.floor(longest * np.linalg.norm(box.matrix, axis=0) / (2 * np.pi)).astype(int)
    grid = np.meshgrid(*(np.arange(-n, n + 1) for n in reach), indexing="ij")
    indices = np.stack([axis.ravel() for axis in grid], axis=1)
    # Of q and -q the one whose last component that is not 0 is positive comes later.
    indices = indices[len(indices) // 2 + 1 :]
    moduli = np.linalg.norm(indices @ reciprocal, axis=1)
    short = moduli <= longest
    if not short.any():
        raise ValueError(
            f"no wave vector of the box is shorter than {longest:g}; the shortest has length "
            f"{2 * np.pi / np.linalg.norm(box.matrix, axis=0).max():.3g}"
        )
    return indices[short], moduli[short]


def _spectrum(item: Fluctuations, indices: NDArray[np.int64]) -> NDArray[np.float64]:
    """Product of the Fourier components of both fields at each wave vector, per particle."""
    angles = 2 * np.pi * item.box.fractional(item.positions)
    highest = np.abs(indices).max(axis=0)
    powers = [
        np.exp(1j * np.outer(np.arange(-n, n + 1), angle))
        for n, angle in zip(highest, angles.T, strict=True)
    ]
    fields = np.stack([item.first, item.second], axis=1)
    components = np.empty((len(indices), 2), dtype=np.complex128)
    rows = max(1, 10_000_000 // len(fields))
    for start in range(0, len(indices), rows):
        block = indices[start : start + rows]
        waves = np.ones((len(block), len(fields)), dtype=np.complex128)
        for axis, power in enumerate(powers):
            waves *= power[block[:, axis] + highest[axis]]
        components[start : start + rows] = waves @ fields
    return np.real(components[:, 0] * components[:, 1].conj()) / len(fields)
