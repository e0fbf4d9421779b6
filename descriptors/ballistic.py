"""Motion before the first collision: a particle in the frozen field of its neighbours."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import gamma, hyp1f1

from ..liquid import Configuration, System, local_field
from .base import Descriptor

_DEFAULT_TIMES = (0.05, 0.1, 0.15, 0.2, 0.3, 0.5)


class BallisticDescriptor(Descriptor):
    r"""Displacement of a particle whose neighbours stand still, in closed form.

    With the force :math:`F` on a particle and its own d x d block of the Hessian, with eigenvalues
    :math:`\lambda_k` and components :math:`F_k` of the force along its eigenvectors, the
    displacement from thermal velocities is Gaussian at every time t, of mean
    :math:`a_k F_k` and variance :math:`b_k T` along each eigenvector,

    .. math::

        a_k(t) = \frac{1 - \cos(\sqrt{\lambda_k} \, t)}{\lambda_k}, \qquad
        b_k(t) = \frac{\sin^2(\sqrt{\lambda_k} \, t)}{\lambda_k},

    hyperbolic functions for negative eigenvalues, :math:`t^2 / 2` and :math:`t^2` for 0. Columns
    are, in units of :math:`\sqrt{T}`, so that they mean the same at every temperature,

    .. math::

        \Big[ \sum_k a_k^2 F_k^2 / T + b_k \Big]^{1/2}, \qquad
        \Big[ \sum_k a_k^2 F_k^2 / T \Big]^{1/2}

    at each time (the root of the mean squared displacement, and the length of the mean one), then
    :math:`|F| / \sqrt{T}` and the :math:`\lambda_k` in rising order. For short times the first is
    :math:`\sqrt{d} \, t`, free flight; without curvature it is
    :math:`[F^2 t^4 / 4 T + d t^2]^{1/2}`.

    Meant for thermal positions: at a minimum of the energy there are no forces. Good until
    neighbours move, t = 0.2 or so in Lennard-Jones units; `MeanPathDescriptor` carries on.

    Parameters
    ----------
    system : System
    times : array_like of float, shape (n_times,)
        In units of sigma_AA (m / eps_AA)^1/2.
    n_jobs : int, optional
        Number of configurations described at the same time, by threads.
    dtype : {"float32", "float64"}
        Of the features.

    Raises
    ------
    ValueError
        In ``fit``, if a time is not positive and finite or the configurations are not of the
        system; in ``transform``, if a configuration does not tell its temperature, its box is
        shorter than two cutoffs, or the displacement out of an unstable place is no longer finite.

    See Also
    --------
    vitreous.liquid.local_field : forces and blocks.

    Examples
    --------
    >>> from vitreous.datasets import load_ka2d
    >>> from vitreous.descriptors import BallisticDescriptor
    >>> from vitreous.liquid import KobAndersen2D
    >>> liquid = load_ka2d().configurations[0]
    >>> descriptor = BallisticDescriptor(KobAndersen2D(), times=[0.001, 0.1])
    >>> columns = descriptor.fit_transform([liquid])
    >>> descriptor.get_feature_names_out().tolist()  # doctest: +NORMALIZE_WHITESPACE
    ['ballistic t=0.001', 'ballistic t=0.1', 'ballistic-mean t=0.001', 'ballistic-mean t=0.1',
     'force', 'curvature 1', 'curvature 2']
    >>> columns[0, 0].round(6)  # free flight
    np.float32(0.001414)
    """

    def __init__(
        self,
        system: System,
        times: ArrayLike = _DEFAULT_TIMES,
        n_jobs: int | None = None,
        dtype: str = "float32",
    ) -> None:
        self.system = system
        self.times = times
        self.n_jobs = n_jobs
        self.dtype = dtype

    def prepare(self, configurations: Sequence[Configuration]) -> None:
        """Check the parameters; see :meth:`fit`."""
        for configuration in configurations:
            self.system.require(configuration)
        self._times = _positive(np.asarray(self.times, dtype=np.float64), self.times)

    def describe(self, configuration: Configuration) -> NDArray[np.floating]:
        """Describe one configuration; see :meth:`transform`."""
        temperature = configuration.require_temperature()
        forces, eigenvalues, components = self._principal_field(configuration)
        with np.errstate(over="ignore"):
            pushed, spread = responses(eigenvalues[:, None], self._times[None, :, None])
            means = ((pushed * components[:, None]) ** 2).sum(axis=2) / temperature
            squares = means + spread.sum(axis=2)
        _require_finite(squares, eigenvalues, self._times)
        force = np.linalg.norm(forces, axis=1) / np.sqrt(temperature)
        return np.column_stack([np.sqrt(squares), np.sqrt(means), force, eigenvalues])

    def distances(self, configuration: Configuration, times: ArrayLike) -> NDArray[np.float64]:
        r"""Mean distance that particles go in the frozen field of their neighbours.

        For a Gaussian of mean m and variance s^2 in each of d directions, a confluent
        hypergeometric function and the gamma function give

        .. math:: \langle r \rangle = \sqrt 2 \, s \, \frac{\Gamma((d + 1) / 2)}{\Gamma(d / 2)}
            \, {}_1F_1(-1/2; d/2; -m^2 / 2 s^2),

        here with the average of :math:`b_k T` as the variance, which is exact as times go to 0.

        Parameters
        ----------
        configuration : Configuration
        times : array_like, shape (T,)

        Returns
        -------
        ndarray, shape (N, T), float64
            In units of sigma_AA.

        Raises
        ------
        ValueError
            If a time is not positive and finite, the configuration does not tell its temperature,
            or a displacement is no longer finite.
        """
        temperature = configuration.require_temperature()
        chosen = _positive(np.ravel(np.asarray(times, dtype=np.float64)), times)
        _, eigenvalues, components = self._principal_field(configuration)
        with np.errstate(over="ignore"):
            pushed, spread = responses(eigenvalues[:, None], chosen[None, :, None])
            squares = ((pushed * components[:, None]) ** 2).sum(axis=2)
            variances = spread.mean(axis=2) * temperature
            _require_finite(squares + variances, eigenvalues, chosen)
        half = components.shape[1] / 2
        free = np.sqrt(2 * variances) * gamma(half + 0.5) / gamma(half)
        return free * hyp1f1(-0.5, half, -squares / (2 * variances))

    def _principal_field(
        self, configuration: Configuration
    ) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
        """Find forces, curvatures along the principal axes of particles, and forces along these."""
        forces, curvatures = local_field(self.system, configuration)
        eigenvalues, vectors = np.linalg.eigh(curvatures)
        return forces, eigenvalues, np.einsum("ia,iak->ik", forces, vectors)

    def feature_names(self) -> list[str]:
        """Name the columns; see :meth:`get_feature_names_out`."""
        return [
            *(f"ballistic t={time:g}" for time in self._times),
            *(f"ballistic-mean t={time:g}" for time in self._times),
            "force",
            *(f"curvature {k + 1}" for k in range(self.dimensions_)),
        ]


def _positive(times: NDArray[np.float64], given: ArrayLike) -> NDArray[np.float64]:
    if times.ndim != 1 or not times.size or not ((times > 0) & np.isfinite(times)).all():
        raise ValueError(f"times must be a sequence of positive numbers, not {given!r}")
    return times


def _require_finite(
    squares: NDArray[np.float64], eigenvalues: NDArray[np.float64], times: NDArray[np.float64]
) -> None:
    """Refuse squared displacements (N, T) beyond single precision."""
    bad = np.argwhere(~(squares < np.finfo(np.float32).max))
    if bad.size:
        particle, number = bad[0]
        raise ValueError(
            f"particle {particle} stands where the curvature is {eigenvalues[particle, 0]:.3g} "
            f"and leaves too fast for time {times[number]:g}; use shorter times, or "
            "configurations of a liquid without overlaps"
        )


def responses(
    eigenvalues: NDArray[np.float64], times: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return a = (1 - cos wt) / w^2 and b = sin^2 wt / w^2 for w^2 = eigenvalues of either sign."""
    phase = np.sqrt(np.abs(eigenvalues)) * times
    stable = eigenvalues >= 0
    half = _sine_over(phase / 2, stable)
    return 0.5 * times**2 * half**2, times**2 * _sine_over(phase, stable) ** 2


def _sine_over(x: NDArray[np.float64], stable: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Return sin x / x where stable and sinh x / x elsewhere, both 1 at 0."""
    positive = np.where(x > 0, x, 1.0)
    ratio = np.where(stable, np.sin(positive), np.sinh(positive)) / positive
    return np.where(x > 0, ratio, 1.0)
