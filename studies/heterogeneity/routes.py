"""Two routes from predicted fields to the heterogeneity of the liquid.

The first takes what networks predict as it is: their loss asks for the variance and the spatial
correlations of the labels. The second adds to any prediction what predictions are known to leave
out, measured where the liquid is simulated.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from ...dynamics import (
    DynamicHeterogeneity,
    Estimate,
    FourPointStructureFactor,
    MobileGeometry,
    Residual,
    ResidualCalibration,
    ResidualField,
    calibrate_residual,
    calibrate_residual_field,
    measure_geometry,
)
from ...liquid import Configuration
from .sources import CALIBRATION, NETWORKS, Sourced

MEASURES: dict[str, Callable[[DynamicHeterogeneity], Estimate]] = {
    "strength": lambda found: found.strength,
    "relative_strength": lambda found: found.relative_strength,
    "length": lambda found: found.fit.length,
    "decay_length": lambda found: found.decay_length,
    "chord_length": lambda found: found.chord_length,
    "fractal_dimension": lambda found: found.fractal_dimension,
}
"""What is measured of a field, by name."""

# Random fields on each configuration: their scatter adds little to that over configurations.
_N_DRAWS = 4

# Steps of the logarithms of odds, correlated share and length, within which quantities are linear.
_STEPS = 0.05, 1.0


@dataclass(frozen=True, eq=False)
class Calibrated:
    """Heterogeneity of the truth from that of a prediction and what predictions leave out.

    Attributes
    ----------
    quantities : dict of str to Sourced
        Strength, length and geometry, with the errors of prediction and calibration. Chords and
        clusters are those of fields with the noise of the simulated ones.
    structure_factor, relative_structure_factor : Estimate
        S4(q) at the wave numbers of the prediction, and divided by the variance of a particle.
    share : Estimate
        Share of the residual in the spectrum of the truth, at q = 0.

    Examples
    --------
    >>> from vitreous.dynamics import Estimate
    >>> from vitreous.studies import Calibrated, Sourced
    >>> numbers = [Estimate(value, 0.1 * value, 8) for value in (0.2, 3.0, 0.4)]
    >>> corrected = Calibrated({"strength": Sourced(numbers[0])}, *numbers)
    >>> round(corrected.quantities["strength"].standard_error, 6)
    0.02
    """

    quantities: dict[str, Sourced]
    structure_factor: Estimate
    relative_structure_factor: Estimate
    share: Estimate


def measured(
    found: DynamicHeterogeneity, without_networks: Sequence[DynamicHeterogeneity] = ()
) -> dict[str, Sourced]:
    """Quantities of a field as it is, and with each network left out that it is the mean of."""
    return {
        name: Sourced(
            of(found),
            {NETWORKS: np.array([float(of(one).value) for one in without_networks])}
            if len(without_networks)
            else {},
        )
        for name, of in MEASURES.items()
    }


@dataclass(frozen=True, eq=False)
class Known:
    """What a correction is measured on: predictions of simulated configurations and their labels.

    Attributes
    ----------
    configurations : list of Configuration
    predictions : list of ndarray, shape (N,)
    halves : list of ndarray, shape (2, N)
    noisy : list of ndarray, shape (N,)
        Labels with as much noise as those whose geometry is measured.
    temperatures : list of float
    """

    configurations: list[Configuration]
    predictions: list[NDArray[np.float64]]
    halves: list[NDArray[np.float64]]
    noisy: list[NDArray[np.float64]]
    temperatures: list[float]

    def at(self, temperatures: Collection[float]) -> Known:
        """Keep some temperatures only."""
        kept = [k for k, t in enumerate(self.temperatures) if t in temperatures]
        return Known(
            [self.configurations[k] for k in kept],
            [self.predictions[k] for k in kept],
            [self.halves[k] for k in kept],
            [self.noisy[k] for k in kept],
            [self.temperatures[k] for k in kept],
        )


def corrected(
    recipe: tuple[int, int],
    known: Known,
    temperature: float,
    configurations: Sequence[Configuration],
    fields: Sequence[NDArray[np.float64]],
    predicted: DynamicHeterogeneity,
    *,
    species: str,
    mobile_fraction: float,
    longest_wave_number: float,
) -> Calibrated:
    """Correct predictions at a temperature by what they leave out at the others that are known."""
    others = known.at(set(known.temperatures) - {temperature})
    spectra = calibrate_residual(
        others.configurations,
        others.predictions,
        others.halves,
        others.temperatures,
        species=species,
    )
    in_space, noisy = (
        calibrate_residual_field(
            others.configurations, others.predictions, halves, others.temperatures, species=species
        )
        for halves in (others.halves, [np.stack([label, label]) for label in others.noisy])
    )
    places = np.flatnonzero(np.array(known.temperatures) != temperature)

    def sourced(estimate: Estimate, without: Sequence[float] | NDArray[np.float64]) -> Sourced:
        # Configurations of this temperature are no part of its correction.
        every = np.full(len(known.temperatures), float(estimate.value))
        every[places] = without
        return Sourced(estimate, {CALIBRATION: every})

    variance = float(predicted.correlation.variances.mean())
    residual, rest = in_space.at(temperature), in_space.without_each(temperature)
    factor = float(spectra.factor(0.0, temperature).value)
    factors = spectra.factors_without(0.0, temperature)
    strength, relative = predicted.strength, predicted.relative_strength
    scales = factor / residual.variance(1.0)
    all_scales = factors / [r.variance(1.0) for r in rest]
    geometry = _Geometry(configurations, fields, species, mobile_fraction)
    structure_factor = spectra.structure_factor(predicted.structure_factor, temperature)
    of_particles = residual.variance(variance)
    return Calibrated(
        {
            "strength": sourced(_times(strength, factor), factors * float(strength.value)),
            "relative_strength": sourced(
                _times(relative, scales), all_scales * float(relative.value)
            ),
            "length": sourced(
                *_lengths(spectra, predicted.structure_factor, temperature, longest_wave_number)
            ),
            "decay_length": sourced(
                residual.corrected(predicted.correlation).decay_length(),
                [float(r.corrected(predicted.correlation).decay_length().value) for r in rest],
            ),
            **{
                name: sourced(*numbers)
                for name, numbers in geometry.corrected(noisy, temperature).items()
            },
        },
        structure_factor,
        _times(structure_factor, 1 / of_particles),
        spectra.share(0.0, temperature),
    )


def _times(estimate: Estimate, factor: float) -> Estimate:
    return Estimate(
        estimate.value * factor, estimate.standard_error * factor, estimate.n_configurations
    )


def _lengths(
    spectra: ResidualCalibration,
    predicted: FourPointStructureFactor,
    temperature: float,
    longest_wave_number: float,
) -> tuple[Estimate, list[float]]:
    """Length of the corrected spectrum, and with each configuration of the correction left out."""

    def fitted(values: NDArray[np.float64]) -> Estimate:
        return replace(predicted, of_configurations=values).fit(longest_wave_number).length

    q = predicted.wave_numbers
    found = fitted(predicted.of_configurations * spectra.factor(q, temperature).value)
    average = predicted.of_configurations.mean(axis=0, keepdims=True)
    without = [float(fitted(average * f).value) for f in spectra.factors_without(q, temperature)]
    return found, without


class _Geometry:
    """Chords and clusters of predictions with random residuals."""

    def __init__(
        self,
        configurations: Sequence[Configuration],
        fields: Sequence[NDArray[np.float64]],
        species: str,
        mobile_fraction: float,
    ) -> None:
        self._configurations = configurations
        self._fields = fields
        self._species = species
        self._mobile_fraction = mobile_fraction

    def corrected(
        self, residuals: ResidualField, temperature: float
    ) -> dict[str, tuple[Estimate, NDArray[np.float64]]]:
        """Measure both, and how they change with each configuration of the correction.

        The latter to first order in the logarithms of odds, correlated share and length; fields
        with other residuals have the same random numbers.
        """
        center = residuals.at(temperature)
        start = _logarithms(center)
        each = np.array([_logarithms(r) for r in residuals.without_each(temperature)])
        steps = np.clip(np.sqrt((len(each) - 1) * each.var(axis=0)), *_STEPS)
        found = self._of(center)
        moved = [
            self._of(_from_logarithms(start + step * (np.arange(3) == k), center.gain))
            for k, step in enumerate(steps)
        ]
        result = {}
        for name in ("chord_length", "fractal_dimension"):
            value = getattr(found, name).value
            slopes = [np.log(getattr(m, name).value / value) for m in moved] / steps
            result[name] = getattr(found, name), value * np.exp((each - start) @ slopes)
        return result

    def _of(self, residual: Residual) -> MobileGeometry:
        return measure_geometry(
            self._configurations,
            residual.draw(self._configurations, self._fields, _N_DRAWS, species=self._species),
            species=self._species,
            mobile_fraction=self._mobile_fraction,
        )


def _logarithms(residual: Residual) -> NDArray[np.float64]:
    w = residual.correlated
    return np.log([residual.odds, w / (1 - w), residual.length])


def _from_logarithms(logarithms: NDArray[np.float64], gain: float) -> Residual:
    odds, correlated, length = np.exp(logarithms)
    return Residual(gain, float(odds), float(correlated / (1 + correlated)), float(length))
