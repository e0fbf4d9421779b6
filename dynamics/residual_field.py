"""What a prediction leaves out, as a random field: its correlation in space, and draws of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.optimize import least_squares

from ..liquid import Configuration
from ._conditions import known_conditions
from ._fields import fluctuations, selected_values
from .spatial_correlation import SpatialCorrelation, spatial_correlation

_WIDTH = 0.5
"""Of the intervals of distance, in units of sigma_AA."""

_LONGEST = 8.0
"""Largest distance that enters, in units of sigma_AA."""

_SPACING = 0.25
"""Of the grid that random fields are drawn on, in units of sigma_AA."""

# Deviations of the constants and slopes of the fit from its start that count as one error: they
# matter for few data only.
_WIDTHS = np.array([[3.0, 1.0], [1.0, 1.0]])

# Logarithm of the odds of a share that counts as nothing or everything.
_LARGEST = 12.0

# Errors of a correlation are not believed to be smaller than this, and a residual not smaller than
# this share of the truth.
_LEAST = 0.02


@dataclass(frozen=True)
class Residual:
    r"""What a prediction leaves out at one condition.

    Attributes
    ----------
    gain : float
        g by which fluctuations of the prediction have to be multiplied.
    odds : float
        Variance of the residual of a single particle over that of the prediction times its gain.
    correlated : float
        Share w of the residual's variance that is correlated between particles.
    length : float
        Over which it decays, :math:`w \, e^{-r / \ell}`, in units of sigma_AA.

    Examples
    --------
    >>> from vitreous.dynamics import Residual
    >>> Residual(gain=1.0, odds=1.0, correlated=0.5, length=2.0).variance(of_prediction=0.1)
    0.2
    """

    gain: float
    odds: float
    correlated: float
    length: float

    def variance(self, of_prediction: float) -> float:
        """Variance of the truth from that of the prediction, both of single particles."""
        return self.gain**2 * (1 + self.odds) * of_prediction

    def corrected(self, predicted: SpatialCorrelation) -> SpatialCorrelation:
        r"""G4 of the truth from that of the prediction.

        .. math:: G_4(r) = \frac{G_4^P(r) + o \, w \, e^{-r / \ell}}{1 + o}

        with the odds o.

        Examples
        --------
        >>> import numpy as np
        >>> from vitreous.dynamics import Residual, SpatialCorrelation
        >>> flat = SpatialCorrelation(
        ...     np.array([0.5, 1.5]), np.full((2, 2), 9), np.full((2, 2), 9.0), np.ones(2)
        ... )
        >>> Residual(1.0, 1.0, 0.0, 2.0).corrected(flat).mean.value
        array([0.5, 0.5])
        """
        added = self.odds * predicted.variances.mean()
        decay = self.correlated * np.exp(-predicted.distances / self.length)
        return replace(
            predicted,
            sums=predicted.sums + added * decay * predicted.n_pairs,
            variances=predicted.variances + added,
        )

    def draw(
        self,
        configurations: Sequence[Configuration],
        predictions: Sequence[ArrayLike],
        n_draws: int,
        *,
        species: str | None = None,
        random_state: int = 0,
    ) -> list[NDArray[np.float64]]:
        """Add Gaussian random fields of this correlation to predictions.

        Parameters
        ----------
        configurations : sequence of Configuration
        predictions : sequence of array_like, shape (N,)
        n_draws : int
        species : str, optional
            Whose mean and variance the predictions have; all particles by default.
        random_state : int
            Residuals of the same seed on the same configurations differ only in what is asked.

        Returns
        -------
        list of ndarray, shape (n_draws, N)
            Fields that fluctuate as the truth does, apart from being Gaussian where it is not.

        Examples
        --------
        >>> import numpy as np
        >>> from vitreous.dynamics import Residual
        >>> from vitreous.liquid import KobAndersen2D
        >>> liquid = KobAndersen2D().random_configuration(430, 0)
        >>> flat = np.random.default_rng(0).normal(size=430)
        >>> (fields,) = Residual(1.0, 3.0, 0.5, 2.0).draw([liquid], [flat], 50)
        >>> round(float(fields.var() / flat.var()), 0)
        4.0
        """
        selected = np.concatenate(selected_values(configurations, predictions, species))
        center = selected.mean()
        scale = self.gain * np.sqrt(self.odds) * selected.std()
        rng = np.random.default_rng(random_state)
        result = []
        for configuration, prediction in zip(configurations, predictions, strict=True):
            smooth = _correlated_noise(configuration, self.length, n_draws, rng)
            rough = rng.normal(size=smooth.shape)
            noise = np.sqrt(self.correlated) * smooth + np.sqrt(1 - self.correlated) * rough
            explained = self.gain * (np.asarray(prediction, dtype=np.float64) - center)
            result.append(center + explained + scale * noise)
        return result


@dataclass(frozen=True, eq=False)
class ResidualField:
    r"""The residual as a smooth function of the condition; see `calibrate_residual_field`.

    Attributes
    ----------
    parameters : ndarray, shape (4, 2)
        Constant and slope of :math:`\ln g`, :math:`\ln o`, :math:`\ln [w / (1 - w)]` and
        :math:`\ln \ell` in the condition, from its center and in units of its scale.
    without : ndarray, shape (n_configurations, 4, 2)
        The same from all configurations but one.
    center, scale : float

    Examples
    --------
    >>> import numpy as np
    >>> from vitreous.dynamics import ResidualField
    >>> parameters = np.zeros((4, 2))
    >>> ResidualField(parameters, parameters[None], 0.4, 0.1).at(0.3)
    Residual(gain=1.0, odds=1.0, correlated=0.5, length=1.0)
    """

    parameters: NDArray[np.float64]
    without: NDArray[np.float64]
    center: float
    scale: float

    def at(self, condition: float) -> Residual:
        """Residual at a condition."""
        return self._at(self.parameters, condition)

    def without_each(self, condition: float) -> list[Residual]:
        """Residual at a condition from all configurations but one, for a jackknife."""
        return [self._at(parameters, condition) for parameters in self.without]

    def _at(self, parameters: NDArray[np.float64], condition: float) -> Residual:
        constants, slopes = parameters.T
        gain, odds, correlated, length = constants + slopes * (condition - self.center) / self.scale
        return Residual(
            float(np.exp(gain)),
            float(np.exp(odds)),
            float(1 / (1 + np.exp(-np.clip(correlated, -_LARGEST, _LARGEST)))),
            float(np.exp(length)),
        )


def calibrate_residual_field(
    configurations: Sequence[Configuration],
    predictions: Sequence[ArrayLike],
    halves: Sequence[ArrayLike],
    conditions: ArrayLike,
    *,
    species: str | None = None,
) -> ResidualField:
    r"""Measure how what a prediction leaves out is correlated in space, as a function to carry on.

    Fluctuations of the truth are those of the prediction times a gain and a residual,

    .. math::

        \delta Q_i = g \, \delta P_i + R_i, \qquad g = \frac{\langle \delta Q_i \delta P_i \rangle}
        {\langle \delta P_i^2 \rangle}, \qquad
        \langle R_i R_j \rangle_r = \langle \delta Q_i \delta Q_j \rangle_r
        - g^2 \langle \delta P_i \delta P_j \rangle_r,

    where the last equation, exact for the same particle, defines what is added at a distance r: the
    residual there, and twice its product with the prediction. With :math:`o = \langle R_i^2 \rangle
    / g^2 \langle \delta P_i^2 \rangle`,

    .. math::

        \frac{\langle R_i R_j \rangle_r}{\langle R_i^2 \rangle} = w \, e^{-r / \ell}, \quad r > 0.

    The logarithms of g, o, w / (1 - w) and :math:`\ell` are linear in the condition, and so have
    values where nothing is simulated. Slopes, in units of the spread of the conditions, are held
    near 0 by a Gaussian of width 1, which matters for few data only.

    With it G4 of the truth follows from that of a prediction (`Residual.corrected`), and quantities
    that no formula gives, such as chords, are measured on predictions to which random fields are
    added (`Residual.draw`).

    Parameters
    ----------
    configurations : sequence of Configuration
        At least two of each condition.
    predictions : sequence of array_like, shape (N,)
        Of configurations that their model did not see.
    halves : sequence of array_like, shape (2, N)
        Labels averaged over the even and over the odd replicas, whose products are free of noise.
        Twice the average over all replicas gives a residual that contains its noise.
    conditions : array_like, shape (n_configurations,)
        As in `calibrate_residual`.
    species : str, optional
        Only particles of this species. All by default.

    Returns
    -------
    ResidualField

    Raises
    ------
    ValueError
        If shapes do not fit, or a condition has one configuration only.

    Examples
    --------
    >>> import numpy as np
    >>> from vitreous.dynamics import Residual, calibrate_residual_field
    >>> from vitreous.liquid import KobAndersen2D
    >>> rng = np.random.default_rng(0)
    >>> liquids = [KobAndersen2D().random_configuration(430, seed) for seed in range(8)]
    >>> predictions = rng.normal(size=(8, 430))
    >>> truth = Residual(2.0, 1.0, 0.6, 2.0).draw(liquids, predictions, 1)
    >>> found = calibrate_residual_field(
    ...     liquids, predictions, [(t[0], t[0]) for t in truth], np.zeros(8)
    ... ).at(0.0)
    >>> round(found.gain, 1), bool(abs(found.odds - 1) < 0.2), bool(abs(found.length - 2) < 0.7)
    (2.0, True, True)
    """
    conditions = np.asarray(conditions, dtype=np.float64)
    known = known_conditions(configurations, predictions, halves, conditions)
    n = len(configurations)
    center, scale = float(conditions.mean()), float(conditions.std()) or 1.0
    states = [
        _State(configurations, predictions, halves, np.flatnonzero(conditions == t), species)
        for t in known
    ]
    relative = (known - center) / scale
    errors = [state.errors() for state in states]
    fits = [
        _fitted([state.measured(left_out) for state in states], errors, states, relative)
        for left_out in (-1, *range(n))
    ]
    return ResidualField(fits[0], np.array(fits[1:]), center, scale)


class _State:
    """Sums over the configurations of one condition, from which any of them can be left out."""

    def __init__(
        self,
        configurations: Sequence[Configuration],
        predictions: Sequence[ArrayLike],
        halves: Sequence[ArrayLike],
        members: NDArray[np.intp],
        species: str | None,
    ) -> None:
        self.members = members
        chosen = [configurations[k] for k in members]
        guess = [np.asarray(predictions[k], dtype=np.float64) for k in members]
        first, second = (
            [np.asarray(halves[k], dtype=np.float64)[half] for k in members] for half in (0, 1)
        )
        longest = min(_LONGEST, min(c.box.plane_distances.min() for c in chosen) / 2)
        true, own = (
            spatial_correlation(
                chosen, a, others=b, species=species, longest_distance=longest, width=_WIDTH
            )
            for a, b in ((first, second), (guess, guess))
        )
        average = [(a + b) / 2 for a, b in zip(first, second, strict=True)]
        cross = [
            np.mean(item.first * item.second)
            for item in fluctuations(chosen, average, guess, species)
        ]
        self.distances = true.distances
        self._pairs = true.n_pairs
        self._sums = true.sums, own.sums
        self._variances = np.array([true.variances, own.variances, cross])

    def measured(self, left_out: int) -> NDArray[np.float64]:
        """List ln g, ln o and the residual's correlation at each distance."""
        kept = self.members != left_out
        true, own, cross = self._variances[:, kept].mean(axis=1)
        gain = max(cross / own, _LEAST) if own > 0 else _LEAST
        explained = max(gain**2 * own, _LEAST**2 * abs(true))
        residual = max(true - explained, _LEAST * abs(true))
        pairs = np.maximum(self._pairs[kept].sum(axis=0), 1)
        at_distances, of_prediction = (sums[kept].sum(axis=0) / pairs for sums in self._sums)
        correlation = (at_distances - gain**2 * of_prediction) / residual
        return np.concatenate([[np.log(gain), np.log(residual / explained)], correlation])

    def errors(self) -> NDArray[np.float64]:
        """Jackknife errors of what is measured; infinite where a distance has no pairs."""
        values = np.array([self.measured(k) for k in self.members])
        errors = np.maximum(np.sqrt((len(values) - 1) * values.var(axis=0)), _LEAST)
        errors[2:][self._pairs.sum(axis=0) == 0] = np.inf
        return errors


