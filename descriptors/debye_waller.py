"""How far a particle of an inherent structure moves when it vibrates."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import LinAlgError
from scipy.sparse import bsr_array

from ..liquid import Configuration, System, hessian
from ._phonons import exact_variances, sampled_variances
from .base import Descriptor

_MOST_EXACT_COORDINATES = 30_000


class DebyeWallerFactor(Descriptor):
    r"""Mean squared displacement of each particle in harmonic vibrations, per temperature.

    .. math::

        \frac{\langle |u_i|^2 \rangle}{T} = \sum_{\omega_k > 0} \frac{|e_{k,i}|^2}{\omega_k^2}
        = \operatorname{tr} (H^{-1})_{ii},

    with the eigenvalues :math:`\omega_k^2` of the Hessian H, translations left out, and the part
    :math:`e_{k,i}` of its eigenvectors that moves particle i. It is the local Debye-Waller factor
    [1]_ in the harmonic approximation, also known as vibrality [2]_, and is strictly positive;
    its logarithm is closer to a normal distribution. Unlike sums over neighbours it sees soft spots
    of the whole system, and it needs no fit to say something of the dynamics: with displacements of
    the Kob-Andersen mixture at T = 0.44 its logarithm correlates at 0.32.

    Parameters
    ----------
    system : System
        Whose energy the configurations minimise.
    n_samples : int, optional
        By default the matrix is inverted exactly, which takes 8 (N d)^2 bytes of memory and a time
        that grows as N^3. With a number of samples, the time grows as N: the vibrations of a
        hundred particles around each particle are treated exactly, and what they owe to the motion
        of all others is averaged over random displacements of the whole [3]_.
    random_state : int
        Seed of the random displacements of every configuration; not used without `n_samples`.
    n_jobs : int, optional
        Number of configurations described at the same time, by threads.
    dtype : {"float32", "float64"}
        Of the features.

    Raises
    ------
    ValueError
        In ``transform``, if a configuration is not a stable minimum of the energy, holds particles
        that interact with no other, or is too large to be treated exactly.

    See Also
    --------
    vitreous.simulate.InherentStructure : finds the minima, as the step before in a pipeline.
    vitreous.simulate.cage_average : the same beyond the harmonic approximation.

    References
    ----------
    .. [1] A. Widmer-Cooper and P. Harrowell, Phys. Rev. Lett. 96, 185701 (2006).
    .. [2] H. Tong and N. Xu, Phys. Rev. E 90, 010401 (2014), arXiv:1402.3475.
    .. [3] P. Siden, F. Lindgren, D. Bolin and M. Villani, J. Comput. Graph. Stat. 27, 898 (2018).

    Examples
    --------
    >>> from sklearn.pipeline import make_pipeline
    >>> from vitreous.descriptors import DebyeWallerFactor
    >>> from vitreous.liquid import KobAndersen2D
    >>> from vitreous.simulate import InherentStructure
    >>> system = KobAndersen2D()
    >>> configuration = system.random_configuration(100, random_state=1)
    >>> pipeline = make_pipeline(InherentStructure(system), DebyeWallerFactor(system))
    >>> pipeline.fit_transform([configuration]).shape
    (100, 1)
    """

    def __init__(
        self,
        system: System,
        n_samples: int | None = None,
        random_state: int = 0,
        n_jobs: int | None = None,
        dtype: str = "float32",
    ) -> None:
        self.system = system
        self.n_samples = n_samples
        self.random_state = random_state
        self.n_jobs = n_jobs
        self.dtype = dtype

    def prepare(self, configurations: Sequence[Configuration]) -> None:
        """Check the parameters; see :meth:`fit`."""
        if self.n_samples is not None and self.n_samples < 1:
            raise ValueError(f"n_samples must be 1 or more, not {self.n_samples}")
        for configuration in configurations:
            self.system.require(configuration)

    def describe(self, configuration: Configuration) -> NDArray[np.floating]:
        """Describe one configuration; see :meth:`transform`."""
        stiffness = hessian(self.system, configuration)
        _require_bound_particles(stiffness)
        try:
            if self.n_samples is None:
                _require_size(stiffness)
                variances = exact_variances(stiffness)
            else:
                generator = np.random.default_rng(self.random_state)
                variances = sampled_variances(stiffness, configuration, self.n_samples, generator)
        except LinAlgError as error:
            raise ValueError(
                f"the configuration is not a stable minimum of the energy ({error}); minimise it "
                "first, as vitreous.simulate.InherentStructure does, to a smaller force if need be"
            ) from error
        return variances[:, None]

    def feature_names(self) -> list[str]:
        """Name the columns; see :meth:`get_feature_names_out`."""
        return ["debye-waller"]


def _require_bound_particles(stiffness: bsr_array) -> None:
    springs = abs(stiffness.diagonal()).reshape(-1, stiffness.blocksize[0])
    free = np.flatnonzero((springs == 0).any(axis=1))
    if free.size:
        raise ValueError(
            f"{free.size} particles, the first of them {free[0]}, interact with no other and have "
            "no vibrations; remove them from the configuration"
        )


def _require_size(stiffness: bsr_array) -> None:
    n_coordinates = stiffness.shape[0]
    if n_coordinates > _MOST_EXACT_COORDINATES:
        raise ValueError(
            f"exact vibrations of {n_coordinates} coordinates would need "
            f"{8e-9 * n_coordinates**2:.0f} GB of memory; set n_samples, 100 for instance"
        )
