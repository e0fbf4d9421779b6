"""Minimisation of the potential energy."""

from __future__ import annotations

import warnings
from dataclasses import dataclass

import numpy as np

from ..compiled.slices import slices
from ..liquid import Configuration, System
from ._fire_kernels import START_MIXING, inner_product, relax
from ._list_kernels import NOTHING
from ._packing import (
    pack,
    pack_liquid,
    potential_energy,
    refreshed,
    require_simulable,
    unwrapped_positions,
    with_room,
)

_SKIN = 0.35

# Longest step of the minimiser in time steps of the dynamics.
_LONGEST_STEP = 3.0

# More than a step takes.
_SECONDS_PER_PARTICLE = 1e-6


@dataclass(frozen=True, eq=False)
class Minimization:
    """Result of a minimisation.

    Attributes
    ----------
    configuration : Configuration
        Particles in their original order, at the minimum.
    energy : float
        Potential energy per particle, in units of eps_AA.
    rms_force : float
        Root of the mean squared force on a particle, ``sqrt(sum_i |F_i|^2 / N)``.
    steps : int
        Number of force evaluations.
    converged : bool
        Whether `rms_force` reached the tolerance.

    Examples
    --------
    >>> from vitreous.liquid import PairPotential, System
    >>> spheres = PairPotential.harmonic([[1.0]], [[1.0]])
    >>> system = System("spheres", "A", [1], 0.5, 2, spheres, time_step=0.1)
    >>> result = minimize(system, system.random_configuration(64, random_state=1))
    >>> bool(result.rms_force <= 1e-6), round(result.energy, 6)  # no sphere overlaps another
    (True, 0.0)
    """

    configuration: Configuration
    energy: float
    rms_force: float
    steps: int
    converged: bool


def minimize(
    system: System,
    configuration: Configuration,
    *,
    force_tolerance: float = 1e-6,
    max_steps: int = 100_000,
) -> Minimization:
    """Bring a configuration to the nearest minimum of the energy, its inherent structure.

    Uses the fast inertial relaxation engine [1]_. Overlapping particles are no obstacle: no
    particle moves farther than 0.1 in one step.

    Parameters
    ----------
    system : System
    configuration : Configuration
    force_tolerance : float
        Stop when the root of the mean squared force on a particle, ``sqrt(sum_i |F_i|^2 / N)``, is
        no larger.
    max_steps : int
        Give up after as many steps, with a warning.

    Returns
    -------
    Minimization

    Raises
    ------
    ValueError
        If the tolerance is not positive, or the box is not periodic or shorter than two cutoffs.

    Warns
    -----
    RuntimeWarning
        If the tolerance is not reached.

    References
    ----------
    .. [1] E. Bitzek, P. Koskinen, F. Gahler, M. Moseler and P. Gumbsch, Phys. Rev. Lett. 97, 170201
       (2006).

    Examples
    --------
    >>> from vitreous.liquid import PairPotential, System
    >>> spheres = PairPotential.harmonic([[1.0]], [[1.0]])
    >>> system = System("spheres", "A", [1], 0.5, 2, spheres, time_step=0.1)
    >>> result = minimize(system, system.random_configuration(64, random_state=1))
    >>> result.converged
    True
    """
    require_simulable(system, configuration)
    if not force_tolerance > 0:
        raise ValueError(f"force_tolerance must be positive, not {force_tolerance}")
    if max_steps < 1:
        raise ValueError(f"max_steps must be 1 or more, not {max_steps}")
    n_particles = configuration.n_particles
    liquid = pack_liquid(system, configuration, _SKIN)
    slots, lists = pack(liquid, configuration)
    slots, lists = refreshed(slots, liquid, lists, _SKIN)
    forces = slots.forces.ravel()
    longest_step = _LONGEST_STEP * system.time_step
    course = np.array([0.1 * longest_step, START_MIXING, 0.0, inner_product(forces, forces)])
    tolerance = force_tolerance**2 * n_particles
    steps = 0
    for _, stop in slices(max_steps, _SECONDS_PER_PARTICLE * n_particles):
        goes_on = True
        while goes_on:
            steps += relax(
                slots, liquid, lists, _SKIN, longest_step, tolerance, stop - steps, course
            )
            goes_on = lists.lacking[0] != NOTHING
            slots, lists = with_room(slots, lists)
        if steps < stop:
            break
    squares = course[-1]
    rms_force = float(np.sqrt(squares / n_particles))
    converged = rms_force <= force_tolerance * (1 + 1e-12)
    if not converged:
        warnings.warn(
            f"the minimisation stopped after {steps} steps at a root-mean-square force of "
            f"{rms_force:.3g}, above the tolerance {force_tolerance:g}; raise max_steps or the "
            "tolerance",
            RuntimeWarning,
            stacklevel=2,
        )
    return Minimization(
        configuration=configuration.with_positions(unwrapped_positions(slots, liquid)),
        energy=potential_energy(slots, liquid, lists) / n_particles,
        rms_force=rms_force,
        steps=steps,
        converged=converged,
    )