def _fitted(
    measured: Sequence[NDArray[np.float64]],
    errors: Sequence[NDArray[np.float64]],
    states: Sequence[_State],
    relative: NDArray[np.float64],
) -> NDArray[np.float64]:
    """Parameters from what was measured at each condition."""
    parameters = np.zeros((4, 2))
    for row in (0, 1):
        values = np.array([m[row] for m in measured])
        parameters[row] = _line(relative, values, np.array([e[row] for e in errors]))

    start = np.array([[0.0, 0.0], [np.log(2.0), 0.0]])

    def excess(flat: NDArray[np.float64]) -> NDArray[np.float64]:
        coefficients = flat.reshape(2, 2)
        deviations = [((coefficients - start) / _WIDTHS).ravel()]
        for m, e, state, t in zip(measured, errors, states, relative, strict=True):
            odds, length = np.exp(np.clip(coefficients @ [1.0, t], -20, 20))
            model = odds / (1 + odds) * np.exp(-state.distances / length)
            deviations.append((m[2:] - model) / e[2:])
        return np.concatenate(deviations)

    parameters[2:] = least_squares(excess, start.ravel()).x.reshape(2, 2)
    if not np.ptp(relative):
        parameters[:, 1] = 0.0
    return parameters


def _line(
    x: NDArray[np.float64], y: NDArray[np.float64], errors: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Constant and slope by weighted least squares, the slope held near 0."""
    columns = np.stack([np.ones_like(x), x], axis=1) / errors[:, np.newaxis]
    matrix = columns.T @ columns + np.diag([0.0, 1.0])
    return np.asarray(np.linalg.solve(matrix, columns.T @ (y / errors)), dtype=np.float64)


def _correlated_noise(
    configuration: Configuration, length: float, n_draws: int, rng: np.random.Generator
) -> NDArray[np.float64]:
    """Gaussian fields (n_draws, N) of variance 1 and correlation exp(-r / length)."""
    box = configuration.box
    edges = np.linalg.norm(box.matrix, axis=0)
    counts = np.ceil(edges / _SPACING).astype(np.int64)
    fractions = np.meshgrid(*(np.fft.fftfreq(n) for n in counts), indexing="ij")
    distances = np.linalg.norm(np.stack(fractions, axis=-1) @ box.matrix.T, axis=-1)
    # Where the periodic images of a long correlation overlap, its spectrum may turn negative.
    spectrum = np.maximum(np.fft.fftn(np.exp(-distances / length)).real, 0.0)
    amplitude = np.sqrt(spectrum / spectrum.mean())
    axes = range(1, len(counts) + 1)
    white = np.fft.fftn(rng.normal(size=(n_draws, *counts)), axes=axes)
    grids: NDArray[np.float64] = np.fft.ifftn(white * amplitude, axes=axes).real
    cells = np.rint(box.fractional(configuration.positions) * counts).astype(np.int64) % counts
    return grids[(slice(None), *cells.T)]
