"""Initial velocities."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def maxwell_velocities(
    n_particles: int,
    dimensions: int,
    temperature: float,
    random_state: int | np.random.Generator | None = None,
) -> NDArray[np.float64]:
    """Draw velocities from the Maxwell distribution and bring the centre of mass to rest.

    With unit masses every component has variance T (1 - 1/N), and the mean kinetic energy is
    d (N - 1) T / 2: the momentum at rest leaves d (N - 1) degrees of freedom, which is what the
    thermostat and every estimate of the temperature here count.

    Parameters
    ----------
    n_particles : int
    dimensions : int
    temperature : float
        In units of eps_AA / k_B.
    random_state : int, numpy Generator or None

    Returns
    -------
    ndarray, shape (n_particles, dimensions), float64

    Raises
    ------
    ValueError
        If the temperature is negative or not finite.

    Examples
    --------
    >>> from vitreous.simulate import maxwell_velocities
    >>> velocities = maxwell_velocities(1000, 3, 0.44, random_state=1)
    >>> bool(abs(velocities.sum(axis=0)).max() < 1e-10)
    True
    """
    if not 0 <= temperature < np.inf:
        raise ValueError(f"the temperature must be finite and not negative, not {temperature}")
    generator = np.random.default_rng(random_state)
    velocities = generator.standard_normal((n_particles, dimensions)) * np.sqrt(temperature)
    return velocities - velocities.mean(axis=0)
