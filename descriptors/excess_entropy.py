"""Two-body excess entropy of single particles."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.special import xlogy

from ..liquid import Configuration
from .base import Descriptor
from .radial import RadialDescriptor

_STEPS_PER_WIDTH = 8  # relative error of the integral about 1e-5


class ExcessEntropyDescriptor(Descriptor):
    r"""Two-body excess entropy, from the Gaussian-smoothed g(r) around one particle.

    With the number density :math:`\rho_b` of species b in the box, d the dimension and
    :math:`S_d(r)` the surface of a sphere of radius r (:math:`4 \pi r^2`, in 2D :math:`2 \pi r`),

    .. math::

        g_i^b(r) &= \frac{1}{\rho_b S_d(r)} \sum_{j \in b}
        \frac{e^{-(r - r_{ij})^2 / 2 \delta^2}}{\sqrt{2 \pi} \delta},

        s_2(i, b) &= -\frac{\rho_b}{2} \int_0^{r_m} [g_i^b \ln g_i^b - g_i^b + 1] \, S_d(r) \, dr,

    in units of k_B: the contribution of each species, and their sum. It is the more negative, the
    more ordered the surroundings. Particles closer than 5 widths, which liquids have none of, make
    the integral inexact: g then diverges at r = 0. A species of which the box holds none
    contributes 0. Average it with :class:`CoarseGrain` to tell liquid from crystal.

    Parameters
    ----------
    width : float, default 0.1
        The delta, in units of sigma_AA.
    cutoff : float, default 3.0
        The r_m, in units of sigma_AA; with 5.5 widths it must not exceed half the box.
    n_jobs : int, optional
        Number of configurations described at the same time, by threads.
    dtype : {"float32", "float64"}
        Of the features.

    Raises
    ------
    ValueError
        In ``fit``, if a parameter is not positive; in ``transform``, if the cutoff and 5.5 widths
        exceed half the box.

    References
    ----------
    P. M. Piaggi, M. Parrinello, J. Chem. Phys. 147, 114112 (2017), for one species.

    Examples
    --------
    >>> from vitreous.descriptors import ExcessEntropyDescriptor
    >>> from vitreous.liquid import KobAndersen
    >>> configuration = KobAndersen().random_configuration(500, random_state=1)
    >>> entropy = ExcessEntropyDescriptor().fit([configuration])
    >>> entropy.get_feature_names_out().tolist()
    ['excess-entropy[A]', 'excess-entropy[B]', 'excess-entropy[all]']
    """

    def __init__(
        self,
        width: float = 0.1,
        cutoff: float = 3.0,
        n_jobs: int | None = None,
        dtype: str = "float32",
    ) -> None:
        self.width = width
        self.cutoff = cutoff
        self.n_jobs = n_jobs
        self.dtype = dtype

    def prepare(self, configurations: Sequence[Configuration]) -> None:
        """Check the parameters; see :meth:`fit`."""
        for name in ("width", "cutoff"):
            value = getattr(self, name)
            if not 0 < value < np.inf:
                raise ValueError(f"{name} must be positive and finite, not {value!r}")
        steps = 2 * int(np.ceil(_STEPS_PER_WIDTH * self.cutoff / self.width / 2))
        self._r = self.cutoff * np.arange(1, steps + 1) / steps
        simpson = np.tile([4.0, 2.0], steps // 2) * self._r[0] / 3
        simpson[-1] /= 2
        self._integral = simpson  # the integrand is 0 at r = 0
        self._gaussians = RadialDescriptor(self._r, self.width, dtype="float64")
        self._gaussians.fit(configurations)

    def describe(self, configuration: Configuration) -> NDArray[np.float64]:
        """Describe one configuration; see :meth:`transform`."""
        n_species = len(configuration.species)
        density = np.bincount(configuration.types, minlength=n_species) / configuration.box.volume
        sphere = 2 * np.pi * self._r if configuration.dimensions == 2 else 4 * np.pi * self._r**2
        around = self._gaussians.describe(configuration).reshape(-1, n_species, len(self._r))
        around /= np.sqrt(2 * np.pi) * self.width * sphere
        entropy = np.zeros((configuration.n_particles, n_species))
        for b in np.flatnonzero(density):
            g = around[:, b] / density[b]
            entropy[:, b] = -density[b] / 2 * ((xlogy(g, g) - g + 1) @ (self._integral * sphere))
        return np.column_stack([entropy, entropy.sum(axis=1)])

    def feature_names(self) -> list[str]:
        """Name the columns; see :meth:`get_feature_names_out`."""
        return [f"excess-entropy[{species}]" for species in (*self.species_, "all")]
