"""Strength, length and geometry of dynamic heterogeneity in one call."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..liquid import Configuration
from ._fields import selected_values
from .estimate import Estimate
from .geometry import measure_geometry
from .ornstein_zernike import OrnsteinZernike
from .spatial_correlation import SpatialCorrelation, spatial_correlation
from .structure_factor import FourPointStructureFactor, four_point_structure_factor
from .susceptibility import single_particle_variance, susceptibility, total_susceptibility


@dataclass(frozen=True, eq=False)
class DynamicHeterogeneity:
    """How heterogeneous a mobility field is.

    Attributes
    ----------
    strength : Estimate
        chi4, its isoconfigurational part; see `susceptibility`.
    total_strength : Estimate or None
        chi4 with the fluctuations that the velocities cause, where halves of the replicas are
        known; see `total_susceptibility`.
    relative_strength : Estimate
        chi4 divided by the variance of single particles; see `single_particle_variance`.
    structure_factor : FourPointStructureFactor
    relative_structure_factor : Estimate
        S4(q) divided by the same variance, at its wave numbers.
    fit : OrnsteinZernike
        The form fitted to the structure factor; its ``length`` is xi4.
    correlation : SpatialCorrelation
        G4(r) in intervals of 0.5.
    decay_length : Estimate
        Distance at which G4 falls to 1/e.
    chord_length : Estimate
        Mean chord of the mobile regions.
    chords : ndarray, shape (n_chords,)
        All of them, in units of sigma_AA.
    fractal_dimension : Estimate
        Of clusters of mobile particles; see `measure_geometry`.

    Examples
    --------
    >>> import numpy as np
    >>> from vitreous.dynamics import measure_heterogeneity
    >>> from vitreous.liquid import KobAndersen2D
    >>> liquids = [KobAndersen2D().random_configuration(430, seed) for seed in range(4)]
    >>> fields = [np.cos(2 * np.pi * c.positions[:, 0] / c.box.lengths[0]) for c in liquids]
    >>> found = measure_heterogeneity(liquids, fields, mobile_fraction=0.5)
    >>> round(float(found.decay_length.value / liquids[0].box.lengths[0]), 1)  # of a plane wave
    0.3
    """

    strength: Estimate
    total_strength: Estimate | None
    relative_strength: Estimate
    structure_factor: FourPointStructureFactor
    relative_structure_factor: Estimate
    fit: OrnsteinZernike
    correlation: SpatialCorrelation
    decay_length: Estimate
    chord_length: Estimate
    chords: NDArray[np.float64]
    fractal_dimension: Estimate


def measure_heterogeneity(
    configurations: Sequence[Configuration],
    fields: Sequence[ArrayLike],
    *,
    others: Sequence[ArrayLike] | None = None,
    n_replicas: int | None = None,
    species: str | None = None,
    longest_wave_number: float = 1.2,
    mobile_fraction: float = 0.2,
) -> DynamicHeterogeneity:
    """Measure strength, length and geometry of the heterogeneity of a field, true or predicted.

    Parameters
    ----------
    configurations : sequence of Configuration
        At least three, in boxes alike.
    fields : sequence of array_like, shape (N,)
        Mobility of every particle, large where it is mobile: 1 - C_B for instance. With `others`
        the average over the even replicas.
    others : sequence of array_like, shape (N,), optional
        The average over the odd replicas; noise then drops out of strength and length.
    n_replicas : int, optional
        Of each configuration, for `total_strength`; goes with `others`.
    species : str, optional
        Only particles of this species. All by default.
    longest_wave_number : float
        Up to which the Ornstein-Zernike form is fitted.
    mobile_fraction : float
        Share of the volume, in all configurations together, that counts as mobile region of the
        coarse-grained map, and of the particles that count as mobile (`measure_geometry`). Noise
        does not drop out of either.

    Returns
    -------
    DynamicHeterogeneity
        Errors are those of the jackknife over configurations.

    Raises
    ------
    ValueError
        If the fields do not fit the configurations or there are too few of them.

    Notes
    -----
    A box of length L is too small for lengths above about L / 6: the smallest wave number is
    2 pi / L, and xi4 = L / 6 makes S4 fall by half there. chi4 belongs to the ensemble at fixed
    density, composition and temperature; S4(q -> 0) is free of these constraints and may be larger.

    Examples
    --------
    >>> import numpy as np
    >>> from vitreous.dynamics import measure_heterogeneity
    >>> from vitreous.liquid import KobAndersen2D
    >>> liquids = [KobAndersen2D().random_configuration(430, seed) for seed in range(4)]
    >>> fields = [np.cos(2 * np.pi * c.positions[:, 0] / c.box.lengths[0]) for c in liquids]
    >>> found = measure_heterogeneity(liquids, fields, mobile_fraction=0.5)
    >>> bool(found.structure_factor.mean.value[0] > 10 * found.structure_factor.mean.value[2])
    True
    """
    n = len(configurations)
    first = selected_values(configurations, fields, species)
    second = first if others is None else selected_values(configurations, others, species)

    def halves(chosen: NDArray[np.intp]) -> tuple[list[NDArray], list[NDArray]]:
        return [first[k] for k in chosen], [second[k] for k in chosen]

    strength = Estimate.jackknife(lambda chosen: susceptibility(*halves(chosen)), n)
    relative_strength = Estimate.jackknife(
        lambda chosen: susceptibility(*halves(chosen)) / single_particle_variance(*halves(chosen)),
        n,
    )
    total = None
    if others is not None and n_replicas is not None:
        total = Estimate.jackknife(
            lambda chosen: total_susceptibility(*halves(chosen), n_replicas), n
        )
    structure_factor = four_point_structure_factor(
        configurations, fields, others=others, species=species
    )
    spectra = structure_factor.of_configurations
    relative_structure_factor = Estimate.jackknife(
        lambda chosen: spectra[chosen].mean(axis=0) / single_particle_variance(*halves(chosen)),
        n,
    )
    correlation = spatial_correlation(
        configurations, fields, others=others, species=species, width=0.5
    )
    averages = [
        np.asarray(f, np.float64) if others is None else (np.asarray(f) + np.asarray(others[k])) / 2
        for k, f in enumerate(fields)
    ]
    geometry = measure_geometry(
        configurations, averages, species=species, mobile_fraction=mobile_fraction
    )
    return DynamicHeterogeneity(
        strength,
        total,
        relative_strength,
        structure_factor,
        relative_structure_factor,
        structure_factor.fit(longest_wave_number),
        correlation,
        correlation.decay_length(),
        geometry.chord_length,
        geometry.chords,
        geometry.fractal_dimension,
    )
