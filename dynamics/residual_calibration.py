"""What a prediction leaves out of dynamic heterogeneity, measured and carried on to the cold."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.optimize import least_squares

from ..liquid import Configuration
from ._conditions import known_conditions
from .estimate import Estimate
from .structure_factor import FourPointStructureFactor, four_point_structure_factor

# Slopes lie within about 1 of 0, constants within about 3 of where a fit starts, the average: few
# data, or a prediction that knows nothing, would let them run away.
_WIDTHS = np.array([3.0, 1.0, 1.0, 1.0])

# Odds and gains stay below exp of this.
_LARGEST_EXPONENT = 50.0

# Weights of the residual's spectrum follow from its fit, which converges in a few rounds.
_ROUNDS = 4


@dataclass(frozen=True, eq=False)
class ResidualCalibration:
    r"""Gain and residual share of a prediction as smooth functions; see `calibrate_residual`.

    Attributes
    ----------
    parameters : ndarray, shape (2, 4)
        Of :math:`\ln g` and :math:`\ln [s / (1 - s)]`: constant, slope in q^2, in the condition and
        in the level, the latter two from their centers and in units of their scales. A slope is 0
        where nothing varied.
    without : ndarray, shape (n_configurations, 2, 4)
        The same from all configurations but one.
    centers, scales : tuple of float
        Of condition and level.
    longest_wave_number : float
        Largest q that entered.

    Examples
    --------
    Without any residual, and half as strong as the truth:

    >>> parameters = np.array([[np.log(2), 0, 0, 0], [-np.inf, 0, 0, 0]])
    >>> exact = ResidualCalibration(parameters, parameters[None], (0.0, 0.0), (1.0, 1.0), 1.2)
    >>> float(exact.gain(0.3, 4.0).value), float(exact.share(0.3, 4.0).value)
    (2.0, 0.0)
    >>> float(exact.strength(Estimate(0.1, 0.01, 8), 4.0).value)
    0.4
    """

    parameters: NDArray[np.float64]
    without: NDArray[np.float64]
    centers: tuple[float, float]
    scales: tuple[float, float]
    longest_wave_number: float

    def gain(self, wave_numbers: ArrayLike, condition: float, level: float = 0.0) -> Estimate:
        """Factor g by which the prediction has to be multiplied to be right on average."""
        return self._jackknife(lambda p: _gain(p, self._columns(wave_numbers, condition, level)))

    def share(self, wave_numbers: ArrayLike, condition: float, level: float = 0.0) -> Estimate:
        """Share s of the residual in the spectrum of the truth, between 0 and 1."""
        return self._jackknife(lambda p: _share(p, self._columns(wave_numbers, condition, level)))

    def factor(self, wave_numbers: ArrayLike, condition: float, level: float = 0.0) -> Estimate:
        """Spectrum of the truth over that of the prediction, g^2 / (1 - s)."""
        return self._jackknife(lambda p: _factor(p, self._columns(wave_numbers, condition, level)))

    def strength(self, predicted: Estimate, condition: float, level: float = 0.0) -> Estimate:
        """chi4 of the truth from that of a prediction, by the factor at q = 0.

        Its error contains those of both.
        """
        return _product(predicted, self.factor(0.0, condition, level))

    def structure_factor(
        self, predicted: FourPointStructureFactor, condition: float, level: float = 0.0
    ) -> Estimate:
        """S4(q) of the truth from that of a prediction, at its wave numbers.

        Errors contain those of both. Beyond the longest wave number of the calibration they do not
        contain that the functions are extrapolated.
        """
        return _product(predicted.mean, self.factor(predicted.wave_numbers, condition, level))

    def length(
        self,
        predicted: FourPointStructureFactor,
        condition: float,
        level: float = 0.0,
        *,
        longest_wave_number: float = 1.2,
    ) -> Estimate:
        """xi4 of the truth from the S4(q) of a prediction, by the Ornstein-Zernike form.

        Its error contains that of the prediction and that of the calibration; it is NaN where a
        length is infinite.
        """
        columns = self._columns(predicted.wave_numbers, condition, level)
        spectra = predicted.of_configurations

        def fitted(parameters: NDArray[np.float64], values: NDArray[np.float64]) -> Estimate:
            calibrated = values * _factor(parameters, columns)
            return replace(predicted, of_configurations=calibrated).fit(longest_wave_number).length

        found = fitted(self.parameters, spectra)
        average = spectra.mean(axis=0, keepdims=True)
        of_calibration = self._jackknife(lambda p: fitted(p, average).value)
        error = np.hypot(found.standard_error, of_calibration.standard_error)
        return Estimate(found.value, error, found.n_configurations)

    def factors_without(
        self, wave_numbers: ArrayLike, condition: float, level: float = 0.0
    ) -> NDArray[np.float64]:
        """`factor` from all configurations but one, shape (n_configurations, ...)."""
        columns = self._columns(wave_numbers, condition, level)
        return np.array([_factor(parameters, columns) for parameters in self.without])

    def _columns(
        self, wave_numbers: ArrayLike, condition: float, level: float
    ) -> NDArray[np.float64]:
        q = np.asarray(wave_numbers, dtype=np.float64)
        condition = (condition - self.centers[0]) / self.scales[0]
        level = (level - self.centers[1]) / self.scales[1]
        one = np.ones_like(q)
        return np.stack([one, q**2, condition * one, level * one], axis=-1)

    def _jackknife(self, function: Callable[[NDArray[np.float64]], ArrayLike]) -> Estimate:
        without = np.array([function(parameters) for parameters in self.without])
        return Estimate.from_left_out(function(self.parameters), without)


def calibrate_residual(
    configurations: Sequence[Configuration],
    predictions: Sequence[ArrayLike],
    halves: Sequence[ArrayLike],
    conditions: ArrayLike,
    *,
    levels: ArrayLike = (0.0,),
    species: str | None = None,
    longest_wave_number: float = 1.2,
) -> ResidualCalibration:
    r"""Measure what a prediction leaves out, where the truth is known, as a function to carry on.

    Fourier components of the fluctuations of the truth are those of the prediction times a gain,
    and a residual that is uncorrelated with it,

    .. math::

        \delta Q_q &= g \, \delta P_q + R_q, \qquad \langle R_q \, \delta P_q^* \rangle = 0,

        S_{QQ} &= g^2 S_{PP} + S_{RR} = \frac{g^2}{1 - s} S_{PP},

    with the share of the residual :math:`s = S_{RR} / S_{QQ}`. The gain is found by least squares,
    which makes the residual uncorrelated, and the residual's spectrum is what is left. The truth is
    known by two halves of the replicas, whose noise is independent: :math:`S_{QQ}` is their product
    and free of it. Both are smooth functions,

    .. math::

        \ln g = a_0 + a_1 q^2 + a_2 t + a_3 c, \qquad
        \ln \frac{s}{1 - s} = b_0 + b_1 q^2 + b_2 t + b_3 c,

    of the wave number, the condition t and the level c, and so have values where nothing is
    simulated. chi4 is the case q = 0.

    Slopes, in units of q^2 and of the spreads of condition and level, are held near 0 by a Gaussian
    of width 1, constants near that of the average by one of width 3, which matters for few data
    only.

    Predictions must be of configurations that their model did not see: where it learnt, its
    residual is too small.

    Parameters
    ----------
    configurations : sequence of Configuration
        All in the same box, at least two of each condition.
    predictions : sequence of array_like, shape (N,) or (N, L)
        At each level.
    halves : sequence of array_like, shape (2, N) or (2, N, L)
        Labels averaged over the even and over the odd replicas.
    conditions : array_like, shape (n_configurations,)
        What numbers the states, and is extrapolated: temperature, or the logarithm of a relaxation
        time.
    levels : array_like, shape (L,)
    species : str, optional
        Only particles of this species. All by default.
    longest_wave_number : float
        In units of 1 / sigma_AA.

    Returns
    -------
    ResidualCalibration
        With errors of the jackknife over configurations.

    Raises
    ------
    ValueError
        If shapes do not fit, a condition has one configuration only, or predictions do not vary.

    Examples
    --------
    A truth that is twice the prediction and as much that cannot be predicted:

    >>> from vitreous.dynamics import calibrate_residual
    >>> from vitreous.liquid import KobAndersen2D
    >>> rng = np.random.default_rng(0)
    >>> liquids = [KobAndersen2D().random_configuration(430, seed) for seed in range(8)]
    >>> predictions = rng.normal(size=(8, 430))
    >>> truth = 2 * predictions + 2 * rng.normal(size=(8, 430))
    >>> found = calibrate_residual(liquids, predictions, [(t, t) for t in truth], np.zeros(8))
    >>> bool(abs(found.gain(0.0, 0.0).value - 2) < 0.4)
    True
    >>> bool(abs(found.share(0.0, 0.0).value - 0.5) < 0.2)
    True
    """
    levels = np.atleast_1d(np.asarray(levels, dtype=np.float64))
    conditions = np.asarray(conditions, dtype=np.float64)
    known = known_conditions(configurations, predictions, halves, conditions)
    n = len(configurations)
    centers = float(conditions.mean()), float(levels.mean())
    scales = float(conditions.std()) or 1.0, float(levels.std()) or 1.0
    spectra, columns, weights = [], [], []
    empty = ResidualCalibration(
        np.zeros((2, 4)), np.zeros((1, 2, 4)), centers, scales, longest_wave_number
    )
    for condition in known:
        members = np.flatnonzero(conditions == condition).tolist()
        chosen = [configurations[k] for k in members]
        for number, level in enumerate(levels):
            first, second, guess = (
                [_at(values[k], number) for k in members]
                for values in (
                    [np.asarray(half)[0] for half in halves],
                    [np.asarray(half)[1] for half in halves],
                    [np.asarray(prediction) for prediction in predictions],
                )
            )
            truth = [(a + b) / 2 for a, b in zip(first, second, strict=True)]
            found = [
                four_point_structure_factor(
                    chosen, a, others=b, species=species, longest_wave_number=longest_wave_number
                )
                for a, b in ((guess, guess), (guess, truth), (first, second))
            ]
            every = np.full((n, 3, len(found[0].wave_numbers)), np.nan)
            every[members] = np.stack([s.of_configurations for s in found], axis=1)
            spectra.append(every)
            columns.append(empty._columns(found[0].wave_numbers, condition, level))
            weights.append(found[0].n_vectors)
    stacked = np.stack(spectra, axis=2)
    if not (np.nanmean(stacked[:, 0], axis=0) > 0).all():
        raise ValueError("predictions that do not vary have no spectrum to be compared")
    design, n_vectors = np.array(columns), np.array(weights)
    everyone = np.arange(n)
    fits = [
        _fitted(stacked[chosen], design, n_vectors)
        for chosen in (everyone, *(np.delete(everyone, k) for k in everyone))
    ]
    return replace(empty, parameters=fits[0], without=np.array(fits[1:]))


def _at(values: NDArray[np.float64], number: int) -> NDArray[np.float64]:
    """Values of one level."""
    if values.ndim == 1 and number == 0:
        return values
    return values[:, number]


def _gain(parameters: NDArray[np.float64], columns: NDArray[np.float64]) -> NDArray[np.float64]:
    return _bounded_exponential(parameters[0], columns)


def _odds(parameters: NDArray[np.float64], columns: NDArray[np.float64]) -> NDArray[np.float64]:
    """Spectrum of the residual over that of the prediction times its gain, s / (1 - s)."""
    return _bounded_exponential(parameters[1], columns)


def _share(parameters: NDArray[np.float64], columns: NDArray[np.float64]) -> NDArray[np.float64]:
    odds = _odds(parameters, columns)
    return odds / (1 + odds)


def _factor(parameters: NDArray[np.float64], columns: NDArray[np.float64]) -> NDArray[np.float64]:
    return _gain(parameters, columns) ** 2 * (1 + _odds(parameters, columns))


def _bounded_exponential(
    coefficients: NDArray[np.float64], columns: NDArray[np.float64]
) -> NDArray[np.float64]:
    return np.exp(np.minimum(np.sum(coefficients * columns, axis=-1), _LARGEST_EXPONENT))


def _fitted(
    spectra: NDArray[np.float64], design: NDArray[np.float64], n_vectors: NDArray[np.int64]
) -> NDArray[np.float64]:
    """Parameters from spectra (n, 3, C, K) of prediction, both, and truth in C cells, K shells."""
    numbers = np.isfinite(spectra[:, 0]).sum(axis=0) * n_vectors
    predicted, cross, true = np.nanmean(spectra, axis=0)
    varying = np.ptp(design.reshape(-1, design.shape[-1]), axis=0) > 0
    varying[0] = True
    columns = design[..., varying]
    parameters = np.zeros((2, design.shape[-1]))

    # Least squares of Q - g P, up to a constant; each condition and level has a scale of its own.
    scale = np.mean(np.abs(true), axis=1, keepdims=True)
    gain, parameters[0, varying] = _exponential(
        cross / predicted, np.sqrt(numbers * predicted / scale), columns
    )
    explained = gain**2 * predicted
    ratio = (true - 2 * gain * cross + explained) / explained
    # The spectrum of the truth, 1 + odds in these units, scatters in proportion to itself.
    odds = np.full_like(ratio, max(np.average(ratio, weights=numbers), 0.0))
    for _ in range(_ROUNDS):
        odds, parameters[1, varying] = _exponential(ratio, np.sqrt(numbers) / (1 + odds), columns)
    return parameters


def _exponential(
    values: NDArray[np.float64], weights: NDArray[np.float64], columns: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Fit the exponential of a linear function by weighted least squares of its values."""
    widths = _WIDTHS[: columns.shape[-1]]
    start = np.zeros(columns.shape[-1])
    start[0] = np.log(max(float(np.average(values, weights=weights**2)), 1e-3))

    def excess(coefficients: NDArray[np.float64]) -> NDArray[np.float64]:
        deviations = weights * (_bounded_exponential(coefficients, columns) - values)
        return np.append(deviations.ravel(), (coefficients - start) / widths)

    def slopes(coefficients: NDArray[np.float64]) -> NDArray[np.float64]:
        rows = (weights * _bounded_exponential(coefficients, columns))[..., np.newaxis] * columns
        return np.append(rows.reshape(-1, len(start)), np.diag(1 / widths), axis=0)

    found = least_squares(excess, start, slopes, method="lm", ftol=1e-12, xtol=1e-12, gtol=1e-12).x
    return _bounded_exponential(found, columns), found


def _product(first: Estimate, second: Estimate) -> Estimate:
    """Product of two independent estimates, with the number of configurations of the first."""
    error = np.hypot(first.standard_error * second.value, first.value * second.standard_error)
    return Estimate(first.value * second.value, error, first.n_configurations)
